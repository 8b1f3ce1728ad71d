"""Whatever the back office makes is made once: a form sent again (double tap, reload, back button) is answered like the first time."""

from __future__ import annotations

import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import MetaData, func, select

from eventapp.cli.doctor import table
from eventapp.events import actions as events
from eventapp.events.models import Series
from eventapp.events.rules import SeriesValues
from eventapp.journal.models import FormKey
from eventapp.journal.rules import FORM_KEYS_KEPT
from eventapp.lib import codes
from eventapp.lib.db import Database
from eventapp.partners import actions as partners
from eventapp.partners.rules import Owner, PartnerValues
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions as registration
from eventapp.registration.models import Registration
from eventapp.worker.duties import sweep_forms
from tests import factories
from tests.cast import INES, KARIM, PAUL, Character
from tests.crawling import FormOnPage, read
from tests.factories import NOW, House

EVENT = "/backoffice/events/grand-opening"
PARTY = EVENT + "/registrations/{registration}"
# Counters of tries count every try, and a session knows when it was last seen.
MOVING = {"limit_counter", "user_session"}
NOT_TWICE = {
    # Signs out everywhere: whoever sends it again is nobody by then.
    "people.backoffice.departure.create",
}


@dataclass(frozen=True)
class Sent:
    """Where a creating form stands, what is typed into it, and what may be typed instead. Without `other` it is a button."""

    page: str
    typed: Mapping[str, str] = field(default_factory=dict)
    other: Mapping[str, str] = field(default_factory=dict)


TIMES = {"doors": "2027-10-01T18:00", "starts": "2027-10-01T18:30", "ends": "2027-10-01T22:00"}
PERSON = {"first_name": "Lucie", "last_name": "Exemple", "email": "lucie@demo.test"}
FORMS: Mapping[str, Sent] = {
    "backoffice.events.create": Sent(
        "/backoffice/events/new", {**TIMES, "title_fr": "Soirée", "contact": INES.email, "capacity": "20"}, {"title_fr": "Matinée"}
    ),
    "door.backoffice.enrolments.create": Sent(EVENT + "/door", {"gate": "Nord", "role": "scan"}, {"gate": "Sud"}),
    "events.backoffice.create": Sent(
        "/backoffice/drafts/new", {**TIMES, "title_fr": "Soirée", "contact": INES.email}, {"title_fr": "Matinée"}
    ),
    "events.backoffice.editions.create": Sent(
        "/backoffice/editions/new",
        {"year": "2028", "starts_on": "2028-09-21", "ends_on": "2028-09-22", "tracks": "Santé\nMer"},
        {"year": "2029"},
    ),
    "events.backoffice.gates.create": Sent("/backoffice/spaces/{space}/edit", {"name": "Est"}, {"name": "Ouest"}),
    "events.backoffice.series.create": Sent("/backoffice/series/new", {"name_fr": "Assises"}, {"name_fr": "Rencontres"}),
    "events.backoffice.spaces.create": Sent(
        "/backoffice/spaces/new",
        {"name": "Salle", "venue": "", "venue_name": "Lieu", "safety_on": "2027-01-04", "gates": "Nord"},
        {"name": "Cour"},
    ),
    "partners.backoffice.create": Sent(EVENT + "/partners/new", {"organisation": "La Ville"}, {"organisation": "Le Port"}),
    "partners.backoffice.moves.create": Sent(EVENT + "/partners"),
    "people.backoffice.invitations.create": Sent("/backoffice/team", {"email": "nora@demo.test"}, {"email": "paul@demo.test"}),
    "programme.backoffice.programme_sessions.create": Sent(EVENT + "/programme/sessions/new", {"title_fr": "A"}, {"title_fr": "B"}),
    "programme.backoffice.speakers.create": Sent(EVENT + "/programme/speakers/new", {"name": "Anne Modèle"}, {"name": "Jean Modèle"}),
    "registration.backoffice.approvals.create": Sent(EVENT + "/approvals", {"do": "first", "first": "1"}, {"first": "2"}),
    "registration.backoffice.callings_off.create": Sent(EVENT + "/calling-off", {"reason": "Orage."}, {"reason": "Grève."}),
    "registration.backoffice.cancellations.create": Sent(PARTY + "/cancellation", {"reason": "Demandé."}, {"reason": "Erreur."}),
    "registration.backoffice.create": Sent(EVENT + "/registrations/new", PERSON, {"first_name": "Lucile"}),
    "registration.backoffice.deficits.create": Sent(EVENT + "/quotas/{balcony}/deficit", {"reason": "Travaux."}, {"reason": "Orage."}),
    "registration.backoffice.invitations.create": Sent(
        EVENT + "/invitations/new", {"guests": "Lucie Exemple, lucie@demo.test"}, {"guests": "Marc Modèle, marc@demo.test"}
    ),
    "registration.backoffice.links.create": Sent(PARTY),
    "registration.backoffice.postponements.create": Sent(EVENT + "/postponement", {"reason": "Orage."}, {"reason": "Grève."}),
    "registration.backoffice.publication.create": Sent("/backoffice/events/brouillon/publication"),
    "registration.backoffice.quotas.create": Sent(EVENT + "/quotas/new", {"name": "Presse", "limit": "5"}, {"limit": "6"}),
    "registration.backoffice.rejections.create": Sent(
        EVENT + "/registrations/{applicant}/rejection", {"reason": "Complet."}, {"reason": "Doublon."}
    ),
    "registration.backoffice.revocations.create": Sent(PARTY + "/revocation", {"reason": "Erreur."}, {"reason": "Doublon."}),
    "registration.backoffice.transfers.create": Sent(PARTY + "/transfer", PERSON, {"first_name": "Lucile"}),
    "registration.backoffice.ticket_types.create": Sent(EVENT + "/ticket-types/new", {"name_fr": "Presse"}, {"name_fr": "École"}),
}


