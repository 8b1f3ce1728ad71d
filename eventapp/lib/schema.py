"""The state of the schema, through Alembic: where this database stands, and where this code expects it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from eventapp.lib.db import Base, Database

ROOT = Path(__file__).resolve().parent.parent.parent

RESTORED = "restored"  # while a file of this name stands in the instance folder, nothing is served, sent or promoted


def alembic_config(database: Database) -> Config:
    """Alembic's configuration for this database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["database"] = database
    config.attributes["metadata"] = Base.metadata
    return config


def current_revision(database: Database) -> str | None:
    """The revision of the schema; None when there is none yet."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision(database: Database) -> str | None:
    """The revision that this code expects."""
    return ScriptDirectory.from_config(alembic_config(database)).get_current_head()


def upgrade_to_head(database: Database) -> None:
    """Bring the schema to what this code expects. Harmless when it is there."""
    command.upgrade(alembic_config(database), "head")
