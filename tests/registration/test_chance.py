"""How likely a seat is: pinned figures, what must hold whatever the facts, and that what is said comes true as often as said."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventapp.lib.db import Database
from eventapp.lib.probability import beta_binomial, beta_of
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions, queries, rules
from eventapp.registration.rules import Band, Edition, Outlook, Waiting
from eventapp.registration.rules.chance import band, cancel_rate, done_by, likelihood, rounded, still_to_come
from tests.cast import KARIM, LUCIE, MARC, NORA
from tests.factories import NOW
from tests.registration.line import DOORS, FREEZE, MORNING, Line

OPENED = datetime(2027, 8, 1, tzinfo=UTC)
LATE = FREEZE - timedelta(hours=72)
PINNED = beta_binomial(800, *beta_of(0.06, 0.025))


def waiting(**values: object) -> Waiting:
    usual = Waiting(
        size=1, before={}, seated=800, short=0, protected=0, ever_confirmed=840, cancelled=40, opened_at=OPENED, freeze_at=FREEZE
    )
    return replace(usual, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("position", "expected"), [(1, 1.0), (10, 0.997), (25, 0.939), (40, 0.765), (50, 0.610), (60, 0.455), (75, 0.262), (100, 0.083)]
)
def test_pinned_chances_of_single_persons(position: int, expected: float) -> None:
    assert likelihood(PINNED, {1: position - 1}, needed=1, take_up=0.8) == pytest.approx(expected, abs=0.002)


@pytest.mark.parametrize(("short", "left", "expected"), [(0, 0, 0.716), (0, 10, 0.884), (12, 0, 0.481)])
def test_pinned_chances_of_two_behind_pairs(short: int, left: int, expected: float) -> None:
    assert likelihood(PINNED, {1: 31, 2: 5}, needed=2 + short - left, take_up=0.8) == pytest.approx(expected, abs=0.002)


def test_pinned_rate_after_forty_cancellations() -> None:
    rate = cancel_rate(waiting(), 0.6)

    assert rate.mean == pytest.approx(0.0809, abs=0.0001)
    assert tuple(still_to_come(rate, 0.6)) == (pytest.approx(0.0340, abs=0.0001), pytest.approx(0.0049, abs=0.0001))


@pytest.mark.parametrize(
    ("opened", "now", "done"),
    [
        (OPENED, OPENED - timedelta(days=1), 0.0),
        (OPENED, OPENED + (LATE - OPENED) / 2, 0.3),
        (OPENED, LATE, 0.6),
        (OPENED, FREEZE - timedelta(hours=36), 0.8),
        (OPENED, FREEZE, 1.0),
        (FREEZE - timedelta(hours=48), FREEZE - timedelta(hours=36), 0.25),  # so short an opening has one slope
    ],
)
def test_how_many_cancellations_have_usually_come(opened: datetime, now: datetime, done: float) -> None:
    assert done_by(opened, FREEZE, now) == pytest.approx(done)


def test_a_past_edition_teaches_and_an_older_one_less() -> None:
    facts = waiting(ever_confirmed=0, cancelled=0)
    learned = [
        cancel_rate(replace(facts, editions=editions), 0.0).mean
        for editions in ([], [Edition(1_000, 200, 2)], [Edition(1_000, 200, 0)], [Edition(1_000, 200, 0), Edition(1_000, 200, 1)])
    ]

    assert learned == sorted(learned)
    assert pytest.approx(learned[0]) == 0.1
    assert learned[-1] < 0.2


CASES = st.builds(
    waiting,
    size=st.integers(1, 4),
    before=st.dictionaries(st.integers(1, 4), st.integers(0, 60), max_size=4),
    seated=st.integers(0, 300),
    short=st.integers(-5, 20),
    protected=st.integers(0, 40),
    ever_confirmed=st.integers(0, 300),
    cancelled=st.integers(0, 40),
)
MOMENTS = st.integers(0, 60 * 24).map(lambda hours: FREEZE - timedelta(hours=hours))


@settings(max_examples=150, deadline=None)
@given(CASES, MOMENTS, st.integers(1, 4))
def test_a_chance_is_one_and_nobody_ahead_can_raise_it(facts: Waiting, now: datetime, size: int) -> None:
    value = rules.chance(facts, now)
    crowded = dict(facts.before) | {size: facts.before.get(size, 0) + 5}

    assert 0 <= value <= 1
    assert rules.chance(replace(facts, before=crowded), now) <= value + 1e-6
    assert rules.chance(replace(facts, size=facts.size + 1), now) <= value + 1e-6
    assert rules.chance(replace(facts, short=facts.short + 1), now) <= value + 1e-6
    assert rules.chance(replace(facts, protected=facts.protected + 2), now) >= value - 1e-6


def test_words_and_figures() -> None:
    assert [band(value) for value in (1.0, 0.85, 0.849, 0.6, 0.3, 0.1, 0.099, 0.0)] == [
        Band.VERY_LIKELY,
        Band.VERY_LIKELY,
        Band.LIKELY,
        Band.LIKELY,
        Band.UNCERTAIN,
        Band.UNLIKELY,
        Band.VERY_UNLIKELY,
        Band.VERY_UNLIKELY,
    ]
    assert [rounded(value) for value in (0.0, 0.01, 0.12, 0.13, 0.5, 0.99, 1.0)] == [5, 5, 10, 15, 50, 95, 95]


def test_nothing_is_said_before_anything_is_learned_nor_after_the_freeze() -> None:
    assert rules.outlook(waiting(cancelled=19), MORNING) is None
    assert rules.outlook(waiting(), FREEZE) is None
    told = rules.outlook(waiting(cancelled=19, editions=[Edition(700, 70, 0)]), LATE)
    assert isinstance(told, Outlook)
    assert (told.band, told.percent, told.cancelled, told.editions) == (Band.VERY_LIKELY, 95, 19, 1)


@pytest.mark.slow
def test_what_is_said_comes_true_as_often_as_it_is_said() -> None:
    """400 seasons drawn from the priors: in each band with 200 cases or more, the share seated is within 10 points of the chance."""
    dice = random.Random(20270923)
    said: defaultdict[Band, list[float]] = defaultdict(list)
    came: defaultdict[Band, list[bool]] = defaultdict(list)
    moments = [LATE - timedelta(days=3), LATE, FREEZE - timedelta(hours=24)]
    a, b = beta_of(0.10, (0.04**2 + 0.025**2) ** 0.5)
    for _ in range(400):
        rate, seats = dice.betavariate(a, b), dice.choice([80, 200, 400])
        for now in moments:
            done = done_by(OPENED, FREEZE, now)
            cancelled = sum(dice.random() < rate * done for _ in range(seats))
            seated = seats  # the line has refilled them
            late = rate * (1 - done) / (1 - rate * done)
            free = sum(dice.random() < late for _ in range(seated))
            ahead = int(seats * dice.uniform(0, 0.1))
            taken = sum(dice.random() < 0.8 for _ in range(ahead))
            facts = waiting(before={1: ahead}, seated=seated, ever_confirmed=seats + cancelled, cancelled=cancelled)
            value = rules.chance(facts, now)
            said[band(value)].append(value)
            came[band(value)].append(free >= taken + 1)
    judged = {word: (sum(said[word]) / len(said[word]), sum(came[word]) / len(came[word])) for word in said if len(said[word]) >= 200}
    assert len(judged) >= 2
    assert {word: pair for word, pair in judged.items() if abs(pair[0] - pair[1]) > 0.10} == {}


def test_facts_are_read_from_the_event_and_from_the_one_before(database: Database) -> None:
    line = Line(database, limit=2)
    karim, _lucie, _marc, nora = line.join(KARIM, LUCIE, MARC, NORA)
    line.leave(karim, now=NOW)  # Marc is confirmed
    with database.writing() as session:
        actions.create_quota(
            session,
            event_id=line.event_id,
            name="partenaires",
            limit=4,
            protects_id=line.house.quota.id,
            protected_until=FREEZE - timedelta(days=1),
            actor=OPERATOR,
            now=NOW,
        )

    with database.reading() as session:
        row = line.row(nora)
        facts = queries.waiting(session, line.house.event, row, NOW)

    assert facts == Waiting(
        size=1,
        before={},
        seated=2,
        short=4,  # the guard reaches beyond what is free
        protected=4,
        ever_confirmed=3,
        cancelled=1,
        opened_at=NOW,
        freeze_at=FREEZE,
        editions=[],
    )


def test_who_does_not_wait_has_no_facts(database: Database) -> None:
    line = Line(database)
    karim = line.join(KARIM)[0]

    with database.reading() as session:
        assert queries.waiting(session, line.house.event, line.row(karim), NOW) is None


def test_a_quota_that_is_shortest_decides() -> None:
    house = rules.House(
        {1: queries.QuotaView(1, 10, 8, None, None), 2: queries.QuotaView(2, 3, 4, None, None)},
        {7: [1, 2]},
        rules.calendar_of(DOORS, "Europe/Paris"),
    )

    assert rules.shortage(house, [1, 2], NOW) == (1, 0)
    assert rules.shortage(house, [1], NOW) == (-2, 0)
