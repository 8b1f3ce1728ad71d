"""Every form of the product against awkward values, sent to both databases at once: the same answer, exactly the one that is due.

A value that its field cannot take is answered 422 with a sentence at that field, everything typed is kept and nothing is stored;
what a field might take is either refused like that or stored exactly as it was typed. Never a 500.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import String, Text, func, select, update

from config import Settings
from eventapp.app import create_app
from eventapp.events import actions as events
from eventapp.events.rules import EditionValues, SeriesValues
from eventapp.lib import codes
from eventapp.lib.db import Base, Database, Translated
from eventapp.partners import actions as partners
from eventapp.partners.rules import Owner, PartnerValues
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions as registration
from eventapp.registration.models import TicketType
from tests import factories
from tests.cast import INES, KARIM, LUCIE, NORA, PAUL
from tests.crawling import FormOnPage, crawled, read
from tests.factories import NOW, House

pytestmark = pytest.mark.slow
MARK = "Cassis"
LONG = MARK * 2_000
FLOOD = "e" + "\u0301" * 400
TIMES = {"doors": "2027-10-01T18:00", "starts": "2027-10-01T18:30", "ends": "2027-10-01T22:00"}
# What no field of a kind may take. The kinds are those of HTML.
REFUSED: dict[str, dict[str, str]] = {
    "text": {"NUL": f"{MARK}\x00b", "too long": LONG, "combining flood": FLOOD},
    "tel": {"NUL": f"{MARK}\x00b", "too long": LONG},
    "textarea": {"NUL": f"{MARK}\x00b", "too long": LONG, "combining flood": FLOOD},
    "email": {"no address": "ines", "two addresses": "a@demo.test, b@demo.test", "NUL": "a\x00@demo.test", "too long": f"{LONG}@demo.test"},
    "url": {"script": "javascript:alert(1)", "NUL": "https://demo.test/\x00", "too long": f"https://demo.test/{LONG}"},
    "number": {"words": "trois", "negative": "-1", "huge": "9" * 400, "past 64 bits": str(2**63), "infinite": "1e999", "digits": "٣x"},
    "datetime-local": {"impossible": "2027-02-30T25:61", "distant": "99999-01-01T00:00", "first": "0001-01-01T00:00", "NUL": "2027\x00"},
    "date": {"impossible": "2027-02-30", "distant": "99999-01-01", "first": "0001-01-01", "words": "hier"},
    "color": {"word": "red", "markup": "<b>", "NUL": "#00000\x00"},
    "select": {"forged": "' OR 1=1 --", "unknown": "999999", "past 64 bits": str(2**63), "NUL": "1\x00"},
    "radio": {"forged": "' OR 1=1 --", "unknown": "999999", "past 64 bits": str(2**63)},
}
# What some fields take and others do not: then exactly, or not at all.
TAKEN_OR_NOT: dict[str, str] = {
    "emoji": "👩🏽\u200d🚀",
    "right to left": "שלום",
    "turned round": f"{MARK}\u202etxt.exe",
    "markup": "<script>alert(1)</script>{{ 7 * 7 }}",
    "quotation": "' OR 1=1 --",
}
BLANK = " \t\u00a0\u200b"
# Typed into forms that stand empty on their pages, so that one wrong field is all that is wrong.
TYPED: dict[str, dict[str, str]] = {
    "backoffice.events.create": {**TIMES, "title_fr": "Soirée", "contact": INES.email, "capacity": "20"},
    "door.backoffice.enrolments.create": {"gate": "Nord", "role": "scan"},
    "events.backoffice.create": {**TIMES, "title_fr": "Soirée", "contact": INES.email},
    "events.backoffice.editions.create": {"year": "2031"},
    "events.backoffice.gates.create": {"name": "Est"},
    "events.backoffice.series.create": {"name_fr": "Assises"},
    "events.backoffice.spaces.create": {"name": "Salle", "venue": "", "venue_name": "Lieu"},
    "partners.backoffice.create": {"organisation": "La Ville"},
    "people.backoffice.account.update": {"name": "Inès Exemple"},
    "people.backoffice.invitations.create": {"email": "nora@demo.test"},
    "people.backoffice.organiser.update": {"email": INES.email, "data_protection_contact": INES.email},
    "people.password.create": {"email": INES.email},
    "people.sign_in.create": {"email": INES.email, "password": "a password that is none"},
    "programme.backoffice.programme_sessions.create": {"title_fr": "Table ronde"},
    "programme.backoffice.speakers.create": {"name": "Anne Modèle"},
    "registration.backoffice.callings_off.create": {"reason": "Orage."},
    "registration.backoffice.cancellations.create": {"reason": "Demandé."},
    "registration.backoffice.create": {"first_name": "Lucie", "last_name": "Exemple", "email": "lucie@demo.test"},
    "registration.backoffice.invitations.create": {"guests": "Paul Exemple, paul@demo.test"},
    "registration.backoffice.postponements.create": {"reason": "Orage."},
    "registration.backoffice.quotas.create": {"name": "Presse", "limit": "5"},
    "registration.backoffice.rejections.create": {"reason": "Complet."},
    "registration.backoffice.revocations.create": {"reason": "Erreur."},
    "registration.backoffice.ticket_types.create": {"name_fr": "Presse"},
    "events.backoffice.spaces.update": {"safety_author": "La commission", "safety_on": "2026-01-05"},
    "registration.create": {"first_name": "Lucie", "last_name": "Exemple", "email": "lucie@demo.test", "size": "4"},
    "registration.lost.create": {"email": "lucie@demo.test"},
    "registration.backoffice.transfers.create": {"first_name": "Lucie", "last_name": "Exemple", "email": "lucie@demo.test"},
    "registration.transfers.create": {"first_name": "Lucie", "last_name": "Exemple", "email": "lucie@demo.test"},
}
# Taken once, these end what they are about, or count mails and tries: nothing that might be taken is sent to them.
ONCE = {
    "people.backoffice.account.update",
    "people.backoffice.password.update",
    "people.sign_in.create",
    "registration.backoffice.callings_off.create",
    "registration.backoffice.cancellations.create",
    "registration.backoffice.postponements.create",
    "registration.backoffice.rejections.create",
    "registration.backoffice.revocations.create",
    "registration.backoffice.transfers.create",
    "registration.transfers.create",
    "registration.update",
}
# What must be another's each time such a form is sent.
OWN = {
    "events.backoffice.editions.create": "number",
    "partners.backoffice.create": "organisation",
    "programme.backoffice.speakers.create": "name",
    "registration.backoffice.create": "email",
    "registration.create": "email",
}
# Where a field says nothing wrong with such a value, with the reason.
HARMLESS = {
    # Nothing is kept of it but whether it matches.
    ("people.sign_in.create", "password"),
    ("people.backoffice.password.update", "current_password"),
    # Left over from a scope or a page that is not asked any more: read as not chosen.
    ("people.sign_in.create", "next"),
}
PUBLIC = {
    *("registration.create", "registration.lost.create", "registration.transfers.create", "registration.update"),
    "registration.changes.enlarge",
    *("people.sign_in.create", "people.password.create"),
}
_numbers = count(1)


@dataclass
class Side:
    """The product on one database, with Inès at its back office and a stranger at its door."""

    app: Flask
    database: Database
    house: House
    ines: FlaskClient
    anyone: FlaskClient
    foreign: dict[str, str]
    rows: dict[str, int]

    def forms(self, client: FlaskClient, *starts: str) -> dict[str, FormOnPage]:
        """The first form to each endpoint that these pages and their links lead to, ready to be sent."""
        found: dict[str, FormOnPage] = {}
        for form in crawled(client, *starts):
            name = self.endpoint(form.action)
            if form.wanted and (client is self.anyone or form.action.startswith("/backoffice")):
                found.setdefault(name, form)
        for name, form in found.items():
            form.values.update(TYPED.get(name, {}))
        return found

    def endpoint(self, path: str) -> str:
        """What a path leads to."""
        return str(self.app.url_map.bind("127.0.0.1").match(path.partition("?")[0], "POST")[0])

    def sent(self, client: FlaskClient, form: FormOnPage, values: dict[str, Any]) -> Any:
        """The answer to a form with these values, under a fresh key unless the key is what is tried."""
        data: dict[str, Any] = {**form.values, **({"idempotency_key": codes.key()} if "idempotency_key" in form.values else {}), **values}
        return client.post(form.action, data={name: value for name, value in data.items() if form.typed.get(name) != "file" or value})

    def amounts(self) -> dict[str, int]:
        """Rows per table. Counters of tries are meant to grow."""
        tables = [it for it in Base.metadata.sorted_tables if it.name != "limit_counter"]
        with self.database.reading() as session:
            counts = session.execute(select(*(select(func.count()).select_from(it).scalar_subquery() for it in tables))).one()
        return {it.name: number for it, number in zip(tables, counts, strict=True)}

    def holds(self, text: str) -> bool:
        """Whether a text stands somewhere exactly like this: as a column, or as one language of it."""
        with self.database.reading() as session:
            for it in Base.metadata.sorted_tables:
                columns = [one for one in it.columns if isinstance(one.type, String | Text | Translated)]
                for row in session.execute(select(*columns)) if columns else ():
                    if any(text == value or (isinstance(value, dict) and text in value.values()) for value in row):
                        return True
        return False


def apply_for_a_place(house: House) -> None:
    """Nora awaits a decision. The public is no longer asked which ticket type it wants."""
    with house.database.writing() as session:
        kind_id = registration.create_ticket_type(
            session,
            event_id=house.event.id,
            slug="atelier",
            name={"fr": "Atelier"},
            quota_ids=[house.quota.id],
            approval=True,
            actor=OPERATOR,
            now=NOW,
        ).id
    house.register(NORA, ticket_type_id=kind_id)
    with house.database.writing() as session:
        session.execute(update(TicketType).where(TicketType.id == kind_id).values(public=False))


@pytest.fixture
def sides(request: pytest.FixtureRequest, settings_for: Callable[..., Settings], tmp_path: Any) -> Iterator[list[Side]]:
    """The same house on SQLite and on PostgreSQL."""
    made = []
    for url in (request.getfixturevalue("sqlite_url"), request.getfixturevalue("postgresql_url")):
        app = create_app(settings_for(url))
        made.append(built(app, app.extensions["eventapp"].database))
    yield made
    for side in made:
        side.database.close()


def built(app: Flask, database: Database) -> Side:
    house = House(database)
    house.register(KARIM)
    apply_for_a_place(house)
    common: dict[str, Any] = {"actor": OPERATOR, "now": NOW}
    with database.writing() as session:
        series = events.create_series(session, organiser_id=house.organiser.id, values=SeriesValues(name={"fr": "Forum"}), **common)
        year = EditionValues(year=2027)
        events.create_edition(session, organiser_id=house.organiser.id, series_id=series.id, values=year, **common)
        user, _actor = factories.member(session, organiser_id=house.organiser.id, character=INES)
        user.language = "en"
        secret = begin(session, user=user, label="test", now=NOW)
        other = factories.organiser(session, slug="autre")
        space = factories.space(session, organiser_id=other.id)
        factories.member(session, organiser_id=other.id, character=PAUL)
        second = factories.event(session, organiser_id=other.id, slug="ailleurs", space_id=space.id)
    with database.writing() as session:
        quota, kind = factories.quota_and_type(session, event_id=second.id)
    for name in ("Un", "Deux"):
        owner = Owner(organiser_id=house.organiser.id, event_id=house.event.id)
        with database.writing() as session:
            partners.add_partner(session, owner=owner, values=PartnerValues(organisation=name, type="carrier"), **common)
    ines = app.test_client()
    with ines.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    foreign = {
        "space": str(space.id),
        "venue": str(space.venue_id),
        "quotas": str(quota.id),
        "protects": str(quota.id),
        "ticket_type": str(kind.id),
        "organiser": str(other.id),
    }
    return Side(app, database, house, ines, app.test_client(), foreign, {})


def attempts(name: str, form: FormOnPage, foreign: dict[str, str]) -> Iterator[tuple[str, str, str, bool]]:
    """Field, what is wrong with it, the value, and whether it must be refused. A form that changes has the fields of the one that creates."""
    is_twin = f"{name.removesuffix('.update')}.create" in TYPED and name.endswith(".update")
    for field, kind in form.typed.items():
        if kind in {"hidden", "checkbox", "file", "password"} or (name, field) in HARMLESS:
            if kind == "checkbox" and field in foreign:
                yield field, "of somebody else", foreign[field], True
            continue
        for what, value in list(REFUSED[kind].items())[: 1 if is_twin else None]:
            yield field, what, value, True
        if field in foreign:
            yield field, "of somebody else", foreign[field], True
        if field in form.required and kind not in {"select", "radio"}:
            yield field, "empty", "", True
            yield field, "blank", BLANK, True
        if kind in {"text", "textarea"} and name not in ONCE and not is_twin:
            for what, value in TAKEN_OR_NOT.items():
                yield field, what, value, False


def faults(side: Side, client: FlaskClient, name: str, form: FormOnPage, field: str, value: str, *, must: bool) -> tuple[int, list[str]]:
    """What an attempt was answered, and what is wrong with that answer."""
    values = {field: value}
    if OWN.get(name, field) != field:
        number = next(_numbers)
        values[OWN[name]] = {"email": f"cassis{number}@demo.test", "number": str(number)}.get(OWN[name], f"{MARK} {number}")
    answer = side.sent(client, form, values)
    rows = side.amounts()
    stored, side.rows = rows != side.rows, rows
    if not must and answer.status_code == 303:
        return 303, [] if side.holds(value) else ["is not stored as it was typed"]
    if answer.status_code != 422:
        return answer.status_code, ["should be 422"]
    again = next((one for one in read(form.page, answer.text).forms if one.action == form.action), None)
    if again is None:
        return 422, ["the form does not come back"]
    found = ["stored something"] if stored else []
    found += [] if field in again.invalid else [f"says nothing at its field, but at {sorted(again.invalid)}"]
    found += [f"names {id}, which is not there" for id in again.invalid.get(field, ()) if f'id="{id}"' not in answer.text]
    found += [] if 'role="alert"' in answer.text else ["has no summary"]
    found += [f"lost {lost}" for lost in lost_texts(form, again, {**form.values, **values})]
    return 422, found


def lost_texts(form: FormOnPage, again: FormOnPage, sent: dict[str, str]) -> list[str]:
    """Fields whose text did not come back as it had been sent."""
    kept = {name for name, kind in form.typed.items() if kind in REFUSED and kind not in {"select", "radio", "color"}}
    return sorted(name for name in kept if name in sent and plain(again.values.get(name, "")) != plain(sent[name]))


def plain(text: str) -> str:
    """What HTML cannot carry has a mark in its place; newlines are of one kind; blanks and invisible marks alone are nothing."""
    return text.replace("\x00", "\ufffd").replace("\r\n", "\n").strip(BLANK + "\n")


def attacked(sides: list[Side], clients: str, *starts: Callable[[Side], str]) -> tuple[set[str], list[str]]:
    """Send every attempt to every form on both sides; the endpoints tried, and the faults."""
    forms = [side.forms(getattr(side, clients), *(start(side) for start in starts)) for side in sides]
    assert set(forms[0]) == set(forms[1])
    for side in sides:
        side.rows = side.amounts()
    wrong = []
    for name in sorted(forms[0]):
        for field, what, _value, must in list(attempts(name, forms[0][name], sides[0].foreign)):
            answers = []
            for side, own in zip(sides, forms, strict=True):
                value = next(one for at, why, one, _must in attempts(name, own[name], side.foreign) if (at, why) == (field, what))
                answers.append(faults(side, getattr(side, clients), name, own[name], field, value, must=must))
            wrong += [f"{name} {field} {what}: {status} {fault}" for status, found in answers[:1] for fault in found]
            if answers[0] != answers[1]:
                wrong.append(f"{name} {field} {what}: {answers[0]} on SQLite, {answers[1]} on PostgreSQL")
    return set(forms[0]), wrong


@pytest.mark.trust("F-25", "IN-1", "Q-23")
def test_forms_of_the_public_pages_take_nothing_that_they_should_not(sides: list[Side]) -> None:
    starts = ("/en/", "/en/events/grand-opening/registrations/new", "/en/find-my-ticket", "/sign-in", "/password")
    own = {id(side): f"/en/registrations/{side.house.register(PAUL).token}/edit" for side in sides}

    tried, wrong = attacked(sides, "anyone", *(lambda _side, path=path: path for path in starts), lambda side: own[id(side)])

    assert wrong == []
    assert tried == PUBLIC


@pytest.mark.trust("F-25", "IN-1", "Q-23")
def test_forms_of_the_back_office_take_nothing_that_they_should_not(sides: list[Side]) -> None:
    tried, wrong = attacked(
        sides,
        "ines",
        lambda _side: "/backoffice",
        lambda _side: "/backoffice/events/grand-opening",
        lambda _side: "/backoffice/editions/new",
    )

    assert wrong == []
    # Those below a draft, a phone or a second member have no page here; `test_sent_twice` and the rooms' own tests send them.
    assert set(TYPED) - PUBLIC <= tried
    assert len(tried) >= 30


def empty_png(side: int) -> bytes:
    """A PNG that claims `side`² points and carries next to nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


