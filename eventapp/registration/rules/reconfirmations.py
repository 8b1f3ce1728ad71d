"""Whether those who have a seat still come: who was asked, and who may answer. Pure. Silence costs nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from eventapp.lib.refusal import Refused
from eventapp.registration.rules.settings import Reconfirm, Settings
from eventapp.registration.rules.states import State


class Asked(Protocol):
    """What is needed of a registration: since when it has its seat, and after which instant it is asked (again)."""

    @property
    def state(self) -> str: ...
    @property
    def confirmed_at(self) -> datetime | None: ...
    @property
    def ask_after(self) -> datetime | None: ...


def was_asked(registration: Asked) -> bool:
    """Whether a party was asked since it has its seat. Who registered, was promoted or took over a place later was not."""
    since, after = registration.confirmed_at, registration.ask_after
    return since is not None and after is not None and after > since


def check_reconfirmation(registration: Asked) -> None:
    """Whether a party may say that it still comes.

    Raises Refused: reconfirm.not_seated; reconfirm.not_asked.
    """
    if registration.state != State.CONFIRMED:
        raise Refused("reconfirm.not_seated")
    if not was_asked(registration):
        raise Refused("reconfirm.not_asked")


class Ruled(Protocol):
    """What is needed of a registration: the version of the rules under which it was made."""

    @property
    def rules_version(self) -> int: ...


def silence_costs(registration: Ruled, settings: Settings) -> bool:
    """Whether a party that does not answer loses its seat: where that was published before it registered."""
    return settings.reconfirm == Reconfirm.STRICT and registration.rules_version >= settings.strict_since
