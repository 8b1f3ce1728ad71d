"""Signing in and out over HTTP; a forgotten password; the first account; joining a team."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventapp.lib import limits, passwords
from eventapp.lib.db import Database
from eventapp.lib.signing import Keys
from eventapp.messages import queries as messages
from eventapp.messages.models import Message
from eventapp.people import actions, queries, rules
from eventapp.people.actions import NewAccount
from eventapp.people.models import User
from eventapp.people.rules import OPERATOR, Role
from tests import factories
from tests.cast import INES, NORA, PAUL
from tests.conftest import NOW

PASSWORD = "trombone vert sous la pluie"


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's own."""
    return app.extensions["eventapp"].database


@pytest.fixture
def ines(database: Database) -> User:
    """Inès, who owns her organiser and can sign in."""
    kept = passwords.hashed(PASSWORD)
    with database.writing() as session:
        organiser = factories.organiser(session)
        user, _actor = factories.member(session, organiser_id=organiser.id, character=INES)
        user.password_hash = kept
    return user


def token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found, path
    return found[1]


def sign_in(client: FlaskClient, email: str = INES.email, password: str = PASSWORD, **more: str) -> Any:
    values = {"csrf_token": token(client, "/sign-in"), "email": email, "password": password, **more}
    return client.post("/sign-in", data=values)


def at(app: Flask, moment: Any) -> None:
    app.extensions["eventapp"].clock = lambda: moment


def letters(database: Database) -> list[Message]:
    with database.reading() as session:
        return sorted((row for row in messages.outbox(session, organiser_ids=[], limit=50) if row), key=lambda row: row.id)


def mailed(database: Database, kind: str) -> list[Message]:
    with database.reading() as session:
        return [
            session.get_one(Message, id)
            for id in messages.due_ids(session, NOW + timedelta(days=60), 100)
            if session.get_one(Message, id).kind == kind
        ]


def secret_of(database: Database, keys: Keys, message: Message) -> str:
    with database.reading() as session:
        return queries.links_of_mail(session, message.facts, keys)["secret"]


def test_a_right_password_opens_the_back_office_and_leads_on(client: FlaskClient, ines: User, database: Database) -> None:
    answer = sign_in(client, next="/backoffice/account")

    assert (answer.status_code, answer.location) == (303, "/backoffice/account")
    assert "Inès Prototype" in client.get("/backoffice/account").text
    assert [letter.address for letter in mailed(database, "new_sign_in")] == [INES.email]


@pytest.mark.trust("HOST-4")
@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "/%5Cevil.example", "javascript:alert(1)"])
def test_next_stays_on_our_origin(client: FlaskClient, ines: User, path: str) -> None:
    assert sign_in(client, next=path).location == "/"


@pytest.mark.trust("SESS-1")
@pytest.mark.trust("SESS-2")
def test_the_cookie_holds_a_secret_whose_row_ends_it(client: FlaskClient, ines: User, database: Database) -> None:
    answer = sign_in(client)
    with database.reading() as session:
        (row,) = queries.sign_ins(session, ines.id)

    with database.writing() as session:
        actions.sign_out(session, session_id=row.id, now=NOW)

    assert all("HttpOnly" in each and "SameSite=Lax" in each and "Path=/" in each for each in answer.headers.getlist("Set-Cookie"))
    assert client.get("/backoffice/account").location.startswith("/sign-in?next=")


@pytest.mark.trust("RATE-5")
@pytest.mark.parametrize(
    ("email", "password"),
    [(INES.email, "wrong password here"), (PAUL.email, PASSWORD), (INES.email, "x" * 2000), (INES.email, "\x00" * 20)],
)
def test_wrong_pairs_get_the_same_answer(client: FlaskClient, ines: User, email: str, password: str) -> None:
    answer = sign_in(client, email, password)

    assert answer.status_code == 422
    assert "ne vont pas ensemble" in answer.text or "do not go together" in answer.text
    assert password not in answer.text


