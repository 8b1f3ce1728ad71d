"""Distributions of whole numbers, exact up to tails that nobody would see.

Sources: the beta-binomial and binomial laws; probabilities are built from their mode by the ratio of neighbours, which neither
underflows nor loses digits as factorials would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate
from math import exp, lgamma

TAIL = 1e-8
"""A probability below this beside the mode's is left out."""


@dataclass(frozen=True)
class Distribution:
    """P(X = first + i) = weights[i]; nothing outside. The weights sum to 1."""

    first: int
    weights: tuple[float, ...]

    @property
    def last(self) -> int:
        """The largest value."""
        return self.first + len(self.weights) - 1

    @property
    def mean(self) -> float:
        """The expected value."""
        return sum(weight * (self.first + i) for i, weight in enumerate(self.weights))

    def at_least(self, bound: int) -> float:
        """P(X ≥ bound)."""
        if bound <= self.first:
            return 1.0
        return 0.0 if bound > self.last else sum(self.weights[bound - self.first :])

    def reaching(self, other: Distribution, margin: int) -> float:
        """P(X ≥ Y + margin) for a Y that is independent of it."""
        tails = list(accumulate(reversed(self.weights)))[::-1]
        total = 0.0
        for i, weight in enumerate(other.weights):
            place = other.first + i + margin - self.first
            if place <= 0:
                total += weight
            elif place < len(tails):
                total += weight * tails[place]
            else:
                break
        return min(1.0, total)


def certain(value: int) -> Distribution:
    """The distribution of what is known."""
    return Distribution(value, (1.0,))


def _from_mode(mode: int, last: int, ratio: Callable[[int], float]) -> Distribution:
    """Probabilities on 0..last with P(k + 1)/P(k) = ratio(k), from the mode outward until they are nothing beside it."""
    above, weight, k = [1.0], 1.0, mode
    while k < last and weight > TAIL:
        weight *= ratio(k)
        above.append(weight)
        k += 1
    below, weight, k = [], 1.0, mode
    while k > 0 and weight > TAIL:
        weight /= ratio(k - 1)
        below.append(weight)
        k -= 1
    weights = below[::-1] + above
    total = sum(weights)
    return Distribution(mode - len(below), tuple(weight / total for weight in weights))


def binomial(number: int, chance: float) -> Distribution:
    """How many of `number` independent trials succeed.

    Raises ValueError: a negative number, a chance outside 0..1.
    """
    if number < 0 or not 0 <= chance <= 1:
        raise ValueError(f"binomial({number}, {chance})")
    if number == 0 or chance in {0.0, 1.0}:
        return certain(number if chance == 1 else 0)
    odds = chance / (1 - chance)
    return _from_mode(int((number + 1) * chance), number, lambda k: (number - k) / (k + 1) * odds)


def beta_binomial(number: int, a: float, b: float) -> Distribution:
    """How many of `number` trials succeed that share one chance, itself drawn from Beta(a, b).

    Raises ValueError: a negative number, a or b not positive.
    """
    if number < 0 or a <= 0 or b <= 0:
        raise ValueError(f"beta_binomial({number}, {a}, {b})")
    if a < 1 or b < 1:  # its mode may be at an end, or at both
        return _whole(number, a, b)
    mode = min(number, max(0, int((number + 1) * (a - 1) / (a + b - 2)))) if a + b > 2 else number // 2
    return _from_mode(mode, number, lambda k: (number - k) / (k + 1) * (k + a) / (number - k - 1 + b))


def _whole(number: int, a: float, b: float) -> Distribution:
    """P(X = k) = C(n, k)·B(k + a, n − k + b)/B(a, b), all of it."""
    fixed = lgamma(number + 1) + lgamma(a + b) - lgamma(a) - lgamma(b) - lgamma(number + a + b)
    logs = (fixed + lgamma(k + a) + lgamma(number - k + b) - lgamma(k + 1) - lgamma(number - k + 1) for k in range(number + 1))
    return Distribution(0, tuple(exp(each) for each in logs))


def beta_of(mean: float, sd: float) -> tuple[float, float]:
    """a, b of the Beta distribution with this mean and standard deviation: M = m(1−m)/sd² − 1, a = mM, b = (1−m)M.

    Raises ValueError: there is none.
    """
    if not 0 < mean < 1 or not 0 < sd * sd < mean * (1 - mean):
        raise ValueError(f"no Beta distribution has mean {mean} and sd {sd}")
    weight = mean * (1 - mean) / (sd * sd) - 1
    return mean * weight, (1 - mean) * weight


def scaled(distribution: Distribution, by: int) -> Distribution:
    """The distribution of `by` times the number."""
    spread = [0.0] * ((len(distribution.weights) - 1) * by + 1)
    spread[::by] = distribution.weights
    return Distribution(distribution.first * by, tuple(spread))


def total(parts: Iterable[Distribution], *, at_most: int) -> Distribution:
    """The sum of independent numbers, exact up to `at_most`: whatever is more than that is put on `at_most + 1`."""
    result = certain(0)
    for part in sorted(parts, key=lambda each: len(each.weights)):
        result = _trimmed(_added(result, part, at_most + 1))
    return result


def _added(one: Distribution, other: Distribution, most: int) -> Distribution:
    width = len(one.weights)
    sums = [0.0] * (len(other.weights) + width - 1)
    for i, weight in enumerate(other.weights):
        if weight:
            sums[i : i + width] = [known + weight * each for known, each in zip(sums[i : i + width], one.weights, strict=True)]
    first = one.first + other.first
    kept = max(0, most - first)
    if len(sums) > kept + 1:
        sums[kept:] = [sum(sums[kept:])]
    return Distribution(min(first, most), tuple(sums))


def _trimmed(distribution: Distribution) -> Distribution:
    """Without tails that are nothing beside the rest."""
    weights, first, last = distribution.weights, 0, len(distribution.weights)
    while last - first > 1 and weights[first] < TAIL:
        first += 1
    while last - first > 1 and weights[last - 1] < TAIL:
        last -= 1
    whole = sum(weights[first:last])
    return Distribution(distribution.first + first, tuple(weight / whole for weight in weights[first:last]))
