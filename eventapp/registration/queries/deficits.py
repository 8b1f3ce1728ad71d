"""Who holds the seats of a quota that is, or would be, above its limit. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from eventapp.lib.db import Session
from eventapp.registration import rules
from eventapp.registration.models import Attendee, Registration, TicketTypeQuota

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
