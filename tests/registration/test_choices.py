"""What a party sees of sessions and does about them, on its own page and in its mails; on both databases."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventapp.lib.db import Database
from eventapp.lib.signing import link_token
from eventapp.messages.models import Message
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration
from eventapp.worker.mail import letter_for
from tests.cast import KARIM, LUCIE, MARC
from tests.factories import KEYS, NOW
from tests.registration.programme import EIGHT, NINE, Programme


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's own."""
    return app.extensions["eventapp"].database  # type: ignore[no-any-return]


@pytest.fixture
def programme(database: Database) -> Programme:
    return Programme(database, limit=10)


def path(who: Registration) -> str:
    return f"/fr/registrations/{link_token(KEYS, who.identity, who.serial)}"


def said(client: FlaskClient, who: Registration) -> str:
    text = unescape(client.get(path(who)).text).replace("\u00a0", " ")
    section = re.search(r'<section class="mb-4" id="sessions".*?</section>', text, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", section.group(0))) if section else ""


def press(client: FlaskClient, who: Registration, do: str = "", **values: object) -> int:
    return client.post(f"{path(who)}/enrolments{do}", data={"part": "", **values}).status_code


def letters(programme: Programme, app: Flask) -> list[tuple[str, str]]:
    """Subject and text of each mail about sessions, oldest first."""
    with programme.database.reading() as session:
        rows = [row for row in session.scalars(select(Message).order_by(Message.id)) if row.facts.get("news")]
    found = []
    with app.app_context():
        for row in rows:
            letter = letter_for(row)
            assert letter is not None
            text = letter.get_body(("plain",))
            assert text is not None
            found.append((str(letter["Subject"]).replace("\u00a0", " "), text.get_content().replace("\u00a0", " ")))
    return found


def test_somebody_with_a_seat_enrols_waits_swaps_and_gives_back_from_their_page(
    client: FlaskClient, app: Flask, programme: Programme
) -> None:
    karim, lucie = programme.join(KARIM, LUCIE)
    bim, rfid = programme.slot("Atelier BIM"), programme.slot("Atelier RFID")
    assert "Atelier BIM jeudi 23 septembre 2027 à 19 h – 20 h 1 place libre S’inscrire à cette séance" in said(client, karim)

    assert press(client, karim, slot=bim.public_id, position=1) == 303
    assert "Atelier BIM jeudi 23 septembre 2027 à 19 h – 20 h Complet : personne n’attend encore Vous avez une place" in said(client, karim)
    assert "qui serait rendue : Atelier BIM . Échanger contre cette place" in said(client, karim)

    assert press(client, lucie, slot=rfid.public_id, position=1) == 303
    assert press(client, karim, slot=rfid.public_id, position=1) == 303
    assert "Vous êtes 1er dans la file de cette séance." in said(client, karim).replace("1re", "1er")
    with programme.database.reading() as session:
        waiting = queries.all_enrolments(session, programme.event_id)[-1]
        held = queries.all_enrolments(session, programme.event_id)[1]

    assert press(client, lucie, f"/{held.public_id}/cancellation") == 303
    assert "Une place vous est gardée jusqu’au" in said(client, karim)
    assert press(client, karim, f"/{waiting.public_id}/acceptance") == 303
    assert [state for _who, _what, state in programme.places] == ["cancelled", "cancelled", "confirmed"]

    subjects = [subject for subject, _text in letters(programme, app)]
    assert subjects == [
        "Vous avez une place : Atelier BIM",
        "Vous avez une place : Atelier RFID",
        "Vous êtes 1re dans la file : Atelier RFID",
        "Vous n’avez plus de place : Atelier RFID",
        "Une place pour vous, à choisir : Atelier RFID",
        "Vous avez une place : Atelier RFID",
    ]


def test_the_mail_of_an_offer_says_until_when_and_what_is_kept(app: Flask, programme: Programme) -> None:
    (karim,) = programme.join(KARIM)
    programme.enrol(karim, programme.slot("Atelier BIM"))
    programme.enrol(karim, programme.slot("Atelier RFID"))

    [_confirmed, (_subject, text)] = letters(programme, app)

    assert "Atelier RFID, jeudi 23 septembre 2027 à 19 h" in text
    assert re.search(r"Elle vous est gardée jusqu’au \w+ \d+(er)? \w+ \d{4} à \d+ h", text)
    assert "La vôtre au même moment : Atelier BIM." in text


def test_who_declines_keeps_what_they_have(client: FlaskClient, programme: Programme) -> None:
    (karim,) = programme.join(KARIM)
    programme.enrol(karim, programme.slot("Atelier BIM"))
    asked = programme.enrol(karim, programme.slot("Atelier RFID"))

    assert press(client, karim, f"/{asked.public_id}/refusal") == 303
    assert press(client, karim, f"/{asked.public_id}/refusal") == 303
    assert press(client, karim, f"/{asked.public_id}/acceptance") == 409

    assert programme.places == [("Karim", "Atelier BIM", "confirmed"), ("Karim", "Atelier RFID", "declined")]


def test_a_wish_to_swap_is_kept_with_the_place_in_line(client: FlaskClient, programme: Programme) -> None:
    karim, lucie = programme.join(KARIM, LUCIE)
    bim, rfid = programme.slot("Atelier BIM"), programme.slot("Atelier RFID")
    held = programme.enrol(lucie, rfid)
    programme.enrol(karim, bim)
    waiting = programme.enrol(karim, rfid)

    assert press(client, karim, f"/{waiting.public_id}/wishes", swap="y") == 303
    programme.say(actions.leave_session, lucie, held)

    assert programme.places[1:] == [("Karim", "Atelier BIM", "cancelled"), ("Karim", "Atelier RFID", "confirmed")]


def test_each_of_a_party_chooses_for_themselves(client: FlaskClient, programme: Programme) -> None:
    (party,) = programme.join(KARIM, size=2)
    bim = programme.slot("Atelier BIM", places=2)

    assert press(client, party, slot=bim.public_id, position=2) == 303

    assert "Qui de vous vient ? 1" in said(client, party)
    with programme.database.reading() as session:
        [only] = queries.all_enrolments(session, programme.event_id)
    assert (only.attendee.position, only.state) == (2, "confirmed")


def test_who_has_no_seat_is_shown_no_session(client: FlaskClient, programme: Programme) -> None:
    programme.set_limit(1, now=NOW)
    _karim, lucie = programme.join(KARIM, LUCIE)
    bim = programme.slot("Atelier BIM")

    assert said(client, lucie) == ""
    assert press(client, lucie, slot=bim.public_id, position=1) == 409
    assert programme.places == []


@pytest.mark.parametrize(
    ("values", "status"),
    [({}, 422), ({"slot": "x" * 16, "position": 1}, 409), ({"slot": "", "position": 1}, 422), ({"slot": "x", "position": "y"}, 422)],
)
def test_what_cannot_be_read_changes_nothing(client: FlaskClient, programme: Programme, values: dict[str, object], status: int) -> None:
    (karim,) = programme.join(KARIM)
    programme.slot("Atelier BIM")

    assert press(client, karim, **values) == status

    assert programme.places == []


def test_the_place_of_somebody_else_is_not_there(client: FlaskClient, programme: Programme) -> None:
    karim, lucie = programme.join(KARIM, LUCIE)
    one = programme.enrol(karim, programme.slot("Atelier BIM"))

    answers = [press(client, lucie, f"/{one.public_id}/{verb}") for verb in ("cancellation", "acceptance", "refusal", "wishes")]

    assert answers == [409, 409, 409, 409]
    assert programme.places == [("Karim", "Atelier BIM", "confirmed")]


def test_a_page_asks_as_much_for_one_session_as_for_three(client: FlaskClient, programme: Programme, asked: list[str]) -> None:
    (karim, lucie, marc) = programme.join(KARIM, LUCIE, MARC)
    first = programme.slot("Atelier BIM")
    for who in (lucie, marc, karim):
        programme.enrol(who, first)
    client.get(path(karim))
    asked.clear()
    client.get(path(karim))
    one = len(asked)
    for title in ("Atelier RFID", "Atelier IoT"):
        more = programme.slot(title, at=EIGHT, until=NINE)
        for who in (lucie, marc, karim):
            programme.enrol(who, more)
    asked.clear()

    client.get(path(karim))

    assert len(asked) == one
