"""The outbox: what is due, who has it, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select

from eventapp.lib.db import Session
from eventapp.messages.models import DutySlot, Message, WorkerBeat

PAUSED = "enough mails for today to an address that nobody has confirmed"
"""What stands at a mail that waits for its address to be confirmed, or for the next day."""


def due_ids(session: Session, now: datetime, limit: int) -> list[int]:
    """Mails to send now, oldest first; on PostgreSQL those another worker is taking are passed over."""
    statement = select(Message.id).where(Message.state.in_(("queued", "leased")), Message.due_at <= now)
    statement = statement.where((Message.state == "queued") | (Message.lease_until < now)).order_by(Message.due_at, Message.id).limit(limit)
    return list(session.scalars(statement.with_for_update(skip_locked=True)))


def state_of(session: Session, message_id: int) -> str | None:
    """Where one mail stands."""
    return session.scalar(select(Message.state).where(Message.id == message_id))


def by_state(session: Session, event_ids: Sequence[int] | None = None) -> dict[str, int]:
    """Number of mails in each state, of these events or of all."""
    statement = select(Message.state, func.count(Message.id)).group_by(Message.state)
    if event_ids is not None:
        statement = statement.where(Message.event_id.in_(event_ids))
    return {state: int(number) for state, number in session.execute(statement)}


def of_subject(session: Session, event_id: int, subject_id: str) -> list[Message]:
    """Every mail about one registration, oldest first."""
    statement = select(Message).where(Message.event_id == event_id, Message.subject_id == subject_id)
    return list(session.scalars(statement.order_by(Message.id)))


def outbox(
    session: Session,
    *,
    organiser_ids: Sequence[int],
    event_id: int | None = None,
    state: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Message]:
    """Mails of these organisers, newest first."""
    statement = select(Message).where(Message.organiser_id.in_(organiser_ids))
    if event_id is not None:
        statement = statement.where(Message.event_id == event_id)
    if state is not None:
        statement = statement.where(Message.state == state)
    if before is not None:
        statement = statement.where(Message.id < before)
    return list(session.scalars(statement.order_by(Message.id.desc()).limit(limit)))


def oldest_unsent(session: Session, *, but_for: Sequence[str] = ()) -> datetime | None:
    """When the oldest mail still waiting was written, leaving out paused ones and those whose last try met one of these problems."""
    waiting = (Message.state.in_(("queued", "leased")), Message.problem.not_in((*but_for, PAUSED)))
    return session.scalar(select(func.min(Message.created_at)).where(*waiting))


def last_beat(session: Session) -> datetime | None:
    """When any worker was last seen."""
    return session.scalar(select(func.max(WorkerBeat.seen_at)))


def clock(session: Session) -> datetime:
    """What time the database says it is, to judge our own clock by: the server's on PostgreSQL, this machine's on SQLite."""
    told = session.scalars(select(func.current_timestamp())).one()
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def duties(session: Session) -> list[DutySlot]:
    """All recurring duties, with when they ran last and run next."""
    return list(session.scalars(select(DutySlot).order_by(DutySlot.name)))
