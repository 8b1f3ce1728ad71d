"""The state of the schema, through Alembic: where this database stands, and where this code expects it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from eventapp.lib.db import Base, Database, Unavailable

ROOT = Path(__file__).resolve().parent.parent.parent

RESTORED = "restored"  # while a file of this name stands in the instance folder, nothing is served, sent or promoted


class OtherSchema(Exception):
    """The schema is not the one that this code expects; the message is one sentence that says what to run."""


class Restored(Exception):
    """This instance was brought back from a backup, and nobody has looked yet; the message is one sentence that says what to run."""


def alembic_config(database: Database) -> Config:
    """Alembic's configuration for this database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["database"] = database
    config.attributes["metadata"] = Base.metadata
    return config


def current_revision(database: Database) -> str | None:
    """The revision of the schema; None when there is none yet.

    Raises Unavailable: the database is away, or is none.
    """
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise Unavailable(f"the database cannot be read, check DATABASE_URL: {str(error.orig).splitlines()[0][:200]}") from error


def head_revision(database: Database) -> str | None:
    """The revision that this code expects."""
    return ScriptDirectory.from_config(alembic_config(database)).get_current_head()


def require_head(database: Database) -> None:
    """Nothing is done on a schema older or newer than the code. Source: trust.md BOOT-3.

    Raises OtherSchema. Unavailable: the database is away, or is none.
    """
    here, expected = current_revision(database), head_revision(database)
    if here != expected:
        raise OtherSchema(f"the schema is at {here or 'nothing'}, this code expects {expected}: run `eventapp db upgrade`")


def require_resumed(instance_dir: Path) -> None:
    """After a restore nothing is served, sent or promoted until `eventapp resume`. Source: trust.md OPS-5.

    Raises Restored.
    """
    if (instance_dir / RESTORED).exists():
        raise Restored("this instance was restored from a backup: run `eventapp verify`, then `eventapp resume`")


def upgrade_to_head(database: Database) -> None:
    """Bring the schema to what this code expects. Harmless when it is there."""
    command.upgrade(alembic_config(database), "head")
