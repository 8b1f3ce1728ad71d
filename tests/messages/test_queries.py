"""What is due, who wrote to whom, what waits longest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from eventapp.lib import codes
from eventapp.lib.db import Database
from eventapp.messages import actions, queries
from eventapp.messages.models import Message
from tests.factories import NOW

MINUTE = timedelta(minutes=1)
Put = Callable[..., Message]


@pytest.fixture
def put(database: Database) -> Put:
    """Lay a mail into the outbox as it would be after a while."""

    def row(**values: Any) -> Message:
        defaults = {
            "public_id": codes.public_id(),
            "room": "registration",
            "kind": "confirmed",
            "organiser_id": 1,
            "event_id": 1,
            "subject_id": "abc",
            "address": "karim@demo.test",
            "language": "fr",
            "facts": {},
            "state": "queued",
            "due_at": NOW,
            "created_at": NOW,
        }
        with database.writing() as session:
            message = Message(**(defaults | values))
            session.add(message)
        return message

    return row


def test_what_is_due_is_what_nobody_has(database: Database, put: Put) -> None:
    later = put(due_at=NOW + MINUTE)
    lapsed = put(state="leased", lease="x", lease_until=NOW - MINUTE)
    early = put(due_at=NOW - MINUTE)
    put(state="leased", lease="x", lease_until=NOW + MINUTE)
    for state in ("sent", "failed", "held"):
        put(state=state)
    here = put()

    with database.writing() as session:
        assert queries.due_ids(session, NOW, 10) == [early.id, lapsed.id, here.id]
        assert queries.due_ids(session, NOW, 1) == [early.id]
        assert queries.due_ids(session, NOW + MINUTE, 10)[-1] == later.id


@pytest.mark.trust("F-4")
def test_two_workers_see_different_mails(database: Database, put: Put) -> None:
    if database.dialect == "sqlite":
        # There is one writer at a time: the second sees what the first has left.
        put()
        with database.writing() as session:
            actions.claim(session, lease="one", limit=1, now=NOW)
        with database.writing() as session:
            assert queries.due_ids(session, NOW, 10) == []
        return
    first, second = put(), put()
    other = Database(database.url)
    try:
        with database.engine.connect() as connection, connection.begin():
            from sqlalchemy.orm import Session

            assert queries.due_ids(Session(connection), NOW, 1) == [first.id]
            with other.writing() as session:
                assert queries.due_ids(session, NOW, 10) == [second.id]
    finally:
        other.close()


def test_states_are_counted_for_all_or_for_some_events(database: Database, put: Put) -> None:
    for state, event_id in (("queued", 1), ("queued", 1), ("sent", 1), ("sent", 2), ("failed", None)):
        put(state=state, event_id=event_id)

    with database.reading() as session:
        assert queries.by_state(session) == {"queued": 2, "sent": 2, "failed": 1}
        assert queries.by_state(session, [1]) == {"queued": 2, "sent": 1}
        assert queries.by_state(session, []) == {}


def test_mails_about_one_registration_are_of_its_event_alone(database: Database, put: Put) -> None:
    first, _other, second = put(kind="waitlisted"), put(event_id=2), put(kind="promoted")
    put(subject_id="abd")

    with database.reading() as session:
        assert [row.id for row in queries.of_subject(session, 1, "abc")] == [first.id, second.id]


@pytest.mark.trust("ACL-4")
def test_the_outbox_shows_the_mails_of_these_organisers_alone(database: Database, put: Put) -> None:
    rows = [
        put(organiser_id=organiser, event_id=event, state=state)
        for organiser, event, state in ((1, 1, "sent"), (1, 2, "queued"), (2, 3, "sent"))
    ]
    put(organiser_id=None)

    with database.reading() as session:
        assert [row.id for row in queries.outbox(session, organiser_ids=[1])] == [rows[1].id, rows[0].id]
        assert [row.id for row in queries.outbox(session, organiser_ids=[1], event_id=3)] == []
        assert [row.id for row in queries.outbox(session, organiser_ids=[1, 2], state="sent")] == [rows[2].id, rows[0].id]
        assert [row.id for row in queries.outbox(session, organiser_ids=[1, 2], limit=2, before=rows[2].id)] == [rows[1].id, rows[0].id]
        assert queries.outbox(session, organiser_ids=[]) == []


@pytest.mark.trust("OPS-1")
def test_the_oldest_unsent_is_the_oldest_that_still_waits(database: Database, put: Put) -> None:
    with database.reading() as session:
        assert queries.oldest_unsent(session) is None
    for state in ("sent", "failed", "held"):
        put(state=state, created_at=NOW - 9 * MINUTE)
    put(created_at=NOW - 3 * MINUTE, problem="the address was refused")
    put(created_at=NOW - 2 * MINUTE, state="leased", lease="x", lease_until=NOW)
    put(created_at=NOW - MINUTE, problem="the mail server cannot be reached")

    with database.reading() as session:
        assert queries.oldest_unsent(session) == NOW - 3 * MINUTE
        assert queries.oldest_unsent(session, but_for=("the address was refused",)) == NOW - 2 * MINUTE


def test_the_last_beat_is_that_of_any_worker(database: Database) -> None:
    with database.reading() as session:
        assert queries.last_beat(session) is None
    with database.writing() as session:
        actions.beat(session, name="a", now=NOW)
        actions.beat(session, name="b", now=NOW - MINUTE)

    with database.reading() as session:
        assert queries.last_beat(session) == NOW


def test_duties_are_told_by_name(database: Database) -> None:
    with database.writing() as session:
        for name in ("limits", "allocate"):
            actions.claim_duty(session, name=name, every=MINUTE, now=NOW)

    with database.reading() as session:
        assert [(duty.name, duty.ran_at, duty.next_at) for duty in queries.duties(session)] == [
            ("allocate", NOW, NOW + MINUTE),
            ("limits", NOW, NOW + MINUTE),
        ]


@pytest.mark.trust("F-13")
def test_the_clock_of_the_database_is_aware_and_goes(database: Database) -> None:
    with database.reading() as session:
        first = queries.clock(session)

    assert first.utcoffset() == timedelta(0)
    assert first.year > 2000
