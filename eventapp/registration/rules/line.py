"""Who gets a seat, who waits, who is next. Pure: told the facts and the time, it decides; it changes nothing.

Four promises: never one seat too many; never a free seat beside someone who could have it; nobody overtaken; one rule
for newcomers and for those who wait.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from eventapp.registration.rules.calendar import Calendar
from eventapp.registration.rules.states import AutoUntil, Party, QuotaFacts, State

GRANTS_A_PASS = 500

AnyParty = TypeVar("AnyParty", bound=Party)


class Shape(NamedTuple):
    """Parties that the rule tells apart by order alone."""

    ticket_type_id: int
    size: int
    line_class: int
    auto_until: str = AutoUntil.OFFERS
    accept_partial: bool = False


def shape_of(party: Party) -> Shape:
    """The shape of a party."""
    return Shape(party.ticket_type_id, party.size, party.line_class, party.auto_until, party.accept_partial)


def granted_state(auto_until: str, calendar: Calendar, now: datetime) -> State | None:
    """What a waiting party with this wish is given now where a seat is free: confirmed, offered, or nothing (None)."""
    until = calendar.confirms_until(auto_until)
    if until is not None and now < min(until, calendar.freeze_at):
        return State.CONFIRMED
    return State.OFFERED if now < calendar.last_day_from else None


@dataclass(frozen=True)
class House:
    """The quotas of an event, read under its lock, and its calendar.

    `charged` names for each ticket type the quotas of which a seat is taken. Until the calendar's `keep_until` a group of two
    to four may keep the few free seats that are not yet enough for it.
    """

    quotas: Mapping[int, QuotaFacts]
    charged: Mapping[int, Sequence[int]]
    calendar: Calendar
    undrawn: bool = False  # a ballot decides who comes first, and has not: nobody is given a seat

    @property
    def freeze_at(self) -> datetime:
        """From then on nobody in the line is given a seat online."""
        return self.calendar.freeze_at

    @property
    def has_room(self) -> bool:
        """Whether any quota that a ticket type charges has a free seat: without one no pass can grant anything."""
        charged = {quota_id for quota_ids in self.charged.values() for quota_id in quota_ids}
        return not self.undrawn and any(quota.used < quota.limit for quota in self.quotas.values() if quota.id in charged)


class Grant(NamedTuple, Generic[AnyParty]):
    """A party, the state it comes to, and how many seats it is given: fewer than its size where it takes a part of them."""

    party: AnyParty
    state: State
    seats: int


@dataclass
class Pass(Generic[AnyParty]):
    """The outcome of one pass: who is given what, in order; what the newcomer is given; whether more could follow."""

    granted: list[Grant[AnyParty]] = field(default_factory=list)
    newcomer: Grant[AnyParty] | None = None
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

    def given(self, party: Party, own: Sequence[int]) -> int:
        """Seats for this party: all it asks, or what there is if it takes a part, or none."""
        room = self.room(own)
        if room >= party.size:
            return party.size
        return room if party.accept_partial else 0

    def seat(self, own: Sequence[int], size: int) -> None:
        for quota_id in own:
            self.taken[quota_id] = self.taken.get(quota_id, 0) + size

    def may_keep(self, party: Party, own: Sequence[int]) -> bool:
        return (
            self.house.calendar.keep_until is not None
            and self.now < self.house.calendar.keep_until
            and 2 <= party.size <= self.house.calendar.settings.keep_max_party
            and not party.accept_partial
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
    newcomer_state: State = State.CONFIRMED,
    at_most: int = GRANTS_A_PASS,
) -> Pass[AnyParty]:
    """One pass over the line: every free seat goes to the first, by (class, seq), that it is enough for.

    `line` gives for each shape its waiting parties in order; only those granted and one more per shape are pulled. The
    newcomer is judged by the same rule, after all who wait, whatever it wishes; after the freeze nobody who waits is seated,
    and a newcomer only if nobody waits for its quotas. A party that takes a part is given what is free, and its shape is shut.
    """
    books = _Books(house, now)
    result: Pass[AnyParty] = Pass()
    heads: list[tuple[int, int, int, AnyParty, Shape | None]] = []
    states: dict[Shape, State] = {}
    waited_for: set[int] = set()
    for index, (shape, parties) in enumerate(line.items()):
        state = granted_state(shape.auto_until, house.calendar, now)
        if state is None and now < house.freeze_at:
            continue  # passed over: they keep their place
        for party in islice(parties, 1):
            waited_for.update(house.charged[party.ticket_type_id])
            if state is not None:
                states[shape] = state
                heads.append((party.line_class, party.seq or 0, index, party, shape))
    if newcomer is not None and (now < house.freeze_at or waited_for.isdisjoint(house.charged[newcomer.ticket_type_id])):
        heads.append((newcomer.line_class, newcomer.seq or 0, len(line), newcomer, None))
    heapq.heapify(heads)
    while heads and len(result.granted) < at_most:
        _class, _seq, index, party, from_shape = heapq.heappop(heads)
        own = house.charged[party.ticket_type_id]
        seats = books.given(party, own)
        if seats:
            books.seat(own, seats)
            grant = Grant(party, newcomer_state if from_shape is None else states[from_shape], seats)
            result.granted.append(grant)
            if from_shape is None:
                result.newcomer = grant
            elif seats == party.size:
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
    books, blocked, waited_for = _after(line, house, now)
    rooms = {}
    for type_id, own in house.charged.items():
        shut = blocked or (now >= house.freeze_at and not waited_for.isdisjoint(own))
        rooms[type_id] = 0 if shut or not own else books.room(own)
    return rooms


def full_for(line: Mapping[Shape, Iterator[AnyParty]], house: House, now: datetime, *, ticket_type_id: int, size: int) -> int | None:
    """The first quota in which a party from outside the line does not fit, net of seats kept and guarded; None: it fits."""
    books, blocked, _waited_for = _after(line, house, now)
    own = house.charged[ticket_type_id]
    return next((quota_id for quota_id in own if blocked or books.available(quota_id, own) < size), None)


def full_for_change(
    line: Mapping[Shape, Iterator[AnyParty]], house: House, now: datetime, *, size: int, from_type_id: int, to_type_id: int
) -> int | None:
    """The first quota in which seated persons do not fit who change their ticket type, net of seats kept and guarded; None: they fit.

    Of what both types charge nothing is asked: there they keep the seats that they have. But who leaves an allotment puts seats back
    under its guard, and these must be free in what it protects.
    """
    books, blocked, _waited_for = _after(line, house, now)
    old, new = house.charged[from_type_id], house.charged[to_type_id]
    asked = dict.fromkeys(new, 0) | {quota_id: size for quota_id in new if quota_id not in old}
    for quota_id in old:
        left = house.quotas[quota_id]
        guards = left.protected_until is not None and now < left.protected_until
        if quota_id not in new and guards and left.protects_id in asked:
            asked[left.protects_id] += max(0, books.free(quota_id) + size) - max(0, books.free(quota_id))
    return next((quota_id for quota_id, seats in asked.items() if seats and (blocked or books.available(quota_id, new) < seats)), None)


def _after(line: Mapping[Shape, Iterator[AnyParty]], house: House, now: datetime) -> tuple[_Books, bool, set[int]]:
    """The house as a pass that grants nothing leaves it; whether a pass could still grant; the quotas that somebody waits for."""
    books = _Books(house, now)
    waited_for: set[int] = set()
    heads = sorted(
        (party for parties in line.values() for party in islice(parties, 1)), key=lambda party: (party.line_class, party.seq or 0)
    )
    blocked = False
    for party in heads:
        own = house.charged[party.ticket_type_id]
        waited_for.update(own)
        if granted_state(party.auto_until, house.calendar, now) is None:
            continue
        if books.given(party, own):
            blocked = True  # a pass is still to come: until then newcomers go behind it
        elif books.may_keep(party, own):
            books.keep(own, party.size)
    return books, blocked, waited_for
