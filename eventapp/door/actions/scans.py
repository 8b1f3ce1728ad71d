"""Scan: a code shown to a phone becomes a verdict, a scan and, when somebody moves, a passage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from eventapp.door import queries, rules
from eventapp.door.actions.asks import Answer, Ask, Outcome, Override, Reading, read
from eventapp.door.actions.devices import notice
from eventapp.door.models import Passage, Scan
from eventapp.door.queries import Counters, Elsewhere, GateFacts, Known, LockedDoor, Phone, Right, Standing
from eventapp.door.rules import DeviceState, Direction, Role, Ruling, Task, Verdict
from eventapp.events.queries import locked_event
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import Actor
from eventapp.registration import actions as registrations
from eventapp.tickets.rules import Kind

# Rows that are written and never touched again need no object that the session would track.
_SCAN = insert(Scan).returning(Scan.id)
_PASSAGE = insert(Passage)

SEEN_EVERY = timedelta(seconds=30)
"""A phone's last contact is written this often, not with every scan and every question."""


@dataclass
class _Shift:
    """One request of one phone, under the door's lock."""

    device: Phone
    door: LockedDoor
    standing: Standing
    gates: Mapping[str, GateFacts]
    rights: Mapping[int, Right]
    on: date
    day: rules.Day
    actor: Actor
    now: datetime
    known: dict[UUID, Known]


def scan(session: Session, *, device: Phone, asks: Sequence[Ask], actor: Actor, now: datetime) -> Outcome:
    """Answer what a phone asks, each ask by the rule of the door; every one leaves a Scan, and a Passage if somebody moves.

    Holds the door's row, then the tickets' (the event's before them when a reason to
    override is given). Nine statements for one ticket that enters, seven for one that does not. Asks that cannot be judged are refused
    one by one: id_reused, device.role, gate.unknown, gate.direction. Raises Refused: device.ended, device.revoked (401).
    """
    if _may_override(device) and any(ask.override for ask in asks):
        locked_event(session, device.event_id)
    door = queries.locked_door(session, device.event_id)
    standing = queries.standing(session, device.id, [ask.id for ask in asks])
    refuse_idle(standing.state, standing.until_at, now)
    readings = {ask.id: read(ask) for ask in asks}
    held = queries.locked_tickets(session, device.event_id, _asked(readings.values()))
    on, day = queries.day_of(now, standing.zone)
    shift = _Shift(
        device=device,
        door=door,
        standing=standing,
        gates=_gates(session, device, standing, asks),
        rights=queries.rights(session, held, on),
        on=on,
        day=day,
        actor=actor,
        now=now,
        known=dict(standing.known),
    )
    if now - device.last_seen_at > SEEN_EVERY:
        notice(session, device_id=device.id, now=now)
    answers = tuple(_answer(session, shift, ask, readings[ask.id]) for ask in asks)
    return Outcome(answers, Counters(door.occupancy, door.arrived, standing.gauge))


def refuse_idle(state: str, until_at: datetime, now: datetime) -> None:
    """Send away a phone whose shift is over.

    Raises Refused: device.revoked, device.ended (401).
    """
    if state == DeviceState.REVOKED:
        raise Refused("device.revoked", status=401)
    if state != DeviceState.ACTIVE or now > until_at:
        raise Refused("device.ended", status=401)


def _may_override(device: Phone) -> bool:
    return rules.role_may(Role(device.role), Task.OVERRIDE)


def _asked(readings: Iterable[Reading]) -> queries.Asked:
    ours = [reading for reading in readings if reading.code.kind in (Kind.TICKET, Kind.HUMAN)]
    return queries.Asked(
        codes=frozenset(reading.code_sha256 for reading in ours if reading.code_sha256 is not None),
        humans=frozenset(reading.human_sha256 for reading in ours if reading.human_sha256 is not None),
        ids=frozenset(reading.ticket_id for reading in ours if reading.ticket_id is not None),
    )


def _gates(session: Session, device: Phone, standing: Standing, asks: Sequence[Ask]) -> Mapping[str, GateFacts]:
    """The gates, where they matter: some are for some types, a phone stands elsewhere than it did, or somebody leaves."""
    elsewhere = any(ask.gate not in (None, device.gate) or ask.direction is Direction.OUT for ask in asks)
    if not (standing.restricted or elsewhere):
        return {}
    return {gate.name: gate for gate in queries.gates(session, device.event_id)}


