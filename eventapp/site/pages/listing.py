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
    over: bool


def cards(session: Session, events: Sequence[Event], now: datetime) -> list[Card]:
    """Cards for these events. One statement, whatever their number."""
    seats = registration.main_quotas(session, [event.id for event in events]) if events else {}
    result = []
    for event in events:
        over = is_over(event, now)
        speaks = event.state == "published" and not over
        limit, used = seats.get(event.id, (0, 0))
        result.append(Card(event, rules.fill(limit, used) if speaks else None, over))
    return result
