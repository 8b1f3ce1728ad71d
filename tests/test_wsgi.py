"""The entry point for other servers: what `eventapp serve` refuses is refused here, in one sentence and without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eventapp.lib.schema import RESTORED
from tests.conftest import ROOT


def loaded(database_url: str, folder: Path, **more: str) -> tuple[int, str]:
    """Exit code and last words of a server's process that has loaded it."""
    environ = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url.replace("postgresql+psycopg://", "postgresql://"),
        "INSTANCE_DIR": str(folder),
        "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
        "SECRET_KEY": "s" * 64,
        **more,
    }
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi; wsgi.app"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_an_instance_in_order_is_served(database_url: str, tmp_path: Path) -> None:
    assert loaded(database_url, tmp_path) == (0, "")


@pytest.mark.trust("OPS-5")
def test_a_restored_instance_is_not_served_before_somebody_has_looked(database_url: str, tmp_path: Path) -> None:
    (tmp_path / RESTORED).touch()

    sentence = "Error: this instance was restored from a backup: run `eventapp verify`, then `eventapp resume`\n"
    assert loaded(database_url, tmp_path) == (1, sentence)


@pytest.mark.trust("BOOT-3")
def test_a_database_without_our_schema_is_not_served(tmp_path: Path) -> None:
    code, said = loaded(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path)

    assert (code, said.startswith("Error: the schema is at nothing, this code expects ")) == (1, True)
    assert said.count("\n") == 1


@pytest.mark.trust("BOOT-1")
def test_a_setting_that_must_not_start_is_named(tmp_path: Path) -> None:
    code, said = loaded("mysql://nowhere", tmp_path)

    assert (code, said) == (1, "Error: DATABASE_URL must begin with sqlite:/// or postgresql:// : correct it.\n")


@pytest.mark.trust("P-7")
def test_a_database_that_is_away_is_waited_for(tmp_path: Path) -> None:
    assert loaded("postgresql://nobody@127.0.0.1:1/nowhere", tmp_path) == (0, "")
