"""Every way in: who may use it, what keeps strangers and foreign forms out, what each answer carries."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select

from eventapp.cli.doctor import table
from eventapp.events.models import Gate, Space
from eventapp.lib.db import Database
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import ALL_PERMISSIONS, Role
from eventapp.registration.models import Quota, Registration, TicketType
from tests import factories
from tests.cast import INES, KARIM, PAUL, Character
from tests.factories import NOW, House

EVENT = "/backoffice/events/<slug>"
MODES = {"safe", "csrf token", "same-origin", "secret path", "bearer"}


@pytest.fixture
def rows(app: Flask) -> list[dict[str, Any]]:
    with app.app_context():
        return [row for row in table() if row["endpoint"] != "static"]


@pytest.fixture
def house(database: Database) -> House:
    house = House(database)
    house.register(KARIM)
    return house


@pytest.fixture
def ids(database: Database, house: House) -> dict[str, str]:
    """Real names of the house's things, for each variable of a path."""
    with database.reading() as session:
        return {
            "any(fr, en):lang": "fr",
            "any(up, down):direction": "up",
            "slug": "grand-opening",
            "public_id": session.scalars(select(Registration.public_id)).one(),
            "int:quota_id": str(session.scalars(select(Quota.id)).one()),
            "int:number": str(session.scalars(select(TicketType.number)).one()),
            "int:space_id": str(session.scalars(select(Space.id)).one()),
            "int:gate_id": str(session.scalars(select(Gate.id)).first()),
            "int:enrolment_id": "1",
            "int:session_id": "1",
            "int:link_id": "1",
            "token": "A" * 43,
            "secret": "A" * 43,
            "code": "T1" + "A" * 26,
            "name": "nothing.webp",
        }


def path(row: dict[str, Any], ids: dict[str, str]) -> str:
    return re.sub(r"<([^>]+)>", lambda found: ids[found[1]], str(row["path"]))


