"""Who is touched first where more seats were given than a limit now allows. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


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
