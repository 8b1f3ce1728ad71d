"""Who may come in with a code: the ticket under its lock, its holder, their party and their passages of the day."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, or_, select

from eventapp.door.models import Device, Passage
from eventapp.door.rules import facts
from eventapp.door.rules.days import milliseconds
from eventapp.door.rules.rights import entry_state, shown_name
from eventapp.events import queries as events
from eventapp.events.models import Event
from eventapp.lib.db import Session, hold_rows, locking
from eventapp.registration import queries as registrations
from eventapp.registration.models import Attendee, Registration, Ticket, TicketType
from eventapp.registration.rules import State


@dataclass(frozen=True)
class Asked:
    """By what tickets are looked for: hashes of codes, hashes of typed codes, numbers of rows from the list."""

    codes: frozenset[bytes] = frozenset()
    humans: frozenset[bytes] = frozenset()
    ids: frozenset[int] = frozenset()


class HeldTicket(NamedTuple):
    """A ticket under its lock."""

    id: int
    attendee_id: int
    code_sha256: bytes
    human_sha256: bytes
    replaced_at: datetime | None


_FOUND_BY = {"codes": Ticket.code_sha256, "humans": Ticket.human_sha256, "ids": Ticket.id}


@functools.cache
def _tickets(kinds: tuple[str, ...]) -> Select[int, int, bytes, bytes, datetime | None]:
    # One for each mixture of kinds: an empty list beside a full one would keep PostgreSQL from its indexes.
    wanted = or_(*(_FOUND_BY[kind].in_(bindparam(kind, expanding=True)) for kind in kinds))
    columns = select(Ticket.id, Ticket.attendee_id, Ticket.code_sha256, Ticket.human_sha256, Ticket.replaced_at)
    return locking(columns.where(Ticket.event_id == bindparam("event_id"), wanted), Ticket)


def locked_tickets(session: Session, event_id: int, asked: Asked) -> list[HeldTicket]:
    """The tickets of this event that are asked for, held in ascending order until this transaction ends: nobody cancels them meanwhile."""
    wanted = {kind: list(getattr(asked, kind)) for kind in _FOUND_BY if getattr(asked, kind)}
    if not wanted:
        return []
    rows = hold_rows(session, Ticket, _tickets(tuple(wanted)), {"event_id": event_id, **wanted})
    return [HeldTicket(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Right:
    """A ticket of this event and who may come in with it. `passages` grows while a batch is judged."""

    ticket_id: int
    attendee_id: int
    registration_id: int
    state: facts.EntryState
    since_at: datetime
    name: str  # "" for a replaced code: its new holder is not told
    organisation: str
    i: int
    n: int
    type_number: int
    type_name: dict[str, str]
    passages: list[facts.Passage] = field(default_factory=list)


class _Guest(NamedTuple):
    id: int
    position: int
    first_name: str
    last_name: str
    organisation: str
    left_at: datetime | None


class _Party(NamedTuple):
    id: int
    size: int
    first_name: str
    last_name: str
    state: str
    changed_at: datetime
    type_number: int
    type_name: dict[str, str]


_GUEST = (Attendee.id, Attendee.position, Attendee.first_name, Attendee.last_name, Attendee.organisation, Attendee.left_at)
_PARTY = (
    Registration.id,
    Registration.size,
    Registration.first_name,
    Registration.last_name,
    Registration.state,
    Registration.changed_at,
    TicketType.number,
    TicketType.name,
)
_RIGHTS = (
    select(*_GUEST, *_PARTY, Passage.direction, Passage.at, Passage.gate, Device.label)
    .join(Registration, Registration.id == Attendee.registration_id)
    .join(TicketType, TicketType.id == Registration.ticket_type_id)
    .outerjoin(Passage, and_(Passage.event_id == Attendee.event_id, Passage.attendee_id == Attendee.id, Passage.day == bindparam("day")))
    .outerjoin(Device, Device.id == Passage.device_id)
    .where(Attendee.id.in_(bindparam("attendee_ids", expanding=True)))
    .order_by(Passage.id)
)


def rights(session: Session, tickets: Sequence[HeldTicket], day: date) -> dict[int, Right]:
    """For each ticket its right, with the passages of its attendee on this day. One statement; call it under the tickets' locks."""
    if not tickets:
        return {}
    found: dict[int, tuple[_Guest, _Party, list[facts.Passage]]] = {}
    values = {"day": day, "attendee_ids": [ticket.attendee_id for ticket in tickets]}
    for row in session.connection().execute(_RIGHTS, values):
        moved: tuple[Any, ...] = row[-4:]
        direction, at, gate, label = moved
        known = found.get(row[0])
        if known is None:
            known = found[row[0]] = (_Guest._make(row[: len(_GUEST)]), _Party._make(row[len(_GUEST) : -4]), [])
        if direction is not None:
            known[2].append(facts.Passage(facts.Direction(direction), milliseconds(at), gate, label))
    # Two codes of one attendee share their passages: who came in with the first is inside for the second.
    return {ticket.id: _right(ticket.id, ticket.replaced_at, *found[ticket.attendee_id]) for ticket in tickets}


def _right(ticket_id: int, replaced_at: datetime | None, guest: _Guest, party: _Party, passages: list[facts.Passage]) -> Right:
    return Right(
        ticket_id=ticket_id,
        attendee_id=guest.id,
        registration_id=party.id,
        state=entry_state(State(party.state), left=guest.left_at is not None, replaced=replaced_at is not None),
        since_at=replaced_at or guest.left_at or party.changed_at,
        name="" if replaced_at is not None else shown_name(guest, party),
        organisation=guest.organisation,
        i=guest.position,
        n=party.size,
        type_number=party.type_number,
        type_name=party.type_name,
        passages=passages,
    )


def right_of(ticket: Ticket, attendee: Attendee, registration: Registration) -> Right:
    """The right of somebody found by name; the registration has its ticket type loaded."""
    guest = _Guest._make(getattr(attendee, column.key) for column in _GUEST)
    kind = registration.ticket_type
    party = _Party._make([*(getattr(registration, column.key) for column in _PARTY[:-2]), kind.number, kind.name])
    return _right(ticket.id, ticket.replaced_at, guest, party, [])


@dataclass(frozen=True)
class Elsewhere:
    """A code that belongs to another event, with as much of that event as the phone may name."""

    event_id: int
    slug: str
    title: dict[str, str] | None
    starts_at: datetime | None


_ELSEWHERE = (
    select(Event.id, Event.slug, Event.title, Event.starts_at, Event.organiser_id, Event.visibility, Event.state)
    .join(Ticket, Ticket.event_id == Event.id)
    .where(Ticket.code_sha256 == bindparam("code"), Ticket.event_id != bindparam("event_id"))
)


def elsewhere(session: Session, event_id: int, organiser_id: int, code_sha256: bytes) -> Elsewhere | None:
    """The other event to which this code belongs; it is named if it is public or of the same organiser. One statement."""
    row = session.connection().execute(_ELSEWHERE, {"code": code_sha256, "event_id": event_id}).one_or_none()
    if row is None:
        return None
    id, slug, title, starts_at, owner, visibility, state = row
    named = owner == organiser_id or (visibility == "public" and state in events.SHOWN)
    return Elsewhere(id, slug if named else "", title if named else None, starts_at if named else None)


def rank(session: Session, event_id: int, registration_id: int) -> int | None:
    """The place in line of somebody who waits, from 1; None for everybody else. Three statements."""
    registration = registrations.registration_by_id(session, event_id, registration_id)
    place = registrations.place(session, registration) if registration else None
    return place.position if place else None
