"""Paging: every row once, in order, whatever is added or deleted between two pages."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from eventapp.lib import paging
from eventapp.lib.db import Database, Utc
from eventapp.lib.paging import MOST, Page, page
from eventapp.lib.refusal import Refused

NOW = datetime(2027, 9, 24, 16, 30, tzinfo=UTC)


class Scratch(DeclarativeBase):
    """A metadata of this file's own."""


class Guest(Scratch):
    __tablename__ = "paging_guest"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    seq: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(Utc)


@pytest.fixture
def guests(database: Database) -> Iterator[Database]:
    Scratch.metadata.create_all(database.engine)
    with database.writing() as session:
        names = ["Karim", "Lucie", "Marc", "Lucie", "Nora", "Lucie", "Paul"]
        session.add_all(
            [Guest(id=n, name=name, seq=n % 3, asked_at=NOW + timedelta(microseconds=n // 2)) for n, name in enumerate(names, start=1)]
        )
    yield database
    Scratch.metadata.drop_all(database.engine)


def walked(session: Session, key: Any, *, limit: int = 2, descending: bool = False) -> list[int]:
    found: list[int] = []
    cursor = None
    while True:
        answer = page(session, select(Guest), key=key, id=Guest.id, cursor=cursor, limit=limit, descending=descending)
        found += [guest.id for guest in answer.items]
        cursor = answer.next
        if cursor is None:
            return found


@pytest.mark.trust("F-26")
@pytest.mark.parametrize("key", [Guest.name, Guest.seq, Guest.asked_at, Guest.id])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_hold_every_row_once_and_in_order(guests: Database, key: Any, descending: bool) -> None:
    with guests.reading() as session:
        whole = sorted(session.scalars(select(Guest)), key=lambda guest: (getattr(guest, key.key), guest.id), reverse=descending)

        assert walked(session, key, descending=descending) == [guest.id for guest in whole]


def test_rows_that_come_and_go_between_pages_double_and_hide_nothing(guests: Database) -> None:
    with guests.reading() as session:
        first = page(session, select(Guest), key=Guest.name, id=Guest.id, cursor=None, limit=3)
    with guests.writing() as session:
        session.delete(session.get_one(Guest, first.items[0].id))
        session.add(Guest(id=9, name="Anne", seq=0, asked_at=NOW))
    with guests.reading() as session:
        second = page(session, select(Guest), key=Guest.name, id=Guest.id, cursor=first.next, limit=9)

    assert [guest.id for guest in first.items] == [1, 2, 4]
    assert [guest.id for guest in second.items] == [6, 3, 5, 7]


def test_the_last_page_has_no_next(guests: Database) -> None:
    with guests.reading() as session:
        assert page(session, select(Guest), key=Guest.id, id=Guest.id, cursor=None, limit=7).next is None
        assert page(session, select(Guest).where(Guest.id > 99), key=Guest.id, id=Guest.id, cursor=None) == Page([], None)


@pytest.mark.parametrize(("asked", "given_"), [(0, 1), (-5, 1), (10**9, 7)])
def test_the_size_of_a_page_is_bounded(guests: Database, asked: int, given_: int) -> None:
    with guests.reading() as session:
        assert len(page(session, select(Guest), key=Guest.id, id=Guest.id, cursor=None, limit=asked).items) == given_
    assert MOST == 200


AWKWARD = [
    "x",
    "null",
    "W10",
    "WzFd",
    "WzEsMl0",
    "WyJhIiwiYiJd",
    "WyJhIiwxZTk5XQ",
    "WyJhXHUwMDAwIiwxXQ",
    "WyJhIix0cnVlXQ",
    "é",
    "a" * 3_000,
    "WyIyMDI3LTA5LTI0Iiwx",
]


@pytest.mark.trust("Q-23")
@pytest.mark.parametrize("key", [Guest.name, Guest.asked_at])
@pytest.mark.parametrize("cursor", AWKWARD)
def test_a_foreign_cursor_is_refused(guests: Database, key: Any, cursor: str) -> None:
    with guests.reading() as session, pytest.raises(Refused) as refusal:
        page(session, select(Guest), key=key, id=Guest.id, cursor=cursor)

    assert refusal.value.code == "paging.cursor"


@given(cursor=st.text(st.sampled_from("WyJhIiwxXQ0=é[]")))
def test_no_cursor_is_an_error_of_the_server(cursor: str) -> None:
    with suppress(Refused):
        paging._read(cursor, type_=str)
