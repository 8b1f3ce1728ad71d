"""Who still waits for an event that has ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from eventapp.events.models import Event
from eventapp.lib.db import Session
from eventapp.registration import rules
from eventapp.registration.models import Enrolment, Registration
from eventapp.registration.queries.line import DUE_AT_ONCE
from eventapp.registration.rules import State


def unclosed_event_ids(session: Session, now: datetime) -> list[int]:
    """Every event whose line is to be closed: it has ended, and somebody waits for an answer."""
    waits = select(Registration.id).where(Registration.event_id == Event.id, Registration.state.in_(rules.UNANSWERED))
    queues = select(Enrolment.id).where(Enrolment.event_id == Event.id, Enrolment.state.in_((State.WAITLISTED, State.OFFERED)))
    open_ = or_(waits.exists(), queues.exists())
    statement = select(Event.id).where(Event.state.in_(rules.HAS_CLOSED), Event.ends_at <= now - rules.CLOSES_AFTER, open_)
    return list(session.scalars(statement.order_by(Event.id)))


def unanswered(session: Session, event_id: int) -> list[Registration]:
    """Parties that wait, hold or are offered a seat, or are not decided about, oldest first; 500 at most. For use under the lock."""
    statement = select(Registration).where(Registration.event_id == event_id, Registration.state.in_(rules.UNANSWERED))
    return list(session.scalars(statement.order_by(Registration.id).limit(DUE_AT_ONCE)))
