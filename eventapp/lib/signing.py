"""Derivation, hashing and comparison of secrets. Pure: keys are arguments."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """The keys kept outside the database: `ticket` derives ticket codes, `link` derives registration links."""

    ticket: bytes
    link: bytes


def sha256(value: bytes | str) -> bytes:
    """SHA-256 of bytes, or of a text in UTF-8: 32 bytes."""
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).digest()


def derived(key: bytes, label: str, *parts: bytes) -> bytes:
    """HMAC-SHA-256 of `label` and `parts` under `key`: 32 bytes. The caller gives parts of fixed length."""
    return hmac.new(key, label.encode() + b"".join(parts), hashlib.sha256).digest()


def same(one: bytes | str, other: bytes | str) -> bool:
    """Equality in constant time."""
    first = one.encode() if isinstance(one, str) else one
    second = other.encode() if isinstance(other, str) else other
    return hmac.compare_digest(first, second)


def link_token(keys: Keys, identity: bytes, serial: int) -> str:
    """The secret of a registration's link: 22 characters, 128 bits. Renewed by the next serial.

    Derived, so that only its hash need be stored.
    """
    return urlsafe_b64encode(derived(keys.link, "registration-link-1", identity, serial.to_bytes(4))[:16]).rstrip(b"=").decode()
