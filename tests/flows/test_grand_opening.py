"""The evening this product was made for: 1,140 ask for 800 seats, 25 give theirs back, 300 are scanned; every number adds up."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from eventapp.door import actions as door
from eventapp.door.rules import Role
from eventapp.lib.db import Database
from eventapp.lib.signing import Keys
from eventapp.people.rules import OPERATOR
from tests import factories
from tools import load
from tools.stage import Stage, stage

SEATS, ASKING, GIVING_BACK, SCANNED = 800, 1140, 25, 300
NOW = datetime(2027, 9, 1, 10, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def evening(request: pytest.FixtureRequest) -> Iterator[Stage]:
    url = "" if request.param == "sqlite" else _fresh(request)
    with stage(url, EVENTAPP_NOW=NOW.isoformat(), TICKET_KEY=(b"t" * 64).hex(), LINK_KEY=(b"l" * 64).hex()) as it:
        yield it


def _fresh(request: pytest.FixtureRequest) -> str:
    from sqlalchemy import create_engine, text

    server = request.getfixturevalue("postgres")
    name = "flow" + uuid.uuid4().hex
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    head, _, query = server.partition("?")
    return (head.rsplit("/", 1)[0] + "/" + name + (f"?{query}" if query else "")).replace("postgresql+psycopg", "postgresql")


def database_of(it: Stage) -> Database:
    url = it.database_url.replace("postgresql://", "postgresql+psycopg://") or f"sqlite:///{it.folder / 'eventapp.db'}"
    return Database(url)


def letters(folder: Path) -> list[tuple[str, str]]:
    """(address, kind) of every mail that left."""
    found = []
    for file in folder.glob("*.eml"):
        letter = message_from_bytes(file.read_bytes(), policy=policy.default)
        found.append((str(letter["To"]), str(letter["X-Eventapp-Kind"])))
    return found


def asks(it: Stage, type_id: int, number: int) -> bytes:
    values = {
        "first_name": f"Guest{number}",
        "last_name": "Démo",
        "email": f"guest{number}@demo.test",
        "ticket_type": str(type_id),
        "idempotency_key": f"{number:022}",
    }
    return load.form("/fr/events/grand-opening/registrations", it.host, values)


@pytest.mark.slow
def test_the_grand_opening(evening: Stage) -> None:
    database = database_of(evening)
    house = factories.House(database, limit=SEATS, keys=Keys(b"t" * 64, b"l" * 64))
    evening.start_web()
    evening.start_worker()

    rush = load.run("127.0.0.1", evening.port, [asks(evening, house.type.id, n) for n in range(ASKING)], clients=50)

    assert rush.statuses() == {303: ASKING}
    pages = [location for _s, _t, location, _b in rush.answers]
    assert len(set(pages)) == ASKING
    before = json.loads(evening.command("state", "--event", "grand-opening", "--json"))
    assert Counter(row["state"] for row in before["registrations"]) == Counter(confirmed=SEATS, waitlisted=ASKING - SEATS)
    by_seq = sorted(before["registrations"], key=lambda row: row["seq"])
    assert [row["state"] for row in by_seq] == ["confirmed"] * SEATS + ["waitlisted"] * (ASKING - SEATS)
    _a_repeated_request_gives_the_same_registration(evening, house.type.id, pages)

    states = _states_of(evening, pages)
    leaving = [page for page in pages if states[page] == "confirmed"][:GIVING_BACK]
    gone = load.run(
        "127.0.0.1", evening.port, [load.form(f"{page}/cancellation", evening.host, {"whole": "1"}) for page in leaving], clients=10
    )

    assert gone.statuses() == {303: GIVING_BACK}
    after = json.loads(evening.command("state", "--event", "grand-opening", "--json"))
    assert Counter(row["state"] for row in after["registrations"]) == Counter(
        confirmed=SEATS, waitlisted=ASKING - SEATS - GIVING_BACK, cancelled=GIVING_BACK
    )
    waiting = sorted(row["seq"] for row in after["registrations"] if row["state"] == "waitlisted")
    assert waiting == list(range(SEATS + GIVING_BACK + 1, ASKING + 1))
    assert after["quotas"] == [{"name": "salle", "limit": SEATS, "used": SEATS, "ledger": SEATS, "protects": None}]

    verdicts = _scan(evening, database, house, after)
    assert verdicts == Counter(OK=SCANNED)
    evening.command("worker", "--once")
    kinds = Counter(kind for _to, kind in letters(evening.folder / "mail"))
    assert kinds == Counter(confirmed=SEATS, waitlisted=ASKING - SEATS, cancelled=GIVING_BACK, promoted=GIVING_BACK)
    assert evening.command("verify").splitlines()[-1] == "1 events, 0 faults"
    assert json.loads(evening.command("state", "--event", "grand-opening", "--json"))["passages"] == SCANNED
    database.close()


def _a_repeated_request_gives_the_same_registration(it: Stage, type_id: int, pages: list[str]) -> None:
    again = load.run("127.0.0.1", it.port, [asks(it, type_id, 0)], clients=1)

    assert again.statuses() == {303: 1}
    assert again.answers[0][2] in pages


def _states_of(it: Stage, pages: list[str]) -> dict[str, str]:
    from eventapp.registration import queries

    database = database_of(it)
    with database.reading() as session:
        found = {}
        for page in pages:
            row = queries.registration_by_token(session, page.rsplit("/", 1)[-1])
            assert row is not None
            found[page] = row.state
    database.close()
    return found


def _scan(it: Stage, database: Database, house: factories.House, document: dict[str, object]) -> Counter[str]:
    """Enrol a phone as a volunteer does, and scan the first three hundred confirmed."""
    doors = house.event.doors_at + timedelta(minutes=5)
    it.stop()
    it.processes.clear()
    it.extra["EVENTAPP_NOW"] = doors.isoformat()
    with database.writing() as session:
        _row, secret = door.create_enrolment(
            session, event_id=house.event.id, gate="Nord", role=Role.SCAN, uses=1, actor=OPERATOR, now=doors
        )
    it.start_web()
    it.start_worker()
    enrolled = _post(it, "/api/v1/door/enrolments", {"secret": secret, "label": "Porte A – Nora", "app": "1"})
    credential = str(enrolled["credential"])
    rows = [row for row in document["registrations"] if row["state"] == "confirmed"]  # type: ignore[attr-defined,index]
    requests = []
    for number, row in enumerate(rows[:SCANNED], 1):
        item = {
            "id": str(uuid.uuid4()),
            "seq": number,
            "code": row["tickets"][0],
            "via": "camera",
            "gate": "Nord",
            "dir": "in",
            "raw_at": doors.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "mono_ms": number * 100,
            "offset_ms": 0,
            "clock": "live",
            "shown": None,
            "override": None,
        }
        requests.append(load.json_post("/api/v1/door/scans", it.host, json.dumps({"scans": [item]}).encode(), bearer=credential))
    scanned = load.run("127.0.0.1", it.port, requests, clients=8)
    assert scanned.statuses() == {200: SCANNED}
    return Counter(json.loads(body)["results"][0]["verdict"] for _s, _t, _l, body in scanned.answers)


def _post(it: Stage, path: str, body: dict[str, object]) -> dict[str, object]:
    request = urllib.request.Request(
        f"http://{it.host}{path}", data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request) as answer:
        return dict(json.loads(answer.read()))
