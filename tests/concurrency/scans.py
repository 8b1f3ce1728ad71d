"""A process at the door: scans as fast as it can, waiting for the others at the line, or gives tickets back meanwhile. Run by test_door.py."""

from __future__ import annotations

import json
import sys
import time
import uuid
from typing import Any

from sqlalchemy import Select, event

from eventapp.door import actions
from eventapp.door.actions import shifts
from eventapp.door.queries import doors
from eventapp.door.queries import tickets as held_tickets
from eventapp.lib import db
from eventapp.lib.db import Database, Unavailable
from eventapp.lib.signing import sha256
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions as registrations
from eventapp.registration.models import Ticket
from eventapp.registration.queries import tickets as registered_tickets
from eventapp.tickets import rules as tickets
from tests.factories import KEYS, NOW


def remove_the_locks() -> None:
    """The negative control: the same rows are read, and nothing is held."""

    read = shifts.rights

    def found(session: db.Session, model: type[Any], statement: Select[Any], values: dict[str, Any]) -> Any:
        unlocked = statement._generate()
        unlocked._for_update_arg = None  # what is said with with_for_update cannot be taken back otherwise
        return session.connection().execute(unlocked, values).all()

    def pondered(*asked: Any) -> Any:
        found = read(*asked)
        time.sleep(0.005)
        return found

    def one(session: db.Session, model: type[Any], id: int) -> Any:
        return session.get_one(model, id)

    shifts.rights = pondered  # type: ignore[assignment]
    doors.hold_rows = found  # type: ignore[attr-defined]
    held_tickets.hold_rows = found  # type: ignore[attr-defined]
    registered_tickets.hold = one  # type: ignore[attr-defined]


def main(url: str, event_id: int, guard: str, work: str) -> None:
    if guard == "off":
        remove_the_locks()
    database = Database(url)
    if guard == "off" and database.dialect == "sqlite":
        event.remove(database.engine, "begin", db._begin)  # each statement for itself; a mere BEGIN would still refuse a stale writer
    tasks = json.loads(work)
    print("ready", flush=True)
    begin = float(sys.stdin.readline())
    outcomes = []
    for number, task in enumerate(tasks["rounds"]):
        # Both stand at the same line in each round: not one after the other, but within the same few milliseconds.
        while time.time() < begin + tasks["pace"] * number:
            time.sleep(0.0005)
        outcomes.append(_scan(database, tasks["device"], task) if tasks["device"] else _give_back(database, event_id, task))
    print(json.dumps(outcomes))


def _scan(database: Database, credential: str, ticket_id: int) -> str:
    for _ in range(50):
        try:
            with database.writing() as session:
                ticket = session.get_one(Ticket, ticket_id)
                code = tickets.text(tickets.token(KEYS.ticket, ticket.identity, ticket.serial))
                session.expunge(ticket)
                ask = actions.Ask(id=uuid.uuid4(), seq=1, via="camera", code=code)
                outcome = actions.scan(session, credential_sha256=sha256(credential), asks=[ask], now=NOW)
        except Unavailable:
            continue
        except Exception as error:
            return type(error).__name__
        return str(outcome.answers[0].verdict)
    return "Unavailable"


def _give_back(database: Database, event_id: int, registration_id: int) -> str:
    for _ in range(50):
        try:
            with database.writing() as session:
                row = registrations.give_back(
                    session, event_id=event_id, registration_id=registration_id, by_organiser=False, actor=OPERATOR, now=NOW
                )
                state = row.state
        except Unavailable:
            continue
        except Exception as error:
            return str(getattr(error, "code", type(error).__name__))
        return str(state)
    return "Unavailable"


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
