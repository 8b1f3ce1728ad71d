"""What the public is told about an event: which one button, under which word for its seats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from eventapp.events.rules import Dated, EventState, is_over, turned_away
from eventapp.registration.rules import Availability, Opening


class Call(StrEnum):
    """The one thing to do on an event's page."""

    REGISTER = "register"
    LAST_SEATS = "last_seats"
    JOIN_LINE = "join_line"
    BALLOT = "ballot"
    APPLY = "apply"
    FULL = "full"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    NONE = "none"


@dataclass(frozen=True)
class Invitation:
    """The button of an event's page and the numbers in its words; `taken` of `limit` seats for the meter."""

    call: Call
    waiting_parties: int = 0
    waiting_persons: int = 0
    taken: int = 0
    limit: int = 0
    opens_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether a form waits behind the button."""
        return self.call in {Call.REGISTER, Call.LAST_SEATS, Call.JOIN_LINE, Call.BALLOT, Call.APPLY}


_BEST = (Opening.OPEN, Opening.LAST_SEATS, Opening.WAITLIST, Opening.BALLOT, Opening.NOT_YET, Opening.FULL, Opening.CLOSED)
ASKABLE = frozenset({Opening.OPEN, Opening.LAST_SEATS, Opening.WAITLIST, Opening.BALLOT})
_CALLS = {
    Opening.OPEN: Call.REGISTER,
    Opening.LAST_SEATS: Call.LAST_SEATS,
    Opening.WAITLIST: Call.JOIN_LINE,
    Opening.BALLOT: Call.BALLOT,
    Opening.NOT_YET: Call.NOT_YET,
    Opening.FULL: Call.FULL,
    Opening.CLOSED: Call.CLOSED,
}


def invitation(event: Dated, offers: Iterable[Availability], now: datetime) -> Invitation:
    """The best that any public ticket type offers: a seat before a line, a line before a date, a date before a no.

    Of two alike, the one about which the organiser need not decide.
    """
    known = list(offers)
    if event.state != EventState.PUBLISHED or is_over(event, now) or not known:
        return Invitation(Call.NONE)
    best = min(known, key=lambda one: (_BEST.index(one.opening), one.approval, one.opens_at or event.starts_at))
    return Invitation(
        call=Call.APPLY if best.approval and best.opening in ASKABLE else _CALLS[best.opening],
        waiting_parties=best.waiting_parties,
        waiting_persons=best.waiting_persons,
        taken=min(best.taken, best.limit),
        limit=best.limit,
        opens_at=best.opens_at,
    )


class Fill(StrEnum):
    """How full an event of a list is, in a word."""

    PLENTY = "plenty"
    FEW = "few"
    FULL = "full"


def fill(limit: int, used: int, *, guarded: int = 0, waited: bool = False) -> Fill | None:
    """The word for an event in a list; None where there is nothing to fill.

    Seats kept for an allotment (`guarded`) are not free to the public, nor are the last few while somebody stands in line.
    """
    free = limit - used - guarded
    if limit <= 0:
        return None
    if free > max(1, limit // 20):
        return Fill.PLENTY
    return Fill.FULL if waited or free <= 0 else Fill.FEW


KNOWN_FIGURES = ("expected", "registered", "came")


def figures(counts: dict[str, object]) -> dict[str, int]:
    """The numbers of an event that is over, by name: expected, registered, came, turned_away. What is not a number is left out."""
    result = {name: value for name in KNOWN_FIGURES if isinstance(value := counts.get(name), int)}
    refused = turned_away(counts)
    if refused:
        result["turned_away"] = refused
    return result
