"""What settings mean, and which of them must not start: one sentence each, naming the setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import NAMES, SECRET, Unusable, settings

SERVER = {"DATABASE_URL": "postgresql://eventapp@db/eventapp", "PUBLIC_BASE_URL": "https://forum.example", "SECRET_KEY": "k" * 64}


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in SERVER.items() if key != name}


@pytest.mark.trust("BOOT-1")
@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (without("PUBLIC_BASE_URL"), "PUBLIC_BASE_URL is not set: with PostgreSQL it must be given."),
        (without("SECRET_KEY"), "SECRET_KEY is not set: with PostgreSQL it must be given."),
        (SERVER | {"SECRET_KEY": "  "}, "SECRET_KEY is not set: with PostgreSQL it must be given."),
        ({"PUBLIC_BASE_URL": "http://forum.example"}, "PUBLIC_BASE_URL is plain http beyond this machine: use https."),
        (
            {"PUBLIC_BASE_URL": "https://forum.example/app"},
            "PUBLIC_BASE_URL must be an origin such as https://forum.example, without a path.",
        ),
        ({"PUBLIC_BASE_URL": "forum.example"}, "PUBLIC_BASE_URL must be an origin such as https://forum.example, without a path."),
        (SERVER | {"EVENTAPP_NOW": "2027-09-01T10:00:00Z"}, "EVENTAPP_NOW is set on a public https address: remove it."),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must begin with sqlite:/// or postgresql:// : correct it."),
        ({"SMTP_URL": "http://x"}, "SMTP_URL must begin with smtp://, smtps:// or file:// : correct it."),
        ({"TRUSTED_PROXIES": "many"}, "TRUSTED_PROXIES must be a number from 0 to 9, not 'many'."),
        *(
            ({"EVENTAPP_NOW": wrong}, f"EVENTAPP_NOW must be a time with its zone, such as 2027-09-23T18:00+02:00, not '{wrong}'.")
            for wrong in ("tomorrow", "2027-09-01T10:00", "2027-02-30T10:00Z=")
        ),
        ({"TICKET_KEY": "secret"}, "TICKET_KEY must be 128 hexadecimal characters: correct it."),
        ({"LINK_KEY": "ab" * 63 + "z"}, "LINK_KEY must be 128 hexadecimal characters: correct it."),
        ({"TRUSTED_PROXIES": "10"}, "TRUSTED_PROXIES must be a number from 0 to 9, not '10'."),
        ({"COMBINE": "0"}, "COMBINE must be a number from 1 to 500, not '0'."),
    ],
)
def test_what_must_not_start_is_refused_in_one_sentence(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(Unusable) as refused:
        settings(environ)

    assert str(refused.value) == sentence


def test_the_same_settings_start_when_nothing_is_wrong() -> None:
    assert settings(SERVER).public_base_url == "https://forum.example"


def test_defaults_serve_this_machine_only(tmp_path: Path) -> None:
    it = settings({"INSTANCE_DIR": str(tmp_path)})

    assert (it.database_url, it.smtp_url, it.public_base_url) == (
        f"sqlite:///{tmp_path / 'eventapp.db'}",
        f"file://{tmp_path / 'mail'}",
        "http://127.0.0.1:8000",
    )
    assert (it.secret_key, it.ticket_key, it.redis_url, it.metrics_bind, it.eventapp_now) == (None,) * 5
    assert (it.trusted_proxies, it.secure, it.loopback, it.sqlite, it.tls, it.demo) == (0, False, True, True, False, False)


def test_each_setting_tells_where_it_came_from(tmp_path: Path) -> None:
    origin = settings({"INSTANCE_DIR": str(tmp_path), "MAIL_FROM": "", "PATH": "/bin"}).origin

    assert origin == {name: "environment" if name == "INSTANCE_DIR" else "default" for name in NAMES}
    assert set(NAMES) >= SECRET


@pytest.mark.trust("HOST-1")
@pytest.mark.parametrize(
    ("base", "hosts"),
    [
        ("https://forum.example", ("forum.example",)),
        ("http://localhost:9000", ("127.0.0.1", "::1", "localhost")),
        ("https://192.168.1.9:8443", ("192.168.1.9",)),
    ],
)
def test_trusted_hosts_follow_the_public_address(base: str, hosts: tuple[str, ...]) -> None:
    assert settings({"PUBLIC_BASE_URL": base}).trusted_hosts == hosts
