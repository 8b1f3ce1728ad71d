"""Who has a seat and is to be asked whether they still come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import literal_column, or_, select

from eventapp.lib.db import Session
from eventapp.registration.models import Attendee, Registration
from eventapp.registration.queries.line import LINE_CHUNK

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
