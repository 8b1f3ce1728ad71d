"""What a visitor is told about a ticket type, and whether one may ask at all. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from eventapp.lib.refusal import Refused
from eventapp.registration.rules.line import House
from eventapp.registration.rules.states import MAX_PARTY, TypeFacts

LAST_SEATS_SHARE = 0.05


class Opening(StrEnum):
    """Whether one may register for a ticket type, in words for one button."""

    NOT_YET = "not_yet"
    OPEN = "open"
    LAST_SEATS = "last_seats"
    WAITLIST = "waitlist"
    BALLOT = "ballot"  # everybody waits for a draw
    FULL = "full"
    CLOSED = "closed"


@dataclass(frozen=True)
class Availability:
    """What a visitor is told about one ticket type: whether it is open, seats left, and how many wait for its quotas."""

    ticket_type_id: int
    opening: Opening
    free: int
    limit: int
    taken: int
    waiting_parties: int
    waiting_persons: int
    opens_at: datetime | None
    max_party: int
    approval: bool


def is_open(kind: TypeFacts, house: House, now: datetime) -> bool:
    """Whether the type takes registrations at this moment; without a closing time of its own it closes at the freeze."""
    return (kind.opens_at is None or kind.opens_at <= now) and now < (kind.closes_at or house.freeze_at)


def opening(kind: TypeFacts, house: House, *, room: int, limit: int, waiting_parties: int, now: datetime) -> Opening:
    """The state behind the one button of the event page."""
    if kind.opens_at is not None and now < kind.opens_at:
        return Opening.NOT_YET
    if not is_open(kind, house, now):
        return Opening.CLOSED
    if house.undrawn:
        return Opening.BALLOT
    if room > 0:
        return Opening.LAST_SEATS if room <= max(1, int(limit * LAST_SEATS_SHARE)) else Opening.OPEN
    if now >= house.freeze_at or (kind.waitlist_limit is not None and waiting_parties >= kind.waitlist_limit):
        return Opening.FULL
    return Opening.WAITLIST


def check_party(kind: TypeFacts, house: House, *, size: int, event_state: str, by_organiser: bool, now: datetime) -> None:
    """Whether a party of this size may ask at all.

    Raises Refused: event.not_open, registration.not_open_yet, registration.closed, registration.party_too_large,
    registration.not_public.
    """
    if event_state != "published":
        raise Refused("event.not_open")
    if not by_organiser:
        if not kind.public:
            raise Refused("registration.not_public")
        if kind.opens_at is not None and now < kind.opens_at:
            raise Refused("registration.not_open_yet", opens_at=kind.opens_at)
        if not is_open(kind, house, now):
            raise Refused("registration.closed")
    if not 1 <= size <= (MAX_PARTY if by_organiser else kind.max_party):
        raise Refused("registration.party_too_large", most=kind.max_party, status=422)


def check_line(kind: TypeFacts, house: House, *, waiting_parties: int, now: datetime) -> None:
    """Whether a party that finds no seat may join the line.

    Raises Refused: registration.full.
    """
    limited = kind.waitlist_limit is not None and not house.undrawn  # who takes part in a draw stands in no line yet
    if now >= house.freeze_at or (limited and waiting_parties >= (kind.waitlist_limit or 0)):
        raise Refused("registration.full")
