"""The verbs of registration. Each takes the event's lock first and ends with `allocate`."""

from eventapp.registration.actions.allocation import Allocation, allocate
from eventapp.registration.actions.approvals import Approvals, approve, reject
from eventapp.registration.actions.arrivals import arrive
from eventapp.registration.actions.ballots import draw, drop_ballot, set_up_ballot
from eventapp.registration.actions.changes import change_type, enlarge, resize
from eventapp.registration.actions.closing import close
from eventapp.registration.actions.deficits import ask_for_volunteers, revoke_several, tell_volunteers
from eventapp.registration.actions.endings import disown, give_back, revoke
from eventapp.registration.actions.enrolments import accept_swap, decline_swap, enrol, leave_session, set_swap
from eventapp.registration.actions.invitations import Invitation, accept_invitation, invite
from eventapp.registration.actions.line import set_allocation
from eventapp.registration.actions.newcomers import Request
from eventapp.registration.actions.offers import accept, decline, extend, wish
from eventapp.registration.actions.proofs import verify
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
from eventapp.registration.actions.reconfirmations import ask, reconfirm
from eventapp.registration.actions.records import record
from eventapp.registration.actions.registrations import Outcome, correct, register, send_link
from eventapp.registration.actions.slots import change_slot, open_slot, withdraw_slot
from eventapp.registration.actions.timers import started, tell_the_line, tend
from eventapp.registration.actions.transfers import Transfer, transfer, was_transferred

__all__ = [
    "Allocation",
    "Approvals",
    "Invitation",
    "Outcome",
    "Request",
    "Transfer",
    "accept",
    "accept_invitation",
    "accept_swap",
    "allocate",
    "approve",
    "archive",
    "arrive",
    "ask",
    "ask_for_volunteers",
    "call_off",
    "change_slot",
    "change_type",
    "close",
    "correct",
    "create_quota",
    "create_ticket_type",
    "decline",
    "decline_swap",
    "delete_quota",
    "delete_ticket_type",
    "disown",
    "draw",
    "drop_ballot",
    "enlarge",
    "enrol",
    "extend",
    "give_back",
    "invite",
    "leave_session",
    "open_slot",
    "postpone",
    "publish",
    "reconfirm",
    "record",
    "register",
    "reject",
    "resize",
    "revoke",
    "revoke_several",
    "send_link",
    "set_allocation",
    "set_limit",
    "set_swap",
    "set_up_ballot",
    "started",
    "tell_the_line",
    "tell_volunteers",
    "tend",
    "transfer",
    "update_quota",
    "update_ticket_type",
    "verify",
    "was_transferred",
    "wish",
    "withdraw_slot",
]
