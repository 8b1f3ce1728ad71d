"""Why somebody waits, beside a free seat too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from eventapp.registration.rules import Cause, House, Why, calendar_of, explanations

NOW = datetime(2027, 9, 1, 10, 0, tzinfo=UTC)
FREEZE = datetime(2027, 9, 23, 13, 0, tzinfo=UTC)
DOORS = FREEZE + timedelta(hours=3)
LAST_DAY = DOORS - timedelta(days=1)
KEEP = datetime(2027, 9, 16, 16, 0, tzinfo=UTC)


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
    auto_until: str = "offers"
    accept_partial: bool = False


def house(*quotas: Quota) -> House:
    return House(quotas={quota.id: quota for quota in quotas}, charged={1: [1]}, calendar=calendar_of(DOORS, "Europe/Paris"))


@pytest.mark.parametrize(
    ("quotas", "size", "now", "why"),
    [
        ([Quota(1, 3, 3)], 1, NOW, Why(Cause.FULL, 7, 1, 1, 1, limit=3, used=3)),
        ([Quota(1, 3, 4)], 1, NOW, Why(Cause.DEFICIT, 7, 1, 1, 1, limit=3, used=4)),
        ([Quota(1, 3, 2)], 2, NOW, Why(Cause.TOO_LARGE, 7, 2, 1, 1, free=1, limit=3, used=2)),
        ([Quota(1, 3, 2)], 1, NOW, Why(Cause.KEPT, 7, 1, 1, 1, free=1, limit=3, used=2, until=KEEP)),
        ([Quota(1, 3, 2)], 1, KEEP, Why(Cause.NEXT, 7, 1, 1, 1, limit=3, used=2)),
        ([Quota(1, 3, 2)], 1, LAST_DAY, Why(Cause.SHORT_NOTICE, 7, 1, 1, until=FREEZE)),
        ([Quota(1, 3, 2)], 1, FREEZE, Why(Cause.FROZEN, 7, 1, 1, until=FREEZE)),
        (
            [Quota(1, 3, 2), Quota(2, 5, 4, protects_id=1, protected_until=KEEP)],
            1,
            NOW,
            Why(Cause.GUARDED, 7, 1, 1, 2, free=1, limit=5, used=4, until=KEEP),
        ),
        (
            [Quota(1, 9, 2), Quota(2, 5, 0, protects_id=1, protected_until=KEEP)],
            1,
            NOW,
            Why(Cause.KEPT, 7, 1, 1, 1, free=2, limit=9, used=2, until=KEEP),
        ),
    ],
)
def test_why_a_party_waits(quotas: list[Quota], size: int, now: datetime, why: Why) -> None:
    assert explanations([Party(7, size)], house(*quotas), now) == [why]


def test_reasons_stand_in_the_order_of_the_line() -> None:
    whys = explanations([Party(9), Party(3, line_class=5), Party(12, line_class=0)], house(Quota(1, 3, 3)), NOW)

    assert [why.seq for why in whys] == [12, 3, 9]
