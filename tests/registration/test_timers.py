"""What the clock does to the line, whenever it is looked at: late is as good as in time, on real databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from eventapp.events.models import Event
from eventapp.lib.db import Database
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration
from tests.cast import KARIM, LUCIE, MARC, NORA
from tests.factories import NOW
from tests.registration.line import ANSWER_BY, FREEZE, HOUR, LAST_DAY, MORNING, WEEK_BEFORE, Line


@pytest.fixture
def line(database: Database) -> Line:
    return Line(database)


def offered(line: Line) -> tuple[Registration, Registration, Registration]:
    """Karim has left in the week before; Lucie is asked by a mail that has gone, Marc waits."""
    karim, lucie, marc = line.join(KARIM, LUCIE, MARC)
    line.leave(karim, now=MORNING)
    line.mailed(lucie, now=MORNING)
    return karim, lucie, marc


def facts(line: Line) -> list[tuple[object, ...]]:
    """What each party has come to, and when."""
    with line.database.reading() as session:
        return [
            (row.first_name, row.state, row.seq, row.lapses, row.asked_at, row.answer_by, row.expires_at, row.changed_at)
            for row in queries.all_registrations(session, line.event_id)
        ]


def test_the_clock_of_an_offer_runs_from_the_moment_its_mail_has_left(line: Line) -> None:
    karim, lucie, _marc = line.join(KARIM, LUCIE, MARC)
    line.leave(karim, now=MORNING)

    line.mailed(lucie, now=MORNING + 3 * HOUR)

    row = line.row(lucie)
    assert (row.started_at, row.expires_at, row.remind_at) == (
        MORNING + 3 * HOUR,
        ANSWER_BY + 3 * HOUR,
        MORNING + 3 * HOUR + timedelta(hours=15, minutes=30),
    )


def test_a_mail_that_leaves_twice_starts_one_clock(line: Line) -> None:
    offered(line)
    before = line.dump()

    with line.database.reading() as session:
        lucie = session.scalars(select(Registration).where(Registration.first_name == "Lucie")).one()
    line.mailed(lucie, now=MORNING + 5 * HOUR)

    assert line.dump() == before


def test_an_offer_whose_mail_has_not_left_does_not_lapse(line: Line) -> None:
    karim, lucie, _marc = line.join(KARIM, LUCIE, MARC)
    line.leave(karim, now=MORNING)

    line.tend(now=ANSWER_BY + HOUR)

    assert line.row(lucie).state == "offered"


def test_an_unanswered_offer_goes_to_the_next_and_its_holder_to_the_end(line: Line) -> None:
    offered(line)
    line.join(NORA, now=MORNING + HOUR)

    line.tend(now=ANSWER_BY)

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "waitlisted", 1), ("Marc", "offered", 1), ("Nora", "waitlisted", 1)]
    assert line.order == ["Nora", "Lucie"]
    assert line.books == (1, 1, 1)
    assert line.mails[-2:] == [("Lucie", "lapsed"), ("Marc", "offered")]


def test_not_a_second_before_its_end(line: Line) -> None:
    _karim, lucie, _marc = offered(line)

    line.tend(now=ANSWER_BY - timedelta(seconds=1))

    assert line.row(lucie).state == "offered"


def test_the_second_offer_without_an_answer_ends_it(line: Line) -> None:
    _karim, lucie, marc = offered(line)
    line.tend(now=ANSWER_BY)
    line.do(actions.decline, marc, now=ANSWER_BY + timedelta(minutes=1))
    line.mailed(lucie, now=ANSWER_BY + timedelta(minutes=1))
    second = line.row(lucie).expires_at
    assert second is not None

    line.tend(now=second)

    row = line.row(lucie)
    assert (row.state, row.cause, row.lapses) == ("expired", "unanswered", 2)
    assert line.books == (0, 0, 0)
    assert line.mails[-1] == ("Lucie", "expired")


def test_a_timer_that_runs_again_changes_nothing(line: Line) -> None:
    offered(line)
    line.tend(now=ANSWER_BY)
    before = line.dump()

    line.tend(now=ANSWER_BY)

    assert line.dump() == before


def test_late_is_as_good_as_in_time(database: Database) -> None:
    """Three offers end one after the other; whoever looks only afterwards finds what who looked each time would have left."""
    ends = []
    line = Line(database, limit=2)
    karim, lucie, marc, nora = line.join(KARIM, LUCIE, MARC, NORA)
    line.leave(karim, now=MORNING)
    line.leave(lucie, now=MORNING + HOUR)
    line.mailed(marc, now=MORNING)
    line.mailed(nora, now=MORNING + HOUR)
    for registration in (marc, nora):
        expires_at = line.row(registration).expires_at
        assert expires_at is not None
        ends.append(expires_at)

    line.tend(now=ends[-1] + 2 * HOUR)

    again = [(row[0], row[1], row[3], row[4]) for row in facts(line)]
    assert again == [
        ("Karim", "cancelled", 0, None),
        ("Lucie", "cancelled", 0, None),
        ("Marc", "offered", 1, ends[0]),  # alone at the end of the line, asked again at that very instant
        ("Nora", "offered", 1, ends[1]),
    ]
    assert line.books == (2, 2, 2)


def test_a_command_that_comes_late_settles_first(line: Line) -> None:
    """No worker ran: a registration finds the line as if one had."""
    offered(line)

    line.join(NORA, now=ANSWER_BY + HOUR)

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "waitlisted", 1), ("Marc", "offered", 1), ("Nora", "waitlisted", 1)]
    assert line.order == ["Lucie", "Nora"]
    asked = line.row(line.join(MARC, now=ANSWER_BY + HOUR)[0]).asked_at
    assert asked == ANSWER_BY


def test_one_mail_tells_what_a_command_has_come_to(line: Line) -> None:
    """Alone in line, whose offer lapses is asked again at once: one mail, of the offer."""
    karim, lucie = line.join(KARIM, LUCIE)
    line.leave(karim, now=MORNING)
    line.mailed(lucie, now=MORNING)

    line.tend(now=ANSWER_BY)

    assert line.row(lucie).state == "offered"
    assert line.mails == [
        ("Karim", "confirmed"),
        ("Lucie", "waitlisted"),
        ("Karim", "cancelled"),
        ("Lucie", "offered"),
        ("Lucie", "offered"),
    ]


def test_a_reminder_is_sent_once_at_half_time(line: Line) -> None:
    _karim, lucie, _marc = offered(line)
    half = line.row(lucie).remind_at
    assert half == MORNING + (ANSWER_BY - MORNING) / 2

    for now in (half - timedelta(seconds=1), half, half + HOUR):
        line.tend(now=now)

    assert [mail for mail in line.mails if mail[1] == "reminder"] == [("Lucie", "reminder")]


def test_who_has_answered_is_not_reminded(line: Line) -> None:
    _karim, lucie, _marc = offered(line)
    line.do(actions.accept, lucie, now=MORNING + HOUR)

    line.tend(now=ANSWER_BY - HOUR)

    assert [mail for mail in line.mails if mail[1] == "reminder"] == []


def test_seats_set_aside_go_to_the_line_when_their_guard_ends(database: Database) -> None:
    line = Line(database, limit=2)
    with database.writing() as session:
        actions.create_quota(
            session,
            event_id=line.event_id,
            name="partenaires",
            limit=1,
            protects_id=line.house.quota.id,
            protected_until=WEEK_BEFORE - HOUR,
            actor=OPERATOR,
            now=NOW,
        )
    line.join(KARIM, LUCIE)
    assert line.states == [("Karim", "confirmed", 1), ("Lucie", "waitlisted", 1)]
    line.tend(now=WEEK_BEFORE - HOUR - timedelta(seconds=1))
    assert line.states == [("Karim", "confirmed", 1), ("Lucie", "waitlisted", 1)]

    line.tend(now=MORNING)

    lucie = next(row for row in facts(line) if row[0] == "Lucie")
    assert (lucie[1], lucie[7]) == ("confirmed", WEEK_BEFORE - HOUR)  # at its own instant: not offered, though this is the week before


def test_a_group_keeps_its_seats_until_the_week_before(database: Database) -> None:
    line = Line(database, limit=2)
    karim, _nora = line.join(KARIM, NORA)
    line.join(LUCIE, size=2)
    line.join(MARC)
    line.leave(karim, now=MORNING - timedelta(days=10))
    assert line.order == ["Lucie", "Marc"]

    line.tend(now=MORNING)

    assert [(row[0], row[1], row[4]) for row in facts(line)][2:] == [("Lucie", "waitlisted", None), ("Marc", "offered", WEEK_BEFORE)]


@pytest.mark.parametrize("state", ["draft", "called_off"])
def test_an_event_that_is_not_published_stands_still(line: Line, state: str) -> None:
    offered(line)
    with line.database.writing() as session:
        session.get_one(Event, line.event_id).state = state
    before = line.dump()

    line.tend(now=ANSWER_BY + HOUR)

    assert line.dump() == before


def test_on_the_last_day_those_who_wait_are_told_once_how_to_be_seated(line: Line) -> None:
    _karim, _lucie, marc, _nora = line.join(KARIM, LUCIE, MARC, NORA)
    line.do(actions.wish, marc, auto_until="freeze", accept_partial=False, now=MORNING)
    assert line.tell(now=LAST_DAY - timedelta(seconds=1)) == 0
    told = len(line.mails)

    assert (line.tell(now=LAST_DAY), line.tell(now=LAST_DAY + HOUR)) == (3, 0)

    assert line.mails[told:] == [("Lucie", "last_day"), ("Nora", "last_day")]  # Marc has said so already


def test_at_the_freeze_those_who_wait_are_told_once_that_the_list_is_closed(line: Line) -> None:
    line.join(KARIM, LUCIE, MARC)
    line.tell(now=LAST_DAY)
    told = len(line.mails)

    assert (line.tell(now=FREEZE), line.tell(now=FREEZE + HOUR)) == (2, 0)

    assert line.mails[told:] == [("Lucie", "frozen"), ("Marc", "frozen")]
