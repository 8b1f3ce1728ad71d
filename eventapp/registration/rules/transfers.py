"""Whether a place may be passed on to another person. Pure. The seat does not move: its holder does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from eventapp.lib.refusal import Refused
from eventapp.registration.rules.states import SEATED, State


class Kind(Protocol):
    """What is needed of a ticket type."""

    @property
    def transferable(self) -> bool: ...
    @property
    def approval(self) -> bool: ...


def check_transfer(kind: Kind, *, event_state: str, state: str, doors_at: datetime, by_organiser: bool, now: datetime) -> None:
    """Whether places of a party in this state may be passed on at all. A place in line is nobody's to pass on; where the organiser
    decides who comes, only they pass places on.

    Raises Refused: event.not_open, transfer.waiting, transfer.not_allowed, approval.needed, transfer.too_late (doors are open).
    """
    if event_state != "published":
        raise Refused("event.not_open")
    if state != State.CONFIRMED:
        raise Refused("transfer.waiting")
    if not kind.transferable:
        raise Refused("transfer.not_allowed")
    if kind.approval and not by_organiser:
        raise Refused("approval.needed")
    if now >= doors_at:
        raise Refused("transfer.too_late")


def check_recipient(states: Iterable[str]) -> None:
    """Whether somebody with live registrations in these states may be given a place: nobody holds two for one event.

    Raises Refused: transfer.recipient, in which nothing says why (docs/decisions/0018).
    """
    if not SEATED.isdisjoint(states):
        raise Refused("transfer.recipient")
