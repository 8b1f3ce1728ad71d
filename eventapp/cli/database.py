"""`eventapp db`: the schema, through Alembic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from alembic import command
from alembic.util import CommandError

from eventapp.lib import web
from eventapp.lib.schema import alembic_config, current_revision, require_head, upgrade_to_head


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
    with _spoken():
        command.downgrade(alembic_config(web.database()), revision)
    click.echo(f"schema at {current_revision(web.database()) or 'nothing'}")


@db.command(help="Print the revision of the schema.")
def current() -> None:
    """Show where the schema is."""
    click.echo(current_revision(web.database()) or "empty")


@db.command(help="Say whether the schema is what this code expects; exit 1 if not.")
def check() -> None:
    """Compare the schema with the code."""
    database = web.database()
    require_head(database)
    with _spoken():
        command.check(alembic_config(database))
    click.echo(f"schema at {current_revision(database)}, as expected")


@contextmanager
def _spoken() -> Iterator[None]:
    """What Alembic refuses, as one sentence and exit 1."""
    try:
        yield
    except CommandError as error:
        raise click.ClickException(str(error)) from error


def mount(group: Any) -> None:
    """Add these commands."""
    group.add_command(db)
