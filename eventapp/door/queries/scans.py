"""What is true when a phone asks, and what phones asked before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, and_, bindparam, cast, select

from eventapp.door.models import Device, Scan
from eventapp.door.rules.rights import shown_name
from eventapp.events.models import Event, EventGate, Space
from eventapp.lib.db import Session
from eventapp.registration.models import Attendee, Registration, Ticket


@dataclass(frozen=True, slots=True)
class StoredScan:
    """A scan as it was stored: what its repetition must say, and what it was told."""

    client_id: UUID
    device_id: int
    content_sha256: bytes
    verdict: str
    moves: str | None
    reason: str | None
    ref: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is true of a phone and its event at this moment, and which of the scans it sends are known. Read under the door's lock."""

    state: str
    until_at: datetime
    gauge: int | None
    zone: str
    organiser_id: int
    restricted: bool  # a gate of this event lets in some ticket types only
    known: Mapping[UUID, StoredScan]


_FACTS = (
    Device.state,
    Device.until_at,
    Space.safety_capacity,
    Event.zone,
    Event.organiser_id,
    select(EventGate.id).where(EventGate.event_id == Device.event_id, cast(EventGate.type_numbers, String) != "[]").exists(),
)
_STORED = (Scan.client_id, Scan.device_id, Scan.content_sha256, Scan.verdict, Scan.moves, Scan.reason, Scan.ref)
# Built once: building it costs as much as running it.
_STANDING = (
    select(*_FACTS, *_STORED)
    .join(Event, Event.id == Device.event_id)
    .outerjoin(Space, Space.id == Event.space_id)
    .outerjoin(Scan, and_(Scan.event_id == Device.event_id, Scan.client_id.in_(bindparam("client_ids", expanding=True))))
    .where(Device.id == bindparam("device_id"))
)


def standing(session: Session, device_id: int, client_ids: Sequence[UUID]) -> Standing:
    """The phone's state, its event's gauge (the space's safety capacity) and the scans already stored under these ids. One statement."""
    values = {"device_id": device_id, "client_ids": client_ids}
    rows = session.connection().execute(_STANDING, values).all()
    stored = [StoredScan(*tuple(row)[len(_FACTS) :]) for row in rows if row[len(_FACTS)] is not None]
    state, until_at, gauge, zone, organiser_id, restricted = rows[0][: len(_FACTS)]
    return Standing(state, until_at, gauge, zone, organiser_id, restricted, {scan.client_id: scan for scan in stored})


@dataclass(frozen=True)
class LastScan:
    """A scan for the control page."""

    at: datetime
    verdict: str
    gate: str
    device: str
    via: str
    name: str


def last_scans(session: Session, event_id: int, *, limit: int = 20) -> list[LastScan]:
    """The latest scans of an event, newest first, with the name on the ticket while it is the current one. One statement."""
    statement = (
        select(Scan, Device.label, Ticket.replaced_at, Attendee, Registration)
        .join(Device, Device.id == Scan.device_id)
        .outerjoin(Ticket, Ticket.id == Scan.ticket_id)
        .outerjoin(Attendee, Attendee.id == Ticket.attendee_id)
        .outerjoin(Registration, Registration.id == Attendee.registration_id)
        .where(Scan.event_id == event_id)
        .order_by(Scan.id.desc())
        .limit(limit)
    )
    result = []
    for scan, label, replaced_at, attendee, registration in session.execute(statement):
        name = ""
        if attendee is not None and replaced_at is None:
            name = shown_name(attendee, registration)
        result.append(LastScan(scan.received_at, scan.verdict, scan.gate, label, scan.via, name))
    return result
