"""Sessions of the programme for which people enrol, and who has a place in them or waits for one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventapp.lib.db import Base, Translated
from eventapp.registration.models.attendees import Attendee
from eventapp.registration.models.quotas import Quota
from eventapp.registration.rules import ENROLLED, LIVE

_STATES = ", ".join(f"'{state}'" for state in ENROLLED)
_LIVE = ", ".join(f"'{state}'" for state in ENROLLED if state in LIVE)


def _only(condition: str) -> dict[str, Any]:
    """The rows that an index holds."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Slot(Base):
    """A session of the programme with places of its own: when it takes place, under which name, and the quota that counts its places.

    The programme points at it and tells it its title and times. One that was withdrawn takes nobody any more.
    """

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "quota_id"),
        ForeignKeyConstraint(["event_id", "quota_id"], ["quota.event_id", "quota.id"]),
        CheckConstraint("starts_at < ends_at", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    quota_id: Mapped[int]
    title: Mapped[dict[str, str]] = mapped_column(Translated)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    moved_at: Mapped[datetime | None]  # the last time it was given another time
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    quota: Mapped[Quota] = relationship(lazy="raise", viewonly=True, primaryjoin="Quota.id == foreign(Slot.quota_id)")


class Enrolment(Base):
    """One attendee's place in a session, or wait for one. `seq` is from the event's own counter: the order of commits."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        ForeignKeyConstraint(["event_id", "slot_id"], ["slot.event_id", "slot.id"]),
        ForeignKeyConstraint(["event_id", "attendee_id"], ["attendee.event_id", "attendee.id"]),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("line_class BETWEEN 0 AND 5", name="line_class"),
        CheckConstraint("state <> 'offered' OR expires_at IS NOT NULL", name="expiry"),
        Index("uq_enrolment_live", "slot_id", "attendee_id", unique=True, **_only(f"state IN ({_LIVE})")),
        Index("ix_enrolment_line", "event_id", "slot_id", "line_class", "seq", **_only("state = 'waitlisted'")),
        Index("ix_enrolment_due", "event_id", "expires_at", "id", **_only("expires_at IS NOT NULL")),
        Index("ix_enrolment_attendee", "attendee_id"),
        Index("ix_enrolment_slot", "event_id", "slot_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    slot_id: Mapped[int]
    attendee_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    line_class: Mapped[int] = mapped_column(default=5)
    seq: Mapped[int]
    swap: Mapped[bool] = mapped_column(default=False)  # for the place it overlaps with, without being asked
    # The offer of a swap: when it was made, when its mail had left, until when it may be answered as was printed, when it ends.
    asked_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    lapses: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    slot: Mapped[Slot] = relationship(lazy="raise", viewonly=True, primaryjoin="Slot.id == foreign(Enrolment.slot_id)")
    attendee: Mapped[Attendee] = relationship(lazy="raise", viewonly=True, primaryjoin="Attendee.id == foreign(Enrolment.attendee_id)")
