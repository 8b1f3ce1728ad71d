"""Requests combined into one transaction: each its own answer, none harmed by a neighbour, and nothing told before it is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

from eventapp.lib import db
from eventapp.lib.db import Database, Session, hold
from eventapp.lib.refusal import Refused
from eventapp.lib.together import Together


class Scratch(db.DeclarativeBase):
    """A metadata of this file's own."""

    lock_rank = None


class Bench(Scratch):
    __tablename__ = "together_bench"
    lock_rank = 1

    id: Mapped[int] = mapped_column(primary_key=True)
    taken: Mapped[int] = mapped_column(default=0)
    names: Mapped[str] = mapped_column(default="")


SEATS = 6


@pytest.fixture
def bench(database: Database) -> Iterator[Database]:
    Scratch.metadata.create_all(database.engine)
    with database.writing() as session:
        session.add(Bench(id=1))
    yield database
    Scratch.metadata.drop_all(database.engine)


def sit(name: str, *, fault: Callable[[], Exception] | None = None, before: bool = False) -> Callable[[Session], int]:
    """Take the next seat; a full bench refuses. A fault comes before or after the row is written."""

    def work(session: Session) -> int:
        row = hold(session, Bench, 1)
        if fault and before:
            raise fault()
        if row.taken == SEATS:
            raise Refused("bench.full")
        row.taken += 1
        row.names += name
        session.flush()
        if fault:
            raise fault()
        return row.taken

    return work


def outcome(future: Future[int]) -> object:
    error = future.exception(10)
    if error is None:
        return future.result()
    return error.code if isinstance(error, Refused) else type(error).__name__


def waiting(together: Together) -> int:
    return sum(len(queue.items) for queue in together._queues.values())


@pytest.fixture
def commits(bench: Database) -> list[str]:
    """One mark for each transaction that was kept."""
    marks: list[str] = []
    event.listen(bench.engine, "commit", lambda _connection: marks.append("commit"))
    return marks


def at_once(together: Together, works: list[Callable[[Session], int]]) -> list[object]:
    """One request is being written while all these arrive, in order; what each is answered."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> int:
        hold(session, Bench, 1)
        begun.set()
        assert go_on.wait(10)
        return 0

    with ThreadPoolExecutor(len(works) + 1) as threads:
        first = threads.submit(together.do, Bench, 1, slow)
        assert begun.wait(10)
        others = []
        for number, work in enumerate(works):
            others.append(threads.submit(together.do, Bench, 1, work))
            until = time.monotonic() + 10
            while waiting(together) <= number:
                assert time.monotonic() < until
                time.sleep(0.001)
        go_on.set()
        return [outcome(first), *map(outcome, others)][1:]


def row(bench: Database) -> tuple[int, str]:
    with bench.reading() as session:
        found = session.get_one(Bench, 1)
        return found.taken, found.names


def test_alone_it_waits_for_nobody(bench: Database, commits: list[str]) -> None:
    together = Together(bench)

    assert [together.do(Bench, 1, sit("a")), together.do(Bench, 1, sit("b"))] == [1, 2]
    assert (commits, row(bench), together._queues) == (["commit", "commit"], (2, "ab"), {})


def test_work_may_have_nothing_to_say(bench: Database) -> None:
    assert Together(bench).do(Bench, 1, lambda session: None) is None


def test_those_who_come_meanwhile_are_written_together_in_order(bench: Database, commits: list[str]) -> None:
    answers = at_once(Together(bench), [sit(name) for name in "abcde"])

    assert (answers, row(bench)) == ([1, 2, 3, 4, 5], (5, "abcde"))
    assert commits == ["commit", "commit"]


def test_no_more_than_so_many_at_once(bench: Database, commits: list[str]) -> None:
    answers = at_once(Together(bench, most=2), [sit(name) for name in "abcde"])

    assert (answers, row(bench)) == ([1, 2, 3, 4, 5], (5, "abcde"))
    assert commits == ["commit"] * 4


def test_switched_off_each_has_a_transaction(bench: Database, commits: list[str]) -> None:
    answers = at_once(Together(bench, most=1), [sit(name) for name in "abc"])

    assert (answers, row(bench), commits) == ([1, 2, 3], (3, "abc"), ["commit"] * 4)


def test_a_refusal_that_wrote_nothing_harms_nobody(bench: Database, commits: list[str]) -> None:
    answers = at_once(Together(bench), [sit(name) for name in "abcdefgh"])

    assert (answers, row(bench)) == ([1, 2, 3, 4, 5, 6, "bench.full", "bench.full"], (6, "abcdef"))
    assert commits == ["commit", "commit"]


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("kind", [ValueError, lambda: Refused("bench.wet")])
def test_a_poisoned_one_fails_alone_and_leaves_no_trace(bench: Database, kind: Callable[[], Exception], before: bool) -> None:
    answers = at_once(Together(bench), [sit("a"), sit("x", fault=kind, before=before), sit("b"), sit("c")])

    told = "bench.wet" if kind is not ValueError else "ValueError"
    assert (answers, row(bench)) == ([1, told, 2, 3], (3, "abc"))


def test_a_failed_statement_of_one_is_not_the_failure_of_the_next(bench: Database) -> None:
    def broken(session: Session) -> int:
        hold(session, Bench, 1)
        session.add(Bench(id=1))
        session.flush()
        return 0

    answers = at_once(Together(bench), [sit("a"), broken, sit("b")])

    assert (answers, row(bench)) == ([1, "IntegrityError", 2], (2, "ab"))


def test_a_commit_that_fails_is_done_again_one_by_one(bench: Database) -> None:
    together, lost = Together(bench), []

    def lose(_connection: object) -> None:
        if len(lost) == 1:  # the second commit: that of all together
            lost.append("again")
            raise ConnectionError("the line was cut")
        lost.append("kept")

    event.listen(bench.engine, "commit", lose)
    answers = at_once(together, [sit(name) for name in "abc"])

    assert (answers, row(bench)) == ([1, 2, 3], (3, "abc"))
    assert lost == ["kept", "again", "kept", "kept", "kept"]


def test_nobody_is_answered_before_the_commit(bench: Database) -> None:
    together = Together(bench)

    def told(name: str) -> bool:
        together.do(Bench, 1, sit(name))
        return name in row(bench)[1]

    with ThreadPoolExecutor(SEATS) as threads:
        kept = list(threads.map(told, "abcdef"))

    assert kept == [True] * SEATS
    assert sorted(row(bench)[1]) == list("abcdef")


def test_rows_do_not_wait_for_one_another(bench: Database) -> None:
    """A queue for each row: on PostgreSQL a second row is written while the first is still held. SQLite has one writer for all."""
    with bench.writing() as session:
        session.add(Bench(id=2))
    together, begun, go_on = Together(bench), threading.Event(), threading.Event()

    def slow(session: Session) -> int:
        hold(session, Bench, 1)
        begun.set()
        assert go_on.wait(10)
        return 0

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(together.do, Bench, 1, slow)
        assert begun.wait(10)
        if bench.dialect == "sqlite":
            go_on.set()
        other = together.do(Bench, 2, lambda session: hold(session, Bench, 2).taken)
        go_on.set()
        assert (other, first.result(10)) == (0, 0)
