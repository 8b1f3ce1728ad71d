"""kill -9 of web and worker in the middle of a rush: nothing acknowledged is lost, nothing is doubled, no mail is lost."""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from urllib.parse import urlencode

import pytest

from eventapp.lib.signing import Keys
from eventapp.registration import queries
from tests import factories
from tests.flows.test_grand_opening import database_of, evening  # noqa: F401 - the fixture
from tools.stage import Stage

PEOPLE, SEATS = 160, 100
KILLS = int(os.environ.get("KILLS", "6"))
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
        body = urlencode(
            {
                "first_name": f"Guest{number}",
                "last_name": "Démo",
                "email": f"guest{number}@demo.test",
                "ticket_type": str(self.type_id),
                "idempotency_key": f"{number:022}",
            }
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            connection = http.client.HTTPConnection("127.0.0.1", self.it.port, timeout=5)
            try:
                connection.request("POST", "/fr/events/grand-opening/registrations", body, headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            finally:
                connection.close()
            if answer.status == 303:
                self.acknowledged[number] = str(answer.headers["Location"])
                return
            if answer.status != 503:
                self.strange[answer.status] += 1
                return
            time.sleep(0.05)


def rush_with_kills(it: Stage, clients: Clients) -> None:
    threads = [threading.Thread(target=clients.work) for _ in range(12)]
    for thread in threads:
        thread.start()
    chance = random.Random(2015)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.4))
        name = chance.choice(["web", "worker"])
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
    yield evening, house, clients
    database.close()


@pytest.mark.slow
def test_killed_in_the_middle_nothing_is_lost_and_nothing_doubled(killed: tuple[Stage, factories.House, Clients]) -> None:
    it, house, clients = killed

    document = json.loads(it.command("state", "--event", "grand-opening", "--json"))

    assert clients.strange == Counter()
    assert len(clients.acknowledged) == PEOPLE
    assert Counter(row["state"] for row in document["registrations"]) == Counter(confirmed=SEATS, waitlisted=PEOPLE - SEATS)
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
    assert left == {"queued": 0, "leased": 0, "sent": PEOPLE, "failed": 0, "held": 0}
    letters = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in (it.folder / "mail").glob("*.eml")]
    assert {str(letter["To"].addresses[0].addr_spec) for letter in letters} == {f"guest{number}@demo.test" for number in range(PEOPLE)}
    assert len({letter["Message-ID"] for letter in letters}) == PEOPLE