UPLOADS = {
    "169 million points": (empty_png(13_000), 422),
    "40 MB": (b"\0" * 40_000_000, 413),
    "nothing": (b"", 422),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 422),
    "GIF": (b"GIF89a" + b"\0" * 100, 422),
    "half a PNG": (empty_png(10)[:40], 422),
    "text": (b"name,address\n", 422),
}
PICTURES = {
    "/backoffice/events/grand-opening/programme/speakers/new": ("portrait", {"name": MARK}),
    "/backoffice/events/grand-opening/partners/new": ("logo", {"organisation": MARK}),
    "/backoffice/drafts/new": ("cover", {**TIMES, "title_fr": MARK, "contact": INES.email}),
}


@pytest.mark.trust("UP-1")
def test_what_is_no_picture_is_refused_at_its_field_and_leaves_no_file(sides: list[Side]) -> None:
    wrong = []
    for side in sides:
        media = Path(side.app.extensions["eventapp"].settings.instance_dir) / "media"
        side.rows = side.amounts()
        for page, (picture, typed) in PICTURES.items():
            form = next(form for form in read(page, side.ines.get(page).text).forms if picture in form.typed)
            for what, (upload, status) in UPLOADS.items():
                answer = side.sent(side.ines, form, {**typed, picture: (io.BytesIO(upload), "a.png")})
                # The test client leaves the spool of a large body open.
                answer.request.environ["wsgi.input"].close()
                again = next((one for one in read(page, answer.text).forms if one.action == form.action), form)
                said = status == 413 or (picture in again.invalid and all(again.values[name] == value for name, value in typed.items()))
                files = [file.name for file in media.rglob("*") if file.is_file()]
                if (answer.status_code, said, side.amounts(), files) != (status, True, side.rows, []):
                    wrong.append((side.database.dialect, page, what, answer.status_code, said, files))

    assert wrong == []


