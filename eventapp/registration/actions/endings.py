"""Give back, disown, revoke: how a party ends or loses places. Each takes the event's lock and ends with `allocate`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventapp.events.queries import LockedEvent
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, seats
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.parties import ask_for_proof, follow, live, note, to_the_end
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Registration
from eventapp.registration.rules import State


def give_back(
    session: Session,
    *,
    event_id: int,
    registration_id: int,
    attendee_ids: Sequence[int] | None = None,
    reason: str = "",
    by_organiser: bool,
    actor: Actor,
    now: datetime,
) -> Registration:
    """Free the seats of a party, or of the attendees named, for the next in line, in this same transaction.

    When all of it leave, those of it who still wait under a registration of their own leave the line too.
    Idempotent: a party that is over already stays as it is. Takes the rows of its tickets, so that a scan and this cannot both win.
    Raises Refused: registration.arrived, somebody of them is inside; registration.attendee_unknown.
    """
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    if registration.state in rules.TERMINAL:
        return registration
    pairs = queries.locked_tickets(session, registration.id)
    leaving = [attendee for attendee, _ in pairs if attendee_ids is None or attendee.id in attendee_ids]
    if attendee_ids is not None and not leaving:
        raise Refused("registration.attendee_unknown", status=422)
    if any(attendee.arrived_at is not None for attendee in leaving):
        raise Refused("registration.arrived")
    quota_ids = queries.charges(session, event.id)[registration.ticket_type_id]
    cause = "organiser" if by_organiser else "holder"
    registration.reason = reason
    bag = letters.Bag()
    if len(leaving) == len(pairs):
        seats.change_state(
            session, event=event, registration=registration, quota_ids=quota_ids, state=State.CANCELLED, cause=cause, now=now
        )
        waiting = [part for part in queries.parts_of(session, registration) if part.state == State.WAITLISTED]
        _end_parts(session, event=event, parts=waiting, quota_ids=quota_ids, cause=cause, actor=actor, now=now)
        bag.put(registration, "cancelled", reason=reason, cause=cause)
    else:
        for attendee in leaving:
            attendee.left_at = now
        session.flush()  # rows of attendees are read anew
        gone = {attendee.id for attendee in leaving}
        places = [one for one in queries.live_enrolments(session, [registration.id]) if one.attendee_id in gone]
        seats.end_enrolments(session, event=event, enrolments=places, cause=cause, now=now)
        seats.shrink(session, event=event, registration=registration, quota_ids=quota_ids, by=len(leaving), cause=cause, now=now)
        bag.put(registration, "resized", reason=reason, cause=cause)
    note(session, event=event, actor=actor, verb="give_back", registration=registration, reason=reason if by_organiser else "", now=now)
    allocate(session, event=event, bag=bag, now=now)
    bag.post(session, event=event, now=now)
    return registration


def _end_parts(
    session: Session,
    *,
    event: LockedEvent,
    parts: Sequence[Registration],
    quota_ids: Sequence[int],
    cause: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Those of a party who have a registration of their own: its holder, who is told once, has given all of it back."""
    for part in parts:
        seats.change_state(session, event=event, registration=part, quota_ids=quota_ids, state=State.CANCELLED, cause=cause, now=now)
        note(session, event=event, actor=actor, verb="give_back", registration=part, now=now)


def disown(session: Session, *, event_id: int, registration_id: int, actor: Actor, now: datetime) -> Registration:
    """Free all seats of a party that the owner of the address never asked for, and write to that address no more.

    Idempotent: a party that is over already stays as it is. The next in line is promoted in this same transaction.
    Raises Refused: registration.arrived, somebody of them is inside. Source: trust.md OUT-6.
    """
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    if registration.state in rules.TERMINAL:
        return registration
    parts = [part for part in queries.parts_of(session, registration) if part.state in rules.LIVE]
    for one in (registration, *parts):
        if any(attendee.arrived_at is not None for attendee, _ in queries.locked_tickets(session, one.id)):
            raise Refused("registration.arrived")
    quota_ids = queries.charges(session, event.id)[registration.ticket_type_id]
    registration.reason = "not_me"
    seats.change_state(session, event=event, registration=registration, quota_ids=quota_ids, state=State.CANCELLED, cause="holder", now=now)
    _end_parts(session, event=event, parts=parts, quota_ids=quota_ids, cause="holder", actor=actor, now=now)
    note(session, event=event, actor=actor, verb="disown", registration=registration, now=now)
    allocate(session, event=event, now=now)
    return registration


def revoke(session: Session, *, event_id: int, registration_id: int, reason: str, actor: Actor, now: datetime) -> Registration:
    """Take a seat back, for a reason that the holder is told. In a deficit the party goes to the head of the line (class 0, its own
    place kept); otherwise it ends.

    Raises Refused: registration.reason_missing, registration.arrived, registration.not_seated.
    """
    if not reason.strip():
        raise Refused("registration.reason_missing", status=422)
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    if registration.state not in rules.SEATED:
        raise Refused("registration.not_seated")
    if any(attendee.arrived_at is not None for attendee, _ in queries.locked_tickets(session, registration.id)):
        raise Refused("registration.arrived")
    take_back(session, event=event, registration=registration, house=queries.house(session, event), reason=reason, actor=actor, now=now)
    allocate(session, event=event, now=now)
    return registration


def take_back(
    session: Session, *, event: LockedEvent, registration: Registration, house: rules.House, reason: str, actor: Actor, now: datetime
) -> None:
    """What becomes of a party with seats that loses them, by the house as it was before: the caller holds its tickets, and allocates."""
    quota_ids = house.charged[registration.ticket_type_id]
    deficit = rules.in_deficit(house.quotas[quota_id] for quota_id in quota_ids)
    if deficit:
        registration.line_class = rules.HARMED
        if registration.seq is None:
            to_the_end(session, event=event, registration=registration)
    registration.reason = reason
    state = State.WAITLISTED if deficit else State.REVOKED
    unproven = rules.unproven(registration)
    seats.change_state(session, event=event, registration=registration, quota_ids=quota_ids, state=state, cause="revoked", now=now)
    if deficit and unproven:  # it waits for the proof as before, without another mail
        ask_for_proof(registration, state=State.WAITLISTED, calendar=house.calendar, now=now)
        registration.started_at, registration.expires_at = now, registration.answer_by
        for part in queries.parts_of(session, registration):
            if rules.unproven(part):
                follow(registration, part)
    letters.tell(
        session, event=event, registration=registration, kind="revoked", facts={"reason": reason, "first_in_line": deficit}, now=now
    )
    note(session, event=event, actor=actor, verb="revoke", registration=registration, reason=reason, now=now)
