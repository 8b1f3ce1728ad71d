"""Short modules: a colleague in a hurry reads one to its end. Source: style.md, architecture.md §2."""

from pathlib import Path

from tests.architecture.tree import PACKAGE, ROOT, STATIC

MOST_LINES = 300
MOST_LINES_OF_A_SCRIPT = 150
# Longer than they should be, by how much at the most: a number here only falls, and a name leaves when its module has become a package.
STILL_LONG = {
    "eventapp/events/rules.py": 323,
    "eventapp/lib/db.py": 338,
    "eventapp/lib/fields.py": 416,
    "eventapp/lib/text.py": 305,
    "eventapp/lib/web/__init__.py": 436,
    "eventapp/people/backoffice.py": 319,
    "eventapp/people/pages.py": 328,
    "eventapp/programme/backoffice.py": 311,
}


def too_long(folder: Path, pattern: str, most: int) -> dict[str, int]:
    """The files of a folder with more lines than that, and how many they have."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in folder.rglob(pattern)}
    return {path.relative_to(ROOT if path.is_relative_to(ROOT) else folder).as_posix(): n for path, n in lengths.items() if n > most}


def test_no_module_grows_too_long_to_be_read() -> None:
    found = too_long(PACKAGE, "*.py", MOST_LINES)

    assert {name: lines for name, lines in found.items() if lines > STILL_LONG.get(name, MOST_LINES)} == {}


def test_no_module_is_called_long_that_has_become_short() -> None:
    assert STILL_LONG.keys() - too_long(PACKAGE, "*.py", MOST_LINES).keys() == set()


def test_no_script_grows_too_long_to_be_read() -> None:
    assert too_long(STATIC / "js", "*.js", MOST_LINES_OF_A_SCRIPT) == {}


def test_a_planted_long_module_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = 1\n" * 301)
    (tmp_path / "good.py").write_text("x = 1\n" * 300)

    assert too_long(tmp_path, "*.py", MOST_LINES) == {"long.py": 301}
