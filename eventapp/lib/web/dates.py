"""Dates, hours and numbers as people write them, for templates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Flask
from flask_babel import format_decimal, get_locale

DEFAULT_ZONE = "Europe/Paris"


def _french() -> bool:
    return str(get_locale() or "fr").startswith("fr")


def local(moment: datetime, zone: str = DEFAULT_ZONE) -> datetime:
    """An instant as the wall clock of a zone shows it."""
    return moment.astimezone(ZoneInfo(zone))


def _wall(moment: datetime | date, zone: str) -> datetime | date:
    return local(moment, zone) if isinstance(moment, datetime) and moment.tzinfo else moment


def day(moment: datetime | date, zone: str = DEFAULT_ZONE) -> str:
    """« jeudi 24 septembre 2027 », "Thursday 24 September 2027"."""
    pattern = "EEEE d MMMM y" if not _french() or _wall(moment, zone).day != 1 else "EEEE d'er' MMMM y"
    return format_date(_wall(moment, zone), pattern, locale=str(get_locale() or "fr"))


def short_day(moment: datetime | date, zone: str = DEFAULT_ZONE) -> str:
    """« 24 sept. 2027 », "24 Sep 2027"."""
    return format_date(_wall(moment, zone), "d MMM y", locale=str(get_locale() or "fr"))


def weekday(moment: datetime | date, zone: str = DEFAULT_ZONE) -> str:
    """« jeudi », "Thursday"."""
    return format_date(_wall(moment, zone), "EEEE", locale=str(get_locale() or "fr"))


def month(moment: datetime | date, zone: str = DEFAULT_ZONE) -> str:
    """« septembre 2027 », "September 2027"."""
    return format_date(_wall(moment, zone), "MMMM y", locale=str(get_locale() or "fr"))


def day_number(moment: datetime | date, zone: str = DEFAULT_ZONE) -> int:
    """24."""
    return _wall(moment, zone).day


def hour(moment: datetime, zone: str = DEFAULT_ZONE) -> str:
    """« 18 h 30 », « 18 h », "18:30"."""
    wall = local(moment, zone) if moment.tzinfo else moment
    if not _french():
        return f"{wall.hour:02}:{wall.minute:02}"
    return f"{wall.hour}\u00a0h" + (f"\u00a0{wall.minute:02}" if wall.minute else "")


def moment(value: datetime, zone: str = DEFAULT_ZONE) -> str:
    """« jeudi 24 septembre 2027 à 18 h 30 », "Thursday 24 September 2027, 18:30"."""
    return f"{day(value, zone)}{' à ' if _french() else ', '}{hour(value, zone)}"


def iso(value: datetime, zone: str = DEFAULT_ZONE) -> str:
    """For the `datetime` attribute: RFC 3339 with the zone's offset."""
    return local(value, zone).isoformat(timespec="minutes") if value.tzinfo else value.isoformat(timespec="minutes")


def number(value: float) -> str:
    """« 1 140 », "1,140"."""
    return str(format_decimal(value))


def ordinal(value: int) -> str:
    """« 37e », "37th": the number of a place in line."""
    if _french():
        return "1re" if value == 1 else f"{value}e"
    suffix = "th" if value % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{suffix}"


def ordinal_suffix(value: int) -> str:
    """What stands after the digits of `ordinal`."""
    return ordinal(value).lstrip("0123456789")


def paragraphs(text: str) -> list[str]:
    """Plain text cut at its empty lines."""
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def install(app: Flask) -> None:
    """Name them in templates."""
    filters: dict[str, Any] = {
        "day": day,
        "short_day": short_day,
        "weekday": weekday,
        "month": month,
        "day_number": day_number,
        "hour": hour,
        "moment": moment,
        "iso": iso,
        "local": local,
        "number": number,
        "ordinal": ordinal,
        "ordinal_suffix": ordinal_suffix,
        "paragraphs": paragraphs,
    }
    app.jinja_env.filters.update(filters)
