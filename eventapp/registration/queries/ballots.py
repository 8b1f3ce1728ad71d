"""The ballot of an event, and who takes part in it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from eventapp.events.models import Event
from eventapp.lib.db import Session
from eventapp.registration import rules
from eventapp.registration.models import Ballot, Registration
from eventapp.registration.queries.house import ticket_types
from eventapp.registration.rules import State


class Entrant(NamedTuple):
    """What the draw reads of a party."""

    id: int
    public_id: str
    created_at: datetime


class Lot(NamedTuple):
    """What became of a party in the draw: its rank, and its place in line now."""

    public_id: str
    lot: int
    seq: int | None
    created_at: datetime


def ballot(session: Session, event_id: int) -> Ballot | None:
    """The ballot of an event, drawn or not."""
    return session.scalars(select(Ballot).where(Ballot.event_id == event_id)).one_or_none()


def entrants(session: Session, event_id: int) -> list[Entrant]:
    """The parties that wait for the draw: who has left by then is left out."""
    statement = select(Registration.id, Registration.public_id, Registration.created_at).where(
        Registration.event_id == event_id, Registration.state == State.WAITLISTED, Registration.lot == rules.UNDRAWN
    )
    return [Entrant(*row) for row in session.execute(statement)]


def lots(session: Session, event_id: int) -> list[Lot]:
    """Everybody who was drawn, by rank, whatever became of them since."""
    statement = select(Registration.public_id, Registration.lot, Registration.seq, Registration.created_at)
    chosen = statement.where(Registration.event_id == event_id, Registration.lot > rules.UNDRAWN)
    rows = session.execute(chosen.order_by(Registration.lot, Registration.id))
    return [Lot(public_id, lot or rules.UNDRAWN, seq, created_at) for public_id, lot, seq, created_at in rows]


def drawn_ids(session: Session, event_id: int) -> list[str]:
    """The ids of everybody who was drawn, by rank: what is published."""
    return [one.public_id for one in lots(session, event_id)]


def may_set_up_ballot(session: Session, event: Event, now: datetime) -> bool:
    """Whether the ballot of an event may still be set up, changed or dropped."""
    public = [kind for kind in ticket_types(session, event.id) if kind.public]
    return rules.may_set_up(public, published=event.state != "draft", somebody_registered=anybody_registered(session, event.id), now=now)


def anybody_registered(session: Session, event_id: int) -> bool:
    """Whether there is any registration for an event, whatever its state."""
    return session.scalar(select(Registration.id).where(Registration.event_id == event_id).limit(1)) is not None
