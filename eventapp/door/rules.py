"""Who may come in: one pure rule, told the facts and the time, and what each phone may do.

Instants are integers, milliseconds since 1970. Twin: static/js/door/verdict.js; both are pinned by tests/door/cases.json,
where a bug at the door first becomes a case. Source: door.md §1, §4, §5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import IntFlag, StrEnum

from eventapp.tickets.rules import Code, Kind, Signed

SIGNED_OVERLAP_MS = 120_000
"""A signed ticket is believed from this long before the phone's table was taken: clocks and syncs overlap."""

CALL_GRACE_MS = 30_000
"""A called person who arrives this long after the call still comes in: the walk from the board to the gate."""


MAX_LABEL = 60
MAX_NOTE = 200
MAX_USES = 50
MAX_BATCH = 200
MIN_SEARCH = 3
MAX_FOUND = 8
ENROLMENT_LIFE = timedelta(minutes=10)
AFTER_END = timedelta(hours=2)
"""A credential works until this long after the end of its event."""


class Role(StrEnum):
    """What a phone is trusted with, from its enrolment."""

    SCAN = "scan"
    DESK = "desk"
    SUPERVISOR = "supervisor"
    SCREEN = "screen"


class Task(StrEnum):
    """What a phone may want to do."""

    SCAN = "scan"
    CLICK = "click"
    TURN_AWAY = "turn_away"
    UNDO_OWN = "undo_own"
    SEARCH = "search"
    GIVE_NUMBER = "give_number"
    MARK_NUMBER = "mark_number"
    REISSUE = "reissue"
    OVERRIDE = "override"
    CALL = "call"
    LINE = "line"
    RECOUNT = "recount"
    UNDO_ANY = "undo_any"
    WRITE_OFF = "write_off"
    SETTLE = "settle"
    ENROL = "enrol"
    BOARD = "board"


_GATE_TASKS = frozenset({Task.SCAN, Task.CLICK, Task.TURN_AWAY, Task.UNDO_OWN})
_DESK_TASKS = _GATE_TASKS | {
    Task.SEARCH,
    Task.GIVE_NUMBER,
    Task.MARK_NUMBER,
    Task.REISSUE,
}
_TASKS = {
    Role.SCAN: _GATE_TASKS,
    Role.DESK: _DESK_TASKS,
    Role.SUPERVISOR: frozenset(Task) - {Task.BOARD},
    Role.SCREEN: frozenset({Task.BOARD}),
}


class DeviceState(StrEnum):
    """ENDED by time or at the end of a shift, REVOKED by an organiser: both are deaf from then on."""

    ACTIVE = "active"
    ENDED = "ended"
    REVOKED = "revoked"


class Direction(StrEnum):
    """Which way a body moves through a gate."""

    IN = "in"
    OUT = "out"


class EntryState(StrEnum):
    """The state of a right to come in, in the one letter of the phone's table."""

    CONFIRMED = "c"
    HELD = "h"
    OFFERED = "o"
    WAITLISTED = "w"
    PENDING = "p"
    CANCELLED = "x"
    REVOKED = "r"
    REPLACED = "t"
    STANDBY_WAITING = "s"
    STANDBY_CALLED = "k"
    STANDBY_PASSED = "z"
    STANDBY_OVER = "v"
    STANDBY_ADMITTED = "a"


class Note(IntFlag):
    """What whoever stands at the gate must know of a guest; bits of `notes`."""

    PMR_PLACE = 1
    VIP = 2
    MINOR = 4
    BADGE = 8
    NO_PHOTO = 16
    ORGANISER = 32


class Verdict(StrEnum):
    """Everything a phone can answer. Words, colours and sounds: static/js/door/verdicts.json."""

    OK = "OK"
    OK_RETURN = "OK_RETURN"
    OK_NOTE = "OK_NOTE"
    OK_OUT = "OK_OUT"
    NOT_SYNCED = "NOT_SYNCED"
    ALREADY = "ALREADY"
    OTHER_EVENT = "OTHER_EVENT"
    OTHER_DAY = "OTHER_DAY"
    OTHER_SESSION = "OTHER_SESSION"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    WRONG_GATE = "WRONG_GATE"
    RELEASED = "RELEASED"
    WAITLISTED = "WAITLISTED"
    OFFERED = "OFFERED"
    PENDING = "PENDING"
    STANDBY_WAIT = "STANDBY_WAIT"
    STANDBY_OVER = "STANDBY_OVER"
    CANCELLED = "CANCELLED"
    REVOKED = "REVOKED"
    TRANSFERRED = "TRANSFERRED"
    UNKNOWN = "UNKNOWN"
    GAUGE_FULL = "GAUGE_FULL"
    DEVICE_OFF = "DEVICE_OFF"


