"""Recurring duties repair what was missed and forget what is over; each is harmless at any time, any number of times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from eventapp.events import queries as events
from eventapp.journal.actions import claim, led_to
from eventapp.journal.models import FormKey
from eventapp.journal.rules import FORM_KEYS_KEPT
from eventapp.lib import limits
from eventapp.lib.db import Base, Database, Session
from eventapp.lib.limits import LimitCounter
from eventapp.messages import queries as messages
from eventapp.messages.models import Message
from eventapp.people.actions.links import make
from eventapp.people.actions.sign_ins import begin
from eventapp.people.models import OneTimeLink, SignIn
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions
from eventapp.registration import queries as registration
from eventapp.worker import duties
from tests import factories
from tests.cast import INES, KARIM, LUCIE, MARC
from tests.factories import KEYS, NOW, House


@pytest.fixture(autouse=True)
def in_context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def house(database: Database) -> House:
    """One seat, which Karim has; Lucie and Marc wait."""
    house = House(database, limit=1)
    for character in (KARIM, LUCIE, MARC):
        house.register(character)
    return house


def missed(database: Database, **event: str) -> None:
    """A seat that became free without anybody noticing."""
    with database.writing() as session:
        session.execute(text("UPDATE quota SET seat_limit = 2, ceiling = 2"))
        for column, value in event.items():
            session.execute(text(f"UPDATE event SET {column} = :value"), {"value": value})


def states(database: Database, house: House) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(row.first_name, row.state) for row in registration.all_registrations(session, house.event.id)]


WAITING = [("Karim", "confirmed"), ("Lucie", "waitlisted"), ("Marc", "waitlisted")]
SEATED = [("Karim", "confirmed"), ("Lucie", "confirmed"), ("Marc", "waitlisted")]


@pytest.mark.trust("P-7", "F-3")
@pytest.mark.parametrize("visibility", ["public", "unlisted", "invitation"])
def test_a_missed_promotion_repairs_itself_with_its_mail_and_once(database: Database, house: House, visibility: str) -> None:
    missed(database, visibility=visibility)
    before = states(database, house)

    duties.allocate_everywhere(NOW)
    duties.allocate_everywhere(NOW)

    assert (before, states(database, house)) == (WAITING, SEATED)
    with database.reading() as session:
        lucie = registration.all_registrations(session, house.event.id)[1]
        assert [row.kind for row in messages.of_subject(session, house.event.id, lucie.public_id)] == ["waitlisted", "promoted"]


@pytest.mark.parametrize("state", ["draft", "postponed", "called_off", "archived"])
def test_nobody_is_seated_where_registration_is_not_going_on(database: Database, house: House, state: str) -> None:
    missed(database, state=state)

    duties.allocate_everywhere(NOW)

    assert states(database, house) == WAITING


def test_nobody_is_seated_at_an_evening_that_is_over(database: Database, house: House) -> None:
    missed(database)

    duties.allocate_everywhere(house.event.ends_at + timedelta(seconds=1))

    assert states(database, house) == WAITING


@pytest.mark.parametrize(
    ("after", "state"),
    [(timedelta(minutes=59, seconds=59), "waitlisted"), (timedelta(hours=1), "expired"), (timedelta(days=400), "expired")],
)
def test_an_hour_after_the_end_what_waits_ends_however_late_the_worker_comes(
    database: Database, house: House, after: timedelta, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventapp.registration.queries.closing.DUE_AT_ONCE", 1)

    duties.close_lines(house.event.ends_at + after)

    assert states(database, house) == [("Karim", "confirmed"), ("Lucie", state), ("Marc", state)]


def test_who_has_a_seat_is_asked_whether_they_come_in_slices_and_once(
    database: Database, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventapp.registration.queries.reconfirmations.LINE_CHUNK", 1)
    with database.writing() as session:
        session.execute(text("UPDATE quota SET seat_limit = 2, ceiling = 2"))
        session.execute(text("""UPDATE event SET line = '{"reconfirm": "soft"}'"""))
    duties.allocate_everywhere(NOW)

    for before in (timedelta(days=5, seconds=1), timedelta(days=5), timedelta(days=5) - timedelta(minutes=1)):
        duties.ask_who_comes(house.event.doors_at - before)

    with database.reading() as session:
        asked = [row.name for row in session.scalars(select(Message).where(Message.kind == "reconfirm").order_by(Message.id))]
    assert asked == ["Karim Exemple", "Lucie Fictif"]


def test_volunteers_are_asked_for_in_slices_and_once(database: Database, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventapp.registration.queries.deficits.LINE_CHUNK", 1)
    with database.writing() as session:
        session.execute(text("UPDATE quota SET seat_limit = 2, ceiling = 2"))
    duties.allocate_everywhere(NOW)
    command = {"event_id": house.event.id, "quota_id": house.quota.id, "actor": OPERATOR, "now": NOW}
    with database.writing() as session:
        actions.set_limit(session, limit=0, **command)
        actions.ask_for_volunteers(session, words="", **command)

    duties.ask_for_volunteers(NOW)
    duties.ask_for_volunteers(NOW)

    with database.reading() as session:
        asked = [row.name for row in session.scalars(select(Message).where(Message.kind == "volunteers").order_by(Message.id))]
    assert asked == ["Lucie Fictif", "Karim Exemple"]


@pytest.mark.trust("P-7")
def test_an_event_that_cannot_be_tended_keeps_no_other_from_its_turn(
    database: Database, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed(database)
    broken = House(database, slug="casse").event.id
    tend = duties.registration.tend

    def breaks(session: Session, *, event_id: int, now: datetime) -> None:
        if event_id == broken:
            raise ValueError("canary")
        tend(session, event_id=event_id, now=now)

    monkeypatch.setattr(duties.registration, "tend", breaks)
    monkeypatch.setattr(duties.events, "live_event_ids", lambda _session, _now: [broken, house.event.id])

    with pytest.raises(duties.Unfinished, match=f"^not done for events {broken}$"):
        duties.allocate_everywhere(NOW)

    assert states(database, house) == SEATED


def count(database: Database, model: type[Base]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_counters_of_tries_are_forgotten_once_their_window_is_over(database: Database) -> None:
    limits.hit(database, limits.RESEND_ADDRESS, "karim@demo.test", now=NOW)

    left = []
    for after in (timedelta(minutes=59), timedelta(hours=1)):
        duties.sweep_limits(NOW + after)
        left.append(count(database, LimitCounter))

    assert left == [1, 0]


@pytest.mark.trust("SESS-3", "TOK-3")
def test_sessions_and_links_are_forgotten_once_they_are_over(database: Database) -> None:
    with database.writing() as session:
        organiser = factories.organiser(session)
        user, _actor = factories.member(session, organiser_id=organiser.id, character=INES)
        begin(session, user=user, label="Firefox", now=NOW)
        make(session, purpose="setup", keys=KEYS, life=timedelta(hours=1), now=NOW)

    left = []
    for after in (timedelta(hours=11), timedelta(hours=12), timedelta(days=7), timedelta(days=7, hours=2)):
        duties.sweep_sign_ins(NOW + after)
        left.append((count(database, SignIn), count(database, OneTimeLink)))

    assert left == [(1, 1), (0, 1), (0, 1), (0, 0)]


class Sent:
    sent_key, sent_body = "k" * 22, "{}"


def test_keys_of_forms_are_forgotten_after_thirty_days(database: Database) -> None:
    with database.writing() as session:
        claim(session, form=Sent(), actor="member:ines", now=NOW)
        led_to(session, form=Sent(), actor="member:ines", location="/backoffice")

    left = []
    for after in (FORM_KEYS_KEPT, FORM_KEYS_KEPT + timedelta(seconds=1)):
        duties.sweep_forms(NOW + after)
        left.append(count(database, FormKey))

    assert left == [1, 0]


def test_each_duty_has_a_name_of_its_own_and_runs_on_an_empty_instance(database: Database) -> None:
    for duty in duties.DUTIES:
        duty.run(NOW)

    assert len({duty.name for duty in duties.DUTIES}) == len(duties.DUTIES)
    assert all(timedelta(0) < duty.every <= timedelta(days=1) for duty in duties.DUTIES)
    with database.reading() as session:
        assert events.all_events(session) == []
