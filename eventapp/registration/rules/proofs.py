"""Proof of an address: of whom it is asked, until when, and who still owes it. Pure. Source: docs/waitlist.md, the address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from eventapp.registration.rules.calendar import Calendar
from eventapp.registration.rules.states import State

MORE_TO_PROVE = timedelta(minutes=30)
"""By how much a held seat is kept longer, once."""


class Proving(Protocol):
    """What is needed of a party to say whether it still owes the proof of its address."""

    @property
    def state(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def verified_at(self) -> datetime | None: ...


def unproven(party: Proving) -> bool:
    """Whether a party was asked to prove its address and has not: its seat is held, its place in line ends without it, or the
    organiser cannot approve it."""
    if party.state == State.PENDING_APPROVAL:
        return party.verified_at is None
    return party.state == State.HELD or (party.state == State.WAITLISTED and party.expires_at is not None)


def asks_proof(calendar: Calendar, *, hasty: bool, now: datetime) -> bool:
    """Whether newcomers are to prove their address. `hasty`: too many have come from where this one comes from.

    From doors on nobody is asked: there would be no time to answer in.
    """
    return (calendar.settings.verify_address or hasty) and now < calendar.doors_at


def prove_by(state: State, calendar: Calendar, now: datetime) -> datetime:
    """Until when an address is to be proved, for a seat that is held or a place in line. Neither outlives doors."""
    window = calendar.settings.hold if state == State.HELD else calendar.settings.unverified_after
    return min(now + window, calendar.doors_at)


def held_longer(answer_by: datetime, calendar: Calendar) -> datetime:
    """Until when a held seat is kept that is kept longer."""
    return min(answer_by + MORE_TO_PROVE, calendar.doors_at)
