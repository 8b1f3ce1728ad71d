"""Commands as their user runs them: the whole `eventapp`, settings from the environment, what it prints and how it ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config import NAMES
from eventapp.app import commands
from tests.conftest import NOW

Run = Callable[..., Result]


@pytest.fixture
def environ(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The settings of an instance of its own."""
    return {
        "DATABASE_URL": database_url.replace("postgresql+psycopg://", "postgresql://"),
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
        "SECRET_KEY": "s" * 64,
        "TICKET_KEY": (b"t" * 64).hex(),
        "LINK_KEY": (b"l" * 64).hex(),
        "EVENTAPP_NOW": NOW.isoformat() + "=",
    }


@pytest.fixture
def run(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `eventapp` with these arguments; keywords are settings of that call alone."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    Path(environ["INSTANCE_DIR"]).mkdir(exist_ok=True)
    assert not {name for name in NAMES if name in os.environ}

    def call(*arguments: str, **more: str) -> Result:
        answer = CliRunner().invoke(commands, list(arguments), env=environ | more)
        if answer.exception is not None and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        return answer

    return call
