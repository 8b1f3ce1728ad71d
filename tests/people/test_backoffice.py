"""One's own account and devices, the team, the legal details: who may, who may not, and what is said when it cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventapp.journal import queries as journal
from eventapp.lib import passwords
from eventapp.lib.db import Database
from eventapp.messages.models import Message
from eventapp.people import queries
from eventapp.people.actions.sign_ins import begin
from eventapp.people.models import OneTimeLink, Organiser, SignIn, User
from eventapp.people.rules import Role
from tests import factories
from tests.cast import INES, NORA, PAUL, Character
from tests.crawling import read
from tests.factories import NOW

PASSWORD = "trombone vert sous la pluie"


class Office:
    """Inès owns the organiser, Nora is staff; Paul is somebody else's owner. Each has a browser."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app, self.database = app, database
        with database.writing() as session:
            self.organiser_id = factories.organiser(session).id
            self.other_id = factories.organiser(session, slug="autre").id
        self.ines = self.browser(INES, self.organiser_id, Role.OWNER)
        self.nora = self.browser(NORA, self.organiser_id, Role.STAFF)
        self.paul = self.browser(PAUL, self.other_id, Role.OWNER)

    def browser(self, character: Character, organiser_id: int, role: Role) -> FlaskClient:
        with self.database.writing() as session:
            user, _actor = factories.member(session, organiser_id=organiser_id, character=character, role=role)
            user.language = "en"
            secret = begin(session, user=user, label=f"{character.first_name}’s phone", now=NOW)
        return self.holding(secret)

    def holding(self, secret: str) -> FlaskClient:
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        return client

    def send(self, client: FlaskClient, path: str, **typed: str) -> Any:
        token = read("/backoffice/account", client.get("/backoffice/account").text).forms[0].values["csrf_token"]
        return client.post(path, data={"csrf_token": token, "idempotency_key": "k" * 22} | typed)

    def user(self, character: Character) -> User:
        with self.database.reading() as session:
            return session.scalars(select(User).where(User.email == character.email)).one()

    def roles(self) -> dict[str, str]:
        with self.database.reading() as session:
            return {row.user.name: row.role for row in queries.team(session, self.organiser_id)}


@pytest.fixture
def office(app: Flask, database: Database) -> Office:
    return Office(app, database)


def test_a_name_and_a_language_are_ones_own_to_change(office: Office) -> None:
    answer = office.send(office.nora, "/backoffice/account", name="Nora Autre", language="fr")
    wrong = office.send(office.nora, "/backoffice/account", name="www.evil.example", language="fr")

    assert (answer.status_code, wrong.status_code) == (303, 422)
    assert (office.user(NORA).name, office.user(NORA).language) == ("Nora Autre", "fr")
    assert "www.evil.example" in wrong.text


@pytest.mark.trust("SESS-3", "PASS-1")
def test_a_new_password_needs_the_one_there_is_and_ends_every_other_session(office: Office, database: Database) -> None:
    kept = passwords.hashed("lentement mais posément")
    with database.writing() as session:
        session.get_one(User, office.user(INES).id).password_hash = kept
        elsewhere = begin(session, user=office.user(INES), label="elsewhere", now=NOW)

    wrong = office.send(office.ines, "/backoffice/account/password", current_password="guessed", password=PASSWORD)
    weak = office.send(office.ines, "/backoffice/account/password", current_password="lentement mais posément", password="Medinsoft2027")
    right = office.send(office.ines, "/backoffice/account/password", current_password="lentement mais posément", password=PASSWORD)

    assert [answer.status_code for answer in (wrong, weak, right)] == [422, 422, 303]
    assert passwords.matches(PASSWORD, office.user(INES).password_hash)
    assert office.ines.get("/backoffice/account").status_code == 200
    assert office.holding(elsewhere).get("/backoffice/account").status_code == 303


@pytest.mark.trust("RATE-2")
def test_guessing_the_current_password_has_to_wait(office: Office) -> None:
    answers = [office.send(office.ines, "/backoffice/account/password", current_password="guessed", password=PASSWORD) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]


def test_a_device_is_signed_out_by_its_user_alone(office: Office, database: Database) -> None:
    with database.reading() as session:
        row = session.scalars(select(SignIn).where(SignIn.label == "Nora’s phone")).one()

    office.send(office.ines, f"/backoffice/account/devices/{row.id}/deletion")
    still = office.nora.get("/backoffice/account").status_code
    office.send(office.nora, f"/backoffice/account/devices/{row.id}/deletion")

    assert (still, office.nora.get("/backoffice/account").status_code) == (200, 303)


