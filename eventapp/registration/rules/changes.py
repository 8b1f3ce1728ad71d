"""What a party may change of itself, and when. Pure."""

from __future__ import annotations

from enum import StrEnum

from eventapp.lib.refusal import Refused
from eventapp.registration.rules.states import TERMINAL, State


class Change(StrEnum):
    """What is asked for."""

    SIZE = "size"  # of a party that waits
    MORE = "more"  # persons beside those who have seats
    TYPE = "type"


def check_change(change: Change, state: str) -> None:
    """Whether a party in this state may change that.

    Raises Refused: registration.over; .answer_first, it is asked something itself; .not_waiting; .not_seated.
    """
    if state in TERMINAL:
        raise Refused("registration.over")
    if state not in {State.WAITLISTED, State.CONFIRMED}:
        raise Refused("registration.answer_first")
    if change == Change.SIZE and state != State.WAITLISTED:
        raise Refused("registration.not_waiting")
    if change == Change.MORE and state != State.CONFIRMED:
        raise Refused("registration.not_seated")


def may_change(change: Change, state: str) -> bool:
    """The same for a page, which offers nothing that would be refused."""
    try:
        check_change(change, state)
    except Refused:
        return False
    return True
