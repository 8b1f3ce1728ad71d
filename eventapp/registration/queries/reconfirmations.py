"""Who has a seat and is to be asked whether they still come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import literal_column, or_, select
from sqlalchemy.orm import aliased

from eventapp.lib.db import Session
from eventapp.messages.models import Message
from eventapp.registration.models import Attendee, Registration
from eventapp.registration.queries.line import DUE_AT_ONCE, LINE_CHUNK

_inside = select(Attendee.id).where(Attendee.registration_id == Registration.id, Attendee.arrived_at.is_not(None))


def to_be_asked(session: Session, event_id: int, at: datetime) -> list[list[Registration]]:
    """Parties with seats that were not asked yet at this instant, 100 at most, each with those of its parts that were not. Nobody without
    an address, and nobody of whom somebody is inside. For use under the lock.
    """
    unasked = select(Registration).where(
        Registration.event_id == event_id,
        Registration.state == literal_column("'confirmed'"),
        Registration.ask_after < at,
        Registration.email != "",
        ~_inside.exists(),
    )
    first = session.scalars(unasked.order_by(Registration.ask_after, Registration.id).limit(LINE_CHUNK))
    origins = {row.split_from_id or row.id for row in first}
    if not origins:
        return []
    whole = unasked.where(or_(Registration.id.in_(origins), Registration.split_from_id.in_(origins)))
    parties: dict[int, list[Registration]] = {}
    for row in session.scalars(whole.order_by(Registration.id)):
        parties.setdefault(row.split_from_id or row.id, []).append(row)
    return list(parties.values())


def silent(session: Session, event_id: int, *, since: int, at: datetime) -> list[Registration]:
    """Parties with seats that were asked whether they still come, by a mail that had left at this instant, and have not answered; 500 at
    most. Nobody who registered before this version of the rules, and nobody of whom somebody is inside. For use under the lock.
    """
    origin = aliased(Registration)
    first = select(origin.public_id).where(origin.id == Registration.split_from_id).scalar_subquery()
    asked = select(Message.id).where(
        Message.event_id == event_id,
        Message.kind == "reconfirm",
        Message.sent_at <= at,
        Message.created_at >= Registration.confirmed_at,
        or_(Message.subject_id == Registration.public_id, Message.subject_id == first),
    )
    statement = select(Registration).where(
        Registration.event_id == event_id,
        Registration.state == literal_column("'confirmed'"),
        Registration.ask_after > Registration.confirmed_at,
        Registration.reconfirmed_at.is_(None),
        Registration.rules_version >= since,
        asked.exists(),
        ~_inside.exists(),
    )
    return list(session.scalars(statement.order_by(Registration.id).limit(DUE_AT_ONCE).execution_options(populate_existing=True)))
