"""Noting and answering once: chains of their own, nothing noted for what was rolled back, the same answer for the same command."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from eventapp.journal import queries
from eventapp.journal.actions import answer, answered, note
from eventapp.journal.models import CommandKey, Entry
from eventapp.journal.rules import START, first_fault
from eventapp.lib.db import Database, Session
from eventapp.lib.refusal import Refused
from tests.factories import NOW


def noted(session: Session, verb: str, *, chain: str = "event:1", **facts: object) -> None:
    note(session, chain=chain, actor="member:ines", verb=verb, subject="quota:1", reason="une raison", facts=facts, now=NOW)


@pytest.mark.trust("JRN-1")
def test_entries_follow_one_another_each_in_its_own_chain(database: Database) -> None:
    with database.writing() as session:
        for verb, chain in (("a", "event:1"), ("b", "organiser:1"), ("c", "event:1"), ("d", "event:1")):
            noted(session, verb, chain=chain, n=1)

    with database.reading() as session:
        first, other = queries.chain(session, "event:1"), queries.chain(session, "organiser:1")
        assert [(row.position, row.verb) for row in first] == [(1, "a"), (2, "c"), (3, "d")]
        assert [(row.position, row.verb, row.previous) for row in other] == [(1, "b", START)]
        assert (first_fault(first), first_fault(other)) == (None, None)
        told = first[0]
        assert (told.at, told.actor, told.subject, told.reason, told.facts) == (NOW, "member:ines", "quota:1", "une raison", {"n": 1})


@pytest.mark.trust("P-4")
def test_what_was_rolled_back_is_not_noted(database: Database) -> None:
    with suppress(Refused), database.writing() as session:
        noted(session, "a")
        raise Refused("registration.closed")

    with database.reading() as session:
        assert session.scalars(select(Entry)).all() == []


@pytest.mark.trust("JRN-1")
@pytest.mark.parametrize("statement", ["UPDATE journal_entry SET verb = 'b'", "DELETE FROM journal_entry"])
def test_the_database_itself_refuses_to_change_or_drop_an_entry(database: Database, statement: str) -> None:
    with database.writing() as session:
        noted(session, "a")

    with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
        session.execute(text(statement))

    with database.reading() as session:
        assert [row.verb for row in session.scalars(select(Entry))] == ["a"]


@pytest.mark.trust("DB-2")
def test_two_entries_at_one_place_are_refused_by_the_database(database: Database) -> None:
    with database.writing() as session:
        noted(session, "a")
        values = {c.name: getattr(queries.chain(session, "event:1")[0], c.name) for c in Entry.__table__.columns if c.name != "id"}

    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(Entry(**values))


@pytest.mark.trust("P-2")
def test_a_command_is_answered_with_what_it_made(database: Database) -> None:
    with database.writing() as session:
        assert answered(session, key="k", body="{}") is None
        answer(session, key="k", body="{}", subject="registration:abc", now=NOW)

    with database.writing() as session:
        assert answered(session, key="k", body="{}") == "registration:abc"
        assert answered(session, key="other", body="{}") is None


@pytest.mark.trust("P-3")
def test_a_key_used_for_something_else_is_refused(database: Database) -> None:
    with database.writing() as session:
        answer(session, key="k", body="one", subject="registration:abc", now=NOW)

    with pytest.raises(Refused) as refused, database.writing() as session:
        answered(session, key="k", body="two")

    assert (refused.value.code, refused.value.facts) == ("command.key_reused", {"status": 422})


@pytest.mark.trust("P-2", "DB-2")
def test_of_two_at_once_under_one_key_one_is_kept(database: Database) -> None:
    barrier, outcomes = threading.Barrier(2), []

    def work(subject: str) -> None:
        barrier.wait()
        try:
            with database.writing() as session:
                answer(session, key="k", body="{}", subject=subject, now=NOW + timedelta(seconds=1))
            outcomes.append(subject)
        except IntegrityError:
            outcomes.append("refused")

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading() as session:
        kept = session.scalars(select(CommandKey.subject)).all()
    assert sorted(outcomes) == sorted([*kept, "refused"])
    assert len(kept) == 1
