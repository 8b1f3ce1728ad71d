"""What was done, and what was already answered."""

from __future__ import annotations

from sqlalchemy import select

from eventapp.journal.models import CommandKey, Entry
from eventapp.lib.db import Session


def last_entry(session: Session, chain: str) -> tuple[int, bytes] | None:
    """Position and hash of the end of a chain."""
    statement = select(Entry.position, Entry.hash).where(Entry.chain == chain).order_by(Entry.position.desc()).limit(1)
    row = session.execute(statement).one_or_none()
    return (row[0], row[1]) if row else None


def command(session: Session, key: str) -> CommandKey | None:
    """The command carried out under this key."""
    return session.get(CommandKey, key)


def chain(session: Session, name: str) -> list[Entry]:
    """A whole chain, in order."""
    return list(session.scalars(select(Entry).where(Entry.chain == name).order_by(Entry.position)))


def recent(session: Session, chains: list[str], *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """The latest entries of these chains, newest first."""
    statement = select(Entry).where(Entry.chain.in_(chains)).order_by(Entry.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Entry.id < before)
    return list(session.scalars(statement))


def chains(session: Session) -> list[str]:
    """Names of all chains."""
    return list(session.scalars(select(Entry.chain).distinct().order_by(Entry.chain)))
