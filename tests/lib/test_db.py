"""The database: two kinds of transaction, locks in one order, columns that refuse what they cannot mean."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Mapped, mapped_column

from eventapp.lib import db
from eventapp.lib.db import (
    Base,
    Database,
    Json,
    Session,
    Translated,
    Unavailable,
    Utc,
    Wall,
    append_only,
    forbid_inside_writing,
    hold,
    hold_rows,
    locking,
)

NOON = datetime(2027, 9, 24, 12, 0, tzinfo=UTC)


class Scratch(db.DeclarativeBase):
    """A metadata of this file's own."""

    lock_rank = None


class Hall(Scratch):
    __tablename__ = "db_hall"
    lock_rank = 1

    id: Mapped[int] = mapped_column(primary_key=True)
    seats: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None] = mapped_column(Utc)
    opens_wall: Mapped[datetime | None] = mapped_column(Wall)
    name: Mapped[dict[str, str] | None] = mapped_column(Translated)
    facts: Mapped[dict[str, object] | None] = mapped_column(Json)


class Row(Scratch):
    __tablename__ = "db_row"
    lock_rank = 2

    id: Mapped[int] = mapped_column(primary_key=True)


class Note(Scratch):
    __tablename__ = "db_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


FIRST_HALLS = locking(select(Hall.id, Hall.seats).where(Hall.id <= bindparam("last")), Hall)  # type: ignore[arg-type]

append_only(Note.__table__)  # type: ignore[arg-type]  # a declared class has a table


@pytest.fixture
def halls(database: Database) -> Iterator[Database]:
    Scratch.metadata.create_all(database.engine)
    with database.writing() as session:
        session.add_all([Hall(id=1), Hall(id=2), Row(id=1), Note(id=1, text="a")])
    yield database
    Scratch.metadata.drop_all(database.engine)


def test_a_block_is_committed_at_its_end_and_rolled_back_by_an_exception(halls: Database) -> None:
    with halls.writing() as session:
        session.get_one(Hall, 1).seats = 3
    with pytest.raises(LookupError), halls.writing() as session:  # noqa: PT012 - what happens before is the point
        session.get_one(Hall, 1).seats = 4
        session.flush()
        raise LookupError

    with halls.reading() as session:
        assert session.get_one(Hall, 1).seats == 3


def test_reading_leaves_nothing_behind(halls: Database) -> None:
    with halls.reading() as session:
        session.get_one(Hall, 1).seats = 9

    with halls.reading() as session:
        assert session.get_one(Hall, 1).seats == 0


def seen_around_a_commit(asking: Session, halls: Database) -> list[int | None]:
    seats = select(Hall.seats).where(Hall.id == 1)
    before = asking.scalar(seats)
    with halls.writing() as session:
        session.execute(update(Hall).values(seats=9))
    return [before, asking.scalar(seats)]


def test_a_snapshot_does_not_see_what_is_committed_meanwhile(halls: Database) -> None:
    with halls.snapshot() as session:
        assert seen_around_a_commit(session, halls) == [0, 0]
    with halls.snapshot() as session:
        assert session.get_one(Hall, 1).seats == 9


def test_without_a_snapshot_postgresql_answers_from_two_instants(halls: Database) -> None:
    with halls.reading() as session:
        assert seen_around_a_commit(session, halls) == [0, 9 if halls.dialect == "postgresql" else 0]


def test_a_snapshot_cannot_change_a_row(halls: Database) -> None:
    with pytest.raises(RuntimeError, match="inside reading"), halls.snapshot() as session:
        session.execute(delete(Hall))


def test_a_question_cannot_change_a_row(halls: Database) -> None:
    with pytest.raises(RuntimeError, match="inside reading"), halls.reading() as session:
        session.execute(update(Hall).values(seats=9))
    with halls.reading() as session:
        session.get_one(Hall, 1).seats = 9
        with pytest.raises(RuntimeError, match="inside reading"):
            session.flush()

    with halls.reading() as session:
        assert session.get_one(Hall, 1).seats == 0


