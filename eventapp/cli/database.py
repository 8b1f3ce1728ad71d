"""`eventapp db`: the schema, through Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from eventapp.lib import web
from eventapp.lib.db import Database

ROOT = Path(__file__).resolve().parent.parent.parent


def alembic_config(database: Database) -> Config:
    """Alembic's configuration for this database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["database"] = database
    return config


def current_revision(database: Database) -> str | None:
    """The revision of the schema; None when there is none yet."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision(database: Database) -> str | None:
    """The revision that this code expects."""
    return ScriptDirectory.from_config(alembic_config(database)).get_current_head()


def upgrade_to_head(database: Database) -> None:
    """Bring the schema to what this code expects."""
    command.upgrade(alembic_config(database), "head")


@click.group(help="The schema: upgrade, downgrade, current, check.")
def db() -> None:
    """Commands of the schema."""


@db.command(help="Bring the schema to what this code expects.")
def upgrade() -> None:
    """Upgrade to head."""
    upgrade_to_head(web.database())
    click.echo(f"schema at {current_revision(web.database())}")


@db.command(help="Go back one revision, or to REVISION (`base` empties the database).")
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Downgrade."""
    command.downgrade(alembic_config(web.database()), revision)
    click.echo(f"schema at {current_revision(web.database())}")


@db.command(help="Print the revision of the schema.")
def current() -> None:
    """Show where the schema is."""
    click.echo(current_revision(web.database()) or "empty")


@db.command(help="Say whether the schema is what this code expects; exit 1 if not.")
def check() -> None:
    """Compare the schema with the code."""
    database = web.database()
    here, expected = current_revision(database), head_revision(database)
    if here != expected:
        raise click.ClickException(f"the schema is at {here or 'nothing'}, the code expects {expected}: run `eventapp db upgrade`")
    command.check(alembic_config(database))
    click.echo(f"schema at {here}, as expected")


def mount(group: Any) -> None:
    """Add these commands."""
    group.add_command(db)
