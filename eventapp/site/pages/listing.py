"""A list of events as cards: each with the word for its seats, asked for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eventapp.events.models import Event
from eventapp.events.rules import is_over
from eventapp.lib.db import Session
from eventapp.registration import queries as registration
from eventapp.site import rules


@dataclass(frozen=True)
class Card:
    """One event in a list. `fill` is None where seats are not spoken of: over, called off, postponed, or nothing to book."""

    event: Event
    fill: rules.Fill | None
    opens_at: datetime | None
    over: bool


def cards(session: Session, events: Sequence[Event], now: datetime) -> list[Card]:
    """Cards for these events. Four statements, whatever their number."""
    ids = [event.id for event in events]
    seats = registration.main_quotas(session, ids) if ids else {}
    opens = registration.openings(session, ids, now) if ids else {}
    guards = registration.guards(session, ids, now) if ids else {}
    waited = registration.waited_for(session, ids) if ids else set()
    result = []
    for event in events:
        over = is_over(event, now)
        speaks = event.state == "published" and not over
        limit, used = seats.get(event.id, (0, 0))
        opens_at = opens.get(event.id) if speaks else None
        guarded = sum(guard.seats for guard in guards.get(event.id, []))
        fill = rules.fill(limit, used, guarded=guarded, waited=event.id in waited)
        result.append(Card(event, fill if speaks and opens_at is None else None, opens_at, over))
    return result
