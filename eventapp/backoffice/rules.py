"""What to do next about an event, and why nobody is seated although there is room. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from eventapp.events import rules as events
from eventapp.registration.rules import House, Party


class Step(StrEnum):
    """The one next thing to do about an event."""

    PUBLISH = "publish"
    MEND = "mend"  # more seats given than the limit allows
    DOOR = "door"
    RAISE = "raise"  # people wait, and no seat is left
    POSTPONED = "postponed"
    CLOSE = "close"
    WATCH = "watch"
    NOTHING = "nothing"


def next_step(event: events.Dated, *, used: int, limit: int, waiting: int, now: datetime) -> Step:
    """What an organiser should look at first."""
    if event.state == events.EventState.DRAFT:
        return Step.PUBLISH
    if event.state == events.EventState.POSTPONED:
        return Step.POSTPONED
    if event.state != events.EventState.PUBLISHED:
        return Step.NOTHING
    if events.is_over(event, now):
        return Step.CLOSE
    if used > limit:
        return Step.MEND
    if now >= events.freeze_at(event):
        return Step.DOOR
    return Step.RAISE if waiting and used >= limit else Step.WATCH


class Cause(StrEnum):
    """Why a party waits."""

    FROZEN = "frozen"
    DEFICIT = "deficit"
    FULL = "full"
    GUARDED = "guarded"
    TOO_LARGE = "too_large"
    KEPT = "kept"


@dataclass(frozen=True)
class Why:
    """One reason for one shape of party: the first in line of it, the quota it lacks, and the numbers of the sentence."""

    cause: Cause
    seq: int
    size: int
    ticket_type_id: int
    quota_id: int | None = None
    free: int = 0
    limit: int = 0
    used: int = 0
    until: datetime | None = None


def explanations(heads: Iterable[Party], house: House, now: datetime) -> list[Why]:
    """For the first of each shape in line, why it has no seat; in the order of the line.

    Source: allocation.md §17. It tells what `registration.rules.grants` has decided; it decides nothing.
    """
    return [_why(party, house, now) for party in sorted(heads, key=lambda party: (party.line_class, party.seq or 0))]


def _why(party: Party, house: House, now: datetime) -> Why:
    own = house.charged.get(party.ticket_type_id, ())

    def because(cause: Cause, quota_id: int | None = None, *, free: int = 0, until: datetime | None = None) -> Why:
        quota = house.quotas[quota_id] if quota_id is not None else None
        return Why(
            cause=cause,
            seq=party.seq or 0,
            size=party.size,
            ticket_type_id=party.ticket_type_id,
            quota_id=quota_id,
            free=free,
            limit=quota.limit if quota else 0,
            used=quota.used if quota else 0,
            until=until,
        )

    if now >= house.freeze_at:
        return because(Cause.FROZEN)
    tightest = min(own, key=lambda quota_id: house.quotas[quota_id].limit - house.quotas[quota_id].used, default=None)
    if tightest is None:
        return because(Cause.FULL)
    free = house.quotas[tightest].limit - house.quotas[tightest].used
    if free < 0:
        return because(Cause.DEFICIT, tightest)
    if free == 0:
        return because(Cause.FULL, tightest)
    for quota_id in own:
        guards = [
            other
            for other in house.quotas.values()
            if other.protects_id == quota_id
            and other.protected_until is not None
            and now < other.protected_until
            and other.id not in own
            and other.used < other.limit
        ]
        room = house.quotas[quota_id].limit - house.quotas[quota_id].used
        kept = sum(other.limit - other.used for other in guards)
        if room >= party.size > room - kept:
            last = max(guards, key=lambda other: other.protected_until or now)
            return because(Cause.GUARDED, last.id, free=kept, until=last.protected_until)
    if free < party.size:
        return because(Cause.TOO_LARGE, tightest, free=free)
    return because(Cause.KEPT, tightest, free=free, until=house.keep_until)
