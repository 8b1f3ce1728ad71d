"""The next thing to do, and how an event went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from eventapp.backoffice.rules import After, Curve, Slot, Step, Tonight, after, arrivals, next_step, told_once

NOW = datetime(2027, 9, 1, 10, 0, tzinfo=UTC)
FREEZE = datetime(2027, 9, 23, 13, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    state: str = "published"
    doors_at: datetime = FREEZE + timedelta(hours=3)
    starts_at: datetime = FREEZE + timedelta(hours=4)
    ends_at: datetime = FREEZE + timedelta(hours=8)
    zone: str = "Europe/Paris"


@pytest.mark.parametrize(
    ("state", "used", "waiting", "now", "step"),
    [
        ("draft", 0, 0, NOW, Step.PUBLISH),
        ("postponed", 3, 1, NOW, Step.POSTPONED),
        ("called_off", 0, 0, NOW, Step.NOTHING),
        ("archived", 3, 0, NOW, Step.NOTHING),
        ("published", 4, 0, NOW, Step.MEND),
        ("published", 3, 1, NOW, Step.RAISE),
        ("published", 3, 0, NOW, Step.WATCH),
        ("published", 2, 1, NOW, Step.WATCH),
        ("published", 3, 1, FREEZE, Step.DOOR),
        ("published", 3, 1, FREEZE + timedelta(hours=10), Step.CLOSE),
    ],
)
def test_next_step(state: str, used: int, waiting: int, now: datetime, step: Step) -> None:
    assert next_step(Event(state=state), freeze_at=FREEZE, used=used, limit=3, waiting=waiting, now=now) == step


def test_seats_kept_for_a_protected_quota_are_the_thing_to_look_at() -> None:
    assert next_step(Event(), freeze_at=FREEZE, used=2, limit=3, waiting=1, guarded=1, now=NOW) == Step.GUARDED
    assert next_step(Event(), freeze_at=FREEZE, used=2, limit=3, waiting=0, guarded=1, now=NOW) == Step.WATCH


@pytest.mark.parametrize(
    ("confirmed", "arrived", "recorded", "told", "absent", "share"),
    [
        (1140, 800, {"registered": 9, "came": 9}, After(1140, 800), 340, 30),
        (0, 0, {"registered": 520, "came": 371}, After(520, 371), 149, 29),
        (0, 0, {"came": 800, "refused": [{"n": 250}]}, After(None, 800, 250), None, None),
        (600, 800, {}, After(600, 800), None, None),
        (0, 0, {}, After(None, None), None, None),
    ],
)
def test_after_an_event(
    confirmed: int, arrived: int, recorded: dict[str, object], told: After, absent: int | None, share: int | None
) -> None:
    found = after(confirmed=confirmed, arrived=arrived, recorded=recorded)

    assert (found, found.absent, found.absent_share) == (told, absent, share)


@pytest.mark.parametrize(
    ("inside", "to_come", "gauge", "holds"), [(382, 267, 820, True), (800, 20, 820, True), (800, 21, 820, False), (9, 9, None, True)]
)
def test_it_holds_while_everybody_may_still_come_in(inside: int, to_come: int, gauge: int | None, holds: bool) -> None:
    assert Tonight(inside, to_come, gauge).holds == holds


def test_arrivals_in_steps_of_five_minutes() -> None:
    six = datetime(2027, 9, 23, 16, 0, tzinfo=UTC)
    moments = [six + timedelta(minutes=minutes) for minutes in (1, 4, 14, 13, 12)]

    curve = arrivals(moments)

    assert curve == Curve((Slot(six, 2, 2), Slot(six + timedelta(minutes=5), 0, 2), Slot(six + timedelta(minutes=10), 3, 5)), 5)
    assert curve
    assert curve.busiest == curve.slots[2]


@pytest.mark.parametrize(
    ("lasts", "minutes"), [(timedelta(hours=2), 5), (timedelta(hours=9), 15), (timedelta(days=3), 60), (timedelta(days=20), 1440)]
)
def test_a_long_event_has_longer_steps(lasts: timedelta, minutes: int) -> None:
    curve = arrivals([NOW, NOW + lasts])

    assert curve
    assert curve.step_minutes == minutes


def test_nobody_came_and_there_is_no_curve() -> None:
    assert arrivals([]) is None


@dataclass(frozen=True)
class Entry:
    id: int
    verb: str
    actor: str = "anonymous"
    reason: str = ""


def test_a_rush_of_equal_deeds_is_told_once() -> None:
    deeds = [Entry(9, "register"), Entry(8, "register"), Entry(7, "publish"), Entry(6, "register")]

    told, times = told_once(deeds, 2)

    assert (told, times) == ([deeds[0], deeds[2]], {9: 2, 7: 1})
