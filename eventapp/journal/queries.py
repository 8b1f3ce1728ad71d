"""What was done, and what was already answered."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from eventapp.journal.models import CommandKey, Entry, FormKey
from eventapp.lib.db import Session
from eventapp.lib.inserts import LOOKED, waiting

_LAST = select(Entry.position, Entry.hash).where(Entry.chain == bindparam("name")).order_by(Entry.position.desc()).limit(1)
_LAST = _LAST.execution_options(**{LOOKED: True})
_COMMAND = select(CommandKey.body_sha256, CommandKey.subject).where(CommandKey.key == bindparam("key"))
_COMMAND = _COMMAND.execution_options(**{LOOKED: True})
BODY_OF_COMMAND = select(CommandKey.body_sha256).where(CommandKey.key == bindparam("command")).scalar_subquery()
SUBJECT_OF_COMMAND = select(CommandKey.subject).where(CommandKey.key == bindparam("command")).scalar_subquery()
"""What was answered under the key `command`, as columns of a question that asks more. Who asks looks at `command_just_now` first."""


@dataclass(frozen=True)
class Answered:
    """A command already carried out: the digest of what it asked for, and what it made."""

    body_sha256: bytes
    subject: str


def last_entry(session: Session, chain: str) -> tuple[int, bytes] | None:
    """Position and hash of the end of a chain, as this transaction leaves it."""
    for entry in reversed(waiting(session, Entry)):
        if entry["chain"] == chain:
            return entry["position"], entry["hash"]
    row = session.connection().execute(_LAST, {"name": chain}).one_or_none()
    return (row[0], row[1]) if row else None


def command_just_now(session: Session, key: str) -> Answered | None:
    """The command carried out under this key in this very transaction."""
    for made in waiting(session, CommandKey):
        if made["key"] == key:
            return Answered(made["body_sha256"], made["subject"])
    return None


def command(session: Session, key: str) -> Answered | None:
    """The command carried out under this key, perhaps a moment ago in this transaction."""
    if made := command_just_now(session, key):
        return made
    row = session.connection().execute(_COMMAND, {"key": key}).one_or_none()
    return Answered(row[0], row[1]) if row else None


def form_key(session: Session, key: str) -> FormKey | None:
    """The form that was sent under this key."""
    return session.get(FormKey, key, populate_existing=True)


def chain(session: Session, name: str) -> list[Entry]:
    """A whole chain, in order."""
    return list(session.scalars(select(Entry).where(Entry.chain == name).order_by(Entry.position)))


def deeds(session: Session, chain_name: str, verb: str) -> list[Entry]:
    """Everything of one kind that a chain tells, in order."""
    return list(session.scalars(select(Entry).where(Entry.chain == chain_name, Entry.verb == verb).order_by(Entry.position)))


def recent(session: Session, chains: list[str], *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """The latest entries of these chains, newest first."""
    statement = select(Entry).where(Entry.chain.in_(chains)).order_by(Entry.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Entry.id < before)
    return list(session.scalars(statement))


def chains(session: Session) -> list[str]:
    """Names of all chains."""
    return list(session.scalars(select(Entry.chain).distinct().order_by(Entry.chain)))


def about(session: Session, chain_name: str, subject: str) -> list[Entry]:
    """Everything that a chain tells of one subject, in order."""
    return list(session.scalars(select(Entry).where(Entry.chain == chain_name, Entry.subject == subject).order_by(Entry.position)))
