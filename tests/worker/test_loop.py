"""The loop works on whatever happens: a duty that fails, a database that is away, a stop in the middle."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from eventapp.lib.db import Database, Unavailable
from eventapp.messages import queries
from eventapp.worker import loop
from eventapp.worker.duties import Duty
from tests.cast import KARIM, LUCIE
from tests.factories import NOW, House


@pytest.fixture(autouse=True)
def in_context(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without waiting, without politeness towards other processes, and with the signals put back."""
    for name in ("IDLE_SECONDS", "AWAY_SECONDS"):
        monkeypatch.setattr(loop, name, 0.001)
    monkeypatch.setattr(loop.os, "nice", lambda _by: 0)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with app.app_context():
        yield
    for number, handler in before.items():
        signal.signal(number, handler)


def duty(name: str, run: Callable[[datetime], Any]) -> Duty:
    return Duty(name, timedelta(minutes=1), run)


def fails(error: Exception) -> Callable[[datetime], None]:
    def run(_now: datetime) -> None:
        raise error

    return run


def test_once_drains_what_is_due_and_shows_itself_alive(app: Flask, database: Database) -> None:
    house = House(database)
    for number in range(25):  # more than one batch
        house.register(replace(KARIM, first_name=f"Karim{number}"))

    assert (loop.run(once=True), loop.run(once=True)) == (25, 0)
    with database.reading() as session:
        assert (queries.by_state(session), queries.last_beat(session)) == ({"sent": 25}, NOW)


@pytest.mark.trust("P-7")
def test_a_duty_that_fails_keeps_no_other_from_its_turn_and_no_mail_from_leaving(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    House(database).register(KARIM)
    ran: list[datetime] = []
    monkeypatch.setattr(loop, "DUTIES", (duty("broken", fails(ValueError("canary"))), duty("well", ran.append)))

    handled = loop.run(once=True)

    assert (handled, ran) == (1, [NOW])
    assert [record.getMessage() for record in caplog.records] == ["duty broken failed; it runs again in 0:01:00"]
    with database.reading() as session:
        assert [(slot.name, slot.problem) for slot in queries.duties(session)] == [("broken", "ValueError"), ("well", "")]


def test_a_duty_has_its_turn_once_a_period_whatever_the_number_of_rounds(
    app: Flask, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    ran: list[datetime] = []
    monkeypatch.setattr(loop, "DUTIES", (duty("well", ran.append),))
    edge = app.extensions["eventapp"]

    for seconds in (0, 1, 59, 60, 61):
        edge.clock = lambda moment=NOW + timedelta(seconds=seconds): moment
        loop.run(once=True)

    assert ran == [NOW, NOW + timedelta(seconds=60)]


class GoneError(Exception):
    sqlstate = "40P01"


@pytest.mark.trust("P-7", "F-5", "F-10")
@pytest.mark.parametrize("error", [Unavailable("away"), OperationalError("SELECT", {}, GoneError())])
def test_a_database_that_is_away_is_waited_for_without_a_restart(
    database: Database, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    house = House(database)
    house.register(KARIM)
    house.register(LUCIE)
    deliver, tries = loop.mail.deliver_due, iter([True, True, False, False])

    def away_at_first(*, now: datetime) -> int:
        if next(tries, None) is None:
            os.kill(os.getpid(), signal.SIGTERM)
            return 0
        return deliver(now=now)

    calls = iter([error, error])

    def beat(*arguments: Any, **values: Any) -> None:
        failure = next(calls, None)
        if failure is not None:
            raise failure

    monkeypatch.setattr(loop.mail, "deliver_due", away_at_first)
    monkeypatch.setattr(loop.messages, "beat", beat)

    assert loop.run(once=False) == 2
    with database.reading() as session:
        assert queries.by_state(session) == {"sent": 2}


def test_a_fault_of_ours_is_not_waited_out(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*, now: datetime) -> int:
        raise RuntimeError("a bug")

    monkeypatch.setattr(loop.mail, "deliver_due", broken)

    with pytest.raises(RuntimeError, match="a bug"):
        loop.run(once=False)


def test_once_says_when_the_database_is_away(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    def away(*, now: datetime) -> int:
        raise Unavailable("away")

    monkeypatch.setattr(loop.mail, "deliver_due", away)

    with pytest.raises(Unavailable):
        loop.run(once=True)


@pytest.mark.trust("OPS-1")
def test_a_busy_worker_shows_itself_alive(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rush of mails once kept a worker from its beat and its duties for minutes."""
    times = iter(range(0, 1000, 4))
    beats: list[int] = []
    rounds = iter([1] * 10)
    monkeypatch.setattr(loop, "monotonic", lambda: next(times))
    monkeypatch.setattr(loop.messages, "beat", lambda *_a, **_k: beats.append(1))

    def always_busy(*, now: datetime) -> int:
        if next(rounds, None) is None:
            os.kill(os.getpid(), signal.SIGTERM)
        return 1

    monkeypatch.setattr(loop.mail, "deliver_due", always_busy)

    loop.run(once=False)

    assert len(beats) >= 3


@pytest.mark.trust("OPS-10")
def test_a_worker_that_is_told_to_stop_ends_its_batch_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(database)
    house.register(KARIM)
    house.register(LUCIE)
    deliver = loop.mail._deliver

    def told_in_the_middle(message: Any, *, lease: str) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        return deliver(message, lease=lease)

    monkeypatch.setattr(loop.mail, "_deliver", told_in_the_middle)

    assert loop.run(once=False) == 2
    assert threading.active_count() >= 1
    with database.reading() as session:
        assert queries.by_state(session) == {"sent": 2}
