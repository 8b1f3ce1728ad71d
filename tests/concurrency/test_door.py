"""Two phones, one ticket, in the same few milliseconds: one admission. A scan and a cancellation: one of them. Without the locks, neither."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from eventapp.door import queries
from eventapp.door.models import EventDoor, Passage, Scan
from eventapp.lib.db import Database
from eventapp.registration.models import Attendee, Registration
from tests import phones
from tests.cast import Character
from tests.factories import House

ROOT = Path(__file__).resolve().parent.parent.parent
ROUNDS = int(os.environ.get("ROUNDS", "60"))
PACE_S = 0.03


def full_house(database: Database) -> tuple[House, list[Registration], list[int], list[str]]:
    """A house with a party of one for each round; its registrations, its tickets and two phones."""
    house = House(database, limit=ROUNDS)
    rows = [house.register(Character(f"Guest{number}", "Démo")).registration for number in range(ROUNDS)]
    held = [phones.tickets_of(database, row)[0].id for row in rows]
    return house, rows, held, [phones.credential(house, gate=gate, label=gate)[1] for gate in ("Nord", "Sud")]


def run(url: str, house: House, guard: str, *works: dict[str, Any]) -> list[list[str]]:
    command = [sys.executable, "-m", "tests.concurrency.scans", url, str(house.event.id), guard]
    started = [
        subprocess.Popen(
            [*command, json.dumps(work | {"pace": PACE_S})], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for work in works
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    begin = time.time() + 0.2
    for process in started:
        assert process.stdin is not None
        process.stdin.write(f"{begin}\n")
        process.stdin.flush()
    answers = []
    for process in started:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        answers.append(json.loads(out.splitlines()[-1]))
    return answers


def the_door(house: House) -> dict[str, int]:
    with house.database.reading() as session:
        row = session.get_one(EventDoor, house.event.id)
        return {
            "occupancy": row.occupancy,
            "arrived": row.arrived,
            "passages": session.scalar(select(func.count(Passage.id))) or 0,
            "admitted": session.scalar(select(func.count(Scan.id)).where(Scan.verdict == "OK")) or 0,
            "scans": session.scalar(select(func.count(Scan.id))) or 0,
            "faults": len(queries.faults(session, house.event.id)),
        }


EACH_ONCE = {"occupancy": ROUNDS, "arrived": ROUNDS, "passages": ROUNDS, "admitted": ROUNDS, "scans": 2 * ROUNDS, "faults": 0}


def two_phones(database: Database, url: str, guard: str) -> tuple[Counter[tuple[str, ...]], dict[str, int]]:
    house, _rows, held, devices = full_house(database)
    north, south = run(url, house, guard, *({"device": device, "rounds": held} for device in devices))
    return Counter(tuple(sorted(pair)) for pair in zip(north, south, strict=True)), the_door(house)


def scan_and_cancel(database: Database, url: str, guard: str) -> tuple[Counter[tuple[str, str]], int]:
    """What became of each round, and how many guests are inside with a ticket that was cancelled."""
    house, rows, held, devices = full_house(database)
    scanned, cancelled = run(
        url, house, guard, {"device": devices[0], "rounds": held}, {"device": None, "rounds": [row.id for row in rows]}
    )
    with database.reading() as session:
        both = (
            select(func.count(Attendee.id))
            .join(Registration, Registration.id == Attendee.registration_id)
            .where(Attendee.arrived_at.is_not(None), Registration.state == "cancelled")
        )
        contradictions = session.scalar(both) or 0
    return Counter(zip(scanned, cancelled, strict=True)), contradictions


ONE_WINS = {("OK", "registration.arrived"), ("CANCELLED", "cancelled")}


@pytest.mark.slow
def test_two_phones_and_one_ticket_make_one_admission(database: Database, database_url: str) -> None:
    answers, door = two_phones(database, database_url, "on")

    assert answers == Counter({("ALREADY", "OK"): ROUNDS})
    assert door == EACH_ONCE


@pytest.mark.slow
def test_without_the_locks_two_phones_go_wrong(database: Database, database_url: str) -> None:
    """The negative control: if this holds with the locks removed, the test above proves nothing."""
    answers, door = two_phones(database, database_url, "off")

    assert (answers, door) != (Counter({("ALREADY", "OK"): ROUNDS}), EACH_ONCE)


@pytest.mark.slow
def test_a_scan_and_a_cancellation_never_both_win(database: Database, database_url: str) -> None:
    outcomes, contradictions = scan_and_cancel(database, database_url, "on")

    assert set(outcomes) <= ONE_WINS
    assert sum(outcomes.values()) == ROUNDS
    assert contradictions == 0


@pytest.mark.slow
def test_without_the_locks_a_scan_and_a_cancellation_both_win(database: Database, database_url: str) -> None:
    """The negative control, on the ticket's row."""
    outcomes, contradictions = scan_and_cancel(database, database_url, "off")

    assert not set(outcomes) <= ONE_WINS or contradictions > 0
