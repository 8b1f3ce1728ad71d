"""Several processes command one event at once: what they leave is what the same commands leave one after the other, on paper.

The order is that of the commits. Without the lock there is no such order, and this must fail.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from eventapp.cli.state import faults
from eventapp.events.models import Event
from eventapp.lib.db import Database
from eventapp.registration import rules
from tests.registration.agreement import agree, built, parties
from tests.registration.machine import Hall, Paper

ROOT = Path(__file__).resolve().parent.parent.parent
PROCESSES = 4
COMMANDS = int(os.environ.get("COMMANDS", "100"))
"""Of each process at each instant; more by `make soak PART=history`."""
DOORS = datetime.fromisoformat("2027-09-23T16:00:00+00:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEFORE = [20 * DAY, 12 * DAY, 6 * DAY, 5 * DAY, 3 * DAY, 28 * HOUR, 20 * HOUR, 8 * HOUR, 2 * HOUR, -6 * HOUR]
"""How long before doors the commands come: all phases, their bounds, the freeze and the end."""
ID = {"sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT", "postgresql": "SERIAL PRIMARY KEY"}


@dataclass
class Evening:
    """What has been done to an event, and what it was in the beginning."""

    paper: Paper
    kinds: dict[int, int]
    halls: dict[int, int]
    event_id: int
    seen: Counter[str]

    def replay(self, database: Database) -> None:
        """The same commands on paper, in the order of their commits; then both must be the same, and `verify` finds nothing.

        Raises AssertionError, or Refused: on paper a command is refused that was carried out.
        """
        with database.reading() as session:
            numbers = {row.id: number for number, row in enumerate(parties(session, self.event_id))}
            history = list(session.execute(text("SELECT verb, about, at FROM history ORDER BY id")))
        of_the_event = {"begin", "register", "register_unproved", "set_limit", "tend", "tell", "close"}
        for verb, written, at in history:
            about = json.loads(written)
            if verb == "nothing":
                continue
            if verb not in of_the_event:
                about[0] = self.paper.members[numbers[about[0]]]
            getattr(self.paper, verb)(*about, datetime.fromisoformat(at))
        with database.reading() as session:
            agree(session, self.event_id, self.paper, kinds=self.kinds, halls=self.halls)
            assert list(faults(session, session.get_one(Event, self.event_id), DOORS + 6 * HOUR)) == []


def commanded(database: Database, url: str, *, guard: str, commands: int) -> Evening:
    """Let several processes loose on one event, instant by instant."""
    with database.writing() as session:
        session.execute(text(f"CREATE TABLE history (id {ID[database.dialect]}, verb TEXT, about TEXT, at TEXT)"))
    halls = {1: Hall(1, 30), 2: Hall(2, 9), 3: Hall(3, 6, 1, DOORS - 4 * DAY)}
    paper = Paper(halls, {1: [1], 2: [1, 2], 3: [1, 3]}, rules.calendar_of(DOORS, "Europe/Paris"), DOORS - BEFORE[0])
    house, kinds, quotas = built(database, paper, slug="grand-opening")
    told = [guard, str(house.event.id), json.dumps(kinds), json.dumps(quotas)]
    seen: Counter[str] = Counter()
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.concurrency.history", url, told[0], str(number), str(commands), *told[1:]],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for number in range(PROCESSES)
        ]
        for before in BEFORE:
            for process in started:
                assert process.stdin is not None
                process.stdin.write((DOORS - before).isoformat() + "\n")
                process.stdin.flush()
            for process in started:
                assert process.stdout is not None
                seen.update(json.loads(process.stdout.readline()))
        for process in started:
            assert process.stdin is not None
            process.stdin.close()
    return Evening(paper, kinds, quotas, house.event.id, seen)


EACH = ("register", "nothing", "give_back", "accept", "decline", "wish", "resize", "change_type", "set_limit", "tend", "started", "revoke")


@pytest.mark.slow
@pytest.mark.trust("P-9")
def test_what_many_did_at_once_is_what_one_after_the_other_would_have_done(database: Database, database_url: str) -> None:
    evening = commanded(database, database_url, guard="on", commands=COMMANDS)

    assert [said for said in evening.seen if said.startswith("failed")] == []
    assert [verb for verb in EACH if evening.seen[verb] == 0] == []
    assert evening.seen.total() == PROCESSES * COMMANDS * len(BEFORE)
    evening.replay(database)


@pytest.mark.slow
@pytest.mark.trust("P-9")
def test_without_the_lock_no_order_explains_it(database: Database, database_url: str) -> None:
    """The negative control: if this passes with the lock removed, the test above proves nothing."""
    evening = commanded(database, database_url, guard="off", commands=12)

    wrong = [said for said in evening.seen if said.startswith("failed")]
    if not wrong:
        with pytest.raises((AssertionError, rules.Refused, LookupError)):
            evening.replay(database)
