"""What the rule of the door is told: the right to come in, the phone that asks, and what is true at this instant.

Instants are integers, milliseconds since 1970. Twin: static/js/door/facts.js. Source: door.md §4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag, StrEnum

from eventapp.door.rules.devices import DeviceState

ALWAYS = (0, 8_640_000_000_000_000)
"""From and to of a ticket type without a window of its own."""


class Direction(StrEnum):
    """Which way a body moves through a gate."""

    IN = "in"
    OUT = "out"


class EntryState(StrEnum):
    """The state of a right to come in, in the one letter of the phone's table."""

    CONFIRMED = "c"
    HELD = "h"
    OFFERED = "o"
    WAITLISTED = "w"
    PENDING = "p"
    CANCELLED = "x"
    REVOKED = "r"
    REPLACED = "t"
    STANDBY_WAITING = "s"
    STANDBY_CALLED = "k"
    STANDBY_PASSED = "z"
    STANDBY_OVER = "v"
    STANDBY_ADMITTED = "a"


class Note(IntFlag):
    """What whoever stands at the gate must know of a guest; bits of `notes`."""

    PMR_PLACE = 1
    VIP = 2
    MINOR = 4
    BADGE = 8
    NO_PHOTO = 16
    ORGANISER = 32


@dataclass(frozen=True)
class Passage:
    """A body through a gate: direction, instant, names of gate and phone."""

    dir: Direction
    at: int
    gate: str
    device: str


@dataclass(frozen=True)
class Entry:
    """A right to come in as the door knows it; `i` of `n` in a party, `rank` in a line, `sessions` it holds."""

    event: str
    type: int | None
    state: EntryState
    since_at: int
    rank: int | None = None
    call_until_at: int | None = None
    i: int = 1
    n: int = 1
    notes: int = 0
    sessions: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Device:
    """The phone that asks. Without a table (`table_at` None) it can only ask the server, which judges with its own rows."""

    event: str
    gate: str
    dir: Direction
    state: DeviceState
    until_at: int
    session: str | None = None
    table_at: int | None = None
    table_ttl_ms: int = 28_800_000


@dataclass(frozen=True)
class Day:
    """A day of the event: from included, to excluded; 06:00 to 06:00 unless the event says otherwise."""

    day: str
    from_at: int
    to_at: int


@dataclass(frozen=True)
class Window:
    """When a ticket type admits, and on which day: from included, to excluded."""

    from_at: int
    to_at: int
    day: str


@dataclass(frozen=True)
class TypeFacts:
    """What the door must know of a ticket type; `gates` None: every gate."""

    windows: tuple[Window, ...]
    gates: tuple[str, ...] | None = None
    releasable: bool = False


@dataclass(frozen=True)
class Facts:
    """What is true at this instant. `leased`: bodies other phones hold on lease; `free_seats`: net of their seat leases.

    `gauge` None: the space has no safety gauge yet. A phone's own verdict is always computed with `online` False.
    """

    now: int
    days: tuple[Day, ...]
    types: Mapping[int, TypeFacts]
    release_at: int | None = None
    gauge: int | None = None
    occupancy: int = 0
    leased: int = 0
    guarded: bool = False
    free_seats: int = 0
    lease_bodies: int = 0
    lease_seats: int = 0
    online: bool = True
