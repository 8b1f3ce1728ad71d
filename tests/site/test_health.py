"""What whoever watches over the server is told: each part broken in turn, named, and well again by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import MetaData, create_engine, select, text

from eventapp.app import create_app
from eventapp.lib import smtp
from eventapp.lib.db import Database
from eventapp.messages import actions as messages
from eventapp.messages import queries as outbox
from eventapp.site.pages import health
from eventapp.worker import loop
from tests.cast import KARIM, LUCIE
from tests.factories import NOW, House
from tools.stage import free_port

PARTS = ["database", "schema", "worker", "duties", "mail", "clock", "disk"]


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    """A disk with room, whatever this machine's is like."""
    app.extensions["eventapp"].settings.instance_dir.mkdir(exist_ok=True)
    free(monkeypatch, 4096)


@pytest.fixture(autouse=True)
def worker(room: None, database: Database) -> None:
    """A worker that has just been seen."""
    beat(database, NOW)


def free(monkeypatch: pytest.MonkeyPatch, megabytes: int) -> None:
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=megabytes * 2**20))


def beat(database: Database, at: datetime, name: str = "worker") -> None:
    with database.writing() as session:
        messages.beat(session, name=name, now=at)


def told(client: FlaskClient) -> tuple[int, str, dict[str, str]]:
    """Status of the answer, its word, and each part that is not well with its detail."""
    answer = client.get("/readyz")
    body: Any = answer.get_json()
    assert sorted(body["checks"]) == sorted(PARTS)
    assert (answer.status_code == 503) == ("Retry-After" in answer.headers)
    return answer.status_code, body["status"], {name: it["detail"] for name, it in body["checks"].items() if it["ok"] is False}


WELL = (200, "ok", {})


@pytest.mark.trust("OPS-1")
def test_all_is_well(client: FlaskClient, database: Database, tables: MetaData) -> None:
    before = dump(database, tables)

    assert told(client) == WELL
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert dump(database, tables) == before


def dump(database: Database, tables: MetaData) -> dict[str, list[str]]:
    with database.reading() as session:
        return {name: sorted(map(repr, session.execute(select(it)))) for name, it in tables.tables.items()}


@pytest.fixture
def lost(app: Flask, database: Database) -> Iterator[None]:
    """The database is gone: its server refuses us, or its file is none any more."""
    edge = app.extensions["eventapp"]
    kept, edge.database = edge.database, Database(f"postgresql+psycopg://nobody:canary@127.0.0.1:{free_port()}/lost")
    yield
    edge.database.close()
    edge.database = kept


@pytest.mark.trust("OPS-1", "P-6", "P-7")
def test_a_database_that_is_gone_is_named_and_the_process_is_still_alive(
    client: FlaskClient, request: pytest.FixtureRequest, app: Flask
) -> None:
    kept = app.extensions["eventapp"].database
    request.getfixturevalue("lost")

    status, word, ill = told(client)

    assert (status, word, ill) == (503, "unavailable", {"database": "the database cannot be reached"})
    assert "canary" not in client.get("/readyz").text
    assert client.get("/healthz").status_code == 200
    app.extensions["eventapp"].database.close()
    app.extensions["eventapp"].database = kept
    assert told(client) == WELL


@pytest.mark.trust("OPS-1", "F-11")
def test_a_database_that_takes_no_rows_is_named(client: FlaskClient, database: Database, app: Flask) -> None:
    read_only(app, database, True)
    ill = told(client)
    read_only(app, database, False)

    assert ill == (503, "unavailable", {"database": "cannot be written to"})
    assert told(client) == WELL


def read_only(app: Flask, database: Database, on: bool) -> None:
    """What a full disk, a mount gone read-only or a standby does: rows can be read and none written."""
    if database.dialect == "sqlite":
        with app.extensions["eventapp"].database.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA query_only = {int(on)}")
        return
    options = {"options": "-c default_transaction_read_only=off"}
    engine = create_engine(database.url, isolation_level="AUTOCOMMIT", connect_args=options)
    with engine.connect() as connection:
        connection.execute(
            text(f"ALTER DATABASE {database.engine.url.database} SET default_transaction_read_only = {'on' if on else 'off'}")
        )
    engine.dispose()
    app.extensions["eventapp"].database.close()


@pytest.mark.trust("OPS-1", "BOOT-3")
def test_a_schema_of_another_release_is_named(client: FlaskClient, database: Database) -> None:
    with database.reading() as session:
        expected = session.scalar(text("SELECT version_num FROM alembic_version"))
    schema(database, "0000")
    ill = told(client)
    schema(database, expected)

    assert ill == (503, "unavailable", {"schema": f"at 0000, the code expects {expected}"})
    assert told(client) == WELL


def schema(database: Database, revision: str | None) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


@pytest.mark.trust("OPS-1", "P-6", "F-10")
def test_a_worker_silent_for_a_minute_is_named_while_registration_goes_on(client: FlaskClient, database: Database) -> None:
    house = House(database)
    beat(database, NOW - timedelta(seconds=60))
    just = told(client)
    beat(database, NOW - timedelta(seconds=61))
    silent = told(client)

    assert just == WELL
    assert silent == (503, "degraded", {"worker": f"last seen {(NOW - timedelta(seconds=61)).isoformat()}"})
    assert house.register(KARIM).registration.state == "confirmed"
    assert client.get("/fr/events/grand-opening").status_code == 200
    beat(database, NOW, name="another")
    assert told(client) == WELL