def test_an_account_without_a_password_cannot_be_signed_in_to(client: FlaskClient, ines: User, database: Database) -> None:
    with database.writing() as session:
        session.get_one(User, ines.id).password_hash = None

    assert sign_in(client).status_code == 422


@pytest.mark.trust("CSRF-1")
@pytest.mark.parametrize("given", [None, "", "forged"])
def test_signing_in_needs_the_token_of_its_page(client: FlaskClient, ines: User, given: str | None) -> None:
    client.get("/sign-in")
    values = {"email": INES.email, "password": PASSWORD} | ({"csrf_token": given} if given is not None else {})

    assert client.post("/sign-in", data=values).status_code == 400


@pytest.mark.trust("CSRF-2")
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
@pytest.mark.parametrize("path", ["/sign-in", "/password"])
def test_a_form_of_another_site_is_refused(client: FlaskClient, ines: User, path: str, headers: dict[str, str]) -> None:
    values = {"csrf_token": token(client, "/sign-in"), "email": INES.email, "password": PASSWORD}

    assert client.post(path, data=values, headers=headers).status_code == 400


@pytest.mark.trust("RATE-2")
def test_guessing_an_account_has_to_wait_and_never_locks_it(app: Flask, client: FlaskClient, ines: User) -> None:
    statuses = [sign_in(client, password="wrong password here").status_code for _try in range(6)]
    refused = sign_in(client)
    at(app, NOW + timedelta(seconds=int(refused.headers["Retry-After"]) + 1))

    assert statuses == [422] * 5 + [429]
    assert refused.status_code == 429
    assert PASSWORD not in refused.text
    assert sign_in(client).status_code == 303


@pytest.mark.trust("RATE-2")
def test_a_known_device_passes_while_others_guess(app: Flask, client: FlaskClient, ines: User) -> None:
    sign_in(client)
    client.post("/sign-out", data={"csrf_token": token(client, "/backoffice/account")})
    stranger = app.test_client()
    for _try in range(6):
        sign_in(stranger, password="wrong password here")

    assert sign_in(stranger).status_code == 429
    assert sign_in(client).status_code == 303


