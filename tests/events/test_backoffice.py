"""Organisers' pages for events, series, editions, spaces and gates: good input, bad input, strangers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from eventapp.events import actions, queries
from eventapp.events.models import Event
from eventapp.events.rules import RESERVED_SLUGS, EditionValues, SeriesValues, SpaceValues, VenueValues
from eventapp.journal import queries as journal
from eventapp.lib import codes
from eventapp.lib.db import Database
from eventapp.people import actions as people
from eventapp.people.rules import OPERATOR, Role
from tests import factories
from tests.cast import INES, NORA, PAUL, Character
from tests.conftest import NOW


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's own."""
    return app.extensions["eventapp"].database


@pytest.fixture
def house(app: Flask, database: Database) -> Any:
    """Two organisers: Inès owns the first, Nora is on its staff; Paul owns the second."""
    with database.writing() as session:
        own, foreign = factories.organiser(session, "medinsoft"), factories.organiser(session, "autre")
        own_id, foreign_id = own.id, foreign.id
        users = {
            INES: factories.member(session, organiser_id=own_id, character=INES)[0],
            NORA: factories.member(session, organiser_id=own_id, character=NORA, role=Role.STAFF)[0],
            PAUL: factories.member(session, organiser_id=foreign_id, character=PAUL)[0],
        }
    with database.writing() as session:
        series = actions.create_series(
            session, organiser_id=own_id, values=SeriesValues(name={"fr": "French Tech Weeks"}), actor=OPERATOR, now=NOW
        )
        edition = actions.create_edition(
            session, organiser_id=own_id, series_id=series.id, values=EditionValues(year=2027, number=2), actor=OPERATOR, now=NOW
        )
        venue = actions.create_venue(session, organiser_id=own_id, values=VenueValues(name="Hôtel Renaissance"), actor=OPERATOR, now=NOW)
        space = actions.create_space(
            session,
            organiser_id=own_id,
            venue_id=venue.id,
            values=SpaceValues(name="Parvis"),
            gates=["Nord", "Sud"],
            actor=OPERATOR,
            now=NOW,
        )
    with database.writing() as session:
        theirs = factories.space(session, organiser_id=foreign_id)

    class Made:
        organiser_id, foreign_organiser_id = own_id, foreign_id
        series_slug, edition_id, edition_slug = series.slug, edition.id, edition.slug
        venue_id, space_id, foreign_space_id = venue.id, space.id, theirs.id

        @staticmethod
        def client(character: Character) -> FlaskClient:
            with database.writing() as session:
                secret = people.sign_in(session, user_id=users[character].id, epoch=0, label="", now=NOW)
            client = app.test_client()
            with client.session_transaction() as cookie:
                cookie["_user_id"] = secret
            return client

    return Made


@pytest.fixture
def ines(house: Any) -> FlaskClient:
    client: FlaskClient = house.client(INES)
    return client


@pytest.fixture
def send(ines: FlaskClient) -> Callable[..., Any]:
    """Post as Inès, with the token of her session."""

    def post(path: str, client: FlaskClient = ines, **values: Any) -> Any:
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/backoffice/account").text)
        assert found
        return client.post(path, data={"csrf_token": found[1], "idempotency_key": codes.key(), **values})

    return post


GOOD = {
    "title_fr": "Grand Opening",
    "doors": "2027-09-23T18:00",
    "starts": "2027-09-23T18:30",
    "ends": "2027-09-23T23:00",
    "zone": "Europe/Paris",
    "kind": "opening",
    "visibility": "public",
    "colour": "#0b3d5f",
    "photo_notice": "y",
    "spoken": ["fr", "en"],
    "contact": "contact@demo.test",
}


def made(database: Database, slug: str) -> Event:
    with database.reading() as session:
        event = queries.event_by_slug(session, slug)
    assert event is not None
    return event


def png(width: int = 400, height: int = 300) -> tuple[io.BytesIO, str]:
    kept = io.BytesIO()
    Image.new("RGB", (width, height), "#0b3d5f").save(kept, "PNG")
    kept.seek(0)
    return kept, "cover.png"


