"""The outbox: one row per mail to send. It holds identifiers as plain values and so outlives what it tells of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from eventapp.lib.db import Base, Json


class Message(Base):
    """A mail waiting, leased, sent or failed. `facts` are plain values frozen when it was written; links are made at delivery."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'leased', 'sent', 'failed', 'held')", name="state"),
        Index("ix_message_due", "state", "due_at"),
        Index("ix_message_subject", "event_id", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    room: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(30))
    organiser_id: Mapped[int | None]
    event_id: Mapped[int | None]
    subject_id: Mapped[str | None] = mapped_column(String(16))  # public id of the registration, where there is one
    address: Mapped[str] = mapped_column(String(254), info={"personal": "delivery"})
    name: Mapped[str] = mapped_column(String(650), default="", info={"personal": "delivery"})
    language: Mapped[str] = mapped_column(String(2))
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, info={"personal": "delivery"})
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(22))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(Text, default="")


class DutySlot(Base):
    """When a recurring duty ran last, and who has it now: N workers run each duty once."""

    __tablename__ = "duty_slot"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    next_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    ran_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(Text, default="")


class WorkerBeat(Base):
    """Proof of life of each worker process."""

    __tablename__ = "worker_beat"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    seen_at: Mapped[datetime]
