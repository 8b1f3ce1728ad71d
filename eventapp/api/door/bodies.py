"""What phones send, and how it is read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, model_validator

from eventapp.api.problems import Body, Problem, cleaned
from eventapp.door import rules
from eventapp.door.actions import Ask, Override
from eventapp.door.rules import Direction, OverrideReason


def _storable(moment: datetime) -> datetime:
    if not 1970 <= moment.year <= 2200:
        raise ValueError("a phone's clock shows a year from 1970 to 2200")
    return moment.astimezone(UTC)


Release = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{0,40}$")]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Milliseconds = Annotated[float, Field(ge=-1e13, le=1e13, allow_inf_nan=False)]
PhoneTime = Annotated[AwareDatetime, AfterValidator(_storable)]


class EnrolmentBody(Body):
    """What a phone sends with the secret of an invitation."""

    secret: Annotated[str, StringConstraints(max_length=100)]
    label: Annotated[str, StringConstraints(max_length=400)] = ""
    app: Release = ""


class DeviceBody(Body):
    """What a phone tells of itself."""

    label: Annotated[str, StringConstraints(max_length=400)] | None = None
    gate: Annotated[str, StringConstraints(max_length=80)] | None = None
    app: Release = ""
    battery_pct: Annotated[int, Field(ge=0, le=100)] | None = None
    pending: Count = 0
    table_cursor: Annotated[str, StringConstraints(max_length=40)] | None = None
    clock_offset_ms: Milliseconds | None = None


class OverrideBody(Body):
    """Why a supervisor lets somebody in."""

    reason: OverrideReason
    text: Annotated[str, StringConstraints(max_length=2000)] = ""


class ScanBody(Body):
    """One code shown to a phone. `shown` stays null: what a phone showed without us comes with the table of codes."""

    id: UUID
    seq: Annotated[int, Field(ge=0, le=2_147_483_647)]
    code: Annotated[str, StringConstraints(max_length=8192)] | None = None
    code_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    human: Annotated[str, StringConstraints(max_length=100)] | None = None
    ref: Annotated[str, StringConstraints(max_length=20)] | None = None
    via: Literal["camera", "hid", "typed", "file", "list", "paper"]
    gate: Annotated[str, StringConstraints(max_length=80)] | None = None
    dir: Direction = Direction.IN
    raw_at: PhoneTime | None = None
    mono_ms: Milliseconds | None = None
    offset_ms: Milliseconds | None = None
    clock: Literal["live", "wall", "unknown"] = "unknown"
    shown: None = None
    override: OverrideBody | None = None

    @model_validator(mode="after")
    def one_code(self) -> ScanBody:
        """Refuse an ask that names none or several codes."""
        if sum(value is not None for value in (self.code, self.code_sha256, self.human, self.ref)) != 1:
            raise ValueError("exactly one of code, code_sha256, human and ref")
        return self

    def ask(self) -> Ask:
        """The same as the door understands it."""
        return Ask(
            id=self.id,
            seq=self.seq,
            via=self.via,
            direction=self.dir,
            gate=self.gate,
            code=self.code,
            code_sha256=bytes.fromhex(self.code_sha256) if self.code_sha256 else None,
            human=self.human,
            ref=self.ref,
            raw_at=self.raw_at,
            mono_ms=whole(self.mono_ms),
            offset_ms=whole(self.offset_ms),
            clock=self.clock,
            override=_override(self.override),
        )


class ScansBody(Body):
    """One to two hundred codes."""

    scans: Annotated[list[ScanBody], Field(min_length=1, max_length=rules.MAX_BATCH)]


def _override(given: OverrideBody | None) -> Override | None:
    if given is None:
        return None
    note = cleaned(given.text, limit=rules.MAX_NOTE, field="override.text")
    if given.reason is OverrideReason.OTHER and not note:
        raise Problem(422, "override.text_missing", "The reason other needs a text.", field="override.text")
    return Override(given.reason, note)


def whole(value: float | None) -> int | None:
    """Milliseconds as they are kept."""
    return None if value is None else round(value)
