"""Questions of the door, and the one lock of an event's bodies. A scan needs nine statements at most, whatever the event's size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NewType, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import String, and_, bindparam, case, cast, func, or_, select
from sqlalchemy.orm import joinedload

from eventapp.door import rules
from eventapp.door.models import Device, DeviceEnrolment, EventDoor, Passage, Scan
from eventapp.events import queries as events
from eventapp.events.models import Event, EventGate, Gate, Space
from eventapp.lib.db import Session, hold, hold_all
from eventapp.registration import queries as registrations
from eventapp.registration.models import Attendee, Registration, Ticket, TicketType
from eventapp.registration.rules import State

LockedDoor = NewType("LockedDoor", EventDoor)
DAY_BEGINS = time(6)
ALWAYS = (0, 8_640_000_000_000_000)  # milliseconds since 1970: for ticket types without a window of their own
ONE_GATE = "A"
"""The gate of an event whose space names none."""

_STATES = {
    State.CONFIRMED: rules.EntryState.CONFIRMED,
    State.HELD: rules.EntryState.HELD,
    State.OFFERED: rules.EntryState.OFFERED,
    State.WAITLISTED: rules.EntryState.WAITLISTED,
    State.PENDING_APPROVAL: rules.EntryState.PENDING,
    State.CANCELLED: rules.EntryState.CANCELLED,
    State.DECLINED: rules.EntryState.CANCELLED,
    State.EXPIRED: rules.EntryState.CANCELLED,
    State.REJECTED: rules.EntryState.CANCELLED,
    State.REVOKED: rules.EntryState.REVOKED,
}


def locked_door(session: Session, event_id: int) -> LockedDoor:
    """The door of an event, held until this transaction ends: no other phone of it decides meanwhile.

    Raises LookupError: no phone was ever invited.
    """
    return LockedDoor(hold(session, EventDoor, event_id))


def door(session: Session, event_id: int) -> EventDoor | None:
    """The counters of an event's door; None before the first enrolment."""
    return session.get(EventDoor, event_id)


@dataclass(frozen=True, slots=True)
class Phone:
    """What a phone is when it asks: the row without what it only tells."""

    id: int
    event_id: int
    public_id: str
    label: str
    gate: str
    role: str
    state: str
    until_at: datetime
    enrolled_at: datetime
    last_seen_at: datetime


# Statements of a scan are built once: building them costs as much as running them.
_PHONE = select(
    Device.id,
    Device.event_id,
    Device.public_id,
    Device.label,
    Device.gate,
    Device.role,
    Device.state,
    Device.until_at,
    Device.enrolled_at,
    Device.last_seen_at,
).where(Device.credential_sha256 == bindparam("credential"))


def phone(session: Session, credential_sha256: bytes) -> Phone | None:
    """The phone that holds this credential, whatever its state, to ask with. One statement."""
    row = session.execute(_PHONE, {"credential": credential_sha256}).one_or_none()
    return Phone(*tuple(row)) if row else None


def device_by_credential(session: Session, credential_sha256: bytes) -> Device | None:
    """The phone that holds this credential, whatever its state."""
    return session.scalars(select(Device).where(Device.credential_sha256 == credential_sha256)).one_or_none()


def device_for(session: Session, event_id: int, public_id: str) -> Device | None:
    """One phone of this event."""
    return session.scalars(select(Device).where(Device.event_id == event_id, Device.public_id == public_id)).one_or_none()


def devices(session: Session, event_id: int) -> list[Device]:
    """The phones of an event: those at work first, then by last contact."""
    at_work = case((Device.state == rules.DeviceState.ACTIVE, 0), else_=1)
    statement = select(Device).where(Device.event_id == event_id).order_by(at_work, Device.last_seen_at.desc(), Device.id)
    return list(session.scalars(statement))


def enrolment_for(session: Session, event_id: int, enrolment_id: int) -> DeviceEnrolment | None:
    """One invitation of this event."""
    statement = select(DeviceEnrolment).where(DeviceEnrolment.event_id == event_id, DeviceEnrolment.id == enrolment_id)
    return session.scalars(statement).one_or_none()


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


@dataclass(frozen=True, slots=True)
class Known:
    """A scan as it was stored."""

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
    known: Mapping[UUID, Known]