def sign_in(client: FlaskClient, database: Database, organiser_id: int, character: Character = INES) -> FlaskClient:
    with database.writing() as session:
        user, _actor = factories.member(session, organiser_id=organiser_id, character=character, role=Role.OWNER)
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def csrf(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/backoffice").text)
    assert found
    return found[1]


def dump(database: Database, tables: MetaData) -> dict[str, list[Any]]:
    with database.reading() as session:
        return {name: sorted(map(repr, session.execute(select(it)))) for name, it in tables.tables.items()}


@pytest.mark.trust("ACL-2")
def test_every_route_declares_its_access_and_its_guard(rows: list[dict[str, Any]]) -> None:
    known = {"public", "link", "session", "device"} | ALL_PERMISSIONS

    assert [row["path"] for row in rows if row["access"] not in known] == []
    assert [row["path"] for row in rows if row["protection"] not in MODES] == []
    assert [row["path"] for row in rows if row["protection"] == "safe" and set(row["methods"]) - {"GET"}] == []
    assert len(rows) > 100


@pytest.mark.trust("ACL-2")
def test_a_view_that_declares_nothing_is_not_there(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    assert app.test_client().get("/forgotten").status_code == 404


@pytest.mark.trust("ACL-5")
def test_strangers_come_in_nowhere(client: FlaskClient, rows: list[dict[str, Any]], ids: dict[str, str]) -> None:
    wrong = []
    for row in rows:
        if row["access"] == "public" or row["path"] == "/T/<code>":  # which leads to the ticket's page, and that is asked here too
            continue
        for method in row["methods"]:
            answer = client.open(path(row, ids), method=method, json={} if row["protection"] == "bearer" else None)
            expected = {303} if method == "GET" else {404, 400}
            if row["access"] == "device" or row["path"].startswith("/api/"):
                expected = {401}
            elif row["access"] == "link":
                expected = {404, 410}
            if answer.status_code not in expected or (answer.status_code == 303 and not answer.location.startswith("/sign-in")):
                wrong.append((method, row["path"], answer.status_code))

    assert wrong == []


@pytest.mark.trust("ACL-3", "ACL-5")
def test_members_of_another_organiser_find_nothing_of_ours(
    client: FlaskClient, database: Database, rows: list[dict[str, Any]], ids: dict[str, str], tables: MetaData
) -> None:
    with database.writing() as session:
        other = factories.organiser(session, slug="autre")
    sign_in(client, database, other.id, PAUL)
    token = csrf(client)
    ours = [row for row in rows if row["path"].startswith(("/backoffice/events/<slug>", "/backoffice/spaces/<int:space_id>"))]
    before = dump(database, tables)
    before.pop("user_session", None)

    wrong = []
    for row in ours:
        for method in row["methods"]:
            answer = client.open(path(row, ids), method=method, data={"csrf_token": token} if method == "POST" else None)
            if answer.status_code != 404:
                wrong.append((method, row["path"], answer.status_code))

    assert wrong == []
    assert len(ours) > 40
    after = dump(database, tables)
    after.pop("user_session", None)
    assert after == before


@pytest.mark.trust("CSRF-1")
@pytest.mark.parametrize("given", [None, "forged", "of another session"])
def test_every_form_under_a_session_needs_its_token(
    app: Flask, client: FlaskClient, database: Database, house: House, rows: list[dict[str, Any]], ids: dict[str, str], given: str | None
) -> None:
    if given == "of another session":
        given = csrf(sign_in(app.test_client(), database, house.organiser.id, PAUL))
    sign_in(client, database, house.organiser.id)
    forms = [row for row in rows if row["protection"] == "csrf token"]

    refused = {row["path"]: client.post(path(row, ids), data={"csrf_token": given} if given else {}).status_code for row in forms}

    assert {one: status for one, status in refused.items() if status != 400} == {}
    assert len(forms) > 40


@pytest.mark.trust("CSRF-2")
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_anonymous_forms_come_from_our_own_pages(
    client: FlaskClient, rows: list[dict[str, Any]], ids: dict[str, str], headers: dict[str, str]
) -> None:
    forms = [row for row in rows if row["protection"] == "same-origin"]

    assert {row["path"]: client.post(path(row, ids), headers=headers).status_code for row in forms} == {row["path"]: 400 for row in forms}
    assert len(forms) >= 4
    assert 400 not in {
        client.post(path(row, ids), headers={"Origin": "http://127.0.0.1:8000"}).status_code for row in forms if "/find" in row["path"]
    }


@pytest.mark.trust("CSRF-3")
def test_the_api_looks_at_no_cookie_and_takes_json_alone(
    client: FlaskClient, database: Database, house: House, rows: list[dict[str, Any]], ids: dict[str, str]
) -> None:
    sign_in(client, database, house.organiser.id)
    api = [(row, method) for row in rows if row["path"].startswith("/api/") for method in row["methods"]]

    for row, method in api:
        if row["access"] != "public":
            assert client.open(path(row, ids), method=method, json={}).status_code == 401
    written = [row for row, method in api if method == "POST" and row["access"] == "public"]
    assert {row["path"]: client.post(path(row, ids), data="{}", content_type="text/plain").status_code for row in written} == {
        "/api/v1/door/enrolments": 415,
        "/api/v1/events/<slug>/registrations": 415,
    }


@pytest.mark.trust("CSRF-4")
def test_reading_changes_nothing(
    client: FlaskClient, database: Database, house: House, rows: list[dict[str, Any]], ids: dict[str, str], tables: MetaData
) -> None:
    sign_in(client, database, house.organiser.id)
    client.get("/backoffice")
    before = dump(database, tables)

    answers = {row["path"]: client.get(path(row, ids)).status_code for row in rows if "GET" in row["methods"]}

    after = dump(database, tables)
    changed = {name for name in before if before[name] != after[name]}
    # An export is noted in the journal, which is what it is for; counters of tries hold nothing but numbers.
    assert changed <= {"entry", "journal_entry", "limit_counter", "limit"}
    assert {one: status for one, status in answers.items() if status >= 500} == {"/readyz": 503}  # no worker was ever seen here


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


@pytest.mark.trust("Q-25")
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/fr/", 200),
        ("/fr/events/grand-opening", 200),
        ("/sign-in", 200),
        ("/backoffice", 303),
        ("/nowhere", 404),
        ("/healthz", 200),
        ("/api/v1/door/device", 401),
        ("/api/v1/openapi.json", 200),
        ("/api/v1/events/grand-opening/availability", 200),
        ("/static/css/tokens.css", 200),
        ("/static/nothing.css", 404),
    ],
)
def test_every_answer_carries_the_headers(client: FlaskClient, house: House, address: str, status: int) -> None:
    answer = client.get(address)
    answer.close()

    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"]
    assert not {"Server", "X-Powered-By"} & set(answer.headers.keys())