@pytest.fixture
def house(database: Database) -> House:
    """An event with a party and two partners, a draft that could be published, a series."""
    house = House(database)
    house.register(KARIM)
    with database.writing() as session:
        draft = factories.event(session, organiser_id=house.organiser.id, slug="brouillon", state="draft", space_id=house.space.id)
        series = SeriesValues(name={"fr": "Forum"})
        events.create_series(session, organiser_id=house.organiser.id, values=series, actor=OPERATOR, now=NOW)
    with database.writing() as session:
        factories.quota_and_type(session, event_id=draft.id)
    with database.writing() as session:
        kind = registration.create_ticket_type(
            session,
            event_id=house.event.id,
            slug="atelier",
            name={"fr": "Atelier"},
            quota_ids=[house.quota.id],
            approval=True,
            actor=OPERATOR,
            now=NOW,
        )
    house.register(PAUL, ticket_type_id=kind.id)
    for name in ("Un", "Deux"):
        owner = Owner(organiser_id=house.organiser.id, event_id=house.event.id)
        values = PartnerValues(organisation=name, type="carrier", tier={}, logo_size="medium")
        with database.writing() as session:
            partners.add_partner(session, owner=owner, values=values, actor=OPERATOR, now=NOW)
    return house


def balcony(house: House, endpoint: str) -> int:
    """The number of a quota with a seat taken that is then closed, for the form that asks for one; 0 for others."""
    if not endpoint.startswith("registration.backoffice.deficits."):
        return 0
    command: dict[str, Any] = {"event_id": house.event.id, "actor": OPERATOR, "now": NOW}
    with house.database.writing() as session:
        quota = registration.create_quota(session, name="balcon", limit=1, **command)
        kind = registration.create_ticket_type(session, slug="balcon", name={"fr": "Balcon"}, quota_ids=[quota.id], **command)
    house.register(Character("Omar", "Exemple"), ticket_type_id=kind.id)
    with house.database.writing() as session:
        registration.set_limit(session, quota_id=quota.id, limit=0, **command)
    return quota.id


@pytest.fixture
def party(database: Database, house: House) -> str:
    """How Karim's registration is called in addresses."""
    with database.reading() as session:
        return session.scalars(select(Registration.public_id).where(Registration.email == KARIM.email)).one()


def applicant(database: Database) -> str:
    """How the application of Paul is called in addresses."""
    with database.reading() as session:
        return session.scalars(select(Registration.public_id).where(Registration.email == PAUL.email)).one()


@pytest.fixture
def ines(client: FlaskClient, database: Database, house: House) -> FlaskClient:
    return signed_in(client, database, house, INES)


def signed_in(client: FlaskClient, database: Database, house: House, character: Character) -> FlaskClient:
    with database.writing() as session:
        user, _actor = factories.member(session, organiser_id=house.organiser.id, character=character)
        user.language = "en"
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def creating(app: Flask) -> dict[str, str]:
    """Path by endpoint of all that makes something in the back office."""
    with app.app_context():
        rows = [row for row in table() if "POST" in row["methods"] and str(row["path"]).startswith("/backoffice")]
    return {row["endpoint"]: row["path"] for row in rows if row["endpoint"].endswith(".create")}


def dump(database: Database, tables: MetaData) -> dict[str, list[str]]:
    with database.reading() as session:
        return {name: sorted(map(repr, session.execute(select(it)))) for name, it in tables.tables.items() if name not in MOVING}


def form_of(app: Flask, client: FlaskClient, page: str, endpoint: str) -> FormOnPage:
    """The first form of a page that is sent to this endpoint."""
    paths = app.url_map.bind("127.0.0.1")
    forms = read(page, client.get(page).text).forms
    return next(form for form in forms if paths.match(form.action.partition("?")[0], "POST")[0] == endpoint)


def test_everything_that_makes_something_is_tried(app: Flask) -> None:
    assert set(creating(app)) == set(FORMS) | NOT_TWICE


