"""An expected no to a person: a stable code and the facts its sentence needs. Never a bug, never a 500."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """Raised by rules and actions; rolled back by the edge and turned into words there (page 409, API problem, exit 1)."""

    def __init__(self, code: str, /, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __repr__(self) -> str:
        return f"Refused({self.code!r}, {self.facts!r})"
