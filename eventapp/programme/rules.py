"""What an agenda holds: kinds of programme sessions, what may be typed about them and about who speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from eventapp.lib.refusal import Refused

MAX_TITLE = 160
MAX_ABSTRACT = 3_000
MAX_ROLE = 200
MAX_NAME = 120
MAX_ORGANISATION = 120
MAX_ALT = 300
MAX_CREDIT = 120
MAX_CAPACITY = 200_000
MAX_PROGRAMME_SESSIONS = 500
MAX_APPEARANCES = 1_000
LANGUAGES = ("fr", "en")


class Kind(StrEnum):
    """What sort of programme session."""

    ADDRESS = "address"
    PLENARY = "plenary"
    KEYNOTE = "keynote"
    ROUND_TABLE = "round_table"
    WORKSHOP = "workshop"
    PRESS = "press"
    AWARD = "award"
    BREAK = "break"


KIND_WORDS: Mapping[Kind, Mapping[str, str]] = {
    Kind.ADDRESS: {"fr": "Intervention institutionnelle", "en": "Institutional address"},
    Kind.PLENARY: {"fr": "Plénière", "en": "Plenary"},
    Kind.KEYNOTE: {"fr": "Conférence", "en": "Keynote"},
    Kind.ROUND_TABLE: {"fr": "Table ronde", "en": "Round table"},
    Kind.WORKSHOP: {"fr": "Atelier", "en": "Workshop"},
    Kind.PRESS: {"fr": "Point presse", "en": "Press point"},
    Kind.AWARD: {"fr": "Remise de prix", "en": "Award"},
    Kind.BREAK: {"fr": "Pause", "en": "Break"},
}


@dataclass(frozen=True, kw_only=True)
class ProgrammeValues:
    """What an organiser says of one programme session. Times are wall times in the event's zone; both or none.

    `capacity` informs and limits nobody, unless people enrol for the session: then it is the number of its places.
    """

    title: Mapping[str, str]
    kind: str = Kind.PLENARY
    starts_wall: datetime | None = None
    ends_wall: datetime | None = None
    space_id: int | None = None
    track_id: int | None = None
    language: str = ""
    abstract: Mapping[str, str] = field(default_factory=dict)
    capacity: int | None = None
    enrolment: bool = False


@dataclass(frozen=True, kw_only=True)
class SpeakerValues:
    """Who speaks, in which role and for whom. Name and portrait are the person's, everywhere; role and body are of this appearance alone.

    `portrait` holds file, width, height, alt and credit of a stored picture; None leaves the one there is.
    """

    name: str
    role: Mapping[str, str] = field(default_factory=dict)
    organisation: str = ""
    portrait: Mapping[str, Any] | None = None
    programme_session: str = ""  # the public id of the programme session; "" speaks at the event as a whole
    fictional: bool = False


def check_times(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Both or none, in their order.

    Raises Refused: programme.half_a_time, programme.dates_out_of_order.
    """
    if (starts_at is None) != (ends_at is None):
        raise Refused("programme.half_a_time", status=422)
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Refused("programme.dates_out_of_order", status=422)


def check_enrolment(*, enrolment: bool, starts_at: datetime | None, capacity: int | None) -> None:
    """People enrol for a session that has its time and a number of places.

    Raises Refused: programme.enrolment_without_time, programme.enrolment_without_places.
    """
    if enrolment and starts_at is None:
        raise Refused("programme.enrolment_without_time", status=422)
    if enrolment and capacity is None:
        raise Refused("programme.enrolment_without_places", status=422)
