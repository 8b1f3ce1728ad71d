"""The database: engine, transactions, locks, column types. Transactions begin and end here and nowhere else.

`writing()` takes the write lock at once on SQLite (BEGIN IMMEDIATE), so that what decides is read under it;
on PostgreSQL the lock is a row, taken by `hold`.
"""

from __future__ import annotations

import functools
import random
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar, TypeVarTuple, cast

from pysqlite3 import dbapi2
from sqlalchemy import (
    DDL,
    MetaData,
    Select,
    Table,
    bindparam,
    create_engine,
    event,
    select,
)
from sqlalchemy import Row as Found
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from eventapp.lib.columns import Json, Translated, Utc, Wall
from eventapp.lib.inserts import LOOKED, Waiting, insert_later, insert_row, update_later

__all__ = [
    "Base",
    "Database",
    "Json",
    "Session",
    "Translated",
    "Unavailable",
    "Utc",
    "Wall",
    "append_only",
    "forbid_inside_writing",
    "hold",
    "hold_rows",
    "insert_later",
    "insert_row",
    "keep_held",
    "locking",
    "update_later",
    "writes",
]

BUSY_SECONDS = 5.0
_inside = threading.local()


class Unavailable(Exception):
    """The database gave up waiting, or is away: nothing was stored, the same request may be sent again."""


