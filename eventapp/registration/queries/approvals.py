"""Who has asked for a place and awaits the organiser's decision."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from eventapp.lib.db import Session
from eventapp.registration.models import Registration
from eventapp.registration.rules import State


def applications(
    session: Session, event_id: int, *, words: Sequence[str] = (), after_id: int | None = None, limit: int = 50
) -> list[Registration]:
    """Applications of an event, oldest first, with their ticket type; each of `words` (folded) must occur in name or address."""
    statement = select(Registration).options(joinedload(Registration.ticket_type))
    statement = statement.where(Registration.event_id == event_id, Registration.state == State.PENDING_APPROVAL)
    for word in words:
        statement = statement.where(Registration.search.contains(word, autoescape=True))
    if after_id is not None:
        statement = statement.where(Registration.id > after_id)
    return list(session.scalars(statement.order_by(Registration.id).limit(limit)))


def applied(session: Session, event_id: int) -> tuple[int, int]:
    """Parties and persons who await a decision."""
    statement = select(func.count(Registration.id), func.coalesce(func.sum(Registration.size), 0))
    row = session.execute(statement.where(Registration.event_id == event_id, Registration.state == State.PENDING_APPROVAL)).one()
    return int(row[0]), int(row[1])


def ids_of(session: Session, event_id: int, public_ids: Sequence[str]) -> list[int]:
    """The ids of those of these parties that are of this event."""
    statement = select(Registration.id).where(Registration.event_id == event_id, Registration.public_id.in_(public_ids))
    return list(session.scalars(statement.order_by(Registration.id)))
