"""Why a party waits, told from the facts by which the rule decides. Pure.

Source: docs/waitlist.md, one pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from eventapp.registration.rules.line import House, granted_state
from eventapp.registration.rules.states import Party, QuotaFacts


class Cause(StrEnum):
    """Why a party waits."""

    BALLOT = "ballot"  # the draw has not taken place
    FROZEN = "frozen"
    SHORT_NOTICE = "short_notice"  # the last day, and they did not say that they can come at short notice
    DEFICIT = "deficit"
    FULL = "full"
    GUARDED = "guarded"
    TOO_LARGE = "too_large"
    KEPT = "kept"
    UNPROVEN = "unproven"
    NEXT = "next"  # a seat is free for them: the next pass, within a minute, gives it


@dataclass(frozen=True)
class Why:
    """One reason for one shape of party: the first in line of it, the quota it lacks, and the numbers of the sentence; `until` is the freeze where
    the calendar itself is the reason, or the end of the wait for a proof.
    """

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

    It tells what `grants` has decided; it decides nothing.
    """
    return [explanation(party, house, now) for party in sorted(heads, key=lambda party: (party.line_class, party.seq or 0))]


def explanation(party: Party, house: House, now: datetime) -> Why:
    """Why this party, wherever in line, has no seat. What holds for the first of its shape holds for all of them."""
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

    if house.undrawn:
        return because(Cause.BALLOT)
    if now >= house.freeze_at:
        return because(Cause.FROZEN, until=house.freeze_at)
    if granted_state(party.auto_until, house.calendar, now) is None:
        return because(Cause.SHORT_NOTICE, until=house.freeze_at)
    free = {quota_id: house.quotas[quota_id].limit - house.quotas[quota_id].used for quota_id in own}
    tightest = min(own, key=lambda quota_id: free[quota_id], default=None)
    if tightest is None:
        return because(Cause.FULL)
    if free[tightest] <= 0:
        return because(Cause.FULL if free[tightest] == 0 else Cause.DEFICIT, tightest)
    left = dict(free)
    for quota_id in own:
        guards = _guards(quota_id, own, house, now)
        kept = sum(other.limit - other.used for other in guards)
        if free[quota_id] >= party.size > free[quota_id] - kept:
            last = max(guards, key=lambda other: other.protected_until or now)
            return because(Cause.GUARDED, last.id, free=kept, until=last.protected_until)
        left[quota_id] -= kept
    if free[tightest] < party.size:
        return because(Cause.TOO_LARGE, tightest, free=free[tightest])
    keep_until = house.calendar.keep_until
    if keep_until is None or now >= keep_until:
        return because(Cause.NEXT, tightest)
    return because(Cause.KEPT, tightest, free=min(left.values()), until=keep_until)


def to_be_proved(party: Party, until: datetime | None) -> Why:
    """Why a party has no seat that still owes the proof of its address."""
    return Why(cause=Cause.UNPROVEN, seq=party.seq or 0, size=party.size, ticket_type_id=party.ticket_type_id, until=until)


def _guards(quota_id: int, own: Sequence[int], house: House, now: datetime) -> list[QuotaFacts]:
    return [
        other
        for other in house.quotas.values()
        if other.protects_id == quota_id
        and other.protected_until is not None
        and now < other.protected_until
        and other.id not in own
        and other.used < other.limit
    ]
