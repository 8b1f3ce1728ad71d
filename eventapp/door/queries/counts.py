"""How many are inside, came, went through each gate; and what does not add up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select

from eventapp.door.models import EventDoor, Passage, Scan
from eventapp.door.queries.doors import door
from eventapp.door.rules.facts import Direction
from eventapp.events.models import Event, Space
from eventapp.lib.db import Session
from eventapp.registration import queries as registrations


@dataclass(frozen=True)
class Counters:
    """Bodies inside, attendees who came, and the gauge where the space has one."""

    occupancy: int
    arrived: int
    gauge: int | None


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


def entries_since(session: Session, event_id: int, since: datetime) -> int:
    """Bodies that came in after this instant. One statement."""
    statement = select(func.coalesce(func.sum(Passage.delta), 0)).where(
        Passage.event_id == event_id, Passage.at > since, Passage.direction == Direction.IN
    )
    return int(session.scalar(statement) or 0)


def first_entries(session: Session, event_id: int) -> list[datetime]:
    """When each attendee came in for the first time, in order. One statement."""
    return list(session.scalars(select(Passage.at).where(Passage.event_id == event_id, Passage.first).order_by(Passage.at)))


@dataclass(frozen=True)
class GateCount:
    """People at one gate: entries and exits counted in bodies, arrivals in attendees."""

    gate: str
    arrived: int
    entries: int
    exits: int


def by_gate(session: Session, event_id: int) -> list[GateCount]:
    """What went through each gate."""
    inward = Passage.direction == Direction.IN
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


def totals(session: Session, event_id: int) -> tuple[int, int]:
    """Σ passages (bodies inside) and the number of attendees with a first entry: what the counters of the door must equal."""
    bodies = session.scalar(select(func.coalesce(func.sum(Passage.delta), 0)).where(Passage.event_id == event_id))
    came = select(func.count(Passage.attendee_id.distinct())).where(Passage.event_id == event_id, Passage.first)
    return int(bodies or 0), int(session.scalar(came) or 0)


def passage_count(session: Session, event_id: int) -> int:
    """Number of passages of an event."""
    return int(session.scalar(select(func.count(Passage.id)).where(Passage.event_id == event_id)) or 0)


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
