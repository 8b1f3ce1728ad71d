"""Append-only history and the keys of commands already answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventapp.lib.db import Base, Json, append_only


class Entry(Base):
    """One thing that was done: chained by hash to the one before it in its chain (`event:12`, `organiser:3`)."""

    __tablename__ = "journal_entry"
    __table_args__ = (UniqueConstraint("chain", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    verb: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class CommandKey(Base):
    """A command already carried out: its key, a digest of what it asked for, and what it made."""

    __tablename__ = "command_key"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    subject: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class FormKey(Base):
    """A form of the back office that has been sent: a digest of what it said, and the page to which its first sending led.

    `location` is empty only inside the transaction that carries the form out. Kept for `rules.FORM_KEYS_KEPT`.
    """

    __tablename__ = "form_key"

    key: Mapped[str] = mapped_column(String(130), primary_key=True)
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    location: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)


append_only(Entry.metadata.tables["journal_entry"])
