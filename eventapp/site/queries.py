"""What the public pages ask that belongs to no single room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, literal, select

from eventapp.lib.db import Base, Session, Utc
from eventapp.registration.models import TicketType


def purposes() -> frozenset[str]:
    """Why personal data are kept here: the purposes that the columns themselves declare, so that the notice forgets none."""
    return frozenset(
        column.info["personal"] for table in Base.metadata.tables.values() for column in table.columns if "personal" in column.info
    )


def openings(session: Session, event_ids: Sequence[int], now: datetime) -> dict[int, datetime]:
    """When registration opens for those events for which no public ticket type has opened yet. One statement."""
    opens = func.min(func.coalesce(TicketType.opens_at, literal(now, Utc)), type_=Utc)
    statement = select(TicketType.event_id, opens).where(TicketType.event_id.in_(event_ids), TicketType.public.is_(True))
    rows = session.execute(statement.group_by(TicketType.event_id).having(opens > literal(now, Utc)))
    return {row[0]: row[1] for row in rows}
