"""What SQL itself refuses at the door: second admissions, altered scans, rows of another event."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from eventapp.door.models import Device, DeviceEnrolment, EventDoor, Passage, Scan
from eventapp.lib.db import Database, Session
from tests import factories, phones
from tests.cast import KARIM
from tests.factories import NOW, House


@pytest.fixture
def house(database: Database) -> House:
    it = House(database)
    phones.credential(it)
    it.register(KARIM)
    return it


def scan(session: Session, house: House, **values: Any) -> Scan:
    device = session.scalars(select(Device)).first()
    assert device is not None
    row = Scan(
        **{
            "event_id": house.event.id,
            "device_id": device.id,
            "client_id": uuid.uuid4(),
            "content_sha256": bytes(32),
            "seq": 1,
            "via": "camera",
            "gate": "Nord",
            "direction": "in",
            "verdict": "OK",
            "moves": "in",
            "clock": "live",
            "corrected_at": NOW,
            "received_at": NOW,
        }
        | values
    )
    session.add(row)
    session.flush()
    return row


def passage(session: Session, house: House, **values: Any) -> Passage:
    row = scan(session, house)
    attendee_id, ticket_id = session.execute(text("SELECT attendee_id, id FROM ticket")).one()
    added = Passage(
        **{
            "event_id": house.event.id,
            "device_id": row.device_id,
            "scan_id": row.id,
            "ticket_id": ticket_id,
            "attendee_id": attendee_id,
            "gate": "Nord",
            "direction": "in",
            "delta": 1,
            "cause": "scan",
            "first": True,
            "day": date(2027, 9, 23),
            "at": NOW,
        }
        | values
    )
    session.add(added)
    session.flush()
    return added


def refused(database: Database, act: Callable[[Session], object]) -> bool:
    try:
        with database.writing() as session:
            act(session)
    except DBAPIError:
        return True
    return False


def test_one_first_entry_an_attendee_and_day(house: House) -> None:
    with house.database.writing() as session:
        passage(session, house)

    assert refused(house.database, lambda session: passage(session, house))
    assert not refused(house.database, lambda session: passage(session, house, first=False))
    assert not refused(house.database, lambda session: passage(session, house, day=date(2027, 9, 24)))


@pytest.mark.parametrize("table", [Scan, Passage])
def test_scans_and_passages_are_never_altered_or_deleted(house: House, table: type[Scan] | type[Passage]) -> None:
    with house.database.writing() as session:
        passage(session, house)

    assert refused(house.database, lambda session: session.execute(update(table).values(gate="Sud")))
    assert refused(house.database, lambda session: session.execute(delete(table)))


def test_one_scan_an_id(house: House) -> None:
    same = uuid.uuid4()
    with house.database.writing() as session:
        scan(session, house, client_id=same)

    assert refused(house.database, lambda session: scan(session, house, client_id=same))


def test_rows_of_another_event_cannot_even_be_stored(house: House) -> None:
    with house.database.writing() as session:
        other = factories.event(session, organiser_id=house.organiser.id, slug="autre").id

    assert refused(house.database, lambda session: scan(session, house, event_id=other))
    assert refused(house.database, lambda session: passage(session, house, event_id=other))
    assert refused(house.database, lambda session: session.execute(update(Device).values(event_id=other)))


@pytest.mark.parametrize(
    "values",
    [{"via": "telepathy"}, {"verdict": "MAYBE"}, {"moves": "up"}, {"direction": "up"}, {"clock": "sundial"}, {"shown": "MAYBE"}],
)
def test_words_are_those_of_the_rule(house: House, values: dict[str, str]) -> None:
    assert refused(house.database, lambda session: scan(session, house, **values))


@pytest.mark.parametrize(
    "values", [{"delta": -1}, {"delta": 0}, {"direction": "out"}, {"direction": "out", "delta": -1}, {"attendee_id": None}]
)
def test_bodies_go_the_way_they_say(house: House, values: dict[str, Any]) -> None:
    assert refused(house.database, lambda session: passage(session, house, **values))


def test_counters_and_uses_keep_their_bounds(house: House) -> None:
    too_far = [
        update(EventDoor).values(arrived=-1),
        update(DeviceEnrolment).values(uses_left=-1),
        update(DeviceEnrolment).values(uses_left=2),
        update(DeviceEnrolment).values(uses=51),
        update(Device).values(battery_pct=101),
        update(Device).values(state="asleep"),
        update(Device).values(role="boss"),
    ]

    def tried(statement: Any) -> bool:
        return refused(house.database, lambda session: session.execute(statement))

    assert [tried(statement) for statement in too_far] == [True] * len(too_far)


def test_a_clock_may_be_wrong_by_years(house: House) -> None:
    offset = 60 * 365 * 86_400_000
    with house.database.writing() as session:
        scan(session, house, offset_ms=offset, mono_ms=offset, raw_at=NOW - timedelta(milliseconds=offset))

    with house.database.reading() as session:
        assert session.scalars(select(Scan.offset_ms)).one() == offset
