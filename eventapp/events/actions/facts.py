"""What is written on an event besides its form, under its lock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from eventapp.events import queries
from eventapp.events.models import Event
from eventapp.journal import actions as journal
from eventapp.lib.db import Session, update_later
from eventapp.people.rules import Actor


def justify_overbooking(session: Session, *, event_id: int, reason: str, actor: Actor, now: datetime) -> Event:
    """Write down why more seats may be booked than the safety capacity holds. The reason is for the organiser's own eyes and the journal."""
    row = queries.locked_event(session, event_id)
    row.overbooking_reason = reason
    journal.note(
        session,
        chain=f"event:{row.id}",
        actor=actor.label,
        verb="justify_overbooking",
        subject=f"event:{row.public_id}",
        reason=reason,
        now=now,
    )
    return row


def record_counts(session: Session, *, event_id: int, counts: Mapping[str, Any], actor: Actor, now: datetime) -> Event:
    """Keep the figures of an event as somebody told them, with their source: expected, registered, came, refused."""
    row = queries.locked_event(session, event_id)
    row.counts = dict(counts)
    journal.note(
        session,
        chain=f"event:{row.id}",
        actor=actor.label,
        verb="record_counts",
        subject=f"event:{row.public_id}",
        facts={"counts": dict(counts)},
        now=now,
    )
    return row


def next_place(session: Session, *, event: queries.LockedEvent, number: int = 1) -> int:
    """Take the next place in the line of an event, or so many at once: the first of them. The row is held, so that nobody else has read it."""
    place = event.next_seq
    update_later(session, Event, event.id, next_seq=place + number)
    set_committed_value(event, "next_seq", place + number)
    return place
