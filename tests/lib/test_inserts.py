"""Rows that wait for others of their kind: nobody in their transaction can miss them, and a rollback forgets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import ForeignKey, delete, event, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from eventapp.lib.db import Database, Session, insert_later, insert_row, writes
from eventapp.lib.inserts import LOOKED, update_later, waiting


class Scratch(DeclarativeBase):
    """A metadata of this file's own."""


class Pupil(Scratch):
    __tablename__ = "inserts_pupil"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Badge(Scratch):
    __tablename__ = "inserts_badge"

    code: Mapped[str] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("inserts_pupil.id"))


class Bell(Scratch):
    __tablename__ = "inserts_bell"

    id: Mapped[int] = mapped_column(primary_key=True)


@pytest.fixture
def school(database: Database) -> Iterator[Database]:
    Scratch.metadata.create_all(database.engine)
    yield database
    Scratch.metadata.drop_all(database.engine)


@pytest.fixture
def inserts(school: Database) -> list[str]:
    """The tables into which rows were written, one for each statement."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT"):
            seen.append(statement.split()[2])

    event.listen(school.engine, "before_cursor_execute", note)
    return seen


def enter(session: Session, name: str) -> None:
    pupil = insert_later(session, Pupil, name=name)
    insert_later(session, Badge, code=f"badge of {name}", pupil_id=pupil)


def twice(session: Session, name: str) -> None:
    insert_later(session, Pupil, name=name)
    insert_later(session, Pupil, name=name)


def fail(session: Session) -> None:
    insert_later(session, Pupil, name="Karim")
    raise ZeroDivisionError


def mixed(session: Session) -> None:
    insert_later(session, Bell)
    insert_later(session, Bell, id=3)


def commit(school: Database, work: Callable[[Session], None]) -> None:
    with school.writing() as session:
        session.add(Bell(id=1))
        work(session)


def badges(school: Database) -> dict[str, str]:
    with school.reading() as session:
        return {row[0]: row[1] for row in session.execute(select(Badge.code, Pupil.name).join(Pupil, Pupil.id == Badge.pupil_id))}


@pytest.mark.parametrize("names", [["Karim"], ["Karim", "Lucie", "Marc"]])
def test_many_rows_are_one_statement_a_table_and_each_points_at_its_own(school: Database, inserts: list[str], names: list[str]) -> None:
    with school.writing() as session:
        for name in names:
            enter(session, name)

    pupils = 1 if school.dialect == "postgresql" else len(names)  # SQLite cannot promise in which order many keys come back
    assert inserts == ["inserts_pupil"] * pupils + ["inserts_badge"]
    assert badges(school) == {f"badge of {name}": name for name in names}


def test_a_row_that_waits_for_a_table_named_earlier_is_written_after_it(school: Database) -> None:
    with school.writing() as session:
        insert_later(session, Badge, code="badge of Karim", pupil_id=insert_row(session, Pupil, name="Karim"))
        enter(session, "Lucie")

    assert badges(school) == {"badge of Karim": "Karim", "badge of Lucie": "Lucie"}


ASKING: dict[str, Callable[[Session], object]] = {
    "a question": lambda session: session.scalar(select(func.count()).select_from(Pupil)),
    "an inner question": lambda session: session.scalar(select(select(func.count()).select_from(Pupil).scalar_subquery())),
    "words": lambda session: session.scalar(text("SELECT count(*) FROM inserts_pupil")),
    "words with a name before": lambda session: session.scalar(text("WITH p AS (SELECT * FROM inserts_pupil) SELECT count(*) FROM p")),
    "an object": lambda session: len(session.scalars(select(Pupil)).all()),
}


@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING.keys())
def test_whoever_asks_for_the_table_sees_the_row(school: Database, ask: Callable[[Session], object]) -> None:
    with school.writing() as session:
        insert_later(session, Pupil, name="Karim")

        assert ask(session) == 1


def test_a_question_about_something_else_leaves_it_waiting(school: Database, inserts: list[str]) -> None:
    with school.writing() as session:
        insert_later(session, Pupil, name="Karim")
        session.scalars(select(Bell)).all()
        session.scalar(select(func.count()).select_from(Pupil).execution_options(**{LOOKED: True}))

        assert (inserts, [row["name"] for row in waiting(session, Pupil)]) == ([], ["Karim"])

    assert inserts == ["inserts_pupil"]


def test_a_deletion_and_a_savepoint_find_it_written(school: Database, inserts: list[str]) -> None:
    with school.writing() as session:
        insert_later(session, Pupil, name="Karim")
        session.execute(delete(Bell))
        after_deletion = list(inserts)
        insert_later(session, Pupil, name="Lucie")
        with session.begin_nested() as nested:
            insert_later(session, Pupil, name="Marc")
            nested.rollback()

    assert after_deletion == ["inserts_pupil"]
    with school.reading() as session:
        assert list(session.scalars(select(Pupil.name).order_by(Pupil.id))) == ["Karim", "Lucie"]


def test_a_fault_forgets_what_waits_also_for_the_next_transaction(school: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        commit(school, fail)
    commit(school, lambda session: enter(session, "Lucie"))

    assert badges(school) == {"badge of Lucie": "Lucie"}
    with school.reading() as session:
        assert list(session.scalars(select(Pupil.name))) == ["Lucie"]


def test_a_row_that_cannot_be_kept_undoes_its_transaction(school: Database) -> None:
    with pytest.raises(IntegrityError):
        commit(school, lambda session: twice(session, "Karim"))

    with school.reading() as session:
        assert session.scalars(select(Bell)).all() == []


def test_a_row_that_waits_counts_as_written(school: Database) -> None:
    with school.writing() as session:
        before = writes(session)
        insert_later(session, Pupil, name="Karim")

        assert writes(session) == before + 1


def test_nothing_waits_outside_a_writing_transaction(school: Database) -> None:
    with school.reading() as session, pytest.raises(RuntimeError, match="outside writing"):
        insert_later(session, Pupil, name="Karim")


def test_rows_with_other_columns_are_refused(school: Database) -> None:
    with pytest.raises(RuntimeError, match="same columns"):
        commit(school, mixed)


def renamed(session: Session, *names: str) -> None:
    """The pupil of key 1 is given these names, one after the other."""
    insert_row(session, Pupil, id=1, name="Karim")
    for name in names:
        update_later(session, Pupil, 1, name=name)


def test_changes_that_wait_are_one_and_the_last_is_kept(school: Database) -> None:
    seen: list[str] = []
    event.listen(school.engine, "before_cursor_execute", lambda _c, _k, statement, *_r: seen.append(statement.split()[0]))
    with school.writing() as session:
        renamed(session, "Lucie", "Marc")
        waited = list(seen)

    assert (waited, seen) == (["INSERT"], ["INSERT", "UPDATE"])
    with school.reading() as session:
        assert session.scalars(select(Pupil.name)).all() == ["Marc"]


@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING.keys())
def test_whoever_asks_for_the_table_sees_the_change(school: Database, ask: Callable[[Session], object]) -> None:
    with school.writing() as session:
        renamed(session, "Lucie")
        ask(session)

        assert session.scalars(select(Pupil.name).execution_options(**{LOOKED: True})).all() == ["Lucie"]


def test_a_change_is_a_write_and_a_rollback_forgets_it(school: Database) -> None:
    with school.writing() as session:
        insert_row(session, Pupil, id=1, name="Karim")
    counted = []

    def change(session: Session) -> None:
        counted.append(writes(session))
        update_later(session, Pupil, 1, name="Lucie")
        counted.append(writes(session))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        commit(school, change)

    assert counted == [counted[0], counted[0] + 1]
    with school.reading() as session:
        assert session.scalars(select(Pupil.name)).all() == ["Karim"]


def test_a_row_is_changed_by_who_writes_alone(school: Database) -> None:
    with school.reading() as session, pytest.raises(RuntimeError, match="outside writing"):
        update_later(session, Pupil, 1, name="Lucie")
