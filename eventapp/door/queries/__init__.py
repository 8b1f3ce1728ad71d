"""Questions of the door, and the one lock of an event's bodies. A scan needs eight statements, whatever the event's size and the batch's."""

from eventapp.door.queries.counts import (
    Counters,
    GateCount,
    by_gate,
    counters,
    entries_since,
    faults,
    first_entries,
    passage_count,
    totals,
)
from eventapp.door.queries.doors import GateFacts, door, event_of, gates
from eventapp.door.queries.phones import Phone, device_by_credential, devices, enrolment_for, phone
from eventapp.door.queries.scans import last_scans
from eventapp.door.queries.tickets import Right, right_of

__all__ = [
    "Counters",
    "GateCount",
    "GateFacts",
    "Phone",
    "Right",
    "by_gate",
    "counters",
    "device_by_credential",
    "devices",
    "door",
    "enrolment_for",
    "entries_since",
    "event_of",
    "faults",
    "first_entries",
    "gates",
    "last_scans",
    "passage_count",
    "phone",
    "right_of",
    "totals",
]