def test_a_draft_is_made_with_its_times_place_and_gates(send: Callable[..., Any], house: Any, database: Database) -> None:
    answer = send(
        "/backoffice/drafts", **GOOD, space=str(house.space_id), edition=str(house.edition_id), description_fr="# Venez\n\n<script>"
    )

    event = made(database, "grand-opening")
    assert (answer.status_code, answer.location) == (303, "/backoffice/events/grand-opening/edit")
    assert (event.state, event.doors_at.isoformat(), event.ends_wall) == ("draft", "2027-09-23T16:00:00+00:00", datetime(2027, 9, 23, 23))
    assert event.description_html == {"fr": "<h3>Venez</h3>\n<p>&lt;script&gt;</p>\n"}
    with database.reading() as session:
        assert [used.gate.name for used in queries.event_gates(session, event.id)] == ["Nord", "Sud"]
        assert journal.chain(session, f"organiser:{house.organiser_id}")[-1].verb == "create_event"


def test_a_second_event_of_the_same_title_gets_the_next_address(send: Callable[..., Any], house: Any, database: Database) -> None:
    places = [send("/backoffice/drafts", **GOOD).location for _once in range(3)]

    assert places == [f"/backoffice/events/grand-opening{end}/edit" for end in ("", "-2", "-3")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title_fr", ""),
        ("title_fr", "x" * 121),
        ("title_fr", "a\x00b"),
        ("title_fr", "\u202egrand"),
        ("title_fr", "two\nlines"),
        ("doors", ""),
        ("doors", "tomorrow"),
        ("starts", "2027-02-30T18:00"),
        ("ends", "9999-01-01T00:00"),
        ("zone", "Europe/Atlantis"),
        ("kind", "riot"),
        ("visibility", "secret"),
        ("spoken", "de"),
        ("colour", "red"),
        ("contact", "contact"),
        ("expected", "-3"),
        ("expected", "1e9"),
        ("summary_fr", "x" * 301),
        ("description_en", "é" * 5001),
        ("space", "999999"),
        ("space", "1; drop"),
        ("edition", "999999"),
        ("track", "999999"),
        ("slug", "Grand Opening"),
        ("slug", "../x"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_stores_nothing(
    send: Callable[..., Any], house: Any, database: Database, field: str, value: str
) -> None:
    answer = send("/backoffice/drafts", **(GOOD | {"title_en": "Kept title" if field != "title_fr" else "", field: value}))

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "contact" in answer.text
    with database.reading() as session:
        assert queries.all_events(session) == []


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ({"starts": "2027-09-23T17:00"}, "starts"),
        ({"ends": "2027-09-23T18:30"}, "starts"),
        ({"ends": "2027-12-23T18:30"}, "ends"),
        ({"doors": "2027-03-28T02:30", "starts": "2027-03-28T04:00", "ends": "2027-03-28T05:00"}, "doors"),
        ({"doors": "2027-10-31T02:30", "starts": "2027-10-31T04:00", "ends": "2027-10-31T05:00"}, "doors_turn"),
    ],
)
def test_times_that_cannot_be_are_refused(send: Callable[..., Any], house: Any, times: dict[str, str], field: str) -> None:
    answer = send("/backoffice/drafts", **(GOOD | times))

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


@pytest.mark.parametrize(("turn", "instant"), [("first", "2027-10-31T00:30"), ("second", "2027-10-31T01:30")])
def test_a_time_that_comes_twice_is_the_one_that_was_chosen(
    send: Callable[..., Any], ines: FlaskClient, house: Any, database: Database, turn: str, instant: str
) -> None:
    night = {"doors": "2027-10-31T02:30", "starts": "2027-10-31T04:00", "ends": "2027-10-31T05:00", "doors_turn": turn}
    send("/backoffice/drafts", **(GOOD | night))

    assert made(database, "grand-opening").doors_at.isoformat().startswith(instant)
    assert re.search(rf'<input[^>]*checked[^>]*value="{turn}"', ines.get("/backoffice/events/grand-opening/edit").text)