@pytest.mark.trust("P-2", "P-3", "F-15")
@pytest.mark.parametrize("endpoint", sorted(FORMS))
def test_a_form_sent_twice_makes_one_thing_and_leads_to_the_same_page(
    app: Flask, ines: FlaskClient, database: Database, house: House, tables: MetaData, party: str, endpoint: str
) -> None:
    case = FORMS[endpoint]
    named = {"space": house.space.id, "registration": party, "applicant": applicant(database), "balcony": balcony(house, endpoint)}
    form = form_of(app, ines, case.page.format(**named), endpoint)
    values = {**form.values, **case.typed}
    empty = dump(database, tables)

    unkeyed = ines.post(form.action, data=values | {"idempotency_key": ""})
    without = ines.post(form.action, data={name: value for name, value in values.items() if name != "idempotency_key"})
    untouched = dump(database, tables)
    first = ines.post(form.action, data=values)
    once = dump(database, tables)
    again = ines.post(form.action, data=values)
    twice = dump(database, tables)

    assert (unkeyed.status_code, without.status_code, untouched == empty) == (422, 422, True)
    assert "lost its key" in without.text
    assert all(value.partition("\n")[0] in without.text for value in case.typed.values())
    assert (first.status_code, again.status_code, again.location) == (303, 303, first.location)
    assert {name for name in once if once[name] != empty[name]} - {"form_key", "command_key"}
    assert {name: rows for name, rows in twice.items() if rows != once[name]} == {}

    if case.other:
        other = ines.post(form.action, data=values | case.other)

        assert other.status_code == 422
        assert "already" in other.text
        assert values["idempotency_key"] not in other.text
        assert all(str(value) in other.text for value in case.other.values())
        assert dump(database, tables) == once


@pytest.mark.trust("P-2")
def test_a_form_sent_eight_times_at_once_makes_one_thing(app: Flask, ines: FlaskClient, database: Database) -> None:
    form = form_of(app, ines, "/backoffice/series/new", "events.backoffice.series.create")
    values = {**form.values, "name_fr": "Assises"}
    with ines.session_transaction() as cookie:
        signed_in = dict(cookie)

    def send(key: str) -> tuple[int, str | None]:
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie.update(signed_in)
        answer = browser.post(form.action, data=values | {"idempotency_key": key})
        return answer.status_code, answer.location

    with ThreadPoolExecutor(8) as browsers:
        same = set(browsers.map(send, [values["idempotency_key"]] * 8))
    with database.reading() as session:
        made = session.scalar(select(func.count()).select_from(Series))
    with ThreadPoolExecutor(8) as browsers:
        list(browsers.map(send, [codes.key() for _ in range(4)]))
    with database.reading() as session:
        with_other_keys = session.scalar(select(func.count()).select_from(Series))

    assert len(same) == 1
    assert {status for status, _location in same} == {303}
    assert (made, with_other_keys) == (2, 6)


def test_a_key_of_somebody_else_tells_nothing(app: Flask, ines: FlaskClient, database: Database, house: House) -> None:
    form = form_of(app, ines, "/backoffice/series/new", "events.backoffice.series.create")
    values = {**form.values, "name_fr": "Assises"}
    ines.post(form.action, data=values)
    paul = signed_in(app.test_client(), database, house, PAUL)
    his = form_of(app, paul, "/backoffice/series/new", "events.backoffice.series.create")

    answer = paul.post(his.action, data=values | {"csrf_token": his.values["csrf_token"]})

    assert answer.status_code == 303
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Series)) == 3


def test_a_picture_that_came_with_a_form_sent_twice_is_kept_once(app: Flask, ines: FlaskClient, house: House) -> None:
    form = form_of(app, ines, EVENT + "/programme/speakers/new", "programme.backoffice.speakers.create")
    media = Path(app.extensions["eventapp"].settings.instance_dir) / "media"
    values = {**form.values, "name": "Anne Modèle", "alt": "Portrait"}

    counts = []
    for colour in ("#0b3d5f", "#0b3d5f", "#ffffff"):
        answer = ines.post(form.action, data=values | {"portrait": (png(colour), "a.png")})
        counts.append((answer.status_code, sum(file.is_file() for file in media.rglob("*"))))

    kept = counts[0][1]
    assert kept >= 1
    assert counts == [(303, kept), (303, kept), (422, kept)]


def png(colour: str) -> io.BytesIO:
    kept = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(kept, "PNG")
    kept.seek(0)
    return kept


def test_keys_are_forgotten_after_thirty_days(app: Flask, ines: FlaskClient, database: Database) -> None:
    form = form_of(app, ines, "/backoffice/series/new", "events.backoffice.series.create")
    ines.post(form.action, data={**form.values, "name_fr": "Assises"})
    left = []
    for now in (NOW + FORM_KEYS_KEPT, NOW + FORM_KEYS_KEPT + timedelta(seconds=1)):
        with app.app_context():
            sweep_forms(now)
        with database.reading() as session:
            left.append(session.scalar(select(func.count()).select_from(FormKey)))

    assert left == [1, 0]
