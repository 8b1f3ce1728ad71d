"""kill -9 of web, worker and database while people register and give back: nothing acknowledged is lost, nothing is doubled, no mail is lost."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from urllib.parse import urlencode

import psycopg
import pytest

from eventapp.lib.signing import Keys
from eventapp.registration import queries
from tests import factories
from tests.flows.test_grand_opening import database_of, evening  # noqa: F401 - the fixture
from tools.stage import Stage

KILLS = int(os.environ.get("KILLS", "6"))
PEOPLE, SEATS = 100 + 10 * KILLS, 100
LEAVE = 4
"""One in so many gives the place back."""
PATIENCE = 120.0  # seconds for which somebody presses the button again


class Clients:
    """People who press the button again, with the same key, until they have an answer."""

    def __init__(self, it: Stage, type_id: int) -> None:
        self.it, self.type_id = it, type_id
        self.acknowledged: dict[int, str] = {}
        self.strange: Counter[int] = Counter()
        self._numbers = iter(range(PEOPLE))
        self._lock = threading.Lock()

    def work(self) -> None:
        while True:
            with self._lock:
                number = next(self._numbers, None)
            if number is None:
                return
            self._register(number)

    def _register(self, number: int) -> None:
        """Until there is a page; every fourth then gives the place back."""
        typed = {"first_name": f"Guest{number}", "last_name": "Démo", "email": f"guest{number}@demo.test", "ticket_type": str(self.type_id)}
        page = self._sent("/fr/events/grand-opening/registrations", typed | {"idempotency_key": f"{number:022}"})
        if page and number % LEAVE == 0:
            self._sent(f"{page}/cancellation", {"attendees": "1"})
        if page:
            self.acknowledged[number] = page

    def _sent(self, path: str, typed: dict[str, str]) -> str:
        """Press the button until there is an answer; where it leads."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            connection = http.client.HTTPConnection("127.0.0.1", self.it.port, timeout=5)
            try:
                connection.request("POST", path, urlencode(typed), headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            finally:
                connection.close()
            if answer.status == 303:
                return str(answer.headers["Location"])
            if answer.status != 503:
                self.strange[answer.status] += 1
                return ""
            time.sleep(0.05)
        return ""


def kill_the_database(it: Stage) -> None:
    """One of its processes dies: PostgreSQL ends all others, and recovers from its log. Ours outlive it."""
    url = it.database_url
    with psycopg.connect(url, autocommit=True) as connection:
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY pid LIMIT 1"
        row = connection.execute(asked).fetchone()
    if row is not None:
        os.kill(row[0], signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            break
        except psycopg.OperationalError:
            assert time.monotonic() < until, "the database did not recover"
            time.sleep(0.05)
    assert [name for name, process in it.processes.items() if process.poll() is not None] == []


def rush_with_kills(it: Stage, clients: Clients) -> None:
    threads = [threading.Thread(target=clients.work) for _ in range(12)]
    for thread in threads:
        thread.start()
    chance = random.Random(2015)
    victims = ["web", "worker", "database"] if it.database_url else ["web", "worker"]
    for number in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.4))
        name = victims[number % len(victims)]
        if name == "database":
            kill_the_database(it)
            continue
        it.kill(name)
        it.start_web() if name == "web" else it.start_worker()
    for thread in threads:
        thread.join(2 * PATIENCE)
        assert not thread.is_alive()


@pytest.fixture
def killed(evening: Stage) -> Iterator[tuple[Stage, factories.House, Clients]]:  # noqa: F811 - pytest's way
    database = database_of(evening)
    house = factories.House(database, limit=SEATS, keys=Keys(b"t" * 64, b"l" * 64))
    evening.start_web()
    evening.start_worker()
    clients = Clients(evening, house.type.id)
    rush_with_kills(evening, clients)
    database.engine.dispose()  # our own connections died with the database
    yield evening, house, clients
    database.close()


@pytest.mark.slow
def test_killed_in_the_middle_nothing_is_lost_and_nothing_doubled(killed: tuple[Stage, factories.House, Clients]) -> None:
    it, house, clients = killed

    document = json.loads(it.command("state", "--event", "grand-opening", "--json"))

    assert clients.strange == Counter()
    assert len(clients.acknowledged) == PEOPLE
    left = len(range(0, PEOPLE, LEAVE))
    states = Counter(row["state"] for row in document["registrations"])
    assert states == Counter(cancelled=left, confirmed=SEATS, waitlisted=PEOPLE - SEATS - left)
    with house.database.reading() as session:
        found = {number: queries.registration_by_token(session, page.rsplit("/", 1)[-1]) for number, page in clients.acknowledged.items()}
    assert {number: row.email for number, row in found.items() if row} == {number: f"guest{number}@demo.test" for number in range(PEOPLE)}
    assert it.command("verify").splitlines()[-1] == "1 events, 0 faults"
    _every_mail_leaves(it)


def _every_mail_leaves(it: Stage) -> None:
    """A mail in the hands of a killed worker goes out when its lease ends; whoever it is for, it has one Message-ID."""
    it.stop()
    it.processes.clear()
    it.extra["EVENTAPP_NOW"] = "2027-09-01T11:00:00+00:00"
    it.command("worker", "--once")
    left = json.loads(it.command("state", "--event", "grand-opening", "--json"))["messages"]
    arrived = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in (it.folder / "mail").glob("*.eml")]
    letters = {letter["Message-ID"]: letter for letter in arrived}.values()  # a mail whose worker was killed may arrive twice, as one
    assert left == {"queued": 0, "leased": 0, "sent": len(letters), "failed": 0, "held": 0}
    kinds = Counter((str(letter["To"].addresses[0].addr_spec), str(letter["X-Eventapp-Kind"])) for letter in letters)
    everybody = [f"guest{number}@demo.test" for number in range(PEOPLE)]
    told = {kind: {address for address, its in kinds if its == kind} for _address, kind in kinds}
    assert max(kinds.values()) == 1, "somebody was told the same twice"
    assert told.keys() <= {"confirmed", "waitlisted", "promoted", "cancelled"}
    assert (told["confirmed"] | told["waitlisted"], told["confirmed"] & told["waitlisted"]) == (set(everybody), set())
    assert told["cancelled"] == set(everybody[::LEAVE])
    assert told.get("promoted", set()) <= told["waitlisted"]
