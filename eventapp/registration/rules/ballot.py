"""The draw that decides the order of a line: committed to beforehand, recomputable by anybody afterwards. Pure.

Source: docs/waitlist.md, the ballot.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from eventapp.lib.refusal import Refused
from eventapp.registration.rules.calendar import Calendar
from eventapp.registration.rules.states import TypeFacts

MAX_NUMBER = 200
SEPARATOR = b"\x1f"
UNDRAWN = 0
"""The lot of a party that takes part in a draw which has not taken place; afterwards its rank, from 1."""


class Entrant(Protocol):
    """What the draw reads of a party."""

    @property
    def id(self) -> int: ...
    @property
    def public_id(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


def commitment(seed: bytes) -> str:
    """What is published beforehand: the seed can be neither guessed from it nor changed afterwards."""
    return sha256(seed).hexdigest()


def key_of(seed: bytes, number: str) -> bytes:
    """The key of the draw, which nobody knows before the public number is."""
    return sha256(seed + SEPARATOR + number.encode()).digest()


def ranked(seed: bytes, number: str, public_ids: Iterable[str]) -> list[str]:
    """The ids in the order of the draw: one chance each, whatever the order in which they are given."""
    key = key_of(seed, number)
    return sorted(public_ids, key=lambda public_id: (hmac.digest(key, public_id.encode(), "sha256"), public_id))


def drawn(entrants: Iterable[Entrant], seed: bytes, number: str, *, draws_at: datetime) -> tuple[list[Entrant], list[Entrant]]:
    """Who was there before the instant of the draw, in its order; and who came later, in the order in which they came."""
    everybody = list(entrants)
    by_id = {one.public_id: one for one in everybody if one.created_at < draws_at}
    late = sorted((one for one in everybody if one.created_at >= draws_at), key=lambda one: one.id)
    return [by_id[public_id] for public_id in ranked(seed, number, by_id)], late


def may_set_up(kinds: Iterable[TypeFacts], *, published: bool, somebody_registered: bool, now: datetime) -> bool:
    """Whether the ballot of an event may still be set up, changed or dropped: nobody has registered or can."""
    opened = published and any(kind.opens_at is None or kind.opens_at <= now for kind in kinds)
    return not (somebody_registered or opened)


def check_date(draws_at: datetime, calendar: Calendar, now: datetime) -> None:
    """Raises Refused: ballot.date, the draw is over already, or leaves no day on which seats are given."""
    if not now < draws_at < calendar.last_day_from:
        raise Refused("ballot.date", latest=calendar.last_day_from, status=422)


def check_draw(*, event_state: str, draws_at: datetime, now: datetime) -> None:
    """Raises Refused: event.not_open; ballot.too_early, the public number cannot be known yet."""
    if event_state != "published":
        raise Refused("event.not_open")
    if now < draws_at:
        raise Refused("ballot.too_early", draws_at=draws_at)
