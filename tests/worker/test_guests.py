"""Few tickets are drawn in a mail; of many it leads to the sheet."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select, update

from eventapp.lib.db import Database
from eventapp.messages.models import Message
from eventapp.registration.models import TicketType
from eventapp.worker.mail import letter_for
from tests.cast import LUCIE
from tests.registration.line import Line


@pytest.fixture
def line(database: Database) -> Line:
    line = Line(database, limit=31)
    with database.writing() as session:
        session.execute(update(TicketType).values(max_party=50))
    return line


@pytest.mark.parametrize(("size", "drawn"), [(6, 6), (7, 0), (30, 0)])
def test_its_mail_leads_to_the_sheet_instead_of_drawing_thirty_codes(app: Flask, line: Line, size: int, drawn: int) -> None:
    line.join(LUCIE, size=size)
    with line.database.reading() as session:
        message = session.scalars(select(Message)).one()

    with app.app_context():
        letter = letter_for(message)

    assert letter is not None
    plain, page = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert sum(part.get_content_type() == "image/png" for part in letter.walk()) == drawn
    assert ("/tickets.pdf" in plain, "/tickets.pdf" in page) == (not drawn, not drawn)
    assert len(re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", plain)) >= size
    assert len(letter.as_bytes()) < 100_000
