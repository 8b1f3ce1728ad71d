"""Give every free place in a session of the programme to the next in its line. A part of the end of every command."""

from __future__ import annotations

from datetime import datetime

from eventapp.events.queries import LockedEvent
from eventapp.lib.db import Session
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, seats
from eventapp.registration.models import Enrolment, Registration, Slot
from eventapp.registration.rules import State, Turn


def fill_sessions(session: Session, *, event: LockedEvent, bag: letters.Bag, now: datetime) -> bool:
    """Confirm or ask whoever a free place is for, in order, until nobody else can be given one. Gives whether more could follow.

    A swap takes the new place and frees the old one in this transaction, for the next in that line. Idempotent, as `allocate`.
    """
    granted, swapped = 0, True
    while swapped:
        swapped = False
        for vacancy in queries.vacancies(session, event.id, now):
            free = vacancy.free
            for enrolment in queries.queued(session, vacancy.slot):
                if not free:
                    break
                if granted == rules.GRANTS_A_PASS:
                    return True
                turn = _turn(session, enrolment)
                if turn == Turn.NOT_NOW:
                    continue
                _give(session, event=event, enrolment=enrolment, turn=turn, bag=bag, now=now)
                free, granted, swapped = free - 1, granted + 1, swapped or turn == Turn.SWAP
    return False


def _turn(session: Session, enrolment: Enrolment) -> Turn:
    own = queries.places_of(session, enrolment.attendee_id)
    has = [one.slot for one in own if one.state == State.CONFIRMED]
    is_offered = [one.slot for one in own if one.state == State.OFFERED]
    return rules.turn(enrolment.slot, has=has, is_offered=is_offered, swap=enrolment.swap)


def _give(session: Session, *, event: LockedEvent, enrolment: Enrolment, turn: Turn, bag: letters.Bag, now: datetime) -> None:
    slot, registration = enrolment.slot, holder_of(session, event=event, enrolment=enrolment)
    state = State.OFFERED if turn == Turn.OFFER else State.CONFIRMED
    if turn == Turn.OFFER:
        settings = queries.calendar(event).settings
        enrolment.asked_at = now
        enrolment.answer_by = rules.swap_by(slot, event.zone, settings, offered_at=now)
        # Its clock runs from the moment its mail has left; who has no address is asked by somebody, at once.
        enrolment.started_at = None if registration.email else now
        enrolment.expires_at = rules.enrolment_closes(slot) if registration.email else enrolment.answer_by
    move(session, event=event, enrolment=enrolment, state=state, cause="promoted", now=now)
    left = swap(session, event=event, enrolment=enrolment, now=now) if turn == Turn.SWAP else overlapping(session, enrolment=enrolment)
    titles = [dict(one.title) for one in left]
    if turn == Turn.OFFER:
        bag.put_news(registration, enrolment, "offered", instead_of=titles, answer_by=rules.plain(enrolment.answer_by))
    else:
        bag.put_news(registration, enrolment, "promoted", instead_of=titles)


def move(session: Session, *, event: LockedEvent, enrolment: Enrolment, state: State, cause: str, now: datetime) -> None:
    """Bring an enrolment of an attendee into a state, with the place that this takes or frees."""
    registration_id = enrolment.attendee.registration_id
    seats.enrol(
        session, event=event, enrolment=enrolment, slot=enrolment.slot, registration_id=registration_id, state=state, cause=cause, now=now
    )


def overlapping(session: Session, *, enrolment: Enrolment) -> list[Slot]:
    """The sessions at the same time in which the same person has a place."""
    return [one.slot for one in _overlapping(session, enrolment)]


def _overlapping(session: Session, enrolment: Enrolment) -> list[Enrolment]:
    own = [one for one in queries.places_of(session, enrolment.attendee_id) if one.state == State.CONFIRMED and one.id != enrolment.id]
    return [one for one in own if rules.overlap(one.slot, enrolment.slot)]


def swap(session: Session, *, event: LockedEvent, enrolment: Enrolment, now: datetime) -> list[Slot]:
    """Free the places at the same time as one that is taken already: never before. Gives the sessions that were left."""
    old = _overlapping(session, enrolment)
    seats.end_enrolments(session, event=event, enrolments=old, cause="swapped", now=now)
    return [one.slot for one in old]


def holder_of(session: Session, *, event: LockedEvent, enrolment: Enrolment) -> Registration:
    """The party of an attendee. Raises LookupError: there is none."""
    registration = queries.registration_by_id(session, event.id, enrolment.attendee.registration_id)
    if registration is None:
        raise LookupError(f"registration {enrolment.attendee.registration_id}")
    return registration