_STANDING = (
    select(
        Device.state,
        Device.until_at,
        Space.safety_capacity,
        Event.zone,
        Event.organiser_id,
        select(EventGate.id).where(EventGate.event_id == Device.event_id, cast(EventGate.type_numbers, String) != "[]").exists(),
        Scan.client_id,
        Scan.device_id,
        Scan.content_sha256,
        Scan.verdict,
        Scan.moves,
        Scan.reason,
        Scan.ref,
    )
    .join(Event, Event.id == Device.event_id)
    .outerjoin(Space, Space.id == Event.space_id)
    .outerjoin(Scan, and_(Scan.event_id == Device.event_id, Scan.client_id.in_(bindparam("client_ids", expanding=True))))
    .where(Device.id == bindparam("device_id"))
)


def standing(session: Session, device_id: int, client_ids: Sequence[UUID]) -> Standing:
    """The phone's state, its event's gauge (the space's safety capacity) and the scans already stored under these ids. One statement."""
    rows = session.execute(_STANDING, {"device_id": device_id, "client_ids": client_ids}).all()
    known = {row[6]: Known(*tuple(row)[6:]) for row in rows if row[6] is not None}
    state, until_at, gauge, zone, organiser_id, restricted = rows[0][:6]
    return Standing(state, until_at, gauge, zone, organiser_id, restricted, known)


@dataclass(frozen=True)
class Asked:
    """By what tickets are looked for: hashes of codes, hashes of typed codes, numbers of rows from the list."""

    codes: frozenset[bytes] = frozenset()
    humans: frozenset[bytes] = frozenset()
    ids: frozenset[int] = frozenset()


def locked_tickets(session: Session, event_id: int, asked: Asked) -> list[Ticket]:
    """The tickets of this event that are asked for, held in ascending order until this transaction ends: nobody cancels them meanwhile."""
    columns = ((Ticket.code_sha256, asked.codes), (Ticket.human_sha256, asked.humans), (Ticket.id, asked.ids))
    wanted = [column.in_(values) for column, values in columns if values]
    return hold_all(session, Ticket, Ticket.event_id == event_id, or_(*wanted)) if wanted else []


@dataclass(frozen=True, slots=True)
class Party:
    """What the door reads of a registration."""

    id: int
    event_id: int
    size: int
    first_name: str
    last_name: str
    state: str
    changed_at: datetime


@dataclass
class Right:
    """A ticket of this event and who may come in with it, read under its lock."""

    ticket: Ticket
    attendee: Attendee
    party: Party
    type_number: int
    type_name: dict[str, str]
    passages: list[rules.Passage] = field(default_factory=list)

    @property
    def state(self) -> rules.EntryState:
        """The state of the right, in one letter."""
        if self.ticket.replaced_at is not None:
            return rules.EntryState.REPLACED
        if self.attendee.left_at is not None:
            return rules.EntryState.CANCELLED
        return _STATES[State(self.party.state)]

    @property
    def since_at(self) -> datetime:
        """Since when it is in this state."""
        return self.ticket.replaced_at or self.attendee.left_at or self.party.changed_at

    @property
    def name(self) -> str:
        """Who it is for; a companion without a name goes by that of the party. "" for a replaced code: its new holder is not told."""
        return "" if self.ticket.replaced_at is not None else shown_name(self.attendee, self.party)


def right_of(ticket: Ticket, attendee: Attendee, registration: Registration) -> Right:
    """The right of somebody found by name; the registration has its ticket type loaded."""
    party = Party(
        registration.id,
        registration.event_id,
        registration.size,
        registration.first_name,
        registration.last_name,
        registration.state,
        registration.changed_at,
    )
    return Right(ticket, attendee, party, registration.ticket_type.number, registration.ticket_type.name)


class Named(Protocol):
    """Somebody with a name."""

    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...


def shown_name(attendee: Named, party: Named) -> str:
    """The attendee's own name, or that of the party."""
    holder = attendee if attendee.first_name or attendee.last_name else party
    return f"{holder.first_name} {holder.last_name}".strip()


