"""One head; an upgrade from nothing gives exactly what the models say; down and up again, with rows, on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, inspect, text

from eventapp.lib.db import Database
from eventapp.lib.schema import alembic_config
from tests.cast import KARIM
from tests.factories import House


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Makes one empty database after another, all of one engine."""
    made: list[Database] = []

    def make() -> Database:
        url = f"sqlite:///{tmp_path / f'{len(made)}.db'}" if request.param == "sqlite" else _on_server(request.getfixturevalue("postgres"))
        made.append(Database(url))
        return made[-1]

    yield make
    for database in made:
        database.close()


def _on_server(server: str) -> str:
    name = "m" + uuid.uuid4().hex
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    head, _, query = server.partition("?")
    return head.rsplit("/", 1)[0] + "/" + name + (f"?{query}" if query else "")


@pytest.fixture
def empty(fresh: Callable[[], Database]) -> Database:
    return fresh()


def triggers(database: Database) -> list[str]:
    sql = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    }[database.dialect]
    with database.engine.connect() as connection:
        return list(connection.scalars(text(sql)))


def checks(database: Database) -> dict[str, list[str]]:
    inspector = inspect(database.engine)
    return {
        table: sorted(str(check["name"]) for check in inspector.get_check_constraints(table))
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def columns(database: Database) -> dict[str, dict[str, tuple[str, bool, object]]]:
    """Type, whether it may be NULL, and default of each column, as the engine has them."""
    inspector = inspect(database.engine)
    return {
        table: {one["name"]: (repr(one["type"]), one["nullable"], one["default"]) for one in inspector.get_columns(table)}
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_there_is_one_head(empty: Database) -> None:
    assert len(ScriptDirectory.from_config(alembic_config(empty)).get_heads()) == 1


def test_an_upgrade_from_nothing_gives_what_the_models_say(fresh: Callable[[], Database], tables: MetaData) -> None:
    migrated, created = fresh(), fresh()
    tables.create_all(created.engine)

    command.upgrade(alembic_config(migrated), "head")

    assert migrated.dialect == created.dialect
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, tables) == []
    assert columns(migrated) == columns(created) != {}
    assert triggers(migrated) == triggers(created) != []
    assert checks(migrated) == checks(created) != {}


def test_who_has_a_seat_already_is_asked_from_the_next_instant_on(empty: Database) -> None:
    command.upgrade(alembic_config(empty), "head")
    House(empty, limit=1).register(KARIM)
    with empty.writing() as session:
        session.execute(text("UPDATE registration SET reconfirmed_at = confirmed_at, ask_after = NULL"))

    command.downgrade(alembic_config(empty), "0007")
    command.upgrade(alembic_config(empty), "head")

    with empty.reading() as session:
        row = session.execute(text("SELECT reconfirmed_at, ask_after = confirmed_at FROM registration")).one()
    assert tuple(row) == (None, True)


def test_down_and_up_again_with_rows(empty: Database) -> None:
    command.upgrade(alembic_config(empty), "head")
    House(empty).register(KARIM)

    command.downgrade(alembic_config(empty), "base")
    assert inspect(empty.engine).get_table_names() in ([], ["alembic_version"])
    command.upgrade(alembic_config(empty), "head")

    assert House(empty).register(KARIM).registration.state == "confirmed"
