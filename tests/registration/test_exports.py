"""Registrations as a file: one row per attendee, times on the event's wall clock, words in the reader's language."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import update

from eventapp.lib.db import Database
from eventapp.registration import exports
from eventapp.registration.models import Registration
from tests.cast import KARIM, LUCIE
from tests.factories import NOW, House


@pytest.mark.parametrize(("language", "words"), [("fr", ("confirmée", "en attente")), ("en", ("confirmed", "waitlisted"))])
def test_every_attendee_has_a_row_in_the_language_asked_for(database: Database, language: str, words: tuple[str, str]) -> None:
    house = House(database)
    house.register(KARIM, size=3)
    house.register(LUCIE)

    with database.reading() as session:
        content = b"".join(exports.registrations_csv(session, house.event, language=language))
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    assert table[0] == list(exports.HEADERS[language])
    assert [(row[1], row[5], row[6]) for row in table[1:]] == [
        (words[0], "1", "Karim"),
        (words[0], "2", ""),
        (words[0], "3", ""),
        (words[1], "1", "Lucie"),
    ]
    assert {row[12] for row in table[1:]} == {"2027-09-01T12:00:00+02:00"}


@pytest.mark.parametrize(("language", "header"), [("fr", "Venue confirmée le"), ("en", "Still coming, said at")])
def test_who_said_that_they_still_come_is_written_with_the_time(database: Database, language: str, header: str) -> None:
    house = House(database)
    karim = house.register(KARIM, size=2).registration
    house.register(LUCIE)
    with database.writing() as session:
        session.execute(update(Registration).where(Registration.id == karim.id).values(reconfirmed_at=NOW))

    with database.reading() as session:
        content = b"".join(exports.registrations_csv(session, house.event, language=language))
    table = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))

    assert [row[header] for row in table] == ["2027-09-01T12:00:00+02:00", "2027-09-01T12:00:00+02:00", ""]
