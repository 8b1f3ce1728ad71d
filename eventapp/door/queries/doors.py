"""The one lock of an event's bodies with the counters that it guards, the event of a phone and its gates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from eventapp.door.models import Device, EventDoor
from eventapp.door.queries.phones import PHONE, Phone
from eventapp.events import queries as events
from eventapp.events.models import Event, Gate
from eventapp.lib.db import Session, hold_rows, locking

ONE_GATE = "A"
"""The gate of an event whose space names none."""


@dataclass(slots=True)
class Door:
    """The counters of a door: bodies inside, attendees who came."""

    occupancy: int
    arrived: int


LockedDoor = NewType("LockedDoor", Door)

# Statements of a scan are built once: building them costs as much as running them.
_LOCKED = locking(
    select(EventDoor.event_id, EventDoor.occupancy, EventDoor.arrived, *PHONE)
    .join(Device, Device.event_id == EventDoor.event_id)
    .where(Device.credential_sha256 == bindparam("credential")),
    EventDoor,
)


def locked_door(session: Session, credential_sha256: bytes) -> tuple[Phone, LockedDoor] | None:
    """The phone of this credential and its event's door, held until this transaction ends: no other phone of the event decides meanwhile.

    None for a credential that is none. Whatever decides beside the counters is read after it: `scans.standing`. One statement.
    """
    rows = hold_rows(session, EventDoor, _LOCKED, {"credential": credential_sha256})
    if not rows:
        return None
    _event_id, occupancy, arrived, *phone = rows[0]
    return Phone(*phone), LockedDoor(Door(occupancy, arrived))


def door(session: Session, event_id: int) -> EventDoor | None:
    """The counters of an event's door; None before the first enrolment."""
    return session.get(EventDoor, event_id)


def event_of(session: Session, device: Device) -> Event:
    """The event of a phone with its space."""
    statement = select(Event).options(joinedload(Event.space)).where(Event.id == device.event_id)
    return session.scalars(statement).one()


def ends_at(session: Session, event_id: int) -> datetime:
    """When an event ends."""
    return session.scalars(select(Event.ends_at).where(Event.id == event_id)).one()


@dataclass(frozen=True)
class GateFacts:
    """A gate as the door knows it; `types` empty: every ticket type."""

    name: str
    direction: str = "both"
    types: frozenset[int] = frozenset()


def gates(session: Session, event_id: int) -> list[GateFacts]:
    """The gates of an event: those it uses, else all of its space, else one that lets everybody through. Two statements at most."""
    used = [GateFacts(row.gate.name, row.gate.direction, frozenset(row.type_numbers)) for row in events.event_gates(session, event_id)]
    if used:
        return used
    statement = select(Gate.name, Gate.direction).join(Event, Event.space_id == Gate.space_id).where(Event.id == event_id)
    return [GateFacts(name, direction) for name, direction in session.execute(statement.order_by(Gate.position, Gate.id))] or [
        GateFacts(ONE_GATE)
    ]
