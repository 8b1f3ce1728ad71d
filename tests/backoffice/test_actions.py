"""A whole event: all or nothing, once."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from eventapp.backoffice.actions import WholeEvent, create_whole_event
from eventapp.events.models import Event, Venue
from eventapp.events.rules import EventValues, SpaceValues, VenueValues
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.people.rules import OPERATOR
from eventapp.registration.models import Quota
from tests import factories
from tests.factories import NOW

EVENT = EventValues(
    title={"fr": "Nuit de l’IA"},
    doors_wall=datetime(2027, 10, 7, 18, 0),
    starts_wall=datetime(2027, 10, 7, 18, 30),
    ends_wall=datetime(2027, 10, 7, 22, 0),
)


def whole(**more: object) -> WholeEvent:
    values = {"key": "key-12345", "event": EVENT, "capacity": 250, "venue": VenueValues(name="Hôtel"), "space": SpaceValues(name="Salle")}
    return WholeEvent(**(values | more))  # type: ignore[arg-type]  # values of a test


def test_same_key_makes_one_event(database: Database) -> None:
    with database.writing() as session:
        organiser_id = factories.organiser(session).id

    made = []
    for _time in range(2):
        with database.writing() as session:
            made.append(create_whole_event(session, organiser_id=organiser_id, values=whole(), actor=OPERATOR, now=NOW).slug)

    assert made == ["nuit-de-l-ia", "nuit-de-l-ia"]
    with database.reading() as session:
        assert list(session.scalars(select(Quota.limit))) == [250]


def test_key_used_for_something_else_is_refused(database: Database) -> None:
    with database.writing() as session:
        organiser_id = factories.organiser(session).id
    with database.writing() as session:
        create_whole_event(session, organiser_id=organiser_id, values=whole(), actor=OPERATOR, now=NOW)

    with pytest.raises(Refused, match=r"command\.key_reused"), database.writing() as session:
        create_whole_event(session, organiser_id=organiser_id, values=whole(capacity=300), actor=OPERATOR, now=NOW)


def test_refusal_leaves_not_even_the_venue(database: Database) -> None:
    with database.writing() as session:
        organiser_id = factories.organiser(session).id

    with pytest.raises(Refused, match=r"ticket_type\.closes_before_opening"), database.writing() as session:
        create_whole_event(
            session,
            organiser_id=organiser_id,
            values=whole(opens_wall=datetime(2027, 10, 1, 9, 0), closes_wall=datetime(2027, 9, 1, 9, 0)),
            actor=OPERATOR,
            now=NOW,
        )

    with database.reading() as session:
        assert (list(session.scalars(select(Venue.id))), list(session.scalars(select(Event.id)))) == ([], [])
