"""The door for mail: one message in, delivered or a reason why not. Retries, leases and alarms are its callers' affair."""

import os
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from eventapp.lib import codes
from eventapp.lib.db import forbid_inside_writing
from eventapp.lib.text import wire_email

TIMEOUT_SECONDS = 10
# The server answered, and will not have this message or this address for now: that is no fault of the way there.
ANSWERED = (MESSAGE_REFUSED, ADDRESS_REFUSED) = ("the message was refused", "the address was refused")

Send = Callable[[EmailMessage], None]


class Undelivered(Exception):
    """The message was not accepted. `code` is the server's answer, 0 when there was none."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.code = code


class Temporary(Undelivered):
    """Not this message, not now: try it again later, with the same Message-ID."""


class Permanent(Undelivered):
    """Never this message to this address."""


class Unreachable(Undelivered):
    """No message at all just now: the server is away, refuses us or our sender, or is set up wrongly. Says nothing of the address."""


def deliver(url: str, message: EmailMessage) -> None:
    """Hand one message over. Returns when the server, or the disk, has taken it.

    `smtp://user:password@host:587?starttls=1`, `smtps://host:465`, or `file://DIR` for one .eml a message.
    Raises Temporary, Permanent, Unreachable. RuntimeError: inside a writing transaction. ValueError: no such kind of URL.
    """
    with opened(url) as send:
        send(message)


@contextmanager
def opened(url: str) -> Iterator[Send]:
    """The same door held open for several messages. After Unreachable it must be opened anew."""
    forbid_inside_writing("smtp")
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.netloc + parts.path))
        yield lambda message: _filed(folder, message)
    elif parts.scheme in ("smtp", "smtps"):
        client = _connected(parts)
        try:
            yield lambda message: _handed_over(client, message)
        finally:
            # What was taken is taken, whatever happens to the good-bye.
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
            client.close()
    else:
        raise ValueError("SMTP_URL must begin with smtp://, smtps:// or file://")


def greet(url: str) -> None:
    """Go as far as a delivery goes before its message: connect, encrypt, sign in. Nothing is sent.

    Raises Unreachable. ValueError: no such kind of URL.
    """
    with opened(url):
        pass


def _connected(parts: SplitResult) -> smtplib.SMTP:
    context = ssl.create_default_context()
    try:
        if parts.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                parts.hostname or "", parts.port or 465, socket.gethostname(), timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            client = smtplib.SMTP(parts.hostname or "", parts.port or 25, socket.gethostname(), timeout=TIMEOUT_SECONDS)
    except smtplib.SMTPConnectError as error:
        raise Unreachable("the mail server does not take us in", error.smtp_code) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(f"the mail server cannot be reached: {type(error).__name__}") from error
    try:
        _introduced(client, parts, context)
    except BaseException:
        client.close()
        raise
    return client


def _introduced(client: smtplib.SMTP, parts: SplitResult, context: ssl.SSLContext) -> None:
    try:
        client.ehlo_or_helo_if_needed()
        if parse_qs(parts.query).get("starttls", ["0"])[-1] == "1":
            client.starttls(context=context)
        if parts.username:
            client.login(unquote(parts.username), unquote(parts.password or ""))
    except smtplib.SMTPResponseException as error:
        raise Unreachable("the mail server refuses us", error.smtp_code) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(f"the mail server cannot be used: {type(error).__name__}") from error


def _handed_over(client: smtplib.SMTP, message: EmailMessage) -> None:
    forbid_inside_writing("smtp")
    _refuse_unsafe_headers(message)
    sender, recipients = _envelope(message)
    try:
        refused = client.send_message(_wired(message), sender, recipients)
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(error.recipients) from error
    except smtplib.SMTPSenderRefused as error:
        # Our own address is refused: an affair between the operator and the server, not the guest's.
        reason = "the mail server refuses our sender"
        raise (Temporary if error.smtp_code < 500 else Unreachable)(reason, error.smtp_code) from error
    except smtplib.SMTPResponseException as error:
        raise (Temporary if error.smtp_code < 500 else Permanent)(MESSAGE_REFUSED, error.smtp_code) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Permanent("the mail server cannot write to this address") from error
    except (smtplib.SMTPException, OSError) as error:
        # Perhaps it was taken after all: the same Message-ID lets the reader's mailbox recognise a second one.
        raise Temporary(f"the mail server hung up: {type(error).__name__}") from error
    if refused:
        raise _refusal(refused)


def _refusal(recipients: dict[str, tuple[int, bytes]]) -> Undelivered:
    code = min(code for code, _reason in recipients.values())
    return (Temporary if code < 500 else Permanent)(ADDRESS_REFUSED, code)


def _envelope(message: EmailMessage) -> tuple[str, list[str]]:
    senders = getaddresses([str(value) for value in message.get_all("From", [])])
    written = [str(value) for name in ("To", "Cc", "Bcc") for value in message.get_all(name, [])]
    recipients = [wire_email(address) for _name, address in getaddresses(written)]
    if len(senders) != 1 or not recipients:
        raise ValueError("a message has one sender and at least one recipient")
    return wire_email(senders[0][1]), recipients


def _wired(message: EmailMessage) -> EmailMessage:
    """The message with international domains in ASCII: as they stand in a header, no server would understand them."""
    for name in ("From", "To", "Cc", "Reply-To"):
        addresses = message[name].addresses if name in message else ()
        if not all(address.addr_spec.isascii() for address in addresses):
            message = deepcopy(message)
            message.replace_header(name, [Address(each.display_name, addr_spec=wire_email(each.addr_spec)) for each in addresses])
    return message


def _refuse_unsafe_headers(message: EmailMessage) -> None:
    for name, value in message.items():
        if any(mark in str(value) for mark in "\r\n\x00"):
            raise ValueError(f"the header {name} holds a line end or NUL")


def _filed(folder: Path, message: EmailMessage) -> None:
    forbid_inside_writing("smtp")
    _refuse_unsafe_headers(message)
    _envelope(message)
    kind = "".join(letter for letter in str(message.get("X-Eventapp-Kind", "mail")) if letter.isalnum() or letter in "-_.")
    name = f"{kind}-{codes.public_id()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f".{name}").open("wb") as file:
            file.write(_wired(message).as_bytes(policy=SMTP))
            file.flush()
            os.fsync(file.fileno())
        (folder / f".{name}").replace(folder / f"{name}.eml")
    except OSError as error:
        raise Unreachable(f"the mail folder cannot be written: {type(error).__name__}") from error