@pytest.mark.trust("ACL-6")
def test_the_team_is_read_by_members_and_changed_by_owners(office: Office) -> None:
    nora, ines = f"/backoffice/team/{office.user(NORA).public_id}", f"/backoffice/team/{office.user(INES).public_id}"
    seen = [client.get("/backoffice/team").status_code for client in (office.ines, office.nora)]
    refused = [
        office.send(office.nora, nora, role="owner"),
        office.send(office.nora, f"{ines}/deletion"),
        office.send(office.nora, "/backoffice/team/invitations", email="x@demo.test", role="staff"),
        office.send(office.paul, nora, role="owner"),
        office.send(office.paul, f"{nora}/deletion"),
        office.send(office.ines, f"{nora}x", role="owner"),
    ]
    before = office.roles()
    office.send(office.ines, nora, role="manager")

    assert seen == [200, 200]
    assert [answer.status_code for answer in refused] == [404] * 6
    assert before == {"Inès Prototype": "owner", "Nora Modèle": "staff"}
    assert office.roles() == {"Inès Prototype": "owner", "Nora Modèle": "manager"}


@pytest.mark.trust("ACL-6")
def test_the_last_owner_stays_and_is_told_why(office: Office) -> None:
    ines = f"/backoffice/team/{office.user(INES).public_id}"

    answers = [office.send(office.ines, ines, role="staff"), office.send(office.ines, f"{ines}/deletion")]

    assert [answer.status_code for answer in answers] != [500, 500]
    assert office.roles()["Inès Prototype"] == "owner"
    page = office.ines.get(answers[1].location).text if answers[1].status_code == 303 else answers[1].text
    assert "make somebody else an owner first" in page


def test_a_member_may_leave(office: Office) -> None:
    answer = office.send(office.nora, f"/backoffice/team/{office.user(NORA).public_id}/deletion")

    assert answer.status_code == 303
    assert office.roles() == {"Inès Prototype": "owner"}


@pytest.mark.trust("RATE-2")
def test_an_invitation_is_mailed_once_withdrawn_and_limited(office: Office, database: Database) -> None:
    first = office.send(office.ines, "/backoffice/team/invitations", email="x@demo.test", role="staff")
    member = office.send(office.ines, "/backoffice/team/invitations", email=NORA.email, role="staff", idempotency_key="n" * 22)
    with database.reading() as session:
        link = session.scalars(select(OneTimeLink)).one()
        mails = [(row.kind, row.address) for row in session.scalars(select(Message))]
    foreign = office.send(office.paul, f"/backoffice/team/invitations/{link.id}/deletion")
    with database.reading() as session:
        still = session.get_one(OneTimeLink, link.id).used_at
    office.send(office.ines, f"/backoffice/team/invitations/{link.id}/deletion")
    more = [
        office.send(office.ines, "/backoffice/team/invitations", email="x@demo.test", role="staff", idempotency_key=letter * 22).status_code
        for letter in "abc"
    ]

    assert (first.status_code, member.status_code, mails) == (303, 422, [("invitation", "x@demo.test")])
    assert (foreign.status_code, still) == (303, None)
    with database.reading() as session:
        assert session.get_one(OneTimeLink, link.id).used_at == NOW
    assert more == [303, 303, 429]


@pytest.mark.trust("L1")
def test_the_legal_details_are_read_by_members_and_changed_by_owners(office: Office, database: Database) -> None:
    values = {name: f"{name} x" for name in Organiser.LEGAL} | {
        "name": "Medinsoft",
        "email": "c@demo.test",
        "data_protection_contact": "d@demo.test",
    }
    refused = office.send(office.nora, "/backoffice/organiser", **values)
    foreign = office.send(office.paul, "/backoffice/organiser?organiser=medinsoft", **values)
    incomplete = office.send(office.ines, "/backoffice/organiser", **(values | {"phone": ""}))
    said = office.ines.get(incomplete.location).text
    complete = office.send(office.ines, "/backoffice/organiser?event=grand-opening", **values)

    assert [answer.status_code for answer in (refused, foreign, incomplete, complete)] == [404, 404, 303, 303]
    assert office.nora.get("/backoffice/organiser").status_code == 200
    assert "still missing" in said
    assert complete.location == "/backoffice/events/grand-opening/publication"
    with database.reading() as session:
        entries = journal.chain(session, f"organiser:{office.organiser_id}")
        assert [entry.verb for entry in entries] == ["update_organiser"] * 2
        assert "c@demo.test" not in repr([entry.facts for entry in entries])


def test_leaving_everywhere_ends_every_session(office: Office, database: Database) -> None:
    with database.writing() as session:
        elsewhere = begin(session, user=office.user(INES), label="elsewhere", now=NOW)

    office.send(office.ines, "/backoffice/account/departure")

    assert [client.get("/backoffice/account").status_code for client in (office.ines, office.holding(elsewhere))] == [303, 303]
    assert office.nora.get("/backoffice/account").status_code == 200