_RIGHTS = (
    select(
        Attendee,
        Registration.id,
        Registration.event_id,
        Registration.size,
        Registration.first_name,
        Registration.last_name,
        Registration.state,
        Registration.changed_at,
        TicketType.number,
        TicketType.name,
        Passage.direction,
        Passage.at,
        Passage.gate,
        Device.label,
    )
    .join(Registration, Registration.id == Attendee.registration_id)
    .join(TicketType, TicketType.id == Registration.ticket_type_id)
    .outerjoin(Passage, and_(Passage.event_id == Attendee.event_id, Passage.attendee_id == Attendee.id, Passage.day == bindparam("day")))
    .outerjoin(Device, Device.id == Passage.device_id)
    .where(Attendee.id.in_(bindparam("attendee_ids", expanding=True)))
    .order_by(Passage.id)
    .execution_options(populate_existing=True)
)


def rights(session: Session, tickets: Sequence[Ticket], day: date) -> dict[int, Right]:
    """For each ticket its right, with the passages of its attendee on this day. One statement; call it under the tickets' locks."""
    if not tickets:
        return {}
    by_attendee: dict[int, tuple[Attendee, Party, int, dict[str, str], list[rules.Passage]]] = {}
    for row in session.execute(_RIGHTS, {"day": day, "attendee_ids": [ticket.attendee_id for ticket in tickets]}):
        attendee, direction, at, gate, label = row[0], *row[10:]
        known = by_attendee.setdefault(attendee.id, (attendee, Party(*row[1:8]), row[8], row[9], []))
        if direction is not None:
            known[4].append(rules.Passage(rules.Direction(direction), milliseconds(at), gate, label))
    # Two codes of one attendee share their passages: who came in with the first is inside for the second.
    return {ticket.id: Right(ticket, *by_attendee[ticket.attendee_id]) for ticket in tickets}


@dataclass(frozen=True)
class Elsewhere:
    """A code that belongs to another event, with as much of that event as the phone may name."""

    event_id: int
    slug: str
    title: dict[str, str] | None
    starts_at: datetime | None


