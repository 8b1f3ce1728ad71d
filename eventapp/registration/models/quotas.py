"""Quotas, and the ticket types that charge them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventapp.lib.db import Base, Translated


class Quota(Base):
    """A number of seats. `used` is written by one function only, with the ledger; SQL itself keeps it within `ceiling`."""

    __tablename__ = "quota"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "name"),
        ForeignKeyConstraint(["event_id", "protects_id"], ["quota.event_id", "quota.id"]),
        CheckConstraint("used >= 0 AND used <= ceiling", name="used"),
        CheckConstraint("seat_limit >= 0 AND ceiling >= seat_limit", name="seat_limit"),
        CheckConstraint("(protects_id IS NULL) = (protected_until IS NULL)", name="protection"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    name: Mapped[str] = mapped_column(String(320))
    limit: Mapped[int] = mapped_column("seat_limit")
    used: Mapped[int] = mapped_column(default=0)
    ceiling: Mapped[int]
    protects_id: Mapped[int | None]
    protected_until: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    # Who could give a seat back: when this was asked last, how many were above the limit then, and in which words.
    volunteers_at: Mapped[datetime | None]
    volunteers_above: Mapped[int | None]
    volunteers_words: Mapped[str | None] = mapped_column(Text)


class TicketType(Base):
    """What one can register for: it charges one or more quotas, and opens and closes."""

    __tablename__ = "ticket_type"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "number"),
        UniqueConstraint("event_id", "slug"),
        CheckConstraint("max_party BETWEEN 1 AND 50", name="max_party"),
        CheckConstraint("waitlist_limit IS NULL OR waitlist_limit >= 0", name="waitlist_limit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    number: Mapped[int]
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[dict[str, str]] = mapped_column(Translated)
    description: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    max_party: Mapped[int] = mapped_column(default=4)
    approval: Mapped[bool] = mapped_column(default=False)  # the organiser decides about each party
    waitlist_limit: Mapped[int | None]
    public: Mapped[bool] = mapped_column(default=True)
    transferable: Mapped[bool] = mapped_column(default=True)  # a holder may pass a place on to somebody else
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class TicketTypeQuota(Base):
    """A quota that a ticket type charges."""

    __tablename__ = "ticket_type_quota"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "ticket_type_id"], ["ticket_type.event_id", "ticket_type.id"]),
        ForeignKeyConstraint(["event_id", "quota_id"], ["quota.event_id", "quota.id"]),
        Index("ix_ticket_type_quota_quota_id", "event_id", "quota_id"),
    )

    event_id: Mapped[int]
    ticket_type_id: Mapped[int] = mapped_column(primary_key=True)
    quota_id: Mapped[int] = mapped_column(primary_key=True)