@pytest.mark.trust("RATE-2")
def test_signing_in_is_refused_while_nobody_can_count(client: FlaskClient, ines: User, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not limits.SIGN_IN_ACCOUNT.passes_when_unsure
    assert not limits.SIGN_IN_PREFIX.passes_when_unsure


def test_a_known_device_is_not_announced_again(client: FlaskClient, ines: User, database: Database) -> None:
    sign_in(client)
    client.post("/sign-out", data={"csrf_token": token(client, "/backoffice/account")})
    sign_in(client)

    assert len(mailed(database, "new_sign_in")) == 1


@pytest.mark.trust("SESS-3")
def test_signing_out_ends_the_session_for_a_kept_cookie_too(app: Flask, client: FlaskClient, ines: User) -> None:
    sign_in(client)
    kept = client.get_cookie("session")
    assert kept is not None
    client.post("/sign-out", data={"csrf_token": token(client, "/backoffice/account")})
    thief = app.test_client()
    thief.set_cookie("session", kept.value)

    assert client.get("/backoffice/account").status_code == 303
    assert thief.get("/backoffice/account").status_code == 303


@pytest.mark.trust("SESS-3")
@pytest.mark.parametrize(("steps", "status"), [([11, 22, 33], 200), ([12], 303), ([11] * 70, 303)])
def test_a_session_ends_after_twelve_idle_hours_and_thirty_days(
    app: Flask, client: FlaskClient, ines: User, steps: list[int], status: int
) -> None:
    sign_in(client)
    if len(steps) == 70:
        steps = [11 * number for number in range(1, 66)] + [721]
    for hours in steps:
        at(app, NOW + timedelta(hours=hours))
        answer = client.get("/backoffice/account")

    assert answer.status_code == status


def test_a_session_is_noted_as_seen_once_in_five_minutes(app: Flask, client: FlaskClient, ines: User, database: Database) -> None:
    sign_in(client)
    seen = []
    for minutes in (4, 6, 9, 12):
        at(app, NOW + timedelta(minutes=minutes))
        client.get("/backoffice/account")
        with database.reading() as session:
            seen.append((queries.sign_ins(session, ines.id)[0].seen_at - NOW) // timedelta(minutes=1))

    assert seen == [0, 6, 6, 12]


@pytest.mark.trust("TOK-3")
def test_a_forgotten_password_is_renewed_once_by_its_mail(
    app: Flask, client: FlaskClient, ines: User, database: Database, keys: Keys
) -> None:
    sign_in(client)
    other = app.test_client()
    asked = other.post("/password", data={"email": INES.email.upper()})
    secret = secret_of(database, keys, mailed(database, "reset")[0])
    shown = [other.get(f"/password/{secret}").status_code for _look in range(2)]
    changed = other.post(f"/password/{secret}", data={"password": "fenêtre à douze carreaux"})
    again = other.post(f"/password/{secret}", data={"password": "encore une autre phrase"})

    assert (asked.status_code, shown, changed.status_code, again.status_code) == (303, [200, 200], 303, 404)
    assert client.get("/backoffice/account").status_code == 303
    assert sign_in(client).status_code == 422
    assert sign_in(client, password="fenêtre à douze carreaux").status_code == 303
    assert len(mailed(database, "password_changed")) == 1


@pytest.mark.trust("TOK-3")
def test_a_newer_link_replaces_the_older_and_both_end_after_half_an_hour(
    app: Flask, client: FlaskClient, ines: User, database: Database, keys: Keys
) -> None:
    client.post("/password", data={"email": INES.email})
    first = secret_of(database, keys, mailed(database, "reset")[0])
    client.post("/password", data={"email": INES.email})
    second = secret_of(database, keys, mailed(database, "reset")[1])
    now = [client.get(f"/password/{secret}").status_code for secret in (first, second, "unknown")]
    at(app, NOW + timedelta(minutes=31))
    later = client.get(f"/password/{second}").status_code

    assert (now, later) == ([404, 200, 404], 404)


@pytest.mark.trust("RATE-5")
def test_asking_for_an_unknown_address_looks_the_same_and_mails_nobody(client: FlaskClient, ines: User, database: Database) -> None:
    known = client.post("/password", data={"email": INES.email})
    unknown = client.post("/password", data={"email": PAUL.email})

    assert (known.status_code, known.location, known.text) == (unknown.status_code, unknown.location, unknown.text)
    assert [letter.address for letter in mailed(database, "reset")] == [INES.email]


@pytest.mark.trust("RATE-2")
def test_a_fourth_reset_in_an_hour_has_to_wait(client: FlaskClient, ines: User) -> None:
    assert [client.post("/password", data={"email": INES.email}).status_code for _try in range(4)] == [303, 303, 303, 429]


@pytest.mark.trust("TOK-7")
def test_no_row_holds_a_secret(client: FlaskClient, ines: User, database: Database, keys: Keys) -> None:
    client.post("/password", data={"email": INES.email})
    (letter,) = mailed(database, "reset")

    assert letter.facts.keys() == {"link"}
    assert secret_of(database, keys, letter) not in repr(vars(letter))


@pytest.mark.trust("PASS-1")
@pytest.mark.parametrize("password", ["", "short", "azertyuiop12", "x" * 1025, "Prototype2027!", "Medinsoft Medinsoft"])
def test_a_weak_password_is_refused_at_its_field(client: FlaskClient, ines: User, database: Database, keys: Keys, password: str) -> None:
    client.post("/password", data={"email": INES.email})
    secret = secret_of(database, keys, mailed(database, "reset")[0])
    answer = client.post(f"/password/{secret}", data={"password": password})

    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text
    assert client.get(f"/password/{secret}").status_code == 200


@pytest.mark.trust("PASS-1")
@pytest.mark.parametrize("password", [INES.email, "Nuit Blanche 2027!", "Blanche-Nuit-xK9#"])
def test_a_password_of_ones_own_address_or_events_is_refused_wherever_one_is_set(
    client: FlaskClient, ines: User, database: Database, keys: Keys, password: str
) -> None:
    with database.writing() as session:
        [organiser] = queries.organisers(session)
        factories.event(session, organiser_id=organiser.id, slug="nuit", state="draft", title={"fr": "Nuit blanche"})
        actor = queries.member_of(session, ines)
        actions.invite(
            session, organiser_id=organiser.id, email=PAUL.email, role=Role.STAFF, language="fr", keys=keys, actor=actor, now=NOW
        )
    client.post("/password", data={"email": INES.email})
    reset, invitation = (secret_of(database, keys, mailed(database, kind)[0]) for kind in ("reset", "invitation"))
    mine = password.replace(INES.email, PAUL.email)

    answers = [
        client.post(f"/password/{reset}", data={"password": password}),
        client.post(f"/invitations/{invitation}", data={"password": mine, "name": "Paul Inconnu", "language": "fr"}),
    ]
    sign_in(client)
    form = {"csrf_token": token(client, "/backoffice/account/password"), "password": password, "current_password": PASSWORD}
    answers.append(client.post("/backoffice/account/password", data=form))

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert [answer.text.count('id="password-error"') for answer in answers] == [1, 1, 1]


@pytest.fixture
def setup_link(database: Database, keys: Keys) -> str:
    with database.writing() as session:
        return actions.create_setup_link(session, keys=keys, now=NOW)


FIRST = {"organiser": "Forum d'Aix", "name": "Inès Prototype", "email": INES.email, "password": PASSWORD, "language": "fr"}


@pytest.mark.trust("BOOT-5")
def test_set_up_works_once_and_leads_to_the_legal_details(app: Flask, client: FlaskClient, setup_link: str, database: Database) -> None:
    shown = client.get(f"/setup/{setup_link}").status_code
    made = client.post(f"/setup/{setup_link}", data=FIRST)
    after = client.get("/backoffice/organiser").text
    again = [
        app.test_client().get(f"/setup/{setup_link}").status_code,
        app.test_client().post(f"/setup/{setup_link}", data=FIRST).status_code,
    ]

    assert (shown, made.status_code, made.location) == (200, 303, "/backoffice/organiser")
    assert "Forum d&#39;Aix" in after
    assert again == [404, 404]
    with database.reading() as session:
        assert [(row.slug, [member.role for member in queries.team(session, row.id)]) for row in queries.organisers(session)] == [
            ("forum-d-aix", ["owner"])
        ]


@pytest.mark.trust("BOOT-5")
@pytest.mark.parametrize("path", ["/setup", "/setup/", "/setup/unknown"])
def test_set_up_without_its_link_is_not_there(client: FlaskClient, setup_link: str, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path, data=FIRST).status_code == 404


def test_a_set_up_link_ends_when_somebody_has_an_account(client: FlaskClient, setup_link: str, database: Database) -> None:
    with database.writing() as session:
        account = NewAccount(name="Nora", email=NORA.email, language="fr", password_hash=None)
        actions.create_account(session, account=account, now=NOW)

    assert client.post(f"/setup/{setup_link}", data=FIRST).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("organiser", ""),
        ("organiser", "a\x00b"),
        ("organiser", "\u202eForum"),
        ("organiser", "x" * 81),
        ("name", "   "),
        ("name", "www.spam.example"),
        ("name", "\u202eInès"),
        ("email", "ines"),
        ("email", "a@b.example, c@d.example"),
        ("email", "inès@demo.test"),
        ("language", "de"),
        ("password", "motdepasse1234"),
    ],
)
def test_a_mistake_in_set_up_is_said_at_its_field_and_keeps_the_rest(client: FlaskClient, setup_link: str, field: str, value: str) -> None:
    answer = client.post(f"/setup/{setup_link}", data=FIRST | {field: value})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert FIRST["name" if field != "name" else "email"] in answer.text
    assert PASSWORD not in answer.text
    assert client.get(f"/setup/{setup_link}").status_code == 200


