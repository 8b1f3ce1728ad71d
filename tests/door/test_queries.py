"""Days, gates, counters, and what `verify` finds at the door."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from eventapp.door import actions, queries, rules
from eventapp.door.models import EventDoor
from eventapp.door.queries import Counters, GateCount, GateFacts
from eventapp.door.rules import Direction
from eventapp.events.models import EventGate, Gate
from eventapp.lib.db import Database
from eventapp.lib.signing import sha256
from eventapp.registration.models import Attendee
from tests import factories, phones
from tests.cast import KARIM, LUCIE
from tests.factories import NOW, House


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2027, 9, 23, 3, 59, tzinfo=UTC), date(2027, 9, 22)),
        (datetime(2027, 9, 23, 4, 0, tzinfo=UTC), date(2027, 9, 23)),
        (datetime(2027, 9, 23, 22, 30, tzinfo=UTC), date(2027, 9, 23)),
        (datetime(2027, 10, 31, 4, 59, tzinfo=UTC), date(2027, 10, 30)),
        (datetime(2027, 10, 31, 5, 0, tzinfo=UTC), date(2027, 10, 31)),
        (datetime(2027, 3, 28, 3, 59, tzinfo=UTC), date(2027, 3, 27)),
        (datetime(2027, 3, 28, 4, 0, tzinfo=UTC), date(2027, 3, 28)),
    ],
)
def test_a_day_goes_from_six_to_six_on_the_wall(moment: datetime, day: date) -> None:
    assert rules.day_of(moment, "Europe/Paris")[0] == day


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1), timezones=st.just(UTC)))
def test_every_moment_lies_in_its_day_and_in_no_other(moment: datetime) -> None:
    _on, day = rules.day_of(moment, "Europe/Paris")
    _next, after = rules.day_of(rules.instant(day.to_at), "Europe/Paris")

    assert day.from_at <= rules.milliseconds(moment) < day.to_at
    assert after.from_at == day.to_at


def test_gates_of_the_event_then_of_the_space_then_one(database: Database) -> None:
    house = House(database)
    with database.writing() as session:
        bare = factories.event(session, organiser_id=house.organiser.id, slug="ailleurs")
        from_space = queries.gates(session, house.event.id)
        south = session.query(Gate).filter_by(name="Sud").one()
        session.add(EventGate(event_id=house.event.id, gate_id=south.id, type_numbers=[2]))
        session.flush()

        assert from_space == [GateFacts("Nord", "in"), GateFacts("Sud", "in")]
        assert queries.gates(session, house.event.id) == [GateFacts("Sud", "in", frozenset({2}))]
        assert queries.gates(session, bare.id) == [GateFacts("A")]


def scanned(house: House) -> None:
    secret = phones.credential(house)[1]
    with house.database.writing() as session:
        session.execute(update(Gate).values(direction="both"))
    codes = [phones.codes(house.database, house.register(one).registration)[0] for one in (KARIM, LUCIE)]
    asks = [
        actions.Ask(id=number_id, seq=1, via="camera", code=code, direction=direction)
        for number_id, code, direction in zip(
            [uuid.uuid4() for _ in range(3)],
            [*codes, codes[0]],
            [Direction.IN, Direction.IN, Direction.OUT],
            strict=True,
        )
    ]
    with house.database.writing() as session:
        actions.scan(session, credential_sha256=sha256(secret), asks=asks, now=NOW)


def test_counters_by_gate_and_no_faults(database: Database) -> None:
    house = House(database)
    scanned(house)

    with database.reading() as session:
        assert queries.counters(session, house.event.id) == Counters(1, 2, 820)
        assert queries.by_gate(session, house.event.id) == [GateCount("Nord", 2, 2, 1)]
        assert queries.entries_since(session, house.event.id, NOW - timedelta(minutes=1)) == 2
        assert queries.entries_since(session, house.event.id, NOW) == 0
        assert queries.totals(session, house.event.id) == (1, 2)
        assert queries.passage_count(session, house.event.id) == 3
        assert queries.faults(session, house.event.id) == []


def test_an_event_without_phones_has_counters_and_no_faults(database: Database) -> None:
    house = House(database)

    with database.reading() as session:
        assert queries.counters(session, house.event.id) == Counters(0, 0, 820)
        assert queries.faults(session, house.event.id) == []


def test_a_counter_that_drifted_is_found(database: Database) -> None:
    house = House(database)
    scanned(house)
    with database.writing() as session:
        session.execute(update(EventDoor).values(occupancy=7))
        session.execute(update(Attendee).values(arrived_at=None))

    with database.reading() as session:
        assert queries.faults(session, house.event.id) == [
            "door: occupancy 7, passages 1",
            "door: arrived 2, first entries 2, attendees marked 0",
        ]
