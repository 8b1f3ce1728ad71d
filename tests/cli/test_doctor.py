"""`eventapp doctor` names what is wrong and what to do, and tells no secret; `routes` is the application's own table."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from pysqlite3 import dbapi2
from sqlalchemy import text

from config import NAMES
from eventapp.cli import doctor
from eventapp.lib.db import Database
from eventapp.lib.schema import head_revision
from tests.cli.conftest import Run
from tools.stage import free_port

GOLDEN = """\
ok DATABASE_URL: {database} (environment)
ok INSTANCE_DIR: {instance} (environment)
ok PUBLIC_BASE_URL: http://127.0.0.1:8000 (environment)
ok SECRET_KEY: … (environment)
ok SECRET_KEY_FALLBACKS: () (default)
ok TICKET_KEY: … (environment)
ok LINK_KEY: … (environment)
ok SMTP_URL: file://{instance}/mail (default)
ok MAIL_FROM: eventapp@localhost (default)
ok REDIS_URL:  (default)
ok TRUSTED_PROXIES: 0 (default)
ok METRICS_BIND:  (default)
ok COMBINE: 64 (default)
ok EVENTAPP_NOW: 2027-09-01T10:00:00+00:00= (environment)
ok EVENTAPP_TLS:  (default)
ok EVENTAPP_DEMO:  (default)
ok SQLite library: {sqlite}
ok database schema: {head}
ok clock: 2027-09-01 10:00 UTC, as EVENTAPP_NOW says
ok disk: 4096 MB free
ok instance folder: {instance}
ok mail: written to files, sent to nobody
ok host name: 127.0.0.1
"""


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    """A disk with room, whatever this machine's is like; and a folder that nobody else looks into."""
    free(monkeypatch, 4096)
    Path(environ["INSTANCE_DIR"]).mkdir(mode=0o700)


def free(monkeypatch: pytest.MonkeyPatch, megabytes: int, of: int = 8192) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=megabytes * 2**20, total=of * 2**20))


def ill(run: Run, **more: str) -> list[str]:
    """What is wrong and what to do, each as one line."""
    answer = run("doctor", **more)
    found = re.findall(r"^!! (.*)\n   → (.*)$", answer.stdout, re.MULTILINE)
    assert answer.exit_code == (1 if found else 0), answer.output
    return [f"{what} → {advice}" for what, advice in found]


@pytest.mark.trust("OPS-7")
def test_everything_is_well(run: Run, environ: dict[str, str], database: Database) -> None:
    answer = run("doctor")

    wanted = GOLDEN.format(
        database=environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"),
        instance=environ["INSTANCE_DIR"],
        sqlite=dbapi2.sqlite_version,
        head=head_revision(database),
    )
    assert answer.stdout == wanted
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert [line.split(": ")[0].removeprefix("ok ") for line in wanted.splitlines()][: len(NAMES)] == list(NAMES)


@pytest.mark.trust("OPS-7", "BOOT-4")
def test_no_secret_is_told(run: Run) -> None:
    canaries = {
        "SECRET_KEY": "canary-a" * 8,
        "SECRET_KEY_FALLBACKS": "canary-b canary-c",
        "TICKET_KEY": "c0de" * 32,
        "LINK_KEY": "1eaf" * 32,
        "SMTP_URL": f"smtp://user:canary-d@127.0.0.1:{free_port()}",
        "REDIS_URL": "redis://user:canary-e@127.0.0.1/0",
    }

    told = run("doctor", **canaries).output

    assert [word for word in ("canary", "c0de", "1eaf") if word in told] == []
    assert "smtp://user:…@127.0.0.1" in told
    assert "redis://user:…@127.0.0.1/0" in told


@pytest.mark.trust("OPS-7", "BOOT-3")
def test_a_schema_of_another_release_is_found(run: Run, database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    assert ill(run) == ["database schema: 0000 → run `eventapp db upgrade`"]


@pytest.mark.trust("OPS-7")
def test_an_empty_database_is_found(run: Run, tmp_path: Path) -> None:
    assert ill(run, DATABASE_URL=f"sqlite:///{tmp_path}/empty.db") == ["database schema: empty → run `eventapp db upgrade`"]


@pytest.mark.trust("OPS-7", "F-12")
def test_a_file_that_is_no_database_is_found(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"not a database at all" * 100)

    assert ill(run, DATABASE_URL=f"sqlite:///{tmp_path}/broken.db") == [
        "database schema: unknown → the database cannot be read, check DATABASE_URL: file is not a database"
    ]


@pytest.mark.trust("OPS-7")
def test_a_server_that_is_away_is_found(run: Run) -> None:
    [found] = ill(run, DATABASE_URL=f"postgresql://nobody:canary@127.0.0.1:{free_port()}/x")

    assert found.startswith("database schema: unknown → the database cannot be read, check DATABASE_URL: ")
    assert "canary" not in found


@pytest.mark.trust("OPS-7")
@pytest.mark.parametrize(("megabytes", "of"), [(499, 1000), (900, 10_000)])
def test_a_disk_that_fills_is_found(run: Run, monkeypatch: pytest.MonkeyPatch, megabytes: int, of: int) -> None:
    free(monkeypatch, megabytes, of)

    assert ill(run) == [f"disk: {megabytes} MB free → less than 500 MB or 10 % is free: make room"]


@pytest.mark.trust("OPS-7", "BOOT-4")
def test_a_folder_that_others_can_read_is_found(run: Run, environ: dict[str, str]) -> None:
    folder = Path(environ["INSTANCE_DIR"])
    folder.chmod(0o755)

    assert ill(run) == [f"instance folder: {folder} → other users of this machine can look into it: chmod 700 {folder}"]


@pytest.mark.trust("BOOT-4")
def test_a_folder_that_we_make_is_our_own(run: Run, tmp_path: Path) -> None:
    run("db", "current", DATABASE_URL="", SECRET_KEY="", INSTANCE_DIR=str(tmp_path / "new"))

    assert {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "new", tmp_path / "new" / "secret_key")} == {
        "new": "0o700",
        "secret_key": "0o600",
    }


