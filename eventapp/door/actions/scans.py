"""Scan: a code shown to a phone becomes a verdict, a scan and, when somebody moves, a passage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from eventapp.door.actions.answers import Answer, Outcome, told
from eventapp.door.actions.asks import Ask
from eventapp.door.actions.records import Move, Record, store
from eventapp.door.actions.shifts import Shift, begin
from eventapp.door.queries.counts import Counters
from eventapp.door.queries.scans import StoredScan
from eventapp.door.queries.tickets import Elsewhere, Right, elsewhere, rank
from eventapp.door.rules import facts
from eventapp.door.rules.days import instant, milliseconds, stamp
from eventapp.door.rules.devices import DeviceState, Task
from eventapp.door.rules.facts import ALWAYS, Direction, EntryState, Facts
from eventapp.door.rules.judgement import overruled, verdict
from eventapp.door.rules.rulings import Ruling
from eventapp.lib.db import Session
from eventapp.tickets.rules import Kind


def scan(session: Session, *, credential_sha256: bytes, asks: Sequence[Ask], now: datetime) -> Outcome:
    """Answer what the phone of this credential asks, each ask by the rule of the door; every one leaves a Scan, and a Passage if somebody moves.

    The phone is the one who acts. Holds the door's row, then the tickets' (the event's before them when a reason to override is
    given). Eight statements for tickets that enter, five for tickets that do not, however many they are. Asks that cannot be judged
    are refused one by one: id_reused, device.role, gate.unknown, gate.direction. Raises Refused: device.unknown, device.ended,
    device.revoked (401).
    """
    shift = begin(session, credential_sha256=credential_sha256, asks=asks, now=now)
    records: list[Record] = []
    answers = tuple(_answer(session, shift, ask, records) for ask in asks)
    store(session, shift=shift, records=records, now=now)
    return Outcome(answers, Counters(shift.door.occupancy, shift.door.arrived, shift.standing.gauge))


def _answer(session: Session, shift: Shift, ask: Ask, records: list[Record]) -> Answer:
    """What one ask is told; what it leaves is added to the records."""
    known = shift.known.get(ask.id)
    if known is not None and (known.device_id != shift.phone.id or known.content_sha256 != ask.content_sha256):
        return Answer(ask.id, "refused", code="id_reused")
    right = shift.right(ask.reading)
    other = _elsewhere(session, shift, ask) if right is None else None
    if known is not None:
        return told("known", known, right, other)
    if (code := _out_of_place(shift, ask)) is not None:
        return Answer(ask.id, "refused", code=code)
    decide = overruled if ask.override else verdict
    ruling = decide(ask.reading.code, _entry(session, shift, right, other), _device(shift, ask), _facts(shift, right))
    stored = shift.known[ask.id] = _stored(shift, ask, ruling)
    records.append(Record(ask, stored, right, _move(shift, ask, right, ruling)))
    return told("stored", stored, right, other)


def _out_of_place(shift: Shift, ask: Ask) -> str | None:
    """Why an ask cannot even be judged."""
    if ask.override is not None and not shift.may(Task.OVERRIDE):
        return "device.role"
    if ask.ref is not None and not shift.may(Task.SEARCH):
        return "device.role"
    gate = shift.gates.get(ask.gate or shift.phone.gate)
    if gate is None:
        return "gate.unknown" if ask.gate not in (None, shift.phone.gate) else None
    return None if gate.direction in ("both", ask.direction) or ask.direction is Direction.IN else "gate.direction"


def _elsewhere(session: Session, shift: Shift, ask: Ask) -> Elsewhere | None:
    if ask.reading.code_sha256 is None or ask.reading.code.kind is not Kind.TICKET:
        return None
    return elsewhere(session, shift.phone.event_id, shift.standing.organiser_id, ask.reading.code_sha256)


def _entry(session: Session, shift: Shift, right: Right | None, other: Elsewhere | None) -> facts.Entry | None:
    if right is None:
        return facts.Entry(event=str(other.event_id), type=None, state=EntryState.CONFIRMED, since_at=0) if other else None
    waits = right.state is EntryState.WAITLISTED
    return facts.Entry(
        event=str(shift.phone.event_id),
        type=right.type_number,
        state=right.state,
        since_at=milliseconds(right.since_at),
        rank=rank(session, shift.phone.event_id, right.registration_id) if waits else None,
        i=right.i,
        n=right.n,
        passages=tuple(right.passages),
    )


def _device(shift: Shift, ask: Ask) -> facts.Device:
    return facts.Device(
        event=str(shift.phone.event_id),
        gate=ask.gate or shift.phone.gate,
        dir=ask.direction,
        state=DeviceState(shift.standing.state),
        until_at=milliseconds(shift.standing.until_at),
    )


def _facts(shift: Shift, right: Right | None) -> Facts:
    return Facts(
        now=milliseconds(shift.now),
        days=(shift.day,),
        types={right.type_number: _type(shift, right.type_number)} if right else {},
        gauge=shift.standing.gauge,
        occupancy=shift.door.occupancy,
        online=True,
    )


def _type(shift: Shift, number: int) -> facts.TypeFacts:
    """A ticket type has no window of its own yet: it admits as long as the phone works."""
    window = facts.Window(*ALWAYS, day=shift.day.day)
    allowed = tuple(name for name, gate in shift.gates.items() if not gate.types or number in gate.types)
    return facts.TypeFacts(windows=(window,), gates=allowed if shift.standing.restricted else None)


def _stored(shift: Shift, ask: Ask, ruling: Ruling) -> StoredScan:
    return StoredScan(
        client_id=ask.id,
        device_id=shift.phone.id,
        content_sha256=ask.content_sha256,
        verdict=ruling.verdict.value,
        moves=ruling.moves.value if ruling.moves else None,
        reason=ruling.reason,
        ref=_named(ruling),
    )


def _named(ruling: Ruling) -> dict[str, Any]:
    """What the screen names, as JSON: instants in UTC with milliseconds. The event is told apart, by its title."""
    ref = ruling.ref
    values: dict[str, Any] = {"gate": ref.gate, "device": ref.device, "rank": ref.rank, "day": ref.day}
    values["at"] = stamp(instant(ref.at)) if ref.at is not None else None
    values["gates"] = list(ref.gates) if ref.gates is not None else None
    values["sessions"] = list(ref.sessions) if ref.sessions is not None else None
    return {name: value for name, value in values.items() if value is not None}


def _move(shift: Shift, ask: Ask, right: Right | None, ruling: Ruling) -> Move | None:
    """The passage that a ruling makes; whoever is judged next finds it done."""
    if ruling.moves is None:
        return None
    gate = ask.gate or shift.phone.gate
    inward = ruling.moves is Direction.IN
    first = right is not None and inward and all(passage.dir is Direction.OUT for passage in right.passages)
    shift.door.occupancy += 1 if inward else -1
    if right is not None:
        right.passages.append(facts.Passage(ruling.moves, milliseconds(shift.now), gate, shift.phone.label))
    return Move(ruling.moves, gate, first)
