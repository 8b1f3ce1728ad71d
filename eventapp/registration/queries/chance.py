"""What the chance of a party that waits is computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select

from eventapp.events.models import Edition, Event
from eventapp.lib.db import Session
from eventapp.registration import rules
from eventapp.registration.models import Registration
from eventapp.registration.queries.house import calendar, standing
from eventapp.registration.queries.line import sharing
from eventapp.registration.rules import State

EDITIONS = 5
"""So many past events of the series are looked at."""


def outlook(session: Session, event: Event, registration: Registration, now: datetime) -> rules.Outlook | None:
    """How likely a seat is for a party that waits; None where the organiser does not wish it shown, or nothing can be said."""
    facts = _told(session, event, registration, now)
    return rules.outlook(facts, now) if facts is not None else None


def outlook_of_fewer(session: Session, event: Event, registration: Registration, now: datetime) -> rules.Outlook | None:
    """How likely seats would be for the same party with one person fewer, which keeps its place; None as above, or for a single person."""
    facts = _told(session, event, registration, now) if registration.size > 1 else None
    return rules.outlook(replace(facts, size=registration.size - 1), now) if facts is not None else None


def _told(session: Session, event: Event, registration: Registration, now: datetime) -> rules.Waiting | None:
    line = calendar(event)
    if event.state != "published" or not line.settings.show_chance or now >= line.freeze_at:
        return None
    return waiting(session, event, registration, now)


def waiting(session: Session, event: Event, registration: Registration, now: datetime) -> rules.Waiting | None:
    """The facts about a waiting party on which its chance stands; None for one that does not wait. Five statements.

    A seat given back counts where a holder who had been confirmed gave back all of a party; one that became smaller does not.
    """
    if registration.state != State.WAITLISTED or registration.seq is None:
        return None
    stands = standing(session, event)
    own = stands.house.charged[registration.ticket_type_id]
    together = sharing(stands.house.charged, registration.ticket_type_id)
    short, protected = rules.shortage(stands.house, own, now)
    earlier = _earlier_of_series(session, event)
    outcomes = _outcomes(session, [event.id, *earlier])
    confirmed, cancelled = _summed(outcomes, event.id, together)
    return rules.Waiting(
        size=registration.size,
        before=_before(session, registration, together),
        seated=confirmed,
        short=short,
        protected=protected,
        ever_confirmed=confirmed + cancelled,
        cancelled=cancelled,
        opened_at=stands.kinds[registration.ticket_type_id].opens_at or _first_registered(session, event.id),
        freeze_at=stands.house.freeze_at,
        editions=[rules.Edition(sum(_summed(outcomes, id)), _summed(outcomes, id)[1], age) for age, id in enumerate(earlier)],
    )


def _earlier_of_series(session: Session, event: Event) -> list[int]:
    """The ids of the events of the same series that opened their doors before this one, called-off ones left out; latest first."""
    own = select(Edition.series_id).where(Edition.id == event.edition_id).scalar_subquery()
    statement = (
        select(Event.id)
        .join(Edition, Edition.id == Event.edition_id)
        .where(Edition.series_id == own, Event.doors_at < event.doors_at, Event.state.in_(("published", "archived")))
        .order_by(Event.doors_at.desc(), Event.id.desc())
        .limit(EDITIONS)
    )
    return list(session.scalars(statement))


def _before(session: Session, registration: Registration, type_ids: Sequence[int]) -> dict[int, int]:
    """Parties before this one that wait for one of its quotas, by size."""
    statement = select(Registration.size, func.count(Registration.id)).where(
        Registration.event_id == registration.event_id,
        Registration.state == "waitlisted",
        Registration.ticket_type_id.in_(type_ids),
        or_(
            Registration.line_class < registration.line_class,
            and_(Registration.line_class == registration.line_class, Registration.seq < registration.seq),
        ),
    )
    return {size: int(number) for size, number in session.execute(statement.group_by(Registration.size))}


def _outcomes(session: Session, event_ids: Sequence[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """For each event and ticket type, persons confirmed now, and persons who were and gave back."""
    now_confirmed = Registration.state == State.CONFIRMED
    statement = select(
        Registration.event_id,
        Registration.ticket_type_id,
        func.coalesce(func.sum(case((now_confirmed, Registration.size), else_=0)), 0),
        func.coalesce(func.sum(case((now_confirmed, 0), else_=Registration.size)), 0),
    ).where(
        Registration.event_id.in_(event_ids),
        Registration.state.in_((State.CONFIRMED, State.CANCELLED)),
        Registration.confirmed_at.is_not(None),
        or_(now_confirmed, Registration.cause == "holder"),
    )
    grouped = statement.group_by(Registration.event_id, Registration.ticket_type_id)
    return {(event_id, type_id): (int(kept), int(left)) for event_id, type_id, kept, left in session.execute(grouped)}


def _summed(outcomes: Mapping[tuple[int, int], tuple[int, int]], event_id: int, type_ids: Sequence[int] | None = None) -> tuple[int, int]:
    chosen = [each for (id, type_id), each in outcomes.items() if id == event_id and (type_ids is None or type_id in type_ids)]
    return sum(kept for kept, _left in chosen), sum(left for _kept, left in chosen)


def _first_registered(session: Session, event_id: int) -> datetime:
    """When the first registration of an event came in."""
    statement = select(Registration.created_at).where(Registration.event_id == event_id, Registration.split_from_id.is_(None))
    return session.scalars(statement.where(Registration.seq.is_not(None)).order_by(Registration.seq).limit(1)).one()
