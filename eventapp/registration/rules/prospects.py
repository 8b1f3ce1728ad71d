"""What somebody who waits may still expect, phase by phase, in instants that a page or a mail can print. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eventapp.registration.rules.calendar import Calendar


@dataclass(frozen=True)
class Prospect:
    """How a seat that comes free reaches a party that is first in line. None: there is no such time, or it is over."""

    confirmed_until: datetime | None  # confirmed without being asked
    asked_until: datetime | None  # after that, asked first
    passed_over_from: datetime | None  # after that, only who can come at short notice
    freeze_at: datetime | None  # after that, nobody online


def prospect(calendar: Calendar, auto_until: str, now: datetime) -> Prospect:
    """What a party with this wish may expect from now on."""
    if now >= calendar.freeze_at:
        return Prospect(None, None, None, None)
    until = min(calendar.confirms_until(auto_until) or now, calendar.freeze_at)
    return Prospect(
        confirmed_until=until if until > now else None,
        asked_until=calendar.last_day_from if max(until, now) < calendar.last_day_from else None,
        passed_over_from=calendar.last_day_from if until < calendar.freeze_at else None,
        freeze_at=calendar.freeze_at,
    )
