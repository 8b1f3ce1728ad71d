"""Alembic's environment: one transaction a run; on SQLite foreign keys are off while tables are rebuilt, and checked afterwards."""

from alembic import context
from sqlalchemy import Connection


def render_item(kind: str, item: object, autogen_context: object) -> str | bool:
    """Our column types are plain ones in migrations, which never import the application."""
    if kind == "type":
        name = type(item).__name__
        plain = {"Utc": "sa.DateTime(timezone=True)", "Wall": "sa.DateTime()", "Json": "sa.JSON()", "Translated": "sa.JSON()"}
        if name in plain:
            return plain[name]
    return False


def migrate(connection: Connection) -> None:
    """Run what is asked on this connection."""
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes["metadata"],
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=False,
        transactional_ddl=True,
    )
    sqlite = connection.dialect.name == "sqlite"
    with context.begin_transaction():
        context.run_migrations()
        if sqlite:
            faults = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if faults:
                raise RuntimeError(f"foreign keys broken by this migration: {faults[:5]}")


database = context.config.attributes["database"]
with database.engine.connect() as bare:
    if database.dialect == "sqlite":
        bare.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
    else:
        bare.exec_driver_sql("SET lock_timeout = '2s'")
        bare.exec_driver_sql("SET statement_timeout = 0")
        bare.commit()
    migrate(bare)
    bare.commit()
    if database.dialect == "sqlite":
        bare.connection.driver_connection.execute("PRAGMA foreign_keys = ON")
