"""Ticket codes: derived, written, read back. One code an attendee, whatever the state; a new serial kills the old.

The database keeps `code_sha256` alone. Twin: static/js/door/codes.js; both are pinned by tests/door/cases.json.
Source: door.md §2, trust.md TOK-1.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode, urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum

from eventapp.lib import signing

TOKEN_BYTES = 16
HUMAN_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HUMAN_LENGTH = 8
TEXT_MAX = 512
"""Longer texts are foreign unread: no QR of ours comes near it."""

_TOKEN_TEXT = re.compile(r"(T1|S1|R1)([A-Z2-7]{26})")
_HUMAN_SEPARATORS = re.compile("[ \t\r\n\u00a0\u202f\u2010-\u2014\u2212-]+")
_HUMAN_TEXT = re.compile(f"[{HUMAN_ALPHABET}]{{{HUMAN_LENGTH}}}")
_MISTYPED = str.maketrans("OIL", "011")


class Kind(StrEnum):
    """What a text in front of the camera, or under a thumb, turned out to be."""

    TICKET = "ticket"
    STANDBY = "standby"
    REHEARSAL = "rehearsal"
    HUMAN = "human"
    FOREIGN = "foreign"


class Signed(StrEnum):
    """What became of the signature of a code of the signed form; NONE for every other."""

    NONE = "none"
    VALID = "valid"
    INVALID = "invalid"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True)
class Code:
    """A code as read: a token, or the 8 characters of a human code, or nothing of ours.

    `issued_at` (milliseconds since 1970), `type` and `notes` are the fields of a signed code.
    """

    kind: Kind
    token: bytes | None = None
    human: str | None = None
    signed: Signed = Signed.NONE
    issued_at: int | None = None
    type: int | None = None
    notes: int = 0


FOREIGN = Code(Kind.FOREIGN)
_KINDS = {"T1": Kind.TICKET, "S1": Kind.STANDBY, "R1": Kind.REHEARSAL}
_PREFIXES = {kind: prefix for prefix, kind in _KINDS.items()}


def token(key: bytes, ticket_id: bytes, serial: int) -> bytes:
    """The 16 secret bytes of a ticket: derived from its identity (16 bytes) and serial, so that they are never stored."""
    if len(ticket_id) != 16:
        raise ValueError("a ticket's identity has 16 bytes")
    return signing.derived(key, "ticket-1", ticket_id, serial.to_bytes(4))[:TOKEN_BYTES]


def text(token: bytes, kind: Kind = Kind.TICKET) -> str:
    """The 28 characters of a token: prefix and base32 without padding. Kinds: ticket, standby, rehearsal."""
    if len(token) != TOKEN_BYTES:
        raise ValueError("a token has 16 bytes")
    return _PREFIXES[kind] + b32encode(token).decode().rstrip("=")


def qr_text(base_url: str, code_text: str) -> str:
    """What the QR of a ticket says: an address of ours in capitals, so that it fits QR's alphanumeric mode.

    29×29 modules at level M for hosts of up to 22 characters.
    """
    path = "S" if code_text.startswith("S1") else "T"
    return f"{base_url.rstrip('/').upper()}/{path}/{code_text}"


def human(token: bytes) -> str:
    """The 8 characters a person can read out: 35 bits of the token's hash and one check character."""
    bits = int.from_bytes(signing.sha256(b"human-1" + token)[:5]) >> 5
    body = "".join(HUMAN_ALPHABET[(bits >> shift) & 31] for shift in range(30, -1, -5))
    return body + _check_character(body)


def display_human(human: str) -> str:
    """A human code as it is shown: K7QP-3M8X."""
    return f"{human[:4]}-{human[4:]}"


def read(text: str) -> Code:
    """The code in a text that was scanned or typed; FOREIGN when it is none of ours. Never fails.

    Of an address, from any host, what follows the last "/" counts. A token must be written canonically; a human code
    may be written in small letters, with spaces, hyphens, O for 0, I or L for 1.
    """
    if len(text) > TEXT_MAX:
        return FOREIGN
    if match := _TOKEN_TEXT.fullmatch(text.strip(" \t\r\n").rpartition("/")[2]):
        return _token_code(*match.groups())
    return _human_code(text)


def code_sha256(token: bytes) -> bytes:
    """What the database keeps of a token: 32 bytes, unique."""
    return signing.sha256(token)


def short_hash(salt: bytes, token: bytes) -> str:
    """`h`, by which a phone's table knows a token: 11 characters, salted for each event (16 bytes)."""
    return _base64url(signing.sha256(salt + token)[:8])


def short_human_hash(salt: bytes, human: str) -> str:
    """`hc`, by which a phone's table knows a human code: 7 characters."""
    return _base64url(signing.sha256(salt + human.encode())[:5])


def _token_code(prefix: str, body: str) -> Code:
    value = b32decode(body + "======")
    canonical = b32encode(value).decode().rstrip("=") == body
    return Code(_KINDS[prefix], token=value) if canonical else FOREIGN


def _human_code(text: str) -> Code:
    plain = _HUMAN_SEPARATORS.sub("", text)
    if not plain.isascii():
        return FOREIGN
    human = plain.upper().translate(_MISTYPED)
    if not _HUMAN_TEXT.fullmatch(human) or _check_character(human[:-1]) != human[-1]:
        return FOREIGN
    return Code(Kind.HUMAN, human=human)


def _check_character(body: str) -> str:
    """Luhn modulo 32, weights 2, 1, 2… from the right: finds every single slip and nearly every swap of neighbours."""
    total = 0
    for place, character in enumerate(reversed(body)):
        product = HUMAN_ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += product // 32 + product % 32
    return HUMAN_ALPHABET[-total % 32]


def _base64url(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")