class OverrideReason(StrEnum):
    """Why a supervisor let somebody in whom the rule refused."""

    WENT_OUT = "went_out"
    ID_CHECKED = "id_checked"
    STAFF_ERROR = "staff_error"
    OTHER = "other"


OVERRIDABLE = frozenset(
    {
        Verdict.TOO_EARLY,
        Verdict.TOO_LATE,
        Verdict.OTHER_DAY,
        Verdict.OTHER_SESSION,
        Verdict.WRONG_GATE,
        Verdict.ALREADY,
    }
)
"""Lines 9 to 12: what a supervisor may overrule, with a reason. The gauge stays out of everybody's reach."""


@dataclass(frozen=True)
class Passage:
    """A body through a gate: direction, instant, names of gate and phone."""

    dir: Direction
    at: int
    gate: str
    device: str


@dataclass(frozen=True)
class Entry:
    """A right to come in as the door knows it; `i` of `n` in a party, `rank` in a line, `sessions` it holds."""

    event: str
    type: int | None
    state: EntryState
    since_at: int
    rank: int | None = None
    call_until_at: int | None = None
    i: int = 1
    n: int = 1
    notes: int = 0
    sessions: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Device:
    """The phone that asks. Without a table (`table_at` None) it can only ask the server, which judges with its own rows."""

    event: str
    gate: str
    dir: Direction
    state: DeviceState
    until_at: int
    session: str | None = None
    table_at: int | None = None
    table_ttl_ms: int = 28_800_000


@dataclass(frozen=True)
class Day:
    """A day of the event: from included, to excluded; 06:00 to 06:00 unless the event says otherwise."""

    day: str
    from_at: int
    to_at: int


@dataclass(frozen=True)
class Window:
    """When a ticket type admits, and on which day: from included, to excluded."""

    from_at: int
    to_at: int
    day: str


@dataclass(frozen=True)
class TypeFacts:
    """What the door must know of a ticket type; `gates` None: every gate."""

    windows: tuple[Window, ...]
    gates: tuple[str, ...] | None = None
    releasable: bool = False


@dataclass(frozen=True)
class Facts:
    """What is true at this instant. `leased`: bodies other phones hold on lease; `free_seats`: net of their seat leases.

    `gauge` None: the space has no safety gauge yet. A phone's own verdict is always computed with `online` False.
    """

    now: int
    days: tuple[Day, ...]
    types: Mapping[int, TypeFacts]
    release_at: int | None = None
    gauge: int | None = None
    occupancy: int = 0
    leased: int = 0
    guarded: bool = False
    free_seats: int = 0
    lease_bodies: int = 0
    lease_seats: int = 0
    online: bool = True


@dataclass(frozen=True)
class Ref:
    """What the screen names: an instant, a gate, a phone, a rank, a day, an event, the gates or sessions to go to."""

    at: int | None = None
    gate: str | None = None
    device: str | None = None
    rank: int | None = None
    day: str | None = None
    event: str | None = None
    gates: tuple[str, ...] | None = None
    sessions: tuple[str, ...] | None = None


NOTHING = Ref()


@dataclass(frozen=True)
class Ruling:
    """A verdict, which way it moves the body, a finer reason where there is one, and what the screen names."""

    verdict: Verdict
    moves: Direction | None = None
    reason: str | None = None
    ref: Ref = field(default=NOTHING)


def role_may(role: Role, task: Task) -> bool:
    """Whether a phone of this role may do this. Limits of time and number (undo) are the action's."""
    return task in _TASKS[role]


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
    refusal = _no_right(right, facts) or _overridable(right, device, facts)
    return refusal or _room(right, facts, signed=signed)


def overruled(code: Code, entry: Entry | None, device: Device, facts: Facts) -> Ruling:
    """The answer when a supervisor, with a reason, lets in what lines 9 to 12 refuse.

    Any other refusal stands: dead tickets, strangers, a full gauge.
    """
    ruling = verdict(code, entry, device, facts)
    if ruling.verdict not in OVERRIDABLE:
        return ruling
    signed = _believed(code, entry, device, facts)
    right = _confirmed_by_signature(code, entry, device) if signed else entry
    return ruling if right is None else _room(right, facts, signed=signed)


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


