"""Forty people in eight processes want two sessions of three places at one time: never a place too many, nobody in both, none idle."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from eventapp.lib.db import Database
from eventapp.registration import queries
from tests.cast import Character
from tests.concurrency.enrolling import TURNS
from tests.registration.programme import Programme

ROOT = Path(__file__).resolve().parent.parent.parent
PROCESSES, PEOPLE, PLACES = 8, 40, 3


def evening(database: Database, url: str, *, guard: str) -> tuple[Programme, Counter[str]]:
    """What is left when everybody has changed their mind, and what each was answered."""
    programme = Programme(database, limit=PEOPLE)
    people = [one.id for one in programme.join(*(Character(f"guest{number}", "Demo") for number in range(PEOPLE)))]
    for title in ("Atelier BIM", "Atelier RFID"):
        programme.slot(title, places=PLACES)
    started = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.concurrency.enrolling", url, str(programme.event_id), guard),
                json.dumps(people[number::PROCESSES]),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    seen: Counter[str] = Counter()
    for process in started:
        out, _ = process.communicate(timeout=300)
        assert process.returncode == 0
        seen.update(json.loads(out.splitlines()[-1]))
    return programme, seen


def wrong(programme: Programme, seen: Counter[str]) -> list[str]:
    """Everything that does not add up: what `verify` finds, places too many, places in line that two have, commands that broke."""
    with programme.database.reading() as session:
        rows = queries.all_enrolments(session, programme.event_id)
    many = [title for title, (used, _ledger, _taken) in programme.counted.items() if used > PLACES]
    twice = [seq for seq, number in Counter(row.seq for row in rows).items() if number > 1]
    return [*programme.faults(), *many, *map(str, twice), *(said for said in seen if said.startswith("failed"))]


@pytest.mark.slow
def test_forty_people_change_their_minds_at_once(database: Database, database_url: str) -> None:
    programme, seen = evening(database, database_url, guard="on")

    assert wrong(programme, seen) == []
    assert seen.total() == PEOPLE * TURNS
    assert [said for said in ("confirmed", "waitlisted", "offered", "cancelled", "declined") if not seen[said]] == []


@pytest.mark.slow
def test_without_the_lock_their_places_go_wrong(database: Database, database_url: str) -> None:
    """The negative control: if this passes with the lock removed, the test above proves nothing."""
    programme, seen = evening(database, database_url, guard="off")

    assert wrong(programme, seen) != []
