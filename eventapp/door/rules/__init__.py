"""What the door decides: who may come in, and what each phone may do. Pure; its twin in JavaScript runs on the phones."""

from eventapp.door.rules.days import day_of, instant, milliseconds, stamp
from eventapp.door.rules.devices import (
    AFTER_END,
    ENROLMENT_LIFE,
    MAX_BATCH,
    MAX_FOUND,
    MAX_LABEL,
    MAX_NOTE,
    MAX_USES,
    MIN_SEARCH,
    SEEN_EVERY,
    DeviceState,
    Role,
    Task,
    role_may,
)
from eventapp.door.rules.facts import Day, Device, Direction, Entry, EntryState, Facts, Note, Passage, TypeFacts, Window
from eventapp.door.rules.judgement import overruled, verdict
from eventapp.door.rules.rulings import OVERRIDABLE, OverrideReason, Ref, Ruling, Verdict

__all__ = [
    "AFTER_END",
    "ENROLMENT_LIFE",
    "MAX_BATCH",
    "MAX_FOUND",
    "MAX_LABEL",
    "MAX_NOTE",
    "MAX_USES",
    "MIN_SEARCH",
    "OVERRIDABLE",
    "SEEN_EVERY",
    "Day",
    "Device",
    "DeviceState",
    "Direction",
    "Entry",
    "EntryState",
    "Facts",
    "Note",
    "OverrideReason",
    "Passage",
    "Ref",
    "Role",
    "Ruling",
    "Task",
    "TypeFacts",
    "Verdict",
    "Window",
    "day_of",
    "instant",
    "milliseconds",
    "overruled",
    "role_may",
    "stamp",
    "verdict",
]
