"""Ask those who have a seat whether they still come, and note their answer. Silence changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from eventapp.events.queries import locked_event
from eventapp.events.rules import EventState
from eventapp.lib.db import Session
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.parties import live, note
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Registration


def ask(session: Session, *, event_id: int, now: datetime) -> int:
    """Ask each party with a seat, once for each instant of the calendar, whether it still comes: 100 at a time, apart from the commands.

    Who is late is asked once, for the latest instant. The parts of a party are asked by one mail. Gives how many parties were asked.
    """
    event = locked_event(session, event_id)
    calendar = queries.calendar(event)
    at = calendar.ask_due(now)
    if event.state != EventState.PUBLISHED or at is None:
        return 0
    parties, waiting = queries.to_be_asked(session, event.id, at), dict[int, int]()
    charges = queries.charges(session, event.id) if parties else {}
    for first, *parts in parties:
        for registration in (first, *parts):
            registration.ask_after = at
            registration.reconfirmed_at = None  # of an event that has moved: the answer was about another day
        if first.ticket_type_id not in waiting:
            together = queries.sharing(charges, first.ticket_type_id)
            waiting[first.ticket_type_id] = queries.waiting_for(session, event.id, together)[1]
        facts: dict[str, Any] = {"size": first.size + sum(part.size for part in parts), "persons_waiting": waiting[first.ticket_type_id]}
        if rules.silence_costs(first, calendar.settings) and calendar.cut_at is not None:
            facts["cut_at"] = rules.plain(calendar.cut_at)
        letters.tell(session, event=event, registration=first, kind="reconfirm", facts=facts, now=now)
    return len(parties)


def reconfirm(session: Session, *, event_id: int, registration_id: int, actor: Actor, now: datetime) -> Registration:
    """Note that a party, or a part of one, still comes: it is asked no more. Saying so again changes nothing.

    Raises Refused: reconfirm.not_seated, reconfirm.not_asked; event.closed.
    """
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    rules.check_reconfirmation(registration)
    if registration.reconfirmed_at is not None:
        return registration
    registration.reconfirmed_at = now
    registration.ask_after = event.doors_at  # not again, unless the event moves to a later day
    note(session, event=event, actor=actor, verb="reconfirm", registration=registration, now=now)
    allocate(session, event=event, now=now)
    return registration