def _answer(session: Session, shift: _Shift, ask: Ask, reading: Reading) -> Answer:
    known = shift.known.get(ask.id)
    if known is not None and (known.device_id != shift.device.id or known.content_sha256 != ask.content_sha256):
        return Answer(ask.id, "refused", code="id_reused")
    right = _right(shift, reading)
    other = _elsewhere(session, shift, reading) if right is None else None
    if known is not None:
        return _told(ask, "known", known, right, other)
    if (code := _out_of_place(shift, ask)) is not None:
        return Answer(ask.id, "refused", code=code)
    ruling = _rule(session, shift, ask, reading, right, other)
    scan_id, row = _store(session, shift, ask, reading, right, ruling)
    shift.known[ask.id] = row
    if ruling.moves is not None:
        _move(session, shift, ask, right, ruling, scan_id)
    return _told(ask, "stored", row, right, other)


def _right(shift: _Shift, reading: Reading) -> Right | None:
    for right in shift.rights.values():
        ticket = right.ticket
        if reading.ticket_id is not None:
            if ticket.id == reading.ticket_id:
                return right
        elif reading.code_sha256 is not None:
            if ticket.code_sha256 == reading.code_sha256:
                return right
        elif ticket.human_sha256 == reading.human_sha256:
            return right
    return None


def _out_of_place(shift: _Shift, ask: Ask) -> str | None:
    """Why an ask cannot even be judged."""
    if ask.override is not None and not _may_override(shift.device):
        return "device.role"
    if ask.ref is not None and not rules.role_may(Role(shift.device.role), Task.SEARCH):
        return "device.role"
    gate = shift.gates.get(ask.gate or shift.device.gate)
    if gate is None:
        return "gate.unknown" if ask.gate not in (None, shift.device.gate) else None
    return None if gate.direction in ("both", ask.direction) or ask.direction is Direction.IN else "gate.direction"


def _elsewhere(session: Session, shift: _Shift, reading: Reading) -> Elsewhere | None:
    if reading.code_sha256 is None or reading.code.kind is not Kind.TICKET:
        return None
    return queries.elsewhere(session, shift.device.event_id, shift.standing.organiser_id, reading.code_sha256)


def _rule(session: Session, shift: _Shift, ask: Ask, reading: Reading, right: Right | None, other: Elsewhere | None) -> Ruling:
    entry = _entry(session, right) if right else _foreign(other)
    device = rules.Device(
        event=str(shift.device.event_id),
        gate=ask.gate or shift.device.gate,
        dir=ask.direction,
        state=DeviceState(shift.standing.state),
        until_at=queries.milliseconds(shift.standing.until_at),
    )
    decide = rules.overruled if ask.override else rules.verdict
    return decide(reading.code, entry, device, _facts(shift, right))


def _entry(session: Session, right: Right) -> rules.Entry:
    return rules.Entry(
        event=str(right.ticket.event_id),
        type=right.type_number,
        state=right.state,
        since_at=queries.milliseconds(right.since_at),
        rank=queries.rank(session, right) if right.state is rules.EntryState.WAITLISTED else None,
        i=right.attendee.position,
        n=right.party.size,
        passages=tuple(right.passages),
    )


def _foreign(other: Elsewhere | None) -> rules.Entry | None:
    if other is None:
        return None
    return rules.Entry(event=str(other.event_id), type=None, state=rules.EntryState.CONFIRMED, since_at=0)


def _facts(shift: _Shift, right: Right | None) -> rules.Facts:
    return rules.Facts(
        now=queries.milliseconds(shift.now),
        days=(shift.day,),
        types={right.type_number: _type(shift, right.type_number)} if right else {},
        gauge=shift.standing.gauge,
        occupancy=shift.door.occupancy,
        online=True,
    )


def _type(shift: _Shift, number: int) -> rules.TypeFacts:
    """A ticket type has no window of its own yet: it admits as long as the phone works."""
    window = rules.Window(*queries.ALWAYS, day=shift.day.day)
    allowed = tuple(name for name, gate in shift.gates.items() if not gate.types or number in gate.types)
    return rules.TypeFacts(windows=(window,), gates=allowed if shift.standing.restricted else None)


