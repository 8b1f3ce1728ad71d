"""A process of a rush: registers people as fast as it can, waiting for the others at the line. Run by test_registration.py."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import event

from eventapp.events import queries as events
from eventapp.events.models import Event
from eventapp.lib import db
from eventapp.lib.db import Database, Unavailable
from eventapp.lib.together import Together
from tests.cast import Character
from tests.factories import KEYS, NOW

THREADS = 4


def remove_the_lock() -> None:
    """The negative control: the event is read without being held, and SQLite's transactions begin without the write lock."""

    def unheld(session: db.Session, event_id: int) -> Event:
        row = session.get(Event, event_id)
        assert row is not None
        time.sleep(0.002)
        return row

    events.locked_event.__code__ = unheld.__code__
    events.locked_event.__globals__.update({"Event": Event, "time": time})


def main(url: str, event_id: int, type_id: int, first: int, last: int, guard: str, most: int) -> None:
    from eventapp.registration import actions

    if guard == "off":
        remove_the_lock()
    database = Database(url)
    if guard == "off" and database.dialect == "sqlite":
        event.remove(database.engine, "begin", db._begin)  # each statement for itself; a mere BEGIN would still refuse a stale writer
    together = Together(database, most=most)
    sys.stdin.readline()
    with ThreadPoolExecutor(THREADS) as threads:
        outcomes = list(threads.map(lambda number: _register(actions.register, together, event_id, type_id, number), range(first, last)))
    print(json.dumps(outcomes))


def _register(register: Callable[..., object], together: Together, event_id: int, type_id: int, number: int) -> str:
    from eventapp.people.rules import ANONYMOUS
    from eventapp.registration.actions import Request

    guest = Character(f"guest{number}", "Demo")
    request = Request(
        key=f"key-{number}",
        ticket_type_id=type_id,
        first_name=guest.first_name,
        last_name=guest.last_name,
        email=guest.email,
        language="fr",
    )
    for _ in range(50):
        try:
            outcome = together.do(
                Event,
                event_id,
                lambda session: register(session, event_id=event_id, request=request, keys=KEYS, actor=ANONYMOUS, now=NOW),
            )
        except Unavailable:
            continue
        except Exception as error:
            return type(error).__name__
        return str(outcome.registration.state)  # type: ignore[attr-defined]
    return "Unavailable"


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(arguments[0], int(arguments[1]), int(arguments[2]), int(arguments[3]), int(arguments[4]), arguments[5], int(arguments[6]))
