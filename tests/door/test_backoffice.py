"""The door as organisers see it: phones, invitations, who is inside, the last scans; strangers see nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, text

from eventapp.door.models import Device, DeviceEnrolment
from eventapp.lib import codes
from eventapp.lib.signing import sha256
from eventapp.people.rules import ANONYMOUS, Actor, Role
from tests import factories, phones
from tests.cast import INES, KARIM, LUCIE, NORA, PAUL
from tests.factories import NOW, House

DOOR = "/backoffice/events/grand-opening/door"


@pytest.fixture
def house(app: Flask) -> House:
    return House(app.extensions["eventapp"].database)


def acting(app: Flask, house: House, role: Role | None) -> Actor:
    """Let every request come from a member of this role, or from somebody of another organiser."""
    with house.database.writing() as session:
        organiser = house.organiser if role else factories.organiser(session, slug="ailleurs")
        _user, actor = factories.member(session, organiser_id=organiser.id, character=INES, role=role or Role.OWNER)
    app.extensions["eventapp"].load_actor = lambda: actor
    return actor


def token(client: FlaskClient) -> str:
    match = re.search(r'name="csrf_token" value="([^"]+)"', client.get(DOOR).text)
    assert match is not None
    return match[1]


def invite(client: FlaskClient, **values: Any) -> Any:
    return client.post(
        f"{DOOR}/enrolments",
        data={"csrf_token": token(client), "idempotency_key": codes.key(), "gate": "Nord", "role": "scan", "uses": "2"} | values,
    )


def test_a_manager_invites_phones_by_a_code_that_works(app: Flask, house: House, client: FlaskClient) -> None:
    acting(app, house, Role.MANAGER)

    created = invite(client)
    shown = client.get(created.headers["Location"]).text

    link = re.search(r'href="http://127\.0\.0\.1:8000/door/#e=([A-Za-z0-9_-]{43})"', shown)
    assert created.status_code == 303
    assert link is not None
    assert "<svg" in shown
    assert "téléphone" in shown or "phone" in shown
    enrolled = app.test_client().post("/api/v1/door/enrolments", json={"secret": link[1], "label": "Nora"})
    assert enrolled.status_code == 201
    with house.database.reading() as session:
        row = session.scalars(select(DeviceEnrolment)).one()
        assert (row.secret_sha256, row.uses, row.uses_left, row.expires_at - NOW) == (sha256(link[1]), 2, 1, timedelta(minutes=10))
        verbs = session.scalars(text("SELECT verb FROM journal_entry WHERE verb = 'invite_phones'")).all()
        assert len(verbs) == 1


def test_the_code_is_shown_to_who_made_it_and_only_while_it_works(app: Flask, house: House, client: FlaskClient) -> None:
    acting(app, house, Role.MANAGER)
    path = invite(client).headers["Location"]

    elsewhere = app.test_client().get(path).text
    again = client.get(path).text
    phones.later(app, timedelta(minutes=10))
    late = client.get(path).text

    assert ["#e=" in page for page in (elsewhere, again, late)] == [False, True, False]


@pytest.mark.parametrize(
    "values",
    [{"gate": "Ouest"}, {"gate": ""}, {"role": "screen"}, {"role": "boss"}, {"uses": "0"}, {"uses": "51"}, {"uses": "zwei"}, {"uses": ""}],
)
def test_a_wrong_invitation_is_422_and_keeps_what_was_typed(app: Flask, house: House, client: FlaskClient, values: dict[str, str]) -> None:
    acting(app, house, Role.MANAGER)

    answer = invite(client, **values)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    with house.database.reading() as session:
        assert session.scalars(select(DeviceEnrolment)).all() == []


def test_an_event_that_is_over_takes_no_more_phones(app: Flask, house: House, client: FlaskClient) -> None:
    acting(app, house, Role.MANAGER)
    phones.later(app, timedelta(days=60))

    assert invite(client).status_code == 409


def test_a_revoked_phone_is_sent_away_at_once(app: Flask, house: House, client: FlaskClient) -> None:
    acting(app, house, Role.MANAGER)
    nora = phones.phone(app, house)
    path = f"{DOOR}/devices/{nora.public_id}/revocation"

    answer = client.post(path, data={"csrf_token": token(client)})

    assert answer.status_code == 303
    assert nora.call("GET", "/device").status_code == 401
    with house.database.reading() as session:
        row = session.scalars(select(Device)).one()
        assert (row.state, row.state_at) == ("revoked", NOW)
    assert client.post(path, data={"csrf_token": token(client)}).status_code == 303
    assert client.post(f"{DOOR}/devices/nobody/revocation", data={"csrf_token": token(client)}).status_code == 404
    with house.database.reading() as session:
        assert len(session.scalars(text("SELECT id FROM journal_entry WHERE verb = 'revoke_phone'")).all()) == 1


def test_the_page_shows_phones_numbers_and_scans(app: Flask, house: House, client: FlaskClient) -> None:
    acting(app, house, Role.STAFF)
    nora = phones.phone(app, house, label="Nora <b>")
    karim = phones.codes(house.database, house.register(KARIM).registration)[0]
    nora.scan(karim)
    nora.scan(karim)

    page = client.get(DOOR).text

    assert "Nora &lt;b&gt;" in page
    assert page.count("Karim Exemple") == 2
    assert "820" in page
    assert "enrolments" not in page
    assert "revocation" not in page


@pytest.mark.trust("ACL-1")
@pytest.mark.parametrize("who", ["anonymous", "foreign", "staff"])
def test_strangers_and_staff_may_not(app: Flask, house: House, client: FlaskClient, who: str) -> None:
    acting(app, house, Role.MANAGER)
    nora = phones.phone(app, house)
    values = {"csrf_token": token(client), "idempotency_key": codes.key(), "gate": "Nord", "role": "scan", "uses": "1"}
    path = invite(client).headers["Location"]
    if who == "anonymous":
        app.extensions["eventapp"].load_actor = lambda: ANONYMOUS
    else:
        with house.database.writing() as session:
            organiser = house.organiser if who == "staff" else factories.organiser(session, slug="ailleurs")
            character = NORA if who == "staff" else PAUL
            _user, actor = factories.member(
                session, organiser_id=organiser.id, character=character, role=Role.STAFF if who == "staff" else Role.OWNER
            )
        app.extensions["eventapp"].load_actor = lambda: actor

    posts = [client.post(f"{DOOR}/enrolments", data=values), client.post(f"{DOOR}/devices/{nora.public_id}/revocation", data=values)]
    read = client.get(DOOR)
    shown = client.get(path)

    # Who is signed out is shown what they sent, to send it again once they are back; nothing was done.
    assert [answer.status_code for answer in posts] == ([400, 400] if who == "anonymous" else [404, 404])
    assert (read.status_code, shown.status_code) == {"anonymous": (303, 303), "foreign": (404, 404), "staff": (200, 404)}[who]
    assert nora.call("GET", "/device").status_code == 200


def test_the_number_of_statements_does_not_grow_with_the_rows(app: Flask, house: House, client: FlaskClient) -> None:
    acting(app, house, Role.MANAGER)
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    def counted() -> int:
        seen.clear()
        assert client.get(DOOR).status_code == 200
        return len(seen)

    sqlalchemy_event.listen(house.database.engine, "before_cursor_execute", note)
    phones.phone(app, house).scan(phones.codes(house.database, house.register(KARIM).registration)[0])
    one = counted()
    for gate in ("Nord", "Sud"):
        phones.phone(app, house, gate=gate).scan(
            phones.codes(house.database, house.register(LUCIE, email=f"{gate}@demo.test").registration)[0]
        )
    three = counted()

    assert one == three


def test_the_phone_application_is_one_page_with_its_camera(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/door/")

    assert answer.status_code == 200
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
