"""`eventapp db`: where the schema is, whether that is right, and the way there and back. On both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from eventapp.lib.db import Database
from eventapp.lib.schema import current_revision, head_revision
from tests.cli.conftest import Run


@pytest.fixture
def head(database: Database) -> str:
    return head_revision(database) or ""


def test_current_prints_the_revision(run: Run, head: str) -> None:
    answer = run("db", "current")

    assert (answer.exit_code, answer.stdout, answer.stderr) == (0, f"{head}\n", "")


def test_check_is_content_with_a_schema_that_is_right(run: Run, head: str) -> None:
    answer = run("db", "check")

    assert (answer.exit_code, answer.stdout.splitlines()[-1]) == (0, f"schema at {head}, as expected")


@pytest.mark.trust("BOOT-3")
def test_check_refuses_a_schema_behind_the_code_saying_what_to_run(run: Run, database: Database, head: str) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    answer = run("db", "check")

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == f"Error: the schema is at 0000, this code expects {head}: run `eventapp db upgrade`\n"


def test_check_refuses_tables_that_are_not_those_of_the_code(run: Run, database: Database) -> None:
    with database.writing() as session:
        session.execute(text("CREATE TABLE of_somebody_else (id INTEGER PRIMARY KEY)"))

    answer = run("db", "check")

    assert answer.exit_code == 1
    assert "of_somebody_else" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_down_to_nothing_and_up_again(run: Run, database: Database, head: str) -> None:
    down = run("db", "downgrade", "base")
    empty, refused = run("db", "current"), run("db", "check")
    up, again = run("db", "upgrade"), run("db", "upgrade")

    assert (down.exit_code, down.stdout) == (0, "schema at nothing\n")
    assert (empty.exit_code, empty.stdout) == (0, "empty\n")
    assert (refused.exit_code, refused.stderr) == (
        1,
        f"Error: the schema is at nothing, this code expects {head}: run `eventapp db upgrade`\n",
    )
    assert [(one.exit_code, one.stdout) for one in (up, again)] == [(0, f"schema at {head}\n")] * 2
    assert current_revision(database) == head
    assert run("db", "check").exit_code == 0


def test_an_unknown_revision_is_refused_without_a_traceback(run: Run, database: Database, head: str) -> None:
    answer = run("db", "downgrade", "nowhere")

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "nowhere" in answer.stderr
    assert current_revision(database) == head


def test_an_unknown_verb_is_a_matter_of_usage(run: Run) -> None:
    assert run("db", "sideways").exit_code == 2
