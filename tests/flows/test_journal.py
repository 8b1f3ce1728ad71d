"""Who did what, when: every form of the back office leaves its entry in the journal, in the name of who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventapp.cli.doctor import table
from eventapp.door import actions as door
from eventapp.door.rules import Role as Task
from eventapp.events.models import Edition
from eventapp.journal import queries as journal
from eventapp.journal.models import Entry
from eventapp.journal.rules import first_fault
from eventapp.lib import passwords
from eventapp.lib.db import Database
from eventapp.partners.models import Partnership
from eventapp.people.models import User
from eventapp.people.rules import OPERATOR, Role
from eventapp.programme.models import Appearance, ProgrammeSession
from eventapp.registration.models import Quota, TicketType
from tests import factories
from tests.cast import INES, NORA
from tests.factories import NOW, House
from tests.flows import test_sent_twice
from tests.flows.test_sent_twice import EVENT, FORMS, PARTY, Sent, form_of

house, ines, party = test_sent_twice.house, test_sent_twice.ines, test_sent_twice.party

# What is noted does not depend on the engine; that entries are kept is proved on both elsewhere.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PASSWORD = "lentement mais posément"
CHANGING: Mapping[str, Sent] = {
    "door.backoffice.revocations.revoke": Sent(EVENT + "/door"),
    "registration.backoffice.deficits.ask": Sent(EVENT + "/quotas/{balcony}/deficit", {"words": "Travaux."}),
    "events.backoffice.editions.update": Sent("/backoffice/editions/{edition}/edit", {"year": "2031"}),
    "events.backoffice.gates.delete": Sent("/backoffice/spaces/{space}/edit"),
    "events.backoffice.gates.update": Sent("/backoffice/spaces/{space}/edit", {"name": "Grille"}),
    "events.backoffice.series.update": Sent("/backoffice/series/forum/edit", {"name_fr": "Forums"}),
    "events.backoffice.spaces.update": Sent(
        "/backoffice/spaces/{space}/edit", {"name": "Cour", "safety_author": "Inès", "safety_on": "2027-01-04"}
    ),
    "events.backoffice.update": Sent(EVENT + "/edit", {"title_fr": "Nuit blanche"}),
    "partners.backoffice.delete": Sent(EVENT + "/partners/{partner}"),
    "partners.backoffice.update": Sent(EVENT + "/partners/{partner}", {"tier_fr": "Or"}),
    "people.backoffice.invitations.delete": Sent("/backoffice/team"),
    "people.backoffice.organiser.update": Sent(
        "/backoffice/organiser", {"phone": "04 00 00 00 00", "email": INES.email, "data_protection_contact": INES.email}
    ),
    "people.backoffice.password.update": Sent(
        "/backoffice/account/password", {"current_password": PASSWORD, "password": "trombone vert sous la pluie"}
    ),
    "people.backoffice.team.delete": Sent("/backoffice/team"),
    "people.backoffice.team.update": Sent("/backoffice/team", {"role": "manager"}),
    "programme.backoffice.programme_sessions.delete": Sent(EVENT + "/programme/sessions/{session}"),
    "programme.backoffice.programme_sessions.update": Sent(EVENT + "/programme/sessions/{session}", {"title_fr": "Autre"}),
    "programme.backoffice.speakers.delete": Sent(EVENT + "/programme/speakers/{speaker}"),
    "programme.backoffice.speakers.update": Sent(EVENT + "/programme/speakers/{speaker}", {"name": "Anne Autre"}),
    "registration.backoffice.changes.change_type": Sent(PARTY + "/changes/new"),
    "registration.backoffice.changes.enlarge": Sent(PARTY + "/changes/new", {"by": "2"}),
    "registration.backoffice.changes.resize": Sent(EVENT + "/registrations/{waiting}/changes/new", {"size": "3"}),
    "registration.backoffice.invitations.update": Sent(EVENT + "/invitations"),
    "registration.backoffice.line.update": Sent(EVENT + "/line", {"offers_before": "10", "do": "save"}),
    "registration.backoffice.quotas.delete": Sent(EVENT + "/quotas/{quota}/edit"),
    "registration.backoffice.quotas.update": Sent(EVENT + "/quotas/{quota}/edit", {"limit": "9", "reason": "Plus de chaises."}),
    "registration.backoffice.ticket_types.delete": Sent(EVENT + "/ticket-types/{type}/edit"),
    "registration.backoffice.ticket_types.update": Sent(EVENT + "/ticket-types/{type}/edit", {"name_fr": "Médias"}),
    "registration.backoffice.update": Sent(PARTY + "/edit", {"first_name": "Karima"}),
}
NOT_NOTED = {
    # Possible only before anybody can register: tests/registration/test_ballots.py reads its entries.
    "registration.backoffice.ballots.update",
    # One's own name, language and devices concern nobody else.
    "people.backoffice.account.update",
    "people.backoffice.departure.create",
    "people.backoffice.sign_ins.delete",
}


def planted(app: Flask, database: Database, house: House, ines: FlaskClient, pages: dict[str, object]) -> dict[str, object]:
    """One more of everything that can be changed or removed, and how pages call it."""
    kept = passwords.hashed(PASSWORD)
    for endpoint in (
        "events.backoffice.editions.create",
        "people.backoffice.invitations.create",
        "programme.backoffice.programme_sessions.create",
        "programme.backoffice.speakers.create",
        "registration.backoffice.invitations.create",
        "registration.backoffice.ticket_types.create",
        "registration.backoffice.quotas.create",
    ):
        send(app, ines, FORMS[endpoint], endpoint, pages)
    with database.writing() as session:
        factories.member(session, organiser_id=house.organiser.id, character=NORA, role=Role.STAFF)
        session.scalars(select(User).where(User.email == INES.email)).one().password_hash = kept
        _invitation, secret = door.create_enrolment(
            session, event_id=house.event.id, gate="Nord", role=Task.SCAN, uses=1, actor=OPERATOR, now=NOW
        )
        door.enrol(session, secret=secret, label="Nora", app="1", now=NOW)
    with database.writing() as session:
        _full, kind = factories.quota_and_type(session, event_id=house.event.id, slug="complet", quota_name="complet", limit=0)
    waiting = house.register(NORA, ticket_type_id=kind.id)
    with database.reading() as session:
        return pages | {
            "waiting": waiting.registration.public_id,
            "edition": session.scalars(select(Edition.slug)).one(),
            "partner": session.scalars(select(Partnership.public_id)).first(),
            "session": session.scalars(select(ProgrammeSession.public_id)).one(),
            "speaker": session.scalars(select(Appearance.public_id)).one(),
            "quota": session.scalars(select(Quota.id).where(Quota.name == "Presse")).one(),
            "nora": session.scalars(select(User.public_id).where(User.email == NORA.email)).one(),
            "type": session.scalars(select(TicketType.number).where(TicketType.slug != "complet").order_by(TicketType.id.desc())).first(),
        }


def send(app: Flask, client: FlaskClient, case: Sent, endpoint: str, pages: Mapping[str, object]) -> None:
    form = form_of(app, client, case.page.format(**pages), endpoint)
    if "nora" in pages and endpoint.startswith("people.backoffice.team."):
        form = replace(form, action=f"/backoffice/team/{pages['nora']}{'/deletion' if endpoint.endswith('delete') else ''}")
    answer = client.post(form.action, data={**form.values, **case.typed})
    assert answer.status_code == 303, (endpoint, answer.status_code)


def entries(database: Database) -> list[Entry]:
    with database.reading() as session:
        return list(session.scalars(select(Entry).order_by(Entry.id)))


def test_every_form_of_the_back_office_is_tried(app: Flask) -> None:
    with app.app_context():
        unsafe = {row["endpoint"] for row in table() if "POST" in row["methods"] and str(row["path"]).startswith("/backoffice")}

    assert unsafe == {*FORMS, *CHANGING, *NOT_NOTED}


@pytest.mark.trust("JRN-2")
@pytest.mark.parametrize("endpoint", sorted({**FORMS, **CHANGING}))
def test_each_leaves_its_entry_in_the_name_of_who_sent_it(
    app: Flask,
    ines: FlaskClient,
    database: Database,
    house: House,
    party: str,
    endpoint: str,
) -> None:
    pages: dict[str, object] = {"space": house.space.id, "registration": party, "applicant": test_sent_twice.applicant(database)}
    if endpoint in CHANGING:
        pages = planted(app, database, house, ines, pages)
    pages["balcony"] = test_sent_twice.balcony(house, endpoint)
    before = len(entries(database))

    send(app, ines, {**FORMS, **CHANGING}[endpoint], endpoint, pages)

    noted = entries(database)[before:]
    with database.reading() as session:
        me = session.scalars(select(User.public_id).where(User.email == INES.email)).one()
        assert [name for name in journal.chains(session) if first_fault(journal.chain(session, name)) is not None] == []
    assert noted != []
    assert {entry.actor for entry in noted} == {f"member:{me}"}
    assert len({(entry.chain, entry.verb, entry.subject) for entry in noted}) == len(noted)
