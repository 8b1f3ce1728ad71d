"""Phones invited, enrolled, ended and revoked; scans under locks taken in order."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from eventapp.door import actions, queries
from eventapp.door.models import Device, DeviceEnrolment, EventDoor
from eventapp.door.queries.doors import locked_door
from eventapp.door.rules import DeviceState, Role
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import sha256
from eventapp.people.rules import OPERATOR
from eventapp.registration import queries as registrations
from tests import phones
from tests.cast import KARIM
from tests.factories import NOW, House


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def enrol(house: House, secret: str, *, after: timedelta = timedelta()) -> str | None:
    try:
        with house.database.writing() as session:
            return actions.enrol(session, secret=secret, label="Nora", app="1", now=NOW + after)[1]
    except Refused:
        return None


def test_the_first_invitation_opens_the_door_and_the_second_finds_it_open(house: House) -> None:
    phones.invite(house)
    phones.invite(house, gate="Sud")

    with house.database.reading() as session:
        door = session.scalars(select(EventDoor)).one()
        assert (door.event_id, door.occupancy, door.arrived) == (house.event.id, 0, 0)
        assert [row.gate for row in session.scalars(select(DeviceEnrolment).order_by(DeviceEnrolment.id))] == ["Nord", "Sud"]


def test_an_invitation_is_good_for_its_uses_and_its_ten_minutes(house: House) -> None:
    twice, late = phones.invite(house, uses=2), phones.invite(house)

    enrolled = [enrol(house, twice) is not None for _ in range(3)]

    assert enrolled == [True, True, False]
    assert enrol(house, late, after=timedelta(minutes=10)) is None
    assert enrol(house, late, after=timedelta(minutes=9, seconds=59)) is not None


@pytest.mark.parametrize(
    ("gate", "role", "uses", "code"),
    [
        ("Ouest", Role.SCAN, 1, "gate.unknown"),
        ("Nord", Role.SCREEN, 1, "door.role_unknown"),
        ("Nord", Role.SCAN, 0, "door.uses"),
        ("Nord", Role.SCAN, 51, "door.uses"),
    ],
)
def test_invitations_that_make_no_sense(house: House, gate: str, role: Role, uses: int, code: str) -> None:
    with pytest.raises(Refused) as refused:
        phones.invite(house, gate=gate, role=role, uses=uses)

    assert refused.value.code == code


def test_nobody_is_invited_to_an_event_that_is_over(house: House) -> None:
    with pytest.raises(Refused) as refused:
        phones.invite(house, now=house.event.ends_at + timedelta(hours=2))

    assert refused.value.code == "door.over"


def test_only_hashes_are_kept(house: House) -> None:
    secret = phones.invite(house)
    credential = enrol(house, secret)

    assert credential is not None
    with house.database.reading() as session:
        assert session.scalars(select(DeviceEnrolment.secret_sha256)).one() == sha256(secret)
        assert session.scalars(select(Device.credential_sha256)).one() == sha256(credential)


def test_revoked_stays_revoked(house: House) -> None:
    public_id, _secret = phones.credential(house)

    def state() -> str:
        with house.database.reading() as session:
            return session.scalars(select(Device.state)).one()

    def end() -> str:
        with house.database.writing() as session:
            actions.end_device(session, device=session.scalars(select(Device)).one(), pending=0, now=NOW)
        return state()

    def revoke() -> str:
        with house.database.writing() as session:
            assert actions.revoke_device(session, event_id=house.event.id, public_id=public_id, actor=OPERATOR, now=NOW) is not None
        return state()

    assert [end(), revoke(), end(), revoke()] == [DeviceState.ENDED, DeviceState.REVOKED, DeviceState.REVOKED, DeviceState.REVOKED]


def test_a_phone_of_another_event_is_not_found(house: House) -> None:
    with house.database.writing() as session:
        assert actions.revoke_device(session, event_id=house.event.id, public_id="nobody", actor=OPERATOR, now=NOW) is None


def scanned_and_lost(house: House, credential: str, code: str) -> None:
    with house.database.writing() as session:
        ask = actions.Ask(id=uuid.uuid4(), seq=1, via="camera", code=code)
        outcome = actions.scan(session, credential_sha256=sha256(credential), asks=[ask], now=NOW)
        assert outcome.answers[0].verdict == "OK"
        raise ZeroDivisionError


def test_a_scan_that_is_rolled_back_leaves_nothing(house: House) -> None:
    _public_id, credential = phones.credential(house)
    registration = house.register(KARIM).registration

    with pytest.raises(ZeroDivisionError):
        scanned_and_lost(house, credential, phones.codes(house.database, registration)[0])

    with house.database.reading() as session:
        assert queries.totals(session, house.event.id) == (0, 0)
        assert registrations.attendees_of(session, [registration.id])[registration.id][0][0].arrived_at is None


def ticket_before_door(house: House, ticket_id: int, credential: str) -> None:
    with house.database.writing() as session:
        registrations.locked_ticket(session, ticket_id)
        locked_door(session, sha256(credential))


def test_locks_are_taken_in_one_order(house: House) -> None:
    """The door before the ticket: the other way round could end in a deadlock with a cancellation."""
    _public_id, credential = phones.credential(house)
    ticket = phones.tickets_of(house.database, house.register(KARIM).registration)[0]

    with pytest.raises(RuntimeError, match="locked before"):
        ticket_before_door(house, ticket.id, credential)
