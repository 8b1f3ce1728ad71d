"""What the door does: invite and dismiss phones, scan."""

from eventapp.door.actions.answers import Answer, Outcome
from eventapp.door.actions.asks import Ask, Override
from eventapp.door.actions.devices import create_enrolment, end_device, enrol, notice, revoke_device, update_device
from eventapp.door.actions.scans import scan
from eventapp.door.actions.shifts import refuse_idle

__all__ = [
    "Answer",
    "Ask",
    "Outcome",
    "Override",
    "create_enrolment",
    "end_device",
    "enrol",
    "notice",
    "refuse_idle",
    "revoke_device",
    "scan",
    "update_device",
]
