"""Attendees and their tickets: of a party, by code, by name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from eventapp.lib.db import Session, hold
from eventapp.lib.inserts import LOOKED, waiting
from eventapp.registration.models import Attendee, Registration, Ticket
from eventapp.registration.rules import LIVE


def attendees_of(session: Session, registration_ids: Sequence[int]) -> dict[int, list[tuple[Attendee, Ticket]]]:
    """For each registration its attendees who have not given back their place, in order, with their current ticket. One statement."""
    result: dict[int, list[tuple[Attendee, Ticket]]] = {id: [] for id in registration_ids}
    statement = (
        select(Attendee, Ticket)
        .join(Ticket, and_(Ticket.attendee_id == Attendee.id, Ticket.replaced_at.is_(None)))
        .where(Attendee.registration_id.in_(registration_ids), Attendee.left_at.is_(None))
    )
    for attendee, ticket in session.execute(statement.order_by(Attendee.registration_id, Attendee.position)):
        result[attendee.registration_id].append((attendee, ticket))
    return result


def last_position(session: Session, registration_ids: Sequence[int]) -> int:
    """The highest position that an attendee of these registrations has or had."""
    return session.scalar(select(func.max(Attendee.position)).where(Attendee.registration_id.in_(registration_ids))) or 0


def locked_tickets(session: Session, *registration_ids: int) -> list[tuple[Attendee, Ticket]]:
    """The current tickets of these parties and their attendees, held until this transaction ends: no scan can come between."""
    ids = select(Ticket.id).join(Attendee, Attendee.id == Ticket.attendee_id)
    ids = ids.where(Attendee.registration_id.in_(registration_ids), Attendee.left_at.is_(None), Ticket.replaced_at.is_(None))
    held = [hold(session, Ticket, ticket_id) for ticket_id in session.scalars(ids.order_by(Ticket.id)).all()]
    statement = select(Attendee).where(Attendee.id.in_([ticket.attendee_id for ticket in held]))
    attendees = {attendee.id: attendee for attendee in session.scalars(statement.execution_options(populate_existing=True))}
    pairs = ((attendees[ticket.attendee_id], ticket) for ticket in held)
    return sorted(pairs, key=lambda pair: (pair[0].registration_id, pair[0].position))


def locked_ticket(session: Session, ticket_id: int) -> Ticket:
    """One ticket, held until this transaction ends, freshly read.

    Raises LookupError: no such ticket.
    """
    return hold(session, Ticket, ticket_id)


def ticket_by_code(session: Session, code_sha256: bytes) -> tuple[Ticket, Attendee, Registration] | None:
    """The ticket of this code, replaced ones included, with its attendee, registration and ticket type. One statement."""
    return _ticket(session, Ticket.code_sha256 == code_sha256)


def ticket_by_human(session: Session, event_id: int, human_sha256: bytes) -> tuple[Ticket, Attendee, Registration] | None:
    """The ticket of this event with this 8-character code (see rules.human_digest), replaced ones included."""
    return _ticket(session, and_(Ticket.event_id == event_id, Ticket.human_sha256 == human_sha256))


def ticket_by_id(session: Session, event_id: int, ticket_id: int) -> tuple[Ticket, Attendee, Registration] | None:
    """One ticket of this event, with its attendee and registration."""
    return _ticket(session, and_(Ticket.event_id == event_id, Ticket.id == ticket_id))


def _ticket(session: Session, condition: object) -> tuple[Ticket, Attendee, Registration] | None:
    statement = (
        select(Ticket, Attendee, Registration)
        .join(Attendee, Attendee.id == Ticket.attendee_id)
        .join(Registration, Registration.id == Attendee.registration_id)
        .options(joinedload(Registration.ticket_type))
        .where(condition)  # type: ignore[arg-type]  # a column expression of either kind
    )
    row = session.execute(statement).one_or_none()
    return (row[0], row[1], row[2]) if row else None


_TAKEN = (
    select(Ticket.id).where(Ticket.event_id == bindparam("event"), Ticket.human_sha256.in_(bindparam("digests", expanding=True))).limit(1)
).execution_options(**{LOOKED: True})


def human_is_taken(session: Session, event_id: int, digests: Sequence[bytes]) -> bool:
    """Whether one of these short codes stands on another ticket of the event."""
    if any(made["event_id"] == event_id and made["human_sha256"] in digests for made in waiting(session, Ticket)):
        return True
    return session.connection().execute(_TAKEN, {"event": event_id, "digests": list(digests)}).first() is not None


def people_found(
    session: Session, event_id: int, words: Sequence[str], *, address: str = "", limit: int = 8
) -> list[tuple[Attendee, Ticket, Registration]]:
    """Attendees whose own name, organisation or party's first name holds each of these folded words, or whose party has this canonical address.

    An address is matched whole or not at all: a piece of one says nothing about anybody. Live ones first, and of each party those who
    have not come in; where there are too many, some of each.
    """
    first = aliased(Attendee)
    statement = (
        select(Attendee, Ticket, Registration)
        .join(Ticket, and_(Ticket.attendee_id == Attendee.id, Ticket.replaced_at.is_(None)))
        .join(Registration, Registration.id == Attendee.registration_id)
        .outerjoin(first, and_(first.registration_id == Attendee.registration_id, first.position == 1))
        .options(joinedload(Registration.ticket_type))
        .where(Attendee.event_id == event_id, Attendee.left_at.is_(None))
    )
    if address:
        statement = statement.where(Registration.canonical_email == address)
    else:
        for word in words:
            statement = statement.where(or_(Attendee.search.contains(word, autoescape=True), first.search.contains(word, autoescape=True)))
    live_first = case((Registration.state.in_(LIVE), 0), else_=1)
    inside = case((Attendee.arrived_at.is_(None), 0), else_=1)
    # A class of thirty under one name neither hides the others of that name nor those of it who are still to come in.
    turn = func.row_number().over(partition_by=Registration.id, order_by=(inside, Attendee.position))
    rows = session.execute(statement.order_by(live_first, turn, Registration.id).limit(limit))
    found = sorted(((row[0], row[1], row[2]) for row in rows), key=lambda row: (row[2].id, row[0].arrived_at is not None, row[0].position))
    return sorted(found, key=lambda row: row[2].state not in LIVE)