@pytest.mark.trust("OPS-7", "BOOT-2")
def test_a_library_that_loses_data_is_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "dbapi2", SimpleNamespace(sqlite_version="3.45.1", sqlite_version_info=(3, 45, 1)))

    assert ill(run) == ["SQLite library: 3.45.1 → install a pysqlite3 with SQLite 3.51.3 or newer"]


@pytest.mark.trust("OPS-7")
def test_mail_that_goes_nowhere_is_found_once_people_are_served(run: Run) -> None:
    found = ill(run, PUBLIC_BASE_URL="https://localhost.localdomain", EVENTAPP_NOW="")

    assert "mail: written to files, sent to nobody → set SMTP_URL to a real server" in found


@pytest.fixture
def mail_server() -> Iterator[int]:
    port = free_port()
    controller = Controller(object(), hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


@pytest.mark.trust("OPS-7")
def test_a_mail_server_is_greeted(run: Run, mail_server: int) -> None:
    away = free_port()

    assert ill(run, SMTP_URL=f"smtp://127.0.0.1:{mail_server}") == []
    assert ill(run, SMTP_URL=f"smtp://127.0.0.1:{away}") == [
        f"mail: 127.0.0.1:{away} → the server does not answer (the mail server cannot be reached: ConnectionRefusedError): check SMTP_URL"
    ]


@pytest.mark.trust("OPS-7")
def test_a_name_that_leads_nowhere_or_is_too_long_is_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(doctor.socket, "getaddrinfo", unknown)
    here = {"SMTP_URL": "file:///tmp/none", "EVENTAPP_NOW": ""}

    lost = ill(run, PUBLIC_BASE_URL="https://forum.example", **here)
    long = ill(run, PUBLIC_BASE_URL="https://inscriptions.forum.example", **here)

    assert "host name: forum.example → does not resolve: check PUBLIC_BASE_URL and the DNS" in lost
    assert [one for one in long if one.startswith("host name: inscriptions.forum.example → longer than 22 characters")]


def test_a_clock_apart_from_the_databases_is_found(run: Run, monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    from datetime import UTC, datetime

    monkeypatch.setattr(doctor.messages, "clock", lambda _session: datetime(2001, 1, 1, tzinfo=UTC))

    found = [one for one in ill(run, EVENTAPP_NOW="") if one.startswith("clock")]

    # With SQLite it is the same machine's clock.
    assert len(found) == (database.dialect == "postgresql")
    assert all(one.endswith("s from the database's: let both machines keep time by NTP") for one in found)


@pytest.mark.trust("BOOT-1")
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"EVENTAPP_NOW": "soon"}, "EVENTAPP_NOW must be a time with its zone"),
        ({"SMTP_URL": "carrier-pigeon"}, "SMTP_URL must begin with"),
        ({"PUBLIC_BASE_URL": "http://forum.example"}, "PUBLIC_BASE_URL is plain http beyond this machine"),
        ({"TICKET_KEY": "short"}, "TICKET_KEY must be 128 hexadecimal characters"),
        (
            {"SECRET_KEY": "", "DATABASE_URL": "sqlite:////tmp/x.db", "INSTANCE_DIR": "/dev/null/instance"},
            "/dev/null/instance cannot be made",
        ),
    ],
)
def test_settings_that_cannot_work_are_one_sentence(run: Run, wrong: dict[str, str], sentence: str) -> None:
    answer = run("doctor", **wrong)

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.startswith(f"Error: {sentence}"), answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.trust("ACL-5")
def test_routes_are_those_of_the_application(run: Run, app: Flask) -> None:
    answer = run("routes", "--json")

    told = json.loads(answer.stdout)
    served = {
        (rule.rule, rule.endpoint, tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))): getattr(
            app.view_functions[rule.endpoint], "access", None
        )
        for rule in app.url_map.iter_rules()
    }
    assert answer.exit_code == 0
    assert {(row["path"], row["endpoint"], tuple(row["methods"])): row["access"] for row in told} == served
    assert len(told) == len(served)
    assert {tuple(row) for row in told} == {("path", "endpoint", "methods", "access", "protection")}
    known = {row["path"]: (row["access"], row["protection"]) for row in told if "POST" in row["methods"]}
    assert known["/sign-in"] == ("public", "same-origin")
    assert known["/<any(fr, en):lang>/registrations/<token>/cancellation"] == ("link", "secret path")
    assert known["/api/v1/door/scans"] == ("device", "bearer")
    assert known["/backoffice/events/<slug>/quotas"] == ("quota.edit", "csrf token")


def test_routes_for_people_are_one_line_each(run: Run) -> None:
    told, shown = json.loads(run("routes", "--json").stdout), run("routes")

    assert shown.exit_code == 0
    assert [line.split()[1] for line in shown.stdout.splitlines()] == [row["path"].split()[0] for row in told]
