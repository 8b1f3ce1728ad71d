"""A process among several that command one event at once: whatever comes to mind, and what it did in the order of commits.

Run by test_history.py. Each transaction that changed the event, or found nothing to change, writes its command into the table
`history` while it holds the event; the numbers of that table are therefore the order of commits. What is refused leaves no trace.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event, select, text

from eventapp.events import queries as events
from eventapp.events.models import Event
from eventapp.lib import db
from eventapp.lib.db import Database, Session, Unavailable
from eventapp.lib.refusal import Refused
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration
from eventapp.registration.rules import AutoUntil
from tests.factories import KEYS

KEYS_PER_ROUND = 90
"""So few that several processes send the same form."""


@dataclass
class World:
    """What a process knows of the event, and when it is."""

    event_id: int
    kinds: dict[int, int]
    halls: dict[int, int]
    now: datetime
    round: int
    rng: random.Random

    @property
    def frame(self) -> dict[str, Any]:
        """What every command is told."""
        return {"event_id": self.event_id, "actor": OPERATOR, "now": self.now}


def _register(session: Session, world: World, row: Registration | None) -> tuple[str, list[Any]]:
    key = f"{world.round}-{world.rng.randrange(KEYS_PER_ROUND)}"
    given = random.Random(key)  # the form of this key, whoever sends it
    kind, size, proved = given.choice([1, 1, 2, 3]), given.choice([1, 1, 1, 2, 3, 4]), given.random() < 0.8
    wish, partial = given.choice([None, *map(str, AutoUntil)]), size > 1 and given.random() < 0.5
    request = actions.Request(
        key=key,
        ticket_type_id=world.kinds[kind],
        first_name=f"P{key}",
        last_name="Démo",
        email=f"p{key}@demo.test",
        language="fr",
        size=size,
        auto_until=wish,
        accept_partial=partial,
        hasty=not proved,
    )
    done = actions.register(session, request=request, keys=KEYS, **world.frame)
    verb = "register" if proved else "register_unproved"
    return verb if done.kind == "created" else "nothing", [kind, size, wish, partial]


def _set_limit(session: Session, world: World, row: Registration | None) -> tuple[str, list[Any]]:
    hall = world.rng.choice(list(world.halls))
    limit = world.rng.randrange(40 if hall == 1 else 12)
    actions.set_limit(session, quota_id=world.halls[hall], limit=limit, **world.frame)
    return "set_limit", [hall, limit]


def _tend(session: Session, world: World, row: Registration | None) -> tuple[str, list[Any]]:
    actions.tend(session, event_id=world.event_id, now=world.now)
    return "tend", []


def _tell(session: Session, world: World, row: Registration | None) -> tuple[str, list[Any]]:
    while actions.tell_the_line(session, event_id=world.event_id, now=world.now):
        continue  # a hundred at a time; on paper all at once
    return "tell", []


def _close(session: Session, world: World, row: Registration | None) -> tuple[str, list[Any]]:
    actions.close(session, event_id=world.event_id, now=world.now)
    return "close", []


def _about(session: Session, world: World, row: Registration, verb: str, *about: Any, **more: Any) -> tuple[str, list[Any]]:
    getattr(actions, verb)(session, registration_id=row.id, **world.frame, **more)
    return verb, [row.id, *about]


def _give_back(session: Session, world: World, row: Registration) -> tuple[str, list[Any]]:
    there = queries.attendees_of(session, [row.id])[row.id]
    persons = world.rng.choice([1, 4])
    leaving = None if persons >= len(there) else [attendee.id for attendee, _ticket in there[-persons:]]
    return _about(session, world, row, "give_back", persons, attendee_ids=leaving, by_organiser=False)


def _started(session: Session, world: World, row: Registration) -> tuple[str, list[Any]]:
    actions.started(session, event_id=world.event_id, public_id=row.public_id, now=world.now)
    return "started", [row.id]


def _extend(session: Session, world: World, row: Registration) -> tuple[str, list[Any]]:
    by_organiser = world.rng.random() < 0.5
    before = session.scalar(select(Registration.extensions).where(Registration.id == row.id))
    done = actions.extend(session, registration_id=row.id, version=row.version, by_organiser=by_organiser, **world.frame)
    if done.extensions == before:  # asked twice from one page: nothing but what was due
        return "begin", []
    return "extend", [row.id, by_organiser]


def _wish(session: Session, world: World, row: Registration) -> tuple[str, list[Any]]:
    until, partial = str(world.rng.choice(list(AutoUntil))), world.rng.random() < 0.5
    return _about(session, world, row, "wish", until, partial, auto_until=until, accept_partial=partial)


def _resize(session: Session, world: World, row: Registration) -> tuple[str, list[Any]]:
    size = world.rng.randint(1, 4)
    return _about(session, world, row, "resize", size, size=size, version=None, by_organiser=False, keys=KEYS)


def _enlarge(session: Session, world: World, row: Registration) -> tuple[str, list[Any]]:
    by = world.rng.randint(1, 2)
    return _about(session, world, row, "enlarge", by, by=by, version=None, by_organiser=False, keys=KEYS)


def _change_type(session: Session, world: World, row: Registration) -> tuple[str, list[Any]]:
    kind = world.rng.choice(list(world.kinds))
    return _about(session, world, row, "change_type", kind, ticket_type_id=world.kinds[kind], version=None, by_organiser=False)


def _transfer(session: Session, world: World, row: Registration) -> tuple[str, list[Any]]:
    there = queries.attendees_of(session, [row.id])[row.id]
    number = world.rng.randrange(10**9)
    wanted = actions.Transfer(
        key=f"pass-{number}",
        public_id=row.public_id,
        position=there[-1][0].position if there else 1,
        first_name=f"N{number}",
        last_name="Démo",
        email=f"n{number}@demo.test",
    )
    actions.transfer(session, transfer=wanted, keys=KEYS, **world.frame)
    return "transfer", [row.id]


Command = Callable[[Session, World, Any], tuple[str, list[Any]]]
OF_THE_EVENT: dict[Command, int] = {_register: 24, _set_limit: 5, _tend: 5, _tell: 1, _close: 1}
OF_A_PARTY: dict[Command, tuple[int, tuple[str, ...]]] = {
    _give_back: (14, ("confirmed", "waitlisted", "offered", "held")),
    _started: (8, ("offered", "held", "waitlisted")),
    lambda *told: _about(*told, "accept"): (8, ("offered",)),
    lambda *told: _about(*told, "decline"): (4, ("offered",)),
    lambda *told: _about(*told, "verify"): (5, ("held", "waitlisted")),
    lambda *told: _about(*told, "revoke", reason="Essai."): (2, ("confirmed", "offered", "held")),
    _extend: (3, ("offered", "held")),
    _wish: (4, ("waitlisted", "offered")),
    _resize: (3, ("waitlisted",)),
    _enlarge: (2, ("confirmed",)),
    _change_type: (4, ("confirmed", "waitlisted")),
    _transfer: (3, ("confirmed",)),
}
WEIGHTS = {**OF_THE_EVENT, **{command: weight for command, (weight, _states) in OF_A_PARTY.items()}}


def command(database: Database, world: World) -> str:
    """One command about a party that was there a moment ago; what came of it."""
    [chosen] = world.rng.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))
    row = None
    if chosen in OF_A_PARTY:
        with database.reading() as session:
            of = select(Registration).where(Registration.event_id == world.event_id, Registration.state.in_(OF_A_PARTY[chosen][1]))
            rows = list(session.scalars(of.order_by(Registration.id)))
        if not rows:
            return "nobody"
        row = world.rng.choice(rows)
    try:
        with database.writing() as session:
            events.locked_event(session, world.event_id)
            verb, about = chosen(session, world, row)
            told = {"verb": verb, "about": json.dumps(about), "at": world.now.isoformat()}
            session.execute(text("INSERT INTO history (verb, about, at) VALUES (:verb, :about, :at)"), told)
    except Refused as refused:
        return f"refused: {refused.code}"
    except Unavailable:
        return "unavailable"
    return verb


def remove_the_lock() -> None:
    """The negative control: the event is read without being held."""

    def unheld(session: db.Session, event_id: int) -> Event:
        row = session.get(Event, event_id)
        assert row is not None
        time.sleep(0.002)
        return row

    events.locked_event.__code__ = unheld.__code__
    events.locked_event.__globals__.update({"Event": Event, "time": time})


def main(url: str, guard: str, number: int, commands: int, event_id: int, kinds: str, halls: str) -> None:
    """For each line of instants that comes in: so many commands at that instant, then a line of what came of them."""
    if guard == "off":
        remove_the_lock()
    database = Database(url)
    if guard == "off" and database.dialect == "sqlite":
        event.remove(database.engine, "begin", db._begin)  # each statement for itself; a mere BEGIN would still refuse a stale writer
    rng = random.Random(number)
    ids = [{int(key): int(value) for key, value in json.loads(each).items()} for each in (kinds, halls)]
    for turn, line in enumerate(sys.stdin):
        world = World(event_id, ids[0], ids[1], datetime.fromisoformat(line.strip()), turn, rng)
        seen: Counter[str] = Counter()
        for _ in range(commands):
            try:
                seen[command(database, world)] += 1
            except Exception as error:  # told to the test, which decides
                seen[f"failed: {type(error).__name__}: {error}"[:300]] += 1
        print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    _program, url, guard, number, commands, event_id, kinds, halls = sys.argv
    main(url, guard, int(number), int(commands), int(event_id), kinds, halls)
