"""What the rule of the door answers. Twin: static/js/door/rulings.js. Source: door.md §4, §5."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from eventapp.door.rules.facts import Direction


class Verdict(StrEnum):
    """Everything a phone can answer. Words, colours and sounds: static/js/door/verdicts.json."""

    OK = "OK"
    OK_RETURN = "OK_RETURN"
    OK_NOTE = "OK_NOTE"
    OK_OUT = "OK_OUT"
    NOT_SYNCED = "NOT_SYNCED"
    ALREADY = "ALREADY"
    OTHER_EVENT = "OTHER_EVENT"
    OTHER_DAY = "OTHER_DAY"
    OTHER_SESSION = "OTHER_SESSION"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    WRONG_GATE = "WRONG_GATE"
    RELEASED = "RELEASED"
    WAITLISTED = "WAITLISTED"
    OFFERED = "OFFERED"
    PENDING = "PENDING"
    STANDBY_WAIT = "STANDBY_WAIT"
    STANDBY_OVER = "STANDBY_OVER"
    CANCELLED = "CANCELLED"
    REVOKED = "REVOKED"
    TRANSFERRED = "TRANSFERRED"
    UNKNOWN = "UNKNOWN"
    GAUGE_FULL = "GAUGE_FULL"
    DEVICE_OFF = "DEVICE_OFF"


class OverrideReason(StrEnum):
    """Why a supervisor let somebody in whom the rule refused."""

    WENT_OUT = "went_out"
    ID_CHECKED = "id_checked"
    STAFF_ERROR = "staff_error"
    OTHER = "other"


OVERRIDABLE = frozenset(
    {
        Verdict.TOO_EARLY,
        Verdict.TOO_LATE,
        Verdict.OTHER_DAY,
        Verdict.OTHER_SESSION,
        Verdict.WRONG_GATE,
        Verdict.ALREADY,
    }
)
"""Lines 9 to 12: what a supervisor may overrule, with a reason. The gauge stays out of everybody's reach."""


@dataclass(frozen=True)
class Ref:
    """What the screen names: an instant, a gate, a phone, a rank, a day, an event, the gates or sessions to go to."""

    at: int | None = None
    gate: str | None = None
    device: str | None = None
    rank: int | None = None
    day: str | None = None
    event: str | None = None
    gates: tuple[str, ...] | None = None
    sessions: tuple[str, ...] | None = None


NOTHING = Ref()


@dataclass(frozen=True)
class Ruling:
    """A verdict, which way it moves the body, a finer reason where there is one, and what the screen names."""

    verdict: Verdict
    moves: Direction | None = None
    reason: str | None = None
    ref: Ref = field(default=NOTHING)
