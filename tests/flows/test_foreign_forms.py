"""Forms from elsewhere are refused; forms of ours that lost their token are refused with all that was typed; the others go through."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from eventapp.lib.db import Database
from eventapp.people.actions.sign_ins import begin
from eventapp.people.models import SignIn, User
from eventapp.registration.models import Registration
from tests import factories
from tests.cast import INES
from tests.crawling import read
from tests.factories import NOW, House

OURS = "http://127.0.0.1:8000"
HEADERS = {
    "none": {},
    "our origin": {"Origin": OURS},
    "same-origin": {"Sec-Fetch-Site": "same-origin"},
    "our origin, same-origin": {"Origin": OURS, "Sec-Fetch-Site": "same-origin"},
    "null, same-origin": {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    "null": {"Origin": "null"},
    "null, cross-site": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "null, same-site": {"Origin": "null", "Sec-Fetch-Site": "same-site"},
    "foreign origin": {"Origin": "https://evil.example"},
    "foreign origin, same-origin": {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    "our origin, cross-site": {"Origin": OURS, "Sec-Fetch-Site": "cross-site"},
    "none of the two, typed": {"Sec-Fetch-Site": "none"},
}
TRUSTED = {"none", "our origin", "same-origin", "our origin, same-origin", "null, same-origin"}
# Without a word of the browser nobody knows who sent it: it is refused, and not offered again.
SURE = TRUSTED - {"none"}
FORMS = {
    "/en/events/grand-opening/registrations/new": {"first_name": "Lucie", "last_name": "Exemple", "email": "lucie@demo.test"},
    "/en/find-my-ticket": {"email": "lucie@demo.test"},
    "/password": {"email": "lucie@demo.test"},
}


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def signed_in(client: FlaskClient, database: Database, house: House) -> FlaskClient:
    with database.writing() as session:
        user, _actor = factories.member(session, organiser_id=house.organiser.id, character=INES)
        user.language = "en"
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def registrations(database: Database) -> int | None:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Registration))


def person(page: str, number: int) -> dict[str, str]:
    """Somebody else each time: nobody may ask for mails too often."""
    return {**FORMS[page], "email": f"lucie{number}@demo.test"}


@pytest.mark.trust("CSRF-2")
@pytest.mark.parametrize("page", FORMS)
def test_a_public_form_without_a_session_is_judged_by_where_it_comes_from(
    client: FlaskClient, database: Database, house: House, page: str
) -> None:
    answers = {}
    for number, (what, headers) in enumerate(HEADERS.items()):
        form = read(page, client.get(page).text).forms[0]
        assert "csrf_token" not in form.values
        answers[what] = client.post(form.action, data={**form.values, **person(page, number)}, headers=headers).status_code

    assert answers == {what: 303 if what in TRUSTED else 400 for what in HEADERS}
    assert registrations(database) == (len(TRUSTED) if "registrations" in page else 0)


@pytest.mark.trust("CSRF-1", "CSRF-2")
@pytest.mark.parametrize("page", FORMS)
def test_a_public_form_under_a_session_needs_its_token_too(client: FlaskClient, database: Database, house: House, page: str) -> None:
    ines = signed_in(client, database, house)
    wrong, kept, right = {}, {}, {}
    for number, (what, headers) in enumerate(HEADERS.items()):
        form = read(page, ines.get(page).text).forms[-1]
        values = {**form.values, **person(page, number)}
        before = registrations(database)
        refused = [ines.post(form.action, data=values | {"csrf_token": token}, headers=headers) for token in ("", "x", "a.b.c")]
        assert registrations(database) == before
        wrong[what] = {answer.status_code for answer in refused}
        kept[what] = {values["email"] in answer.text for answer in refused}
        right[what] = ines.post(form.action, data=values, headers=headers).status_code

    assert wrong == {what: {400} for what in HEADERS}
    assert kept == {what: {what in SURE} for what in HEADERS}
    assert right == {what: 303 if what in TRUSTED else 400 for what in HEADERS}


@pytest.mark.trust("CSRF-1")
@pytest.mark.parametrize("page", [*FORMS, "/backoffice/series/new?organiser=medinsoft"])
def test_what_was_typed_under_another_sign_in_is_sent_again_with_one_button(
    client: FlaskClient, database: Database, house: House, page: str
) -> None:
    ines = signed_in(client, database, house)
    form = read(page, ines.get(page).text).forms[-1]
    typed = FORMS.get(page, {"name_fr": "Assises"})

    refused = ines.post(form.action, data={**form.values, **typed, "csrf_token": "x"}, headers=HEADERS["same-origin"])
    again = read(form.action, refused.text).forms[0]
    passed = ines.post(again.action, data=again.values, headers=HEADERS["same-origin"])

    assert refused.status_code == 400
    assert "opened under another sign-in" in refused.text
    assert (again.action, {name: again.values[name] for name in typed}) == (form.action, typed)
    assert passed.status_code == 303


@pytest.mark.trust("SESS-2")
def test_what_was_typed_outlives_the_session(client: FlaskClient, database: Database, house: House) -> None:
    ines = signed_in(client, database, house)
    page = "/backoffice/series/new"
    form = read(page, ines.get(page).text).forms[-1]
    with database.writing() as session:
        session.execute(delete(SignIn))

    refused = ines.post(
        form.action, data={**form.values, "name_fr": "Assises"}, headers={**HEADERS["same-origin"], "Accept-Language": "en"}
    )
    with database.writing() as session:
        user = session.scalars(select(User)).one()
        secret = begin(session, user=user, label="again", now=NOW)
    with ines.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"], cookie["_fresh"] = secret, True
    old = read(form.action, refused.text).forms[0]
    stale = ines.post(old.action, data=old.values, headers=HEADERS["same-origin"])
    fresh = read(form.action, stale.text).forms[0]
    passed = ines.post(fresh.action, data=fresh.values, headers=HEADERS["same-origin"])

    assert (refused.status_code, "no longer signed in" in refused.text) == (400, True)
    assert (stale.status_code, passed.status_code) == (400, 303)


@pytest.mark.trust("CSRF-1")
def test_passwords_are_not_among_what_is_kept(client: FlaskClient, house: House) -> None:
    values = {"email": INES.email, "password": "correct horse battery", "csrf_token": "x"}

    answer = client.post("/sign-in", data=values, headers=HEADERS["same-origin"])

    assert (answer.status_code, INES.email in answer.text, "horse" in answer.text) == (400, True, False)


def test_public_pages_set_no_cookie_for_who_has_not_signed_in(app: Flask, house: House) -> None:
    answers = {page: app.test_client().get(page) for page in FORMS}

    assert {page: answer.headers.getlist("Set-Cookie") for page, answer in answers.items()} == {page: [] for page in FORMS}
    assert {answer.headers["Cache-Control"] for answer in answers.values()} == {"no-store"}
