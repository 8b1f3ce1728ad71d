"""The public pages: the same for everybody, kept by caches, in both languages, in a fixed number of statements."""

from __future__ import annotations

import gzip
import html
import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from eventapp.events.models import Edition, Series
from eventapp.lib.db import Base, Database
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions
from tests import factories
from tests.cast import KARIM, LUCIE, MARC, PAUL
from tests.factories import NOW, House

PUBLIC = [
    "/fr/",
    "/en/",
    "/fr/events/grand-opening",
    "/fr/events/grand-opening.ics",
    "/sitemap.xml",
    "/fr/legal",
    "/fr/privacy",
    "/en/accessibility",
]


@pytest.fixture
def house(database: Database) -> House:
    return House(database, limit=2)


@pytest.fixture
def edition(house: House) -> Edition:
    """The event of `house` in an edition of a series, and a draft beside it."""
    with house.database.writing() as session:
        series = Series(organiser_id=house.organiser.id, slug="weeks", name={"fr": "French Tech Weeks"}, created_at=NOW)
        session.add(series)
        session.flush()
        row = Edition(
            series_id=series.id,
            organiser_id=house.organiser.id,
            slug="weeks-2027",
            year=2027,
            name={"fr": "French Tech Weeks 2027"},
            created_at=NOW,
        )
        session.add(row)
        session.flush()
        session.merge(house.event).edition_id = row.id
        factories.event(
            session, organiser_id=house.organiser.id, slug="brouillon", state="draft", title={"fr": "Canari secret"}, edition_id=row.id
        )
        return row


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.get_data(as_text=True))


