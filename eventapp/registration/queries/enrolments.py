"""Sessions for which people enrol: who has a place, who waits, whose turn it could be. Numbers that decide are read under the event's lock:
rows are read anew, whatever the session had read before it, so that what is to be kept must have been flushed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal_column, or_, select
from sqlalchemy.orm import aliased, contains_eager

from eventapp.events.models import Event
from eventapp.lib.db import Session, Utc
from eventapp.registration import rules
from eventapp.registration.models import Attendee, Enrolment, Quota, Registration, Slot
from eventapp.registration.queries.line import DUE_AT_ONCE, LINE_CHUNK
from eventapp.registration.rules import LIVE, SEATED, State

MOST_ENROLLED = 1_000
"""Of the people of one session, so many are named at once."""
_WAITS: ColumnElement[str] = literal_column("'waitlisted'")


def slots(session: Session, event_id: int) -> list[Slot]:
    """The sessions of an event for which people may enrol, with their quotas, in the order of time."""
    statement = _slots()
    statement = statement.where(Slot.event_id == event_id, Slot.withdrawn_at.is_(None))
    return list(session.scalars(statement.order_by(Slot.starts_at, Slot.id)))


def slot(session: Session, event_id: int, slot_id: int) -> Slot | None:
    """One session of this event, with its quota, withdrawn or not."""
    statement = _slots()
    return session.scalars(statement.where(Slot.event_id == event_id, Slot.id == slot_id)).one_or_none()


def slot_by_public_id(session: Session, event_id: int, public_id: str) -> Slot | None:
    """One session of this event, with its quota, withdrawn or not."""
    statement = _slots()
    return session.scalars(statement.where(Slot.event_id == event_id, Slot.public_id == public_id)).one_or_none()


def slot_quota_ids(session: Session, event_id: int) -> set[int]:
    """The quotas that count places in sessions: no ticket type charges them."""
    return set(session.scalars(select(Slot.quota_id).where(Slot.event_id == event_id)))


def enrolment(session: Session, event_id: int, public_id: str) -> Enrolment | None:
    """One enrolment of this event, with its session and its attendee."""
    statement = _enrolments().where(Enrolment.event_id == event_id, Enrolment.public_id == public_id)
    return session.scalars(statement).one_or_none()


def live_enrolment(session: Session, *, slot_id: int, attendee_id: int) -> Enrolment | None:
    """The place or the wait of an attendee in a session."""
    statement = _enrolments().where(Enrolment.slot_id == slot_id, Enrolment.attendee_id == attendee_id, Enrolment.state.in_(LIVE))
    return session.scalars(statement).one_or_none()


def places_of(session: Session, attendee_id: int) -> list[Enrolment]:
    """The places that an attendee has or is offered, with their sessions, in the order of time."""
    statement = _enrolments().where(Enrolment.attendee_id == attendee_id, Enrolment.state.in_(SEATED))
    return list(session.scalars(statement.order_by(Slot.starts_at, Enrolment.id)))


def live_enrolments(session: Session, registration_ids: Sequence[int]) -> list[Enrolment]:
    """The places and waits of everybody of these parties, with their sessions, in the order of time."""
    statement = _enrolments().where(Attendee.registration_id.in_(registration_ids), Enrolment.state.in_(LIVE))
    return list(session.scalars(statement.order_by(Slot.starts_at, Enrolment.id)))


def all_enrolments(session: Session, event_id: int) -> list[Enrolment]:
    """Every enrolment there ever was for an event, in the order in which they were made: for `verify`."""
    return list(session.scalars(_enrolments().where(Enrolment.event_id == event_id).order_by(Enrolment.id)))


def enrolled(session: Session, slot_id: int) -> list[Enrolment]:
    """Who has a place in a session, is offered one or waits, with their attendees: in the order in which they were given, then of the line."""
    statement = _enrolments().where(Enrolment.slot_id == slot_id, Enrolment.state.in_(LIVE))
    waits = Enrolment.state == State.WAITLISTED
    return list(session.scalars(statement.order_by(waits, Enrolment.line_class, Enrolment.seq)))


@dataclass(frozen=True)
class Enrolled:
    """Somebody of a session, and the party that they come with."""

    enrolment: Enrolment
    registration: Registration


def enrolled_people(session: Session, slot_id: int) -> list[Enrolled]:
    """Who has a place in a session, then who chooses, then who waits, in the order of its line; `MOST_ENROLLED` at most."""
    order = case((Enrolment.state == State.CONFIRMED, 0), (Enrolment.state == State.OFFERED, 1), else_=2)
    statement = _enrolments().join(Registration, Registration.id == Attendee.registration_id).add_columns(Registration)
    statement = statement.where(Enrolment.slot_id == slot_id, Enrolment.state.in_(LIVE))
    rows = session.execute(statement.order_by(order, Enrolment.line_class, Enrolment.seq).limit(MOST_ENROLLED))
    return [Enrolled(row[0], row[1]) for row in rows]


@dataclass(frozen=True)
class Vacancy:
    """A session with free places for which somebody waits."""

    slot: Slot
    free: int


def vacancies(session: Session, event_id: int, now: datetime) -> list[Vacancy]:
    """The sessions whose places may be given now, in the order of time. For use under the lock."""
    waits = select(Enrolment.id).where(Enrolment.event_id == Slot.event_id, Enrolment.slot_id == Slot.id, Enrolment.state == _WAITS)
    statement = (
        select(Slot, Quota.limit - Quota.used)
        .join(Quota, Quota.id == Slot.quota_id)
        .where(Slot.event_id == event_id, Slot.withdrawn_at.is_(None), Quota.used < Quota.limit, waits.exists())
        .order_by(Slot.starts_at, Slot.id)
        .execution_options(populate_existing=True)
    )
    return [Vacancy(slot, free) for slot, free in session.execute(statement) if now < rules.enrolment_closes(slot)]


def queued(session: Session, slot: Slot) -> Iterator[Enrolment]:
    """Who waits for a session, first to last, read lazily in chunks. For use under the lock."""
    line_class, seq = -1, -1
    while True:
        after = or_(Enrolment.line_class > line_class, and_(Enrolment.line_class == line_class, Enrolment.seq > seq))
        statement = _enrolments().where(Enrolment.event_id == slot.event_id, Enrolment.slot_id == slot.id, Enrolment.state == _WAITS, after)
        chunk = list(session.scalars(statement.order_by(Enrolment.line_class, Enrolment.seq).limit(LINE_CHUNK)))
        yield from chunk
        if len(chunk) < LINE_CHUNK:
            return
        line_class, seq = chunk[-1].line_class, chunk[-1].seq


def queue_positions(session: Session, enrolments: Sequence[Enrolment]) -> dict[int, int]:
    """For each of these enrolments that waits, its position in the line of its session, counted from 1. One statement."""
    other = aliased(Enrolment)
    ahead = or_(other.line_class < Enrolment.line_class, and_(other.line_class == Enrolment.line_class, other.seq < Enrolment.seq))
    same = and_(other.event_id == Enrolment.event_id, other.slot_id == Enrolment.slot_id, other.state == _WAITS)
    before = select(func.count(other.id)).where(same, ahead).correlate(Enrolment).scalar_subquery()
    waiting = [one.id for one in enrolments if one.state == State.WAITLISTED]
    if not waiting:
        return {}
    return {id: int(number) + 1 for id, number in session.execute(select(Enrolment.id, before).where(Enrolment.id.in_(waiting)))}


def queue_lengths(session: Session, event_id: int) -> dict[int, int]:
    """How many wait for each session of an event for which somebody waits. One statement."""
    statement = select(Enrolment.slot_id, func.count(Enrolment.id)).where(Enrolment.event_id == event_id, Enrolment.state == _WAITS)
    return {slot_id: int(number) for slot_id, number in session.execute(statement.group_by(Enrolment.slot_id))}


_DUE = (
    select(Enrolment)
    .join(Enrolment.slot)
    .join(Slot.quota)
    .join(Enrolment.attendee)
    .options(contains_eager(Enrolment.slot).contains_eager(Slot.quota), contains_eager(Enrolment.attendee))
    .where(Enrolment.event_id == bindparam("event"), Enrolment.expires_at <= bindparam("at", type_=Utc))
    .order_by(Enrolment.expires_at, Enrolment.id)
    .limit(DUE_AT_ONCE)
    .execution_options(populate_existing=True)
)


def due_enrolments(session: Session, event_id: int, at: datetime) -> list[Enrolment]:
    """Offers of a swap that end at this instant or before, in that order; 500 at most. For use under the lock."""
    return list(session.scalars(_DUE, {"event": event_id, "at": at}))


def unstarted_swaps(session: Session, registration: Registration) -> list[Enrolment]:
    """Offers of a swap to people of this party whose mail had not left yet, with their sessions."""
    statement = _enrolments().where(
        Attendee.registration_id == registration.id, Enrolment.state == State.OFFERED, Enrolment.started_at.is_(None)
    )
    return list(session.scalars(statement.order_by(Enrolment.id)))


def unanswered_enrolments(session: Session, event_id: int) -> list[Enrolment]:
    """Who waits for a session, or is offered a place in one, oldest first; 500 at most. For use under the lock."""
    statement = _enrolments().where(Enrolment.event_id == event_id, Enrolment.state.in_((State.WAITLISTED, State.OFFERED)))
    return list(session.scalars(statement.order_by(Enrolment.id).limit(DUE_AT_ONCE)))


def places_by_quota(session: Session, event_id: int) -> dict[int, int]:
    """Number of places that are taken in each session, by its quota, counted from the enrolments."""
    statement = select(Slot.quota_id, func.count(Enrolment.id)).join(Enrolment, Enrolment.slot_id == Slot.id)
    statement = statement.where(Slot.event_id == event_id, Enrolment.state.in_(SEATED)).group_by(Slot.quota_id)
    return {quota_id: int(number) for quota_id, number in session.execute(statement)}


def _enrolments() -> Select[Enrolment]:
    statement = select(Enrolment).join(Enrolment.slot).join(Slot.quota).join(Enrolment.attendee)
    loaded = contains_eager(Enrolment.slot).contains_eager(Slot.quota), contains_eager(Enrolment.attendee)
    return statement.options(*loaded).execution_options(populate_existing=True)


def _slots() -> Select[Slot]:
    statement = select(Slot).join(Slot.quota).options(contains_eager(Slot.quota))
    return statement.execution_options(populate_existing=True)


def enrolment_faults(session: Session, event: Event, now: datetime) -> Iterator[str]:
    """One sentence for each thing about the sessions of an event that does not add up: for `verify`."""
    rows = all_enrolments(session, event.id)
    states = _states_of_registrations(session, event.id)
    own: dict[int, list[Enrolment]] = {}
    for one in rows:
        if one.state in LIVE and (states[one.attendee.registration_id] != State.CONFIRMED or one.attendee.left_at is not None):
            yield f"enrolment {one.public_id}: {one.state} without a seat at the event"
        if one.seq >= event.next_seq:
            yield f"enrolment {one.public_id}: place {one.seq} in line, next is {event.next_seq}"
        if one.state in SEATED:
            own.setdefault(one.attendee_id, []).append(one)
    for places in own.values():
        yield from _at_one_time([one for one in places if one.state == State.CONFIRMED])
    if event.state == "published":
        for vacancy in vacancies(session, event.id, now):
            yield from _idle(vacancy, [one for one in rows if one.slot_id == vacancy.slot.id and one.state == State.WAITLISTED], own, now)


def _states_of_registrations(session: Session, event_id: int) -> dict[int, str]:
    statement = select(Registration.id, Registration.state).where(Registration.event_id == event_id)
    return {row[0]: row[1] for row in session.execute(statement)}


def _at_one_time(places: Sequence[Enrolment]) -> Iterator[str]:
    """Two places of one person at one time, unless one of the sessions was moved since."""
    for one, other in combinations(places, 2):
        since = max(place.confirmed_at for place in (one, other) if place.confirmed_at is not None)
        moved = any(place.slot.moved_at is not None and place.slot.moved_at >= since for place in (one, other))
        if rules.overlap(one.slot, other.slot) and not moved:
            yield f"enrolments {one.public_id} and {other.public_id}: at one time"


def _idle(vacancy: Vacancy, waiting: Sequence[Enrolment], own: Mapping[int, Sequence[Enrolment]], now: datetime) -> Iterator[str]:
    """A free place beside somebody whose turn it is, and nobody's clock that is still to be brought to an end."""
    for one in waiting:
        places = own.get(one.attendee_id, ())
        has = [place.slot for place in places if place.state == State.CONFIRMED]
        is_offered = [place.slot for place in places if place.state == State.OFFERED]
        late = any(place.expires_at is not None and place.expires_at <= now for place in places)
        if not late and rules.turn(vacancy.slot, has=has, is_offered=is_offered, swap=one.swap) != rules.Turn.NOT_NOW:
            yield f"enrolment {one.public_id}: waits beside {vacancy.free} free places"
