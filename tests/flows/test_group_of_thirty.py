"""A class of thirty under one name: a number is typed, it waits or is parted, keeps no seat, and its tickets are shown, printed and found."""

from __future__ import annotations

import io
import re
from html import unescape

import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient
from sqlalchemy import select, update

from eventapp.lib.db import Database
from eventapp.lib.signing import link_token
from eventapp.registration import actions, queries
from eventapp.registration.models import Attendee, Registration, TicketType
from tests.cast import KARIM, LUCIE, MARC
from tests.factories import KEYS, NOW
from tests.registration.line import Line

FORM = "/fr/events/grand-opening/registrations/new"
POST = "/fr/events/grand-opening/registrations"


@pytest.fixture
def line(database: Database) -> Line:
    """Thirty-one seats, for parties of up to fifty."""
    line = Line(database, limit=31)
    with database.writing() as session:
        session.execute(update(TicketType).values(max_party=50))
    return line


def said(client: FlaskClient, path: str) -> str:
    return unescape(client.get(path).text).replace("\u00a0", " ")


def path_of(line: Line, registration: Registration) -> str:
    row = line.row(registration)
    return f"/fr/registrations/{link_token(KEYS, row.identity, row.serial)}"


def sent(client: FlaskClient, size: str) -> dict[str, str]:
    key = re.search(r'name="idempotency_key"[^>]*value="([^"]+)"', client.get(FORM).text)
    assert key is not None
    return {"idempotency_key": key[1], "first_name": "Karim", "last_name": "Exemple", "email": KARIM.email, "size": size}


def test_the_number_is_typed_and_no_name_but_one_is_asked(client: FlaskClient, line: Line) -> None:
    form = said(client, FORM)

    answer = client.post(POST, data=sent(client, "30"))

    assert re.search(r'<input[^>]*id="size"[^>]*type="number"', form)
    assert 'max="50"' in form
    assert "<option" not in form
    assert answer.status_code == 303
    assert line.states == [("Karim", "confirmed", 30)]


@pytest.mark.parametrize("size", ["51", "0", "-1", "trente", ""])
def test_a_number_that_cannot_be_is_asked_again(client: FlaskClient, line: Line, size: str) -> None:
    answer = client.post(POST, data=sent(client, size))

    assert answer.status_code == 422
    assert line.states == []
    if size:
        assert f'value="{size}"' in answer.text


def test_it_waits_for_room_and_keeps_no_seat_from_those_behind(line: Line) -> None:
    line.join(KARIM, size=2)
    line.join(LUCIE, size=30)
    line.join(MARC)

    assert line.states == [("Karim", "confirmed", 2), ("Lucie", "waitlisted", 30), ("Marc", "confirmed", 1)]
    assert line.books == (3, 3, 3)


def test_it_is_parted_where_it_takes_a_part(line: Line) -> None:
    line.join(KARIM, size=2)
    line.join(LUCIE, size=30, accept_partial=True)

    assert line.states == [("Karim", "confirmed", 2), ("Lucie", "confirmed", 29), ("Lucie", "waitlisted", 1)]
    assert line.books == (31, 31, 31)


def test_its_page_folds_the_tickets_and_prints_them_all(client: FlaskClient, line: Line) -> None:
    lucie = line.join(LUCIE, size=30)[0]

    page = said(client, path_of(line, lucie))

    assert page.count('<details class="folded mb-2">') == 30
    assert page.count("<figure") == 30
    assert "Les 30 billets à imprimer" in page
    assert len(page) < 300_000


def test_every_ticket_of_the_sheet_is_read_by_itself(client: FlaskClient, line: Line) -> None:
    lucie = line.join(LUCIE, size=30)[0]

    answer = client.get(path_of(line, lucie) + "/tickets.pdf")

    document = pypdfium2.PdfDocument(io.BytesIO(answer.data))
    read = [code.text for page in document for code in zxingcpp.read_barcodes(page.render(scale=4).to_pil())]
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    assert answer.mimetype == "application/pdf"
    assert len(document) <= 4
    assert len(set(read)) == 30
    assert "personne 30" in text
    assert b"pdfuaid" in answer.data


def test_who_has_no_seat_prints_nothing(client: FlaskClient, line: Line) -> None:
    line.join(KARIM, size=2)
    lucie = line.join(LUCIE, size=30)[0]
    mine = path_of(line, lucie)

    answer = client.get(mine + "/tickets.pdf")

    assert (answer.status_code, answer.location) == (303, mine)


def test_those_who_wait_are_not_printed_with_the_others(client: FlaskClient, line: Line) -> None:
    line.join(KARIM, size=2)
    lucie = line.join(LUCIE, size=30, accept_partial=True)[0]

    document = pypdfium2.PdfDocument(io.BytesIO(client.get(path_of(line, lucie) + "/tickets.pdf").data))

    read = [code.text for page in document for code in zxingcpp.read_barcodes(page.render(scale=4).to_pil())]
    assert len(set(read)) == 29


def test_the_door_finds_those_who_are_still_to_come_in_and_nobody_is_hidden_by_a_class(line: Line) -> None:
    line.join(LUCIE, size=20)
    other = line.join(MARC)[0]
    with line.database.writing() as session:
        session.execute(update(Attendee).where(Attendee.registration_id == other.id).values(search="lucie autre"))
        ids = session.scalars(select(Attendee.id).order_by(Attendee.id).limit(5)).all()
        actions.arrive(session, attendee_ids=ids, now=NOW)

    with line.database.reading() as session:
        found = queries.people_found(session, line.event_id, ["lucie"])

    assert [(registration.first_name, attendee.position) for attendee, _ticket, registration in found] == [
        *(("Lucie", position) for position in (6, 7, 8, 9, 10, 11, 12)),
        ("Marc", 1),
    ]
