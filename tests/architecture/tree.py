"""What the tests of this folder look at: the files of the project, parsed once."""

import ast
import configparser
import functools
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "eventapp"
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
TOPS = ("app", "cli", "worker", "api", "lib")
WORDS = ("pages", "backoffice", "forms", "exports", "actions", "queries", "models", "rules")

Trees = dict[str, ast.Module]


@functools.cache
def trees() -> Trees:
    """Every Python file of the package by its path below the project's root, with forward slashes."""
    return {path.relative_to(ROOT).as_posix(): parsed(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


def parsed(source: str) -> ast.Module:
    """A syntax tree whose nodes know what encloses them, as `parent`."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    return tree


def enclosing_function(node: ast.AST) -> str:
    """The name of the innermost function around a node, "" at the top of a module."""
    while node := getattr(node, "parent", None):  # type: ignore[assignment]
        if isinstance(node, ast.FunctionDef):
            return node.name
    return ""


def word_of(path: str) -> str:
    """The word of a room's file: `eventapp/registration/actions/seats.py` → `actions`; "" outside of rooms."""
    parts = path.removesuffix(".py").split("/")
    return parts[2] if len(parts) > 2 and parts[1] not in TOPS and parts[2] in WORDS else ""


def room_of(path: str) -> str:
    """The room of a file: `eventapp/registration/rules.py` → `registration`."""
    return path.removesuffix(".py").split("/")[1]


def rooms() -> list[str]:
    """The rooms that exist, in alphabetical order."""
    return sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists() and path.name not in TOPS)


def found(judge: Callable[[str, ast.AST], str | None], files: Trees) -> list[str]:
    """What a judge of single nodes says about all of these files, each with its place."""
    return list(_found(judge, files))


def _found(judge: Callable[[str, ast.AST], str | None], files: Trees) -> Iterator[str]:
    for path, tree in files.items():
        for node in ast.walk(tree):
            fault = judge(path, node)
            if fault is not None:
                yield f"{path}:{getattr(node, 'lineno', 1)}: {fault}"


def called(node: ast.AST) -> str:
    """The last name of what a call calls, "" for anything else: `session.begin()` → `begin`."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


@functools.cache
def contracts() -> configparser.ConfigParser:
    """The import contracts."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def lines(contract: str, option: str) -> list[str]:
    """The lines of one option of a contract."""
    return contracts().get(f"importlinter:contract:{contract}", option).split("\n")[1:]


@functools.cache
def heights() -> dict[str, int]:
    """How high each room stands: rooms on one line are strangers of equal height."""
    layers = [[name.strip(" ()") for name in line.split("|")] for line in lines("rooms", "layers")]
    return {name: height for height, names in enumerate(reversed(layers)) for name in names}
