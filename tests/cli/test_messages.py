"""`eventapp worker` and `resume`: what is due goes out, and after a restore nothing does until somebody says so."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import text

from eventapp.lib.db import Database
from eventapp.lib.schema import RESTORED, head_revision
from eventapp.messages import actions as messages
from eventapp.messages import queries
from tests.cast import KARIM, LUCIE, MARC, NORA
from tests.cli.conftest import Run
from tests.factories import NOW, House
from tests.registration.line import Line


@pytest.fixture
def house(database: Database) -> House:
    house = House(database)
    house.register(KARIM)
    house.register(LUCIE)
    return house


@pytest.fixture
def instance(environ: dict[str, str]) -> Path:
    return Path(environ["INSTANCE_DIR"])


def letters(instance: Path) -> list[str]:
    return sorted(
        str(message_from_bytes(file.read_bytes(), policy=policy.default)["To"]).partition("<")[2].rstrip(">")
        for file in (instance / "mail").glob("*.eml")
    )


def by_state(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return queries.by_state(session)


def test_once_drains_what_is_due_and_says_how_much(run: Run, house: House, instance: Path, database: Database) -> None:
    first, second = run("worker", "--once"), run("worker", "--once")

    assert [(one.exit_code, one.stdout) for one in (first, second)] == [(0, "2 mails handled\n"), (0, "0 mails handled\n")]
    assert letters(instance) == [KARIM.email, LUCIE.email]
    assert by_state(database) == {"sent": 2}


def test_mail_that_is_due_later_waits(run: Run, house: House, instance: Path, database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE message SET due_at = :later WHERE id = 1"), {"later": (NOW + timedelta(hours=1)).isoformat(" ")})

    assert run("worker", "--once").stdout == "1 mails handled\n"
    assert letters(instance) == [LUCIE.email]


@pytest.fixture
def restored(house: House, instance: Path, database: Database) -> None:
    """An instance as `restore` leaves it."""
    with database.writing() as session:
        messages.hold_all(session, now=NOW)
    instance.mkdir(exist_ok=True)
    (instance / RESTORED).touch()


@pytest.mark.trust("OPS-5")
def test_after_a_restore_the_worker_is_refused_until_resume(run: Run, restored: None, instance: Path, database: Database) -> None:
    refused = run("worker", "--once")
    resumed = run("resume")
    worked = run("worker", "--once")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "Error: this instance was restored from a backup: run `eventapp verify`, then `eventapp resume`\n"
    assert (resumed.exit_code, resumed.stdout) == (0, "2 mails will be sent\n")
    assert (worked.stdout, letters(instance)) == ("2 mails handled\n", [KARIM.email, LUCIE.email])


@pytest.mark.trust("OPS-5")
def test_held_mails_can_be_dropped_instead(run: Run, restored: None, instance: Path, database: Database) -> None:
    dropped = run("resume", "--drop")

    assert (dropped.exit_code, dropped.stdout) == (0, "2 mails dropped\n")
    assert run("worker", "--once").stdout == "0 mails handled\n"
    assert (letters(instance), by_state(database)) == ([], {"failed": 2})


@pytest.mark.trust("OPS-5")
def test_an_offer_whose_mail_is_dropped_ends_in_its_time(run: Run, house: House, instance: Path, database: Database) -> None:
    line = Line(database, house=house)
    seated, waiting = line.join(NORA, MARC, auto_until="never")
    line.leave(seated, now=NOW)
    assert line.row(waiting).started_at is None
    with database.writing() as session:
        messages.hold_all(session, now=NOW)
    instance.mkdir(exist_ok=True)
    (instance / RESTORED).touch()

    assert run("resume", "--drop").exit_code == 0

    assert (line.row(waiting).state, line.row(waiting).started_at is None) == ("offered", False)
    assert line.row(waiting).expires_at == line.row(waiting).answer_by


def test_resume_where_nothing_is_held_changes_nothing(run: Run, house: House, database: Database) -> None:
    assert (run("resume").stdout, by_state(database)) == ("0 mails will be sent\n", {"queued": 2})


@pytest.mark.trust("BOOT-3")
@pytest.mark.parametrize(
    "arguments",
    [
        ("worker", "--once"),
        ("resume",),
        ("setup",),
        ("state", "--event", "x"),
        ("verify",),
        ("demo", "load"),
        ("serve", "--port", "1"),
        ("db", "check"),
    ],
)
def test_nothing_runs_on_a_schema_of_another_release(run: Run, database: Database, arguments: tuple[str, ...]) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    answer = run(*arguments)

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == f"Error: the schema is at 9999, this code expects {head_revision(database)}: run `eventapp db upgrade`\n"


@pytest.mark.trust("BOOT-3", "F-12")
@pytest.mark.parametrize("arguments", [("worker", "--once"), ("setup",), ("verify",), ("serve", "--port", "1"), ("db", "current")])
def test_a_database_that_is_none_is_one_sentence(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "broken.db").write_bytes(b"not a database at all" * 100)

    answer = run(*arguments, DATABASE_URL=f"sqlite:///{tmp_path}/broken.db")

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == "Error: the database cannot be read, check DATABASE_URL: file is not a database\n"
