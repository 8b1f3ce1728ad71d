"""Days and instants as the door counts them: 06:00 to 06:00 on the wall, whole milliseconds since 1970. Source: door.md §4."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eventapp.door.rules.facts import Day

DAY_BEGINS = time(6)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day_of(moment: datetime, zone: str) -> tuple[date, Day]:
    """The day of the event in which a moment lies, so that midnight splits no evening."""
    place = ZoneInfo(zone)
    wall = moment.astimezone(place).replace(tzinfo=None)
    on = wall.date() if wall.time() >= DAY_BEGINS else wall.date() - timedelta(days=1)
    begins = datetime.combine(on, DAY_BEGINS, tzinfo=place)
    ends = datetime.combine(on + timedelta(days=1), DAY_BEGINS, tzinfo=place)
    return on, Day(on.isoformat(), milliseconds(begins), milliseconds(ends))


def milliseconds(moment: datetime) -> int:
    """An instant as the rule and the phones count it."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def instant(at: int) -> datetime:
    """The instant of a count of milliseconds."""
    return EPOCH + timedelta(milliseconds=at)


def stamp(moment: datetime) -> str:
    """An instant in JSON: RFC 3339, UTC, milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
