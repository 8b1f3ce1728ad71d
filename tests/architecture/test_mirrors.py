"""Names repeat: where a module is, its test is; where a test is, its module is."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, ROOT, STATIC, TOPS, WORDS, rooms

TESTS = ROOT / "tests"
# Tests that are about no single module: they tell stories, or look at everything.
ACROSS = {"architecture", "browser", "concurrency", "flows", "js", "bench", "soak", "faults"}
# Tables say what test_schema and test_migrations check for all rooms at once.
UNTESTED = {"models"}
BROWSER = re.compile(
    r"\b(document|window|navigator|location|localStorage|indexedDB|caches|fetch|Worker|HTMLElement|HTML\w+Element|Element|Event|AudioContext"
    r"|customElements|postMessage|textContent|querySelector|classList|addEventListener|requestAnimationFrame)\b"
)
IMPORTED = re.compile(r"""(?:from|import)\s*\(?\s*["']([./][^"']+)["']""")


def modules(folder: Path, names: Iterable[str] | None = None) -> set[str]:
    """The modules and packages of a folder, but for its front."""
    found = {path.stem for path in folder.glob("*.py") if path.stem != "__init__"}
    found |= {path.parent.name for path in folder.glob("*/__init__.py")}
    return found if names is None else found & set(names)


def inside(folder: Path) -> set[str]:
    """The files of a word that has become a package: `actions/seats.py` may have a test of its own, `test_seats.py`."""
    return {path.stem for path in folder.glob("*/*.py") if path.stem != "__init__"}


def named_tests(folder: Path) -> set[str]:
    return {path.stem.removeprefix("test_") for path in folder.glob("test_*.py")}


def missing_tests(package: Path, tests: Path) -> set[str]:
    """Modules that no test is named after. A package is tested by `test_<package>.py`, or file by file."""
    found = modules(package)
    return {
        name
        for name in found - named_tests(tests) - UNTESTED
        if not ((package / name).is_dir() and inner(package / name) and inner(package / name) <= named_tests(tests))
    }


def inner(package: Path) -> set[str]:
    return {path.stem for path in package.glob("*.py") if path.stem != "__init__"}


def left_over_tests(package: Path, tests: Path) -> set[str]:
    """Tests that are named after nothing: neither a module nor a table of cases beside them."""
    return named_tests(tests) - modules(package) - inside(package) - {path.stem for path in tests.glob("*.json")}


FOLDERS = sorted({*rooms(), *(top for top in TOPS if top != "app")})


@pytest.mark.parametrize("name", FOLDERS)
def test_every_module_has_a_test_of_its_name(name: str) -> None:
    assert missing_tests(PACKAGE / name, TESTS / name) == set()


@pytest.mark.parametrize("name", FOLDERS)
def test_no_test_has_lost_its_module(name: str) -> None:
    assert left_over_tests(PACKAGE / name, TESTS / name) == set()


def test_every_folder_of_tests_mirrors_a_room_or_tells_stories() -> None:
    folders = {path.name for path in TESTS.iterdir() if path.is_dir() and any(path.rglob("*test*"))}

    assert folders - set(FOLDERS) - ACROSS == set()


def test_rooms_hold_words_alone() -> None:
    assert {room: modules(PACKAGE / room) - set(WORDS) for room in rooms() if modules(PACKAGE / room) - set(WORDS)} == {}


def pure_scripts(folder: Path) -> set[str]:
    """The scripts that touch nothing of the browser, neither themselves nor through what they import."""
    return {
        path.relative_to(folder).as_posix().removesuffix(".js")
        for path in folder.glob("*/*.js")
        if path.parent.name != "elements" and is_pure(path.resolve(), frozenset())
    }


def is_pure(path: Path, seen: frozenset[Path]) -> bool:
    source = without_comments(path.read_text())
    needed = {(path.parent / name).resolve() for name in IMPORTED.findall(source)} - seen
    return not BROWSER.search(source) and all(one.is_file() and is_pure(one, seen | {path}) for one in needed)


def without_comments(source: str) -> str:
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.DOTALL)


def script_tests(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix().removesuffix(".test.js"): path.read_text() for path in folder.rglob("*.test.js")}


def test_every_pure_script_is_imported_by_a_test_of_its_room() -> None:
    tests = script_tests(TESTS / "js")
    imported = {
        f"{name.partition('/')[0]}/{file}" for name, source in tests.items() for file in re.findall(r"static/js/\w+/([\w.-]+)\.js", source)
    }

    assert pure_scripts(STATIC / "js") - imported == set()


def test_no_test_of_a_script_has_lost_it() -> None:
    named = {
        (name, path)
        for name, source in script_tests(TESTS / "js").items()
        for path in re.findall(r"(static/js/[\w./-]+\.js(?:on)?)", source)
    }

    assert {(name, path) for name, path in named if not (ROOT / path).is_file()} == set()


@pytest.fixture
def scratch(tmp_path: Path) -> tuple[Path, Path]:
    package, tests = tmp_path / "package", tmp_path / "tests"
    for path in ("rules.py", "queries.py", "actions/__init__.py", "actions/seats.py", "actions/offers.py", "models.py"):
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).touch()
    tests.mkdir()
    for name in ("test_rules.py", "test_seats.py", "test_letters.py"):
        (tests / name).touch()
    return package, tests


@pytest.mark.trust("P-9")
def test_planted_gaps_are_noticed(scratch: tuple[Path, Path]) -> None:
    assert missing_tests(*scratch) == {"queries", "actions"}
    assert left_over_tests(*scratch) == {"letters"}


def test_a_package_is_tested_as_a_whole_or_file_by_file(scratch: tuple[Path, Path]) -> None:
    package, tests = scratch
    (tests / "test_queries.py").touch()
    (tests / "test_offers.py").touch()
    assert missing_tests(package, tests) == set()

    (tests / "test_offers.py").rename(tests / "test_actions.py")
    assert missing_tests(package, tests) == set()


def test_a_planted_pure_script_is_told_from_one_that_needs_a_browser(tmp_path: Path) -> None:
    (tmp_path / "door").mkdir()
    (tmp_path / "door" / "codes.js").write_text("// no document here\nexport const one = 1")
    (tmp_path / "door" / "screen.js").write_text("document.title = 1")
    (tmp_path / "door" / "app.js").write_text('import { show } from "./screen.js"')

    assert pure_scripts(tmp_path) == {"door/codes"}
