"""What somebody who waits may expect: the instants that their page and their mails print."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventapp.registration.rules import Prospect, calendar_of, granted_state, prospect

DOORS = datetime(2027, 9, 23, 16, 0, tzinfo=UTC)
CALENDAR = calendar_of(DOORS, "Europe/Paris")
WEEK, DAY, FREEZE = (DOORS - timedelta(hours=hours) for hours in (168, 24, 3))
EARLY, IN_OFFERS, LAST_DAY = DOORS - timedelta(days=20), DOORS - timedelta(days=3), DOORS - timedelta(hours=9)


@pytest.mark.parametrize(
    ("wish", "now", "expected"),
    [
        ("offers", EARLY, Prospect(WEEK, DAY, DAY, FREEZE)),
        ("offers", IN_OFFERS, Prospect(None, DAY, DAY, FREEZE)),
        ("offers", LAST_DAY, Prospect(None, None, DAY, FREEZE)),
        ("never", EARLY, Prospect(None, DAY, DAY, FREEZE)),
        ("last_day", IN_OFFERS, Prospect(DAY, None, DAY, FREEZE)),
        ("freeze", EARLY, Prospect(FREEZE, None, None, FREEZE)),
        ("freeze", LAST_DAY, Prospect(FREEZE, None, None, FREEZE)),
        ("freeze", FREEZE, Prospect(None, None, None, None)),
    ],
)
def test_each_wish_has_its_own_prospect_in_each_phase(wish: str, now: datetime, expected: Prospect) -> None:
    assert prospect(CALENDAR, wish, now) == expected


@pytest.mark.parametrize("wish", ["never", "offers", "last_day", "freeze"])
def test_what_is_told_is_what_is_done_at_every_hour(wish: str) -> None:
    told = prospect(CALENDAR, wish, EARLY)
    for hours in range(21 * 24):
        at = EARLY + timedelta(hours=hours)
        if at >= FREEZE:
            break
        confirmed = told.confirmed_until is not None and at < told.confirmed_until
        asked = not confirmed and told.asked_until is not None and at < told.asked_until

        assert granted_state(wish, CALENDAR, at) == ("confirmed" if confirmed else "offered" if asked else None)
