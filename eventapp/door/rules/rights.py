"""The state of a ticket as the door sees it, in one letter, and what name it is shown by."""

from __future__ import annotations

from typing import Protocol

from eventapp.door.rules.facts import EntryState
from eventapp.registration.rules import State

_STATES = {
    State.CONFIRMED: EntryState.CONFIRMED,
    State.HELD: EntryState.HELD,
    State.OFFERED: EntryState.OFFERED,
    State.WAITLISTED: EntryState.WAITLISTED,
    State.PENDING_APPROVAL: EntryState.PENDING,
    State.CANCELLED: EntryState.CANCELLED,
    State.DECLINED: EntryState.CANCELLED,
    State.EXPIRED: EntryState.CANCELLED,
    State.REJECTED: EntryState.CANCELLED,
    State.REVOKED: EntryState.REVOKED,
}


class Named(Protocol):
    """Somebody with a name."""

    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...


def entry_state(party: State, *, left: bool, replaced: bool) -> EntryState:
    """What a code is worth: replaced whatever else it was, cancelled for somebody who gave back a place of a party that comes."""
    if replaced:
        return EntryState.REPLACED
    return EntryState.CANCELLED if left else _STATES[party]


def shown_name(attendee: Named, party: Named) -> str:
    """The attendee's own name; a companion without one goes by that of the party."""
    holder = attendee if attendee.first_name or attendee.last_name else party
    return f"{holder.first_name} {holder.last_name}".strip()
