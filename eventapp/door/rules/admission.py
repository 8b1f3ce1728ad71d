"""Lines 9 to 15 of the rule: when and where a right is good, who is in already, whether there is room, and which green.

Twin: static/js/door/admission.js. Source: door.md §4.
"""

from __future__ import annotations

from eventapp.door.rules.facts import Day, Device, Direction, Entry, EntryState, Facts, Passage, TypeFacts, Window
from eventapp.door.rules.rulings import NOTHING, Ref, Ruling, Verdict


def not_now(entry: Entry, device: Device, facts: Facts) -> Ruling | None:
    """Lines 9 to 12, which a supervisor may overrule: another time, another session, another gate, in already."""
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


def room(entry: Entry, facts: Facts, *, signed: bool) -> Ruling:
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
