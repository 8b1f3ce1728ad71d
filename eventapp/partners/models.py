"""Partnerships: a body, what it is, and to which edition or event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventapp.lib.db import Base, Translated
from eventapp.partners.rules import LogoSize, PartnershipType
from eventapp.people.models import Organisation

_TYPES = ", ".join(f"'{type_}'" for type_ in PartnershipType)
_SIZES = ", ".join(f"'{size}'" for size in LogoSize)


class Partnership(Base):
    """A body in one quality, of a whole edition or of one event: exactly one of the two."""

    __tablename__ = "partnership"
    __table_args__ = (
        UniqueConstraint("edition_id", "type", "organisation_id"),
        UniqueConstraint("event_id", "type", "organisation_id"),
        CheckConstraint("(edition_id IS NULL) <> (event_id IS NULL)", name="of_one"),
        CheckConstraint(f"type IN ({_TYPES})", name="type"),
        CheckConstraint(f"logo_size IN ({_SIZES})", name="logo_size"),
        CheckConstraint("tier_order >= 0", name="tier_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    type: Mapped[str] = mapped_column(String(20))
    tier: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    tier_order: Mapped[int] = mapped_column(default=0)
    logo_size: Mapped[str] = mapped_column(String(8), default=LogoSize.MEDIUM.value)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(lazy="raise", viewonly=True)
