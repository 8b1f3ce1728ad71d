"""A process among several whose people enrol for two sessions at one time, swap, and change their minds. Run by test_sessions.py."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import event

from eventapp.lib import db
from eventapp.lib.db import Database, Session, Unavailable
from eventapp.lib.refusal import Refused
from eventapp.people.rules import ANONYMOUS
from eventapp.registration import actions, queries
from tests.concurrency.rush import THREADS, remove_the_lock
from tests.factories import NOW

TURNS = 12


def _once(session: Session, event_id: int, registration_id: int, rng: random.Random) -> str:
    """One thing that one person may think of."""
    command: dict[str, Any] = {"event_id": event_id, "registration_id": registration_id, "actor": ANONYMOUS, "now": NOW}
    own = queries.live_enrolments(session, [registration_id])
    if not own or rng.random() < 0.5:
        slot = rng.choice(queries.slots(session, event_id))
        more = {"position": 1, "slot_public_id": slot.public_id, "swap": rng.random() < 0.5}
        return str(actions.enrol(session, **more, **command).state)
    one = rng.choice(own)
    if one.state == "offered":
        verb = rng.choice([actions.accept_swap, actions.decline_swap])
        return str(verb(session, public_id=one.public_id, **command).state)
    return str(actions.leave_session(session, public_id=one.public_id, **command).state)


def _person(database: Database, event_id: int, registration_id: int) -> Counter[str]:
    rng, seen = random.Random(registration_id), Counter[str]()
    for _turn in range(TURNS):
        for _try in range(50):
            try:
                with database.writing() as session:
                    seen[_once(session, event_id, registration_id, rng)] += 1
            except Unavailable:
                continue
            except Refused as refused:
                seen[refused.code] += 1
            except Exception as error:
                seen[f"failed: {type(error).__name__}"] += 1
            break
    return seen


def main(url: str, event_id: int, guard: str, registration_ids: list[int]) -> None:
    if guard == "off":
        remove_the_lock()
    database = Database(url)
    if guard == "off" and database.dialect == "sqlite":
        event.remove(database.engine, "begin", db._begin)
    sys.stdin.readline()
    seen: Counter[str] = Counter()
    with ThreadPoolExecutor(THREADS) as threads:
        for one in threads.map(lambda registration_id: _person(database, event_id, registration_id), registration_ids):
            seen.update(one)
    print(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4]))
