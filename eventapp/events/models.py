"""Series, editions, events, tracks, venues, spaces and gates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventapp.lib.db import Base, Json, Translated, Wall
from eventapp.people.models import Organiser


class Series(Base):
    """What comes back each year under one name."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[dict[str, str]] = mapped_column(Translated)
    short_name: Mapped[str] = mapped_column(String(160), default="")
    description: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    colour: Mapped[str] = mapped_column(String(7), default="#0b3d5f")
    created_at: Mapped[datetime]

    organiser: Mapped[Organiser] = relationship(lazy="raise")


class Edition(Base):
    """One year of a series."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("series_id", "year", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    number: Mapped[int | None]
    year: Mapped[int]
    name: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    period: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    colour: Mapped[str] = mapped_column(String(7), default="#0b3d5f")
    figures: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)  # [{value, label, as_of, source}]
    created_at: Mapped[datetime]

    series: Mapped[Series] = relationship(lazy="raise")


class Track(Base):
    """A thread through an edition."""

    __tablename__ = "track"
    __table_args__ = (UniqueConstraint("edition_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[dict[str, str]] = mapped_column(Translated)
    position: Mapped[int] = mapped_column(default=0)


class Venue(Base):
    """A place with an address."""

    __tablename__ = "venue"
    __table_args__ = (UniqueConstraint("organiser_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(480))
    address: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str] = mapped_column(String(320), default="")
    access: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    created_at: Mapped[datetime]


class Space(Base):
    """A room or ground inside a venue. The safety capacity is typed from the venue's file, never computed."""

    __tablename__ = "space"
    __table_args__ = (
        UniqueConstraint("venue_id", "name"),
        CheckConstraint("safety_capacity IS NULL OR safety_capacity > 0", name="safety_capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"), index=True)
    name: Mapped[str] = mapped_column(String(480))
    kind: Mapped[str] = mapped_column(String(20), default="room")
    ticket_capacity: Mapped[int | None]
    safety_capacity: Mapped[int | None]
    safety_source: Mapped[str] = mapped_column(String(1200), default="")
    safety_author: Mapped[str] = mapped_column(String(480), default="")
    safety_on: Mapped[date | None]
    created_at: Mapped[datetime]

    venue: Mapped[Venue] = relationship(lazy="raise")


class Gate(Base):
    """A way in or out of a space."""

    __tablename__ = "gate"
    __table_args__ = (
        UniqueConstraint("space_id", "name"),
        CheckConstraint("direction IN ('in', 'out', 'both')", name="direction"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    name: Mapped[str] = mapped_column(String(320))
    direction: Mapped[str] = mapped_column(String(4), default="in")
    position: Mapped[int] = mapped_column(default=0)


class Event(Base):
    """One event. Its row is the one lock of its seats. Times are stored as instants, and as typed with the zone's name."""

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'postponed', 'called_off', 'archived')", name="state"),
        CheckConstraint("visibility IN ('public', 'unlisted', 'invitation')", name="visibility"),
        CheckConstraint("doors_at <= starts_at AND starts_at < ends_at", name="dates"),
        Index("ix_event_coming", "state", "visibility", "ends_at"),
    )
    lock_rank = 2

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"), index=True)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"), index=True)
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"), index=True)
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[dict[str, str]] = mapped_column(Translated)
    kind: Mapped[str] = mapped_column(String(20), default="conference")
    summary: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    description: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)  # Markdown, as typed
    description_html: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)  # rendered and sanitised at save
    cover: Mapped[dict[str, Any] | None] = mapped_column(Json)
    colour: Mapped[str] = mapped_column(String(7), default="#0b3d5f")
    zone: Mapped[str] = mapped_column(String(40), default="Europe/Paris")
    doors_wall: Mapped[datetime] = mapped_column(Wall)
    starts_wall: Mapped[datetime] = mapped_column(Wall)
    ends_wall: Mapped[datetime] = mapped_column(Wall)
    doors_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default="draft")
    state_reason: Mapped[str] = mapped_column(Text, default="")
    state_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)  # of the calendar entry
    visibility: Mapped[str] = mapped_column(String(12), default="public")
    flagship: Mapped[bool] = mapped_column(default=False)
    spoken: Mapped[list[str]] = mapped_column(Json, default=list)
    bring: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    access: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    photo_notice: Mapped[bool] = mapped_column(default=True)
    contact: Mapped[str] = mapped_column(String(254), default="")
    overbooking_reason: Mapped[str] = mapped_column(Text, default="")
    expected: Mapped[int | None]  # how many the organiser expects, typed
    expected_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # figures of an archived event, with their source
    line: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # what the organiser set about the line (registration.rules.Settings)
    ballot_at: Mapped[datetime | None]  # a draw decides the order of the line then; None without one, and once it has taken place
    settled_at: Mapped[datetime | None]  # the last change of phase that the line has gone through
    next_seq: Mapped[int] = mapped_column(default=1)  # the next place in line, taken under the lock
    created_at: Mapped[datetime]

    organiser: Mapped[Organiser] = relationship(lazy="raise")
    edition: Mapped[Edition | None] = relationship(lazy="raise")
    space: Mapped[Space | None] = relationship(lazy="raise")
    track: Mapped[Track | None] = relationship(lazy="raise")


class EventGate(Base):
    """The gates that an event uses, with the ticket types they let in (all when empty)."""

    __tablename__ = "event_gate"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "gate_id"),
        ForeignKeyConstraint(["gate_id"], ["gate.id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    gate_id: Mapped[int]
    type_numbers: Mapped[list[int]] = mapped_column(Json, default=list)

    gate: Mapped[Gate] = relationship(lazy="raise")
