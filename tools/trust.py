"""Promises of docs/trust.md that no test cites: `python -m tools.trust` lists them, and fails while there is one."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_ROW = re.compile(r"^\| ([A-Z]+-?\d+[a-z]?) \|", re.MULTILINE)


def promised(page: str) -> list[str]:
    """The ids of the page's tables, in order."""
    return _ROW.findall(page)


def cited(folder: Path) -> dict[str, list[str]]:
    """For each id the tests that cite it: `path::name`."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for mark in node.decorator_list:
                    for promise in _ids(mark):
                        found.setdefault(promise, []).append(f"{path.relative_to(folder.parent)}::{node.name}")
    return found


def _ids(mark: ast.expr) -> list[str]:
    if not isinstance(mark, ast.Call) or ast.unparse(mark.func) != "pytest.mark.trust":
        return []
    return [str(argument.value) for argument in mark.args if isinstance(argument, ast.Constant)]


def main() -> int:
    """Print what is missing; 1 when something is."""
    promises = promised((ROOT / "docs" / "trust.md").read_text(encoding="utf-8"))
    tests = cited(ROOT / "tests")
    missing = [promise for promise in promises if promise not in tests]
    for promise in missing:
        print(f"{promise}: promised, and no test cites it")
    for promise in sorted(set(tests) - set(promises)):
        print(f"note: {promise} is cited by {tests[promise][0]} and is not in docs/trust.md")
    print(f"{len(promises)} promises, {len(missing)} without a test")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
