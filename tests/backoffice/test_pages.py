"""Home, control room, journal, outbox and the whole event, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as listening
from sqlalchemy import select, update

from eventapp.events.models import Event, Space, Venue
from eventapp.lib import codes
from eventapp.lib.db import Database
from eventapp.messages.models import Message
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import OPERATOR, Role
from eventapp.registration import actions
from eventapp.registration.models import Quota, TicketType
from tests import factories, phones
from tests.cast import INES, KARIM, LUCIE, MARC, NORA, PAUL, Character
from tests.factories import NOW, House

CONTROL = "/backoffice/events/grand-opening"
Visit = Callable[..., FlaskClient]


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.fixture
def visit(client: FlaskClient, database: Database) -> Visit:
    def signed(character: Character, organiser_id: int, role: Role = Role.OWNER) -> FlaskClient:
        with database.writing() as session:
            user, _actor = factories.member(session, organiser_id=organiser_id, character=character, role=role)
            user.language = "en"
            secret = begin(session, user=user, label="test", now=NOW)
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        return client

    return signed


@pytest.fixture
def ines(visit: Visit, house: House) -> FlaskClient:
    return visit(INES, house.organiser.id)


def figures(text: str) -> dict[str, str]:
    found = re.findall(r'figure__label">([^<]+)</dt><dd class="figure__value">(.*?)</dd>', text)
    return {label: re.sub(r"<[^>]+>|\s", "", value) for label, value in found}


def hidden(client: FlaskClient, path: str) -> dict[str, str]:
    page = client.get(path).text
    names = ("csrf_token", "idempotency_key")
    found = {name: re.search(rf'name="{name}"(?: type="hidden")? value="([^"]+)"', page) for name in names}
    return {name: match[1] for name, match in found.items() if match}


def test_home_of_a_new_organiser_teaches(visit: Visit, database: Database) -> None:
    with database.writing() as session:
        organiser_id = factories.organiser(session, slug="neuf", legal_name="").id

    page = visit(INES, organiser_id).get("/backoffice").text

    assert "No event to come" in page
    assert "Legal details to complete" in page
    assert re.findall(r'class="btn btn-primary" href="([^"]+)"', page) == ["/backoffice/events/new"]


def test_home_tells_numbers_and_the_next_step(ines: FlaskClient, house: House) -> None:
    house.register(KARIM, size=3)
    house.register(LUCIE)

    page = ines.get("/backoffice").text

    assert re.findall(r"<dt>(confirmed|waiting|arrived)</dt><dd>(\d+)", page) == [("confirmed", "3"), ("waiting", "1"), ("arrived", "0")]
    assert "Full, and 1 person waits." in page
    assert re.findall(r'class="btn btn-primary" href="([^"]+)"', page) == [f"{CONTROL}/quotas"]


def test_home_costs_the_same_for_one_event_and_three(ines: FlaskClient, house: House, database: Database, app: Any) -> None:
    seen: list[str] = []
    listening.listen(
        app.extensions["eventapp"].database.engine, "before_cursor_execute", lambda _c, _u, statement, *_r: seen.append(statement)
    )
    ines.get("/backoffice")
    with_one = len(seen)
    with database.writing() as session:
        for slug in ("deux", "trois"):
            factories.event(session, organiser_id=house.organiser.id, slug=slug, space_id=house.space.id)
    seen.clear()

    ines.get("/backoffice")

    assert len(seen) == with_one


def test_control_room_adds_up(ines: FlaskClient, house: House) -> None:
    gone = house.register(NORA).registration
    with house.database.writing() as session:
        actions.give_back(session, event_id=house.event.id, registration_id=gone.id, by_organiser=False, actor=OPERATOR, now=NOW)
    house.register(KARIM, size=2)
    house.register(LUCIE)
    house.register(MARC, size=2)

    page = ines.get(CONTROL).text

    assert figures(page) == {
        "confirmed, of the seats to give": "3/3",
        "waiting": "2",
        "checked in": "0",
        "cancelled": "1",
        "safety capacity": "820",
    }
    assert "salle is full: 3 of 3." in page


def test_control_room_says_why_a_free_seat_goes_to_nobody(ines: FlaskClient, house: House) -> None:
    house.register(KARIM, size=2)
    house.register(LUCIE, size=2)

    page = ines.get(CONTROL).text

    assert "Why seats are free while people wait" in page
    assert "salle has 1 free seat, fewer than this party needs." in page


def test_seats_kept_for_the_press_are_neither_free_nor_full_without_a_word(ines: FlaskClient, house: House) -> None:
    with house.database.writing() as session:
        actions.create_quota(
            session,
            event_id=house.event.id,
            name="press",
            limit=1,
            protects_id=house.quota.id,
            protected_until=NOW + timedelta(days=7),
            actor=OPERATOR,
            now=NOW,
        )
    house.register(KARIM, size=2)
    house.register(LUCIE)

    control, home, quotas = (ines.get(path).text for path in (CONTROL, "/backoffice", f"{CONTROL}/quotas"))

    assert re.findall(r'office__answer">([^<]+)<', control) == [
        "For the public it is full, and 1 person waits. The 1 free seat is kept: press."
    ]
    assert figures(control)["kept, in protected quotas"] == "1"
    assert "1 free seat is kept by a protected quota." in home
    assert "Full for the public" in home
    assert "1 seat kept · 2 of 3 taken" in quotas


def test_control_room_draws_who_came_and_tells_it_as_a_table(app: Flask, ines: FlaskClient, house: House) -> None:
    karim = house.register(KARIM).registration
    phones.phone(app, house).scan(phones.codes(house.database, karim)[0])

    page = ines.get(CONTROL).text

    assert re.findall(r'office__answer">([^<]+?)\s*<', page) == ["It holds: 1 inside, 0 still to come, for a safety capacity of 820."]
    assert "1 person has come in" in page
    assert page.count('class="curve__bar"') == 1
    assert len(re.findall(r'<tr><th scope="row"><time', page)) == 1


def test_control_room_shows_a_deficit(ines: FlaskClient, house: House) -> None:
    house.register(KARIM, size=3)
    with house.database.writing() as session:
        actions.set_limit(session, event_id=house.event.id, quota_id=house.quota.id, limit=1, reason="", actor=OPERATOR, now=NOW)

    page = ines.get(CONTROL).text

    assert re.findall(r'<span class="pill" data-tone="bad">([^<]+)</span>', page) == ["2 above the limit"]
    assert "2 seats above the limit." in page


def test_journal_tells_who_did_what(ines: FlaskClient, house: House) -> None:
    house.register(KARIM)

    page = ines.get("/backoffice/journal?event=grand-opening").text

    assert re.findall(r"<td>(?:<a [^>]+>)?(Registered|Quota added|Ticket type added)", page) == [
        "Registered",
        "Ticket type added",
        "Quota added",
    ]
    assert "online, by the person" in page


def test_outbox_shows_why_a_mail_failed(ines: FlaskClient, house: House, database: Database) -> None:
    house.register(KARIM)
    house.register(LUCIE)
    with database.writing() as session:
        session.execute(
            update(Message).where(Message.address == KARIM.email).values(state="failed", attempts=5, problem="550 no such mailbox")
        )

    everything = ines.get("/backoffice/messages?event=grand-opening").text
    failed = ines.get("/backoffice/messages?state=failed").text

    assert re.findall(r'roll__name" href="[^"]+">([^<]+)<', everything) == ["Lucie Fictif", "Karim Exemple"]
    assert re.findall(r'roll__name" href="[^"]+">([^<]+)<', failed) == ["Karim Exemple"]
    assert "550 no such mailbox" in failed
    assert "1 mail failed: see why" in ines.get("/backoffice").text


WHOLE = {
    "title_fr": "Nuit de l’IA",
    "title_en": "",
    "summary_fr": "Une soirée, trois voix.",
    "contact": "contact@demo.test",
    "doors": "2027-10-07T18:00",
    "starts": "2027-10-07T18:30",
    "ends": "2027-10-07T22:00",
    "space": "0",
    "venue_name": "Hôtel Renaissance",
    "venue_address": "320 avenue Mozart",
    "venue_city": "Aix-en-Provence",
    "space_name": "Grande salle",
    "safety_capacity": "300",
    "safety_source": "Registre de sécurité, page 4",
    "safety_author": "Commission communale",
    "safety_on": "2027-01-15",
    "capacity": "250",
    "max_party": "4",
    "opens": "2027-09-02T09:00",
    "closes": "",
}


def made(database: Database) -> list[Any]:
    with database.reading() as session:
        return [
            [(row.slug, row.state) for row in session.scalars(select(Event).order_by(Event.id))],
            list(session.scalars(select(Venue.name).order_by(Venue.id))),
            list(session.scalars(select(Space.name).order_by(Space.id))),
            list(session.scalars(select(Quota.limit).order_by(Quota.id))),
            list(session.scalars(select(TicketType.slug).order_by(TicketType.id))),
        ]


def test_whole_event_is_made_in_one_page_and_can_be_published(visit: Visit, database: Database) -> None:
    with database.writing() as session:
        organiser_id = factories.organiser(session).id
    ines = visit(INES, organiser_id)
    values = WHOLE | hidden(ines, "/backoffice/events/new")

    answer = ines.post("/backoffice/events", data=values)
    again = ines.post("/backoffice/events", data=values)
    published = ines.post(answer.location, data={"csrf_token": values["csrf_token"], "idempotency_key": codes.key()})

    assert (answer.status_code, again.location, published.status_code) == (303, answer.location, 303)
    assert made(database) == [[("nuit-de-l-ia", "published")], ["Hôtel Renaissance"], ["Grande salle"], [250], ["entree"]]
    with database.reading() as session:
        row = session.scalars(select(Event)).one()
        kind = session.scalars(select(TicketType)).one()
    assert (row.doors_at.isoformat(), kind.opens_at.isoformat()) == ("2027-10-07T16:00:00+00:00", "2027-09-02T07:00:00+00:00")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"title_fr": ""}, "Please fill in at least one language."),
        ({"starts": "2027-10-07T17:00"}, "The event starts when doors are open"),
        ({"ends": "2027-10-07T18:00"}, "The event ends after it starts"),
        ({"doors": "2027-03-28T02:30"}, "the clocks jump over this hour"),
        ({"doors": "bientôt"}, "Please write a day and an hour"),
        ({"capacity": "0"}, "Please write 1 or more."),
        ({"venue_name": ""}, "Please fill in this field."),
        ({"safety_source": ""}, "Please fill in this field."),
        ({"space": "999999"}, "Not a valid choice"),
        ({"opens": "2027-10-01T09:00", "closes": "2027-09-02T09:00"}, "Closing comes before opening"),
        ({"closes": "2027-12-01T09:00"}, "Registration closes before the event ends."),
        ({"contact": "nobody"}, "Please write a whole address"),
    ],
)
def test_whole_event_with_a_mistake_leaves_nothing_and_keeps_the_text(
    visit: Visit, database: Database, values: dict[str, str], sentence: str
) -> None:
    with database.writing() as session:
        organiser_id = factories.organiser(session).id
    ines = visit(INES, organiser_id)

    answer = ines.post(
        "/backoffice/events", data=WHOLE | hidden(ines, "/backoffice/events/new") | {"organiser": str(organiser_id)} | values
    )

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Aix-en-Provence"' in answer.text
    assert made(database) == [[], [], [], [], []]


@pytest.mark.trust("ACL-3")
def test_stranger_finds_nothing(visit: Visit, house: House, database: Database) -> None:
    house.register(KARIM)
    with database.writing() as session:
        elsewhere = factories.organiser(session, slug="elsewhere").id
    paul = visit(PAUL, elsewhere)
    paths = [CONTROL, "/backoffice/journal?event=grand-opening", "/backoffice/messages?event=grand-opening"]

    assert [paul.get(path).status_code for path in paths] == [404, 404, 404]
    assert [
        words in paul.get(path).text
        for path in ("/backoffice", "/backoffice/journal", "/backoffice/messages")
        for words in ("Grand Opening", "Karim")
    ] == [False] * 6


def test_volunteer_sees_the_control_room_but_neither_journal_nor_outbox(visit: Visit, house: House) -> None:
    nora = visit(NORA, house.organiser.id, Role.STAFF)

    assert [nora.get(path).status_code for path in (CONTROL, "/backoffice/journal", "/backoffice/messages", "/backoffice/events/new")] == [
        200,
        404,
        404,
        404,
    ]