SIZES = {
    "more text than a form may hold": {"name_fr": "a" * 70_000},
    "more fields than a form may have": {f"field{number}": "" for number in range(300)},
}


@pytest.mark.trust("IN-4")
@pytest.mark.parametrize("what", SIZES)
@pytest.mark.parametrize("encoding", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_that_is_too_large_is_refused_before_it_is_read(sides: list[Side], what: str, encoding: str) -> None:
    for side in sides:
        form = next(form for form in read("", side.ines.get("/backoffice/series/new").text).forms if "name_fr" in form.typed)
        before = side.amounts()

        answer = side.ines.post(form.action, data={**form.values, "name_fr": MARK, **SIZES[what]}, content_type=encoding)

        assert (answer.status_code, side.amounts() == before) == (413, True)


@pytest.mark.trust("ACL-3", "ACL-4")
def test_things_of_another_event_are_not_found_under_ours(sides: list[Side]) -> None:
    for side in sides:
        with side.database.writing() as session:
            other = factories.event(session, organiser_id=side.house.organiser.id, slug="second", space_id=side.house.space.id)
        with side.database.writing() as session:
            quota, kind = factories.quota_and_type(session, event_id=other.id, slug="autre")
        token = next(form for form in read("", side.ines.get("/backoffice/series/new").text).forms if "name_fr" in form.typed)
        ours, theirs = side.house.register(LUCIE).registration.public_id, "/backoffice/events/second"
        paths = [
            f"/backoffice/events/grand-opening/quotas/{quota.id}",
            f"/backoffice/events/grand-opening/quotas/{quota.id}/deletion",
            f"/backoffice/events/grand-opening/ticket-types/{kind.number + 7}",
            *(f"{theirs}/registrations/{ours}{part}" for part in ("", "/cancellation", "/revocation", "/links")),
            *(f"/backoffice/spaces/{side.foreign['space']}/{part}" for part in ("edit", "gates")),
        ]
        keyed = {"csrf_token": token.values["csrf_token"], "idempotency_key": codes.key(), "reason": "Erreur.", "name": MARK}
        before = side.amounts()

        answers = {path: side.ines.post(path, data=keyed).status_code for path in paths}

        assert answers == dict.fromkeys(paths, 404)
        assert side.amounts() == before
