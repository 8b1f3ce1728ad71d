"""A seat that is offered: accepted, declined, extended, and the wishes of those who wait, on real databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.registration import actions, queries
from tests.cast import KARIM, LUCIE, MARC, NORA
from tests.registration.line import ANSWER_BY, FREEZE, HOUR, LAST_DAY, MORNING, Line

SECOND = timedelta(seconds=1)


@pytest.fixture
def line(database: Database) -> Line:
    return Line(database)


def offered(line: Line) -> tuple[object, ...]:
    """Karim has left in the week before; Lucie is asked by a mail that has gone, Marc waits."""
    karim, lucie, marc = line.join(KARIM, LUCIE, MARC)
    line.leave(karim, now=MORNING)
    line.mailed(lucie, now=MORNING)
    return karim, lucie, marc


def test_in_the_week_before_a_free_seat_is_offered_and_counted(line: Line) -> None:
    karim, lucie, _marc = line.join(KARIM, LUCIE, MARC)

    line.leave(karim, now=MORNING)

    row = line.row(lucie)
    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "offered", 1), ("Marc", "waitlisted", 1)]
    assert (row.asked_at, row.answer_by, row.started_at, row.expires_at) == (MORNING, ANSWER_BY, None, FREEZE)
    assert line.books == (1, 1, 1)
    assert line.mails[3:] == [("Karim", "cancelled"), ("Lucie", "offered")]


def test_accepting_takes_no_further_seat(line: Line) -> None:
    _karim, lucie, _marc = offered(line)

    line.do(actions.accept, lucie, now=MORNING + HOUR)

    row = line.row(lucie)
    assert (row.state, row.cause, row.confirmed_at, row.answer_by, row.expires_at) == ("confirmed", "accepted", MORNING + HOUR, None, None)
    assert line.books == (1, 1, 1)
    assert line.mails[-1] == ("Lucie", "confirmed")


def test_accepting_twice_changes_nothing_more(line: Line) -> None:
    _karim, lucie, _marc = offered(line)
    line.do(actions.accept, lucie, now=MORNING + HOUR)
    before = line.dump()

    line.do(actions.accept, lucie, now=MORNING + 2 * HOUR)

    assert line.dump() == before


def test_an_offer_is_accepted_up_to_its_last_second(line: Line) -> None:
    _karim, lucie, _marc = offered(line)

    assert line.do(actions.accept, lucie, now=ANSWER_BY - SECOND).state == "confirmed"


@pytest.mark.parametrize("verb", [actions.accept, actions.decline])
def test_an_offer_is_over_at_its_end(line: Line, verb: object) -> None:
    _karim, lucie, _marc = offered(line)
    line.tend(now=ANSWER_BY)

    with pytest.raises(Refused) as refused:
        line.do(verb, lucie, now=ANSWER_BY)  # type: ignore[arg-type]

    assert refused.value.code == "offer.over"
    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "waitlisted", 1), ("Marc", "offered", 1)]


def test_an_answer_that_is_late_finds_the_seat_gone_though_no_timer_ran(line: Line) -> None:
    _karim, lucie, _marc = offered(line)

    with pytest.raises(Refused) as refused:
        line.do(actions.accept, lucie, now=ANSWER_BY)

    assert refused.value.code == "offer.over"


def test_a_seat_declined_goes_to_the_next_in_the_same_transaction(line: Line) -> None:
    _karim, lucie, _marc = offered(line)

    line.do(actions.decline, lucie, now=MORNING + HOUR)

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "declined", 1), ("Marc", "offered", 1)]
    assert line.books == (1, 1, 1)
    assert line.mails[-2:] == [("Lucie", "declined"), ("Marc", "offered")]


def test_declining_twice_frees_one_seat(line: Line) -> None:
    _karim, lucie, _marc = offered(line)
    line.do(actions.decline, lucie, now=MORNING + HOUR)
    before = line.dump()

    line.do(actions.decline, lucie, now=MORNING + HOUR)

    assert line.dump() == before


def test_a_confirmed_seat_is_not_declined(line: Line) -> None:
    karim = line.join(KARIM)[0]

    with pytest.raises(Refused) as refused:
        line.do(actions.decline, karim, now=MORNING)

    assert refused.value.code == "offer.over"


def test_two_waking_hours_more_are_given_once(line: Line) -> None:
    _karim, lucie, _marc = offered(line)
    version = line.row(lucie).version

    line.do(actions.extend, lucie, version=version, by_organiser=False, now=MORNING + HOUR)

    row = line.row(lucie)
    assert (row.answer_by, row.expires_at, row.extensions) == (ANSWER_BY + 2 * HOUR, ANSWER_BY + 2 * HOUR, 1)
    assert line.mails[-1] == ("Lucie", "extended")
    with pytest.raises(Refused) as refused:
        line.do(actions.extend, lucie, version=row.version, by_organiser=False, now=MORNING + HOUR)
    assert refused.value.code == "offer.extended_already"


def test_a_repeated_request_for_more_time_gives_it_once(line: Line) -> None:
    _karim, lucie, _marc = offered(line)
    version = line.row(lucie).version
    line.do(actions.extend, lucie, version=version, by_organiser=False, now=MORNING + HOUR)
    before = line.dump()

    line.do(actions.extend, lucie, version=version, by_organiser=False, now=MORNING + HOUR)

    assert line.dump() == before


def test_an_extension_pauses_at_night(line: Line) -> None:
    _karim, lucie, _marc = offered(line)
    for _ in range(3):
        line.do(actions.extend, lucie, version=line.row(lucie).version, by_organiser=True, now=MORNING + HOUR)

    assert line.row(lucie).answer_by == ANSWER_BY + 6 * HOUR + 11 * HOUR  # 19:00, 21:00, then 8:00 and two more


def test_no_offer_is_extended_while_its_seat_is_wanted_back(line: Line) -> None:
    _karim, lucie, _marc = offered(line)
    line.set_limit(0, now=MORNING + HOUR)

    with pytest.raises(Refused) as refused:
        line.do(actions.extend, lucie, version=line.row(lucie).version, by_organiser=False, now=MORNING + HOUR)

    assert refused.value.code == "offer.deficit"


def test_no_offer_outlives_the_freeze(line: Line) -> None:
    karim, lucie = line.join(KARIM, LUCIE)
    line.leave(karim, now=LAST_DAY - SECOND)
    line.mailed(lucie, now=FREEZE - HOUR)
    assert line.row(lucie).expires_at == FREEZE

    with pytest.raises(Refused) as refused:
        line.do(actions.extend, lucie, version=line.row(lucie).version, by_organiser=False, now=FREEZE - HOUR)

    assert refused.value.code == "offer.no_later"


def test_a_deficit_is_not_offered(line: Line) -> None:
    _karim, lucie, _marc = offered(line)
    line.set_limit(0, now=MORNING + HOUR)

    line.do(actions.decline, lucie, now=MORNING + HOUR)

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "declined", 1), ("Marc", "waitlisted", 1)]
    assert line.books == (0, 0, 0)


def test_an_offer_is_accepted_in_a_deficit(line: Line) -> None:
    _karim, lucie, _marc = offered(line)
    line.set_limit(0, now=MORNING + HOUR)

    assert line.do(actions.accept, lucie, now=MORNING + 2 * HOUR).state == "confirmed"
    assert line.books == (1, 1, 1)


def test_who_wishes_it_is_confirmed_without_being_asked(line: Line) -> None:
    karim, lucie, _marc = line.join(KARIM, LUCIE, MARC)
    line.do(actions.wish, lucie, auto_until="last_day", accept_partial=False, now=MORNING)

    line.leave(karim, now=MORNING)

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "confirmed", 1), ("Marc", "waitlisted", 1)]


def test_who_wishes_to_be_asked_is_asked_even_early(line: Line) -> None:
    karim, lucie, _marc = line.join(KARIM, LUCIE, MARC)
    line.do(actions.wish, lucie, auto_until="never", accept_partial=False, now=MORNING - timedelta(days=10))

    line.leave(karim, now=MORNING - timedelta(days=10))

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "offered", 1), ("Marc", "waitlisted", 1)]


def test_on_the_last_day_only_who_can_come_at_short_notice_is_seated(line: Line) -> None:
    karim, _lucie, marc = line.join(KARIM, LUCIE, MARC)
    line.do(actions.wish, marc, auto_until="freeze", accept_partial=False, now=LAST_DAY)

    line.leave(karim, now=LAST_DAY)

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "waitlisted", 1), ("Marc", "confirmed", 1)]


def test_a_wish_keeps_the_place_and_seats_at_once_where_there_is_room(line: Line) -> None:
    karim, lucie, marc = line.join(KARIM, LUCIE, MARC)
    line.leave(karim, now=LAST_DAY)
    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "waitlisted", 1), ("Marc", "waitlisted", 1)]
    places = (lucie.seq, marc.seq)

    line.do(actions.wish, marc, auto_until="freeze", accept_partial=False, now=LAST_DAY + HOUR)

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "waitlisted", 1), ("Marc", "confirmed", 1)]
    assert (line.row(lucie).seq, line.row(marc).seq) == places


def test_after_the_freeze_nobody_is_seated_online(line: Line) -> None:
    karim, lucie = line.join(KARIM, LUCIE)
    line.do(actions.wish, lucie, auto_until="freeze", accept_partial=False, now=LAST_DAY)

    line.leave(karim, now=FREEZE)

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "waitlisted", 1)]


def test_only_who_waits_or_is_asked_has_wishes(line: Line) -> None:
    karim = line.join(KARIM)[0]

    with pytest.raises(Refused) as refused:
        line.do(actions.wish, karim, auto_until="never", accept_partial=False, now=MORNING)

    assert refused.value.code == "registration.not_waiting"


def test_a_part_of_a_party_is_seated_where_it_wishes_so_and_the_rest_keeps_its_place(line: Line) -> None:
    karim = line.join(KARIM)[0]
    lucie = line.join(LUCIE, size=3, names=(("Léo", "Fictif"), ("Léa", "Fictif")))[0]
    marc = line.join(MARC)[0]
    line.do(actions.wish, lucie, auto_until="offers", accept_partial=True, now=MORNING - timedelta(days=10))

    line.leave(karim, now=MORNING - timedelta(days=10))

    assert sorted(line.states) == [
        ("Karim", "cancelled", 1),
        ("Lucie", "confirmed", 1),
        ("Lucie", "waitlisted", 2),
        ("Marc", "waitlisted", 1),
    ]
    assert line.order == ["Lucie", "Marc"]
    assert line.books == (1, 1, 1)
    line.leave(lucie, now=MORNING - timedelta(days=9))  # all of it: those who wait leave too
    assert line.row(marc).state == "confirmed"
    assert line.order == []


def test_a_party_that_does_not_wish_it_is_never_parted(line: Line) -> None:
    karim = line.join(KARIM)[0]
    line.join(LUCIE, size=3)
    marc = line.join(MARC)[0]

    line.leave(karim, now=MORNING)

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "waitlisted", 3), ("Marc", "offered", 1)]
    assert line.row(marc).size == 1


def test_a_newcomer_does_not_take_a_seat_that_is_offered(line: Line) -> None:
    offered(line)

    nora = line.join(NORA, now=MORNING + HOUR)[0]

    assert line.row(nora).state == "waitlisted"
    assert line.books == (1, 1, 1)


def test_two_parts_of_one_party_in_the_same_place_are_both_seated_at_once(database: Database) -> None:
    """Both were taken back for want of seats: same class, same place, same shape."""
    line = Line(database, limit=3)
    karim = line.join(KARIM)[0]
    line.join(NORA)
    lucie = line.join(LUCIE, size=2, accept_partial=True)[0]  # one is seated, the other waits
    line.leave(karim, now=MORNING - timedelta(days=10))
    with database.reading() as session:
        part = queries.parts_of(session, line.row(lucie))[0]
    line.set_limit(0, now=MORNING - timedelta(days=9))
    for one in (lucie, part):
        line.do(actions.revoke, one, reason="Moins de chaises.", now=MORNING - timedelta(days=9))
    assert line.states[2:] == [("Lucie", "waitlisted", 1), ("Lucie", "waitlisted", 1)]

    line.set_limit(3, now=MORNING - timedelta(days=8))

    assert line.states[2:] == [("Lucie", "confirmed", 1), ("Lucie", "confirmed", 1)]
