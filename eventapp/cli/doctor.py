"""`eventapp doctor` and `routes`: what is set, what is wrong and what to do; every route with its permission."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from pysqlite3 import dbapi2

from eventapp.lib import smtp, web
from eventapp.lib.db import Unavailable, sqlite_has_the_wal_bug
from eventapp.lib.schema import current_revision, head_revision
from eventapp.messages import queries as messages

MASKED = frozenset({"SECRET_KEY", "SECRET_KEY_FALLBACKS", "TICKET_KEY", "LINK_KEY"})
CLOCKS_AGREE_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `advice` says what to do when it is not well."""

    what: str
    value: str
    advice: str = ""


def masked(url: str) -> str:
    """An address without its password."""
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":…@") if parts.password else url


def findings() -> Iterator[Finding]:
    """Everything the doctor looks at."""
    settings = web.settings()
    values = {
        "DATABASE_URL": masked(settings.database_url),
        "INSTANCE_DIR": str(settings.instance_dir),
        "PUBLIC_BASE_URL": settings.public_base_url,
        "SMTP_URL": masked(settings.smtp_url),
        "MAIL_FROM": settings.mail_from,
        "REDIS_URL": masked(getattr(settings, "redis_url", None) or ""),
    }
    for name, origin in settings.origin.items():
        value = values.get(name, "…" if name in MASKED and origin == "environment" else getattr(settings, name.lower(), ""))
        yield Finding(name, f"{value if value is not None else ''} ({origin})")
    yield _library()
    yield _schema()
    yield _clock()
    yield _disk()
    yield _folder()
    yield _mail()
    yield _host()


def _library() -> Finding:
    version = dbapi2.sqlite_version
    bad = sqlite_has_the_wal_bug(dbapi2.sqlite_version_info)
    return Finding("SQLite library", version, "install a pysqlite3 with SQLite 3.51.3 or newer" if bad else "")


def _schema() -> Finding:
    database = web.database()
    try:
        here, expected = current_revision(database), head_revision(database)
    except Unavailable as error:
        return Finding("database schema", "unknown", str(error))
    return Finding("database schema", here or "empty", "" if here == expected else "run `eventapp db upgrade`")


def _disk() -> Finding:
    usage = shutil.disk_usage(web.settings().instance_dir)
    low = usage.free < 500 * 2**20 or usage.free < usage.total // 10
    return Finding("disk", f"{usage.free // 2**20} MB free", "less than 500 MB or 10 % is free: make room" if low else "")


def _clock() -> Finding:
    now = web.now()
    if web.settings().origin.get("EVENTAPP_NOW") == "environment":
        return Finding("clock", f"{now:%Y-%m-%d %H:%M} UTC, as EVENTAPP_NOW says")
    if web.database().dialect == "sqlite":
        return Finding("clock", f"{now:%Y-%m-%d %H:%M} UTC")
    try:
        with web.database().reading() as session:
            apart = abs(messages.clock(session) - now)
    except Unavailable:
        return Finding("clock", f"{now:%Y-%m-%d %H:%M} UTC")
    wrong = apart > CLOCKS_AGREE_WITHIN
    advice = f"{int(apart.total_seconds())} s from the database's: let both machines keep time by NTP" if wrong else ""
    return Finding("clock", f"{now:%Y-%m-%d %H:%M} UTC", advice)


def _folder() -> Finding:
    folder = web.settings().instance_dir
    readable = bool(folder.stat().st_mode & 0o007)
    return Finding("instance folder", str(folder), f"other users of this machine can look into it: chmod 700 {folder}" if readable else "")


def _mail() -> Finding:
    parts = urlsplit(web.settings().smtp_url)
    if parts.scheme == "file":
        return Finding("mail", "written to files, sent to nobody", "" if web.settings().loopback else "set SMTP_URL to a real server")
    try:
        smtp.greet(web.settings().smtp_url)
    except (smtp.Unreachable, ValueError) as error:
        return Finding("mail", f"{parts.hostname}:{parts.port}", f"the server does not answer ({error}): check SMTP_URL")
    return Finding("mail", f"{parts.hostname}:{parts.port} answers")


def _host() -> Finding:
    host = web.settings().host
    if len(host) > 22:
        return Finding(
            "host name", host, "longer than 22 characters: tickets need a denser QR code; a shorter alias reads better at the door"
        )
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return Finding("host name", host, "does not resolve: check PUBLIC_BASE_URL and the DNS")
    return Finding("host name", host)


@click.command(help="Every setting and where it came from; library, database, disk, mail: what is wrong and what to do.")
def doctor() -> None:
    """Print the findings; exit 1 when something needs doing."""
    ill = 0
    for finding in findings():
        ill += bool(finding.advice)
        click.echo(
            f"{'!!' if finding.advice else 'ok'} {finding.what}: {finding.value}" + (f"\n   → {finding.advice}" if finding.advice else "")
        )
    if ill:
        raise click.exceptions.Exit(1)


@click.command(help="Every route with its methods, who may use it and how it is protected.")
@click.option("--json", "as_json", is_flag=True)
def routes(as_json: bool) -> None:
    """Print the permission table."""
    rows = table()
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        click.echo(f"{','.join(row['methods']):8} {row['path']:70} {row['access']:20} {row['protection']}")


def table() -> list[dict[str, Any]]:
    """One row per route: path, endpoint, methods, access, protection of unsafe methods."""
    rows = []
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        access = getattr(current_app.view_functions[rule.endpoint], "access", None)
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        rows.append(
            {
                "path": rule.rule,
                "endpoint": rule.endpoint,
                "methods": methods,
                "access": access,
                "protection": _protection(rule.rule, access, methods),
            }
        )
    return rows


def _protection(path: str, access: str | None, methods: list[str]) -> str:
    if set(methods) <= {"GET"}:
        return "safe"
    if path.startswith("/api/"):
        return "bearer"
    return {"public": "same-origin", "link": "secret path"}.get(access or "", "csrf token")


def mount(group: Any) -> None:
    """Add these commands."""
    group.add_command(doctor)
    group.add_command(routes)
