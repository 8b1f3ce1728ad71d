"""What a phone asks, and how the text of a code is read."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eventapp.door.rules.facts import Direction
from eventapp.door.rules.rulings import OverrideReason
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
class Reading:
    """An ask as read: what kind of code, and by what its ticket is found."""

    code: Code
    code_sha256: bytes | None = None
    human_sha256: bytes | None = None
    ticket_id: int | None = None

    @property
    def key(self) -> bytes | int | None:
        """By what a ticket is found, whichever it is; None where none is looked for."""
        if self.code.kind not in (Kind.TICKET, Kind.HUMAN):
            return None
        return self.ticket_id if self.ticket_id is not None else self.code_sha256 or self.human_sha256


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

    @functools.cached_property
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

    @functools.cached_property
    def reading(self) -> Reading:
        """The code of the ask. Never fails: what is none of ours is foreign, and known by its hash alone."""
        if self.ref is not None:
            return Reading(Code(Kind.TICKET), ticket_id=_number(self.ref))
        if self.code_sha256 is not None:
            return Reading(Code(Kind.TICKET), code_sha256=self.code_sha256)
        text = self.code if self.code is not None else self.human or ""
        code = tickets.read(text)
        if code.token is not None:
            return Reading(code, code_sha256=tickets.code_sha256(code.token))
        if code.human is not None:
            return Reading(code, human_sha256=human_digest(code.human))
        return Reading(code, code_sha256=sha256(text))

    @property
    def is_typed(self) -> bool:
        """Whether a person wrote the code: of those, guesses are counted before they are looked up."""
        return self.via == "typed" or self.human is not None or self.reading.code.kind is Kind.HUMAN


def _number(ref: str) -> int | None:
    return int(ref) if ref.isascii() and ref.isdigit() and len(ref) < 10 else None
