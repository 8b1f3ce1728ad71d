"""`eventapp serve` refuses with a sentence what cannot be served; what it makes on the spot is right; and it ends when told to."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from flask import Flask

from eventapp.cli import serve
from eventapp.lib.schema import RESTORED
from tests.cli.conftest import Run
from tools.stage import ROOT, Stage, free_port, stage


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens, willing to share it."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.trust("BOOT-1")
def test_a_port_in_use_is_refused(run: Run, taken: int) -> None:
    answer = run("serve", "--port", str(taken), "--no-worker")

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"Error: 127.0.0.1:{taken} cannot be used (Address already in use): choose another --port, or stop what listens there\n"
    )


@pytest.mark.trust("BOOT-1")
def test_an_address_that_is_not_ours_is_refused(run: Run) -> None:
    answer = run("serve", "--host", "192.0.2.7", "--port", str(free_port()), PUBLIC_BASE_URL="https://forum.example", EVENTAPP_NOW="")

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.startswith("Error: 192.0.2.7:")


@pytest.mark.trust("BOOT-1")
@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.9"])
def test_beyond_this_machine_under_an_address_of_this_machine_is_refused(run: Run, host: str) -> None:
    answer = run("serve", "--host", host, "--port", str(free_port()))

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == ("Error: PUBLIC_BASE_URL names this machine only: set it to the address people will use, or serve with --tls\n")


@pytest.mark.trust("OPS-5")
def test_a_restored_instance_is_refused(run: Run, environ: dict[str, str]) -> None:
    (Path(environ["INSTANCE_DIR"]) / RESTORED).touch()

    answer = run("serve", "--port", str(free_port()))

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == "Error: this instance was restored from a backup: run `eventapp verify`, then `eventapp resume`\n"


@pytest.mark.parametrize("arguments", [("--workers", "0"), ("--workers", "65"), ("--port", "many"), ("--sideways",)])
def test_what_makes_no_sense_is_a_matter_of_usage(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("serve", *arguments).exit_code == 2


@pytest.mark.parametrize(("host", "kind"), [("192.168.1.9", x509.IPAddress), ("forum.example", x509.DNSName)])
def test_a_certificate_made_on_the_spot_names_its_host_and_keeps_its_key(app: Flask, tmp_path: Path, host: str, kind: type) -> None:
    with app.app_context():
        certificate_file, key_file = serve.certificate_for(tmp_path / "tls", host)

    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [(type(name), str(name.value)) for name in names] == [(kind, host)]
    assert (key_file.stat().st_mode & 0o777, key_file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate_file, key_file)


def started(it: Stage, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from eventapp.app import command; command()",
            "serve",
            "--port",
            str(it.port),
            "--workers",
            "1",
            *arguments,
        ],
        cwd=ROOT,
        env=it.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=40)
    return process.returncode, out, err


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.trust("OPS-10", "P-7")
@pytest.mark.slow
def test_serve_answers_mends_itself_and_ends_when_told() -> None:
    with stage() as it:
        process = started(it, "--no-worker")
        try:
            it.wait()
            [web] = children(process.pid)
            os.kill(web, signal.SIGKILL)
            until = time.monotonic() + 20
            while children(process.pid) in ([web], []) and time.monotonic() < until:
                time.sleep(0.1)
            it.wait()
            with urllib.request.urlopen(f"http://{it.host}/healthz", timeout=5) as answer:
                alive = answer.status
        finally:
            code, out, err = ended(process)

        assert (alive, code) == (200, 0)
        assert out == f"eventapp at http://{it.host}  (Ctrl+C stops it)\n"
        assert "web-1 ended with -9: started again" in err
        assert not listening(it.port)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
