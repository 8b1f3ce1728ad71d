"""The outbox: a mail is in the transaction of its reason, taken by one worker under a lease, and ends as sent, later or failed."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from eventapp.lib.db import Database, Session
from eventapp.lib.refusal import Refused
from eventapp.messages import actions
from eventapp.messages.models import DutySlot, Message, WorkerBeat
from tests.cast import KARIM
from tests.factories import NOW

SECOND = timedelta(seconds=1)


def post(session: Session, *, kind: str = "confirmed", now: Any = NOW) -> None:
    actions.post(
        session,
        room="registration",
        kind=kind,
        address=KARIM.email,
        name=KARIM.first_name,
        language="fr",
        organiser_id=1,
        event_id=2,
        subject_id="abc",
        facts={"position": 3},
        now=now,
    )


def rows(database: Database) -> list[Message]:
    with database.reading() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


@pytest.fixture
def posted(database: Database) -> Database:
    with database.writing() as session:
        for kind in ("confirmed", "promoted", "cancelled"):
            post(session, kind=kind)
    return database


def claim(database: Database, lease: str = "one", *, limit: int = 10, now: Any = NOW) -> list[Message]:
    with database.writing() as session:
        return actions.claim(session, lease=lease, limit=limit, now=now)


def test_a_posted_mail_waits_with_all_that_it_tells(database: Database) -> None:
    with database.writing() as session:
        post(session)

    [row] = rows(database)
    assert (row.room, row.kind, row.address, row.name, row.language) == ("registration", "confirmed", KARIM.email, "Karim", "fr")
    assert (row.organiser_id, row.event_id, row.subject_id, row.facts) == (1, 2, "abc", {"position": 3})
    assert (row.state, row.attempts, row.due_at, row.created_at, row.sent_at, row.lease) == ("queued", 0, NOW, NOW, None, None)


@pytest.mark.trust("P-4", "P-5")
def test_a_mail_goes_back_with_its_reason(database: Database) -> None:
    with suppress(Refused), database.writing() as session:
        post(session)
        raise Refused("registration.closed")

    assert rows(database) == []


def test_what_is_due_is_taken_oldest_first_and_no_more_than_asked(posted: Database) -> None:
    with posted.writing() as session:
        post(session, kind="later", now=NOW + SECOND)

    first, second = claim(posted, limit=2), claim(posted, "two")

    assert [[(row.kind, row.attempts, row.lease) for row in taken] for taken in (first, second)] == [
        [("confirmed", 1, "one"), ("promoted", 1, "one")],
        [("cancelled", 1, "two")],
    ]
    assert claim(posted, "three", now=NOW) == []
    assert [row.kind for row in claim(posted, "four", now=NOW + SECOND)] == ["later"]


@pytest.mark.trust("F-2")
def test_a_lease_that_has_ended_is_taken_over_and_its_former_holder_says_nothing_more(posted: Database) -> None:
    [taken, *_others] = claim(posted, "dead")

    early = claim(posted, "two", now=NOW + actions.LEASE)
    late = claim(posted, "two", now=NOW + actions.LEASE + SECOND)

    assert (early, [row.attempts for row in late]) == ([], [2, 2, 2])
    with posted.writing() as session:
        assert actions.sent(session, message_id=taken.id, lease="dead", now=NOW) is False
        assert actions.sent(session, message_id=taken.id, lease="two", now=NOW) is True
        assert actions.sent(session, message_id=taken.id, lease="two", now=NOW) is False


def test_a_sent_mail_is_never_taken_again(posted: Database) -> None:
    for row in claim(posted):
        with posted.writing() as session:
            actions.sent(session, message_id=row.id, lease="one", now=NOW + SECOND)

    assert [(row.state, row.sent_at, row.lease, row.lease_until, row.problem) for row in rows(posted)] == [
        ("sent", NOW + SECOND, None, None, "")
    ] * 3
    assert claim(posted, "two", now=NOW + timedelta(days=9)) == []


def test_a_failed_mail_says_why_in_no_more_than_it_may(posted: Database) -> None:
    [row, *_others] = claim(posted)

    with posted.writing() as session:
        actions.failed(session, message_id=row.id, lease="one", problem="é" * 600, now=NOW)

    assert [(row.state, len(row.problem)) for row in rows(posted)] == [("failed", 500), ("leased", 0), ("leased", 0)]


@pytest.mark.trust("F-8")
@pytest.mark.parametrize(
    ("attempts", "wait"),
    [(1, 10), (2, 20), (3, 40), (4, 80), (9, 2560), (10, 3600), (50, 3600)],
)
def test_each_wait_is_twice_the_last_up_to_an_hour(posted: Database, attempts: int, wait: int) -> None:
    [row, *_others] = claim(posted)

    with posted.writing() as session:
        actions.later(session, message_id=row.id, lease="one", attempts=attempts, created_at=NOW, problem="later", now=NOW + SECOND)

    first = rows(posted)[0]
    assert (first.state, first.due_at, first.problem) == ("queued", NOW + SECOND + timedelta(seconds=wait), "later")


@pytest.mark.trust("F-8")
@pytest.mark.parametrize(("age", "state"), [(actions.GIVE_UP_AFTER, "queued"), (actions.GIVE_UP_AFTER + SECOND, "failed")])
def test_after_three_days_it_is_given_up(posted: Database, age: timedelta, state: str) -> None:
    [row, *_others] = claim(posted)

    with posted.writing() as session:
        actions.later(session, message_id=row.id, lease="one", attempts=80, created_at=NOW, problem="still away", now=NOW + age)

    assert (rows(posted)[0].state, rows(posted)[0].problem) == (state, "still away")


@pytest.mark.trust("OPS-5")
@pytest.mark.parametrize(("drop", "ended"), [(False, ["queued", "queued", "sent"]), (True, ["failed", "failed", "sent"])])
def test_what_a_restore_holds_is_sent_or_dropped_and_nothing_else_is_touched(posted: Database, drop: bool, ended: list[str]) -> None:
    taken = claim(posted, limit=2)
    last = claim(posted, limit=1)[0]
    with posted.writing() as session:
        actions.sent(session, message_id=last.id, lease="one", now=NOW)
        assert actions.hold_all(session, now=NOW) == 2
    held = [row.state for row in rows(posted)]
    nothing = claim(posted, "two", now=NOW + timedelta(days=1))

    with posted.writing() as session:
        assert actions.resume(session, drop=drop, now=NOW + SECOND) == 2
        assert actions.sent(session, message_id=taken[0].id, lease="one", now=NOW) is False

    assert (held, nothing) == (["held", "held", "sent"], [])
    assert [row.state for row in rows(posted)] == ended


def test_a_worker_is_known_by_its_last_beat(database: Database) -> None:
    for number in range(3):
        with database.writing() as session:
            actions.beat(session, name="a", now=NOW + number * SECOND)
            actions.beat(session, name=f"b{number}", now=NOW)

    with database.reading() as session:
        assert {row.name: row.seen_at for row in session.scalars(select(WorkerBeat))} == {
            "a": NOW + 2 * SECOND,
            "b0": NOW,
            "b1": NOW,
            "b2": NOW,
        }


def turns(database: Database, *moments: timedelta) -> list[bool]:
    answers = []
    for moment in moments:
        with database.writing() as session:
            answers.append(actions.claim_duty(session, name="allocate", every=timedelta(minutes=1), now=NOW + moment))
    return answers


def test_a_duty_has_one_turn_a_period_however_many_workers_ask(database: Database) -> None:
    minute = timedelta(minutes=1)

    assert turns(database, 0 * SECOND, 0 * SECOND, 59 * SECOND, minute, minute, 3 * minute, 3 * minute + 59 * SECOND) == [
        True,
        False,
        False,
        True,
        False,
        True,
        False,
    ]


@pytest.mark.trust("F-13")
def test_a_clock_that_stepped_back_silences_no_duty(database: Database) -> None:
    turns(database, timedelta(days=1))

    assert turns(database, 0 * SECOND, SECOND) == [True, False]
    with database.reading() as session:
        assert session.scalars(select(DutySlot.next_at)).one() == NOW + timedelta(minutes=1)


def test_a_trial_row_that_is_taken_back_leaves_nothing(database: Database) -> None:
    class UndoneError(Exception):
        pass

    with suppress(UndoneError), database.writing() as session:
        actions.try_to_write(session, now=NOW)
        raise UndoneError

    with database.reading() as session:
        assert session.scalars(select(WorkerBeat)).all() == []
