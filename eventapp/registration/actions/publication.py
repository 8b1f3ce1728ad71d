"""Publish, postpone, call off: an event's state, and what it means for those registered."""

from __future__ import annotations

from datetime import datetime

from eventapp.events.models import Event
from eventapp.events.queries import LockedEvent, event_by_id
from eventapp.events.rules import EventState
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import Actor
from eventapp.registration import queries
from eventapp.registration.actions import letters, seats
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.rules import LIVE, State


def _become(session: Session, *, event: LockedEvent, state: EventState, reason: str, actor: Actor, now: datetime) -> None:
    facts = {"from": event.state, "to": str(state)}
    event.state, event.state_reason, event.state_at = state, reason, now
    event.sequence += 1
    verb = {
        EventState.PUBLISHED: "publish",
        EventState.CALLED_OFF: "call_off",
        EventState.POSTPONED: "postpone",
        EventState.ARCHIVED: "archive",
    }[state]
    journal.note(
        session,
        chain=f"event:{event.id}",
        actor=actor.label,
        verb=verb,
        subject=f"event:{event.public_id}",
        reason=reason,
        facts=facts,
        now=now,
    )


def publish(session: Session, *, event_id: int, actor: Actor, now: datetime) -> Event:
    """Let the public see an event and register, once its checklist is empty. Publishing again changes nothing.

    Raises Refused: checklist.incomplete; event.called_off, which nothing brings back.
    """
    event = settled_event(session, event_id=event_id, closed_too=True, now=now)
    if event.state == EventState.PUBLISHED:
        return event
    if event.state not in {EventState.DRAFT, EventState.POSTPONED}:
        raise Refused("event.called_off")
    whole = event_by_id(session, event.id)
    if whole is None or queries.checklist(session, whole, now):
        raise Refused("checklist.incomplete")
    _become(session, event=event, state=EventState.PUBLISHED, reason="", actor=actor, now=now)
    event.settled_at = now
    allocate(session, event=event, now=now)
    return event


def postpone(session: Session, *, event_id: int, reason: str, actor: Actor, now: datetime) -> Event:
    """Say that the event will take place at another time; everyone registered keeps their place and is told why.

    Raises Refused: event.reason_missing, event.not_published.
    """
    event = _with_reason(session, event_id=event_id, reason=reason, closed_too=True, now=now)
    _become(session, event=event, state=EventState.POSTPONED, reason=reason, actor=actor, now=now)
    for registration in queries.all_registrations(session, event.id):
        if registration.state in LIVE:
            letters.tell(session, event=event, registration=registration, kind="postponed", facts={"reason": reason}, now=now)
    return event


def call_off(session: Session, *, event_id: int, reason: str, actor: Actor, now: datetime) -> Event:
    """Cancel the event: every live registration ends with it, and everyone is told why.

    Raises Refused: event.reason_missing, event.not_published; event.closed, it ended an hour ago or more.
    """
    event = _with_reason(session, event_id=event_id, reason=reason, closed_too=False, now=now)
    _become(session, event=event, state=EventState.CALLED_OFF, reason=reason, actor=actor, now=now)
    charged = queries.charges(session, event.id)
    for registration in queries.all_registrations(session, event.id):
        if registration.state not in LIVE:
            continue
        seats.change_state(
            session,
            event=event,
            registration=registration,
            quota_ids=charged[registration.ticket_type_id],
            state=State.CANCELLED,
            cause="called_off",
            now=now,
        )
        letters.tell(session, event=event, registration=registration, kind="called_off", facts={"reason": reason}, now=now)
    return event


def _with_reason(session: Session, *, event_id: int, reason: str, closed_too: bool, now: datetime) -> LockedEvent:
    if not reason.strip():
        raise Refused("event.reason_missing", status=422)
    event = settled_event(session, event_id=event_id, closed_too=closed_too, now=now)
    if event.state not in {EventState.PUBLISHED, EventState.POSTPONED}:
        raise Refused("event.not_published")
    return event


def archive(session: Session, *, event_id: int, actor: Actor, now: datetime) -> Event:
    """Close an event that is over: its page speaks in the past and its line is gone.

    Raises Refused: event.not_over.
    """
    event = settled_event(session, event_id=event_id, closed_too=True, now=now)
    if event.ends_at > now:
        raise Refused("event.not_over")
    if event.state == EventState.ARCHIVED:
        return event
    _become(session, event=event, state=EventState.ARCHIVED, reason="", actor=actor, now=now)
    return event
