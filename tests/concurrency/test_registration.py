"""Two hundred people at once for ten seats, from eight processes: exactly ten. With the lock removed, this must fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from eventapp.lib.db import Database
from eventapp.registration import queries
from tests.factories import House

ROOT = Path(__file__).resolve().parent.parent.parent
PROCESSES = 8
SEATS = 10
ROUNDS = int(os.environ.get("ROUNDS", "1"))


COMBINED = pytest.mark.parametrize("most", [64, 1], ids=["combined", "single"])


def rush(house: House, url: str, *, people: int, guard: str, most: int) -> Counter[str]:
    share = people // PROCESSES
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.concurrency.rush",
                url,
                str(house.event.id),
                str(house.type.id),
                str(number * share),
                str((number + 1) * share),
                guard,
                str(most),
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
    answers: Counter[str] = Counter()
    for process in started:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        answers.update(json.loads(out.splitlines()[-1]))
    return answers


def truth(house: House) -> dict[str, object]:
    with house.database.reading() as session:
        rows = queries.all_registrations(session, house.event.id)
        quota = queries.quotas(session, house.event.id)[0]
        seqs = sorted(row.seq or 0 for row in rows)
        confirmed = [row.seq for row in rows if row.state == "confirmed"]
        waiting = [row.seq for row in rows if row.state == "waitlisted"]
        return {
            "confirmed": len(confirmed),
            "waiting": len(waiting),
            "used": quota.used,
            "ledger": queries.ledger_sums(session, house.event.id).get(quota.id, 0),
            "seqs": seqs == list(range(1, len(rows) + 1)),
            "order": max(confirmed, default=0) < min(waiting, default=10**9),  # type: ignore[type-var,operator]
        }


ALL_RIGHT = {"confirmed": SEATS, "waiting": 190, "used": SEATS, "ledger": SEATS, "seqs": True, "order": True}


@pytest.mark.slow
@COMBINED
@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_hundred_at_once_for_ten_seats(database: Database, database_url: str, most: int, _round: int) -> None:
    house = House(database, limit=SEATS)

    answers = rush(house, database_url, people=200, guard="on", most=most)

    assert answers == Counter(confirmed=SEATS, waitlisted=190)
    assert truth(house) == ALL_RIGHT


@pytest.mark.slow
def test_without_the_lock_the_same_rush_goes_wrong(database: Database, database_url: str) -> None:
    """The negative control: if this passes with the lock removed, the test above proves nothing."""
    house = House(database, limit=SEATS)

    answers = rush(house, database_url, people=200, guard="off", most=1)

    assert (answers, truth(house)) != (Counter(confirmed=SEATS, waitlisted=190), ALL_RIGHT)
