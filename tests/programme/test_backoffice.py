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
from eventapp.people.rules import Role
from eventapp.programme import queries
from tests import factories
from tests.cast import INES, PAUL
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
