"""What scans leave behind: scans, passages, the door's counters, who has arrived, and reasons in the journal. A statement for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, update

from eventapp.door.actions.asks import Ask
from eventapp.door.actions.shifts import Shift
from eventapp.door.models import EventDoor, Passage, Scan
from eventapp.door.queries.scans import StoredScan
from eventapp.door.queries.tickets import Right
from eventapp.door.rules.facts import Direction
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.registration import actions as registrations


@dataclass(frozen=True)
class Move:
    """A body through a gate; `first`: the attendance of somebody on this day."""

    direction: Direction
    gate: str
    first: bool


@dataclass(frozen=True)
class Record:
    """An ask that was judged, whose it was, and who moves by it."""

    ask: Ask
    scan: StoredScan
    right: Right | None
    move: Move | None


# Rows that are written and never touched again need no object that the session would track; statements are built once.
_SCANS = insert(Scan).returning(Scan.client_id, Scan.id)
_PASSAGES = insert(Passage)
_COUNTERS = (
    update(EventDoor)
    .where(EventDoor.event_id == bindparam("of_event"))
    .values(occupancy=bindparam("bodies"), arrived=bindparam("attendees"))
)


def store(session: Session, *, shift: Shift, records: Sequence[Record], now: datetime) -> None:
    """Write what these asks leave, with the counters of the door. The shift holds the locks."""
    if not records:
        return
    connection = session.connection()
    rows = connection.execute(_SCANS, [_scan(shift, record) for record in records])
    ids = {row.client_id: row.id for row in rows}
    moved = [(ids[record.ask.id], record, record.move) for record in records if record.move is not None]
    if not moved:
        return
    connection.execute(_PASSAGES, [_passage(shift, *one) for one in moved])
    arriving = [record.right.attendee_id for _id, record, move in moved if record.right is not None and move.first]
    if arriving:
        shift.door.arrived += registrations.arrive(session, attendee_ids=arriving, now=now)
    counters = {"of_event": shift.phone.event_id, "bodies": shift.door.occupancy, "attendees": shift.door.arrived}
    connection.execute(_COUNTERS, counters)
    for scan_id, record, move in moved:
        _note_override(session, shift, scan_id, record, move)


def _scan(shift: Shift, record: Record) -> dict[str, Any]:
    ask, scan = record.ask, record.scan
    return {
        "event_id": shift.phone.event_id,
        "device_id": scan.device_id,
        "client_id": scan.client_id,
        "content_sha256": scan.content_sha256,
        "seq": ask.seq,
        "via": ask.via,
        "gate": ask.gate or shift.phone.gate,
        "direction": ask.direction.value,
        "code_sha256": ask.reading.code_sha256 or ask.reading.human_sha256,
        "ticket_id": record.right.ticket_id if record.right else None,
        "verdict": scan.verdict,
        "moves": scan.moves,
        "reason": scan.reason,
        "ref": scan.ref,
        "override_reason": ask.override.reason.value if ask.override else None,
        "override_text": ask.override.text if ask.override else None,
        "raw_at": ask.raw_at,
        "mono_ms": ask.mono_ms,
        "offset_ms": ask.offset_ms,
        "clock": ask.clock,
        "corrected_at": _corrected(shift, ask),
        "received_at": shift.now,
    }


def _corrected(shift: Shift, ask: Ask) -> datetime:
    """When it happened by our clock, never before the phone was enrolled nor after its report came."""
    if ask.raw_at is None or ask.offset_ms is None or ask.clock == "unknown":
        return shift.now
    moment = ask.raw_at + timedelta(milliseconds=ask.offset_ms)
    return min(max(moment, shift.phone.enrolled_at), shift.now)


def _passage(shift: Shift, scan_id: int, record: Record, move: Move) -> dict[str, Any]:
    return {
        "event_id": shift.phone.event_id,
        "device_id": shift.phone.id,
        "scan_id": scan_id,
        "ticket_id": record.right.ticket_id if record.right else None,
        "attendee_id": record.right.attendee_id if record.right else None,
        "gate": move.gate,
        "direction": move.direction.value,
        "delta": 1 if move.direction is Direction.IN else -1,
        "cause": "override" if record.ask.override else "scan",
        "first": move.first,
        "day": shift.on,
        "at": shift.now,
    }


def _note_override(session: Session, shift: Shift, scan_id: int, record: Record, move: Move) -> None:
    if record.ask.override is None:
        return
    journal.note(
        session,
        chain=f"event:{shift.phone.event_id}",
        actor=f"device:{shift.phone.public_id}",
        verb="override",
        subject=f"scan:{scan_id}",
        reason=record.ask.override.reason.value,
        facts={"gate": move.gate, "verdict": record.scan.verdict},
        now=shift.now,
    )