@pytest.mark.parametrize("name", ["🎺 Inès 👩‍👩‍👧", "إيناس", "Zoë-Anaïs O’Neill"])
def test_names_of_all_scripts_are_kept(client: FlaskClient, setup_link: str, name: str) -> None:
    client.post(f"/setup/{setup_link}", data=FIRST | {"name": name})

    assert name in client.get("/backoffice/account").text


@pytest.fixture
def invited(database: Database, ines: User, keys: Keys) -> str:
    """The secret of Nora's invitation as manager."""
    with database.writing() as session:
        actor = queries.member_of(session, ines)
        (organiser_id,) = actor.roles
        actions.invite(
            session, organiser_id=organiser_id, email=NORA.email, role=Role.MANAGER, language="fr", keys=keys, actor=actor, now=NOW
        )
    return secret_of(database, keys, mailed(database, "invitation")[0])


@pytest.mark.trust("ACL-6")
def test_an_invitation_makes_an_account_once(app: Flask, client: FlaskClient, invited: str, database: Database) -> None:
    shown = client.get(f"/invitations/{invited}")
    joined = client.post(f"/invitations/{invited}", data={"name": "Nora Modèle", "password": PASSWORD, "language": "en"})
    again = app.test_client().get(f"/invitations/{invited}")

    assert (shown.status_code, joined.status_code, again.status_code) == (200, 303, 404)
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "nora@demo.test" in client.get("/backoffice/account").text
    with database.reading() as session:
        assert [(row.user.name, row.role) for row in queries.team(session, 1)] == [("Inès Prototype", "owner"), ("Nora Modèle", "manager")]


