"""The seat ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from eventapp.lib.db import Base, append_only


class SeatEntry(Base):
    """The seat ledger: one row per quota and change, never altered. `Quota.used` is the sum of its deltas, always."""

    __tablename__ = "seat_entry"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "quota_id"], ["quota.event_id", "quota.id"]),
        ForeignKeyConstraint(["event_id", "registration_id"], ["registration.event_id", "registration.id"]),
        CheckConstraint("delta <> 0", name="delta"),
        Index("ix_seat_entry_quota_id", "event_id", "quota_id"),
        Index("ix_seat_entry_registration_id", "event_id", "registration_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    quota_id: Mapped[int]
    registration_id: Mapped[int]
    enrolment_id: Mapped[int | None]  # of a place in a session, whose attendee the registration brings
    delta: Mapped[int]
    cause: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


append_only(SeatEntry.metadata.tables["seat_entry"])