@pytest.mark.parametrize("title", ["🎺 Soirée 👩‍👩‍👧", "حفل الافتتاح", "Œuvres & “guillemets” <b>"])
def test_titles_of_all_scripts_are_kept(send: Callable[..., Any], ines: FlaskClient, house: Any, database: Database, title: str) -> None:
    answer = send("/backoffice/drafts", **(GOOD | {"title_fr": title}))

    with database.reading() as session:
        assert [event.title for event in queries.all_events(session)] == [{"fr": title}]
    assert ines.get(answer.location).status_code == 200


def test_a_foreign_space_is_as_unknown_as_none(send: Callable[..., Any], house: Any, database: Database) -> None:
    answer = send("/backoffice/drafts", **GOOD, space=str(house.foreign_space_id))

    assert answer.status_code == 422
    assert 'id="space-error"' in answer.text


def test_what_is_typed_comes_back_and_a_public_change_makes_a_new_calendar_entry(
    send: Callable[..., Any], ines: FlaskClient, house: Any, database: Database
) -> None:
    send("/backoffice/drafts", **GOOD)
    with database.writing() as session:
        session.get_one(Event, made(database, "grand-opening").id).state = "published"
    shown = ines.get("/backoffice/events/grand-opening/edit").text
    answer = send("/backoffice/events/grand-opening/edit", **(GOOD | {"ends": "2027-09-23T23:30", "slug": "other-address"}))

    event = made(database, "grand-opening")
    assert all(text in shown for text in ("Grand Opening", "2027-09-23T18:00", "contact@demo.test"))
    assert answer.status_code == 303
    assert (event.sequence, event.ends_wall) == (1, datetime(2027, 9, 23, 23, 30))
    with database.reading() as session:
        (entry,) = journal.chain(session, f"event:{event.id}")
    assert (entry.verb, entry.facts) == ("update_event", {"changed": ["ends_wall", "ends_at"]})


@pytest.mark.trust("UP-2")
def test_a_cover_is_stored_outside_static_served_with_its_headers_and_replaced(
    app: Flask, send: Callable[..., Any], ines: FlaskClient, house: Any, database: Database
) -> None:
    send("/backoffice/drafts", **GOOD, cover=png(), cover_alt_fr="Le parvis")
    first = made(database, "grand-opening").cover
    assert first is not None
    path = f"/media/{first['file']}-400.webp"
    served = ines.get(path)
    served.close()
    assert app.test_client().get(path).status_code == 404
    send("/backoffice/events/grand-opening/edit", **GOOD, cover=png(500))
    second = made(database, "grand-opening").cover
    assert second is not None

    assert first["alt"] == {"fr": "Le parvis"}
    assert (served.status_code, served.mimetype) == (200, "image/webp")
    assert served.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert ines.get(path).status_code == 404
    replaced = ines.get(f"/media/{second['file']}-500.jpg")
    replaced.close()
    assert replaced.status_code == 200
    assert send("/backoffice/events/grand-opening/edit", **GOOD, cover_remove="y").status_code == 303
    assert made(database, "grand-opening").cover is None


@pytest.mark.trust("UP-1")
@pytest.mark.parametrize("body", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"", b"\x89PNG\r\n\x1a\n broken"])
def test_what_is_no_picture_is_refused_at_its_field(send: Callable[..., Any], house: Any, database: Database, body: bytes) -> None:
    answer = send("/backoffice/drafts", **GOOD, cover=(io.BytesIO(body), "x.png"))

    if body:
        assert answer.status_code == 422
        assert 'id="cover-error"' in answer.text
    else:
        assert answer.status_code in (303, 422)


@pytest.mark.parametrize("name", ["../secret_key", "..%2fsecret_key", "aaaaaaaaaaaaaaaa-320.png", "x", "aaaaaaaaaaaaaaaa-320.webp%00"])
def test_the_media_path_leads_nowhere_else(client: FlaskClient, name: str) -> None:
    assert client.get(f"/media/{name}").status_code == 404


