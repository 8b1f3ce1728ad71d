"""The import contracts hold; and each of them would notice being broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, ROOT, contracts, lines, rooms

PLANTED = [
    ("rooms", {"events/queries.py": "import eventapp.registration.models"}),
    ("rooms", {"door/rules/facts.py": "import eventapp.programme"}),
    ("rooms", {"lobby/__init__.py": ""}),
    ("words", {"registration/rules/states.py": "import eventapp.registration.models"}),
    ("words", {"events/forms.py": "import eventapp.events.exports", "events/exports.py": ""}),
    ("words", {"events/helpers.py": ""}),
    ("ground", {"lib/text.py": "import eventapp.lib.refusal"}),
    ("ground", {"lib/db.py": "import eventapp.lib.limits"}),
    ("ground", {"lib/common.py": ""}),
    ("tops-worker", {"worker/duties.py": "import eventapp.worker.loop", "worker/loop.py": ""}),
    ("tops-worker", {"worker/misc.py": ""}),
    ("tops-api", {"api/events.py": "import eventapp.api.people", "api/people.py": ""}),
    ("tops-api", {"api/shared.py": ""}),
    ("tops-cli", {"cli/serve.py": "import eventapp.cli.demo", "cli/demo.py": ""}),
    ("tops-cli", {"cli/shared.py": ""}),
    ("pure", {"events/rules.py": "import sqlalchemy"}),
    ("pure", {"events/rules.py": "import eventapp.lib.limits"}),
    ("webless", {"events/actions.py": "import flask"}),
    ("webless", {"events/queries.py": "import eventapp.lib.smtp"}),
    ("sqlless-edge", {"site/pages.py": "import sqlalchemy"}),
    ("sqlless-edge", {"worker/duties.py": "import sqlalchemy.orm"}),
    ("sign-in", {"api/people.py": "import flask_login"}),
    ("sign-in", {"people/forms.py": "import flask_login"}),
    ("mounted", {"backoffice/pages.py": "import eventapp.events.backoffice", "events/backoffice.py": ""}),
    ("mounted", {"events/pages.py": "", "worker/loop.py": "import eventapp.events.pages"}),
    ("acyclic", {"messages/actions.py": "import eventapp.messages.queries", "messages/queries.py": "import eventapp.messages.actions"}),
]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    shutil.copytree(PACKAGE, folder / "eventapp", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def linted(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_contract_is_kept() -> None:
    result = linted(ROOT)

    assert result.returncode == 0, result.stdout[-5_000:]


@pytest.mark.trust("P-9")
@pytest.mark.parametrize(("contract", "planted"), PLANTED, ids=[f"{contract}-{next(iter(files))}" for contract, files in PLANTED])
def test_a_planted_violation_breaks_its_contract(copied: Path, contract: str, planted: dict[str, str]) -> None:
    touched = {place(copied, name): line for name, line in planted.items()}
    before = {path: path.read_text() if path.exists() else None for path in touched}
    try:
        for path, line in touched.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{before[path] or ''}\n{line}\n")

        result = linted(copied, "--contract", contract)
    finally:
        restore(before)

    name = contracts().get(f"importlinter:contract:{contract}", "name")
    assert result.returncode == 1
    assert f"{name} BROKEN" in result.stdout or "not listed as layers" in result.stdout, result.stdout[-2_000:]


def place(folder: Path, name: str) -> Path:
    """The file to plant into: the module, or the front of the package that has taken its place."""
    path = folder / "eventapp" / name
    return path.with_suffix("") / "__init__.py" if path.with_suffix("").is_dir() else path


def restore(before: dict[Path, str | None]) -> None:
    for path, source in before.items():
        if source is not None:
            path.write_text(source)
        elif path.name == "__init__.py":
            shutil.rmtree(path.parent)
        else:
            path.unlink()


def test_every_contract_has_a_planted_violation_and_names_an_existing_decision() -> None:
    names = [section.rpartition(":")[2] for section in contracts().sections() if section.startswith("importlinter:contract:")]
    guidance = [contracts().get(f"importlinter:contract:{name}", "broken_contract_guidance") for name in names]

    assert sorted({contract for contract, _planted in PLANTED}) == sorted(names)
    assert all((ROOT / sentence.rstrip(".").rpartition(" ")[2]).is_file() for sentence in guidance)


def test_every_room_has_the_same_inside() -> None:
    assert sorted(f"eventapp.{room}" for room in rooms()) == sorted(lines("words", "containers"))


def test_a_door_that_is_built_is_closed_to_those_below() -> None:
    built = {f"eventapp.lib.{name}" for name in ("web", "clock", "smtp", "http") if any(PACKAGE.glob(f"lib/{name}*"))}

    assert built <= set(lines("pure", "forbidden_modules"))
    assert built <= set(lines("webless", "forbidden_modules"))
