"""What the door does: invite and dismiss phones, scan."""

from eventapp.door.actions.asks import Answer, Ask, Outcome, Override, is_typed
from eventapp.door.actions.devices import create_enrolment, end_device, enrol, notice, revoke_device, update_device
from eventapp.door.actions.scans import SEEN_EVERY, refuse_idle, scan, stamp

__all__ = [
    "SEEN_EVERY",
    "Answer",
    "Ask",
    "Outcome",
    "Override",
    "create_enrolment",
    "end_device",
    "enrol",
    "is_typed",
    "notice",
    "refuse_idle",
    "revoke_device",
    "scan",
    "stamp",
    "update_device",
]
