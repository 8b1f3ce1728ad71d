"""Organisers and the people who work for them; persons and bodies shown in several rooms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventapp.lib.db import Base, Json


class Organiser(Base):
    """A tenant: the body that runs series and events here, with its legal details."""

    __tablename__ = "organiser"
    lock_rank = 1

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(320))
    legal_name: Mapped[str] = mapped_column(String(800), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(String(160), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    register_number: Mapped[str] = mapped_column(String(160), default="")  # RNA or SIREN
    publication_director: Mapped[str] = mapped_column(String(320), default="")
    data_protection_contact: Mapped[str] = mapped_column(String(254), default="")
    host_name: Mapped[str] = mapped_column(String(800), default="")
    host_address: Mapped[str] = mapped_column(Text, default="")
    host_phone: Mapped[str] = mapped_column(String(160), default="")
    created_at: Mapped[datetime]

    LEGAL = (
        "legal_name",
        "address",
        "phone",
        "email",
        "register_number",
        "publication_director",
        "host_name",
        "host_address",
        "host_phone",
    )

    @property
    def legal_missing(self) -> tuple[str, ...]:
        """Names of the legal details still empty: while there is one, nothing may be published (law on publishers)."""
        return tuple(name for name in self.LEGAL if not getattr(self, name).strip())


class User(Base):
    """An account of the back office."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(320), info={"personal": "account"})
    email: Mapped[str] = mapped_column(String(254), info={"personal": "account"})
    canonical_email: Mapped[str] = mapped_column(String(254), unique=True, info={"personal": "account"})
    language: Mapped[str] = mapped_column(String(2), default="fr")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class Membership(Base):
    """A user's role for an organiser."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("user_id", "organiser_id"),
        CheckConstraint("role IN ('owner', 'manager', 'staff')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise")
    organiser: Mapped[Organiser] = relationship(lazy="raise")


class SignIn(Base):
    """A session of the back office: the cookie holds the secret, the row its hash. Deleting the row ends it."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    epoch: Mapped[int]
    label: Mapped[str] = mapped_column(String(120), default="", info={"personal": "account security"})
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise")


class OneTimeLink(Base):
    """A single-use secret sent by mail or printed once: password reset, set-up of the first account, invitation to a team.

    The secret is derived from `identity` under the link key (rules.one_time_secret), so that mails can be rendered at delivery
    without it being stored anywhere.
    """

    __tablename__ = "one_time_link"
    __table_args__ = (CheckConstraint("purpose IN ('reset', 'setup', 'invitation')", name="purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[bytes] = mapped_column(LargeBinary(16))
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[str] = mapped_column(String(12))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("organiser.id"))
    email: Mapped[str | None] = mapped_column(String(254), info={"personal": "account"})
    role: Mapped[str | None] = mapped_column(String(10))
    epoch: Mapped[int | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Organisation(Base):
    """A body that carries, supports or hosts; shown by partnerships and appearances."""

    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("organiser_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(640))
    short_name: Mapped[str] = mapped_column(String(160), default="")
    kind: Mapped[str] = mapped_column(String(40), default="")
    website: Mapped[str] = mapped_column(String(2000), default="")
    logo: Mapped[dict[str, Any] | None] = mapped_column(Json)
    fictional: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Person(Base):
    """Somebody who appears in a programme; timeless: the role they speak in belongs to the appearance."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("organiser_id", "slug"), Index("ix_person_name", "organiser_id", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    slug: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(640), info={"personal": "programme"})
    biography: Mapped[dict[str, str]] = mapped_column(Json, default=dict, info={"personal": "programme"})
    portrait: Mapped[dict[str, Any] | None] = mapped_column(Json, info={"personal": "programme"})
    fictional: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
