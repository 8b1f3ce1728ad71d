"""What was done, asked by chain, by subject, newest first; and what was answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eventapp.journal import queries
from eventapp.journal.actions import answer, note
from eventapp.journal.rules import first_fault
from eventapp.lib.db import Database
from eventapp.lib.signing import sha256
from tests.factories import NOW


@pytest.fixture
def told(database: Database) -> Database:
    """Five entries in two chains, in this order of time: a b c d e."""
    with database.writing() as session:
        for minute, (verb, chain, subject) in enumerate(
            [
                ("a", "event:1", "quota:1"),
                ("b", "organiser:1", "user:1"),
                ("c", "event:1", "quota:2"),
                ("d", "event:1", "quota:1"),
                ("e", "event:10", "quota:1"),
            ]
        ):
            note(session, chain=chain, actor="operator", verb=verb, subject=subject, now=NOW + timedelta(minutes=minute))
    return database


def test_the_end_of_a_chain_is_what_the_next_entry_follows(told: Database) -> None:
    with told.reading() as session:
        entries = queries.chain(session, "event:1")

        assert queries.last_entry(session, "event:1") == (3, entries[-1].hash)
        assert queries.last_entry(session, "event:2") is None
        assert [entry.verb for entry in entries] == ["a", "c", "d"]
        assert first_fault(entries) is None


def test_the_latest_come_first_and_page_on(told: Database) -> None:
    with told.reading() as session:
        first = queries.recent(session, ["event:1", "organiser:1"], limit=2)
        second = queries.recent(session, ["event:1", "organiser:1"], limit=2, before=first[-1].id)

        assert [entry.verb for entry in first] == ["d", "c"]
        assert [entry.verb for entry in second] == ["b", "a"]
        assert queries.recent(session, ["event:1", "organiser:1"], before=second[-1].id) == []
        assert queries.recent(session, []) == []


def test_all_chains_are_known_by_name(told: Database) -> None:
    with told.reading() as session:
        assert queries.chains(session) == ["event:1", "event:10", "organiser:1"]


def test_what_is_told_of_one_subject_is_of_its_chain_alone(told: Database) -> None:
    with told.reading() as session:
        assert [entry.verb for entry in queries.about(session, "event:1", "quota:1")] == ["a", "d"]
        assert [entry.verb for entry in queries.about(session, "event:10", "quota:1")] == ["e"]
        assert queries.about(session, "organiser:1", "quota:1") == []


@pytest.mark.trust("P-2")
def test_a_command_is_known_by_its_whole_key(database: Database) -> None:
    with database.writing() as session:
        answer(session, key="abc", body="{}", subject="registration:x", now=NOW)

    with database.reading() as session:
        assert queries.command(session, "abc") == queries.Answered(sha256("{}"), "registration:x")
        assert [queries.command(session, key) for key in ("ab", "abcd", "ABC", "")] == [None] * 4


def test_the_deeds_of_one_kind_are_those_of_one_chain(told: Database) -> None:
    with told.writing() as session:
        note(session, chain="event:1", actor="operator", verb="a", subject="quota:9", now=NOW + timedelta(hours=1))
        note(session, chain="event:10", actor="operator", verb="a", subject="quota:1", now=NOW + timedelta(hours=2))

    with told.reading() as session:
        assert [entry.subject for entry in queries.deeds(session, "event:1", "a")] == ["quota:1", "quota:9"]