@pytest.mark.trust("P-5")
def test_transactions_are_not_nested_and_hold_no_outside_effect(halls: Database) -> None:
    with halls.writing(), pytest.raises(RuntimeError, match="already open"), halls.writing():
        pass
    with halls.writing(), pytest.raises(RuntimeError, match="mail inside"):
        forbid_inside_writing("mail")

    forbid_inside_writing("mail")


@pytest.mark.trust("F-14")
def test_instants_come_back_aware_and_in_utc(halls: Database) -> None:
    paris = timezone(timedelta(hours=2))
    with halls.writing() as session:
        session.get_one(Hall, 1).opened_at = NOON.astimezone(paris)

    with halls.reading() as session:
        opened_at = session.get_one(Hall, 1).opened_at
        assert opened_at == NOON
        assert opened_at is not None
        assert opened_at.utcoffset() == timedelta(0)
        assert session.scalars(select(Hall.id).where(Hall.opened_at >= NOON.astimezone(paris))).all() == [1]


@pytest.mark.parametrize(("column", "value"), [("opened_at", NOON.replace(tzinfo=None)), ("opens_wall", NOON)])
def test_a_time_of_the_wrong_kind_is_a_bug(halls: Database, column: str, value: datetime) -> None:
    with pytest.raises((StatementError, ValueError)), halls.writing() as session:
        setattr(session.get_one(Hall, 1), column, value)


def test_values_come_back_as_they_were(halls: Database) -> None:
    with halls.writing() as session:
        hall = session.get_one(Hall, 1)
        hall.name, hall.facts, hall.opens_wall = {"fr": "Grande salle ’é"}, {"a": [1, None, "é"]}, NOON.replace(tzinfo=None)

    with halls.reading() as session:
        hall = session.get_one(Hall, 1)
        assert (hall.name, hall.facts, hall.opens_wall) == ({"fr": "Grande salle ’é"}, {"a": [1, None, "é"]}, NOON.replace(tzinfo=None))


def test_locks_are_taken_in_one_order(halls: Database) -> None:
    with halls.writing() as session:
        assert [hold(session, Hall, 1).id, hold(session, Hall, 1).id, hold(session, Hall, 2).id, hold(session, Row, 1).id] == [1, 1, 2, 1]  # type: ignore[type-var]
    with halls.writing() as session:
        hold(session, Row, 1)  # type: ignore[type-var]
        with pytest.raises(RuntimeError, match="before what is held"):
            hold(session, Hall, 1)  # type: ignore[type-var]
    with halls.writing() as session:
        hold(session, Hall, 2)  # type: ignore[type-var]
        with pytest.raises(RuntimeError, match="before what is held"):
            hold_rows(session, Hall, FIRST_HALLS, {"last": 1})  # type: ignore[arg-type]


def test_what_has_no_lock_or_no_row_cannot_be_held(halls: Database) -> None:
    with halls.writing() as session:
        with pytest.raises(RuntimeError, match="no lock"):
            hold(session, Note, 1)  # type: ignore[type-var]
        with pytest.raises(RuntimeError, match="no lock"):
            hold_rows(session, Note, FIRST_HALLS, {"last": 2})  # type: ignore[arg-type]
        halls_held = hold_rows(session, Hall, FIRST_HALLS, {"last": 2})  # type: ignore[arg-type]
        assert [tuple(hall) for hall in halls_held] == [(1, 0), (2, 0)]
        with pytest.raises(LookupError):
            hold(session, Hall, 99)  # type: ignore[type-var]


def test_what_is_held_is_freshly_read(halls: Database) -> None:
    with halls.reading() as reader:
        stale = reader.get_one(Hall, 1)
        assert stale.seats == 0
    with halls.writing() as session:
        session.get_one(Hall, 1)
        session.execute(update(Hall).values(seats=5), execution_options={"synchronize_session": False})

        assert hold(session, Hall, 1).seats == 5  # type: ignore[type-var]


