"""Prove an address: the mail that reached it leads to one button. Until then a seat is held, and nobody in line is given one."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from eventapp.events.queries import LockedEvent
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.messages import actions as messages
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, seats
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.parties import live, note
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Registration
from eventapp.registration.rules import State


def verify(session: Session, *, event_id: int, registration_id: int, actor: Actor, now: datetime) -> Registration:
    """The address is its holder's: a seat that was held is theirs, a place in line counts from now on. Again, it changes nothing.

    It holds for all parts of the party. Raises Refused: proof.over, the time for it has ended, or nothing was asked.
    """
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    if registration.split_from_id is not None:  # one party, one holder, one address
        registration = live(session, event=event, registration_id=registration.split_from_id)
    if registration.verified_at is not None:
        return registration
    owing = [one for one in (registration, *queries.parts_of(session, registration)) if rules.unproven(one) and not _is_over(one, now)]
    if not owing:
        raise Refused("proof.over")
    quota_ids = queries.charges(session, event.id)[registration.ticket_type_id]
    held = registration.state == State.HELD
    for one in owing:
        _prove(session, event=event, registration=one, quota_ids=quota_ids, now=now)
    if held:
        waiting = sum(one.size for one in owing if one is not registration)
        facts = {"waiting": waiting} if waiting else None
        letters.tell(session, event=event, registration=registration, kind="confirmed", facts=facts, now=now)
    messages.let_go(session, address=registration.canonical_email, now=now)
    note(session, event=event, actor=actor, verb="verify", registration=registration, now=now)
    allocate(session, event=event, now=now)
    return registration


def _is_over(registration: Registration, now: datetime) -> bool:
    """While an event stands still nothing ends by itself: the hour counts all the same."""
    return registration.expires_at is not None and registration.expires_at <= now


def _prove(session: Session, *, event: LockedEvent, registration: Registration, quota_ids: list[int], now: datetime) -> None:
    registration.verified_at = now
    if registration.state == State.HELD:
        seats.change_state(
            session, event=event, registration=registration, quota_ids=quota_ids, state=State.CONFIRMED, cause="proven", now=now
        )
        return
    registration.asked_at = registration.started_at = registration.answer_by = registration.expires_at = None
    registration.cause = "proven"
    registration.version += 1
    registration.changed_at = now


class Asking(Protocol):
    """What is needed of a request to say what a stranger would be told."""

    @property
    def ticket_type_id(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def accept_partial(self) -> bool: ...


def to_a_stranger(session: Session, *, event: LockedEvent, standing: queries.Standing, request: Asking, now: datetime) -> State:
    """What a stranger would be told who asked the same: nobody learns from the answer whether an address is registered.

    Raises Refused: registration.full.
    """
    house, kind = standing.house, standing.kinds[request.ticket_type_id]
    seated = State.PENDING_APPROVAL if kind.approval else State.HELD
    rooms = rules.room_for_newcomers(queries.line(session, event.id), house, now)  # type: ignore[type-var,unused-ignore]  # mapped columns
    if not house.undrawn and rooms[kind.id] >= (1 if request.accept_partial else request.size):
        return seated
    waiting, _persons = queries.waiting_for(session, event.id, queries.sharing(house.charged, kind.id))
    rules.check_line(kind, house, waiting_parties=waiting, now=now)
    return State.PENDING_APPROVAL if kind.approval else State.WAITLISTED
