"""What a phone asks and is told, and how the text of a code is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from eventapp.door.queries import Counters
from eventapp.door.rules import Direction, OverrideReason, Verdict
from eventapp.lib.signing import sha256
from eventapp.registration.rules import human_digest
from eventapp.tickets import rules as tickets
from eventapp.tickets.rules import Code, Kind


@dataclass(frozen=True)
class Override:
    """A supervisor's reason to let in what lines 9 to 12 refuse; `text` explains `other`."""

    reason: OverrideReason
    text: str = ""


@dataclass(frozen=True)
class Ask:
    """One code shown to a phone. Exactly one of `code`, `code_sha256`, `human` and `ref` says which.

    `id` is the phone's own: repeating the same ask gives the same answer. `raw_at` and `mono_ms` are the phone's clocks.
    """

    id: UUID
    seq: int
    via: str
    direction: Direction = Direction.IN
    gate: str | None = None
    code: str | None = None
    code_sha256: bytes | None = None
    human: str | None = None
    ref: str | None = None
    raw_at: datetime | None = None
    mono_ms: int | None = None
    offset_ms: int | None = None
    clock: str = "unknown"
    override: Override | None = None

    @property
    def content_sha256(self) -> bytes:
        """What must be the same when the id comes again."""
        override = (self.override.reason, self.override.text) if self.override else None
        code = self.code_sha256.hex() if self.code_sha256 else None
        times = (str(self.raw_at), self.mono_ms, self.offset_ms, self.clock)
        return sha256(
            json.dumps(
                [str(self.id), self.seq, self.via, self.direction, self.gate, self.code, code, self.human, self.ref, times, override]
            )
        )


@dataclass(frozen=True)
class Answer:
    """What a phone is told of one ask: `stored` or `known` with the verdict, `refused` with a code and without."""

    id: UUID
    status: str
    code: str | None = None
    verdict: Verdict | None = None
    moves: Direction | None = None
    reason: str | None = None
    ref: Mapping[str, Any] = field(default_factory=dict)
    label: Mapping[str, str] | None = None
    entry: Mapping[str, Any] | None = None
    event: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """The answers, in the order of the asks, and the counters after them."""

    answers: tuple[Answer, ...]
    counters: Counters


@dataclass(frozen=True)
class Reading:
    """An ask as read: what kind of code, and by what its ticket is found."""

    code: Code
    code_sha256: bytes | None = None
    human_sha256: bytes | None = None
    ticket_id: int | None = None


def is_typed(ask: Ask) -> bool:
    """Whether a person wrote the code: of those, guesses are counted before they are looked up."""
    return ask.via == "typed" or ask.human is not None or (ask.code is not None and tickets.read(ask.code).kind is Kind.HUMAN)


def read(ask: Ask) -> Reading:
    """The code of an ask. Never fails: what is none of ours is foreign, and known by its hash alone."""
    if ask.ref is not None:
        return Reading(Code(Kind.TICKET), ticket_id=_number(ask.ref))
    if ask.code_sha256 is not None:
        return Reading(Code(Kind.TICKET), code_sha256=ask.code_sha256)
    text = ask.code if ask.code is not None else ask.human or ""
    code = tickets.read(text)
    if code.token is not None:
        return Reading(code, code_sha256=tickets.code_sha256(code.token))
    if code.human is not None:
        return Reading(code, human_sha256=human_digest(code.human))
    return Reading(code, code_sha256=sha256(text))


def _number(ref: str) -> int | None:
    return int(ref) if ref.isascii() and ref.isdigit() and len(ref) < 10 else None
