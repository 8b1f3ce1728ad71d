"""Who holds the seats of a quota that is, or would be, above its limit. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from eventapp.lib.db import Session
from eventapp.registration import rules
from eventapp.registration.models import Attendee, Quota, Registration, TicketTypeQuota
from eventapp.registration.queries.line import LINE_CHUNK

MOST_NAMED = 50


@dataclass(frozen=True)
class Deficit:
    """So many seats above a limit; the latest parties that would make up for them, and how many people hold seats, by state."""

    above: int
    parties: list[Registration]
    people: Mapping[str, int]

    @property
    def seats(self) -> int:
        """The seats of those who are named."""
        return sum(party.size for party in self.parties)


def deficit(session: Session, event_id: int, *, quota_id: int, above: int) -> Deficit:
    """Who is touched when so many seats of this quota are above its limit: the reverse of the line's order, `MOST_NAMED` at most.

    Who never had a place in line (a guest) comes last; a party of which somebody is inside keeps its seats, and is not named.
    """
    users = select(TicketTypeQuota.ticket_type_id).where(TicketTypeQuota.quota_id == quota_id)
    seated = (Registration.event_id == event_id, Registration.state.in_(rules.SEATED), Registration.ticket_type_id.in_(users))
    people = select(Registration.state, func.sum(Registration.size)).where(*seated).group_by(Registration.state)
    inside = select(Attendee.id).where(Attendee.registration_id == Registration.id, Attendee.arrived_at.is_not(None))
    latest = (
        select(Registration)
        .options(joinedload(Registration.ticket_type))
        .where(*seated, ~inside.exists())
        .order_by(Registration.seq.is_(None), Registration.line_class.desc(), Registration.seq.desc(), Registration.id.desc())
        .limit(min(max(above, 0), MOST_NAMED))
    )
    return Deficit(
        above=above,
        parties=rules.covering(session.scalars(latest), above),  # type: ignore[type-var,unused-ignore]  # mapped columns
        people={state: int(total) for state, total in session.execute(people)},
    )


_inside = select(Attendee.id).where(Attendee.registration_id == Registration.id, Attendee.arrived_at.is_not(None))


def short_quotas(session: Session, event_id: int) -> list[Quota]:
    """The quotas of an event above their limits whose seats somebody is asked for. Read anew, for use under the lock."""
    statement = select(Quota).where(Quota.event_id == event_id, Quota.volunteers_at.is_not(None), Quota.used > Quota.limit)
    return list(session.scalars(statement.order_by(Quota.id).execution_options(populate_existing=True)))


def _holders(quota: Quota) -> Select[Registration]:
    """Confirmed parties with seats of a quota whom a mail can reach, and of whom nobody is inside; the parts of a party with it."""
    users = select(TicketTypeQuota.ticket_type_id).where(TicketTypeQuota.quota_id == quota.id)
    return select(Registration).where(
        Registration.event_id == quota.event_id,
        Registration.state == rules.State.CONFIRMED,
        Registration.ticket_type_id.in_(users),
        Registration.email != "",
        Registration.split_from_id.is_(None),
        ~_inside.exists(),
    )


def to_be_asked_back(session: Session, quota: Quota) -> list[Registration]:
    """Who was not told yet what was asked last, 100 at most, the latest first."""
    untold = or_(Registration.volunteers_at.is_(None), Registration.volunteers_at < quota.volunteers_at)
    return list(session.scalars(_holders(quota).where(untold).order_by(Registration.id.desc()).limit(LINE_CHUNK)))


def told_of(session: Session, quota: Quota) -> int:
    """How many parties were told what was asked last."""
    statement = select(func.count()).select_from(_holders(quota).where(Registration.volunteers_at >= quota.volunteers_at).subquery())
    return int(session.scalar(statement) or 0)
