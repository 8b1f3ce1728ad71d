"""Every no that code can say has a sentence of its own that tells a person what to do."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def raised() -> set[str]:
    codes = set()
    for path in (ROOT / "eventapp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    codes.add(first.value)
    return codes


def test_every_refusal_has_its_sentence() -> None:
    words = (ROOT / "templates" / "parts" / "refusals.html").read_text()

    assert sorted(code for code in raised() if f'"{code}"' not in words) == []
    assert len(raised()) > 50
