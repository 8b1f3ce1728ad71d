"""The next thing to do, and why somebody waits beside a free seat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from eventapp.backoffice.rules import Cause, Step, Why, explanations, next_step
from eventapp.registration.rules import House

NOW = datetime(2027, 9, 1, 10, 0, tzinfo=UTC)
FREEZE = datetime(2027, 9, 23, 13, 0, tzinfo=UTC)
KEEP = datetime(2027, 9, 16, 16, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    state: str = "published"
    doors_at: datetime = FREEZE + timedelta(hours=3)
    starts_at: datetime = FREEZE + timedelta(hours=4)
    ends_at: datetime = FREEZE + timedelta(hours=8)
    zone: str = "Europe/Paris"


@dataclass(frozen=True)
class Quota:
    id: int
    limit: int
    used: int
    protects_id: int | None = None
    protected_until: datetime | None = None


@dataclass(frozen=True)
class Party:
    seq: int
    size: int = 1
    ticket_type_id: int = 1
    line_class: int = 5


@pytest.mark.parametrize(
    ("state", "used", "waiting", "now", "step"),
    [
        ("draft", 0, 0, NOW, Step.PUBLISH),
        ("postponed", 3, 1, NOW, Step.POSTPONED),
        ("called_off", 0, 0, NOW, Step.NOTHING),
        ("archived", 3, 0, NOW, Step.NOTHING),
        ("published", 4, 0, NOW, Step.MEND),
        ("published", 3, 1, NOW, Step.RAISE),
        ("published", 3, 0, NOW, Step.WATCH),
        ("published", 2, 1, NOW, Step.WATCH),
        ("published", 3, 1, FREEZE, Step.DOOR),
        ("published", 3, 1, FREEZE + timedelta(hours=10), Step.CLOSE),
    ],
)
def test_next_step(state: str, used: int, waiting: int, now: datetime, step: Step) -> None:
    assert next_step(Event(state=state), used=used, limit=3, waiting=waiting, now=now) == step


def house(*quotas: Quota) -> House:
    return House(quotas={quota.id: quota for quota in quotas}, charged={1: [1]}, freeze_at=FREEZE, keep_until=KEEP)


@pytest.mark.parametrize(
    ("quotas", "size", "now", "why"),
    [
        ([Quota(1, 3, 3)], 1, NOW, Why(Cause.FULL, 7, 1, 1, 1, limit=3, used=3)),
        ([Quota(1, 3, 4)], 1, NOW, Why(Cause.DEFICIT, 7, 1, 1, 1, limit=3, used=4)),
        ([Quota(1, 3, 2)], 2, NOW, Why(Cause.TOO_LARGE, 7, 2, 1, 1, free=1, limit=3, used=2)),
        ([Quota(1, 3, 2)], 1, NOW, Why(Cause.KEPT, 7, 1, 1, 1, free=1, limit=3, used=2, until=KEEP)),
        ([Quota(1, 3, 2)], 1, FREEZE, Why(Cause.FROZEN, 7, 1, 1)),
        (
            [Quota(1, 3, 2), Quota(2, 5, 4, protects_id=1, protected_until=KEEP)],
            1,
            NOW,
            Why(Cause.GUARDED, 7, 1, 1, 2, free=1, limit=5, used=4, until=KEEP),
        ),
    ],
)
def test_why_a_party_waits(quotas: list[Quota], size: int, now: datetime, why: Why) -> None:
    assert explanations([Party(7, size)], house(*quotas), now) == [why]


def test_reasons_stand_in_the_order_of_the_line() -> None:
    whys = explanations([Party(9), Party(3, line_class=5), Party(12, line_class=0)], house(Quota(1, 3, 3)), NOW)

    assert [why.seq for why in whys] == [12, 3, 9]
