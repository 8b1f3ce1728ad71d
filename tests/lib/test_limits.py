"""Limits: counters shared by processes and threads, on both databases, whatever the clock does."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from limits import parse
from sqlalchemy import select

from eventapp.lib import limits
from eventapp.lib.db import Database, Unavailable
from eventapp.lib.limits import LimitCounter, SqlStorage, Verdict, forgive, hit, limit, prefix, sweep

NOW = datetime(2027, 9, 24, 16, 30, tzinfo=UTC)
THREE = limit("test", "3 per minute")


@pytest.mark.trust("RATE-1")
def test_the_fourth_try_in_a_minute_waits_for_the_window_to_end(database: Database) -> None:
    verdicts = [hit(database, THREE, "lucie", now=NOW + timedelta(seconds=10 * n)) for n in range(4)]

    assert verdicts == [Verdict(True, 0)] * 3 + [Verdict(False, 30)]
    assert hit(database, THREE, "lucie", now=NOW + timedelta(seconds=60)) == Verdict(True, 0)


def test_keys_and_limits_are_counted_apart(database: Database) -> None:
    other = limit("other", "3 per minute")
    for _ in range(3):
        hit(database, THREE, "lucie", now=NOW)

    assert hit(database, THREE, "marc", now=NOW).ok
    assert hit(database, other, "lucie", now=NOW).ok
    assert not hit(database, THREE, "lucie", now=NOW).ok


@pytest.mark.trust("RATE-2")
def test_the_wait_grows_and_ends(database: Database) -> None:
    growing = limit("growing", "2 per minute; 3 per 10 minutes")

    for _ in range(2):
        assert hit(database, growing, "karim", now=NOW) == Verdict(True, 0)
    assert hit(database, growing, "karim", now=NOW) == Verdict(False, 60)
    assert hit(database, growing, "karim", now=NOW + timedelta(minutes=2)) == Verdict(False, 480)
    assert hit(database, growing, "karim", now=NOW + timedelta(minutes=10)) == Verdict(True, 0)


@pytest.mark.trust("RATE-2")
@pytest.mark.parametrize(
    ("named", "tries", "seconds"),
    [
        (limits.SIGN_IN_ACCOUNT, 5, 60),
        (limits.SIGN_IN_PREFIX, 30, 60),
        (limits.RESEND_ADDRESS, 3, 3_600),
        (limits.RESEND_PREFIX, 20, 3_600),
        (limits.UNKNOWN_CODES, 30, 60),
        pytest.param(limits.UNCONFIRMED_MAILS, 5, 86_400, marks=pytest.mark.trust("RATE-3")),
    ],
)
def test_the_promised_figures(database: Database, named: limits.Limit, tries: int, seconds: int) -> None:
    verdicts = [hit(database, named, "one", now=NOW) for _ in range(tries + 1)]

    assert verdicts == [Verdict(True, 0)] * tries + [Verdict(False, seconds)]


@pytest.mark.trust("Q-26")
def test_ten_minutes_of_guessing_at_one_account_cost_few_password_hashes(database: Database) -> None:
    verdicts = [hit(database, limits.SIGN_IN_ACCOUNT, "ines", now=NOW + timedelta(seconds=2 * n)) for n in range(300)]

    assert sum(verdict.ok for verdict in verdicts) <= 60


@pytest.mark.trust("F-13")
@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1), timedelta(seconds=90)])
def test_a_clock_that_steps_back_keeps_nobody_out_for_longer_than_the_window(database: Database, jump: timedelta) -> None:
    for _ in range(4):
        hit(database, THREE, "lucie", now=NOW + jump)

    assert hit(database, THREE, "lucie", now=NOW) == Verdict(True, 0)


@pytest.mark.trust("RATE-1")
def test_tries_at_the_same_moment_are_all_counted(database: Database) -> None:
    assert sum(at_once(lambda: hit(database, THREE, "paul", now=NOW).ok)) == 3


def test_counting_without_the_atomic_statement_would_lose_tries(database: Database) -> None:
    """The twin: two processes that read, add one and write. The count above would no longer be exact."""
    counts = []
    for _process in range(2):
        with database.reading() as session:
            counts.append(SqlStorage(session, NOW).get("paul"))
    for count in counts:
        with database.writing() as session:
            session.merge(LimitCounter(key=limits._hashed("paul"), count=count + 1, expires_at=NOW + timedelta(minutes=1)))

    with database.reading() as session:
        assert SqlStorage(session, NOW).get("paul") == 1


def at_once(tried: Callable[[], bool], people: int = 12) -> list[bool]:
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(tried())) for _ in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == people
    return answers


def test_a_success_is_forgiven(database: Database) -> None:
    for _ in range(4):
        hit(database, THREE, "ines", now=NOW)

    forgive(database, THREE, "ines", now=NOW)

    assert hit(database, THREE, "ines", now=NOW) == Verdict(True, 0)


@pytest.mark.trust("P-4")
def test_counters_hold_nothing_personal_and_are_swept(database: Database) -> None:
    hit(database, THREE, "lucie@forum.example", now=NOW)
    hit(database, THREE, "marc@forum.example", now=NOW + timedelta(seconds=30))
    hit(database, limits.UNCONFIRMED_MAILS, "nora@forum.example", now=NOW + timedelta(days=3))

    with database.reading() as session:
        assert not any("forum" in key for key in session.scalars(select(LimitCounter.key)))
    # One is over, one still open, and one was opened while the clock was three days ahead.
    assert sweep(database, now=NOW + timedelta(seconds=70)) == 2
    assert sweep(database, now=NOW + timedelta(seconds=70)) == 0


@pytest.mark.trust("RATE-2")
def test_without_counters_mail_refuses_and_the_door_goes_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Iterator[None]:
        raise Unavailable("away")

    monkeypatch.setattr(database, "writing", away)

    assert hit(database, limits.UNKNOWN_CODES, "phone", now=NOW) == Verdict(True, 0)
    with pytest.raises(Unavailable):
        hit(database, limits.SIGN_IN_ACCOUNT, "ines", now=NOW)


@pytest.mark.trust("P-5")
def test_a_try_is_never_counted_inside_another_transaction(database: Database) -> None:
    with database.writing(), pytest.raises(RuntimeError):
        hit(database, THREE, "lucie", now=NOW)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::9", "2001:db8::/64"),
        ("::ffff:192.0.2.9", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
        ("a phone", "unknown"),
    ],
)
def test_prefix(address: str | None, network: str) -> None:
    assert prefix(address) == network


def test_the_storage_keeps_what_the_library_expects(database: Database) -> None:
    with database.writing() as session:
        counters = SqlStorage(session, NOW)
        key = parse("3 per minute").key_for("x")

        assert counters.check()
        assert (counters.get(key), counters.get_expiry(key)) == (0, NOW.timestamp())
        assert [counters.incr(key, 60), counters.incr(key, 60, amount=2)] == [1, 3]
        assert (counters.get(key), counters.get_expiry(key)) == (3, (NOW + timedelta(seconds=60)).timestamp())
        counters.reset()
        assert counters.get(key) == 0
