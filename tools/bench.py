"""Measured figures, all in one run on this machine: ours beside the raw database doing the same transaction.

`python -m tools.bench`. The load generator shares the processors with what it measures: quote ratios, not absolute figures.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event, text

from eventapp.door import actions as door
from eventapp.door.rules import Role
from eventapp.events import queries as events
from eventapp.lib.db import Database
from eventapp.lib.signing import Keys
from eventapp.people.rules import OPERATOR
from tests import factories
from tests.cast import Character
from tools import load
from tools.stage import Stage, postgres, stage

NOW = datetime(2027, 9, 1, 10, 0, tzinfo=UTC)
KEYS = Keys(b"t" * 64, b"l" * 64)
LINES = (100, 100_000)
PEOPLE, CLIENTS, PHONES, PAGES = int(os.environ.get("BENCH_PEOPLE", "3000")), 50, 20, 1000


def main() -> None:
    """Run everything and print it."""
    print(f"{PEOPLE} registrations from {CLIENTS} connections, {PHONES} phones, two web processes and a worker\n")
    with ExitStack() as stack:
        server = stack.enter_context(postgres())
        for name, url in (("SQLite", ""), ("PostgreSQL", fresh(server))):
            print(f"== {name}")
            extra = {"EVENTAPP_NOW": NOW.isoformat(), "TICKET_KEY": (b"t" * 64).hex(), "LINK_KEY": (b"l" * 64).hex()}
            with stage(url, **extra) as it:
                measure(it, name)
            print()


def fresh(server: str) -> str:
    """A new database on this server."""
    database = Database(server.replace("postgresql://", "postgresql+psycopg://"))
    name = "bench" + uuid.uuid4().hex
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    database.close()
    head, _, query = server.partition("?")
    return head.rsplit("/", 1)[0] + "/" + name + (f"?{query}" if query else "")


def database_of(it: Stage) -> Database:
    """The instance's database, from outside."""
    return Database(it.database_url.replace("postgresql://", "postgresql+psycopg://") or f"sqlite:///{it.folder / 'eventapp.db'}")


def measure(it: Stage, name: str) -> None:
    """Every figure on one database."""
    database = database_of(it)
    house = factories.House(database, limit=PEOPLE * 2, keys=KEYS, safety_capacity=PEOPLE * 2)
    floor = raw_floor(it, name)
    print(f"raw transaction (counter, registration, outbox row), one connection   {floor:8.0f} /s")
    breakdown(house, database)
    promotions(database)
    it.start_web()
    it.start_worker()
    registrations(it, house, floor)
    pages(it)
    scans(it, database, house)
    database.close()


def raw_floor(it: Stage, name: str) -> float:
    """The same three writes with nothing around them: a guarded counter, a row, an outbox row, committed to the disk."""
    seconds, number = 0.0, 500
    with raw_connection(it, name) as (run, commit):
        run("CREATE TABLE floor_counter (id INTEGER PRIMARY KEY, used INTEGER NOT NULL)")
        run("CREATE TABLE floor_row (id INTEGER, name TEXT, email TEXT, seq INTEGER)")
        run("CREATE TABLE floor_mail (id INTEGER, kind TEXT, address TEXT)")
        run("INSERT INTO floor_counter VALUES (1, 0)")
        commit()
        started = time.perf_counter()
        for index in range(number):
            run("BEGIN IMMEDIATE" if name == "SQLite" else "BEGIN")
            run("UPDATE floor_counter SET used = used + 1 WHERE id = 1 AND used < 100000")
            run(f"INSERT INTO floor_row VALUES ({index}, 'Lucie', 'lucie{index}@demo.test', {index})")
            run(f"INSERT INTO floor_mail VALUES ({index}, 'confirmed', 'lucie{index}@demo.test')")
            commit()
        seconds = time.perf_counter() - started
    return number / seconds


