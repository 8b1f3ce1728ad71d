"""Parties, and how many of each shape stand in line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventapp.events.models import Event
from eventapp.lib.db import Base
from eventapp.registration.models.quotas import TicketType
from eventapp.registration.rules import LIVE, AutoUntil, State

_LIVE = ", ".join(f"'{state}'" for state in sorted(LIVE))
ONE_EACH = f"state IN ({_LIVE}) AND split_from_id IS NULL AND canonical_email <> ''"
"""Registrations of which an address has one at most for an event, as SQL says it."""
_ELIGIBLE = "state = 'waitlisted' AND expires_at IS NULL"
"""Who stands in line and is not still to prove an address."""
_STATES = ", ".join(f"'{state}'" for state in State)
_WISHES = ", ".join(f"'{wish}'" for wish in AutoUntil)


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
        ForeignKeyConstraint(["event_id", "transferred_from_id"], ["registration.event_id", "registration.id"]),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("size BETWEEN 1 AND 50", name="size"),
        CheckConstraint("line_class BETWEEN 0 AND 5", name="line_class"),
        CheckConstraint("state <> 'waitlisted' OR seq IS NOT NULL OR lot = 0", name="line"),
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
        Index("ix_registration_transferred", "event_id", "transferred_from_id", **_only("transferred_from_id IS NOT NULL")),
        Index("ix_registration_ask", "event_id", "ask_after", "id", **_only("state = 'confirmed'")),
        Index("ix_registration_undrawn", "event_id", "id", **_only("notice = 'undrawn'")),
        Index("ix_registration_lot", "event_id", "lot", **_only("lot > 0")),
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
    lot: Mapped[int | None]  # of who takes part in a ballot: 0 until the draw, then the rank in it
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
    notice: Mapped[str] = mapped_column(
        String(8), default=""
    )  # the last mail to all who wait: last_day, frozen; undrawn: to be told of the draw
    version: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(Text, default="")  # typed by an organiser, shown to the holder
    source: Mapped[str] = mapped_column(String(12), default="form")
    rules_version: Mapped[int] = mapped_column(default=1)
    split_from_id: Mapped[int | None]
    transferred_from_id: Mapped[int | None]  # the party of whose seats this was one
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    # Whether a party with a seat still comes: it is asked at the instants after this one, and when it said yes.
    ask_after: Mapped[datetime | None]
    reconfirmed_at: Mapped[datetime | None]
    volunteers_at: Mapped[datetime | None]  # when it was asked last whether it could give its seats back

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
