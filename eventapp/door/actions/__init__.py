"""What the door does: invite and dismiss phones, scan."""

from eventapp.door.actions.asks import Answer, Ask, Outcome, Override, is_typed
from eventapp.door.actions.devices import create_enrolment, end_device, enrol, revoke_device, update_device
from eventapp.door.actions.scans import refuse_idle, scan, stamp

__all__ = [
    "Answer",
    "Ask",
    "Outcome",
    "Override",
    "create_enrolment",
    "end_device",
    "enrol",
    "is_typed",
    "refuse_idle",
    "revoke_device",
    "scan",
    "stamp",
    "update_device",
]
