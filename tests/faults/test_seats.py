"""Each guard of the seats, weakened by this test itself, must make the tests of the room fail: they prove what they say.

A guard that can be taken away unnoticed is not guarded. The tree is copied; nothing of this checkout is changed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
COPIED = ("eventapp", "tests", "tools")
LINKED = ("templates", "static", "translations", "migrations", "alembic.ini", "config.py", "wsgi.py", "pyproject.toml")
TESTS = ("tests/registration/test_rules.py", "tests/registration/test_actions.py", "tests/registration/test_queries.py")

LINE = "eventapp/registration/rules/line.py"
SEATS = "eventapp/registration/actions/seats.py"
VERBS = "eventapp/registration/actions/registrations.py"
ENDINGS = "eventapp/registration/actions/endings.py"
QUOTAS = "eventapp/registration/actions/quotas.py"
JOURNAL = "eventapp/journal/actions.py"

WEAKENED = {
    "the newest is first": (
        LINE,
        "heads.append((party.line_class, party.seq or 0, index",
        "heads.append((party.line_class, -(party.seq or 0), index",
    ),
    "the class is ignored": (LINE, "heads.append((party.line_class, party.seq or 0, index", "heads.append((5, party.seq or 0, index"),
    "a newcomer overtakes": (LINE, "heads.append((newcomer.line_class, newcomer.seq or 0,", "heads.append((newcomer.line_class, 0,"),
    "one seat too many": (LINE, "if room >= party.size:", "if room >= party.size - 1:"),
    "the last seat is never given": (LINE, "if room >= party.size:", "if room > party.size:"),
    "who does not fit blocks the others": (
        LINE,
        "        elif books.may_keep(party, own):\n            books.keep(own, party.size)\n    result.more",
        "        else:\n            break\n    result.more",
    ),
    "a seat is taken in the first quota only": (
        LINE,
        "        for quota_id in own:\n            self.taken",
        "        for quota_id in own[:1]:\n            self.taken",
    ),
    "a group keeps no seat": (LINE, "self.kept[quota_id] = self.kept.get(quota_id, 0) + available", "pass"),
    "a group keeps seats where there is room": (LINE, "            if available < size:\n", "            if available:\n"),
    "a group keeps seats without end": (LINE, "            and self.now < self.house.calendar.keep_until\n", ""),
    "an allotment is not guarded": (LINE, "- self.guarded(quota_id, own) -", "-"),
    "an allotment is guarded without end": (LINE, "            and self.now < other.protected_until\n", ""),
    "somebody is seated after the freeze": (
        LINE,
        "            if state is not None:\n                states[shape] = state\n",
        "            if True:\n                states[shape] = state or State.CONFIRMED\n",
    ),
    "a newcomer passes by the line after the freeze": (
        LINE,
        "(now < house.freeze_at or waiting_for.isdisjoint(house.charged[newcomer.ticket_type_id]))",
        "newcomer is not None",
    ),
    "the ledger is skipped": (
        SEATS,
        "        insert_later(\n            session, SeatEntry",
        "        delta and None or (lambda *_, **__: None)(\n            session, SeatEntry",
    ),
    "the counter is charged in the first quota only": (SEATS, "    for quota_id in quota_ids:\n", "    for quota_id in quota_ids[:1]:\n"),
    "the ceiling stays up": (SEATS, "else_=_quota.seat_limit)", "else_=_quota.ceiling)"),
    "the line is not counted": (SEATS, "    if waited != waits:\n", "    if False:\n"),
    "a second cancellation frees again": (
        ENDINGS,
        "    if registration.state in rules.TERMINAL:\n        return registration\n    pairs",
        "    pairs",
    ),
    "a freed seat waits": (
        ENDINGS,
        'reason=reason if by_organiser else "", now=now)\n    allocate(session, event=event, now=now)',
        'reason=reason if by_organiser else "", now=now)',
    ),
    "a raised limit promotes nobody": (QUOTAS, "return allocate(session, event=event, now=now).promoted", "return []"),
    "whom the organiser harmed is not first": (
        ENDINGS,
        "registration.line_class = rules.HARMED",
        "registration.line_class = rules.EVERYONE",
    ),
    "an address registers twice": (
        VERBS,
        "    existing = queries.live_registration(session, event.id, canonical) if canonical else None\n",
        "    existing = None\n",
    ),
    "a repetition is not known": (JOURNAL, "    known = queries.command(session, key)\n", "    known = None\n"),
    "a key is not kept": (
        JOURNAL,
        "    insert_later(session, CommandKey, key=key, body_sha256=sha256(body), subject=subject, at=now)\n",
        "    return None\n",
    ),
    "nobody is told": (VERBS, "    letters.tell(session, event=event, registration=registration, kind=letter, place=place, now=now)\n", ""),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("tree")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name)
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    yield folder
    shutil.rmtree(folder)


def suite(tree: Path) -> subprocess.CompletedProcess[str]:
    """The room's tests on SQLite, in the copied tree, until the first that fails."""
    environ = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    environ = {name: value for name, value in environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:xdist", "-k", "not postgresql", *TESTS]
    return subprocess.run(command, cwd=tree, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_tests_pass_where_nothing_is_weakened(tree: Path) -> None:
    done = suite(tree)

    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.slow
@pytest.mark.trust("P-9")
@pytest.mark.parametrize("weakness", WEAKENED)
def test_a_weakened_guard_is_noticed(tree: Path, weakness: str) -> None:
    path, guard, instead = WEAKENED[weakness]
    file = tree / path
    source = file.read_text()
    assert source.count(guard) == 1, "the guard is not where this test looks for it"

    file.write_text(source.replace(guard, instead))
    try:
        done = suite(tree)
    finally:
        file.write_text(source)

    assert done.returncode == 1, done.stdout[-2000:]
    assert re.search(r"^FAILED tests/registration/test_\w+\.py::test_", done.stdout, re.MULTILINE), done.stdout[-2000:]
