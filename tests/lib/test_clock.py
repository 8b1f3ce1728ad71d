"""The clock: the system's, one that starts elsewhere and runs, one that stands still."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from eventapp.lib.clock import clock_from, monotonic, running


@pytest.mark.parametrize("text", [None, ""])
def test_the_clock_is_the_systems_by_default(text: str | None) -> None:
    assert clock_from(text) is running
    assert running().tzinfo is UTC
    assert abs(running() - datetime.now(UTC)) < timedelta(seconds=1)


def test_a_clock_may_start_elsewhere_and_run() -> None:
    clock = clock_from("2027-09-23T18:00+02:00")

    first = clock()
    time.sleep(0.01)

    assert first - datetime(2027, 9, 23, 16, 0, tzinfo=UTC) < timedelta(seconds=1)
    assert timedelta(0) < clock() - first < timedelta(seconds=1)


def test_a_clock_may_stand_still() -> None:
    clock = clock_from("2027-09-23T18:00+02:00=")

    assert clock() == clock() == datetime(2027, 9, 23, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2027-09-23T18:00", "tomorrow", "="])
def test_an_instant_without_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"zone|isoformat"):
        clock_from(text)


def test_durations_never_step_back() -> None:
    assert monotonic() <= monotonic()
