"""Settings from the environment: the only reader of os.environ. Nothing here opens a file or a connection."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

NAMES = (
    "DATABASE_URL",
    "INSTANCE_DIR",
    "PUBLIC_BASE_URL",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "TICKET_KEY",
    "LINK_KEY",
    "SMTP_URL",
    "MAIL_FROM",
    "REDIS_URL",
    "TRUSTED_PROXIES",
    "METRICS_BIND",
    "COMBINE",
    "EVENTAPP_NOW",
    "EVENTAPP_TLS",
    "EVENTAPP_DEMO",
)
SECRET = frozenset({"SECRET_KEY", "SECRET_KEY_FALLBACKS", "TICKET_KEY", "LINK_KEY", "SMTP_URL", "DATABASE_URL", "REDIS_URL"})
_KEY = re.compile(r"[0-9a-fA-F]{128}")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Unusable(Exception):
    """A setting that cannot work; the message is one sentence that names it and says what to do."""


@dataclass(frozen=True)
class Settings:
    """Every setting, resolved. `origin` tells for each name whether it came from the environment or is a default."""

    database_url: str
    instance_dir: Path
    public_base_url: str
    secret_key: str | None
    secret_key_fallbacks: tuple[str, ...]
    ticket_key: str | None
    link_key: str | None
    smtp_url: str
    mail_from: str
    redis_url: str | None
    trusted_proxies: int
    metrics_bind: str | None
    combine: int
    eventapp_now: str | None
    tls: bool
    demo: bool
    origin: Mapping[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Host name of the public base URL."""
        return urlsplit(self.public_base_url).hostname or "127.0.0.1"

    @property
    def secure(self) -> bool:
        """Whether the public base URL is https, so that cookies may be Secure."""
        return self.public_base_url.startswith("https://")

    @property
    def loopback(self) -> bool:
        """Whether the public base URL names this machine only."""
        return self.host in LOOPBACK

    @property
    def trusted_hosts(self) -> tuple[str, ...]:
        """Hosts we answer to: that of the public base URL, or the loopback names when it is one of them."""
        return tuple(sorted(LOOPBACK)) if self.loopback else (self.host,)

    @property
    def sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")


def settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings, checked.

    Raises Unusable: a combination that must not start (BOOT-1), naming the setting.
    """
    given = {name: environ[name].strip() for name in NAMES if environ.get(name, "").strip()}
    instance = Path(given.get("INSTANCE_DIR", "instance")).resolve()
    database_url = given.get("DATABASE_URL") or f"sqlite:///{instance / 'eventapp.db'}"
    if database_url.startswith("postgres://"):
        database_url = "postgresql://" + database_url.removeprefix("postgres://")
    if not database_url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise Unusable("DATABASE_URL must begin with sqlite:/// or postgresql:// : correct it.")
    base = given.get("PUBLIC_BASE_URL", "").rstrip("/")
    server = not database_url.startswith("sqlite")
    for name in ("PUBLIC_BASE_URL", "SECRET_KEY"):
        if server and name not in given:
            raise Unusable(f"{name} is not set: with PostgreSQL it must be given.")
    result = Settings(
        database_url=database_url.replace("postgresql://", "postgresql+psycopg://", 1),
        instance_dir=instance,
        public_base_url=base or "http://127.0.0.1:8000",
        secret_key=given.get("SECRET_KEY"),
        secret_key_fallbacks=tuple(given.get("SECRET_KEY_FALLBACKS", "").split()),
        ticket_key=given.get("TICKET_KEY"),
        link_key=given.get("LINK_KEY"),
        smtp_url=given.get("SMTP_URL", f"file://{instance / 'mail'}"),
        mail_from=given.get("MAIL_FROM", "eventapp@localhost"),
        redis_url=given.get("REDIS_URL"),
        trusted_proxies=_count("TRUSTED_PROXIES", given.get("TRUSTED_PROXIES", "0")),
        metrics_bind=given.get("METRICS_BIND"),
        combine=_count("COMBINE", given.get("COMBINE", "64"), least=1, most=500),
        eventapp_now=given.get("EVENTAPP_NOW"),
        tls=given.get("EVENTAPP_TLS") == "1",
        demo=given.get("EVENTAPP_DEMO") == "1",
        origin={name: "environment" if name in given else "default" for name in NAMES},
    )
    _refuse_the_impossible(result)
    return result


def _count(name: str, text: str, *, least: int = 0, most: int = 9) -> int:
    if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
        raise Unusable(f"{name} must be a number from {least} to {most}, not {text!r}.")
    return int(text)


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _refuse_the_impossible(s: Settings) -> None:
    parts = urlsplit(s.public_base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise Unusable("PUBLIC_BASE_URL must be an origin such as https://forum.example, without a path.")
    if parts.scheme == "http" and not s.loopback:
        raise Unusable("PUBLIC_BASE_URL is plain http beyond this machine: use https.")
    if s.eventapp_now and s.secure and not s.tls:
        raise Unusable("EVENTAPP_NOW is set on a public https address: remove it.")
    if s.eventapp_now and not _is_instant(s.eventapp_now.removesuffix("=")):
        raise Unusable(f"EVENTAPP_NOW must be a time with its zone, such as 2027-09-23T18:00+02:00, not {s.eventapp_now!r}.")
    for name, key in (("TICKET_KEY", s.ticket_key), ("LINK_KEY", s.link_key)):
        if key and not _KEY.fullmatch(key):
            raise Unusable(f"{name} must be 128 hexadecimal characters: correct it.")
    if not s.smtp_url.startswith(("smtp://", "smtps://", "file://")):
        raise Unusable("SMTP_URL must begin with smtp://, smtps:// or file:// : correct it.")
