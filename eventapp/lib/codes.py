"""Random codes and the keys kept in files. All randomness of the product comes from here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0, 1: read aloud without mistake


def public_id() -> str:
    """16 characters, 80 bits: the name of a row in URLs and answers. Says nothing of order or number."""
    return public_id_of(secrets.token_bytes(10))


def public_id_of(drawn: bytes) -> str:
    """The public id that these 10 bytes make."""
    value = int.from_bytes(drawn)
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(75, -1, -5))


def key() -> str:
    """An idempotency key for a form, 128 bits."""
    return secrets.token_urlsafe(16)


def secret() -> str:
    """43 characters, 256 bits: sessions, one-use links, device credentials. Only its SHA-256 is stored."""
    return secrets.token_urlsafe(32)


def identity() -> bytes:
    """16 random bytes: the identity from which a ticket code or a link is derived."""
    return secrets.token_bytes(16)


def kept_key(path: Path) -> bytes:
    """The 64-byte key in this file; made on first use, exclusively, mode 0600, flushed to the disk, never printed."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(64) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return _read(path)


def _read(path: Path) -> bytes:
    for _ in range(200):  # another process may be writing it at this very moment
        text = path.read_text().strip()
        if len(text) == 128:
            return bytes.fromhex(text)
        os.sched_yield()
    raise RuntimeError(f"{path.name} in the instance folder is damaged: put it back from a backup")


def seed() -> bytes:
    """32 random bytes, for a draw."""
    return secrets.token_bytes(32)