def _store(session: Session, shift: _Shift, ask: Ask, reading: Reading, right: Right | None, ruling: Ruling) -> tuple[int, Known]:
    row = Known(
        client_id=ask.id,
        device_id=shift.device.id,
        content_sha256=ask.content_sha256,
        verdict=ruling.verdict.value,
        moves=ruling.moves.value if ruling.moves else None,
        reason=ruling.reason,
        ref=_named(ruling),
    )
    values = {
        "event_id": shift.device.event_id,
        "device_id": row.device_id,
        "client_id": row.client_id,
        "content_sha256": row.content_sha256,
        "seq": ask.seq,
        "via": ask.via,
        "gate": ask.gate or shift.device.gate,
        "direction": ask.direction.value,
        "code_sha256": reading.code_sha256 or reading.human_sha256,
        "ticket_id": right.ticket.id if right else None,
        "verdict": row.verdict,
        "moves": row.moves,
        "reason": row.reason,
        "ref": row.ref,
        "override_reason": ask.override.reason.value if ask.override else None,
        "override_text": ask.override.text if ask.override else None,
        "raw_at": ask.raw_at,
        "mono_ms": ask.mono_ms,
        "offset_ms": ask.offset_ms,
        "clock": ask.clock,
        "corrected_at": _corrected(shift, ask),
        "received_at": shift.now,
    }
    return session.connection().execute(_SCAN, values).scalar_one(), row


def _named(ruling: Ruling) -> dict[str, Any]:
    """What the screen names, as JSON: instants in UTC with milliseconds. The event is told apart, by its title."""
    ref = ruling.ref
    values: dict[str, Any] = {"gate": ref.gate, "device": ref.device, "rank": ref.rank, "day": ref.day}
    values["at"] = stamp(queries.instant(ref.at)) if ref.at is not None else None
    values["gates"] = list(ref.gates) if ref.gates is not None else None
    values["sessions"] = list(ref.sessions) if ref.sessions is not None else None
    return {name: value for name, value in values.items() if value is not None}


def stamp(moment: datetime) -> str:
    """An instant in JSON: RFC 3339, UTC, milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _corrected(shift: _Shift, ask: Ask) -> datetime:
    """When it happened by our clock, never before the phone was enrolled nor after its report came."""
    if ask.raw_at is None or ask.offset_ms is None or ask.clock == "unknown":
        return shift.now
    moment = ask.raw_at + timedelta(milliseconds=ask.offset_ms)
    return min(max(moment, shift.device.enrolled_at), shift.now)


def _move(session: Session, shift: _Shift, ask: Ask, right: Right | None, ruling: Ruling, scan_id: int) -> None:
    moves = ruling.moves or Direction.IN
    gate = ask.gate or shift.device.gate
    delta = 1 if moves is Direction.IN else -1
    values = {
        "event_id": shift.device.event_id,
        "device_id": shift.device.id,
        "scan_id": scan_id,
        "ticket_id": right.ticket.id if right else None,
        "attendee_id": right.attendee.id if right else None,
        "gate": gate,
        "direction": moves.value,
        "delta": delta,
        "cause": "override" if ask.override else "scan",
        "first": right is not None and moves is Direction.IN and all(passage.dir is Direction.OUT for passage in right.passages),
        "day": shift.on,
        "at": shift.now,
    }
    session.connection().execute(_PASSAGE, values)
    shift.door.occupancy += delta
    if right is not None:
        right.passages.append(rules.Passage(moves, queries.milliseconds(shift.now), gate, shift.device.label))
        if moves is Direction.IN and registrations.arrive(session, attendee=right.attendee, now=shift.now):
            shift.door.arrived += 1
    if ask.override is not None:
        _note_override(session, shift, ask.override, ruling, gate, scan_id)


def _note_override(session: Session, shift: _Shift, override: Override, ruling: Ruling, gate: str, scan_id: int) -> None:
    journal.note(
        session,
        chain=f"event:{shift.device.event_id}",
        actor=shift.actor.label,
        verb="override",
        subject=f"scan:{scan_id}",
        reason=override.reason.value,
        facts={"gate": gate, "verdict": ruling.verdict.value},
        now=shift.now,
    )


def _told(ask: Ask, status: str, row: Known, right: Right | None, other: Elsewhere | None) -> Answer:
    return Answer(
        id=ask.id,
        status=status,
        verdict=Verdict(row.verdict),
        moves=Direction(row.moves) if row.moves else None,
        reason=row.reason,
        ref=row.ref,
        label=_label(right) if right else None,
        entry=_shown(right) if right else None,
        event=_event(other) if other else None,
    )


def _label(right: Right) -> dict[str, str] | None:
    return {"name": right.name, "organisation": right.attendee.organisation} if right.name else None


def _event(other: Elsewhere) -> dict[str, Any] | None:
    if other.title is None or other.starts_at is None:
        return None
    return {"slug": other.slug, "name": other.title, "starts_at": stamp(other.starts_at)}


def _shown(right: Right) -> dict[str, Any]:
    return {
        "type": {"no": right.type_number, "name": right.type_name},
        "state": right.state.value,
        "i": right.attendee.position,
        "n": right.party.size,
        "notes": 0,
        "since_at": stamp(right.since_at),
    }
