"""What import contracts cannot say: allow-lists for each word, and one door for each way out."""

import ast
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.tree import ROOT, Trees, parsed, room_of, trees, word_of

# Modules of the standard library that decide by chance, by the clock or by what is outside.
IMPURE = (
    *("asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "select", "shutil"),
    *("signal", "smtplib", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request"),
)
PURE_LIB = frozenset({"lib.text", "lib.signing", "lib.refusal", "lib.probability"})
DATA_LIB = PURE_LIB | {"lib.db"}

# For each word: words of the own room, words of rooms below, modules of lib, third parties. None: whatever is installed.
# What rules may use, everything above them may use too.
ALLOWED: dict[str, tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str] | None]] = {
    "rules": (frozenset({"rules"}), frozenset({"rules"}), PURE_LIB, frozenset()),
    "models": (frozenset({"models", "rules"}), frozenset({"models", "rules"}), DATA_LIB | {"lib.pictures"}, frozenset({"sqlalchemy"})),
    "queries": (
        frozenset({"queries", "models", "rules"}),
        frozenset({"queries", "models", "rules"}),
        DATA_LIB | {"lib.inserts", "lib.paging"},
        frozenset({"sqlalchemy"}),
    ),
    # Models below stand in signatures only: test_words sees to it that their rows are made by their own room.
    "actions": (
        frozenset({"actions", "queries", "models", "rules"}),
        frozenset({"actions", "queries", "models", "rules"}),
        DATA_LIB | {"lib.codes", "lib.markup"},
        frozenset({"sqlalchemy"}),
    ),
    "exports": (
        frozenset({"exports", "queries", "models", "rules"}),
        frozenset({"exports", "queries", "models", "rules"}),
        DATA_LIB | {"lib.spreadsheets", "lib.languages", "lib.links", "lib.markup"},
        None,
    ),
    # Rows stand in signatures, for what a form offers; `web.pick` says their names in the language of the page.
    "forms": (
        frozenset({"forms", "queries", "models", "rules"}),
        frozenset({"queries", "models", "rules"}),
        DATA_LIB | {"lib.fields", "lib.languages", "lib.web"},
        None,
    ),
}

# Who may use what leads outside, beside whoever keeps the door. "x.*" stands for everything in x.
DOORS = {
    "smtplib": {"eventapp.lib.smtp"},
    "PIL": {"eventapp.lib.pictures.*"},
    "markupsafe": {"eventapp.lib.markup"},
    # The invented people of a demo are drawn from a seed, so that the same command invents them again.
    "random": {"eventapp.lib.codes", "eventapp.lib.db", "eventapp.cli.demo.*"},
    "secrets": {"eventapp.lib.codes", "eventapp.lib.web.*"},
    "time": {"eventapp.lib.clock", "eventapp.lib.db"},
    "http.client": {"eventapp.lib.http"},
    "urllib.request": {"eventapp.lib.http"},
    "requests": {"eventapp.lib.http"},
    "httpx": {"eventapp.lib.http"},
    "urllib3": {"eventapp.lib.http"},
    "aiohttp": {"eventapp.lib.http"},
    "ftplib": set(),
    "telnetlib": set(),
    "pickle": set(),
    "marshal": set(),
    "shelve": set(),
    "importlib": set(),
    "eventapp.lib.clock": {"eventapp.app", "eventapp.lib.web.*", "eventapp.lib.limits", "eventapp.worker.*", "eventapp.cli.*"},
    "config": {"eventapp.app"},
    "migrations": set(),
    "tests": set(),
}


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each import with its line, as the longest name it can mean: `from a.b import c` → a.b.c."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def is_or_is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def faults_of_words(files: Trees) -> list[str]:
    return [
        f"{path}:{line}: {word_of(path)} may not import {name}"
        for path, tree in files.items()
        if word_of(path) in ALLOWED
        for line, name in imports(tree)
        if not may_import(path, name)
    ]


def may_import(path: str, name: str) -> bool:
    own, below, lib, third = ALLOWED[word_of(path)]
    top, *rest = name.split(".")
    if top != "eventapp":
        if top in sys.stdlib_module_names:
            return word_of(path) == "exports" or not any(is_or_is_in(name, impure) for impure in IMPURE)
        return third is None or top in third
    if rest[0] == "lib":
        return ".".join(rest[:2]) in lib
    # `from eventapp.events import queries` and `import eventapp.events.queries` say the same.
    return len(rest) > 1 and rest[1] in (own if rest[0] == room_of(path) else below)


def faults_of_doors(files: Trees) -> list[str]:
    return [
        f"{path}:{line}: {name} belongs to {sorted(DOORS[door]) or 'nobody'}"
        for path, tree in files.items()
        for line, name in imports(tree)
        for door in DOORS
        if is_or_is_in(name, door) and not any(keeps(path, keeper) for keeper in DOORS[door])
    ]


def keeps(path: str, keeper: str) -> bool:
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return is_or_is_in(module, keeper.removesuffix(".*")) if keeper.endswith(".*") else module == keeper


def test_every_word_imports_what_its_word_may() -> None:
    assert faults_of_words(trees()) == []


@pytest.mark.trust("NET-2")
@pytest.mark.trust("OUT-1")
def test_each_way_out_has_one_door() -> None:
    assert faults_of_doors(trees()) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("eventapp/events/rules.py", "import random"),
        ("eventapp/events/rules.py", "from urllib.request import urlopen"),
        ("eventapp/events/rules.py", "import pydantic"),
        ("eventapp/events/rules.py", "from eventapp.lib import codes"),
        ("eventapp/events/rules.py", "from eventapp.people import models"),
        ("eventapp/events/models.py", "from eventapp.people import queries"),
        ("eventapp/events/models.py", "from eventapp.lib.paging import Page"),
        ("eventapp/events/queries.py", "from eventapp.people.actions import note"),
        ("eventapp/registration/actions/seats.py", "from eventapp.events import exports"),
        ("eventapp/registration/actions/seats.py", "from eventapp.lib import pictures"),
        ("eventapp/registration/actions/seats.py", "import threading"),
        ("eventapp/events/forms.py", "from eventapp.events.actions import publish"),
        ("eventapp/events/exports.py", "from eventapp.lib import web"),
    ],
)
def test_a_planted_import_is_noticed_by_its_word(path: str, line: str) -> None:
    assert len(faults_of_words({path: parsed(line)})) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("eventapp/cli/doctor.py", "import smtplib"),
        ("eventapp/tickets/exports.py", "from PIL import Image"),
        ("eventapp/events/pages.py", "from markupsafe import Markup"),
        ("eventapp/worker/webhooks.py", "from urllib.request import urlopen"),
        ("eventapp/worker/webhooks.py", "from urllib import request"),
        ("eventapp/registration/pages/tickets.py", "from eventapp.lib import clock"),
        ("eventapp/lib/web/__init__.py", "from config import settings"),
        ("eventapp/events/models.py", "from secrets import token_hex"),
        ("eventapp/lib/codes.py", "import pickle"),
    ],
)
def test_a_planted_way_around_a_door_is_noticed(path: str, line: str) -> None:
    assert len(faults_of_doors({path: parsed(line)})) == 1


def test_migrations_import_the_metadata_alone() -> None:
    revisions = {path.relative_to(ROOT).as_posix(): parsed(path.read_text()) for path in (ROOT / "migrations" / "versions").glob("*.py")}

    assert [(path, name) for path, tree in revisions.items() for _line, name in imports(tree) if is_or_is_in(name, "eventapp")] == []
