"""The door for mail, against real SMTP servers that answer by script."""

import email
import socket
import threading
from collections.abc import Callable, Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult

from eventapp.lib import smtp
from eventapp.lib.db import Database
from eventapp.lib.smtp import Permanent, Temporary, Unreachable, deliver, opened


class Scripted:
    """A server's handler: keeps what it takes, answers what it is told to."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.answers: dict[str, str] = {}

    async def handle_MAIL(self, server: Server, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 ok")

    async def handle_RCPT(self, server: Server, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self.answers.get(address, self.answers.get("RCPT", "250 ok"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Server, session: Any, envelope: Any) -> str:
        envelope.session = id(session)
        self.taken.append(envelope)
        if self.answers.get("DATA") == "hang up":
            server.transport.close()
        return self.answers.get("DATA", "250 ok")


@pytest.fixture
def server() -> Iterator[tuple[str, Scripted]]:
    handler = Scripted()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}", handler
    controller.stop()


def message(to: str = "lucie@forum.example") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Forum <eventapp@localhost>"
    mail["To"] = to
    mail["Subject"] = "Une place pour vous, Inès"
    mail["Message-ID"] = "<1@localhost>"
    mail["X-Eventapp-Kind"] = "promoted"
    mail.set_content("Bonjour Lucie\n")
    return mail


def test_a_message_arrives_as_it_was(server: tuple[str, Scripted]) -> None:
    url, handler = server

    deliver(url, message())

    (envelope,) = handler.taken
    arrived = email.message_from_bytes(envelope.content, policy=default)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("eventapp@localhost", ["lucie@forum.example"])
    assert (arrived["Subject"], arrived["Message-ID"]) == ("Une place pour vous, Inès", "<1@localhost>")


@pytest.mark.trust("F-25")
def test_an_international_domain_is_reached_in_ascii(server: tuple[str, Scripted]) -> None:
    url, handler = server
    mail = message("x@forum.example")
    mail.replace_header("To", [Address("Inès", addr_spec="lucie@bücher.example"), Address(addr_spec="marc@forum.example")])

    deliver(url, mail)

    (envelope,) = handler.taken
    arrived = email.message_from_bytes(envelope.content, policy=default)
    assert envelope.rcpt_tos == ["lucie@xn--bcher-kva.example", "marc@forum.example"]
    assert arrived["To"] == "Inès <lucie@xn--bcher-kva.example>, marc@forum.example"
    assert "bücher" in mail["To"]


def test_one_connection_carries_several_messages(server: tuple[str, Scripted]) -> None:
    url, handler = server
    handler.answers["marc@forum.example"] = "550 unknown"

    with opened(url) as send:
        send(message())
        with pytest.raises(Permanent):
            send(message("marc@forum.example"))
        send(message())

    assert len(handler.taken) == 2
    assert len({envelope.session for envelope in handler.taken}) == 1


@pytest.mark.trust("F-8")
@pytest.mark.parametrize(
    ("step", "answer", "error", "code"),
    [
        ("RCPT", "450 greylisted", Temporary, 450),
        ("RCPT", "550 unknown", Permanent, 550),
        ("RCPT", "421 shutting down", Temporary, 421),
        ("DATA", "452 full", Temporary, 452),
        ("DATA", "554 refused", Permanent, 554),
        ("DATA", "hang up", Temporary, 0),
        ("MAIL", "451 later", Temporary, 451),
        ("MAIL", "550 not you", Unreachable, 550),
    ],
)
def test_every_refusal_has_its_kind(server: tuple[str, Scripted], step: str, answer: str, error: type[smtp.Undelivered], code: int) -> None:
    url, handler = server
    handler.answers[step] = answer

    with pytest.raises(smtp.Undelivered) as failure:
        deliver(url, message())

    assert (type(failure.value), failure.value.code) == (error, code)


@pytest.mark.trust("F-8")
def test_no_server_is_unreachable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    with pytest.raises(Unreachable):
        deliver(f"smtp://127.0.0.1:{port}", message())
    with pytest.raises(Unreachable):
        deliver("smtp://mail.invalid:25", message())


@pytest.mark.trust("F-8")
@pytest.mark.parametrize("greeting", [b"", b"554 go away\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_does_not_speak_smtp_is_unreachable_within_the_time_allowed(monkeypatch: pytest.MonkeyPatch, greeting: bytes) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.3)
    with silent(greeting) as port, pytest.raises(Unreachable):
        deliver(f"smtp://127.0.0.1:{port}", message())


class silent:
    """A socket that accepts, says one thing and then nothing."""

    def __init__(self, greeting: bytes) -> None:
        self.greeting = greeting
        self.socket = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self._answer, daemon=True).start()
        return int(self.socket.getsockname()[1])

    def _answer(self) -> None:
        self.peer, _address = self.socket.accept()
        self.peer.sendall(self.greeting)

    def __exit__(self, *_raised: object) -> None:
        self.socket.close()
        self.peer.close()


@pytest.mark.trust("F-8")
def test_a_promised_encryption_that_the_server_lacks_is_not_given_up(server: tuple[str, Scripted]) -> None:
    url, handler = server

    with pytest.raises(Unreachable):
        deliver(f"{url}?starttls=1", message())

    assert handler.taken == []


def test_a_wrong_password_is_unreachable_and_never_shown() -> None:
    handler = Scripted()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=lambda *_given: AuthResult(success=False, handled=False),
        auth_require_tls=False,
    )
    controller.start()
    try:
        with pytest.raises(Unreachable) as failure:
            deliver(f"smtp://ines:c%40nary@127.0.0.1:{controller.port}", message())
    finally:
        controller.stop()

    assert failure.value.code == 535
    assert "c@nary" not in str(failure.value)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_greeting_sends_nothing(server: tuple[str, Scripted], tmp_path: Path) -> None:
    url, handler = server

    smtp.greet(url)
    smtp.greet(f"file://{tmp_path}/mail")
    with pytest.raises(Unreachable):
        smtp.greet(f"{url}?starttls=1")

    assert handler.taken == []
    assert not (tmp_path / "mail").exists()


def test_a_file_for_each_message(tmp_path: Path) -> None:
    deliver(f"file://{tmp_path}/mail", message())
    deliver(f"file://{tmp_path}/mail", message())

    files = list((tmp_path / "mail").iterdir())
    assert len(files) == 2
    assert {file.name.split("-")[0] + file.suffix for file in files} == {"promoted.eml"}
    assert email.message_from_bytes(files[0].read_bytes(), policy=default)["To"] == "lucie@forum.example"


def test_a_folder_that_cannot_be_written_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")

    with pytest.raises(Unreachable):
        deliver(f"file://{tmp_path}/mail", message())


@pytest.mark.trust("P-5")
def test_no_mail_leaves_inside_a_writing_transaction(tmp_path: Path, server: tuple[str, Scripted]) -> None:
    database = Database(f"sqlite:///{tmp_path / 'small.db'}")
    url, handler = server

    with database.writing(), pytest.raises(RuntimeError, match="smtp"):
        deliver(url, message())
    with opened(url) as send, database.writing(), pytest.raises(RuntimeError, match="smtp"):
        send(message())

    assert handler.taken == []
    deliver(url, message())
    assert len(handler.taken) == 1
    database.close()


@pytest.mark.trust("OUT-5")
@pytest.mark.parametrize(
    "spoil", [lambda mail: mail.add_header("X-Name", "a\x00b"), lambda mail: mail.__delitem__("To"), lambda mail: mail.__delitem__("From")]
)
def test_a_message_that_is_none_is_a_bug(tmp_path: Path, spoil: Callable[[EmailMessage], None]) -> None:
    mail = message()
    spoil(mail)

    with pytest.raises(ValueError, match=r"header|sender"):
        deliver(f"file://{tmp_path}", mail)


def test_an_unknown_kind_of_url_is_a_mistake_of_the_operator() -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        deliver("https://forum.example", message())
