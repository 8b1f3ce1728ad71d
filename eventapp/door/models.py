"""The door's row of an event, phones and their enrolment, scans and passages. Scans and passages are never altered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventapp.door.rules import DeviceState, Direction, Role, Verdict
from eventapp.events.models import Event
from eventapp.lib.db import Base, Json, append_only


def _one_of(column: str, words: type[Role] | type[DeviceState] | type[Direction] | type[Verdict]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


class EventDoor(Base):
    """The one lock of an event's bodies, with their counters: both are sums over passages and written with them."""

    __tablename__ = "event_door"
    __table_args__ = (CheckConstraint("arrived >= 0", name="arrived"),)
    lock_rank = 3

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    occupancy: Mapped[int] = mapped_column(default=0)  # bodies inside; below zero when exits were counted and entries were not
    arrived: Mapped[int] = mapped_column(default=0)  # attendees with an entry
    created_at: Mapped[datetime]


class DeviceEnrolment(Base):
    """An invitation for phones, shown as a QR: the row holds the secret's hash, the remaining uses and what they give."""

    __tablename__ = "device_enrolment"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        CheckConstraint(_one_of("role", Role), name="role"),
        CheckConstraint("uses_left >= 0 AND uses_left <= uses AND uses BETWEEN 1 AND 50", name="uses"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    gate: Mapped[str] = mapped_column(String(320))
    role: Mapped[str] = mapped_column(String(10))
    uses: Mapped[int]
    uses_left: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Device(Base):
    """A phone at a gate, without account: bound to one event, gate and role until `until_at`."""

    __tablename__ = "device"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        ForeignKeyConstraint(["event_id", "enrolment_id"], ["device_enrolment.event_id", "device_enrolment.id"]),
        CheckConstraint(_one_of("role", Role), name="role"),
        CheckConstraint(_one_of("state", DeviceState), name="state"),
        CheckConstraint("battery_pct IS NULL OR battery_pct BETWEEN 0 AND 100", name="battery_pct"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    enrolment_id: Mapped[int]
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    credential_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    label: Mapped[str] = mapped_column(String(320), info={"personal": "door"})
    gate: Mapped[str] = mapped_column(String(320))
    role: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default=DeviceState.ACTIVE.value)
    until_at: Mapped[datetime]
    enrolled_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    state_at: Mapped[datetime | None]  # when it was ended or revoked
    app: Mapped[str] = mapped_column(String(40), default="")
    battery_pct: Mapped[int | None]
    pending: Mapped[int] = mapped_column(default=0)  # scans that wait on the phone
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)

    event: Mapped[Event] = relationship(lazy="raise", viewonly=True)


class Scan(Base):
    """One code shown to one phone, accepted or not. `client_id` is the phone's own name for it and makes repetition harmless."""

    __tablename__ = "scan"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "client_id"),
        ForeignKeyConstraint(["event_id", "device_id"], ["device.event_id", "device.id"]),
        ForeignKeyConstraint(["event_id", "ticket_id"], ["ticket.event_id", "ticket.id"]),
        CheckConstraint("via IN ('camera', 'hid', 'typed', 'file', 'list', 'paper')", name="via"),
        CheckConstraint(_one_of("direction", Direction), name="direction"),
        CheckConstraint(_one_of("verdict", Verdict), name="verdict"),
        CheckConstraint("moves IS NULL OR " + _one_of("moves", Direction), name="moves"),
        CheckConstraint("shown IS NULL OR " + _one_of("shown", Verdict), name="shown"),
        CheckConstraint("clock IN ('live', 'wall', 'unknown')", name="clock"),
        Index("ix_scan_ticket_id", "event_id", "ticket_id"),
        Index("ix_scan_received_at", "event_id", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    device_id: Mapped[int]
    client_id: Mapped[UUID]
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))  # of the whole item: the same id must say the same
    seq: Mapped[int]
    via: Mapped[str] = mapped_column(String(6))
    gate: Mapped[str] = mapped_column(String(320))
    direction: Mapped[str] = mapped_column(String(3))
    code_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # of the token, or of a human code's index, or of a foreign text
    ticket_id: Mapped[int | None]
    verdict: Mapped[str] = mapped_column(String(13))
    moves: Mapped[str | None] = mapped_column(String(3))
    reason: Mapped[str | None] = mapped_column(String(20))
    ref: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # what the screen named: gate, instant, rank
    shown: Mapped[str | None] = mapped_column(String(13))
    override_reason: Mapped[str | None] = mapped_column(String(20))
    override_text: Mapped[str | None] = mapped_column(Text)
    raw_at: Mapped[datetime | None]
    mono_ms: Mapped[int | None] = mapped_column(BigInteger)
    offset_ms: Mapped[int | None] = mapped_column(BigInteger)
    clock: Mapped[str] = mapped_column(String(7))
    corrected_at: Mapped[datetime]
    received_at: Mapped[datetime]


class Passage(Base):
    """One body, or several, through a gate. Occupancy is the sum of deltas; attendance is the rows marked `first`."""

    __tablename__ = "passage"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "device_id"], ["device.event_id", "device.id"]),
        ForeignKeyConstraint(["event_id", "scan_id"], ["scan.event_id", "scan.id"]),
        ForeignKeyConstraint(["event_id", "ticket_id"], ["ticket.event_id", "ticket.id"]),
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendee.event_id", "attendee.id"]),
        CheckConstraint(_one_of("direction", Direction), name="direction"),
        CheckConstraint("(direction = 'in' AND delta > 0) OR (direction = 'out' AND delta < 0)", name="delta"),
        CheckConstraint("cause IN ('scan', 'override')", name="cause"),
        CheckConstraint("first = false OR (attendee_id IS NOT NULL AND direction = 'in')", name="first"),
        Index("ix_passage_attendee_id", "event_id", "attendee_id"),
        Index("ix_passage_gate", "event_id", "gate"),
        Index(
            "uq_passage_first",
            "event_id",
            "attendee_id",
            "day",
            unique=True,
            sqlite_where=text("first"),
            postgresql_where=text("first"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    device_id: Mapped[int]
    scan_id: Mapped[int] = mapped_column(unique=True)
    ticket_id: Mapped[int | None]
    attendee_id: Mapped[int | None]
    gate: Mapped[str] = mapped_column(String(320))
    direction: Mapped[str] = mapped_column(String(3))
    delta: Mapped[int]
    cause: Mapped[str] = mapped_column(String(10))
    first: Mapped[bool] = mapped_column(default=False)  # the attendance: one an attendee and day, whatever happens
    day: Mapped[date]  # 06:00 to 06:00 in the event's zone
    at: Mapped[datetime]


append_only(Scan.metadata.tables["scan"])
append_only(Passage.metadata.tables["passage"])