def test_the_camera_is_for_the_door_alone(client: FlaskClient, house: House) -> None:
    door, page = client.get("/door/"), client.get("/fr/")

    assert door.headers["Permissions-Policy"].startswith("camera=(self)")
    assert "'wasm-unsafe-eval'" in door.headers["Content-Security-Policy"]
    assert "wasm" not in page.headers["Content-Security-Policy"]


def test_every_public_page_has_its_twin(client: FlaskClient, house: House, rows: list[dict[str, Any]], ids: dict[str, str]) -> None:
    twins = {
        row["path"]: path(row, ids)
        for row in rows
        if "any(fr, en)" in row["path"] and "GET" in row["methods"] and row["access"] == "public"
    }

    seen = 0
    for french in twins.values():
        english = "/en" + french.removeprefix("/fr")
        first, second = client.get(french), client.get(english)
        assert first.status_code == second.status_code, french
        if first.status_code == 200 and first.mimetype == "text/html":
            seen += 1
            assert '<html lang="fr"' in first.text
            assert '<html lang="en"' in second.text
            assert f'href="http://127.0.0.1:8000{english}"' in first.text or f'href="{english}"' in first.text, french
    assert seen >= 6


@pytest.mark.trust("HOST-1")
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "forum.example:8000"])
def test_a_foreign_host_is_refused_before_any_view(client: FlaskClient, house: House, host: str) -> None:
    answer = {
        client.get(address, headers={"Host": host}).status_code
        for address in ("/", "/fr/", "/sign-in", "/backoffice", "/api/v1/door/device")
    }

    assert answer == {400}
    assert client.get("/fr/", headers={"Host": "localhost"}).status_code == 200
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.trust("HOST-2")
def test_a_false_forwarded_host_reaches_no_link(client: FlaskClient, house: House) -> None:
    text = client.get("/fr/events/grand-opening", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}).text

    assert "evil.example" not in text
    assert "http://127.0.0.1:8000/fr/events/grand-opening" in text


@pytest.mark.trust("SESS-1")
@pytest.mark.parametrize(
    ("base", "name", "secure"), [("https://forum.example", "__Host-session", True), ("http://127.0.0.1:8000", "session", False)]
)
def test_the_cookie_is_named_and_kept_as_promised(database_url: str, settings_for: Any, base: str, name: str, secure: bool) -> None:
    from eventapp.app import create_app

    more = {"EVENTAPP_NOW": "", "PUBLIC_BASE_URL": base}
    application = create_app(settings_for(database_url, **more))
    try:
        cookies = application.test_client().get("/sign-in", base_url=base).headers.getlist("Set-Cookie")
    finally:
        application.extensions["eventapp"].database.close()

    assert [one.split("=")[0] for one in cookies] == [name]
    flags = {part.strip() for part in cookies[0].split(";")[1:] if "Expires" not in part}
    assert flags == {"HttpOnly", "Path=/", "SameSite=Lax"} | ({"Secure"} if secure else set())
