"""The only clock. Read by the edges alone; everything below is told `now`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def running() -> datetime:
    """The system's time, aware, in UTC."""
    return datetime.now(UTC)


def clock_from(text: str | None) -> Clock:
    """The clock that EVENTAPP_NOW asks for: the system's, or one that starts at `text` (ISO 8601) and runs; with a trailing `=` it stands still.

    Raises ValueError: the text is no aware instant.
    """
    if not text:
        return running
    still = text.endswith("=")
    start = datetime.fromisoformat(text.rstrip("="))
    if start.tzinfo is None:
        raise ValueError("EVENTAPP_NOW needs a time zone, such as 2027-09-23T18:00+02:00")
    start = start.astimezone(UTC)
    if still:
        return lambda: start
    offset = start - running()
    return lambda: running() + offset


def monotonic() -> float:
    """Seconds of a clock that never steps back; its zero means nothing."""
    return time.monotonic()
