"""Enrol in a session of the programme, give the place back, choose between two at one time. Each takes the event's lock and ends with
`allocate`.
"""

from __future__ import annotations

from datetime import datetime

from eventapp.events.actions import next_place
from eventapp.events.queries import LockedEvent
from eventapp.journal import actions as journal
from eventapp.lib import codes
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, sessions
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.parties import live
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Enrolment
from eventapp.registration.rules import State


def enrol(
    session: Session, *, event_id: int, registration_id: int, position: int, slot_public_id: str, swap: bool, actor: Actor, now: datetime
) -> Enrolment:
    """Put one person of a party in the line of a session, and give them a place at once if there is one and it is their turn.

    Where they have a place at the same time, it is given up for the new one if `swap` says so; else they are asked, and keep it meanwhile.
    Idempotent: who is enrolled, or waits, stays where they are.
    Raises Refused: event.not_open; enrolment.unknown, .not_seated, .withdrawn, .too_late; registration.attendee_unknown.
    """
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    slot = queries.slot_by_public_id(session, event.id, slot_public_id)
    if slot is None:
        raise Refused("enrolment.unknown", status=422)
    attendees = [attendee for attendee, _ticket in queries.attendees_of(session, [registration.id])[registration.id]]
    attendee = next((one for one in attendees if one.position == position), None)
    if attendee is None:
        raise Refused("registration.attendee_unknown", status=422)
    known = queries.live_enrolment(session, slot_id=slot.id, attendee_id=attendee.id)
    if known is not None:
        return known
    rules.check_enrolment(event_state=event.state, state=registration.state, withdrawn=slot.withdrawn_at is not None, span=slot, now=now)
    made = Enrolment(
        event_id=event.id,
        public_id=codes.public_id(),
        slot_id=slot.id,
        attendee_id=attendee.id,
        line_class=rules.EVERYONE,
        seq=next_place(session, event=event),
        swap=swap,
        lapses=0,
        version=0,
        created_at=now,
    )
    made.slot, made.attendee = slot, attendee  # as they would be loaded
    sessions.move(session, event=event, enrolment=made, state=State.WAITLISTED, cause="enrolled", now=now)
    _note(session, event=event, verb="enrol", enrolment=made, actor=actor, now=now)
    bag = letters.Bag()
    allocate(session, event=event, bag=bag, now=now)
    if made.state == State.WAITLISTED:
        place = queries.queue_positions(session, [made])[made.id]
        bag.put_news(registration, made, "waitlisted", position=place)
    elif made.state == State.CONFIRMED:
        told = bag.news[registration.id][1][made.id][1]
        bag.put_news(registration, made, "confirmed", instead_of=told["instead_of"])
    bag.post(session, event=event, now=now)
    return made


def leave_session(session: Session, *, event_id: int, registration_id: int, public_id: str, actor: Actor, now: datetime) -> Enrolment:
    """Give a place in a session back, or wait for it no more. Whoever is next has it in this same transaction.

    Idempotent: what is over already stays as it is. Raises Refused: enrolment.unknown.
    """
    event, enrolment = _own(session, event_id=event_id, registration_id=registration_id, public_id=public_id, now=now)
    if enrolment.state not in rules.LIVE:
        return enrolment
    had = enrolment.state == State.CONFIRMED
    sessions.move(session, event=event, enrolment=enrolment, state=State.CANCELLED, cause="holder", now=now)
    return _said(session, event=event, enrolment=enrolment, verb="leave_session", kind="cancelled", had=had, actor=actor, now=now)


def accept_swap(session: Session, *, event_id: int, registration_id: int, public_id: str, actor: Actor, now: datetime) -> Enrolment:
    """Take the place that was offered, and leave those at the same time. It is counted already: no lack of places can stand in the way.

    Accepting again changes nothing. Raises Refused: enrolment.unknown; offer.over, nothing is offered any more.
    """
    event, enrolment = _own(session, event_id=event_id, registration_id=registration_id, public_id=public_id, now=now)
    if enrolment.state == State.CONFIRMED:
        return enrolment
    if enrolment.state != State.OFFERED:
        raise Refused("offer.over")
    sessions.move(session, event=event, enrolment=enrolment, state=State.CONFIRMED, cause="accepted", now=now)
    left = [dict(slot.title) for slot in sessions.swap(session, event=event, enrolment=enrolment, now=now)]
    return _said(session, event=event, enrolment=enrolment, verb="accept_swap", kind="confirmed", instead_of=left, actor=actor, now=now)


def decline_swap(session: Session, *, event_id: int, registration_id: int, public_id: str, actor: Actor, now: datetime) -> Enrolment:
    """Keep the place that one has, and leave the one that was offered to the next in line. Declining again changes nothing.

    Raises Refused: enrolment.unknown; offer.over, nothing is offered any more.
    """
    event, enrolment = _own(session, event_id=event_id, registration_id=registration_id, public_id=public_id, now=now)
    if enrolment.state == State.DECLINED:
        return enrolment
    if enrolment.state != State.OFFERED:
        raise Refused("offer.over")
    sessions.move(session, event=event, enrolment=enrolment, state=State.DECLINED, cause="declined", now=now)
    return _said(session, event=event, enrolment=enrolment, verb="decline_swap", kind="declined", actor=actor, now=now)


def set_swap(
    session: Session, *, event_id: int, registration_id: int, public_id: str, swap: bool, actor: Actor, now: datetime
) -> Enrolment:
    """Say whether to be given a place without being asked for the one at the same time. The place in line stays.

    Raises Refused: enrolment.unknown; enrolment.not_waiting.
    """
    event, enrolment = _own(session, event_id=event_id, registration_id=registration_id, public_id=public_id, now=now)
    if enrolment.state != State.WAITLISTED:
        raise Refused("enrolment.not_waiting")
    if enrolment.swap != swap:
        enrolment.swap, enrolment.changed_at = swap, now
        enrolment.version += 1
        _note(session, event=event, verb="set_swap", enrolment=enrolment, actor=actor, now=now)
        allocate(session, event=event, now=now)
    return enrolment


def _own(session: Session, *, event_id: int, registration_id: int, public_id: str, now: datetime) -> tuple[LockedEvent, Enrolment]:
    """An enrolment of somebody of this party, as it is under the lock. Raises Refused: enrolment.unknown."""
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    enrolment = queries.enrolment(session, event.id, public_id)
    if enrolment is None or enrolment.attendee.registration_id != registration.id:
        raise Refused("enrolment.unknown", status=404)
    return event, enrolment


def _said(
    session: Session, *, event: LockedEvent, enrolment: Enrolment, verb: str, kind: str, actor: Actor, now: datetime, **facts: object
) -> Enrolment:
    _note(session, event=event, verb=verb, enrolment=enrolment, actor=actor, now=now)
    bag = letters.Bag()
    bag.put_news(sessions.holder_of(session, event=event, enrolment=enrolment), enrolment, kind, **facts)
    allocate(session, event=event, bag=bag, now=now)
    bag.post(session, event=event, now=now)
    return enrolment


def _note(session: Session, *, event: LockedEvent, verb: str, enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    journal.note(
        session,
        chain=f"event:{event.id}",
        actor=actor.label,
        verb=verb,
        subject=f"enrolment:{enrolment.public_id}",
        facts={"state": str(enrolment.state), "slot": enrolment.slot.public_id, "seq": enrolment.seq},
        now=now,
    )
