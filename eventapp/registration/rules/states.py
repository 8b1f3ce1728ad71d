"""Words of the line: states, and what the rule needs to know of a party, a quota and a ticket type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from eventapp.lib.signing import sha256

MAX_NAME = 80
MAX_ORGANISATION = 120
MAX_REASON = 500
MAX_PARTY = 50
EVERYONE = 5
HARMED = 0


class State(StrEnum):
    """Where a registration stands. A terminal one never lives again."""

    PENDING_APPROVAL = "pending_approval"
    HELD = "held"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"
    REJECTED = "rejected"
    REVOKED = "revoked"


SEATED = frozenset({State.HELD, State.OFFERED, State.CONFIRMED})
LIVE = SEATED | {State.PENDING_APPROVAL, State.WAITLISTED}
TERMINAL = frozenset(State) - LIVE


class AutoUntil(StrEnum):
    """How long a waiting party may be confirmed without being asked: the end of which phase, the first being before `offers`."""

    NEVER = "never"
    OFFERS = "offers"
    LAST_DAY = "last_day"
    FREEZE = "freeze"


class Party(Protocol):
    """What the rule needs of a registration."""

    @property
    def ticket_type_id(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def line_class(self) -> int: ...
    @property
    def seq(self) -> int | None: ...
    @property
    def auto_until(self) -> str: ...
    @property
    def accept_partial(self) -> bool: ...


class QuotaFacts(Protocol):
    """What the rule needs of a quota."""

    @property
    def id(self) -> int: ...
    @property
    def limit(self) -> int: ...
    @property
    def used(self) -> int: ...
    @property
    def protects_id(self) -> int | None: ...
    @property
    def protected_until(self) -> datetime | None: ...


class TypeFacts(Protocol):
    """What the rule needs of a ticket type."""

    @property
    def opens_at(self) -> datetime | None: ...
    @property
    def closes_at(self) -> datetime | None: ...
    @property
    def max_party(self) -> int: ...
    @property
    def approval(self) -> bool: ...
    @property
    def waitlist_limit(self) -> int | None: ...
    @property
    def public(self) -> bool: ...


@dataclass(frozen=True)
class Place:
    """A place in line, at one moment: `position` counts from 1."""

    position: int
    parties_before: int
    persons_before: int


def in_deficit(quotas: Iterable[QuotaFacts]) -> bool:
    """Whether one of these quotas has given more seats than its limit now allows."""
    return any(quota.used > quota.limit for quota in quotas)


def human_digest(human: str) -> bytes:
    """What is stored of an 8-character code (canonical, without hyphen), to find a ticket that was typed: 32 bytes."""
    return sha256("human-index-1" + human)
