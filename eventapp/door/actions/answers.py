"""What a phone is told of each ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eventapp.door.queries.counts import Counters
from eventapp.door.queries.scans import StoredScan
from eventapp.door.queries.tickets import Elsewhere, Right
from eventapp.door.rules.days import stamp
from eventapp.door.rules.facts import Direction
from eventapp.door.rules.rulings import Verdict


@dataclass(frozen=True)
class Answer:
    """What a phone is told of one ask: `stored` or `known` with the verdict, `refused` with a code and without."""

    id: UUID
    status: str
    code: str | None = None
    verdict: Verdict | None = None
    moves: Direction | None = None
    reason: str | None = None
    ref: Mapping[str, Any] = field(default_factory=dict)
    label: Mapping[str, str] | None = None
    entry: Mapping[str, Any] | None = None
    event: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """The answers, in the order of the asks, and the counters after them."""

    answers: tuple[Answer, ...]
    counters: Counters


def told(status: str, scan: StoredScan, right: Right | None, other: Elsewhere | None) -> Answer:
    """The answer to an ask that was judged, now or before."""
    return Answer(
        id=scan.client_id,
        status=status,
        verdict=Verdict(scan.verdict),
        moves=Direction(scan.moves) if scan.moves else None,
        reason=scan.reason,
        ref=scan.ref,
        label=_label(right) if right else None,
        entry=_entry(right) if right else None,
        event=_event(other) if other else None,
    )


def _label(right: Right) -> dict[str, str] | None:
    return {"name": right.name, "organisation": right.organisation} if right.name else None


def _entry(right: Right) -> dict[str, Any]:
    return {
        "type": {"no": right.type_number, "name": right.type_name},
        "state": right.state.value,
        "i": right.i,
        "n": right.n,
        "notes": 0,
        "since_at": stamp(right.since_at),
    }


def _event(other: Elsewhere) -> dict[str, Any] | None:
    if other.title is None or other.starts_at is None:
        return None
    return {"slug": other.slug, "name": other.title, "starts_at": stamp(other.starts_at)}
