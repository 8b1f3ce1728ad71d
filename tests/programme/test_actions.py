"""Speakers and programme sessions, on real databases."""

from datetime import datetime

import pytest

from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.people.rules import OPERATOR
from eventapp.programme import actions, queries
from eventapp.programme.rules import ProgrammeValues, SpeakerValues
from tests.factories import NOW, House

ROLE = {"fr": "animatrice", "en": "host"}


def add(database: Database, house: House, name: str = "Maëlle Fictif", **more: str) -> str:
    with database.writing() as session:
        values = SpeakerValues(name=name, role=ROLE, **more)  # type: ignore[arg-type]  # texts alone
        return actions.add_speaker(session, event_id=house.event.id, values=values, actor=OPERATOR, now=NOW).public_id


def add_session(database: Database, house: House, title: str = "Ouverture", **more: datetime) -> str:
    with database.writing() as session:
        values = ProgrammeValues(title={"fr": title}, **more)  # type: ignore[arg-type]  # times alone
        return actions.add_programme_session(session, event_id=house.event.id, values=values, actor=OPERATOR, now=NOW).public_id


def test_a_speaker_is_shown_with_role_and_body(database: Database) -> None:
    house = House(database)

    add(database, house, organisation="Medinsoft")

    with database.reading() as session:
        shown = [
            (one.person.name, one.role, one.organisation and one.organisation.name) for one in queries.speakers(session, house.event.id)
        ]
    assert shown == [("Maëlle Fictif", ROLE, "Medinsoft")]


def test_one_person_in_two_programme_sessions_is_one_speaker(database: Database) -> None:
    house = House(database)
    first, second = add_session(database, house, "Ouverture"), add_session(database, house, "Clôture")

    add(database, house, programme_session=first)
    add(database, house, programme_session=second)

    with database.reading() as session:
        assert [one.person.name for one in queries.speakers(session, house.event.id)] == ["Maëlle Fictif"]
        agenda = [
            (one.programme_session.title["fr"], [each.person.name for each in one.appearances])
            for one in queries.schedule(session, house.event.id)
        ]
    assert agenda == [("Ouverture", ["Maëlle Fictif"]), ("Clôture", ["Maëlle Fictif"])]


def test_the_same_person_twice_in_one_place_is_refused(database: Database) -> None:
    house = House(database)
    add(database, house)

    with pytest.raises(Refused) as refused:
        add(database, house)

    assert refused.value.code == "programme.speaker_twice"


def test_a_changed_speaker_keeps_their_place(database: Database) -> None:
    house = House(database)
    first = add(database, house)
    add(database, house, "Loïc Exemple")

    with database.writing() as session:
        values = SpeakerValues(name="Maëlle Inventée", role={"fr": "présidente"})
        actions.update_speaker(session, event_id=house.event.id, public_id=first, values=values, actor=OPERATOR, now=NOW)

    with database.reading() as session:
        shown = [(one.person.name, one.role["fr"]) for one in queries.speakers(session, house.event.id)]
    assert shown == [("Maëlle Inventée", "présidente"), ("Loïc Exemple", "animatrice")]


def test_a_removed_speaker_is_gone_and_unknown(database: Database) -> None:
    house = House(database)
    public_id = add(database, house)

    with database.writing() as session:
        actions.remove_speaker(session, event_id=house.event.id, public_id=public_id, actor=OPERATOR, now=NOW)

    with database.reading() as session:
        assert queries.speakers(session, house.event.id) == []
    with pytest.raises(Refused) as refused, database.writing() as session:
        actions.remove_speaker(session, event_id=house.event.id, public_id=public_id, actor=OPERATOR, now=NOW)
    assert refused.value.code == "programme.speaker_unknown"


def test_speakers_outlive_their_programme_session(database: Database) -> None:
    house = House(database)
    public_id = add_session(database, house)
    add(database, house, programme_session=public_id)

    with database.writing() as session:
        actions.remove_programme_session(session, event_id=house.event.id, public_id=public_id, actor=OPERATOR, now=NOW)

    with database.reading() as session:
        assert queries.schedule(session, house.event.id) == []
        assert [one.person.name for one in queries.speakers(session, house.event.id)] == ["Maëlle Fictif"]


def test_the_agenda_goes_by_time_and_what_has_none_comes_last(database: Database) -> None:
    house = House(database)
    add_session(database, house, "Sans heure")
    add_session(database, house, "Tard", starts_wall=datetime(2027, 9, 23, 20), ends_wall=datetime(2027, 9, 23, 21))
    tot = add_session(database, house, "Plus tard", starts_wall=datetime(2027, 9, 23, 22), ends_wall=datetime(2027, 9, 23, 23))

    with database.writing() as session:
        values = ProgrammeValues(title={"fr": "Tôt"}, starts_wall=datetime(2027, 9, 23, 19), ends_wall=datetime(2027, 9, 23, 20))
        actions.update_programme_session(session, event_id=house.event.id, public_id=tot, values=values, actor=OPERATOR, now=NOW)

    with database.reading() as session:
        order = [one.programme_session.title["fr"] for one in queries.schedule(session, house.event.id)]
    assert order == ["Tôt", "Tard", "Sans heure"]