@pytest.mark.parametrize(("accept", "path"), [("en-GB,en;q=0.9", "/en/"), ("fr", "/fr/"), ("de", "/fr/"), ("", "/fr/")])
def test_the_bare_address_chooses_by_language_and_is_not_kept(client: FlaskClient, accept: str, path: str) -> None:
    answer = client.get("/", headers={"Accept-Language": accept})

    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_shared_by_all(client: FlaskClient, house: House, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"], "Cookie": "session=x"})

    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in first.headers
    assert first.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in first.headers
    assert "nonce" not in first.headers["Content-Security-Policy"]
    assert again.status_code == 304


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_compressed_for_those_who_take_it(client: FlaskClient, house: House, path: str) -> None:
    takes = {"Accept-Encoding": "gzip, deflate, br, zstd"}
    plain = client.get(path)
    small = client.get(path, headers=takes)
    kept = client.get(path, headers={**takes, "If-None-Match": small.headers["ETag"]})

    assert (small.headers["Content-Encoding"], small.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(small.get_data()) == plain.get_data()
    assert small.headers["ETag"] != plain.headers["ETag"]
    assert (kept.status_code, kept.get_data()) == (304, b"")


def test_one_button_says_how_things_stand(client: FlaskClient, house: House) -> None:
    open_ = text(client, "/fr/events/grand-opening")
    for character in (KARIM, LUCIE, MARC, PAUL):
        house.register(character)
    full = text(client, "/fr/events/grand-opening")

    assert re.findall(r'class="btn btn-primary[^>]*>([^<]+)<', open_) == ["S’inscrire"]
    assert re.findall(r'class="btn btn-primary[^>]*>([^<]+)<', full) == ["Rejoindre la liste d’attente — 2 personnes"]


def test_an_event_called_off_says_why_and_offers_nothing(client: FlaskClient, house: House) -> None:
    with house.database.writing() as session:
        actions.call_off(session, event_id=house.event.id, reason="Tempête <annoncée>", actor=OPERATOR, now=NOW)

    page = text(client, "/fr/events/grand-opening")
    raw = client.get("/fr/events/grand-opening").get_data(as_text=True)

    assert "Cet événement est annulé" in page
    assert "Tempête &lt;annoncée&gt;" in raw
    assert 'class="btn btn-primary' not in page
    assert "EventCancelled" in page


def test_the_event_speaks_to_machines(client: FlaskClient, house: House) -> None:
    page = client.get("/en/events/grand-opening").get_data(as_text=True)
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert block
    known = json.loads(block[1])
    entry = Calendar.from_ical(client.get("/fr/events/grand-opening.ics").get_data()).walk("VEVENT")[0]

    assert (known["@type"], known["name"], known["startDate"]) == ("Event", "Grand Opening", "2027-09-23T18:30+02:00")
    assert known["offers"]["availability"] == "https://schema.org/InStock"
    assert str(entry["UID"]) == f"{house.event.public_id}@127.0.0.1"
    assert 'hreflang="fr" href="http://127.0.0.1:8000/fr/events/grand-opening"' in page


def test_a_script_in_a_title_stays_text(client: FlaskClient, house: House) -> None:
    with house.database.writing() as session:
        session.merge(house.event).title = {"fr": "</script><script>alert(1)</script>"}

    page = client.get("/fr/events/grand-opening").get_data(as_text=True)

    assert "<script>alert" not in page


def test_drafts_are_nowhere(client: FlaskClient, edition: Edition) -> None:
    paths = ["/fr/", "/fr/editions/weeks-2027", "/fr/series/weeks", "/fr/editions/weeks-2027.ics", "/fr/series/weeks.ics", "/sitemap.xml"]

    pages = [text(client, path) for path in paths]

    assert [page for page in pages if "Canari" in page or "brouillon" in page] == []
    assert client.get("/fr/events/brouillon").status_code == 404
    assert client.get("/fr/events/brouillon.ics").status_code == 404


def test_an_edition_whose_events_are_drafts_is_unknown(client: FlaskClient, edition: Edition, house: House) -> None:
    with house.database.writing() as session:
        session.merge(house.event).state = "draft"

    assert client.get("/fr/editions/weeks-2027").status_code == 404
    assert client.get("/fr/series/weeks").status_code == 404


def test_the_home_page_asks_the_same_for_one_event_and_for_many(client: FlaskClient, house: House, asked: list[str]) -> None:
    client.get("/fr/")
    one = len(asked)
    with house.database.writing() as session:
        for number in range(5):
            factories.event(session, organiser_id=house.organiser.id, slug=f"autre-{number}", doors_at=NOW + timedelta(days=3 + number))
    asked.clear()

    client.get("/fr/")

    assert len(asked) == one


def test_the_event_page_asks_six_questions(client: FlaskClient, house: House, asked: list[str]) -> None:
    client.get("/fr/events/grand-opening")

    tables = [statement.rpartition(" \nFROM ")[2].split()[0] for statement in asked if statement != "BEGIN"]
    assert tables == ["event", "quota", "ticket_type", "programme_session", "appearance", "partnership"]


def test_the_event_page_asks_the_same_however_many_wait(client: FlaskClient, house: House, asked: list[str]) -> None:
    for character in (KARIM, LUCIE, MARC):
        house.register(character)
    client.get("/fr/events/grand-opening")
    few = len(asked)
    for number in range(8):
        house.register(PAUL, email=f"paul{number}@demo.test")
    asked.clear()

    client.get("/fr/events/grand-opening")

    assert len(asked) == few


def test_an_archived_event_shows_its_figures(client: FlaskClient, house: House) -> None:
    with house.database.writing() as session:
        row = session.merge(house.event)
        row.state, row.counts = (
            "archived",
            {"came": 800, "registered": 1140, "refused": [{"n": 250, "reason": "NO_TICKET"}], "source": "presse"},
        )

    page = text(client, "/fr/events/grand-opening")

    assert [figure for figure in ("800", "1\u202f140", "250") if figure not in page] == []
    assert 'class="btn btn-primary' not in page


def test_the_legal_pages_name_the_organiser_and_every_purpose(client: FlaskClient, house: House) -> None:
    legal, privacy = text(client, "/fr/legal"), text(client, "/en/privacy")
    purposes = {column.info["personal"] for table in Base.metadata.tables.values() for column in table.columns if "personal" in column.info}

    assert [name for name in house.organiser.LEGAL if getattr(house.organiser, name) not in legal] == []
    assert "Data that this part of the service needs" not in privacy
    assert purposes >= {"registration", "delivery"}


def test_the_sitemap_names_both_languages(client: FlaskClient, edition: Edition) -> None:
    root = ElementTree.fromstring(client.get("/sitemap.xml").get_data())
    places = [element.text for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]

    assert "http://127.0.0.1:8000/fr/events/grand-opening" in places
    assert "http://127.0.0.1:8000/en/editions/weeks-2027" in places


@pytest.mark.parametrize(
    "path", ["/fr/events/x", "/fr/series/x", "/fr/editions/x.ics", "/de/", "/fr/events/" + "a" * 500, "/fr/events/%00"]
)
def test_unknown_pages_are_not_found(client: FlaskClient, house: House, path: str) -> None:
    assert client.get(path).status_code == 404
