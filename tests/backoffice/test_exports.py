"""A curve as values that a page draws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventapp.backoffice.exports import Bar, Picture, picture
from eventapp.backoffice.rules import arrivals

SIX = datetime(2015, 9, 24, 16, 0, tzinfo=UTC)


def after(*minutes: int) -> list[datetime]:
    return [SIX + timedelta(minutes=one) for one in minutes]


def test_picture_of_an_evening() -> None:
    curve = arrivals(after(1, 2, 12))
    assert curve

    drawn = picture(curve, 6)

    assert drawn == Picture(
        width=4,
        height=8,
        people=(8, 6, 4, 2, 0),
        marks=tuple(after(0, 5, 10, 15, 20)),
        grid=(0, 2, 4, 6, 8),
        line="M0 8L1 6L2 6L3 5",
        bars=(Bar(0, 6, 2), Bar(2, 7, 1)),
        gauge=2,
    )


@pytest.mark.parametrize(
    ("people", "gauge", "top"), [(1, None, 4), (3, 820, 1000), (9, None, 20), (41, None, 80), (1, 1140, 2000), (1, 5, 8)]
)
def test_the_axis_holds_everybody_in_round_numbers(people: int, gauge: int | None, top: int) -> None:
    curve = arrivals([SIX] * people)
    assert curve

    assert picture(curve, gauge).people[0] == top
