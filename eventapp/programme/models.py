"""Programme sessions, and who appears in them or at the event as a whole."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventapp.events.models import Event, Space, Track
from eventapp.lib.db import Base, Translated, Wall
from eventapp.people.models import Organisation, Person
from eventapp.programme.rules import Kind
from eventapp.registration.models import Slot

_KINDS = ", ".join(f"'{kind}'" for kind in Kind)


class ProgrammeSession(Base):
    """One item of an event's agenda. Its times may still be open; the zone is the event's."""

    __tablename__ = "programme_session"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        ForeignKeyConstraint(["event_id", "slot_id"], ["slot.event_id", "slot.id"]),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name="times"),
        CheckConstraint("starts_at IS NULL OR starts_at < ends_at", name="order"),
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[dict[str, str]] = mapped_column(Translated)
    kind: Mapped[str] = mapped_column(String(20), default=Kind.PLENARY.value)
    starts_wall: Mapped[datetime | None] = mapped_column(Wall)
    ends_wall: Mapped[datetime | None] = mapped_column(Wall)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"), index=True)
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"), index=True)
    language: Mapped[str] = mapped_column(String(2), default="")
    abstract: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    capacity: Mapped[int | None]  # for information, unless people enrol: then the quota of its slot counts its places
    slot_id: Mapped[int | None]  # where people enrol for it
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    @property
    def enrolment(self) -> bool:
        """Whether people enrol for it."""
        return self.slot is not None and self.slot.withdrawn_at is None

    event: Mapped[Event] = relationship(lazy="raise", viewonly=True)
    slot: Mapped[Slot | None] = relationship(lazy="raise", viewonly=True, primaryjoin="Slot.id == foreign(ProgrammeSession.slot_id)")
    space: Mapped[Space | None] = relationship(lazy="raise", viewonly=True)
    track: Mapped[Track | None] = relationship(lazy="raise", viewonly=True)


class Appearance(Base):
    """A person who speaks, in a role and for a body as they were then; without a programme session, at the event as a whole."""

    __tablename__ = "appearance"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        ForeignKeyConstraint(["event_id", "programme_session_id"], ["programme_session.event_id", "programme_session.id"]),
        Index("ix_appearance_programme_session_id", "event_id", "programme_session_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    programme_session_id: Mapped[int | None]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[dict[str, str]] = mapped_column(Translated, default=dict, info={"personal": "programme"})
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise", viewonly=True)
    organisation: Mapped[Organisation | None] = relationship(lazy="raise", viewonly=True)
