"""The draw that decides the order of an event's line."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from eventapp.lib.db import Base, Translated


class Ballot(Base):
    """One draw for an event. Its seed is told to nobody before it has taken place; `first_seq` is the place of the first who was drawn."""

    __tablename__ = "ballot"
    __table_args__ = (CheckConstraint("(drawn_at IS NULL) = (first_seq IS NULL)", name="drawn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    commitment: Mapped[str] = mapped_column(String(64))
    seed: Mapped[bytes] = mapped_column(LargeBinary(32))
    source: Mapped[dict[str, str]] = mapped_column(Translated)  # where the public number that is mixed in will be read
    draws_at: Mapped[datetime]
    number: Mapped[str] = mapped_column(String(800), default="")
    first_seq: Mapped[int | None]
    created_at: Mapped[datetime]
    drawn_at: Mapped[datetime | None]
