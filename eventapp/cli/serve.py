"""`eventapp serve`: web and worker in one command, supervised; `--tls` for phones on the local network."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import click
import qrcode
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from eventapp.lib import web
from eventapp.lib.schema import require_head, require_resumed, upgrade_to_head

GRACE_SECONDS = 30
THREADS = 16


@click.command(help="Serve the whole product: web processes and a worker, restarted if one dies.")
@click.option("--host", default=None, help="Address to listen on (127.0.0.1; with --tls the LAN address).")
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=lambda: os.cpu_count() or 2, show_default="cores", help="Web processes.")
@click.option(
    "--threads", type=click.IntRange(1, 64), default=THREADS, show_default=True, help="Requests that one web process may have in hand."
)
@click.option("--no-worker", is_flag=True, help="Web only: the worker runs elsewhere.")
@click.option("--tls", is_flag=True, help="https on the LAN address with a certificate made on the spot, shown as a QR for phones.")
@click.option("--prepare", is_flag=True, help="First bring the schema up to date and load the demo into an empty instance.")
def serve(host: str | None, port: int, workers: int, threads: int, no_worker: bool, tls: bool, prepare: bool) -> None:
    """Start the processes and watch over them."""
    settings, environ = web.settings(), dict(os.environ)
    if prepare:
        upgrade_to_head(web.database())
    require_head(web.database())
    web.database().close()
    require_resumed(settings.instance_dir)
    if tls:
        host = host or lan_address()
        if settings.origin.get("PUBLIC_BASE_URL") != "environment":
            environ["PUBLIC_BASE_URL"] = f"https://{host}:{port}"
            environ["EVENTAPP_TLS"] = "1"
        certificate, key = certificate_for(settings.instance_dir / "tls", host)
    host = host or "127.0.0.1"
    base = environ.get("PUBLIC_BASE_URL", settings.public_base_url)
    if not tls and host not in {"127.0.0.1", "localhost", "::1"} and settings.loopback:
        raise click.ClickException("PUBLIC_BASE_URL names this machine only: set it to the address people will use, or serve with --tls")
    environ.setdefault("PUBLIC_BASE_URL", f"http://{host}:{port}")
    _refuse_a_port_in_use(host, port)
    root = Path(__file__).resolve().parent.parent.parent
    command = web_command(host, port, threads=threads)
    command += ["--working-dir", str(root)]
    if tls:
        command += ["--ssl-certificate", str(certificate), "--ssl-keyfile", str(key)]
    # Servers of their own on one port: the kernel spreads connections evenly, where one server's processes would race for them
    # and the quickest keep all that live long.
    children = {f"web-{number}": [*command, "wsgi:app"] for number in range(1, workers + 1)}
    demo = _demo(environ, root) if prepare and (settings.loopback or tls) else None
    if not no_worker:
        children["worker"] = [sys.executable, "-c", "from eventapp.app import command; command()", "worker"]
    click.echo(f"eventapp at {environ['PUBLIC_BASE_URL'] if not tls else base}  (Ctrl+C stops it)")
    if tls:
        show_qr(base)
    _supervise(children, environ, root, demo)


def web_command(host: str, port: int, *, threads: int = THREADS) -> list[str]:
    """The command of one web process, but for its application. Its threads mostly wait: for the database, and for one another."""
    words = f"granian --interface wsgi --host {host} --port {port} --workers 1 --blocking-threads {threads} --backlog 2048"
    return [sys.executable, "-m", *words.split(), "--no-access-log", "--log-level", "error", "--respawn-failed-workers"]


def _refuse_a_port_in_use(host: str, port: int) -> None:
    """Our servers share their port with one another, so a second instance would share it silently too."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"{host}:{port} cannot be used ({error.strerror}): choose another --port, or stop what listens there"
            ) from error


def _demo(environ: dict[str, str], root: Path) -> subprocess.Popen[str]:
    """Load the demo into an empty instance, in a process that knows the address to print; an instance of somebody's own is left alone."""
    return subprocess.Popen(
        [sys.executable, "-c", "from eventapp.app import command; command()", "demo", "load"],
        env=environ,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _supervise(children: dict[str, list[str]], environ: dict[str, str], root: Path, demo: subprocess.Popen[str] | None) -> None:
    stop = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    running = {name: _start(command, environ, root) for name, command in children.items()}
    if demo is not None:
        click.echo(demo.communicate()[0].strip())
    while not stop.wait(0.5):
        for name, process in running.items():
            if process.poll() is not None:
                click.echo(f"{name} ended with {process.returncode}: started again", err=True)
                _end_its_children(process)
                stop.wait(1.0)
                running[name] = _start(children[name], environ, root)
    for process in running.values():
        process.terminate()
    for process in running.values():
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        _end_its_children(process)


def _end_its_children(process: subprocess.Popen[bytes]) -> None:
    """What a killed server leaves behind would go on serving on the shared port, unseen and with the code of its day."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _start(command: list[str], environ: dict[str, str], root: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=environ, cwd=root, start_new_session=True)


def lan_address() -> str:
    """The address of this machine that its network sees; loopback when it has no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # documentation range: picks the way out, sends nothing
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def certificate_for(folder: Path, host: str) -> tuple[Path, Path]:
    """A self-signed certificate for this address, made once a run and kept 30 days; the key is readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    certificate_file, key_file = folder / f"{host}.crt", folder / f"{host}.key"
    now = web.now()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    key_file.touch(mode=0o600)
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate_file, key_file


def show_qr(text: str) -> None:
    """The address as a QR in the terminal."""
    code = qrcode.QRCode(border=2)
    code.add_data(text)
    code.print_ascii(invert=True)
    click.echo("the certificate was made on the spot: phones ask once whether to trust it")


def mount(group: Any) -> None:
    """Add these commands."""
    group.add_command(serve)
