"""Distributions against the laws they come from, computed otherwise."""

from __future__ import annotations

from itertools import product
from math import comb, exp, isclose, lgamma, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventapp.lib.probability import Distribution, beta_binomial, beta_of, binomial, certain, scaled, total

NEGLIGIBLE = 1e-6


def as_dict(distribution: Distribution) -> dict[int, float]:
    return {distribution.first + i: weight for i, weight in enumerate(distribution.weights)}


def same(found: Distribution, expected: dict[int, float]) -> bool:
    weights = as_dict(found)
    return all(isclose(weights.get(k, 0.0), expected.get(k, 0.0), abs_tol=NEGLIGIBLE) for k in weights.keys() | expected.keys())


def beta(a: float, b: float) -> float:
    return exp(lgamma(a) + lgamma(b) - lgamma(a + b))


@given(st.integers(0, 60), st.floats(0, 1))
def test_binomial(number: int, chance: float) -> None:
    expected = {k: comb(number, k) * chance**k * (1 - chance) ** (number - k) for k in range(number + 1)}

    assert same(binomial(number, chance), expected)


@given(st.integers(0, 60), st.floats(0.2, 60), st.floats(0.2, 60))
def test_beta_binomial(number: int, a: float, b: float) -> None:
    expected = {k: comb(number, k) * beta(k + a, number - k + b) / beta(a, b) for k in range(number + 1)}

    found = beta_binomial(number, a, b)

    assert same(found, expected)
    assert isclose(sum(found.weights), 1, abs_tol=1e-9)


def test_a_hall_is_no_harder_than_a_room() -> None:
    a, b = beta_of(0.06, 0.025)

    found = beta_binomial(30_000, a, b)

    assert isclose(found.mean, 1_800, rel_tol=1e-5)
    assert isclose(sum(found.weights), 1, abs_tol=1e-9)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.9))
def test_a_beta_has_the_mean_and_the_spread_it_was_asked_for(mean: float, share: float) -> None:
    sd = share * sqrt(mean * (1 - mean))

    a, b = beta_of(mean, sd)

    assert isclose(a / (a + b), mean, rel_tol=1e-9)
    assert isclose(sqrt(a * b / ((a + b) ** 2 * (a + b + 1))), sd, rel_tol=1e-6)


@pytest.mark.parametrize(("mean", "sd"), [(0, 0.1), (1, 0.1), (0.5, 0), (0.5, 0.5), (0.5, 0.6)])
def test_there_is_no_such_beta(mean: float, sd: float) -> None:
    with pytest.raises(ValueError, match="no Beta distribution"):
        beta_of(mean, sd)


@pytest.mark.parametrize(("number", "chance"), [(-1, 0.5), (3, -0.1), (3, 1.1)])
def test_there_is_no_such_binomial(number: int, chance: float) -> None:
    with pytest.raises(ValueError, match="binomial"):
        binomial(number, chance)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 6), st.floats(0.1, 0.9), st.integers(1, 4)), max_size=4), st.integers(0, 30))
def test_a_sum_is_what_all_cases_together_give(parts: list[tuple[int, float, int]], most: int) -> None:
    laws = [scaled(binomial(number, chance), size) for number, chance, size in parts]
    expected: dict[int, float] = {}
    for case in product(*(as_dict(law).items() for law in laws)):
        value, weight = min(most + 1, sum(k for k, _ in case)), 1.0
        for _, each in case:
            weight *= each
        expected[value] = expected.get(value, 0.0) + weight

    assert same(total(laws, at_most=most), expected)


@given(st.integers(0, 12), st.integers(0, 12), st.floats(0.1, 0.9), st.integers(-15, 15))
def test_one_number_reaches_another(one: int, other: int, chance: float, margin: int) -> None:
    x, y = binomial(one, chance), binomial(other, 0.5)
    expected = sum(p * q for (k, p), (j, q) in product(as_dict(x).items(), as_dict(y).items()) if k >= j + margin)

    assert isclose(x.reaching(y, margin), expected, abs_tol=NEGLIGIBLE)
    assert isclose(x.reaching(certain(0), margin), x.at_least(margin), abs_tol=NEGLIGIBLE)
