"""What each phone may do at the door, from its enrolment; and how much of anything it may send.

Source: door.md §1, §14.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

APP = "1"
"""The release of the phone application: the one that is served, and the oldest that the API still understands."""

MAX_LABEL = 60
MAX_NOTE = 200
MAX_USES = 50
MAX_BATCH = 200
MIN_SEARCH = 3
MAX_FOUND = 8
ENROLMENT_LIFE = timedelta(minutes=10)
AFTER_END = timedelta(hours=2)
"""A credential works until this long after the end of its event."""

SEEN_EVERY = timedelta(seconds=30)
"""A phone's last contact is written this often, not with every scan and every question."""


class Role(StrEnum):
    """What a phone is trusted with, from its enrolment."""

    SCAN = "scan"
    DESK = "desk"
    SUPERVISOR = "supervisor"
    SCREEN = "screen"


class Task(StrEnum):
    """What a phone may want to do."""

    SCAN = "scan"
    CLICK = "click"
    TURN_AWAY = "turn_away"
    UNDO_OWN = "undo_own"
    SEARCH = "search"
    GIVE_NUMBER = "give_number"
    MARK_NUMBER = "mark_number"
    REISSUE = "reissue"
    OVERRIDE = "override"
    CALL = "call"
    LINE = "line"
    RECOUNT = "recount"
    UNDO_ANY = "undo_any"
    WRITE_OFF = "write_off"
    SETTLE = "settle"
    ENROL = "enrol"
    BOARD = "board"


_GATE_TASKS = frozenset({Task.SCAN, Task.CLICK, Task.TURN_AWAY, Task.UNDO_OWN})
_DESK_TASKS = _GATE_TASKS | {
    Task.SEARCH,
    Task.GIVE_NUMBER,
    Task.MARK_NUMBER,
    Task.REISSUE,
}
_TASKS = {
    Role.SCAN: _GATE_TASKS,
    Role.DESK: _DESK_TASKS,
    Role.SUPERVISOR: frozenset(Task) - {Task.BOARD},
    Role.SCREEN: frozenset({Task.BOARD}),
}


class DeviceState(StrEnum):
    """ENDED by time or at the end of a shift, REVOKED by an organiser: both are deaf from then on."""

    ACTIVE = "active"
    ENDED = "ended"
    REVOKED = "revoked"


def role_may(role: Role, task: Task) -> bool:
    """Whether a phone of this role may do this. Limits of time and number (undo) are the action's."""
    return task in _TASKS[role]
