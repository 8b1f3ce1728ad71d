"""Long lists, a page at a time: the next page starts after the last row of this one, however many rows came or went meanwhile."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from eventapp.lib.db import Utc
from eventapp.lib.refusal import Refused

DEFAULT = 50
MOST = 200
_CURSOR_MAX = 2_000

Row = TypeVar("Row")
Key = str | int | datetime


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows, and the cursor of the next: None on the last."""

    items: Sequence[Row]
    next: str | None


def page(
    session: Session,
    rows: Select[Row],
    *,
    key: InstrumentedAttribute[Any],
    id: InstrumentedAttribute[int],
    cursor: str | None,
    limit: int = DEFAULT,
    descending: bool = False,
) -> Page[Row]:
    """The rows of an unordered, unlimited `select(Model)` in the order of `key`, then `id`; `limit` is brought within 1 to MOST.

    `key` must be a column that is never null; an index on (key, id) makes every page cost the same.
    Raises Refused: paging.cursor, when the cursor is not one of ours.
    """
    limit = max(1, min(limit, MOST))
    if cursor:
        place = tuple_(key, id)
        last = _read(cursor, type_=datetime if isinstance(key.type, Utc) else key.type.python_type)
        rows = rows.where(place < last if descending else place > last)
    ordered = rows.order_by(key.desc(), id.desc()) if descending else rows.order_by(key, id)
    items = session.scalars(ordered.limit(limit + 1)).all()
    more = len(items) > limit
    return Page(items[:limit], _written(items[limit - 1], key, id) if more else None)


def _written(row: object, key: InstrumentedAttribute[Any], id: InstrumentedAttribute[int]) -> str:
    value = getattr(row, key.key)
    plain = value.isoformat() if isinstance(value, datetime) else value
    return urlsafe_b64encode(json.dumps([plain, getattr(row, id.key)]).encode()).rstrip(b"=").decode()


def _read(cursor: str, *, type_: type[Key]) -> tuple[Key, int]:
    if len(cursor) > _CURSOR_MAX:
        raise Refused("paging.cursor", status=422)
    try:
        value, id = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key = _instant(value) if issubclass(type_, datetime) else value
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise Refused("paging.cursor", status=422) from None
    if not _is(key, type_) or not _is(id, int) or "\x00" in str(key):
        raise Refused("paging.cursor", status=422)
    return key, id


def _instant(value: str) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("a cursor holds instants")
    return instant


def _is(value: object, type_: type[Key]) -> bool:
    if isinstance(value, int):
        # A number that no column can hold would be an error of the database, not of the caller.
        return type_ is int and not isinstance(value, bool) and abs(value) < 2**31
    return isinstance(value, type_)
