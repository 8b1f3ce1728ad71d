"""The persons of a party, and their tickets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventapp.lib.db import Base
from eventapp.registration.models.registrations import Registration


class Attendee(Base):
    """One person of a party; nameless until somebody says who comes. `arrived_at` is written by the door."""

    __tablename__ = "attendee"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("registration_id", "position"),
        ForeignKeyConstraint(["event_id", "registration_id"], ["registration.event_id", "registration.id"]),
        Index("ix_attendee_arrived", "event_id", "arrived_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    registration_id: Mapped[int]
    position: Mapped[int]  # from 1
    first_name: Mapped[str] = mapped_column(String(320), default="", info={"personal": "registration"})
    last_name: Mapped[str] = mapped_column(String(320), default="", info={"personal": "registration"})
    organisation: Mapped[str] = mapped_column(String(480), default="", info={"personal": "registration"})
    search: Mapped[str] = mapped_column(Text, default="", info={"personal": "registration"})
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]  # when this place was given back, the rest of the party staying

    registration: Mapped[Registration] = relationship(
        lazy="raise", viewonly=True, primaryjoin="Registration.id == foreign(Attendee.registration_id)"
    )


class Ticket(Base):
    """One code. A re-issue adds a row with the next serial and closes the old one, whose code is then answered as replaced."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "human_sha256"),
        UniqueConstraint("attendee_id", "serial"),
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendee.event_id", "attendee.id"]),
    )
    lock_rank = 4

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    attendee_id: Mapped[int]
    identity: Mapped[bytes] = mapped_column(LargeBinary(16))
    serial: Mapped[int] = mapped_column(default=0)
    code_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    human_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    issued_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    attendee: Mapped[Attendee] = relationship(lazy="raise", viewonly=True, primaryjoin="Attendee.id == foreign(Ticket.attendee_id)")