@pytest.mark.trust("OPS-1")
def test_a_worker_never_seen_is_named(client: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        session.execute(text("DELETE FROM worker_beat"))

    assert told(client) == (503, "degraded", {"worker": "never seen"})


@pytest.mark.trust("OPS-1", "P-7")
def test_a_duty_that_failed_or_is_late_is_named_until_it_is_done(client: FlaskClient, database: Database) -> None:
    every = timedelta(minutes=1)
    with database.writing() as session:
        messages.claim_duty(session, name="allocate", every=every, now=NOW - timedelta(minutes=6))
        messages.claim_duty(session, name="lines", every=every, now=NOW)
        messages.end_duty(session, name="lines", problem="Unfinished: not done for events 7", now=NOW)
    just = told(client)
    with database.writing() as session:
        messages.claim_duty(session, name="allocate", every=every, now=NOW - timedelta(minutes=6, seconds=1))
        session.execute(
            text("UPDATE duty_slot SET next_at = :at WHERE name = 'allocate'"), {"at": (NOW - timedelta(seconds=301)).isoformat(" ")}
        )
    late = told(client)
    with database.writing() as session:
        for name in ("allocate", "lines"):
            messages.claim_duty(session, name=name, every=every, now=NOW + every)
            messages.end_duty(session, name=name, problem="", now=NOW + every)

    assert just == (503, "degraded", {"duties": "lines: Unfinished: not done for events 7"})
    assert late == (503, "degraded", {"duties": "lines: Unfinished: not done for events 7; allocate is 301 s late"})
    assert told(client) == WELL


@pytest.mark.trust("OPS-1", "P-6")
def test_mail_that_nobody_takes_is_named(client: FlaskClient, database: Database) -> None:
    house = House(database)
    house.register(KARIM, now=NOW - timedelta(minutes=5))
    just = told(client)
    house.register(LUCIE, now=NOW - timedelta(minutes=5, seconds=1))

    assert just == WELL
    assert told(client) == (503, "degraded", {"mail": "oldest undelivered for 301 s"})


@pytest.mark.trust("OPS-1", "P-6", "P-7", "F-8")
def test_a_mail_server_that_is_away_is_named_until_it_is_back(
    database_url: str, database: Database, settings_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    House(database).register(KARIM, now=NOW - timedelta(minutes=6))
    away = create_app(settings_for(database_url, SMTP_URL=f"smtp://127.0.0.1:{free_port()}"))
    back = create_app(settings_for(database_url, EVENTAPP_NOW=(NOW + timedelta(minutes=1)).isoformat() + "="))
    with away.app_context():
        loop.run(once=True)
        ill = told(away.test_client())
    with back.app_context():
        loop.run(once=True)
        well = told(back.test_client())
    for it in (away, back):
        it.extensions["eventapp"].database.close()

    assert ill == (503, "degraded", {"mail": "oldest undelivered for 360 s"})
    assert well == WELL
    with database.reading() as session:
        assert outbox.by_state(session) == {"sent": 1}


@pytest.mark.parametrize("answer", smtp.ANSWERED)
def test_a_mailbox_that_wants_its_mail_later_is_no_fault_of_ours(client: FlaskClient, database: Database, answer: str) -> None:
    House(database).register(KARIM, now=NOW - timedelta(days=1))
    with database.writing() as session:
        session.execute(text("UPDATE message SET attempts = 3, problem = :it"), {"it": answer})

    assert told(client) == WELL


@pytest.mark.trust("OPS-1", "F-11")
def test_a_disk_almost_full_is_named(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 500)
    just = told(client)
    free(monkeypatch, 499)
    ill = told(client)
    free(monkeypatch, 600)

    assert just == WELL
    assert ill == (503, "degraded", {"disk": "499 MiB free"})
    assert told(client) == WELL


@pytest.mark.trust("OPS-1", "F-12")
def test_an_instance_folder_that_is_gone_is_named(client: FlaskClient, app: Flask) -> None:
    folder: Path = app.extensions["eventapp"].settings.instance_dir
    folder.rename(folder.with_name("away"))
    ill = told(client)
    folder.with_name("away").rename(folder)

    assert ill == (503, "degraded", {"disk": "the instance folder cannot be written: No such file or directory"})
    assert told(client) == WELL
    assert list(folder.glob("tmp*")) == []


@pytest.mark.trust("OPS-1", "F-13")
def test_a_clock_that_stepped_back_is_named(client: FlaskClient, database: Database) -> None:
    beat(database, NOW + timedelta(minutes=5))
    just = told(client)
    beat(database, NOW + timedelta(hours=1))

    assert just == WELL
    assert told(client) == (503, "degraded", {"clock": "3600 s behind the worker's"})


@pytest.mark.trust("OPS-1", "F-13")
def test_a_clock_apart_from_the_databases_is_named(
    database_url: str, database: Database, settings_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        session.execute(text("DELETE FROM worker_beat"))
    app = create_app(settings_for(database_url, EVENTAPP_NOW=""))
    with app.app_context():
        loop.run(once=True)
        well = told(app.test_client())
        monkeypatch.setattr(health.queries, "clock", lambda _session: datetime(2001, 1, 1, tzinfo=UTC))
        status, word, ill = told(app.test_client())
    app.extensions["eventapp"].database.close()

    assert well == WELL
    assert (status, word, list(ill)) == (503, "degraded", ["clock"])


@pytest.mark.trust("OPS-1", "LOG-1")
def test_neither_address_tells_a_secret(client: FlaskClient, database: Database) -> None:
    House(database).register(KARIM, now=NOW - timedelta(hours=1))

    said = client.get("/readyz").text + client.get("/healthz").text

    assert [word for word in (KARIM.email, KARIM.last_name, "s" * 64, "postgres", "eventapp.db", "/tmp") if word in said] == []


@pytest.mark.trust("OPS-1")
def test_alive_needs_no_database(client: FlaskClient, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("lost")

    assert (client.get("/healthz").status_code, client.get("/healthz").get_json()) == (200, {"status": "ok"})
