"""Places in sessions of the programme: whose turn it is, and what becomes of a place at the same time. Pure.

Source: docs/waitlist.md, sessions. The line of a session is first come, first served until a quarter of an hour before it starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from eventapp.lib.refusal import Refused
from eventapp.registration.rules.calendar import after_waking
from eventapp.registration.rules.settings import Settings
from eventapp.registration.rules.states import State

ENROLLED = (State.WAITLISTED, State.OFFERED, State.CONFIRMED, State.CANCELLED, State.DECLINED, State.EXPIRED, State.REVOKED)
"""The states that an enrolment may be in: it is neither held nor approved."""
LAST_ENROLMENT = timedelta(minutes=15)
SWAP_LEAST, SWAP_MOST = timedelta(minutes=15), timedelta(hours=12)


class Span(Protocol):
    """When something takes place: from its start to just before its end."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def overlap(one: Span, other: Span) -> bool:
    """Whether somebody cannot be in both: one that begins as the other ends does not overlap with it."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


class Turn(StrEnum):
    """What a free place is to somebody whose turn it is."""

    SEAT = "seat"  # theirs at once
    SWAP = "swap"  # theirs at once, for the place that they have at the same time: they said so
    OFFER = "offer"  # offered, and they choose between the two
    NOT_NOW = "not_now"  # they are choosing between two others at that time already: the next in line is asked


def turn(wanted: Span, *, has: Iterable[Span], is_offered: Iterable[Span], swap: bool) -> Turn:
    """What becomes of a free place, by the places that the same person has, and those they are asked about."""
    if any(overlap(wanted, other) for other in is_offered):
        return Turn.NOT_NOW
    if not any(overlap(wanted, other) for other in has):
        return Turn.SEAT
    return Turn.SWAP if swap else Turn.OFFER


def enrolment_closes(span: Span) -> datetime:
    """From then on nobody is given a place in a session any more: who wants one comes to its door."""
    return span.starts_at - LAST_ENROLMENT


def swap_by(span: Span, zone: str, settings: Settings, *, offered_at: datetime) -> datetime:
    """Until when somebody may choose between two places: a quarter of the time to the session, 15 min to 12 h, never past its closing.

    Its clock stands still in quiet hours, but not on the day of the session itself.
    """
    share = min(SWAP_MOST, max(SWAP_LEAST, (span.starts_at - offered_at) / 4))
    place = ZoneInfo(zone)
    wall = offered_at.astimezone(place).replace(tzinfo=None)
    same_day = wall.date() == span.starts_at.astimezone(place).date()
    end = wall + share if same_day else after_waking(settings, wall, share)
    return min(end.replace(tzinfo=place).astimezone(UTC), enrolment_closes(span))


def check_enrolment(*, event_state: str, state: str, withdrawn: bool, span: Span, now: datetime) -> None:
    """Whether somebody of a party in this state may enrol in a session.

    Raises Refused: event.not_open; enrolment.not_seated, a seat at the event comes first; enrolment.withdrawn; enrolment.too_late.
    """
    if event_state != "published":
        raise Refused("event.not_open")
    if state != State.CONFIRMED:
        raise Refused("enrolment.not_seated")
    if withdrawn:
        raise Refused("enrolment.withdrawn")
    if now >= enrolment_closes(span):
        raise Refused("enrolment.too_late")
