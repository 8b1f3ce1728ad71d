"""How likely a party that waits is to be seated online before the freeze. Pure; it tells, and never influences who is served.

Seats that come free follow a beta-binomial law whose rate is learned from this event and from past editions; parties before take
what they ask with a certain likelihood each. Source: docs/waitlist.md, the chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import sqrt
from typing import NamedTuple

from eventapp.lib.probability import Distribution, beta_binomial, beta_of, binomial, certain, scaled, total
from eventapp.registration.rules.line import House

ENOUGH_CANCELLATIONS = 20
"""From so many on, an event without past editions knows enough of itself to say something."""


class Band(StrEnum):
    """A chance in words."""

    VERY_LIKELY = "very_likely"
    LIKELY = "likely"
    UNCERTAIN = "uncertain"
    UNLIKELY = "unlikely"
    VERY_UNLIKELY = "very_unlikely"


BANDS = ((0.85, Band.VERY_LIKELY), (0.60, Band.LIKELY), (0.30, Band.UNCERTAIN), (0.10, Band.UNLIKELY), (0.0, Band.VERY_UNLIKELY))


@dataclass(frozen=True)
class Assumptions:
    """What is believed until it is learned. Rates are shares of persons; all of them are assumptions, none is measured."""

    cancel_mean: float = 0.10  # of those ever confirmed, how many give their seat back
    cancel_sd: float = 0.04  # between organisers
    cancel_scatter: float = 0.025  # between editions of one series
    ageing: float = 0.8  # weight of an edition beside the one after it
    done_late: float = 0.6  # share of all cancellations that have come ...
    late: timedelta = timedelta(hours=72)  # ... this long before the freeze
    take_up: float = 0.8  # likelihood that a party before takes the seat it is given
    protected_freed: float = 0.5  # share of the unused protected seats that their guard leaves when it ends


USUAL = Assumptions()


class Edition(NamedTuple):
    """A past event of the series: persons ever confirmed, how many of them gave back, and its age, 0 for the latest."""

    confirmed: int
    cancelled: int
    age: int


@dataclass(frozen=True)
class Waiting:
    """What is known at this moment about a party that waits. Persons, but for `before`: parties of each size."""

    size: int
    before: Mapping[int, int]
    seated: int  # confirmed now, in the quotas that the party needs
    short: int  # seats still to come free before the first in line is given one: a deficit; negative where some are free
    protected: int  # unused seats of allotments whose guard ends before the freeze
    ever_confirmed: int
    cancelled: int
    opened_at: datetime
    freeze_at: datetime
    editions: Sequence[Edition] = field(default_factory=tuple)

    @property
    def says_something(self) -> bool:
        """Whether anything has been learned, here or in a past edition, on which a chance can stand."""
        return self.cancelled >= ENOUGH_CANCELLATIONS or any(edition.confirmed for edition in self.editions)


class Rate(NamedTuple):
    """A rate that is not known for certain."""

    mean: float
    sd: float


def done_by(opened_at: datetime, freeze_at: datetime, now: datetime, assumed: Assumptions = USUAL) -> float:
    """The share of all cancellations that have usually come by now: linear to `done_late`, then linear to all of them."""
    if now >= freeze_at:
        return 1.0
    if now <= opened_at:
        return 0.0
    turn = freeze_at - assumed.late
    if turn <= opened_at:
        return (now - opened_at) / (freeze_at - opened_at)
    if now <= turn:
        return assumed.done_late * ((now - opened_at) / (turn - opened_at))
    return assumed.done_late + (1 - assumed.done_late) * ((now - turn) / assumed.late)


def cancel_rate(waiting: Waiting, done: float, assumed: Assumptions = USUAL) -> Rate:
    """c: how many of those ever confirmed give back in the end, from the prior, past editions and this event so far.

    A past edition weighs what one draw of the weather and the keynote is worth, not what its number of people is:
    weight · n/(1 + (n−1)ρ) with ρ = scatter²/(μ(1−μ)).
    """
    mean = assumed.cancel_mean
    a, b = beta_of(mean, assumed.cancel_sd)
    rho = assumed.cancel_scatter**2 / (mean * (1 - mean))
    for edition in waiting.editions:
        if edition.confirmed:
            weight = assumed.ageing**edition.age * edition.confirmed / (1 + (edition.confirmed - 1) * rho)
            a += weight * edition.cancelled / edition.confirmed
            b += weight * (1 - edition.cancelled / edition.confirmed)
    mean, spread = a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1))
    spread += assumed.cancel_scatter**2  # this edition is another draw
    a, b = beta_of(mean, sqrt(min(spread, mean * (1 - mean) * 0.99)))
    a += waiting.cancelled
    b += max(0.0, waiting.ever_confirmed * done - waiting.cancelled)
    return Rate(a / (a + b), sqrt(a * b / ((a + b) ** 2 * (a + b + 1))))


def still_to_come(rate: Rate, done: float) -> Rate:
    """The rate among those confirmed now: c(1−G)/(1−cG), its spread scaled alike."""
    mean = rate.mean * (1 - done) / (1 - rate.mean * done)
    return Rate(mean, rate.sd * mean / rate.mean)


def freed(seated: int, rate: Rate) -> Distribution:
    """Seats that come free before the freeze."""
    if seated == 0 or rate.mean <= 0:
        return certain(0)
    return beta_binomial(seated, *beta_of(rate.mean, rate.sd))


def taken_before(before: Mapping[int, int], take_up: float, *, at_most: int) -> Distribution:
    """Seats taken by the parties before: Σ size · Binomial(parties, take-up)."""
    return total((scaled(binomial(parties, take_up), size) for size, parties in before.items()), at_most=at_most)


def chance(waiting: Waiting, now: datetime, assumed: Assumptions = USUAL) -> float:
    """P = Σ_j P(A = j)·P(F ≥ j + size + short − R): a seat for all of the party, online, before the freeze.

    F comes free, A is taken by those before, R is what allotments are thought to leave.
    """
    done = done_by(waiting.opened_at, waiting.freeze_at, now, assumed)
    rate = still_to_come(cancel_rate(waiting, done, assumed), done)
    left = int(assumed.protected_freed * waiting.protected)
    return likelihood(freed(waiting.seated, rate), waiting.before, needed=waiting.size + waiting.short - left, take_up=assumed.take_up)


def likelihood(free: Distribution, before: Mapping[int, int], *, needed: int, take_up: float) -> float:
    """The chance that what comes free is enough for those before and `needed` seats more."""
    ahead = taken_before(before, take_up, at_most=max(0, free.last - needed))
    return free.reaching(ahead, needed)


def band(value: float) -> Band:
    """The words for an exact chance."""
    return next(words for least, words in BANDS if value >= least)


def rounded(value: float) -> int:
    """The figure shown beside the words: per cent to the nearest 5, never 0 and never 100."""
    return min(95, max(5, 5 * round(value * 20)))


class Outlook(NamedTuple):
    """A chance as it is shown: words, a figure in per cent, and on how many seats given back it stands."""

    band: Band
    percent: int
    cancelled: int
    editions: int


def outlook(waiting: Waiting, now: datetime) -> Outlook | None:
    """What to tell a party that waits; None where nothing has been learned yet, or nobody is seated online any more."""
    if now >= waiting.freeze_at or not waiting.says_something:
        return None
    value = chance(waiting, now)
    return Outlook(band(value), rounded(value), waiting.cancelled, sum(1 for edition in waiting.editions if edition.confirmed))


def shortage(house: House, quota_ids: Sequence[int], now: datetime) -> tuple[int, int]:
    """For the quotas of a party: seats still to come free before any is given, and unused protected seats due before the freeze."""
    short, protected = -(10**9), 0
    for quota_id in quota_ids:
        quota = house.quotas[quota_id]
        guarding = [
            other
            for other in house.quotas.values()
            if other.protects_id == quota_id
            and other.id not in quota_ids
            and other.protected_until is not None
            and now < other.protected_until
        ]
        guarded = sum(max(0, other.limit - other.used) for other in guarding)
        due = sum(
            max(0, other.limit - other.used)
            for other in guarding
            if other.protected_until is not None and other.protected_until <= house.freeze_at
        )
        here = quota.used + guarded - quota.limit
        if here > short:
            short, protected = here, due
    return short, protected
