"""An event with sessions for which people enrol: for the tests of enrolment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from eventapp.cli.state import faults
from eventapp.events.queries import event_by_id
from eventapp.people.rules import ANONYMOUS, OPERATOR
from eventapp.registration import actions, queries
from eventapp.registration.models import Enrolment, Registration, Slot
from tests.factories import NOW
from tests.registration.line import Line

DAY = datetime(2027, 9, 23, 16, 0, tzinfo=UTC)  # doors, 18:00 in Paris
SEVEN, EIGHT, NINE = (DAY + timedelta(hours=hours) for hours in (1, 2, 3))


class When:
    """A span of time, for the rules."""

    def __init__(self, starts_at: datetime, ends_at: datetime) -> None:
        self.starts_at, self.ends_at = starts_at, ends_at


class Programme(Line):
    """A house with room for all, and sessions with a place or two."""

    def slot(self, title: str, *, at: datetime = SEVEN, until: datetime = EIGHT, places: int = 1) -> Slot:
        with self.database.writing() as session:
            return actions.open_slot(
                session,
                event_id=self.event_id,
                title={"fr": title},
                starts_at=at,
                ends_at=until,
                places=places,
                actor=OPERATOR,
                now=NOW,
            )

    def move(self, slot: Slot, *, at: datetime, until: datetime, places: int = 1, now: datetime = NOW) -> None:
        with self.database.writing() as session:
            actions.change_slot(
                session,
                event_id=self.event_id,
                slot_id=slot.id,
                title=slot.title,
                starts_at=at,
                ends_at=until,
                places=places,
                actor=OPERATOR,
                now=now,
            )

    def enrol(self, who: Registration, slot: Slot, *, position: int = 1, swap: bool = False, now: datetime = NOW) -> Enrolment:
        with self.database.writing() as session:
            return actions.enrol(
                session,
                event_id=self.event_id,
                registration_id=who.id,
                position=position,
                slot_public_id=slot.public_id,
                swap=swap,
                actor=ANONYMOUS,
                now=now,
            )

    def say(self, action: Callable[..., Any], who: Registration, one: Enrolment, *, now: datetime = NOW, **more: Any) -> None:
        with self.database.writing() as session:
            action(session, event_id=self.event_id, registration_id=who.id, public_id=one.public_id, actor=ANONYMOUS, now=now, **more)

    @property
    def places(self) -> list[tuple[str, str, str]]:
        """Who, in which session, how: in the order in which they enrolled."""
        with self.database.reading() as session:
            rows = queries.all_enrolments(session, self.event_id)
            return [(one.attendee.first_name, one.slot.title["fr"], one.state) for one in rows]

    @property
    def counted(self) -> dict[str, tuple[int, int, int]]:
        """Of each session: used, Σ ledger, places taken; always equal."""
        with self.database.reading() as session:
            sums, taken = queries.ledger_sums(session, self.event_id), queries.places_by_quota(session, self.event_id)
            return {
                slot.title["fr"]: (slot.quota.used, sums.get(slot.quota_id, 0), taken.get(slot.quota_id, 0))
                for slot in queries.slots(session, self.event_id)
            }

    def faults(self, now: datetime = NOW) -> list[str]:
        with self.database.reading() as session:
            event = event_by_id(session, self.event_id)
            assert event is not None
            return list(faults(session, event, now))
