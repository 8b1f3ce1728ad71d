"""Organisers' pages for speakers and programme: good input, bad input, strangers."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from eventapp.lib import codes
from eventapp.lib.db import Database
from eventapp.people import actions as people
from eventapp.people.rules import ANONYMOUS, Role
from eventapp.programme import queries
from eventapp.registration import actions as registration_actions
from eventapp.registration import queries as registration
from tests import factories
from tests.cast import INES, KARIM, PAUL
from tests.factories import NOW, House

BASE = "/backoffice/events/grand-opening/programme"


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's own."""
    return app.extensions["eventapp"].database  # type: ignore[no-any-return]


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.fixture
def ines(app: Flask, database: Database, house: House) -> FlaskClient:
    with database.writing() as session:
        user, _actor = factories.member(session, organiser_id=house.organiser.id, character=INES)
        secret = people.sign_in(session, user_id=user.id, epoch=0, label="", now=NOW)
    return signed_in(app, secret)


@pytest.fixture
def paul(app: Flask, database: Database, house: House) -> FlaskClient:
    with database.writing() as session:
        other = factories.organiser(session, "autre")
        user, _actor = factories.member(session, organiser_id=other.id, character=PAUL, role=Role.OWNER)
        secret = people.sign_in(session, user_id=user.id, epoch=0, label="", now=NOW)
    return signed_in(app, secret)


def signed_in(app: Flask, secret: str) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = secret
    return client


def send(client: FlaskClient, path: str, **form: object) -> tuple[int, str]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/backoffice/account").text)
    assert token is not None
    answer = client.post(
        BASE + path, data={"csrf_token": token.group(1), "idempotency_key": codes.key(), **form}, content_type="multipart/form-data"
    )
    return answer.status_code, answer.text


def test_a_speaker_with_a_portrait_is_added(ines: FlaskClient, database: Database, house: House) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (400, 400), "teal").save(picture, "PNG")
    picture.seek(0)

    status, _text = send(ines, "/speakers", name="Maëlle Fictif", role_fr="animatrice", programme_session="", portrait=(picture, "p.png"))

    assert status == 303
    with database.reading() as session:
        [speaker] = queries.speakers(session, house.event.id)
    assert speaker.person.portrait is not None
    assert speaker.person.portrait["alt"] == {"fr": "Maëlle Fictif", "en": "Maëlle Fictif"}
    assert "/media/" in ines.get(f"{BASE}/speakers/{speaker.public_id}").text


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        ({"name": "", "role_fr": "animatrice"}, "animatrice"),
        ({"name": "a\u0000b", "role_fr": "x"}, "x"),
        ({"name": "www.exemple.fr", "role_fr": "x"}, "x"),
    ],
)
def test_a_mistake_is_said_and_what_was_typed_is_kept(
    ines: FlaskClient, database: Database, house: House, form: dict[str, str], kept: str
) -> None:
    status, text = send(ines, "/speakers", programme_session="", **form)

    assert status == 422
    assert f'value="{kept}"' in text
    with database.reading() as session:
        assert queries.speakers(session, house.event.id) == []


@pytest.mark.trust("ACL-3")
def test_the_event_of_another_organiser_is_not_there(paul: FlaskClient, database: Database, house: House) -> None:
    assert [paul.get(BASE + path).status_code for path in ("/", "/speakers/new", "/sessions/new")] == [404, 404, 404]
    assert send(paul, "/speakers", name="Maëlle Fictif", programme_session="")[0] == 404
    with database.reading() as session:
        assert queries.speakers(session, house.event.id) == []


UNTIMED = {"space": "", "track": "", "language": ""}
TIMES = {**UNTIMED, "starts_wall": "2027-09-23T19:00", "ends_wall": "2027-09-23T20:00"}
LATER = {**TIMES, "starts_wall": "2027-09-23T20:00", "ends_wall": "2027-09-23T21:00"}


def test_people_enrol_for_a_session_that_has_a_time_and_places(ines: FlaskClient, database: Database, house: House) -> None:
    without_time = send(ines, "/sessions", kind="workshop", title_fr="Atelier BIM", capacity="2", enrolment="y", **UNTIMED)
    without_places = send(ines, "/sessions", kind="workshop", title_fr="Atelier BIM", enrolment="y", **TIMES)
    status, _text = send(ines, "/sessions", kind="workshop", title_fr="Atelier BIM", capacity="2", enrolment="y", **TIMES)

    assert (without_time[0], without_places[0], status) == (422, 422, 303)
    assert "On s’inscrit à une séance qui a ses horaires" in without_time[1]
    assert "On s’inscrit pour un nombre de places" in without_places[1]
    with database.reading() as session:
        [row] = queries.programme_sessions(session, house.event.id)
        [slot] = registration.slots(session, house.event.id)
    assert (row.enrolment, row.slot_id, slot.title, slot.quota.limit) == (True, slot.id, {"fr": "Atelier BIM"}, 2)
    assert "Inscrits\u00a0: 0 sur 2 places" in ines.get(f"{BASE}/").text


def test_a_session_with_people_in_it_can_be_changed_but_not_closed(ines: FlaskClient, database: Database, house: House) -> None:
    send(ines, "/sessions", kind="workshop", title_fr="Atelier BIM", capacity="1", enrolment="y", **TIMES)
    party = house.register(KARIM).registration
    with database.writing() as session:
        [slot] = registration.slots(session, house.event.id)
        command = {"event_id": house.event.id, "registration_id": party.id, "actor": ANONYMOUS, "now": NOW}
        enrolled = registration_actions.enrol(session, position=1, slot_public_id=slot.public_id, swap=False, **command)
    with database.reading() as session:
        [row] = queries.programme_sessions(session, house.event.id)
    path = f"/sessions/{row.public_id}"

    closed = send(ines, path, kind="workshop", title_fr="Atelier BIM", capacity="1", **TIMES)
    changed = send(
        ines,
        path,
        kind="workshop",
        title_fr="Atelier RFID",
        capacity="3",
        enrolment="y",
        **LATER,
    )
    with database.writing() as session:
        registration_actions.leave_session(session, public_id=enrolled.public_id, **command)
    emptied = send(ines, path, kind="workshop", title_fr="Atelier RFID", capacity="3", **TIMES)

    assert (closed[0], changed[0], emptied[0]) == (422, 303, 303)
    assert "Inscrits à cette séance ou en attente\u00a0: 1." in closed[1]
    with database.reading() as session:
        assert registration.slots(session, house.event.id) == []
        kept = registration.slot(session, house.event.id, slot.id)
    assert kept is not None
    assert (kept.title, kept.quota.limit, kept.withdrawn_at) == ({"fr": "Atelier RFID"}, 0, NOW)