@pytest.mark.trust("ACL-3")
def test_strangers_and_staff_get_the_answer_for_what_does_not_exist(send: Callable[..., Any], house: Any, database: Database) -> None:
    send("/backoffice/drafts", **GOOD)
    places = [
        "/backoffice/events/grand-opening/edit",
        f"/backoffice/spaces/{house.space_id}/edit",
        f"/backoffice/series/{house.series_slug}/edit",
        f"/backoffice/editions/{house.edition_slug}/edit",
        f"/backoffice/spaces/{house.space_id}/gates",
        f"/backoffice/spaces/{house.space_id}/gates/1/deletion",
    ]
    paul, nora = house.client(PAUL), house.client(NORA)

    for client in (paul, nora):
        assert [client.get(place).status_code for place in places[:4]] == [404] * 4
        assert [send(place, client=client, **GOOD).status_code for place in places] == [404] * 6
    assert send("/backoffice/drafts", client=nora, **GOOD).status_code == 404
    assert "Grand Opening" not in paul.get("/backoffice/events").text
    assert "Grand Opening" in nora.get("/backoffice/events").text
    assert [made(database, "grand-opening").sequence] == [0]


@pytest.mark.parametrize("path", ["/backoffice/events", "/backoffice/drafts/new", "/backoffice/series", "/backoffice/spaces"])
def test_anonymous_people_are_asked_to_sign_in(client: FlaskClient, path: str) -> None:
    assert client.get(path).location.startswith("/sign-in?next=")
    assert client.post(path).status_code in (400, 404)


def test_a_series_leads_to_its_first_edition(send: Callable[..., Any], ines: FlaskClient, house: Any, database: Database) -> None:
    answer = send("/backoffice/series", name_fr="Forum Smart City", colour="#0b3d5f")
    shown = ines.get(answer.location).text
    edition = send("/backoffice/editions", series="forum-smart-city", year="2027", number="4", colour="#0b3d5f", tracks="RFID\nIoT\nRFID")
    twin = send("/backoffice/editions", series="forum-smart-city", year="2027", number="4", colour="#0b3d5f")

    assert answer.location == "/backoffice/editions/new?series=forum-smart-city"
    assert re.search(r'<option selected value="forum-smart-city">', shown)
    assert (edition.status_code, twin.status_code) == (303, 422)
    assert 'id="number-error"' in twin.text
    with database.reading() as session:
        (kept,) = [row for row in queries.editions_of(session, [house.organiser_id]) if row.series.slug == "forum-smart-city"]
        assert (kept.slug, [track.name for track in queries.tracks(session, kept.id)]) == (
            "forum-smart-city-2027",
            [{"fr": "RFID"}, {"fr": "IoT"}],
        )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"year": ""}, "year"),
        ({"year": "12"}, "year"),
        ({"starts_on": "2027-09-30", "ends_on": "2027-09-01"}, "ends_on"),
        ({"series": "autre"}, "series"),
    ],
)
def test_a_mistake_in_an_edition_is_said_at_its_field(send: Callable[..., Any], house: Any, values: dict[str, str], field: str) -> None:
    answer = send("/backoffice/editions", **({"series": house.series_slug, "year": "2028", "colour": "#0b3d5f"} | values))

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


SPACE = {"venue": "", "venue_name": "Palais", "name": "Grande salle", "kind": "room", "gates": "Gate North\nGate South\n"}
SOURCE = {"safety_capacity": "820", "safety_source": "Registre, p. 4", "safety_author": "Commission", "safety_on": "2026-05-04"}


