"""The calendar of an event: pinned examples, both changes of clocks, and what the settings may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eventapp.lib.refusal import Refused
from eventapp.registration import rules
from eventapp.registration.rules import DEFAULTS, Phase, Settings

PARIS = ZoneInfo("Europe/Paris")


def paris(day: int, hour: int, minute: int = 0, *, month: int = 9) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=PARIS)


THURSDAY = rules.calendar_of(paris(23, 18).astimezone(UTC), "Europe/Paris")


def test_phases_are_counted_back_from_doors() -> None:
    assert [moment.astimezone(PARIS) for moment in (THURSDAY.offers_from, THURSDAY.last_day_from, THURSDAY.freeze_at)] == [
        *(paris(16, 18), paris(22, 18), paris(23, 15))
    ]
    ends = [THURSDAY.offers_from, THURSDAY.last_day_from, THURSDAY.freeze_at, THURSDAY.doors_at]
    tick = timedelta(microseconds=1)
    assert [(THURSDAY.phase(end - tick), THURSDAY.phase(end)) for end in ends] == [
        (Phase.CONFIRMING, Phase.OFFERING),
        (Phase.OFFERING, Phase.LAST_DAY),
        (Phase.LAST_DAY, Phase.FROZEN),
        (Phase.FROZEN, Phase.DOOR),
    ]


@pytest.mark.parametrize(
    ("offered", "answer_by"),
    [
        (paris(19, 10), paris(20, 21)),  # most of a day, awake
        (paris(21, 20), paris(22, 18, 30)),  # 46 h left: 11 h 30
        (paris(22, 17), paris(23, 10, 15)),  # 25 h left: 6 h 15
        (paris(21, 23), paris(22, 18, 45)),  # 43 h left: 10 h 45, from the morning on
        (paris(10, 12), paris(12, 12)),  # early: 48 h
        (paris(10, 22), paris(13, 8)),  # early, ending in the night
        (paris(10, 21), paris(12, 21)),  # nine in the evening is awake
        (paris(22, 17, 59), paris(23, 10, 59, month=9)),
    ],
)
def test_until_when_an_offer_may_be_answered(offered: datetime, answer_by: datetime) -> None:
    found = THURSDAY.answer_by(offered.astimezone(UTC)).astimezone(PARIS)

    assert found.replace(second=0, microsecond=0) == answer_by


def test_a_window_counted_from_when_the_mail_left_is_as_long() -> None:
    offered, left = paris(21, 20).astimezone(UTC), paris(22, 9).astimezone(UTC)

    assert THURSDAY.answer_by(offered, counted_from=left).astimezone(PARIS) == paris(22, 20, 30)


def test_no_offer_outlives_the_freeze() -> None:
    late = replace(DEFAULTS, last_day_before=timedelta(hours=4), window_least=timedelta(hours=6), window_most=timedelta(hours=6))
    calendar = rules.calendar_of(paris(23, 18).astimezone(UTC), "Europe/Paris", late)

    assert calendar.answer_by(paris(23, 13).astimezone(UTC)) == calendar.freeze_at
    assert calendar.extended(calendar.freeze_at) == calendar.freeze_at


def test_two_hours_more_are_two_waking_hours() -> None:
    assert THURSDAY.extended(paris(20, 20).astimezone(UTC)).astimezone(PARIS) == paris(21, 9)


@pytest.mark.parametrize(
    ("doors", "day_before"),
    [
        (datetime(2027, 3, 28, 18, tzinfo=PARIS), datetime(2027, 3, 27, 18, tzinfo=PARIS)),  # the night of 23 hours
        (datetime(2027, 10, 31, 18, tzinfo=PARIS), datetime(2027, 10, 30, 18, tzinfo=PARIS)),  # and of 25
    ],
)
def test_a_change_of_clocks_moves_nothing(doors: datetime, day_before: datetime) -> None:
    calendar = rules.calendar_of(doors.astimezone(UTC), "Europe/Paris")
    evening = day_before - timedelta(hours=1)  # 17:00: 25 h by the clock on the wall

    assert calendar.last_day_from == day_before.astimezone(UTC)
    assert calendar.answer_by(evening.astimezone(UTC)).astimezone(PARIS).replace(tzinfo=None) == datetime.combine(
        doors.date(), time(10, 15)
    )


hours = st.integers(0, 23).map(time)
walls = st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 31)).map(lambda wall: wall.replace(second=0, microsecond=0))


def is_awake(wall: datetime, quiet_from: time, quiet_to: time) -> bool:
    """Written from the words: quiet hours run from one time of the day to the other, over midnight or not."""
    at = wall.time()
    if quiet_from == quiet_to:
        return True
    if quiet_from < quiet_to:
        return not quiet_from <= at < quiet_to
    return quiet_to <= at < quiet_from


@settings(max_examples=150, deadline=None)
@given(walls, hours, hours, st.integers(1, 40))
def test_waking_time_is_counted_minute_by_minute(wall: datetime, quiet_from: time, quiet_to: time, length: int) -> None:
    chosen = Settings(quiet_from=quiet_from, quiet_to=quiet_to)
    end = rules.after_waking(chosen, wall, timedelta(hours=length))

    minutes = int((end - wall) / timedelta(minutes=1))
    awake = sum(is_awake(wall + timedelta(minutes=minute), quiet_from, quiet_to) for minute in range(minutes))
    assert awake == length * 60
    assert is_awake(end - timedelta(minutes=1), quiet_from, quiet_to)
    assert rules.waking_between(chosen, wall, end) == timedelta(hours=length)


@settings(max_examples=150, deadline=None)
@example(datetime(2027, 1, 1), time(0), time(1))  # quiet hours within one day, at their very beginning
@given(walls, hours, hours)
def test_what_ends_in_the_night_ends_in_the_morning(wall: datetime, quiet_from: time, quiet_to: time) -> None:
    chosen = Settings(quiet_from=quiet_from, quiet_to=quiet_to)
    moved = rules.next_waking(chosen, wall)

    asleep = not is_awake(wall, quiet_from, quiet_to) and wall.time() != quiet_from
    assert moved == wall or moved.time() == quiet_to
    assert (moved != wall) == asleep == rules.is_quiet(chosen, wall)
    assert timedelta(0) <= moved - wall < timedelta(days=1)


def test_settings_are_kept_as_plain_values_and_read_again() -> None:
    chosen = Settings(
        offers_before=timedelta(days=5), keep_before=None, quiet_from=time(22, 30), lapses=1, window_percent=50, keep_max_party=3
    )

    assert rules.kept(chosen) == {
        "offers_before": 7200,
        "keep_before": None,
        "keep_max_party": 3,
        "window_percent": 50,
        "quiet_from": "22:30",
        "lapses": 1,
    }
    assert rules.settings_of(rules.kept(chosen)) == chosen
    assert (rules.kept(DEFAULTS), rules.settings_of({})) == ({}, DEFAULTS)


def test_an_unknown_setting_is_not_passed_over() -> None:
    with pytest.raises(TypeError, match="offres"):
        rules.settings_of({"offres": 3})


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"offers_before": timedelta(hours=20)}, "allocation.phases_out_of_order", "last_day_before"),
        ({"freeze_before": timedelta(hours=30)}, "allocation.phases_out_of_order", "last_day_before"),
        ({"freeze_before": timedelta(minutes=-1)}, "allocation.out_of_bounds", "freeze_before"),
        ({"lapses": 4}, "allocation.out_of_bounds", "lapses"),
        ({"early_window": timedelta(hours=1)}, "allocation.out_of_bounds", "early_window"),
        ({"keep_before": timedelta(hours=12)}, "allocation.keep_too_long", "keep_before"),
        ({"window_most": timedelta(hours=1)}, "allocation.window_reversed", "window_most"),
        ({"last_day_before": timedelta(hours=4)}, "allocation.too_little_time", "freeze_before"),
    ],
)
def test_a_calendar_that_cannot_be_kept_is_refused(changed: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_settings(replace(DEFAULTS, **changed), THURSDAY.doors_at, "Europe/Paris")  # type: ignore[arg-type]

    assert (refused.value.code, refused.value.facts["field"]) == (code, field)


def test_the_usual_settings_stand() -> None:
    rules.check_settings(DEFAULTS, THURSDAY.doors_at, "Europe/Paris")

    assert THURSDAY.offers_from.date() == date(2027, 9, 16)
    assert [THURSDAY.usual_wish(moment) for moment in (THURSDAY.offers_from - timedelta(seconds=1), THURSDAY.offers_from)] == [
        *("offers", "last_day")
    ]


SOFT = replace(DEFAULTS, reconfirm=rules.Reconfirm.SOFT)


def test_who_has_a_seat_is_asked_on_three_days_at_the_hour_of_doors() -> None:
    calendar = rules.calendar_of(THURSDAY.doors_at, "Europe/Paris", SOFT)

    assert [at.astimezone(PARIS) for at in calendar.asks] == [paris(18, 18), paris(21, 18), paris(22, 18)]
    assert THURSDAY.asks == ()


@given(st.datetimes(min_value=datetime(2027, 1, 1), max_value=datetime(2028, 1, 1)), st.integers(0, 10 * 24 * 60))
@example(datetime(2027, 3, 29, 18), 24 * 60)  # the night before, an hour is missing
@example(datetime(2027, 11, 1, 18), 24 * 60)  # there is one too many
def test_what_is_due_is_the_latest_ask_that_has_come(doors: datetime, minutes_before: int) -> None:
    doors_at = doors.replace(tzinfo=PARIS).astimezone(UTC)
    calendar, now = rules.calendar_of(doors_at, "Europe/Paris", SOFT), doors_at - timedelta(minutes=minutes_before)
    walls = [at.astimezone(PARIS).replace(tzinfo=None) for at in calendar.asks]

    due = calendar.ask_due(now)

    assert due == next((at for at in reversed(calendar.asks) if at <= now and now < doors_at), None)
    assert rules.calendar_of(doors_at, "Europe/Paris").ask_due(now) is None
    assert list(calendar.asks) == sorted(set(calendar.asks))
    assert all(at < doors_at for at in calendar.asks)
    if all(wall.replace(tzinfo=PARIS).astimezone(UTC).astimezone(PARIS).replace(tzinfo=None) == wall for wall in (doors, *walls)):
        assert [doors - wall for wall in walls] == [timedelta(days=days) for days in (5, 2, 1)]
