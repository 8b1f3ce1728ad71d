"""Who has come in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, update

from eventapp.lib.db import Session, Utc
from eventapp.registration.models import Attendee

_ARRIVE = (
    update(Attendee)
    .where(Attendee.id.in_(bindparam("attendee_ids", expanding=True)), Attendee.arrived_at.is_(None))
    .values(arrived_at=bindparam("now", type_=Utc))
)


def arrive(session: Session, *, attendee_ids: Collection[int], now: datetime) -> int:
    """Note that attendees have come in, each once and for good. The caller holds the rows of their tickets.

    How many of them came for the first time. One statement.
    """
    return session.connection().execute(_ARRIVE, {"attendee_ids": list(attendee_ids), "now": now}).rowcount
