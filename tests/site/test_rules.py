"""Which one button, and which word for the seats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from eventapp.registration.rules import Availability, Opening
from eventapp.site.rules import Call, Fill, Invitation, figures, fill, invitation

DOORS = datetime(2027, 9, 23, 16, tzinfo=UTC)


@dataclass(frozen=True)
class Evening:
    state: str = "published"
    doors_at: datetime = DOORS
    starts_at: datetime = DOORS
    ends_at: datetime = DOORS + timedelta(hours=4)
    zone: str = "Europe/Paris"


def offer(opening: Opening, waiting: int = 0, *, approval: bool = False) -> Availability:
    return Availability(1, opening, 0, 10, 10, waiting, waiting, DOORS - timedelta(days=9), 4, approval)


def test_a_seat_comes_before_a_line_and_a_line_before_a_date() -> None:
    before = DOORS - timedelta(days=10)
    order = [Opening.CLOSED, Opening.FULL, Opening.NOT_YET, Opening.WAITLIST, Opening.LAST_SEATS, Opening.OPEN]
    calls = [invitation(Evening(), [offer(one) for one in order[:number]], before).call for number in range(1, 7)]

    assert calls == [Call.CLOSED, Call.FULL, Call.NOT_YET, Call.JOIN_LINE, Call.LAST_SEATS, Call.REGISTER]


@pytest.mark.parametrize("state", ["draft", "postponed", "called_off", "archived"])
def test_an_event_that_is_not_published_invites_nobody(state: str) -> None:
    assert invitation(Evening(state), [offer(Opening.OPEN)], DOORS - timedelta(days=1)) == Invitation(Call.NONE)


@pytest.mark.parametrize(
    ("limit", "used", "word"), [(0, 0, None), (10, 10, Fill.FULL), (10, 12, Fill.FULL), (100, 95, Fill.FEW), (100, 94, Fill.PLENTY)]
)
def test_fill(limit: int, used: int, word: Fill | None) -> None:
    assert fill(limit, used) == word


@pytest.mark.parametrize(
    ("guarded", "waited", "word"),
    [(0, False, Fill.PLENTY), (150, False, Fill.FEW), (150, True, Fill.FULL), (151, False, Fill.FULL), (100, True, Fill.PLENTY)],
)
def test_seats_kept_for_others_are_not_announced_as_free(guarded: int, waited: bool, word: Fill) -> None:
    assert fill(800, 649, guarded=guarded, waited=waited) == word


def test_figures_add_the_reasons_of_those_turned_away_and_drop_what_is_no_number() -> None:
    assert figures({"came": 800, "expected": "many", "refused": [{"n": 200}, {"n": 50}, {}]}) == {"came": 800, "turned_away": 250}
