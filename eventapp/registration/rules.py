"""Who gets a seat, who waits, who is next. Pure: told the facts and the time, it decides; it changes nothing.

Four promises: never one seat too many; never a free seat beside someone who could have it; nobody overtaken; one rule
for newcomers and for those who wait.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Generic, Protocol, TypeVar

from eventapp.lib.refusal import Refused
from eventapp.lib.signing import sha256

MAX_NAME = 80
MAX_ORGANISATION = 120
MAX_REASON = 500
MAX_PARTY = 50
EVERYONE = 5
HARMED = 0
GRANTS_A_PASS = 500
KEEP_MAX_PARTY = 4
LAST_SEATS_SHARE = 0.05
RULES_VERSION = 1


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
    def waitlist_limit(self) -> int | None: ...
    @property
    def public(self) -> bool: ...


AnyParty = TypeVar("AnyParty", bound=Party)
Shape = tuple[int, int, int]  # ticket type, size, class: parties that the rule tells apart by order alone


@dataclass(frozen=True)
class House:
    """The quotas of an event, read under its lock, and when its phases end.

    `charged` names for each ticket type the quotas of which a seat is taken. `keep_until` ends the time in which a group
    of two to four may keep the few free seats that are not yet enough for it.
    """

    quotas: Mapping[int, QuotaFacts]
    charged: Mapping[int, Sequence[int]]
    freeze_at: datetime
    keep_until: datetime
    keep_max_party: int = KEEP_MAX_PARTY

    @property
    def has_room(self) -> bool:
        """Whether any quota has a free seat: without one no pass can grant anything."""
        return any(quota.used < quota.limit for quota in self.quotas.values())


@dataclass
class Pass(Generic[AnyParty]):
    """The outcome of one pass: who is seated, in order; whether the newcomer is among them; whether more could follow."""

    granted: list[AnyParty] = field(default_factory=list)
    newcomer_seated: bool = False
    more: bool = False


@dataclass
class _Books:
    """Seats taken and kept in the course of a pass."""

    house: House
    now: datetime
    taken: dict[int, int] = field(default_factory=dict)
    kept: dict[int, int] = field(default_factory=dict)

    def free(self, quota_id: int) -> int:
        quota = self.house.quotas[quota_id]
        return quota.limit - quota.used - self.taken.get(quota_id, 0)

    def guarded(self, quota_id: int, own: Sequence[int]) -> int:
        """Seats of this quota set aside for allotments that the party does not belong to."""
        return sum(
            max(0, self.free(other.id))
            for other in self.house.quotas.values()
            if other.protects_id == quota_id
            and other.protected_until is not None
            and self.now < other.protected_until
            and other.id not in own
        )

    def available(self, quota_id: int, own: Sequence[int]) -> int:
        return max(0, self.free(quota_id) - self.guarded(quota_id, own) - self.kept.get(quota_id, 0))

    def room(self, own: Sequence[int]) -> int:
        return min(self.available(quota_id, own) for quota_id in own)

    def seat(self, own: Sequence[int], size: int) -> None:
        for quota_id in own:
            self.taken[quota_id] = self.taken.get(quota_id, 0) + size

    def may_keep(self, party: Party, own: Sequence[int]) -> bool:
        return (
            self.now < self.house.keep_until
            and 2 <= party.size <= self.house.keep_max_party
            and all(self.house.quotas[quota_id].limit >= party.size for quota_id in own)
        )

    def keep(self, own: Sequence[int], size: int) -> None:
        """A group too large for what is free keeps it, in each quota in which it is short, and nowhere else."""
        short = {quota_id: self.available(quota_id, own) for quota_id in own}
        for quota_id, available in short.items():
            if available < size:
                self.kept[quota_id] = self.kept.get(quota_id, 0) + available


def grants(
    line: Mapping[Shape, Iterator[AnyParty]],
    house: House,
    now: datetime,
    *,
    newcomer: AnyParty | None = None,
    at_most: int = GRANTS_A_PASS,
) -> Pass[AnyParty]:
    """One pass over the line: every free seat goes to the first, by (class, seq), that it is enough for.

    `line` gives for each shape its waiting parties in order; only those granted and one more per shape are pulled. The
    newcomer is judged by the same rule, after all who wait; after the freeze nobody who waits is seated, and a newcomer
    only if nobody waits for its quotas.
    """
    books = _Books(house, now)
    result: Pass[AnyParty] = Pass()
    heads: list[tuple[int, int, int, AnyParty, Shape | None]] = []
    waiting_for: set[int] = set()
    for index, (shape, parties) in enumerate(line.items()):
        for party in islice(parties, 1):
            waiting_for.update(house.charged[party.ticket_type_id])
            if now < house.freeze_at:
                heads.append((party.line_class, party.seq or 0, index, party, shape))
    if newcomer is not None and (now < house.freeze_at or waiting_for.isdisjoint(house.charged[newcomer.ticket_type_id])):
        heads.append((newcomer.line_class, newcomer.seq or 0, len(line), newcomer, None))
    heapq.heapify(heads)
    while heads and len(result.granted) < at_most:
        _class, _seq, index, party, from_shape = heapq.heappop(heads)
        own = house.charged[party.ticket_type_id]
        if books.room(own) >= party.size:
            books.seat(own, party.size)
            result.granted.append(party)
            if from_shape is None:
                result.newcomer_seated = True
            else:
                for follower in islice(line[from_shape], 1):
                    heapq.heappush(heads, (follower.line_class, follower.seq or 0, index, follower, from_shape))
        elif books.may_keep(party, own):
            books.keep(own, party.size)
    result.more = bool(heads)
    return result


def room_for_newcomers(line: Mapping[Shape, Iterator[AnyParty]], house: House, now: datetime) -> dict[int, int]:
    """For each ticket type, the largest party that would be seated if it registered now (0 where somebody waits in vain).

    Public availability: the house as a pass that grants nothing leaves it.
    """
    books = _Books(house, now)
    waiting_for: set[int] = set()
    heads = sorted(
        (party for parties in line.values() for party in islice(parties, 1)), key=lambda party: (party.line_class, party.seq or 0)
    )
    blocked = False
    for party in heads:
        own = house.charged[party.ticket_type_id]
        waiting_for.update(own)
        if books.room(own) >= party.size and now < house.freeze_at:
            blocked = True  # a pass is still to come: until then newcomers go behind it
        elif books.may_keep(party, own):
            books.keep(own, party.size)
    rooms = {}
    for type_id, own in house.charged.items():
        shut = blocked or (now >= house.freeze_at and not waiting_for.isdisjoint(own))
        rooms[type_id] = 0 if shut or not own else books.room(own)
    return rooms


class Opening(StrEnum):
    """Whether one may register for a ticket type, in words for one button."""

    NOT_YET = "not_yet"
    OPEN = "open"
    LAST_SEATS = "last_seats"
    WAITLIST = "waitlist"
    FULL = "full"
    CLOSED = "closed"


@dataclass(frozen=True)
class Availability:
    """What a visitor is told about one ticket type: whether it is open, seats left, and how many wait for its quotas."""

    ticket_type_id: int
    opening: Opening
    free: int
    limit: int
    taken: int
    waiting_parties: int
    waiting_persons: int
    opens_at: datetime | None
    max_party: int


def is_open(kind: TypeFacts, house: House, now: datetime) -> bool:
    """Whether the type takes registrations at this moment; without a closing time of its own it closes at the freeze."""
    return (kind.opens_at is None or kind.opens_at <= now) and now < (kind.closes_at or house.freeze_at)


def opening(kind: TypeFacts, house: House, *, room: int, limit: int, waiting_parties: int, now: datetime) -> Opening:
    """The state behind the one button of the event page."""
    if kind.opens_at is not None and now < kind.opens_at:
        return Opening.NOT_YET
    if not is_open(kind, house, now):
        return Opening.CLOSED
    if room > 0:
        return Opening.LAST_SEATS if room <= max(1, int(limit * LAST_SEATS_SHARE)) else Opening.OPEN
    if now >= house.freeze_at or (kind.waitlist_limit is not None and waiting_parties >= kind.waitlist_limit):
        return Opening.FULL
    return Opening.WAITLIST


def check_party(kind: TypeFacts, house: House, *, size: int, event_state: str, by_organiser: bool, now: datetime) -> None:
    """Whether a party of this size may ask at all.

    Raises Refused: event.not_open, registration.not_open_yet, registration.closed, registration.party_too_large,
    registration.not_public.
    """
    if event_state != "published":
        raise Refused("event.not_open")
    if not by_organiser:
        if not kind.public:
            raise Refused("registration.not_public")
        if kind.opens_at is not None and now < kind.opens_at:
            raise Refused("registration.not_open_yet", opens_at=kind.opens_at)
        if not is_open(kind, house, now):
            raise Refused("registration.closed")
    if not 1 <= size <= (MAX_PARTY if by_organiser else kind.max_party):
        raise Refused("registration.party_too_large", most=kind.max_party, status=422)


def check_line(kind: TypeFacts, house: House, *, waiting_parties: int, now: datetime) -> None:
    """Whether a party that finds no seat may join the line.

    Raises Refused: registration.full.
    """
    if now >= house.freeze_at or (kind.waitlist_limit is not None and waiting_parties >= kind.waitlist_limit):
        raise Refused("registration.full")


def human_digest(human: str) -> bytes:
    """What is stored of an 8-character code (canonical, without hyphen), to find a ticket that was typed: 32 bytes."""
    return sha256("human-index-1" + human)


@dataclass(frozen=True)
class Place:
    """A place in line, at one moment: `position` counts from 1."""

    position: int
    parties_before: int
    persons_before: int


def in_deficit(quotas: Iterable[QuotaFacts]) -> bool:
    """Whether one of these quotas has given more seats than its limit now allows."""
    return any(quota.used > quota.limit for quota in quotas)