@contextmanager
def raw_connection(it: Stage, name: str) -> Iterator[tuple[Callable[[str], object], Callable[[], object]]]:
    """A bare driver's connection with the same promise of durability."""
    if name == "SQLite":
        from pysqlite3 import dbapi2

        with tempfile.TemporaryDirectory(dir=it.folder) as folder:
            connection: sqlite3.Connection = dbapi2.connect(str(Path(folder) / "raw.db"), isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            yield connection.execute, lambda: connection.in_transaction and connection.execute("COMMIT")
            connection.close()
    else:
        import psycopg

        with psycopg.connect(it.database_url, autocommit=True) as bare:
            yield bare.execute, lambda: bare.info.transaction_status.name == "INTRANS" and bare.execute("COMMIT")


def breakdown(house: factories.House, database: Database) -> None:
    """Where the time of one registration goes, without HTTP."""
    sent: list[float] = []
    started: list[float] = []

    def before(*_: object) -> None:
        started.append(time.perf_counter())

    def after(*_: object) -> None:
        sent.append(time.perf_counter() - started.pop())

    event.listen(database.engine, "before_cursor_execute", before)
    event.listen(database.engine, "after_cursor_execute", after)
    whole = []
    statements = []
    for number in range(200):
        sent.clear()
        begun = time.perf_counter()
        house.register(Character(f"warm{number}", "Demo"))
        whole.append(time.perf_counter() - begun)
        statements.append((len(sent), sum(sent)))
    event.remove(database.engine, "before_cursor_execute", before)
    event.remove(database.engine, "after_cursor_execute", after)
    total, in_sql = 1000 * statistics.median(whole), 1000 * statistics.median(seconds for _n, seconds in statements)
    print(
        f"one registration without HTTP: {total:.2f} ms, of which {in_sql:.2f} ms in {statements[-1][0]} statements "
        f"(the event's lock is held from the first of them to the commit)"
    )


def promotions(database: Database) -> None:
    """A seat given back goes to the first in line: what that costs, and a newcomer's joining, when 100 wait and when 100,000 do."""
    medians = {}
    for number in LINES:
        queue = factories.House(database, limit=1, keys=KEYS, slug=f"file-{number}")
        queue.register(Character("first", "Demo"))
        queue.queue(number)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))  # as the database does by itself within a minute
        turns, joins = [], []
        for turn in range(23):
            begun = time.perf_counter()
            queue.turn()
            turns.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            queue.register(Character(f"late{turn}", "Demo"))
            joins.append(time.perf_counter() - begun)
        medians[number] = 1000 * statistics.median(turns[3:]), 1000 * statistics.median(joins[3:])
    few, many = (medians[number] for number in LINES)
    print(
        f"a seat passed on: {few[0]:.2f} ms with {LINES[0]:,} waiting, {many[0]:.2f} ms with {LINES[1]:,} (ratio {many[0] / few[0]:.2f}); "
        f"joining the line: {few[1]:.2f} and {many[1]:.2f} ms (ratio {many[1] / few[1]:.2f})"
    )


def registrations(it: Stage, house: factories.House, floor: float) -> None:
    """Through the public form."""
    requests = []
    for number in range(PEOPLE):
        values = {
            "first_name": f"Guest{number}",
            "last_name": "Démo",
            "email": f"guest{number}@demo.test",
            "ticket_type": str(house.type.id),
            "idempotency_key": f"{number:022}",
        }
        requests.append(load.form("/fr/events/grand-opening/registrations", it.host, values))
    result = load.run("127.0.0.1", it.port, requests, clients=CLIENTS)
    report("registrations through the form", result, f"{result.rate / floor:.2f} of the raw transaction")


def pages(it: Stage) -> None:
    """The event page, nothing kept."""
    path = "/fr/events/grand-opening"
    result = load.run("127.0.0.1", it.port, [load.get(f"{path}?n={n}", it.host) for n in range(PAGES)], clients=8)
    report("event pages, anonymous, uncached", result, f"{len(result.answers[0][3])} bytes")


def scans(it: Stage, database: Database, house: factories.House) -> None:
    """Through the door's API, each phone one scan after the other."""
    doors = house.event.doors_at + timedelta(minutes=5)
    it.stop()
    it.processes.clear()
    it.extra["EVENTAPP_NOW"] = doors.isoformat()
    with database.reading() as session:
        gate = events.gates(session, house.space.id)[0].name
    with database.writing() as session:
        _row, secret = door.create_enrolment(
            session, event_id=house.event.id, gate=gate, role=Role.SCAN, uses=PHONES, actor=OPERATOR, now=doors
        )
    it.start_web()
    codes = [row["tickets"][0] for row in json.loads(it.command("state", "--event", "grand-opening", "--json"))["registrations"]]
    enrol = load.json_post("/api/v1/door/enrolments", it.host, json.dumps({"secret": secret, "label": "bench", "app": "1"}).encode())
    phones = [json.loads(load.run("127.0.0.1", it.port, [enrol], clients=1).answers[0][3]) for _ in range(PHONES)]
    requests = []
    for number, code in enumerate(codes[:2000]):
        phone = phones[number % PHONES]
        requests.append(load.json_post("/api/v1/door/scans", it.host, scan_body(code, number, gate, doors), bearer=phone["credential"]))
    result = load.run("127.0.0.1", it.port, requests, clients=PHONES)
    verdicts = {json.loads(body)["results"][0]["verdict"] for status, _t, _l, body in result.answers if status == 200}
    report("scans through the door's API", result, f"verdicts {sorted(verdicts)}")


def scan_body(code: str, number: int, gate: str, at: datetime) -> bytes:
    """One scan as a phone sends it."""
    item = {
        "id": str(uuid.uuid4()),
        "seq": number + 1,
        "code": code,
        "via": "camera",
        "gate": gate,
        "dir": "in",
        "raw_at": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "mono_ms": number * 10,
        "offset_ms": 0,
        "clock": "live",
        "shown": None,
        "override": None,
    }
    return json.dumps({"scans": [item]}).encode()


def report(what: str, result: load.Result, more: str) -> None:
    """One line."""
    print(
        f"{what:42} {result.rate:7.0f} /s   p50 {result.percentile(0.5):6.1f}  p99 {result.percentile(0.99):6.1f} ms   "
        f"{result.statuses()} {f'{result.faults} broken' if result.faults else ''}  {more}"
    )


if __name__ == "__main__":
    main()
