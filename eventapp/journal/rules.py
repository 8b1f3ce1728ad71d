"""The chain: how an entry is hashed to the one before it. Pure, so that anyone can recompute it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from eventapp.lib.signing import sha256

START = bytes(32)
FORM_KEYS_KEPT = timedelta(days=30)
"""How long a page of the back office may lie open in a browser and still be sent twice without harm."""


class Sending(Protocol):
    """A form as it was sent: the key its page carries, and all that it says."""

    @property
    def sent_key(self) -> str: ...
    @property
    def sent_body(self) -> str: ...


class Link(Protocol):
    """What the chain needs of an entry."""

    @property
    def chain(self) -> str: ...
    @property
    def position(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def verb(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def previous(self) -> bytes: ...
    @property
    def hash(self) -> bytes: ...


def digest(
    *,
    chain: str,
    position: int,
    at: datetime,
    actor: str,
    verb: str,
    subject: str,
    reason: str,
    facts: Mapping[str, Any],
    previous: bytes,
) -> bytes:
    """SHA-256 over the previous hash and the canonical JSON of the entry."""
    text = json.dumps(
        [chain, position, at.astimezone(UTC).isoformat(timespec="microseconds"), actor, verb, subject, reason, facts],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return sha256(previous + text.encode())


def first_fault(entries: Iterable[Link]) -> int | None:
    """The position of the first entry of a chain that does not follow from the one before it; None when all do."""
    previous, expected = START, 1
    for entry in entries:
        wanted = digest(
            chain=entry.chain,
            position=entry.position,
            at=entry.at,
            actor=entry.actor,
            verb=entry.verb,
            subject=entry.subject,
            reason=entry.reason,
            facts=entry.facts,
            previous=previous,
        )
        if entry.position != expected or entry.previous != previous or entry.hash != wanted:
            return expected
        previous, expected = entry.hash, expected + 1
    return None
