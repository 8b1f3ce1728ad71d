"""Who is touched first where more seats were given than a limit now allows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from eventapp.lib.refusal import Refused

ASKED_AGAIN_AFTER = timedelta(days=1)


class Sized(Protocol):
    """A party, as far as its size."""

    @property
    def size(self) -> int: ...


P = TypeVar("P", bound=Sized)


def covering(parties: Iterable[P], above: int) -> list[P]:
    """The first of these parties whose seats make up so many seats above the limit, or all of them where they are not enough."""
    chosen: list[P] = []
    for party in parties:
        if above <= 0:
            break
        chosen.append(party)
        above -= party.size
    return chosen


def check_revocations(chosen: Sequence[Sized], above: int) -> None:
    """Whether the seats of all these parties may be taken back, where so many are above the limit: no party more than makes up for it.

    Raises Refused: deficit.nobody; deficit.over, the limit holds again; deficit.too_many.
    """
    if not chosen:
        raise Refused("deficit.nobody", status=422)
    if above <= 0:
        raise Refused("deficit.over")
    sizes = [party.size for party in chosen]
    if sum(sizes) - min(sizes) >= above:
        raise Refused("deficit.too_many", above=above, status=422)


def check_volunteers(*, above: int, asked_at: datetime | None, now: datetime) -> None:
    """Whether those who have seats may be asked who could give theirs back: nobody is asked more than once a day.

    Raises Refused: deficit.over, the limit holds; deficit.asked_already.
    """
    if above <= 0:
        raise Refused("deficit.over")
    if asked_at is not None and now < asked_at + ASKED_AGAIN_AFTER:
        raise Refused("deficit.asked_already")
