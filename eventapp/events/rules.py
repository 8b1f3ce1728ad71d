"""When and where: states of an event, wall times, the checklist before publication, door windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from eventapp.lib.refusal import Refused

MAX_TITLE = 120
MAX_SUMMARY = 300
MAX_DESCRIPTION = 10_000
MAX_NAME = 120
MAX_SHORT_NAME = 40
MAX_SLUG = 80
# /backoffice/events/new is the page that makes one.
RESERVED_SLUGS = frozenset({"new"})
MAX_ADDRESS = 500
MAX_CITY = 80
MAX_ACCESS = 1_000
MAX_SOURCE = 300
MAX_GATE = 80
MAX_GATES = 40
MAX_CAPACITY = 200_000
COLOUR = "#0b3d5f"
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


class Ending(Protocol):
    """What tells whether an event is over."""

    @property
    def state(self) -> str: ...
    @property
    def ends_at(self) -> datetime: ...


def is_over(event: Ending, now: datetime) -> bool:
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


class Direction(StrEnum):
    """Which way people pass a gate."""

    IN = "in"
    OUT = "out"
    BOTH = "both"


@dataclass(frozen=True, kw_only=True)
class EventValues:
    """What an organiser decides about an event. Times are wall times in `zone`; `…_second` picks the later of two when the clocks go back.

    An empty `slug` is proposed from the title. `description` is Markdown.
    `cover` holds file, width, height, alt, caption and credit of a stored picture, or is None.
    """

    title: Mapping[str, str]
    doors_wall: datetime
    starts_wall: datetime
    ends_wall: datetime
    doors_second: bool = False
    starts_second: bool = False
    ends_second: bool = False
    zone: str = "Europe/Paris"
    slug: str = ""
    kind: str = EventKind.CONFERENCE
    edition_id: int | None = None
    space_id: int | None = None
    track_id: int | None = None
    summary: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    bring: Mapping[str, str] = field(default_factory=dict)
    access: Mapping[str, str] = field(default_factory=dict)
    colour: str = COLOUR
    visibility: str = Visibility.PUBLIC
    flagship: bool = False
    spoken: tuple[str, ...] = ()
    photo_notice: bool = True
    contact: str = ""
    expected: int | None = None
    cover: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class SeriesValues:
    """What comes back under one name. An empty `slug` is proposed from the name."""

    name: Mapping[str, str]
    slug: str = ""
    short_name: str = ""
    description: Mapping[str, str] = field(default_factory=dict)
    colour: str = COLOUR


@dataclass(frozen=True, kw_only=True)
class EditionValues:
    """One year of a series. An empty `slug` is made of the series' and the year; an empty `name` shows the series' own."""

    year: int
    number: int | None = None
    slug: str = ""
    name: Mapping[str, str] = field(default_factory=dict)
    period: Mapping[str, str] = field(default_factory=dict)
    starts_on: date | None = None
    ends_on: date | None = None
    colour: str = COLOUR
    figures: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class VenueValues:
    """A place with an address."""

    name: str
    address: str = ""
    city: str = ""
    access: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SpaceValues:
    """A room or ground. The safety capacity is typed from a document of the venue, named with its author and date."""

    name: str
    kind: str = SpaceKind.ROOM
    ticket_capacity: int | None = None
    safety_capacity: int | None = None
    safety_source: str = ""
    safety_author: str = ""
    safety_on: date | None = None


def instants(values: EventValues) -> tuple[datetime, datetime, datetime]:
    """Doors, start and end as instants, in their order.

    Raises Refused: time.does_not_exist, zone.unknown, event.dates_out_of_order, event.too_long.
    """
    doors_at = instant(values.doors_wall, values.zone, second=values.doors_second)
    starts_at = instant(values.starts_wall, values.zone, second=values.starts_second)
    ends_at = instant(values.ends_wall, values.zone, second=values.ends_second)
    check_dates(doors_at, starts_at, ends_at)
    return doors_at, starts_at, ends_at


def check_space(values: SpaceValues) -> None:
    """A safety capacity without the document it was read in is a number that nobody answers for.

    Raises Refused: space.safety_unsourced.
    """
    if values.safety_capacity is not None and not (values.safety_source.strip() and values.safety_author.strip() and values.safety_on):
        raise Refused("space.safety_unsourced", status=422)


def turned_away(counts: Mapping[str, object]) -> int:
    """People refused at the door, from the figures written down after an event: one number, or numbers by reason. 0 where nobody says."""
    refused = counts.get("turned_away", counts.get("refused"))
    if isinstance(refused, list):
        return sum(entry["n"] for entry in refused if isinstance(entry, dict) and isinstance(entry.get("n"), int))
    return refused if isinstance(refused, int) else 0
