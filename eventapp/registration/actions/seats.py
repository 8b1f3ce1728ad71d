"""The only place where seats are counted: the counter and the ledger, written together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Boolean, Integer, bindparam, case, inspect, update

from eventapp.events.queries import LockedEvent
from eventapp.lib.db import Session, insert_later, insert_row
from eventapp.registration import queries, rules
from eventapp.registration.models import Enrolment, LineShape, Quota, Registration, SeatEntry, Slot
from eventapp.registration.rules import SEATED, State

_quota = Quota.__table__.c
_after = _quota.used + bindparam("delta", type_=Integer)
_guarded = (
    update(Quota.__table__)  # type: ignore[arg-type]  # a Table
    .where(_quota.event_id == bindparam("of_event"), _quota.id == bindparam("of_quota"), _after >= 0, _after <= _quota.ceiling)
    .values(used=_after)
)
_columns = set(Registration.__table__.c.keys())
_TAKE = _guarded
_FREE = _guarded.values(ceiling=case((_after > _quota.seat_limit, _after), else_=_quota.seat_limit))


def move_seats(
    session: Session,
    *,
    event: LockedEvent,
    registration_id: int,
    enrolment_id: int | None = None,
    quota_ids: Sequence[int],
    delta: int,
    cause: str,
    now: datetime,
) -> None:
    """Take (`delta` > 0) or free seats in each of these quotas, and note it in the ledger: of a party, or of the place of one of its
    persons in a session.

    The ceiling follows `used` down to the limit, so that SQL itself refuses to climb out of a deficit again.
    Raises RuntimeError: a counter would leave 0..ceiling, which a correct caller never asks for.
    """
    move = _TAKE if delta > 0 else _FREE
    for quota_id in quota_ids:
        changed = session.connection().execute(move, {"of_event": event.id, "of_quota": quota_id, "delta": delta})
        if changed.rowcount != 1:
            raise RuntimeError(f"quota {quota_id} cannot move by {delta}")
        row = {"event_id": event.id, "quota_id": quota_id, "registration_id": registration_id, "enrolment_id": enrolment_id}
        insert_later(session, SeatEntry, **row, delta=delta, cause=cause, at=now)


def hand_over(
    session: Session,
    *,
    event: LockedEvent,
    giver: Registration,
    taker: Registration,
    quota_ids: Sequence[int],
    cause: str,
    now: datetime,
) -> None:
    """Store a registration that begins with one seat of a confirmed party, which shrinks by it.

    One pair of ledger rows for each quota, and no counter moves: the seat is free at no instant, nor is it given anew in a deficit.
    """
    giver.size -= 1
    giver.version += 1
    taker.state, taker.size, taker.version = giver.state, 1, 1
    giver.cause = taker.cause = cause
    giver.changed_at = taker.changed_at = taker.confirmed_at = taker.ask_after = now
    taker.id = _store(session, taker)
    for quota_id in quota_ids:
        for registration, delta in ((giver, -1), (taker, 1)):
            row = {"event_id": event.id, "quota_id": quota_id, "registration_id": registration.id, "delta": delta}
            insert_later(session, SeatEntry, **row, enrolment_id=None, cause=cause, at=now)


def _store(session: Session, registration: Registration) -> int:
    """Write a newcomer once, and look at it no more: the session need not track it. Gives its id."""
    row = {name: vars(registration)[name] for name in _columns & vars(registration).keys()}
    return int(insert_row(session, Registration, **row))


_shape = LineShape.__table__.c
_JOIN_OR_LEAVE = (
    update(LineShape.__table__)  # type: ignore[arg-type]  # a Table
    .where(
        _shape.event_id == bindparam("of_event"),
        _shape.ticket_type_id == bindparam("of_type"),
        _shape.size == bindparam("of_size"),
        _shape.line_class == bindparam("of_class"),
        _shape.auto_until == bindparam("of_wish"),
        _shape.accept_partial == bindparam("of_partial", type_=Boolean),
    )
    .values(parties=_shape.parties + bindparam("by", type_=Integer))
)


def _count(session: Session, registration: Registration, by: int) -> None:
    """Count a party into the line (1) or out of it (-1). The event's lock is held: nobody else makes the same row."""
    shape = rules.shape_of(registration)
    keys = {"event": registration.event_id} | dict(
        zip(("type", "size", "class", "wish", "partial"), shape, strict=True),
    )
    values = {f"of_{name}": value for name, value in keys.items()} | {"by": by}
    if session.connection().execute(_JOIN_OR_LEAVE, values).rowcount == 0:
        insert_row(session, LineShape, event_id=registration.event_id, **shape._asdict(), parties=by)