@pytest.mark.trust("ACL-6")
def test_an_invitation_ends_after_seven_days(app: Flask, client: FlaskClient, invited: str) -> None:
    at(app, NOW + rules.INVITATION_LIFE)

    assert client.get(f"/invitations/{invited}").status_code == 404


def test_who_has_an_account_joins_with_it_and_signs_in(client: FlaskClient, invited: str, database: Database) -> None:
    with database.writing() as session:
        account = NewAccount(name="Nora Modèle", email="NORA@demo.test", language="fr", password_hash=None)
        actions.create_account(session, account=account, now=NOW)

    answer = client.post(f"/invitations/{invited}")

    assert answer.location.startswith("/sign-in")
    with database.reading() as session:
        assert len(queries.team(session, 1)) == 2


def test_an_anonymous_public_page_touches_neither_session_nor_database(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context("/fr/"):
        from eventapp.people import pages

        assert pages.load_actor() is rules.ANONYMOUS
    assert OPERATOR.kind == "operator"


@pytest.mark.trust("OUT-5")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_mail_says_what_it_is_for_and_leads_to_its_page(
    app: Flask, client: FlaskClient, ines: User, invited: str, database: Database, keys: Keys, language: str
) -> None:
    from eventapp.worker.mail import letter_for

    sign_in(client)
    client.post("/password", data={"email": INES.email})
    with database.writing() as session:
        actions.change_password(
            session, actor=queries.member_of(session, session.get_one(User, ines.id)), password_hash="kept", label="", now=NOW
        )
        actions.request_reset(session, email=INES.email, keys=keys, now=NOW)
    paths = {"reset": "/password/", "invitation": "/invitations/", "password_changed": "/password", "new_sign_in": "/backoffice/account"}

    for kind, path in paths.items():
        message = mailed(database, kind)[-1]
        message.language = language
        with app.app_context():
            letter = letter_for(message)
        assert letter is not None
        plain, html = (part.get_content() for part in letter.iter_parts())
        assert letter["Subject"]
        assert f"http://127.0.0.1:8000{path}" in plain
        assert f"http://127.0.0.1:8000{path}" in html
        assert letter["Subject"] not in plain
