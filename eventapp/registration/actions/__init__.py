"""The verbs of registration. Each takes the event's lock first and ends with `allocate`."""

from eventapp.registration.actions.allocation import Allocation, allocate
from eventapp.registration.actions.arrivals import arrive
from eventapp.registration.actions.endings import disown, give_back, revoke
from eventapp.registration.actions.publication import archive, call_off, postpone, publish
from eventapp.registration.actions.quotas import (
    create_quota,
    create_ticket_type,
    delete_quota,
    delete_ticket_type,
    set_limit,
    update_quota,
    update_ticket_type,
)
from eventapp.registration.actions.records import record
from eventapp.registration.actions.registrations import Outcome, Request, correct, register, send_link

__all__ = [
    "Allocation",
    "Outcome",
    "Request",
    "allocate",
    "archive",
    "arrive",
    "call_off",
    "correct",
    "create_quota",
    "create_ticket_type",
    "delete_quota",
    "delete_ticket_type",
    "disown",
    "give_back",
    "postpone",
    "publish",
    "record",
    "register",
    "revoke",
    "send_link",
    "set_limit",
    "update_quota",
    "update_ticket_type",
]
