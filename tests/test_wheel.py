"""The wheel: everything that a page, a mail or a migration needs is in it, and it runs where there is no checkout. Offline."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

CARRIED = ("eventapp", "migrations", "static", "templates", "translations")
BUILT = ("static/vendor/bootstrap/bootstrap.css", "translations/fr/LC_MESSAGES/messages.mo")
PAGE = """
import wsgi
client = wsgi.app.test_client()
page = client.get("/fr/", base_url="http://127.0.0.1:8000")
print(wsgi.__file__, page.status_code, "Espace organisateurs" in page.text)
print(client.get("/static/css/base.css", base_url="http://127.0.0.1:8000", buffered=True).status_code)
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the backend that pyproject.toml names, with nothing fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True, capture_output=True)
    [file] = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel; its dependencies are this environment's, without the checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "venv", with_pip=True, symlinks=True)
    programs = folder / "venv" / "bin"
    install = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check", wheel]
    subprocess.run([programs / "python", *install], check=True, cwd=folder)
    site = next((folder / "venv" / "lib").glob("python3*/site-packages"))
    # A path named here is not searched for further .pth files, the one that names the checkout among them.
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return programs


def run(program: Path, *arguments: str, folder: Path) -> str:
    environ = {
        "PATH": os.environ["PATH"],
        "INSTANCE_DIR": str(folder),
        "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
        "SECRET_KEY": "s" * 64,
    }
    done = subprocess.run([program, *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(folder: Path) -> set[str]:
    """What a checkout holds of a folder that is to be carried."""
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in paths}


def test_the_wheel_holds_all_that_runs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert held == {"config.py", "wsgi.py"}.union(*(files(ROOT / name) for name in CARRIED))
    assert set(BUILT) <= held


def test_its_command_runs_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    assert "an honest waiting line" in run(installed / "eventapp", "--help", folder=tmp_path)
    where = run(installed / "python", "-c", "import eventapp; print(eventapp.__file__)", folder=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_it_makes_its_schema_and_serves_a_page_with_its_style(installed: Path, tmp_path: Path) -> None:
    run(installed / "eventapp", "db", "upgrade", folder=tmp_path)

    told = run(installed / "python", "-c", PAGE, folder=tmp_path).split()

    assert Path(told[0]).is_relative_to(installed.parent)
    assert told[1:] == ["200", "True", "200"]


def test_it_loads_its_demo(installed: Path, tmp_path: Path) -> None:
    run(installed / "eventapp", "db", "upgrade", folder=tmp_path)

    run(installed / "eventapp", "demo", "load", "--attendees", "5", folder=tmp_path)

    assert "0 faults" in run(installed / "eventapp", "verify", folder=tmp_path)
