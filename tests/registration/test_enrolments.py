"""Places in sessions of the programme: who has one, who waits, and what becomes of two at one time; on real databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions, queries, rules
from eventapp.registration.models import SeatEntry
from eventapp.registration.rules import DEFAULTS, Turn
from tests.cast import KARIM, LUCIE, MARC, NORA, PAUL
from tests.factories import NOW
from tests.registration.programme import DAY, EIGHT, NINE, SEVEN, Programme, When


@pytest.fixture
def programme(database: Database) -> Programme:
    return Programme(database, limit=10)


def test_who_enrols_first_has_the_place_and_the_next_waits(programme: Programme) -> None:
    karim, lucie, marc = programme.join(KARIM, LUCIE, MARC)
    bim = programme.slot("BIM")

    for one in (lucie, karim, marc):
        programme.enrol(one, bim)

    assert programme.places == [("Lucie", "BIM", "confirmed"), ("Karim", "BIM", "waitlisted"), ("Marc", "BIM", "waitlisted")]
    assert programme.counted == {"BIM": (1, 1, 1)}
    assert programme.mails[3:] == [("Lucie", "confirmed"), ("Karim", "waitlisted"), ("Marc", "waitlisted")]
    assert programme.faults() == []


def test_a_place_given_back_is_the_next_ones_in_the_same_moment(programme: Programme) -> None:
    karim, lucie, marc = programme.join(KARIM, LUCIE, MARC)
    bim = programme.slot("BIM")
    first = programme.enrol(karim, bim)
    programme.enrol(lucie, bim)
    programme.enrol(marc, bim)

    programme.say(actions.leave_session, karim, first)
    programme.say(actions.leave_session, karim, first)  # again: nothing more

    assert programme.places == [("Karim", "BIM", "cancelled"), ("Lucie", "BIM", "confirmed"), ("Marc", "BIM", "waitlisted")]
    assert programme.counted == {"BIM": (1, 1, 1)}
    assert programme.mails[6:] == [("Karim", "cancelled"), ("Lucie", "promoted")]
    assert programme.faults() == []


def test_who_leaves_the_event_leaves_its_sessions_and_the_next_have_their_places(programme: Programme) -> None:
    karim, lucie = programme.join(KARIM, LUCIE)
    bim, rfid = programme.slot("BIM"), programme.slot("RFID", at=EIGHT, until=NINE)
    programme.enrol(karim, bim)
    programme.enrol(karim, rfid)
    programme.enrol(lucie, bim)

    programme.leave(karim, now=NOW)

    assert programme.places == [("Karim", "BIM", "cancelled"), ("Karim", "RFID", "cancelled"), ("Lucie", "BIM", "confirmed")]
    assert programme.counted == {"BIM": (1, 1, 1), "RFID": (0, 0, 0)}
    assert programme.mails[-2:] == [("Karim", "cancelled"), ("Lucie", "promoted")]
    assert programme.faults() == []


def test_one_of_a_party_who_leaves_takes_only_their_own_place_along(programme: Programme) -> None:
    (party,) = programme.join(KARIM, size=2)
    bim = programme.slot("BIM", places=2)
    programme.enrol(party, bim, position=1)
    programme.enrol(party, bim, position=2)
    with programme.database.reading() as session:
        second = queries.attendees_of(session, [party.id])[party.id][1][0]

    programme.do(actions.give_back, party, attendee_ids=[second.id], by_organiser=False, now=NOW)

    assert [state for _who, _what, state in programme.places] == ["confirmed", "cancelled"]
    assert programme.counted == {"BIM": (1, 1, 1)}
    assert programme.faults() == []


def test_a_revoked_seat_ends_the_places_in_sessions(programme: Programme) -> None:
    (karim,) = programme.join(KARIM)
    programme.enrol(karim, programme.slot("BIM"))

    programme.do(actions.revoke, karim, reason="misuse", now=NOW)

    assert programme.places == [("Karim", "BIM", "cancelled")]
    assert programme.counted == {"BIM": (0, 0, 0)}


def test_more_places_go_to_the_first_who_wait_and_fewer_take_nobodys(programme: Programme) -> None:
    karim, lucie, marc = programme.join(KARIM, LUCIE, MARC)
    bim = programme.slot("BIM")
    for one in (karim, lucie, marc):
        programme.enrol(one, bim)

    programme.move(bim, at=SEVEN, until=EIGHT, places=2)
    assert [state for _who, _what, state in programme.places] == ["confirmed", "confirmed", "waitlisted"]
    programme.move(bim, at=SEVEN, until=EIGHT, places=1)
    assert [state for _who, _what, state in programme.places] == ["confirmed", "confirmed", "waitlisted"]
    programme.leave(karim, now=NOW)  # makes up for the one above the limit: nobody is given it

    assert [state for _who, _what, state in programme.places] == ["cancelled", "confirmed", "waitlisted"]
    assert programme.counted == {"BIM": (1, 1, 1)}
    assert programme.faults() == []


def test_two_sessions_one_after_the_other_are_no_swap(programme: Programme) -> None:
    (karim,) = programme.join(KARIM)

    programme.enrol(karim, programme.slot("BIM", at=SEVEN, until=EIGHT))
    programme.enrol(karim, programme.slot("RFID", at=EIGHT, until=NINE))

    assert programme.places == [("Karim", "BIM", "confirmed"), ("Karim", "RFID", "confirmed")]
    assert programme.faults() == []


def test_who_has_a_place_at_that_time_is_asked_and_keeps_it_meanwhile(programme: Programme) -> None:
    (karim,) = programme.join(KARIM)
    bim, rfid = programme.slot("BIM"), programme.slot("RFID")
    programme.enrol(karim, bim)

    asked = programme.enrol(karim, rfid)

    assert programme.places == [("Karim", "BIM", "confirmed"), ("Karim", "RFID", "offered")]
    assert programme.counted == {"BIM": (1, 1, 1), "RFID": (1, 1, 1)}
    assert programme.mails[-1] == ("Karim", "offered")
    programme.say(actions.accept_swap, karim, asked)
    programme.say(actions.accept_swap, karim, asked)  # again: nothing more
    assert programme.places == [("Karim", "BIM", "cancelled"), ("Karim", "RFID", "confirmed")]
    assert programme.counted == {"BIM": (0, 0, 0), "RFID": (1, 1, 1)}
    assert programme.mails[-1] == ("Karim", "confirmed")
    assert programme.faults() == []


def test_who_declines_keeps_the_place_they_have_and_the_next_has_the_other(programme: Programme) -> None:
    karim, lucie = programme.join(KARIM, LUCIE)
    bim, rfid = programme.slot("BIM"), programme.slot("RFID")
    programme.enrol(karim, bim)
    asked = programme.enrol(karim, rfid)
    programme.enrol(lucie, rfid)

    programme.say(actions.decline_swap, karim, asked)
    programme.say(actions.decline_swap, karim, asked)

    assert programme.places == [("Karim", "BIM", "confirmed"), ("Karim", "RFID", "declined"), ("Lucie", "RFID", "confirmed")]
    assert programme.mails[-2:] == [("Karim", "declined"), ("Lucie", "promoted")]
    with pytest.raises(Refused, match=r"offer\.over"):
        programme.say(actions.accept_swap, karim, asked)
    assert programme.faults() == []


def test_who_said_so_is_swapped_without_being_asked_and_the_old_place_passes_on(programme: Programme) -> None:
    karim, lucie, marc = programme.join(KARIM, LUCIE, MARC)
    bim, rfid = programme.slot("BIM"), programme.slot("RFID")
    programme.enrol(karim, bim)
    held = programme.enrol(lucie, rfid)
    programme.enrol(marc, bim)
    programme.enrol(karim, rfid, swap=True)

    programme.say(actions.leave_session, lucie, held)

    assert programme.places == [
        ("Karim", "BIM", "cancelled"),
        ("Lucie", "RFID", "cancelled"),
        ("Marc", "BIM", "confirmed"),
        ("Karim", "RFID", "confirmed"),
    ]
    assert programme.counted == {"BIM": (1, 1, 1), "RFID": (1, 1, 1)}
    assert programme.mails[-3:] == [("Lucie", "cancelled"), ("Karim", "promoted"), ("Marc", "promoted")]
    assert programme.faults() == []


def test_a_swap_takes_the_new_place_before_it_frees_the_old_one(programme: Programme) -> None:
    (karim,) = programme.join(KARIM)
    bim, rfid = programme.slot("BIM"), programme.slot("RFID")
    programme.enrol(karim, bim)

    programme.enrol(karim, rfid, swap=True)

    with programme.database.reading() as session:
        rows = session.scalars(select(SeatEntry).where(SeatEntry.enrolment_id.is_not(None)).order_by(SeatEntry.id))
        moved = [(row.quota_id, row.delta) for row in rows]
    assert moved == [(bim.quota_id, 1), (rfid.quota_id, 1), (bim.quota_id, -1)]


def test_while_somebody_chooses_between_two_the_next_in_line_is_given_a_third(programme: Programme) -> None:
    karim, lucie = programme.join(KARIM, LUCIE)
    bim, rfid, iot = programme.slot("BIM"), programme.slot("RFID"), programme.slot("IoT", places=0)
    programme.enrol(karim, bim)
    programme.enrol(karim, rfid)  # is asked
    programme.enrol(karim, iot)
    programme.enrol(lucie, iot)

    programme.move(iot, at=SEVEN, until=EIGHT, places=1)

    assert programme.places[2:] == [("Karim", "IoT", "waitlisted"), ("Lucie", "IoT", "confirmed")]
    assert programme.faults() == []


def test_who_does_not_choose_in_time_keeps_the_old_place_and_goes_to_the_end(programme: Programme) -> None:
    karim, lucie = programme.join(KARIM, LUCIE)
    bim, rfid = programme.slot("BIM"), programme.slot("RFID")
    programme.enrol(karim, bim)
    programme.enrol(karim, rfid)
    programme.enrol(lucie, rfid)
    programme.mailed(karim, now=NOW)

    programme.tend(now=NOW + timedelta(hours=24))

    assert programme.places == [("Karim", "BIM", "confirmed"), ("Karim", "RFID", "waitlisted"), ("Lucie", "RFID", "confirmed")]
    assert programme.mails[-2:] == [("Karim", "lapsed"), ("Lucie", "promoted")]
    assert programme.faults(NOW + timedelta(hours=24)) == []


def test_the_clock_of_an_offer_does_not_run_while_its_mail_waits(programme: Programme) -> None:
    (karim,) = programme.join(KARIM)
    programme.enrol(karim, programme.slot("BIM"))
    asked = programme.enrol(karim, programme.slot("RFID"))
    later = NOW + timedelta(hours=30)

    programme.tend(now=later)
    assert programme.places[1] == ("Karim", "RFID", "offered")
    programme.mailed(karim, now=later)

    with programme.database.reading() as session:
        row = queries.enrolment(session, programme.event_id, asked.public_id)
    assert row is not None
    assert (row.lapses, row.started_at, row.expires_at) == (
        0,
        later,
        rules.swap_by(When(SEVEN, EIGHT), "Europe/Paris", DEFAULTS, offered_at=later),
    )


def test_nobody_is_given_a_place_in_the_last_quarter_of_an_hour(programme: Programme) -> None:
    karim, lucie = programme.join(KARIM, LUCIE)
    bim = programme.slot("BIM")
    programme.enrol(karim, bim)
    programme.enrol(lucie, bim)
    late = SEVEN - timedelta(minutes=15)

    programme.leave(karim, now=late)

    assert programme.places == [("Karim", "BIM", "cancelled"), ("Lucie", "BIM", "waitlisted")]
    with pytest.raises(Refused, match=r"enrolment\.too_late"):
        programme.enrol(lucie, programme.slot("RFID"), now=late)
    assert programme.faults(late) == []


def test_a_session_that_moves_takes_nobodys_place(programme: Programme) -> None:
    (karim,) = programme.join(KARIM)
    bim, rfid = programme.slot("BIM"), programme.slot("RFID", at=EIGHT, until=NINE)
    programme.enrol(karim, bim)
    programme.enrol(karim, rfid)

    programme.move(rfid, at=SEVEN, until=EIGHT, now=NOW + timedelta(hours=1))

    assert programme.places == [("Karim", "BIM", "confirmed"), ("Karim", "RFID", "confirmed")]
    assert programme.faults() == []


def test_a_session_that_moves_to_later_gives_its_free_places_again(programme: Programme) -> None:
    karim, lucie = programme.join(KARIM, LUCIE)
    bim = programme.slot("BIM")
    programme.enrol(karim, bim)
    programme.enrol(lucie, bim)
    late = SEVEN - timedelta(minutes=10)
    programme.leave(karim, now=late)

    programme.move(bim, at=EIGHT, until=NINE, now=late)

    assert programme.places == [("Karim", "BIM", "cancelled"), ("Lucie", "BIM", "confirmed")]


def test_enrolling_again_changes_nothing(programme: Programme) -> None:
    (karim,) = programme.join(KARIM)
    bim = programme.slot("BIM")
    programme.enrol(karim, bim)
    before = programme.dump()

    programme.enrol(karim, bim)

    assert programme.dump() == before


def test_only_who_has_a_seat_may_enrol(programme: Programme) -> None:
    bim = programme.slot("BIM")
    programme.set_limit(1, now=NOW)
    _karim, nora = programme.join(KARIM, NORA)
    before = programme.dump()

    with pytest.raises(Refused, match=r"enrolment\.not_seated"):
        programme.enrol(nora, bim)
    with pytest.raises(Refused, match=r"registration\.attendee_unknown"):
        programme.enrol(_karim, bim, position=2)

    assert programme.dump() == before


def test_nobody_touches_the_place_of_somebody_else(programme: Programme) -> None:
    karim, paul = programme.join(KARIM, PAUL)
    one = programme.enrol(karim, programme.slot("BIM"))
    before = programme.dump()

    with pytest.raises(Refused, match=r"enrolment\.unknown"):
        programme.say(actions.leave_session, paul, one)

    assert programme.dump() == before


def test_a_session_with_people_in_it_is_not_withdrawn_and_an_empty_one_takes_nobody_any_more(programme: Programme) -> None:
    (karim,) = programme.join(KARIM)
    bim = programme.slot("BIM")
    one = programme.enrol(karim, bim)

    def withdraw() -> None:
        with programme.database.writing() as session:
            actions.withdraw_slot(session, event_id=programme.event_id, slot_id=bim.id, actor=OPERATOR, now=NOW)

    with pytest.raises(Refused, match=r"slot\.in_use"):
        withdraw()
    programme.say(actions.leave_session, karim, one)
    withdraw()
    with pytest.raises(Refused, match=r"enrolment\.withdrawn"):
        programme.enrol(karim, bim)

    assert programme.counted == {}
    assert programme.faults() == []


def test_what_still_waits_ends_with_the_event(programme: Programme) -> None:
    karim, lucie = programme.join(KARIM, LUCIE)
    bim = programme.slot("BIM")
    programme.enrol(karim, bim)
    programme.enrol(lucie, bim)
    before = programme.mails
    late = programme.house.event.ends_at + timedelta(hours=2)

    with programme.database.writing() as session:
        ended = actions.close(session, event_id=programme.event_id, now=late)
    with programme.database.reading() as session:
        left = queries.unclosed_event_ids(session, late)

    assert (ended, left) == (1, [])
    assert programme.places == [("Karim", "BIM", "confirmed"), ("Lucie", "BIM", "expired")]
    assert programme.mails == before


OFFERED = datetime(2027, 9, 20, 8, 0, tzinfo=UTC)  # Monday, 10:00 in Paris


@pytest.mark.parametrize(
    ("offered_at", "starts_at", "until"),
    [
        # 81 hours to go: a quarter is more than the most, twelve waking hours: eleven today, one tomorrow from 8:00.
        (OFFERED, datetime(2027, 9, 23, 17, 0, tzinfo=UTC), datetime(2027, 9, 21, 7, 0, tzinfo=UTC)),
        # The day itself: plain time, a quarter of eight hours.
        (datetime(2027, 9, 23, 9, 0, tzinfo=UTC), datetime(2027, 9, 23, 17, 0, tzinfo=UTC), datetime(2027, 9, 23, 11, 0, tzinfo=UTC)),
        # Half an hour to go: a quarter of an hour at the least, which is the closing.
        (datetime(2027, 9, 23, 16, 30, tzinfo=UTC), datetime(2027, 9, 23, 17, 0, tzinfo=UTC), datetime(2027, 9, 23, 16, 45, tzinfo=UTC)),
        # The evening before, at 20:00, for 10:00: three and a half hours, of which one before quiet: 10:30 would be too late.
        (datetime(2027, 9, 22, 18, 0, tzinfo=UTC), datetime(2027, 9, 23, 8, 0, tzinfo=UTC), datetime(2027, 9, 23, 7, 45, tzinfo=UTC)),
    ],
)
def test_the_time_to_choose_is_a_quarter_of_what_is_left(offered_at: datetime, starts_at: datetime, until: datetime) -> None:
    span = When(starts_at, starts_at + timedelta(hours=1))

    assert rules.swap_by(span, "Europe/Paris", DEFAULTS, offered_at=offered_at) == until


SPANS = st.builds(
    lambda start, length: When(DAY + timedelta(minutes=start), DAY + timedelta(minutes=start + length)),
    st.integers(0, 300),
    st.integers(1, 120),
)


@given(one=SPANS, other=SPANS)
def test_two_sessions_overlap_if_and_only_if_they_share_a_minute(one: When, other: When) -> None:
    def minutes(span: When) -> set[int]:
        return set(range(int((span.starts_at - DAY).total_seconds()) // 60, int((span.ends_at - DAY).total_seconds()) // 60))

    assert rules.overlap(one, other) == bool(minutes(one) & minutes(other))
    assert rules.overlap(one, other) == rules.overlap(other, one)


@given(wanted=SPANS, has=st.lists(SPANS, max_size=3), is_offered=st.lists(SPANS, max_size=2), swap=st.booleans())
def test_a_turn_takes_nothing_from_who_did_not_say_so(wanted: When, has: list[When], is_offered: list[When], swap: bool) -> None:
    turn = rules.turn(wanted, has=has, is_offered=is_offered, swap=swap)
    busy = any(rules.overlap(wanted, one) for one in has)
    choosing = any(rules.overlap(wanted, one) for one in is_offered)

    assert (turn == Turn.NOT_NOW) == choosing
    assert choosing or (turn == Turn.SEAT) == (not busy)
    assert choosing or (turn == Turn.SWAP) == (busy and swap)
