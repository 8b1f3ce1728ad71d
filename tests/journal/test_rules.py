"""The chain: whatever is changed, dropped, moved or added is noticed, and where."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventapp.journal.rules import START, digest, first_fault

AT = datetime(2027, 9, 1, 10, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    chain: str
    position: int
    at: datetime
    actor: str
    verb: str
    subject: str
    reason: str
    facts: dict[str, Any]
    previous: bytes
    hash: bytes


def chained(*verbs: str) -> list[Entry]:
    entries: list[Entry] = []
    for number, verb in enumerate(verbs, 1):
        told: dict[str, Any] = {
            "chain": "event:1",
            "position": number,
            "at": AT + timedelta(minutes=number),
            "actor": "member:ines",
            "verb": verb,
            "subject": "quota:1",
            "reason": "",
            "facts": {"limit": number},
            "previous": entries[-1].hash if entries else START,
        }
        entries.append(Entry(**told, hash=digest(**told)))
    return entries


@pytest.mark.trust("JRN-1")
@given(st.lists(st.text(max_size=20), max_size=8))
def test_a_chain_that_nobody_touched_has_no_fault(verbs: list[str]) -> None:
    assert first_fault(chained(*verbs)) is None


@pytest.mark.trust("JRN-1")
@given(st.integers(2, 8).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))), st.data())
def test_a_changed_entry_is_named(case: tuple[int, int], data: st.DataObject) -> None:
    size, place = case
    entries = chained(*(f"verb {number}" for number in range(size)))
    field, value = data.draw(
        st.sampled_from(
            [
                ("chain", "event:2"),
                ("at", AT - timedelta(microseconds=1)),
                ("actor", "member:paul"),
                ("verb", "other"),
                ("subject", "quota:2"),
                ("reason", "because"),
                ("facts", {"limit": 99}),
                ("previous", b"\1" * 32),
                ("hash", b"\1" * 32),
                ("position", 99),
            ]
        )
    )
    entries[place] = replace(entries[place], **{field: value})

    assert first_fault(entries) == place + 1


@pytest.mark.trust("JRN-1")
@given(st.integers(2, 8).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 2))))
def test_a_dropped_entry_is_named_unless_it_was_the_last(case: tuple[int, int]) -> None:
    size, place = case
    entries = chained(*(f"verb {number}" for number in range(size)))

    assert first_fault(entries[:place] + entries[place + 1 :]) == place + 1


@pytest.mark.trust("JRN-1")
def test_two_entries_that_changed_places_are_named() -> None:
    one, two, three = chained("a", "b", "c")

    assert first_fault([one, three, two]) == 2


@pytest.mark.trust("JRN-1")
def test_an_entry_made_up_without_its_predecessor_is_named() -> None:
    one, _two, _three = chained("a", "b", "c")
    forged = chained("x", "y")[1]

    assert first_fault([one, forged]) == 2


@pytest.mark.trust("JRN-1")
def test_anyone_can_compute_the_hash_again() -> None:
    """The recipe itself, spelled out once more: a change of it would break every chain there is."""
    [entry] = chained("set_limit")

    text = json.dumps(
        ["event:1", 1, "2027-09-01T10:01:00.000000+00:00", "member:ines", "set_limit", "quota:1", "", {"limit": 1}],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    assert entry.hash == sha256(bytes(32) + text.encode()).digest()


@given(st.integers(-12, 14))
def test_a_moment_has_one_hash_in_whatever_zone_it_is_told(hours: int) -> None:
    told: dict[str, Any] = {
        name: getattr(chained("a")[0], name) for name in ("chain", "position", "actor", "verb", "subject", "reason", "facts")
    }
    zone = timezone(timedelta(hours=hours))

    assert digest(**told, at=AT.astimezone(zone), previous=START) == digest(**told, at=AT, previous=START)


@given(st.dictionaries(st.text(max_size=5), st.integers(), min_size=2, max_size=5))
def test_facts_have_no_order(facts: dict[str, int]) -> None:
    told: dict[str, Any] = {"chain": "c", "position": 1, "at": AT, "actor": "", "verb": "", "subject": "", "reason": "", "previous": START}

    assert digest(**told, facts=facts) == digest(**told, facts=dict(reversed(facts.items())))