def elsewhere(session: Session, event_id: int, organiser_id: int, code_sha256: bytes) -> Elsewhere | None:
    """The other event to which this code belongs; it is named if it is public or of the same organiser. One statement."""
    statement = (
        select(Event.id, Event.slug, Event.title, Event.starts_at, Event.organiser_id, Event.visibility, Event.state)
        .join(Ticket, Ticket.event_id == Event.id)
        .where(Ticket.code_sha256 == code_sha256, Ticket.event_id != event_id)
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        return None
    id, slug, title, starts_at, owner, visibility, state = row
    named = owner == organiser_id or (visibility == "public" and state in events.SHOWN)
    return Elsewhere(id, slug if named else "", title if named else None, starts_at if named else None)


def rank(session: Session, right: Right) -> int | None:
    """The place in line of somebody who waits, from 1; None for everybody else. Three statements."""
    registration = registrations.registration_by_id(session, right.party.event_id, right.party.id)
    place = registrations.place(session, registration) if registration else None
    return place.position if place else None


@dataclass(frozen=True)
class GateCount:
    """People at one gate: entries and exits counted in bodies, arrivals in attendees."""

    gate: str
    arrived: int
    entries: int
    exits: int


def by_gate(session: Session, event_id: int) -> list[GateCount]:
    """What went through each gate."""
    inward = Passage.direction == rules.Direction.IN
    statement = (
        select(
            Passage.gate,
            func.sum(case((Passage.first, 1), else_=0)),
            func.sum(case((inward, Passage.delta), else_=0)),
            func.sum(case((inward, 0), else_=-Passage.delta)),
        )
        .where(Passage.event_id == event_id)
        .group_by(Passage.gate)
        .order_by(Passage.gate)
    )
    return [GateCount(gate, int(arrived), int(entries), int(exits)) for gate, arrived, entries, exits in session.execute(statement)]


def first_entries(session: Session, event_id: int) -> list[datetime]:
    """When each attendee came in for the first time, in order. One statement."""
    return list(session.scalars(select(Passage.at).where(Passage.event_id == event_id, Passage.first).order_by(Passage.at)))


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


def totals(session: Session, event_id: int) -> tuple[int, int]:
    """Σ passages (bodies inside) and the number of attendees with a first entry: what the counters of the door must equal."""
    bodies = session.scalar(select(func.coalesce(func.sum(Passage.delta), 0)).where(Passage.event_id == event_id))
    came = select(func.count(Passage.attendee_id.distinct())).where(Passage.event_id == event_id, Passage.first)
    return int(bodies or 0), int(session.scalar(came) or 0)


def passage_count(session: Session, event_id: int) -> int:
    """Number of passages of an event."""
    return int(session.scalar(select(func.count(Passage.id)).where(Passage.event_id == event_id)) or 0)


def event_of(session: Session, device: Device) -> Event:
    """The event of a phone with its space."""
    statement = select(Event).options(joinedload(Event.space)).where(Event.id == device.event_id)
    return session.scalars(statement).one()


def day_of(moment: datetime, zone: str) -> tuple[date, rules.Day]:
    """The day of the event in which a moment lies: 06:00 to 06:00 on the wall, so that midnight splits no evening."""
    place = ZoneInfo(zone)
    wall = moment.astimezone(place).replace(tzinfo=None)
    on = wall.date() if wall.time() >= DAY_BEGINS else wall.date() - timedelta(days=1)
    begins = datetime.combine(on, DAY_BEGINS, tzinfo=place)
    ends = datetime.combine(on + timedelta(days=1), DAY_BEGINS, tzinfo=place)
    return on, rules.Day(on.isoformat(), milliseconds(begins), milliseconds(ends))


def milliseconds(moment: datetime) -> int:
    """An instant as the rule and the phones count it: whole milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def instant(at: int) -> datetime:
    """The instant of a count of milliseconds."""
    return datetime.fromtimestamp(at / 1000, UTC)


def ends_at(session: Session, event_id: int) -> datetime:
    """When an event ends."""
    return session.scalars(select(Event.ends_at).where(Event.id == event_id)).one()


@dataclass(frozen=True)
class Counters:
    """Bodies inside, attendees who came, and the gauge where the space has one."""

    occupancy: int
    arrived: int
    gauge: int | None


def entries_since(session: Session, event_id: int, since: datetime) -> int:
    """Bodies that came in from this instant on. One statement."""
    statement = select(func.coalesce(func.sum(Passage.delta), 0)).where(
        Passage.event_id == event_id, Passage.at > since, Passage.direction == rules.Direction.IN
    )
    return int(session.scalar(statement) or 0)


def counters(session: Session, event_id: int) -> Counters:
    """The counters of a door as they stand; zero before its first phone. One statement."""
    statement = (
        select(func.coalesce(EventDoor.occupancy, 0), func.coalesce(EventDoor.arrived, 0), Space.safety_capacity)
        .select_from(Event)
        .outerjoin(EventDoor, EventDoor.event_id == Event.id)
        .outerjoin(Space, Space.id == Event.space_id)
        .where(Event.id == event_id)
    )
    return Counters(*session.execute(statement).one())


def faults(session: Session, event_id: int) -> list[str]:
    """What does not add up at the door of an event, one sentence each: counters against passages, passages against scans and attendees."""
    row = door(session, event_id)
    occupancy, arrived = (row.occupancy, row.arrived) if row else (0, 0)
    found = []
    bodies, came = totals(session, event_id)
    if occupancy != bodies:
        found.append(f"door: occupancy {occupancy}, passages {bodies}")
    marked = registrations.arrived(session, event_id)
    if not arrived == came == marked:
        found.append(f"door: arrived {arrived}, first entries {came}, attendees marked {marked}")
    moving = select(Scan.id).where(Scan.event_id == event_id, Scan.moves.is_not(None))
    silent = session.scalar(
        select(func.count()).select_from(moving.where(~select(Passage.id).where(Passage.scan_id == Scan.id).exists()).subquery())
    )
    if silent:
        found.append(f"door: {silent} scans let somebody pass and have no passage")
    odd = (
        select(func.count(Passage.id))
        .join(Scan, Scan.id == Passage.scan_id)
        .where(Passage.event_id == event_id, or_(Scan.moves.is_(None), Scan.moves != Passage.direction))
    )
    if session.scalar(odd):
        found.append("door: a passage contradicts its scan")
    return found
