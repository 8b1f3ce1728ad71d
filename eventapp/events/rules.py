"""When and where: states of an event, wall times, the checklist before publication, door windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from eventapp.lib.refusal import Refused

MAX_TITLE = 120
MAX_SUMMARY = 300
MAX_DESCRIPTION = 10_000
FREEZE = timedelta(hours=3)
OVER_AFTER = timedelta(hours=2)
ZONES = ("Europe/Paris", "Indian/Reunion", "America/Montreal", "Europe/Brussels", "Europe/London", "UTC")


class EventState(StrEnum):
    """What the organiser decided; running and over follow from the clock."""

    DRAFT = "draft"
    PUBLISHED = "published"
    POSTPONED = "postponed"
    CALLED_OFF = "called_off"
    ARCHIVED = "archived"


class Visibility(StrEnum):
    """Who finds the page: everybody, holders of the link, invited people."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    INVITATION = "invitation"


class EventKind(StrEnum):
    """What sort of event."""

    FORUM = "forum"
    OPENING = "opening"
    CONFERENCE = "conference"
    WORKSHOP = "workshop"
    PRESS = "press"
    HACKATHON = "hackathon"
    JOB_FAIR = "job_fair"
    ONLINE = "online"


class SpaceKind(StrEnum):
    """What sort of place."""

    ROOM = "room"
    OPEN_AIR = "open_air"
    STADIUM = "stadium"
    OFFICE = "office"
    ONLINE = "online"


def instant(wall: datetime, zone: str, *, second: bool = False) -> datetime:
    """The instant of a wall time in a zone, in UTC. `second` picks the later of the two when the clocks go back.

    Raises Refused: time.does_not_exist, the clocks jump over it; zone.unknown.
    """
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise Refused("zone.unknown", zone=zone, status=422) from None
    result = wall.replace(tzinfo=place, fold=1 if second else 0)
    if result.astimezone(UTC).astimezone(place).replace(tzinfo=None, fold=0) != wall:
        raise Refused("time.does_not_exist", wall=wall.isoformat(timespec="minutes"), zone=zone, status=422)
    return result.astimezone(UTC)


def exists_twice(wall: datetime, zone: str) -> bool:
    """Whether the clocks go back over this wall time, so that it names two instants."""
    place = ZoneInfo(zone)
    return wall.replace(tzinfo=place, fold=0).utcoffset() != wall.replace(tzinfo=place, fold=1).utcoffset() and (
        wall.replace(tzinfo=place, fold=0).astimezone(UTC) < wall.replace(tzinfo=place, fold=1).astimezone(UTC)
    )


def same_wall_clock_before(moment: datetime, before: timedelta, zone: str) -> datetime:
    """`before` this moment on the wall clock of its zone: "24 h before 18:00" is 18:00 the day before, whatever the clocks did."""
    place = ZoneInfo(zone)
    wall = moment.astimezone(place).replace(tzinfo=None) - before
    return wall.replace(tzinfo=place).astimezone(UTC)


class Dated(Protocol):
    """What the rules need of an event."""

    @property
    def state(self) -> str: ...
    @property
    def doors_at(self) -> datetime: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def zone(self) -> str: ...


def freeze_at(event: Dated) -> datetime:
    """From then on nobody in the line is given a seat online: three hours before doors, on the wall clock."""
    return same_wall_clock_before(event.doors_at, FREEZE, event.zone)


def is_over(event: Dated, now: datetime) -> bool:
    """Whether the page speaks of the event in the past."""
    return event.state == EventState.ARCHIVED or now >= event.ends_at + OVER_AFTER


def is_running(event: Dated, now: datetime) -> bool:
    """Whether doors are open or people are inside."""
    return event.state == EventState.PUBLISHED and event.doors_at <= now < event.ends_at


def check_dates(doors_at: datetime, starts_at: datetime, ends_at: datetime) -> None:
    """Doors, then start, then end.

    Raises Refused: event.dates_out_of_order, event.too_long (over 31 days).
    """
    if not doors_at <= starts_at < ends_at:
        raise Refused("event.dates_out_of_order", status=422)
    if ends_at - starts_at > timedelta(days=31):
        raise Refused("event.too_long", status=422)


@dataclass(frozen=True)
class Facts:
    """What publication looks at, gathered by the caller from rooms that events does not know."""

    legal_missing: Sequence[str]
    contact: str
    has_space: bool
    safety_capacity: int | None
    booking_limit: int | None
    ticket_types: int
    public_ticket_types: int
    doors_at: datetime
    now: datetime
    overbooking_reason: str = ""


@dataclass(frozen=True)
class Missing:
    """One line of the checklist: what to mend (a code with words in the catalogue) and the page that mends it."""

    code: str
    where: str  # organiser, event, space, ticket_types, quotas


def checklist(facts: Facts) -> list[Missing]:
    """What still stands between a draft and its publication; empty when it may go out.

    A booking limit above the safety capacity needs a typed reason: rights to come in may exceed bodies, never the other way round.
    """
    missing: list[Missing] = []
    if facts.legal_missing:
        missing.append(Missing("checklist.legal", "organiser"))
    if not facts.contact.strip():
        missing.append(Missing("checklist.contact", "event"))
    if not facts.has_space:
        missing.append(Missing("checklist.space", "space"))
    elif facts.safety_capacity is None:
        missing.append(Missing("checklist.safety_capacity", "space"))
    elif facts.booking_limit is not None and facts.booking_limit > facts.safety_capacity and not facts.overbooking_reason.strip():
        missing.append(Missing("checklist.over_gauge", "quotas"))
    if facts.ticket_types == 0:
        missing.append(Missing("checklist.ticket_types", "ticket_types"))
    elif facts.public_ticket_types == 0:
        missing.append(Missing("checklist.public_ticket_type", "ticket_types"))
    if facts.doors_at <= facts.now:
        missing.append(Missing("checklist.past", "event"))
    return missing