def change_state(
    session: Session,
    *,
    event: LockedEvent,
    registration: Registration,
    quota_ids: Sequence[int],
    state: State,
    cause: str,
    now: datetime,
) -> None:
    """Bring a registration into a state, with the seats that this takes or frees. The one writer of `state`.

    Who has no seat at the event any more has no place in its sessions either.
    """
    known = not inspect(registration).transient
    leaves = known and registration.state == State.CONFIRMED and state != State.CONFIRMED
    had, has = known and registration.state in SEATED, state in SEATED
    waited, waits = known and registration.state == State.WAITLISTED, state == State.WAITLISTED
    registration.state = state
    registration.cause = cause
    registration.changed_at = now
    registration.version = (registration.version or 0) + 1
    if state == State.CONFIRMED:
        registration.confirmed_at = registration.ask_after = now
        registration.reconfirmed_at = None
    if known and state not in {State.HELD, State.OFFERED}:
        registration.asked_at = registration.started_at = registration.answer_by = None
        registration.expires_at = registration.remind_at = None
    if not known:
        registration.id = _store(session, registration)
    if waited != waits:
        _count(session, registration, 1 if waits else -1)
    if had != has:
        delta = registration.size if has else -registration.size
        move_seats(session, event=event, registration_id=registration.id, quota_ids=quota_ids, delta=delta, cause=cause, now=now)
    if leaves:
        session.flush()  # rows of attendees are read anew
        end_enrolments(session, event=event, enrolments=queries.live_enrolments(session, [registration.id]), cause=cause, now=now)


def enrol(
    session: Session, *, event: LockedEvent, enrolment: Enrolment, slot: Slot, registration_id: int, state: State, cause: str, now: datetime
) -> None:
    """Bring an enrolment into a state, with the place that this takes or frees. The one writer of its `state`."""
    known = not inspect(enrolment).transient
    had, has = known and enrolment.state in SEATED, state in SEATED
    enrolment.state, enrolment.cause, enrolment.changed_at = state, cause, now
    enrolment.version = (enrolment.version or 0) + 1
    if state == State.CONFIRMED:
        enrolment.confirmed_at = now
    if state != State.OFFERED:
        enrolment.asked_at = enrolment.started_at = enrolment.answer_by = enrolment.expires_at = None
    if not known:
        session.add(enrolment)
    session.flush()
    if had != has:
        move_seats(
            session,
            event=event,
            registration_id=registration_id,
            enrolment_id=enrolment.id,
            quota_ids=[slot.quota_id],
            delta=1 if has else -1,
            cause=cause,
            now=now,
        )


def end_enrolments(session: Session, *, event: LockedEvent, enrolments: Sequence[Enrolment], cause: str, now: datetime) -> None:
    """End these places and waits, which their holders no longer want or may no longer have."""
    for one in enrolments:
        registration_id = one.attendee.registration_id
        enrol(
            session,
            event=event,
            enrolment=one,
            slot=one.slot,
            registration_id=registration_id,
            state=State.CANCELLED,
            cause=cause,
            now=now,
        )


def wish(session: Session, *, registration: Registration, auto_until: str, accept_partial: bool, now: datetime) -> None:
    """Write down how a party wishes to be seated; one that waits is counted among those of its new shape."""
    waits = registration.state == State.WAITLISTED
    if waits:
        _count(session, registration, -1)
    registration.auto_until, registration.accept_partial = auto_until, accept_partial
    registration.version += 1
    registration.changed_at = now
    if waits:
        _count(session, registration, 1)


def requeue(
    session: Session, *, registration: Registration, seq: int | None, ticket_type_id: int, size: int, cause: str, now: datetime
) -> None:
    """Write a party that waits down anew: at another place, for another ticket type, of another size."""
    _count(session, registration, -1)
    registration.seq, registration.ticket_type_id, registration.size = seq, ticket_type_id, size
    registration.version += 1
    registration.cause = cause
    registration.changed_at = now
    _count(session, registration, 1)


def change_type(
    session: Session,
    *,
    event: LockedEvent,
    registration: Registration,
    ticket_type_id: int,
    charged: Mapping[int, Sequence[int]],
    now: datetime,
) -> None:
    """The seats of another ticket type for those of this one: taken first, then freed. In a quota that both charge nothing moves."""
    old, new = charged[registration.ticket_type_id], charged[ticket_type_id]
    more, less = [one for one in new if one not in old], [one for one in old if one not in new]
    move_seats(session, event=event, registration_id=registration.id, quota_ids=more, delta=registration.size, cause="type", now=now)
    move_seats(session, event=event, registration_id=registration.id, quota_ids=less, delta=-registration.size, cause="type", now=now)
    registration.ticket_type_id = ticket_type_id
    registration.version += 1
    registration.changed_at = now


def shrink(
    session: Session, *, event: LockedEvent, registration: Registration, quota_ids: Sequence[int], by: int, cause: str, now: datetime
) -> None:
    """Make a party smaller by this many persons, freeing their seats where it had some."""
    if registration.state == State.WAITLISTED:
        _count(session, registration, -1)
    registration.size -= by
    if registration.state == State.WAITLISTED:
        _count(session, registration, 1)
    registration.version += 1
    registration.cause = cause
    registration.changed_at = now
    if registration.state in SEATED:
        move_seats(session, event=event, registration_id=registration.id, quota_ids=quota_ids, delta=-by, cause=cause, now=now)