def _overridable(entry: Entry, device: Device, facts: Facts) -> Ruling | None:
    return _outside_windows(entry, facts) or _other_session(entry, device) or _wrong_gate(entry, device, facts) or _already_in(entry, facts)


def _outside_windows(entry: Entry, facts: Facts) -> Ruling | None:
    if entry.type is None:
        return None
    kind = _type(entry, facts)
    windows = kind.windows if kind else ()
    if any(window.from_at <= facts.now < window.to_at for window in windows):
        return None
    today = _today(facts)
    todays = [window for window in windows if today is not None and window.day == today.day]
    later = [window.from_at for window in todays if window.from_at > facts.now]
    if later:
        return Ruling(Verdict.TOO_EARLY, ref=Ref(at=min(later)))
    if todays:
        return Ruling(Verdict.TOO_LATE, ref=Ref(at=max(window.to_at for window in todays)))
    return Ruling(Verdict.OTHER_DAY, ref=_nearest_day(windows, facts))


def _nearest_day(windows: tuple[Window, ...], facts: Facts) -> Ref:
    if not windows:
        return NOTHING
    ordered = sorted(windows, key=_start)
    nearest = next((window for window in ordered if window.from_at > facts.now), ordered[-1])
    return Ref(at=nearest.from_at, day=nearest.day)


def _start(window: Window) -> int:
    return window.from_at


def _other_session(entry: Entry, device: Device) -> Ruling | None:
    if device.session is None or device.session in entry.sessions:
        return None
    return Ruling(Verdict.OTHER_SESSION, ref=Ref(sessions=entry.sessions))


def _wrong_gate(entry: Entry, device: Device, facts: Facts) -> Ruling | None:
    kind = _type(entry, facts)
    if kind is None or kind.gates is None or device.gate in kind.gates:
        return None
    return Ruling(Verdict.WRONG_GATE, ref=Ref(gates=kind.gates))


def _already_in(entry: Entry, facts: Facts) -> Ruling | None:
    last = _last_passage(entry, facts)
    if last is None or last.dir is Direction.OUT:
        return None
    return Ruling(Verdict.ALREADY, ref=Ref(at=last.at, gate=last.gate, device=last.device))


def _room(entry: Entry, facts: Facts, *, signed: bool) -> Ruling:
    """Lines 13 to 15: a seat, a body more, and which green."""
    if _seat_released(entry, facts):
        return Ruling(Verdict.RELEASED, ref=Ref(at=facts.release_at))
    if facts.online and facts.gauge is not None and facts.occupancy + facts.leased + 1 > facts.gauge:
        return Ruling(Verdict.GAUGE_FULL, reason="gauge")
    if not facts.online and facts.guarded and facts.lease_bodies < 1:
        return Ruling(Verdict.GAUGE_FULL, reason="lease")
    return Ruling(_green(entry, facts, signed=signed), moves=Direction.IN)


def _seat_released(entry: Entry, facts: Facts) -> bool:
    kind = _type(entry, facts)
    seats = facts.free_seats if facts.online else facts.lease_seats
    return (
        facts.release_at is not None
        and facts.release_at <= facts.now
        and entry.state is EntryState.CONFIRMED
        and kind is not None
        and kind.releasable
        and _last_passage(entry, facts) is None
        and seats < 1
    )


def _green(entry: Entry, facts: Facts, *, signed: bool) -> Verdict:
    if signed:
        return Verdict.NOT_SYNCED
    if _last_passage(entry, facts) is not None:
        return Verdict.OK_RETURN
    return Verdict.OK_NOTE if entry.notes else Verdict.OK


def _type(entry: Entry, facts: Facts) -> TypeFacts | None:
    return None if entry.type is None else facts.types.get(entry.type)


def _today(facts: Facts) -> Day | None:
    return next((day for day in facts.days if day.from_at <= facts.now < day.to_at), None)


def _last_passage(entry: Entry, facts: Facts) -> Passage | None:
    """The latest passage of today; passages of other days never count: a new day starts empty."""
    today = _today(facts)
    if today is None:
        return None
    passages = [passage for passage in entry.passages if today.from_at <= passage.at < today.to_at]
    # Of two at the same instant the one told last counts, as in the twin.
    return max(reversed(passages), key=_instant, default=None)


def _instant(passage: Passage) -> int:
    return passage.at
