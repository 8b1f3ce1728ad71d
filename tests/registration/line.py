"""A short line before one seat, and what the clock does to it: for the tests of offers and timers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from eventapp.lib.db import Base, Database
from eventapp.messages.models import Message
from eventapp.people.rules import ANONYMOUS, OPERATOR
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration
from tests.cast import Character
from tests.factories import NOW, House

HOUR = timedelta(hours=1)
DOORS = datetime(2027, 9, 23, 16, 0, tzinfo=UTC)  # 18:00 in Paris
FREEZE = DOORS - 3 * HOUR
LAST_DAY = DOORS - 24 * HOUR
WEEK_BEFORE = DOORS - timedelta(days=7)
MORNING = datetime(2027, 9, 20, 8, 0, tzinfo=UTC)  # 10:00 in Paris, three days and eight hours before doors
ANSWER_BY = datetime(2027, 9, 21, 15, 0, tzinfo=UTC)
"""A quarter of those eighty hours: twenty waking hours, of which eleven are left before 21:00, and nine more from 8:00."""


class Line:
    """A house with few seats, whose people are named and whose commands are given at an instant."""

    def __init__(self, database: Database, *, limit: int = 1, house: House | None = None) -> None:
        self.house = house or House(database, limit=limit)
        self.database, self.event_id = database, self.house.event.id

    def join(self, *characters: Character, now: datetime = NOW, **more: Any) -> list[Registration]:
        """Register, one after the other."""
        return [self.house.register(character, now=now, **more).registration for character in characters]

    def do(self, action: Callable[..., Any], registration: Registration, *, now: datetime, **more: Any) -> Any:
        """A command about one party, by somebody with its link."""
        with self.database.writing() as session:
            return action(session, event_id=self.event_id, registration_id=registration.id, actor=ANONYMOUS, now=now, **more)

    def leave(self, registration: Registration, *, now: datetime) -> None:
        self.do(actions.give_back, registration, by_organiser=False, now=now)

    def mailed(self, registration: Registration, *, now: datetime) -> None:
        """The mail of an offer has left."""
        with self.database.writing() as session:
            actions.started(session, event_id=self.event_id, public_id=registration.public_id, now=now)

    def tend(self, *, now: datetime) -> None:
        with self.database.writing() as session:
            actions.tend(session, event_id=self.event_id, now=now)

    def tell(self, *, now: datetime) -> int:
        with self.database.writing() as session:
            return actions.tell_the_line(session, event_id=self.event_id, now=now)

    def set_limit(self, limit: int, *, now: datetime) -> None:
        with self.database.writing() as session:
            actions.set_limit(session, event_id=self.event_id, quota_id=self.house.quota.id, limit=limit, actor=OPERATOR, now=now)

    def row(self, registration: Registration) -> Registration:
        """A party as it is stored."""
        with self.database.reading() as session:
            row = queries.registration_by_id(session, self.event_id, registration.id)
            assert row is not None
            return row

    @property
    def states(self) -> list[tuple[str, str, int]]:
        """Name, state and size of each party, in the order in which they were made."""
        with self.database.reading() as session:
            return [(row.first_name, row.state, row.size) for row in queries.all_registrations(session, self.event_id)]

    @property
    def order(self) -> list[str]:
        """Who waits, first to last."""
        with self.database.reading() as session:
            waiting = select(Registration).where(Registration.state == "waitlisted")
            return [row.first_name for row in session.scalars(waiting.order_by(Registration.line_class, Registration.seq))]

    @property
    def mails(self) -> list[tuple[str, str]]:
        """First name and kind of each mail, oldest first."""
        with self.database.reading() as session:
            return [(row.name.split()[0], row.kind) for row in session.scalars(select(Message).order_by(Message.id))]

    @property
    def books(self) -> tuple[int, int, int]:
        """used, Σ ledger, Σ seated: always equal."""
        with self.database.reading() as session:
            quota = queries.quotas(session, self.event_id)[0]
            sums, seats = queries.ledger_sums(session, self.event_id), queries.seats_by_quota(session, self.event_id)
            return quota.used, sums.get(quota.id, 0), seats.get(quota.id, 0)

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row there is."""
        with self.database.engine.connect() as connection:
            return {table.name: [tuple(row) for row in connection.execute(select(table))] for table in Base.metadata.sorted_tables}