def test_a_space_comes_with_its_venue_and_gates(send: Callable[..., Any], ines: FlaskClient, house: Any, database: Database) -> None:
    answer = send("/backoffice/spaces", **SPACE, **SOURCE)

    with database.reading() as session:
        space = next(row for row in queries.spaces_of(session, [house.organiser_id]) if row.name == "Grande salle")
        gates = [gate.name for gate in queries.gates(session, space.id)]
    assert answer.status_code == 303
    assert (space.venue.name, space.safety_capacity, gates) == ("Palais", 820, ["Gate North", "Gate South"])
    assert "Registre, p. 4" in ines.get("/backoffice/spaces").text


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"venue_name": ""}, "venue_name"),
        ({"venue": "999999"}, "venue"),
        ({"safety_capacity": "0"}, "safety_capacity"),
        ({"safety_capacity": "820", "safety_source": ""}, "safety_source"),
        ({"safety_on": "yesterday"}, "safety_on"),
        ({"gates": "x" * 81}, "gates"),
        ({"kind": "moon"}, "kind"),
    ],
)
def test_a_mistake_in_a_space_is_said_at_its_field(send: Callable[..., Any], house: Any, values: dict[str, str], field: str) -> None:
    answer = send("/backoffice/spaces", **(SPACE | values))

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_gates_are_added_renamed_and_removed(send: Callable[..., Any], ines: FlaskClient, house: Any, database: Database) -> None:
    path = f"/backoffice/spaces/{house.space_id}/gates"
    send("/backoffice/drafts", **GOOD, space=str(house.space_id))
    with database.reading() as session:
        north, south = queries.gates(session, house.space_id)

    send(path, name="Est", direction="in")
    send(f"{path}/{north.id}", name="Nord-Ouest", direction="both")
    send(f"{path}/{south.id}/deletion")
    twin = send(path, name="Est", direction="in")

    with database.reading() as session:
        assert [gate.name for gate in queries.gates(session, house.space_id)] == ["Nord-Ouest", "Est"]
        used = queries.event_gates(session, made(database, "grand-opening").id)
    assert [row.gate.name for row in used] == ["Nord-Ouest", "Est"]
    assert (twin.status_code, 'id="gate-new-error"' in twin.text, twin.text.count("aria-invalid")) == (422, True, 1)
    assert 'value="Nord-Ouest"' in ines.get(f"/backoffice/spaces/{house.space_id}/edit").text


def test_the_list_costs_the_same_with_one_event_and_with_three(
    app: Flask, send: Callable[..., Any], ines: FlaskClient, house: Any, database: Database
) -> None:
    from sqlalchemy import event

    counts = []
    for number in (1, 2):
        for _once in range(number):
            send("/backoffice/drafts", **GOOD)
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        ines.get("/backoffice/events")
        event.remove(database.engine, "before_cursor_execute", note)
        counts.append(len(seen))

    assert counts[0] == counts[1] > 0


def test_no_event_takes_the_address_of_a_page_of_ours(database: Database) -> None:
    with database.reading() as session:
        assert queries.free_slug(session, "new") == "new-2"
        assert [queries.slug_is_free(session, slug) for slug in ("new", "new-2")] == [False, True]


def test_every_word_of_ours_beside_a_slug_is_reserved(app: Flask) -> None:
    paths = {str(rule.rule) for rule in app.url_map.iter_rules()}
    beside = {before for path in paths for before, mark, _after in [path.partition("<slug>")] if mark}
    words = {path.removeprefix(before).partition("/")[0] for path in paths for before in beside if path.startswith(before)}

    assert {word for word in words if word and not word.startswith("<")} == RESERVED_SLUGS


@pytest.mark.parametrize("field", ["title_fr", "title_en"])
@pytest.mark.parametrize(
    ("title", "slug"), [("New", "new-2"), ("حفل", "evenement"), ("🏺", "evenement"), ("Grand Opening", "grand-opening")]
)
def test_an_address_left_empty_is_made_of_the_title(send: Callable[..., Any], field: str, title: str, slug: str) -> None:
    values = {name: value for name, value in GOOD.items() if name != "title_fr"} | {field: title, "slug": ""}

    answer = send("/backoffice/drafts", **values)

    assert (answer.status_code, answer.location) == (303, f"/backoffice/events/{slug}/edit")


@pytest.mark.parametrize("slug", ["new", "New", "-", "a b", "forum/2027", "é", "x" * 81])
def test_an_address_that_cannot_be_is_refused_at_its_field(send: Callable[..., Any], database: Database, slug: str) -> None:
    send("/backoffice/drafts", **GOOD)

    answers = [send("/backoffice/drafts", **GOOD | {"slug": slug}), send("/backoffice/events/grand-opening/edit", **GOOD | {"slug": slug})]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert ['id="slug-error"' in answer.text for answer in answers] == [True, True]
    assert [f'value="{slug}"' in answer.text for answer in answers] == [True, True]
    with database.reading() as session:
        assert queries.event_by_slug(session, slug) is None
        assert queries.event_by_slug(session, "grand-opening") is not None
