"""When and where: wall times across the changes of the clock, the checklist, and when an event is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventapp.events import rules
from eventapp.events.rules import EventState, EventValues, Facts, SpaceValues
from eventapp.lib.refusal import Refused

PARIS = "Europe/Paris"
SUMMER = datetime(2027, 3, 28, 2, 30)  # does not exist in Paris
WINTER = datetime(2027, 10, 31, 2, 30)  # exists twice in Paris
DOORS = datetime(2027, 9, 23, 16, tzinfo=UTC)
WALLS = st.datetimes(datetime(2027, 1, 1), datetime(2028, 12, 31))
ZONES = st.sampled_from(rules.ZONES)


def refused(code: str, call: object, *arguments: object, **more: object) -> None:
    with pytest.raises(Refused) as it:
        call(*arguments, **more)  # type: ignore[operator]
    assert it.value.code == code


@pytest.mark.trust("F-14")
@given(WALLS, ZONES, st.booleans())
def test_an_instant_shows_the_wall_time_that_was_typed_or_there_is_none(wall: datetime, zone: str, second: bool) -> None:
    wall = wall.replace(microsecond=0)
    try:
        instant = rules.instant(wall, zone, second=second)
    except Refused:
        hour = timedelta(hours=1)
        place = ZoneInfo(zone)
        # The clocks jumped: an hour before and an hour after are further apart on the wall than they are in time.
        before, after = ((wall + step).replace(tzinfo=place) for step in (-hour, hour))
        assert after.astimezone(UTC) - before.astimezone(UTC) < 2 * hour
    else:
        assert instant.tzinfo is UTC
        assert instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == wall


@pytest.mark.trust("F-14")
@given(WALLS, ZONES)
def test_only_a_double_hour_has_two_instants(wall: datetime, zone: str) -> None:
    try:
        first, second = (rules.instant(wall, zone, second=later) for later in (False, True))
    except Refused:
        assert not rules.exists_twice(wall, zone)
        return
    assert rules.exists_twice(wall, zone) == (first != second)
    assert first <= second


@pytest.mark.trust("F-14")
def test_the_two_changes_of_2027_in_paris() -> None:
    refused("time.does_not_exist", rules.instant, SUMMER, PARIS)
    assert rules.instant(SUMMER + timedelta(minutes=30), PARIS) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert (rules.exists_twice(WINTER, PARIS), rules.exists_twice(SUMMER, PARIS)) == (True, False)
    assert rules.instant(WINTER, PARIS) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert rules.instant(WINTER, PARIS, second=True) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Europe/Marseille", "", "../../etc/passwd", "/etc/localtime"])
def test_a_zone_that_nobody_knows_is_refused(zone: str) -> None:
    refused("zone.unknown", rules.instant, datetime(2027, 9, 23), zone)


@pytest.mark.trust("F-14")
@given(st.datetimes(datetime(2027, 1, 2), datetime(2028, 12, 31), timezones=st.just(UTC)), ZONES, st.integers(1, 30))
def test_a_day_before_is_the_same_time_on_the_wall(moment: datetime, zone: str, days: int) -> None:
    before = rules.same_wall_clock_before(moment, timedelta(days=days), zone)

    place = ZoneInfo(zone)
    wanted = moment.astimezone(place).replace(tzinfo=None) - timedelta(days=days)
    # In the hour that does not exist there is no such time: the wall then shows the hour after.
    shown = before.astimezone(place).replace(tzinfo=None, fold=0)
    assert shown - wanted.replace(fold=0) in (timedelta(0), timedelta(hours=1))
    assert (shown == wanted.replace(fold=0)) == (shown - wanted.replace(fold=0) == timedelta(0))


@dataclass(frozen=True)
class Evening:
    state: str = "published"
    doors_at: datetime = DOORS
    starts_at: datetime = DOORS + timedelta(minutes=30)
    ends_at: datetime = DOORS + timedelta(hours=5)
    zone: str = PARIS


@given(st.sampled_from(EventState), st.integers(-10_000, 10_000))
def test_an_event_is_before_running_or_over_and_never_two_of_them(state: EventState, minutes: int) -> None:
    event, now = Evening(state), DOORS + timedelta(minutes=minutes)

    running, over = rules.is_running(event, now), rules.is_over(event, now)
    assert not (running and over)
    assert running == (state == EventState.PUBLISHED and 0 <= minutes < 300)
    assert over == (state == EventState.ARCHIVED or minutes >= 420)


@given(st.integers(-3, 3), st.integers(-3, 3), st.sampled_from([timedelta(minutes=1), timedelta(days=20)]))
def test_doors_come_before_the_start_and_the_start_before_the_end(start: int, end: int, step: timedelta) -> None:
    starts_at, ends_at = DOORS + start * step, DOORS + end * step
    if not 0 <= start < end:
        refused("event.dates_out_of_order", rules.check_dates, DOORS, starts_at, ends_at)
    elif ends_at - starts_at > timedelta(days=31):
        refused("event.too_long", rules.check_dates, DOORS, starts_at, ends_at)
    else:
        rules.check_dates(DOORS, starts_at, ends_at)


def test_an_event_lasts_at_most_31_days() -> None:
    rules.check_dates(DOORS, DOORS, DOORS + timedelta(days=31))
    refused("event.too_long", rules.check_dates, DOORS, DOORS, DOORS + timedelta(days=31, seconds=1))


READY = Facts(
    legal_missing=(),
    contact="contact@demo.test",
    has_space=True,
    safety_capacity=820,
    booking_limit=800,
    ticket_types=1,
    public_ticket_types=1,
    doors_at=DOORS,
    now=DOORS - timedelta(days=1),
)
BROKEN = {
    "checklist.legal": ({"legal_missing": ("phone",)}, "organiser"),
    "checklist.contact": ({"contact": " \t"}, "event"),
    "checklist.space": ({"has_space": False}, "space"),
    "checklist.safety_capacity": ({"safety_capacity": None}, "space"),
    "checklist.over_gauge": ({"booking_limit": 821, "overbooking_reason": " "}, "quotas"),
    "checklist.ticket_types": ({"ticket_types": 0, "public_ticket_types": 0}, "ticket_types"),
    "checklist.public_ticket_type": ({"public_ticket_types": 0}, "ticket_types"),
    "checklist.past": ({"now": DOORS}, "event"),
}


def told(facts: Facts) -> list[tuple[str, str]]:
    return [(missing.code, missing.where) for missing in rules.checklist(facts)]


@pytest.mark.trust("L1", "S1")
@pytest.mark.parametrize("code", BROKEN)
def test_the_checklist_names_what_is_missing_and_where_to_mend_it(code: str) -> None:
    changed, where = BROKEN[code]

    assert told(READY) == []
    assert told(replace(READY, **changed)) == [(code, where)]  # type: ignore[arg-type]


def test_more_seats_than_bodies_need_a_reason_and_nothing_else_excuses_them() -> None:
    over = replace(READY, booking_limit=1140)

    assert told(over) == [("checklist.over_gauge", "quotas")]
    assert told(replace(over, overbooking_reason="30 % ne viennent pas")) == []
    assert told(replace(READY, booking_limit=820)) == told(replace(READY, booking_limit=None)) == []


@given(st.sets(st.sampled_from(["checklist.legal", "checklist.contact", "checklist.space", "checklist.ticket_types", "checklist.past"])))
def test_faults_are_named_each_by_itself(codes: set[str]) -> None:
    changes: dict[str, object] = {}
    for code in codes:
        changes |= BROKEN[code][0]

    assert {code for code, _where in told(replace(READY, **changes))} == codes  # type: ignore[arg-type]


SPACE = SpaceValues(name="Parvis", safety_capacity=820, safety_source="Registre", safety_author="Inès", safety_on=date(2027, 1, 1))


@pytest.mark.trust("S1")
@pytest.mark.parametrize("gone", [{"safety_source": " "}, {"safety_author": ""}, {"safety_on": None}])
def test_a_safety_capacity_names_its_document_author_and_date(gone: dict[str, object]) -> None:
    rules.check_space(SPACE)
    rules.check_space(SpaceValues(name="Parvis"))
    refused("space.safety_unsourced", rules.check_space, replace(SPACE, **gone))  # type: ignore[arg-type]


def test_instants_keep_doors_start_and_end_apart_even_in_the_double_hour() -> None:
    values = EventValues(
        title={"fr": "Nuit"},
        doors_wall=WINTER,
        starts_wall=WINTER,
        ends_wall=WINTER + timedelta(hours=2),
        starts_second=True,
    )

    doors_at, starts_at, ends_at = rules.instants(values)

    assert (starts_at - doors_at, ends_at - starts_at) == (timedelta(hours=1), timedelta(hours=2))
    refused("event.dates_out_of_order", rules.instants, replace(values, doors_second=True, starts_second=False))


@pytest.mark.parametrize(
    ("counts", "people"),
    [
        ({"turned_away": 250}, 250),
        ({"refused": 12}, 12),
        ({"refused": [{"n": 250, "reason": "NO_TICKET"}, {"n": 90, "reason": "FULL"}, {"reason": "?"}, "?"]}, 340),
        ({"turned_away": 0, "refused": 12}, 0),
        ({"refused": "many"}, 0),
        ({}, 0),
    ],
)
def test_who_was_turned_away_is_a_number_or_numbers_by_reason(counts: dict[str, object], people: int) -> None:
    assert rules.turned_away(counts) == people
