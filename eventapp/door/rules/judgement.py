"""Who may come in: one pure rule, told the facts and the time, in fifteen lines of which the first that matches answers.

Twin: static/js/door/verdict.js; both are pinned by tests/door/cases.json, where a bug at the door first becomes a case. Source: door.md §4.
"""

from __future__ import annotations

from dataclasses import replace

from eventapp.door.rules.admission import not_now, room
from eventapp.door.rules.devices import DeviceState
from eventapp.door.rules.facts import Device, Direction, Entry, EntryState, Facts
from eventapp.door.rules.rulings import OVERRIDABLE, Ref, Ruling, Verdict
from eventapp.tickets.rules import Code, Kind, Signed

SIGNED_OVERLAP_MS = 120_000
"""A signed ticket is believed from this long before the phone's table was taken: clocks and syncs overlap."""

CALL_GRACE_MS = 30_000
"""A called person who arrives this long after the call still comes in: the walk from the board to the gate."""


def verdict(code: Code, entry: Entry | None, device: Device, facts: Facts) -> Ruling:
    """The answer of the door, by the fifteen lines of door.md §4: the first that matches."""
    if (deaf := _device_off(device, facts)) is not None:
        return deaf
    if code.kind in (Kind.FOREIGN, Kind.REHEARSAL):
        return Ruling(Verdict.UNKNOWN, reason=code.kind.value)
    signed = _believed(code, entry, device, facts)
    right = _confirmed_by_signature(code, entry, device) if signed else entry
    if right is None:
        return Ruling(
            Verdict.UNKNOWN,
            reason="sync" if code.signed is Signed.UNVERIFIABLE else "absent",
        )
    if (refusal := _not_here(right, device)) is not None:
        return refusal
    if device.dir is Direction.OUT:
        return Ruling(Verdict.OK_OUT, moves=Direction.OUT)
    refusal = _no_right(right, facts) or not_now(right, device, facts)
    return refusal or room(right, facts, signed=signed)


def overruled(code: Code, entry: Entry | None, device: Device, facts: Facts) -> Ruling:
    """The answer when a supervisor, with a reason, lets in what lines 9 to 12 refuse.

    Any other refusal stands: dead tickets, strangers, a full gauge.
    """
    ruling = verdict(code, entry, device, facts)
    if ruling.verdict not in OVERRIDABLE:
        return ruling
    signed = _believed(code, entry, device, facts)
    right = _confirmed_by_signature(code, entry, device) if signed else entry
    return ruling if right is None else room(right, facts, signed=signed)


def _device_off(device: Device, facts: Facts) -> Ruling | None:
    if device.state is not DeviceState.ACTIVE:
        return Ruling(Verdict.DEVICE_OFF, reason=device.state.value)
    if facts.now > device.until_at:
        return Ruling(Verdict.DEVICE_OFF, reason="late", ref=Ref(at=device.until_at))
    if not facts.online and (device.table_at is None or facts.now > device.table_at + device.table_ttl_ms):
        return Ruling(Verdict.DEVICE_OFF, reason="table", ref=Ref(at=device.table_at))
    return None


def _believed(code: Code, entry: Entry | None, device: Device, facts: Facts) -> bool:
    """Whether the signature of the code stands in for a row that the table does not have yet."""
    return (
        code.signed is Signed.VALID
        and code.issued_at is not None
        and device.table_at is not None
        and code.issued_at > device.table_at - SIGNED_OVERLAP_MS
        and code.type in facts.types
        and (
            entry is None
            or entry.state
            in (
                EntryState.WAITLISTED,
                EntryState.HELD,
                EntryState.OFFERED,
                EntryState.PENDING,
            )
        )
    )


def _confirmed_by_signature(code: Code, entry: Entry | None, device: Device) -> Entry:
    blank = Entry(
        event=device.event,
        type=code.type,
        state=EntryState.CONFIRMED,
        since_at=code.issued_at or 0,
    )
    return replace(entry or blank, type=code.type, state=EntryState.CONFIRMED, notes=code.notes)


def _not_here(entry: Entry, device: Device) -> Ruling | None:
    return Ruling(Verdict.OTHER_EVENT, ref=Ref(event=entry.event)) if entry.event != device.event else None


def _no_right(entry: Entry, facts: Facts) -> Ruling | None:
    since = Ref(at=entry.since_at)
    match entry.state:
        case EntryState.CANCELLED:
            return Ruling(Verdict.CANCELLED, ref=since)
        case EntryState.REPLACED:
            return Ruling(Verdict.TRANSFERRED, ref=since)
        case EntryState.REVOKED:
            return Ruling(Verdict.REVOKED, ref=since)
        case EntryState.PENDING:
            return Ruling(Verdict.PENDING, ref=since)
        case EntryState.WAITLISTED:
            return Ruling(Verdict.WAITLISTED, ref=Ref(rank=entry.rank))
        case EntryState.HELD | EntryState.OFFERED:
            return Ruling(Verdict.OFFERED, ref=Ref(at=entry.call_until_at))
    return _standby(entry, facts)


def _standby(entry: Entry, facts: Facts) -> Ruling | None:
    number = Ref(at=entry.since_at, rank=entry.rank)
    match entry.state:
        case EntryState.STANDBY_WAITING:
            return Ruling(Verdict.STANDBY_WAIT, reason="waiting", ref=number)
        case EntryState.STANDBY_PASSED:
            return Ruling(Verdict.STANDBY_WAIT, reason="passed", ref=number)
        case EntryState.STANDBY_CALLED if facts.now > (entry.call_until_at or 0) + CALL_GRACE_MS:
            return Ruling(Verdict.STANDBY_WAIT, reason="passed", ref=number)
        case EntryState.STANDBY_OVER:
            return Ruling(Verdict.STANDBY_OVER, ref=Ref(at=entry.since_at))
    return None
