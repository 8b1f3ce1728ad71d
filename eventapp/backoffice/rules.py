"""What to do next about an event, and how its people came. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Protocol, TypeVar

from eventapp.events import rules as events

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Step(StrEnum):
    """The one next thing to do about an event."""

    PUBLISH = "publish"
    MEND = "mend"  # more seats given than the limit allows
    DOOR = "door"
    RAISE = "raise"  # people wait, and no seat is left
    GUARDED = "guarded"  # people wait, and what is free is kept for allotments
    POSTPONED = "postponed"
    CLOSE = "close"
    WATCH = "watch"
    NOTHING = "nothing"


def next_step(event: events.Dated, *, freeze_at: datetime, used: int, limit: int, waiting: int, guarded: int = 0, now: datetime) -> Step:
    """What an organiser should look at first; `guarded` seats are free, and kept for allotments."""
    if event.state == events.EventState.DRAFT:
        return Step.PUBLISH
    if event.state == events.EventState.POSTPONED:
        return Step.POSTPONED
    if event.state != events.EventState.PUBLISHED:
        return Step.NOTHING
    if events.is_over(event, now):
        return Step.CLOSE
    if used > limit:
        return Step.MEND
    if now >= freeze_at:
        return Step.DOOR
    if waiting and used >= limit:
        return Step.RAISE
    return Step.GUARDED if waiting and guarded else Step.WATCH


@dataclass(frozen=True)
class After:
    """What an event that is over has to tell: persons registered, come, and absent. None where nobody knows."""

    registered: int | None
    came: int | None
    turned_away: int = 0

    @property
    def absent(self) -> int | None:
        """Registered and not come; None when more came than had registered, because then they are not the same people."""
        if self.registered is None or self.came is None or self.came > self.registered:
            return None
        return self.registered - self.came

    @property
    def absent_share(self) -> int | None:
        """The same in whole per cent of the registered."""
        return round(100 * self.absent / self.registered) if self.absent is not None and self.registered else None


def after(*, confirmed: int, arrived: int, recorded: Mapping[str, object]) -> After:
    """The figures of this system where it was used, else those that were written down afterwards (`Event.counts`)."""

    def told(name: str) -> int | None:
        value = recorded.get(name)
        return value if isinstance(value, int) else None

    return After(confirmed or told("registered"), arrived or told("came"), events.turned_away(recorded))


@dataclass(frozen=True)
class Tonight:
    """An event under way: bodies inside, confirmed people who have not come yet, bodies that may be inside; None without a gauge."""

    inside: int
    to_come: int
    gauge: int | None

    @property
    def holds(self) -> bool:
        """Whether everybody confirmed may still come in."""
        return self.gauge is None or self.inside + self.to_come <= self.gauge


@dataclass(frozen=True)
class Slot:
    """People who came in from `begins_at` on, for one step of the curve, and all of them up to its end."""

    begins_at: datetime
    came: int
    total: int


@dataclass(frozen=True)
class Curve:
    """Arrivals over time, from the first to the last, in steps of `step_minutes`."""

    slots: tuple[Slot, ...]
    step_minutes: int

    @property
    def busiest(self) -> Slot:
        """The step in which most came, the first of equals."""
        return max(self.slots, key=lambda slot: slot.came)


STEPS_MINUTES = (5, 15, 60, 1440)
MAX_SLOTS = 96


def arrivals(moments: Sequence[datetime]) -> Curve | None:
    """First entries as a curve: five minutes a step, or more where an event lasts long; None before anybody came."""
    if not moments:
        return None
    first, last = min(moments), max(moments)
    minutes = next((one for one in STEPS_MINUTES if (last - first) / timedelta(minutes=one) < MAX_SLOTS), STEPS_MINUTES[-1])
    step = timedelta(minutes=minutes)
    begin = first - (first - EPOCH) % step
    came = Counter((moment - begin) // step for moment in moments)
    slots, total = [], 0
    for place in range(max(came) + 1):
        total += came[place]
        slots.append(Slot(begin + place * step, came[place], total))
    return Curve(tuple(slots), minutes)


class Deed(Protocol):
    """An entry of the journal, as far as it is compared with its neighbours."""

    @property
    def id(self) -> int: ...
    @property
    def verb(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def reason(self) -> str: ...


AnyDeed = TypeVar("AnyDeed", bound=Deed)


def told_once(deeds: Iterable[AnyDeed], most: int) -> tuple[list[AnyDeed], dict[int, int]]:
    """The first of each run of equal deeds, and by its id how many the run holds, so that a rush of registrations does not hide the rest."""
    runs = [list(run) for _key, run in groupby(deeds, key=lambda one: (one.verb, one.actor, one.reason))][:most]
    return [run[0] for run in runs], {run[0].id: len(run) for run in runs}