def counted(database: Database, *, locked: bool) -> int:
    """Two people take a seat each, at once: the first stops between reading and writing until the second has tried."""
    read, tried = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def take(first: bool) -> None:
        try:
            with database.writing() as session:
                hall = hold(session, Hall, 1) if locked else session.get_one(Hall, 1)  # type: ignore[type-var]
                seats = hall.seats
                if first:
                    read.set()
                    tried.wait(0.5)
                else:
                    tried.set()
                session.execute(update(Hall).where(Hall.id == 1).values(seats=seats + 1))
        except BaseException as error:
            failures.append(error)

    one = threading.Thread(target=take, args=(True,))
    other = threading.Thread(target=take, args=(False,))
    one.start()
    read.wait(5)
    other.start()
    one.join()
    other.join()
    assert failures == []
    with database.reading() as session:
        return session.get_one(Hall, 1).seats


@pytest.mark.trust("P-9")
def test_a_lock_keeps_two_people_from_one_seat(halls: Database) -> None:
    assert counted(halls, locked=True) == 2


def test_without_the_lock_postgresql_loses_one(halls: Database) -> None:
    """The twin. On SQLite a writing transaction is the lock already."""
    assert counted(halls, locked=False) == (2 if halls.dialect == "sqlite" else 1)


@pytest.mark.trust("JRN-1")
def test_an_append_only_table_refuses_change_and_deletion(halls: Database) -> None:
    for change in (update(Note).values(text="b"), delete(Note)):
        with pytest.raises(DBAPIError, match="append-only"), halls.writing() as session:
            session.execute(change)

    with halls.writing() as session:
        session.add(Note(id=2, text="b"))
    with halls.reading() as session:
        assert session.scalars(select(Note.text).order_by(Note.id)).all() == ["a", "b"]


@pytest.mark.trust("F-5")
def test_a_lock_that_is_not_had_in_time_is_unavailable(halls: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.2)
    held, done = threading.Event(), threading.Event()

    def keep() -> None:
        with halls.writing() as session:
            hold(session, Hall, 1)  # type: ignore[type-var]
            held.set()
            done.wait(10)

    keeper = threading.Thread(target=keep)
    keeper.start()
    held.wait(5)
    try:
        with pytest.raises(Unavailable), halls.writing() as session:  # noqa: PT012 - the time is set inside of the transaction
            if halls.dialect == "postgresql":
                session.execute(text("SET LOCAL lock_timeout = 200"))
            hold(session, Hall, 1)  # type: ignore[type-var]
    finally:
        done.set()
        keeper.join()


@pytest.mark.trust("F-5")
def test_a_server_that_is_away_is_unavailable() -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")

    with pytest.raises(Unavailable), database.reading() as session:
        session.execute(select(1))
    database.close()


@pytest.mark.trust("BOOT-2")
@pytest.mark.parametrize(
    ("version", "bug"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 0), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_libraries_that_corrupt_a_log_are_known(version: tuple[int, int, int], bug: bool) -> None:
    assert db.sqlite_has_the_wal_bug(version) is bug


@pytest.mark.trust("BOOT-2")
def test_an_affected_library_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "sqlite_has_the_wal_bug", lambda _version: True)

    with pytest.raises(RuntimeError, match=r"3\.51\.3"):
        Database(f"sqlite:///{tmp_path / 'small.db'}")


@pytest.mark.trust("P-1")
@pytest.mark.trust("BOOT-2")
def test_pragmas_of_sqlite(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'small.db'}")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "mmap_size": 0}

    with database.reading() as session:
        found = {name: session.scalar(text(f"PRAGMA {name}")) for name in wanted}

    # A build without memory mapping answers nothing to the last.
    assert {name: value or 0 for name, value in found.items()} == wanted
    database.close()


def test_every_constraint_of_ours_gets_a_name() -> None:
    assert set(Base.metadata.naming_convention) >= {"ix", "uq", "ck", "fk", "pk"}
