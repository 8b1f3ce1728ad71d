"""Ticket types, quotas, registrations, attendees, tickets and the seat ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventapp.events.models import Event
from eventapp.lib.db import Base, Translated, append_only
from eventapp.registration.rules import LIVE, AutoUntil, State

_LIVE = ", ".join(f"'{state}'" for state in sorted(LIVE))
ONE_EACH = f"state IN ({_LIVE}) AND split_from_id IS NULL AND canonical_email <> ''"
"""Registrations of which an address has one at most for an event, as SQL says it."""
_ELIGIBLE = "state = 'waitlisted' AND expires_at IS NULL"
"""Who stands in line and is not still to prove an address."""
_STATES = ", ".join(f"'{state}'" for state in State)
_WISHES = ", ".join(f"'{wish}'" for wish in AutoUntil)


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
    waitlist_limit: Mapped[int | None]
    public: Mapped[bool] = mapped_column(default=True)
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


def _only(condition: str) -> dict[str, Any]:
    """The rows that an index holds."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Registration(Base):
    """A party of one to n persons. `seq` is its place in line: the order of commits, taken under the event's lock."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        ForeignKeyConstraint(["event_id", "ticket_type_id"], ["ticket_type.event_id", "ticket_type.id"]),
        ForeignKeyConstraint(["event_id", "split_from_id"], ["registration.event_id", "registration.id"]),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("size BETWEEN 1 AND 50", name="size"),
        CheckConstraint("line_class BETWEEN 0 AND 5", name="line_class"),
        CheckConstraint("state <> 'waitlisted' OR seq IS NOT NULL", name="line"),
        CheckConstraint(f"auto_until IN ({_WISHES})", name="auto_until"),
        CheckConstraint("state NOT IN ('held', 'offered') OR expires_at IS NOT NULL", name="expiry"),
        Index(
            "uq_registration_seq",
            "event_id",
            "seq",
            unique=True,
            sqlite_where=text("split_from_id IS NULL"),
            postgresql_where=text("split_from_id IS NULL"),
        ),
        Index(
            "uq_registration_live",
            "event_id",
            "canonical_email",
            unique=True,
            sqlite_where=text(ONE_EACH),
            postgresql_where=text(ONE_EACH),
        ),
        Index(
            "ix_registration_line",
            "event_id",
            "ticket_type_id",
            "size",
            "line_class",
            "auto_until",
            "accept_partial",
            "seq",
            sqlite_where=text(_ELIGIBLE),
            postgresql_where=text(_ELIGIBLE),
        ),
        Index("ix_registration_due", "event_id", "expires_at", "id", **_only("expires_at IS NOT NULL")),
        Index("ix_registration_reminder", "event_id", "remind_at", **_only("remind_at IS NOT NULL")),
        Index(
            "ix_registration_position",
            "event_id",
            "line_class",
            "seq",
            "size",
            "ticket_type_id",
            sqlite_where=text("state = 'waitlisted'"),
            postgresql_where=text("state = 'waitlisted'"),
        ),
        Index("ix_registration_part", "event_id", "split_from_id", **_only("split_from_id IS NOT NULL")),
        Index("ix_registration_list", "event_id", "state", "id"),
        Index("ix_registration_address", "canonical_email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    identity: Mapped[bytes] = mapped_column(LargeBinary(16))  # its link is derived from it and from the serial
    serial: Mapped[int] = mapped_column(default=0)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    ticket_type_id: Mapped[int]
    size: Mapped[int]
    first_name: Mapped[str] = mapped_column(String(320), info={"personal": "registration"})
    last_name: Mapped[str] = mapped_column(String(320), info={"personal": "registration"})
    email: Mapped[str] = mapped_column(String(254), info={"personal": "registration"})
    canonical_email: Mapped[str] = mapped_column(String(254), info={"personal": "registration"})
    search: Mapped[str] = mapped_column(Text, info={"personal": "registration"})  # names and address, folded
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(20))
    line_class: Mapped[int] = mapped_column(default=5)
    seq: Mapped[int | None]
    auto_until: Mapped[str] = mapped_column(String(8), default=AutoUntil.OFFERS)  # how long to be confirmed without being asked
    accept_partial: Mapped[bool] = mapped_column(default=False)  # a part of the party may be seated before the rest
    verified_at: Mapped[datetime | None]
    # An offer or a hold: when it was made, when its mail had left, until when it may be answered as was printed, when it ends.
    asked_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]
    extensions: Mapped[int] = mapped_column(default=0)
    lapses: Mapped[int] = mapped_column(default=0)
    notice: Mapped[str] = mapped_column(String(8), default="")  # the last mail to all who wait: last_day, frozen
    version: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(Text, default="")  # typed by an organiser, shown to the holder
    source: Mapped[str] = mapped_column(String(12), default="form")
    rules_version: Mapped[int] = mapped_column(default=1)
    split_from_id: Mapped[int | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(lazy="raise", viewonly=True)
    ticket_type: Mapped[TicketType] = relationship(
        lazy="raise", viewonly=True, primaryjoin="TicketType.id == foreign(Registration.ticket_type_id)"
    )


class LineShape(Base):
    """How many parties of one shape wait: what the rule and the pages ask of the line without walking along it.

    Written with `Registration.state` by the one function that writes it.
    """

    __tablename__ = "line_shape"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "ticket_type_id"], ["ticket_type.event_id", "ticket_type.id"]),
        CheckConstraint("parties >= 0", name="parties"),
    )

    event_id: Mapped[int] = mapped_column(primary_key=True)
    ticket_type_id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True)
    line_class: Mapped[int] = mapped_column(primary_key=True)
    auto_until: Mapped[str] = mapped_column(String(8), primary_key=True)
    accept_partial: Mapped[bool] = mapped_column(primary_key=True)
    parties: Mapped[int]


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
    delta: Mapped[int]
    cause: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


append_only(SeatEntry.metadata.tables["seat_entry"])