class Base(DeclarativeBase):
    """All tables. `lock_rank` is the place of a row's lock in the one order in which locks are taken."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: Utc}
    lock_rank: ClassVar[int | None] = None


Row = TypeVar("Row", bound=Base)
Columns = TypeVarTuple("Columns")


def append_only(table: Table) -> None:
    """Let SQL itself refuse to change or delete rows of this table."""
    for verb in ("update", "delete"):
        event.listen(
            table,
            "after_create",
            DDL(  # type: ignore[no-untyped-call]
                f"CREATE TRIGGER {table.name}_no_{verb} BEFORE {verb.upper()} ON {table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
            ).execute_if(dialect="sqlite"),
        )
    event.listen(
        table,
        "after_create",
        DDL(  # type: ignore[no-untyped-call]
            f"CREATE OR REPLACE FUNCTION {table.name}_frozen() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table.name} is append-only'; END $$; "
            f"CREATE TRIGGER {table.name}_frozen BEFORE UPDATE OR DELETE ON {table.name} "
            f"FOR EACH ROW EXECUTE FUNCTION {table.name}_frozen()"
        ).execute_if(dialect="postgresql"),
    )


class Database:
    """One engine and its three kinds of transaction. Safe for threads; made anew in each process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
        event.listen(self.engine, "before_execute", _count_writes)
        event.listen(self.engine, "before_cursor_execute", _write_what_waits)
        self._writer = self.engine.execution_options(writing=True)
        # On PostgreSQL each statement sees its own instant anyway (READ COMMITTED): BEGIN and ROLLBACK would be two round trips for nothing.
        free = {} if url.startswith("sqlite") else {"isolation_level": "AUTOCOMMIT"}
        self._reader = self.engine.execution_options(reading=True, **free)
        still = {} if url.startswith("sqlite") else {"isolation_level": "REPEATABLE READ"}  # on SQLite a transaction is a snapshot already
        self._still = self.engine.execution_options(reading=True, **still)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that may change rows: committed at the end of the block, rolled back by any exception.

        Raises Unavailable: the lock or the database could not be had in time.
        """
        if getattr(_inside, "depth", 0):
            raise RuntimeError("a transaction is already open in this thread")
        _inside.depth, _inside.waiting = 1, Waiting()
        try:
            with _translated(), Session(self._writer, expire_on_commit=False) as session, session.begin():
                session.info["waiting"] = _inside.waiting
                yield session
                session.flush()  # objects first: rows that wait may point at them
                _inside.waiting.write(session.connection())
        finally:
            _inside.depth = 0

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """For questions alone.

        Raises RuntimeError: a row would be changed.
        """
        with _translated(), Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """For several questions about one instant: what others commit meanwhile is not seen. Short, since it keeps old rows alive.

        Raises RuntimeError: a row would be changed.
        """
        with _translated(), Session(self._still, expire_on_commit=False, autoflush=False) as session:
            yield session

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def hold(session: Session, model: type[Row], id: int) -> Row:
    """The row, locked until this transaction ends and freshly read (FOR NO KEY UPDATE, so that inserts that point at it need not wait).

    Raises RuntimeError: a lock taken out of order, which could end in a deadlock. LookupError: no such row.
    """
    if model.lock_rank is None:
        raise RuntimeError(f"{model.__name__} has no lock")
    place = (model.lock_rank, id)
    if place < session.info.get("held", (0, 0)):
        raise RuntimeError(f"{model.__name__} {id} must be locked before what is held already")
    session.info["held"] = place
    if (kept := session.info.get("kept")) and kept[0] == place and kept[1] is not None:
        return cast(Row, kept[1])
    row: Row | None = session.scalars(_held(model), {"id": id}).one_or_none()
    if row is None:
        raise LookupError(f"{model.__name__} {id}")
    if kept and kept[0] == place:
        session.info["kept"] = (place, row)
    return row


def keep_held(session: Session, model: type[Base], id: int) -> None:
    """Let `hold` read this row once only in this transaction: for work of one kind done many times under one lock."""
    session.info["kept"] = ((model.lock_rank, id), None)


def writes(session: Session) -> int:
    """How many statements of this transaction have changed rows, so far."""
    return int(session.connection().info.get("writes", 0))


@functools.cache
def _held(model: type[Row]) -> Select[Row]:
    # Built once for each table: building it costs as much as running it.
    statement = select(model).where(model.__mapper__.primary_key[0] == bindparam("id")).with_for_update(key_share=True)
    return statement.execution_options(populate_existing=True)


def locking(statement: Select[int, *Columns], model: type[Base]) -> Select[int, *Columns]:
    """A statement, prepared once for `hold_rows`, that locks each row of this table that it finds; its first column is their key."""
    return statement.order_by(model.__mapper__.primary_key[0]).with_for_update(key_share=True, of=model)


def hold_rows(
    session: Session, model: type[Base], statement: Select[int, *Columns], values: Mapping[str, Any]
) -> Sequence[Found[int, *Columns]]:
    """What a `locking` statement finds, locked in ascending order like `hold` does one row. Plain values: the session tracks nothing.

    Raises RuntimeError: a lock taken out of order.
    """
    if model.lock_rank is None:
        raise RuntimeError(f"{model.__name__} has no lock")
    rows = session.connection().execute(statement, values).all()
    if rows:
        if (model.lock_rank, rows[0][0]) < session.info.get("held", (0, 0)):
            raise RuntimeError(f"{model.__name__} must be locked before what is held already")
        session.info["held"] = (model.lock_rank, rows[-1][0])
    return rows


def forbid_inside_writing(what: str) -> None:
    """Raise where a slow or outside effect would happen while a lock is held.

    Raises RuntimeError: always inside `writing()`.
    """
    if getattr(_inside, "depth", 0):
        raise RuntimeError(f"{what} inside a writing transaction")


def repeatable(error: BaseException) -> bool:
    """Whether the whole request may be run once more: a deadlock, a failed serialisation or a connection that died."""
    if not isinstance(error, DBAPIError):
        return False
    return bool(error.connection_invalidated) or getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("no connection became free") from error
    except OperationalError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in {"55P03", "57014", "57P01", "57P02", "57P03", "53300"}:
            raise Unavailable("the database made us wait too long") from error
        if repeatable(error):
            raise
        if isinstance(error.orig, dbapi2.OperationalError) and ("locked" in str(error.orig) or "full" in str(error.orig)):
            raise Unavailable("the database is busy or its disk is full") from error
        if state is None and not isinstance(error.orig, dbapi2.OperationalError):
            raise Unavailable("the database cannot be reached") from error
        raise


def _count_writes(connection: Connection, statement: Any, *_rest: object) -> None:
    if getattr(statement, "is_dml", False) or getattr(statement, "is_text", False):
        connection.info["writes"] = connection.info.get("writes", 0) + 1
        if getattr(statement, "is_dml", False) and connection.get_execution_options().get("reading"):
            raise RuntimeError("a row is changed inside reading()")


def _write_what_waits(connection: Connection, _cursor: object, statement: str, _values: object, context: Any, _many: bool) -> None:
    options = connection.get_execution_options() | context.execution_options
    if options.get("writing") and _inside.waiting.concerns(statement) and not options.get(LOOKED):
        _inside.waiting.write(connection)


def _postgresql(url: str) -> Engine:
    # A plan made while tables are small, and kept, reads them whole: right at the opening of registration, wrong a minute later.
    # Every question of ours has its index. (Planning each statement anew costs a fifth of a registration.)
    options = "-c timezone=UTC -c lock_timeout=3000 -c statement_timeout=5000 -c idle_in_transaction_session_timeout=10000"
    options += " -c enable_seqscan=off"
    return create_engine(
        url, pool_size=5, max_overflow=15, pool_timeout=2, pool_recycle=1800, connect_args={"options": options, "connect_timeout": 5}
    )


def _sqlite(url: str) -> Engine:
    if sqlite_has_the_wal_bug(dbapi2.sqlite_version_info):
        raise RuntimeError(f"SQLite {dbapi2.sqlite_version} can corrupt a database that several processes write: 3.51.3 or newer is needed")
    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        url, module=dbapi2, pool_size=5, max_overflow=15, pool_timeout=2, connect_args={"isolation_level": None, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def sqlite_has_the_wal_bug(version: tuple[int, int, int]) -> bool:
    """Whether this library can corrupt a WAL database with several writers (3.7.0 to 3.51.2 but for the fixed lines 3.44.6+ and 3.50.7+)."""
    fixed = (3, 44, 6) <= version < (3, 45, 0) or (3, 50, 7) <= version < (3, 51, 0)
    return (3, 7, 0) <= version < (3, 51, 3) and not fixed


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "mmap_size = 0",
        "busy_timeout = 20",
        "cache_size = -16000",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("writing"):
        connection.exec_driver_sql("BEGIN")
        return
    # SQLite's own busy handler sleeps ever longer and starves the unlucky; short, even waits of our own are fairer.
    raw = connection.connection.driver_connection
    assert raw is not None
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
            return
        except dbapi2.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise OperationalError("BEGIN IMMEDIATE", None, error) from error
            time.sleep(random.uniform(0.0005, 0.003))
