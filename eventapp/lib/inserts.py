"""Plain inserts and changes: at once, or together with others of their kind before anybody asks for them.

A row that its own transaction does not read again may wait: with thirty registrations in one transaction, thirty tickets are
one statement. Whoever asks for such a table all the same finds the rows there: any statement that names it, deletes, or sets
a savepoint has them written first, and so has the commit. A rollback forgets them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Insert, Update, bindparam, insert, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session

# An execution option of statements whose caller has looked at the `waiting` rows itself.
LOOKED = "looked_at_waiting"


class Key:
    """The key of a row that is not written yet, for rows that wait like it and point at it."""

    id: Any = None


class Waiting:
    """The rows of one transaction that are still to be written, in the order of their tables' foreign keys."""

    def __init__(self) -> None:
        self.rows: dict[type[DeclarativeBase], list[dict[str, Any]]] = {}
        self.keys: dict[type[DeclarativeBase], list[Key]] = {}
        self.changes: dict[tuple[type[DeclarativeBase], int], dict[str, Any]] = {}
        self._names: set[str] = set()

    def add(self, model: type[DeclarativeBase], values: dict[str, Any]) -> Key:
        """Keep one row for later."""
        rows = self.rows.setdefault(model, [])
        if rows and rows[0].keys() != values.keys():
            raise RuntimeError(f"rows of {model.__name__} that wait together must name the same columns")
        key = Key()
        rows.append(values)
        self.keys.setdefault(model, []).append(key)
        self._names.add(model.__tablename__)
        return key

    def change(self, model: type[DeclarativeBase], id: int, values: dict[str, Any]) -> None:
        """Keep what a stored row becomes; of two values for one column the later is written."""
        self.changes.setdefault((model, id), {}).update(values)
        self._names.add(model.__tablename__)

    def concerns(self, statement: str) -> bool:
        """Whether this SQL could see that rows are missing: by a name of theirs anywhere in it, or because it is no plain question or change."""
        return bool(self.rows or self.changes) and not (_is_plain(statement) and self._names.isdisjoint(_words(statement)))

    def write(self, connection: Connection) -> None:
        """Write all of them, one statement a table."""
        rows, keys, changes = self.rows, self.keys, self.changes
        self.rows, self.keys, self.changes, self._names = {}, {}, {}, set()  # forgotten first: what is written here asks again
        for (changed, id), new in changes.items():
            connection.execute(_update(changed, tuple(sorted(new))), {"of_id": id, **new})
        pointed_at = {value for kind in rows.values() for row in kind for value in row.values() if isinstance(value, Key)}
        for model in sorted(rows, key=_rank):
            values = [{name: value.id if isinstance(value, Key) else value for name, value in row.items()} for row in rows[model]]
            if len(values) == 1:
                written: Sequence[Any] = [connection.execute(_insert(model), values[0]).inserted_primary_key]
            else:
                written = connection.execute(_insert_all(model, not pointed_at.isdisjoint(keys[model])), values).all()
            for key, row in zip(keys[model], written, strict=True):
                key.id = row[0]


def insert_row(session: Session, model: type[DeclarativeBase], **values: Any) -> Any:
    """Store one row at once, without an object that the session would track; gives its key. For rows that nobody touches soon."""
    key = session.connection().execute(_insert(model), values).inserted_primary_key
    return key[0] if key else None


def insert_later(session: Session, model: type[DeclarativeBase], **values: Any) -> Key:
    """Store one row before anything in this transaction could miss it, at the latest before its commit; a fault shows itself then.

    Raises RuntimeError: outside `writing()`; rows of one table with different columns.
    """
    kept: Waiting | None = session.info.get("waiting")
    if kept is None:
        raise RuntimeError("a row is changed outside writing()")
    connection = session.connection()
    connection.info["writes"] = connection.info.get("writes", 0) + 1
    return kept.add(model, values)


def update_later(session: Session, model: type[DeclarativeBase], id: int, **values: Any) -> None:
    """Change a stored row before anything in this transaction could miss it, at the latest before its commit.

    For a row that this transaction holds and changes again and again. Raises RuntimeError: outside `writing()`.
    """
    kept: Waiting | None = session.info.get("waiting")
    if kept is None:
        raise RuntimeError("a row is changed outside writing()")
    connection = session.connection()
    connection.info["writes"] = connection.info.get("writes", 0) + 1
    kept.change(model, id, values)


def waiting(session: Session, model: type[DeclarativeBase]) -> Sequence[Mapping[str, Any]]:
    """The rows of this table that this transaction has yet to write, oldest first."""
    kept: Waiting | None = session.info.get("waiting")
    return kept.rows.get(model, ()) if kept else ()


@functools.cache
def _insert(model: type[DeclarativeBase]) -> Insert:
    return insert(model.__table__)  # type: ignore[arg-type]  # always a Table


@functools.cache
def _insert_all(model: type[DeclarativeBase], in_order: bool) -> Any:
    # RETURNING makes one statement of many rows; without it a driver sends them one by one, as SQLite does for keys in order.
    return _insert(model).returning(*model.__mapper__.primary_key, sort_by_parameter_order=in_order)


@functools.cache
def _update(model: type[DeclarativeBase], names: tuple[str, ...]) -> Update:
    table = model.__table__
    statement = update(table).where(table.c.id == bindparam("of_id"))  # type: ignore[arg-type]  # always a Table
    return statement.values({name: bindparam(name) for name in names})


@functools.cache
def _rank(model: type[DeclarativeBase]) -> int:
    return model.metadata.sorted_tables.index(model.__table__)  # type: ignore[arg-type]  # always a Table


def _is_plain(statement: str) -> bool:
    return statement.startswith(("SELECT", "INSERT", "UPDATE"))


@functools.lru_cache(maxsize=1000)
def _words(statement: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", re.sub(r"%\(\w+\)s", "", statement)))  # a value may be called as a table is
