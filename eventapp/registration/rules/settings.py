"""What an organiser may set about the line, and how it is kept. Pure. Source: docs/waitlist.md, the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time, timedelta
from enum import StrEnum
from typing import Any

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Reconfirm(StrEnum):
    """Whether those who have a seat are asked before the day if they still come, and what silence costs them: softly, nothing; strictly,
    the seat.
    """

    OFF = "off"
    SOFT = "soft"
    STRICT = "strict"


@dataclass(frozen=True)
class Settings:
    """What an organiser may set about the line. Durations before doors, on the wall clock; `quiet` hours in the venue's zone."""

    offers_before: timedelta = 7 * DAY
    last_day_before: timedelta = DAY
    freeze_before: timedelta = 3 * HOUR
    keep_before: timedelta | None = 7 * DAY  # None: no seats are kept for groups
    keep_max_party: int = 4
    early_window: timedelta = 48 * HOUR
    window_percent: int = 25
    window_least: timedelta = 2 * HOUR
    window_most: timedelta = DAY
    quiet_from: time = time(21)
    quiet_to: time = time(8)
    lapses: int = 2
    show_chance: bool = True
    version: int = 1  # of the published rules: one more with each change
    verify_address: bool = False  # a seat is held, and nobody in line is seated, until the address has been proved
    hold: timedelta = timedelta(minutes=30)
    unverified_after: timedelta = 48 * HOUR
    velocity: int = 0  # registrations from one network in ten minutes, above which proof is asked all the same; 0: no such bound
    reconfirm: Reconfirm = Reconfirm.OFF
    strict_since: int = 0  # the version that published that silence costs the seat: it holds for who registers from then on; 0: none does


DEFAULTS = Settings()


def settings_of(values: Mapping[str, Any]) -> Settings:
    """Settings as they are kept: minutes, whole numbers, "21:00". What is not named has its default.

    Raises TypeError: a name that is no setting.
    """
    kinds = {one.name: type(getattr(DEFAULTS, one.name)) for one in fields(Settings)}
    unknown = values.keys() - kinds.keys()
    if unknown:
        raise TypeError(f"no settings of the line: {sorted(unknown)}")
    made: dict[str, Any] = {}
    for name, value in values.items():
        if value is not None and kinds[name] is timedelta:
            value = timedelta(minutes=value)
        elif kinds[name] is time:
            value = time.fromisoformat(value)
        elif issubclass(kinds[name], StrEnum):
            value = kinds[name](value)
        made[name] = value
    return Settings(**made)


def kept(settings: Settings) -> dict[str, Any]:
    """The plain values of which `settings_of` makes these settings again: those alone that differ from the defaults."""
    result: dict[str, Any] = {}
    for one in fields(settings):
        value = getattr(settings, one.name)
        if value == getattr(DEFAULTS, one.name):
            continue
        if isinstance(value, timedelta):
            value = value // timedelta(minutes=1)
        elif isinstance(value, time):
            value = value.isoformat(timespec="minutes")
        elif isinstance(value, StrEnum):
            value = str(value)
        result[one.name] = value
    return result


BOUNDS: Mapping[str, tuple[Any, Any]] = {
    "freeze_before": (timedelta(0), 30 * DAY),
    "keep_max_party": (2, 4),
    "early_window": (12 * HOUR, 7 * DAY),
    "window_percent": (1, 100),
    "window_least": (timedelta(minutes=10), 7 * DAY),
    "window_most": (timedelta(minutes=10), 7 * DAY),
    "lapses": (1, 3),
    "hold": (timedelta(minutes=10), DAY),
    "unverified_after": (2 * HOUR, 7 * DAY),
    "velocity": (0, 100_000),
}
"""The least and the most that each setting takes, where it has bounds of its own."""
