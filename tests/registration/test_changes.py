"""What a party changes of itself: its size, those who come as well, its ticket type. On real databases."""

from __future__ import annotations

import contextlib
import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventapp.journal import queries as entries
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import link_token
from eventapp.messages.models import Message
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import ANONYMOUS, OPERATOR, Role
from eventapp.registration import actions, queries, rules
from eventapp.registration.models import Attendee, Registration, SeatEntry, Ticket
from eventapp.registration.rules import Change, State
from eventapp.worker.mail import letter_for
from tests import factories
from tests.cast import INES, KARIM, LUCIE, MARC, NORA, PAUL
from tests.factories import KEYS, NOW
from tests.registration.line import FREEZE, Line


@pytest.fixture
def line(database: Database) -> Line:
    """Karim has the one seat; Lucie, Marc with a friend, Nora wait."""
    line = Line(database)
    line.join(KARIM, LUCIE)
    line.join(MARC, size=2)
    line.join(NORA)
    return line


def party(line: Line, name: str, number: int = 0) -> Registration:
    with line.database.reading() as session:
        return [row for row in queries.all_registrations(session, line.event_id) if row.first_name == name][number]


def resize(line: Line, name: str, size: int, *, version: int | None = None, by_organiser: bool = False, **more: Any) -> Registration:
    values = {"version": version, "by_organiser": by_organiser, "now": NOW} | more
    done: Registration = line.do(actions.resize, party(line, name), size=size, keys=KEYS, **values)
    return done


def enlarge(line: Line, name: str, by: int, *, version: int | None = None, by_organiser: bool = False, **more: Any) -> Registration:
    values = {"version": version, "by_organiser": by_organiser, "now": NOW} | more
    done: Registration = line.do(actions.enlarge, party(line, name), by=by, keys=KEYS, **values)
    return done


def change_type(line: Line, name: str, ticket_type_id: int, *, by_organiser: bool = False, number: int = 0, **more: Any) -> Registration:
    values = {"version": None, "by_organiser": by_organiser, "now": NOW} | more
    done: Registration = line.do(actions.change_type, party(line, name, number), ticket_type_id=ticket_type_id, **values)
    return done


def quota(line: Line, name: str, limit: int, **more: Any) -> int:
    with line.database.writing() as session:
        return actions.create_quota(session, event_id=line.event_id, name=name, limit=limit, actor=OPERATOR, now=NOW, **more).id


def kind(line: Line, slug: str, *quota_ids: int, **more: Any) -> int:
    with line.database.writing() as session:
        values = {"slug": slug, "name": {"fr": slug.title(), "en": slug.title()}, "quota_ids": list(quota_ids)} | more
        return actions.create_ticket_type(session, event_id=line.event_id, actor=OPERATOR, now=NOW, **values).id


def used(line: Line) -> dict[str, tuple[int, int, int]]:
    """For each quota: used, Σ ledger, Σ seated, which are always equal."""
    with line.database.reading() as session:
        sums, seats = queries.ledger_sums(session, line.event_id), queries.seats_by_quota(session, line.event_id)
        return {one.name: (one.used, sums.get(one.id, 0), seats.get(one.id, 0)) for one in queries.quotas(session, line.event_id)}


def moves(line: Line, registration: Registration) -> list[tuple[str, int, str]]:
    """The ledger of one party: quota, delta, cause."""
    with line.database.reading() as session:
        names = {one.id: one.name for one in queries.quotas(session, line.event_id)}
        entries = select(SeatEntry).where(SeatEntry.registration_id == registration.id).order_by(SeatEntry.id)
        return [(names[entry.quota_id], entry.delta, entry.cause) for entry in session.scalars(entries)]


def positions(line: Line, *registrations: Registration) -> list[list[int]]:
    """The numbers of those who come, with a ticket each, for each registration."""
    with line.database.reading() as session:
        found = queries.attendees_of(session, [row.id for row in registrations])
        return [[attendee.position for attendee, _ticket in found[row.id]] for row in registrations]


def refusal(call: Any, *about: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        call(*about, **more)
    return refused.value.code


# -- the size of a party that waits ----------------------------------------------------------------------------------------


def test_a_smaller_party_keeps_its_place(line: Line) -> None:
    marc = party(line, "Marc")

    resize(line, "Marc", 1)

    assert (line.order, party(line, "Marc").seq) == (["Lucie", "Marc", "Nora"], marc.seq)
    assert line.states[2] == ("Marc", "waitlisted", 1)
    assert positions(line, marc) == [[1]]
    assert line.mails[-1] == ("Marc", "resized")


def test_a_larger_party_goes_to_the_end_of_the_line_with_a_ticket_for_each(line: Line) -> None:
    lucie = party(line, "Lucie")

    resize(line, "Lucie", 3)

    assert line.order == ["Marc", "Nora", "Lucie"]
    assert line.states[1] == ("Lucie", "waitlisted", 3)
    assert positions(line, lucie) == [[1, 2, 3]]
    assert line.mails[-1] == ("Lucie", "resized")


def test_a_larger_party_goes_to_the_end_of_its_class(line: Line) -> None:
    line.set_limit(0, now=NOW)
    line.do(actions.revoke, party(line, "Karim"), reason="Salle plus petite.", now=NOW)

    resize(line, "Karim", 2)

    assert line.order == ["Karim", "Lucie", "Marc", "Nora"]


def test_who_left_is_not_counted_again(line: Line) -> None:
    marc = party(line, "Marc")

    resize(line, "Marc", 1)
    resize(line, "Marc", 3)

    assert positions(line, marc) == [[1, 3, 4]]
    with line.database.reading() as session:
        tickets = session.scalars(
            select(Ticket).join(Attendee, Attendee.id == Ticket.attendee_id).where(Attendee.registration_id == marc.id)
        )
        assert len({ticket.code_sha256 for ticket in tickets}) == 4


def test_a_party_that_fits_now_is_seated_and_told_once(line: Line) -> None:
    line.set_limit(3, now=NOW)
    assert line.order == ["Marc", "Nora"]
    mails = len(line.mails)

    resize(line, "Marc", 1)

    assert line.mails[mails:] == [("Marc", "promoted")]
    assert line.books == (3, 3, 3)


def test_named_persons_who_leave_a_party_that_waits_are_told_once_as_well(line: Line) -> None:
    line.set_limit(3, now=NOW)
    marc = party(line, "Marc")
    with line.database.reading() as session:
        first = queries.attendees_of(session, [marc.id])[marc.id][0][0].id
    mails = len(line.mails)

    line.do(actions.give_back, marc, attendee_ids=[first], by_organiser=False, now=NOW)

    assert line.mails[mails:] == [("Marc", "promoted")]
    assert positions(line, marc) == [[2]]
    assert party(line, "Marc").seq == marc.seq


def test_the_same_size_changes_nothing(line: Line) -> None:
    before = line.dump()

    resize(line, "Marc", 2)

    assert line.dump() == before


@pytest.mark.parametrize(
    ("name", "size", "more", "code"),
    [
        ("Lucie", 5, {}, "registration.party_too_large"),
        ("Lucie", 51, {"by_organiser": True}, "registration.party_too_large"),
        ("Lucie", 0, {}, "registration.party_too_large"),
        ("Lucie", 2, {"now": FREEZE}, "registration.closed"),
        ("Lucie", 2, {"now": FREEZE, "by_organiser": True}, "registration.full"),
        ("Lucie", 2, {"version": 7}, "registration.changed"),
        ("Karim", 2, {}, "registration.not_waiting"),
    ],
)
def test_a_size_that_cannot_be_is_refused(line: Line, name: str, size: int, more: dict[str, Any], code: str) -> None:
    before = line.dump()

    assert refusal(resize, line, name, size, **more) == code
    assert line.dump() == before


def test_an_organiser_may_go_beyond_the_largest_party(line: Line) -> None:
    resize(line, "Lucie", 12, by_organiser=True)

    assert line.states[1] == ("Lucie", "waitlisted", 12)


def test_a_line_that_takes_no_more_takes_no_larger_party(line: Line) -> None:
    with line.database.writing() as session:
        queries.ticket_types(session, line.event_id)[0].waitlist_limit = 2

    assert refusal(resize, line, "Lucie", 2) == "registration.full"
    resize(line, "Marc", 1)  # but a smaller one, which keeps its place


def test_a_line_with_one_place_left_takes_who_goes_to_its_end(line: Line) -> None:
    with line.database.writing() as session:
        queries.ticket_types(session, line.event_id)[0].waitlist_limit = 3

    resize(line, "Lucie", 2)

    assert line.order == ["Marc", "Nora", "Lucie"]


def test_who_was_let_in_does_not_leave_the_party(line: Line) -> None:
    with line.database.writing() as session:
        marc = party(line, "Marc")
        second = queries.attendees_of(session, [marc.id])[marc.id][1][0].id
        actions.arrive(session, attendee_ids=[second], now=NOW)

    assert refusal(resize, line, "Marc", 1) == "registration.arrived"


# -- persons beside those who have seats -----------------------------------------------------------------------------------


def test_who_is_added_has_a_seat_where_there_is_one(database: Database) -> None:
    line = Line(database, limit=3)
    karim = line.join(KARIM)[0]

    part = enlarge(line, "Karim", 2)

    assert line.states == [("Karim", "confirmed", 1), ("Karim", "confirmed", 2)]
    assert (line.row(part).split_from_id, line.row(part).email) == (karim.id, KARIM.email)
    assert positions(line, karim, part) == [[1], [2, 3]]
    assert line.mails == [("Karim", "confirmed"), ("Karim", "confirmed")]
    assert line.books == (3, 3, 3)


def test_who_is_added_waits_at_the_end_where_there_is_none(line: Line) -> None:
    part = enlarge(line, "Karim", 1)

    assert line.order == ["Lucie", "Marc", "Nora", "Karim"]
    assert line.states[0] == ("Karim", "confirmed", 1)
    assert line.row(part).line_class == rules.EVERYONE
    assert line.mails[-1] == ("Karim", "waitlisted")


def test_who_is_added_waits_behind_a_group_for_which_there_is_a_seat_kept(database: Database) -> None:
    line = Line(database, limit=2)
    line.join(KARIM)
    line.join(MARC, size=2)

    enlarge(line, "Karim", 1)

    assert line.order == ["Marc", "Karim"]


def test_who_is_added_is_parted_only_where_the_party_takes_a_part(database: Database) -> None:
    line = Line(database, limit=3)
    line.join(KARIM, size=2, accept_partial=True)

    enlarge(line, "Karim", 2)

    assert line.states == [("Karim", "confirmed", 2), ("Karim", "confirmed", 1), ("Karim", "waitlisted", 1)]
    assert positions(line, *(party(line, "Karim", number) for number in range(3))) == [[1, 2], [3], [4]]
    with line.database.reading() as session:
        parts = queries.parts_of(session, party(line, "Karim"))
    assert [part.size for part in parts] == [1, 1]


def test_a_harmed_party_brings_nobody_before_the_others(line: Line) -> None:
    line.set_limit(0, now=NOW)
    line.do(actions.revoke, party(line, "Karim"), reason="Salle plus petite.", now=NOW)
    line.set_limit(1, now=NOW)
    assert line.states[0] == ("Karim", "confirmed", 1)

    enlarge(line, "Karim", 1)

    assert line.order == ["Lucie", "Marc", "Nora", "Karim"]


def test_a_part_that_is_added_ends_with_the_party(line: Line) -> None:
    enlarge(line, "Karim", 1)

    line.leave(party(line, "Karim"), now=NOW)

    assert [state for name, state, _size in line.states if name == "Karim"] == ["cancelled", "cancelled"]


@pytest.mark.parametrize(
    ("name", "by", "more", "code"),
    [
        ("Karim", 4, {}, "registration.party_too_large"),
        ("Karim", 50, {"by_organiser": True}, "registration.party_too_large"),
        ("Karim", 1, {"now": FREEZE}, "registration.closed"),
        ("Karim", 1, {"now": FREEZE, "by_organiser": True}, "registration.full"),
        ("Karim", 1, {"version": 7}, "registration.changed"),
        ("Lucie", 1, {}, "registration.not_seated"),
    ],
)
def test_what_cannot_be_added_is_refused(line: Line, name: str, by: int, more: dict[str, Any], code: str) -> None:
    before = line.dump()

    assert refusal(enlarge, line, name, by, **more) == code
    assert line.dump() == before


def test_the_largest_party_counts_all_parts(line: Line) -> None:
    enlarge(line, "Karim", 2)

    assert refusal(enlarge, line, "Karim", 2) == "registration.party_too_large"
    enlarge(line, "Karim", 1)
    assert [size for name, _state, size in line.states if name == "Karim"] == [1, 2, 1]


def test_a_line_that_takes_no_more_takes_nobody_who_is_added(line: Line) -> None:
    with line.database.writing() as session:
        queries.ticket_types(session, line.event_id)[0].waitlist_limit = 3

    assert refusal(enlarge, line, "Karim", 1) == "registration.full"


# -- the ticket type -------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(database: Database) -> Line:
    """A hall of three, and in it a workshop of one: Karim and Lucie have seats in the hall."""
    line = Line(database, limit=3)
    kind(line, "atelier", line.house.quota.id, quota(line, "atelier", 1))
    line.join(KARIM, LUCIE)
    return line


def workshop(line: Line) -> int:
    with line.database.reading() as session:
        return next(one.id for one in queries.ticket_types(session, line.event_id) if one.slug == "atelier")


def test_a_seat_in_another_type_is_taken_and_what_both_charge_is_not_touched(two: Line) -> None:
    karim = party(two, "Karim")

    change_type(two, "Karim", workshop(two))

    assert used(two) == {"salle": (2, 2, 2), "atelier": (1, 1, 1)}
    assert moves(two, karim) == [("salle", 1, "registered"), ("atelier", 1, "type")]
    assert (two.row(karim).ticket_type_id, two.row(karim).seq) == (workshop(two), karim.seq)
    assert two.mails[-1] == ("Karim", "resized")


def test_and_back_again(two: Line) -> None:
    change_type(two, "Karim", workshop(two))

    change_type(two, "Karim", two.house.type.id)

    assert used(two) == {"salle": (2, 2, 2), "atelier": (0, 0, 0)}
    assert moves(two, party(two, "Karim"))[1:] == [("atelier", 1, "type"), ("atelier", -1, "type")]


def test_between_types_that_share_nothing_the_new_seat_is_taken_first(two: Line) -> None:
    terrace = kind(two, "terrasse", quota(two, "terrasse", 1))

    change_type(two, "Karim", terrace)

    assert moves(two, party(two, "Karim"))[1:] == [("terrasse", 1, "type"), ("salle", -1, "type")]
    assert used(two) == {"salle": (1, 1, 1), "atelier": (0, 0, 0), "terrasse": (1, 1, 1)}


def test_a_full_quota_refuses_by_its_name_and_the_seat_is_kept(two: Line) -> None:
    change_type(two, "Karim", workshop(two))
    before = two.dump()

    with pytest.raises(Refused) as refused:
        change_type(two, "Lucie", workshop(two))

    assert (refused.value.code, refused.value.facts) == ("registration.quota_full", {"quota": "atelier"})
    assert two.dump() == before


def test_a_full_hall_is_no_obstacle_for_who_sits_in_it(two: Line) -> None:
    two.join(MARC, NORA)

    change_type(two, "Karim", workshop(two))

    assert used(two) == {"salle": (3, 3, 3), "atelier": (1, 1, 1)}
    assert two.order == ["Nora"]


def test_a_seat_that_becomes_free_goes_to_the_line(two: Line) -> None:
    change_type(two, "Karim", workshop(two))
    two.join(MARC, ticket_type_id=workshop(two))
    assert two.order == ["Marc"]

    change_type(two, "Karim", two.house.type.id)

    assert two.states == [("Karim", "confirmed", 1), ("Lucie", "confirmed", 1), ("Marc", "confirmed", 1)]
    assert two.mails[-2:] == [("Karim", "resized"), ("Marc", "promoted")]


def test_a_seat_that_a_group_keeps_is_not_for_who_changes(database: Database) -> None:
    line = Line(database, limit=3)
    terrace = kind(line, "terrasse", quota(line, "terrasse", 2))
    line.join(KARIM)
    line.join(LUCIE, ticket_type_id=terrace)
    line.join(MARC, ticket_type_id=terrace, size=2)

    assert refusal(change_type, line, "Karim", terrace) == "registration.quota_full"


@pytest.mark.parametrize(("limit", "has"), [(2, "entree"), (3, "terrasse")])
def test_who_changes_has_what_the_line_leaves(database: Database, limit: int, has: str) -> None:
    line = Line(database, limit=2)
    line.join(KARIM)
    terrace = kind(line, "terrasse", quota(line, "terrasse", 1))
    line.join(LUCIE, MARC, ticket_type_id=terrace)
    with line.database.writing() as session:  # a limit that was raised without a pass: one more seat is due to Marc
        row = next(one for one in queries.quotas(session, line.event_id) if one.name == "terrasse")
        row.limit = row.ceiling = limit

    with contextlib.suppress(Refused):
        change_type(line, "Karim", terrace)

    with line.database.reading() as session:
        karim = queries.registration_for(session, line.event_id, party(line, "Karim").public_id)
    assert karim is not None
    assert karim.ticket_type.slug == has


def allotment(line: Line, limit: int) -> int:
    """A ticket type whose seats in the hall are guarded for a fortnight."""
    guard = {"protects_id": line.house.quota.id, "protected_until": NOW + timedelta(days=14)}
    return kind(line, "partenaire", line.house.quota.id, quota(line, "partenaires", limit, **guard))


def test_who_leaves_an_allotment_takes_no_seat_from_under_its_guard(two: Line) -> None:
    partner = allotment(two, 1)
    two.join(PAUL, ticket_type_id=partner)
    before = two.dump()

    with pytest.raises(Refused) as refused:
        change_type(two, "Paul", two.house.type.id)

    assert (refused.value.code, refused.value.facts) == ("registration.quota_full", {"quota": "salle"})
    assert two.dump() == before


def test_who_leaves_an_allotment_may_where_the_hall_has_room_besides(two: Line) -> None:
    partner = allotment(two, 1)
    two.join(PAUL, ticket_type_id=partner)
    two.set_limit(4, now=NOW)

    change_type(two, "Paul", two.house.type.id)

    assert used(two) == {"salle": (3, 3, 3), "atelier": (0, 0, 0), "partenaires": (0, 0, 0)}


def test_who_leaves_an_allotment_after_its_guard_has_ended_leaves_nothing_guarded(two: Line) -> None:
    partner = allotment(two, 1)
    two.join(PAUL, ticket_type_id=partner)

    change_type(two, "Paul", two.house.type.id, now=NOW + timedelta(days=14))

    assert used(two)["salle"] == (3, 3, 3)


def test_who_waits_goes_to_the_end_of_the_other_line(line: Line) -> None:
    terrace = kind(line, "terrasse", quota(line, "terrasse", 1))
    line.join(PAUL, INES, ticket_type_id=terrace)
    lucie = party(line, "Lucie")

    change_type(line, "Lucie", terrace)

    row = party(line, "Lucie")
    assert row.state == "waitlisted"
    assert row.seq is not None
    assert lucie.seq is not None
    assert row.seq > (party(line, "Inès").seq or 0)
    assert line.mails[-1] == ("Lucie", "resized")


def test_who_waits_is_seated_where_the_other_type_has_room_and_told_once(line: Line) -> None:
    terrace = kind(line, "terrasse", quota(line, "terrasse", 1))
    mails = len(line.mails)

    change_type(line, "Lucie", terrace)

    assert line.states[1] == ("Lucie", "confirmed", 1)
    assert line.mails[mails:] == [("Lucie", "promoted")]
    assert used(line) == {"salle": (1, 1, 1), "terrasse": (1, 1, 1)}


def test_a_party_in_parts_moves_as_a_whole(two: Line) -> None:
    two.set_limit(2, now=NOW)
    enlarge(two, "Lucie", 1)
    assert two.states[2] == ("Lucie", "waitlisted", 1)
    seq = party(two, "Lucie", 1).seq or 0

    change_type(two, "Lucie", workshop(two))

    rows = [party(two, "Lucie", number) for number in range(2)]
    assert [(row.state, row.ticket_type_id) for row in rows] == [("confirmed", workshop(two)), ("waitlisted", workshop(two))]
    assert (rows[1].seq or 0) > seq
    assert two.mails[-1] == ("Lucie", "resized")
    assert used(two) == {"salle": (2, 2, 2), "atelier": (1, 1, 1)}


def test_a_party_in_parts_is_refused_as_a_whole(two: Line) -> None:
    enlarge(two, "Lucie", 1)
    before = two.dump()

    assert refusal(change_type, two, "Lucie", workshop(two)) == "registration.quota_full"
    assert two.dump() == before


def test_the_same_type_changes_nothing(two: Line) -> None:
    before = two.dump()

    change_type(two, "Karim", two.house.type.id)

    assert two.dump() == before


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"now": FREEZE}, "registration.closed"),
        ({"version": 7}, "registration.changed"),
        ({"ticket_type_id": 999}, "registration.type_unknown"),
    ],
)
def test_a_type_that_cannot_be_is_refused(two: Line, more: dict[str, Any], code: str) -> None:
    before = two.dump()
    values = {"ticket_type_id": workshop(two)} | more

    assert refusal(change_type, two, "Karim", **values) == code
    assert two.dump() == before


def test_a_type_by_invitation_is_for_an_organiser_to_give(two: Line) -> None:
    hidden = kind(two, "presse", quota(two, "presse", 1), public=False)

    assert refusal(change_type, two, "Karim", hidden) == "registration.not_public"
    change_type(two, "Karim", hidden, by_organiser=True)

    assert used(two)["presse"] == (1, 1, 1)


def test_a_line_that_takes_no_more_takes_nobody_from_another(line: Line) -> None:
    terrace = kind(line, "terrasse", quota(line, "terrasse", 0), waitlist_limit=0)

    assert refusal(change_type, line, "Lucie", terrace) == "registration.full"


def test_who_is_asked_something_answers_first(database: Database) -> None:
    line = Line(database)
    line.join(KARIM)
    line.join(LUCIE, auto_until="never")
    terrace = kind(line, "terrasse", quota(line, "terrasse", 5))
    line.leave(party(line, "Karim"), now=NOW)
    assert line.states[1] == ("Lucie", "offered", 1)

    codes = {refusal(resize, line, "Lucie", 2), refusal(enlarge, line, "Lucie", 1), refusal(change_type, line, "Lucie", terrace)}

    assert codes == {"registration.answer_first"}


def test_a_registration_that_is_over_stays_over(line: Line) -> None:
    line.leave(party(line, "Lucie"), now=NOW)
    terrace = kind(line, "terrasse", quota(line, "terrasse", 5))

    codes = {refusal(resize, line, "Lucie", 2), refusal(enlarge, line, "Lucie", 1), refusal(change_type, line, "Lucie", terrace)}

    assert codes == {"registration.over"}


def test_what_was_done_is_in_the_journal(line: Line) -> None:
    with line.database.writing() as session:
        from_page = {"version": None, "by_organiser": False, "actor": ANONYMOUS, "now": NOW, "event_id": line.event_id}
        actions.resize(session, registration_id=party(line, "Marc").id, size=1, keys=KEYS, **from_page)  # type: ignore[arg-type]
    with line.database.reading() as session:
        chain = entries.about(session, f"event:{line.event_id}", f"registration:{party(line, 'Marc').public_id}")

    assert [entry.verb for entry in chain] == ["register", "resize"]


@pytest.mark.parametrize(
    ("change", "states"),
    [
        (Change.SIZE, {State.WAITLISTED}),
        (Change.MORE, {State.CONFIRMED}),
        (Change.TYPE, {State.WAITLISTED, State.CONFIRMED}),
    ],
)
def test_a_page_offers_what_would_not_be_refused(change: Change, states: set[State]) -> None:
    assert {state for state in State if rules.may_change(change, state)} == states


def test_the_place_behind_everybody_is_the_one_that_a_larger_party_comes_to(line: Line) -> None:
    with line.database.reading() as session:
        before = queries.place_at_the_end(session, party(line, "Lucie"), line.house.type.id)

    resize(line, "Lucie", 2)

    with line.database.reading() as session:
        assert queries.place(session, party(line, "Lucie")) == before == rules.Place(3, 2, 3)


# -- the page of the holder ------------------------------------------------------------------------------------------------


def path_of(line: Line, name: str) -> str:
    row = party(line, name)
    return f"/fr/registrations/{link_token(KEYS, row.identity, row.serial)}"


def words(answer: Any) -> str:
    return " ".join(html.unescape(re.sub("<[^>]+>", "", answer.get_data(as_text=True))).split())


def form_to(client: FlaskClient, page: str, what: str) -> dict[str, str]:
    """What the form to this address sends besides what is typed."""
    found = re.search(rf'<form[^>]*action="{re.escape(page)}/{what}".*?</form>', client.get(page).text, re.DOTALL)
    assert found, what
    hidden = [dict(re.findall(r'(\w+)="([^"]*)"', one)) for one in re.findall(r"<input[^>]*hidden[^>]*>", found[0])]
    return {one["name"]: one["value"] for one in hidden}


def forms(client: FlaskClient, page: str) -> list[str]:
    return re.findall(rf'action="{re.escape(page)}/(size|additions|ticket-type)"', client.get(page).text)


def test_the_page_says_what_a_larger_party_costs_before_it_is_sent(client: FlaskClient, line: Line) -> None:
    page = words(client.get(path_of(line, "Lucie")))

    assert "Moins de personnes : vous gardez votre place, la 1re." in page
    assert "Plus de personnes : vous passez de la 1re à la 3e place, à la fin de la liste." in page
    assert "Il n’y a personne derrière vous : vous restez 3e." in words(client.get(path_of(line, "Nora")))


def test_the_size_is_changed_by_one_button_and_once_is_enough(client: FlaskClient, line: Line) -> None:
    page = path_of(line, "Lucie")
    sent = form_to(client, page, "size") | {"size": "3"}

    first = client.post(f"{page}/size", data=sent)
    once = line.dump()
    again = client.post(f"{page}/size", data=sent)

    assert (first.status_code, first.location, again.status_code, again.location) == (303, page, 303, page)
    assert line.dump() == once
    assert (line.order, line.states[1]) == (["Marc", "Nora", "Lucie"], ("Lucie", "waitlisted", 3))


def test_a_page_that_is_out_of_date_changes_nothing_and_shows_how_things_stand(client: FlaskClient, line: Line) -> None:
    page = path_of(line, "Lucie")
    sent = form_to(client, page, "size") | {"size": "2"}
    line.leave(party(line, "Karim"), now=NOW)
    before = line.dump()

    answer = client.post(f"{page}/size", data=sent)

    assert answer.status_code == 409
    assert "Cette inscription a changé entre-temps, et rien n’a été fait." in words(answer)
    assert "Vous avez une place" in words(answer)
    assert line.dump() == before


@pytest.mark.parametrize(
    ("name", "what", "typed", "status"),
    [
        ("Lucie", "size", {"size": "deux"}, 422),
        ("Lucie", "size", {"size": "5"}, 422),
        ("Lucie", "size", {"size": "2", "idempotency_key": ""}, 422),
        ("Lucie", "size", {"size": "2", "version": ""}, 422),
        ("Karim", "additions", {"by": "0"}, 422),
        ("Karim", "additions", {"by": "4"}, 422),
        ("Karim", "ticket-type", {"ticket_type": "999"}, 422),
        ("Karim", "ticket-type", {"ticket_type": "x"}, 422),
    ],
)
def test_what_cannot_be_read_or_done_changes_nothing(
    client: FlaskClient, line: Line, name: str, what: str, typed: dict[str, str], status: int
) -> None:
    kind(line, "terrasse", quota(line, "terrasse", 0))
    page = path_of(line, name)
    sent = form_to(client, page, what) | typed
    before = line.dump()

    answer = client.post(f"{page}/{what}", data=sent)

    assert (answer.status_code, 'role="alert"' in answer.text) == (status, True)
    assert line.dump() == before


def test_who_has_a_seat_adds_persons_once(client: FlaskClient, line: Line) -> None:
    page = path_of(line, "Karim")
    assert "elles attendent ensemble, 4e sur la liste, et vous gardez vos places" in words(client.get(page))
    sent = form_to(client, page, "additions") | {"by": "2"}

    answers = [client.post(f"{page}/additions", data=sent).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert [one for one in line.states if one[0] == "Karim"] == [("Karim", "confirmed", 1), ("Karim", "waitlisted", 2)]
    shown = words(client.get(page))
    assert "Dans la liste, 4e." in shown


def test_who_is_added_and_seated_has_a_ticket_on_the_same_page(client: FlaskClient, database: Database) -> None:
    line = Line(database, limit=3)
    line.join(KARIM)

    enlarge(line, "Karim", 2)

    assert re.findall(r'id="ticket-(\d+)"', client.get(path_of(line, "Karim")).text) == ["1", "2", "3"]


def test_the_ticket_type_is_changed_by_one_button(client: FlaskClient, two: Line) -> None:
    page = path_of(two, "Karim")
    sent = form_to(client, page, "ticket-type") | {"ticket_type": str(workshop(two))}

    answers = [client.post(f"{page}/ticket-type", data=sent).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert used(two) == {"salle": (2, 2, 2), "atelier": (1, 1, 1)}


def test_a_full_quota_is_named_on_the_page(client: FlaskClient, two: Line) -> None:
    page = path_of(two, "Lucie")
    sent = form_to(client, page, "ticket-type") | {"ticket_type": str(workshop(two))}
    change_type(two, "Karim", workshop(two))

    answer = client.post(f"{page}/ticket-type", data=sent)

    assert answer.status_code == 409
    assert "Le quota « atelier » n’a pas assez de place" in words(answer)


def test_who_waits_sees_the_place_in_the_other_line(client: FlaskClient, line: Line) -> None:
    terrace = kind(line, "terrasse", quota(line, "terrasse", 1))
    line.join(PAUL, INES, ticket_type_id=terrace)

    kind(line, "balcon", quota(line, "balcon", 1))

    assert "Terrasse (vous y seriez 2e)Balcon (il y a de la place)" in words(client.get(path_of(line, "Lucie")))
    assert "Terrasse (vous y seriez 2e)Balcon (vous y seriez 1re)" in words(client.get(path_of(line, "Marc")))


def test_the_page_offers_what_there_is_to_change_and_nothing_else(client: FlaskClient, line: Line) -> None:
    before = {name: forms(client, path_of(line, name)) for name in ("Karim", "Lucie")}
    kind(line, "terrasse", quota(line, "terrasse", 1))
    kind(line, "presse", quota(line, "presse", 1), public=False)
    kind(line, "seul", quota(line, "seul", 1), max_party=1)
    enlarge(line, "Karim", 3)
    line.leave(party(line, "Nora"), now=NOW)

    assert before == {"Karim": ["additions"], "Lucie": ["size"]}
    assert {name: forms(client, path_of(line, name)) for name in ("Karim", "Lucie", "Nora")} == {
        "Karim": ["ticket-type"],
        "Lucie": ["size", "ticket-type"],
        "Nora": [],
    }
    page = client.get(path_of(line, "Karim")).text
    assert ("Terrasse" in page, "Presse" in page, "Seul" in page) == (True, False, False)


def test_a_larger_party_is_not_offered_once_registration_is_closed(
    app: Flask, client: FlaskClient, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["eventapp"], "clock", lambda: FREEZE)

    assert forms(client, path_of(line, "Lucie")) == []
    assert forms(client, path_of(line, "Marc")) == ["size"]
    assert 'max="2"' in client.get(path_of(line, "Marc")).text


def test_a_smaller_party_is_told_what_it_would_gain(client: FlaskClient, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    likely = {1: rules.Outlook(rules.Band.LIKELY, 65, 20, 0), 2: rules.Outlook(rules.Band.UNLIKELY, 30, 20, 0)}
    monkeypatch.setattr(rules, "outlook", lambda facts, _now: likely[facts.size])

    sentence = "Avec une personne de moins, ce serait environ 65 %, et vous garderiez votre place"
    assert sentence in words(client.get(path_of(line, "Marc")))
    assert sentence not in words(client.get(path_of(line, "Nora")))


# -- the mails -------------------------------------------------------------------------------------------------------------


def last_mail(app: Flask, line: Line) -> tuple[str, str]:
    """Subject and text of the last mail."""
    with line.database.reading() as session:
        message = session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert message is not None
    with app.app_context():
        letter = letter_for(message)
    assert letter is not None
    body, page = letter.get_body(("plain",)), letter.get_body(("html",))
    assert body is not None
    assert page is not None
    assert "None" not in page.get_content()
    return " ".join(str(letter["Subject"]).split()), " ".join(body.get_content().split())


def test_mails_say_what_has_changed(app: Flask, line: Line) -> None:
    resize(line, "Marc", 1)
    subject, body = last_mail(app, line)
    assert subject == "Vous attendez une place : Grand Opening"
    assert "Votre groupe est plus petit et garde sa place dans la liste." in body
    assert "1 inscription est devant vous" in body
    assert "Seuls les billets" not in body

    resize(line, "Marc", 3, by_organiser=True)
    subject, body = last_mail(app, line)
    assert subject == "Vous attendez 3 places : Grand Opening"
    assert "L’organisateur a modifié votre inscription. Votre groupe s’agrandit et passe à la fin de la liste." in body

    terrace = kind(line, "terrasse", quota(line, "terrasse", 0))
    change_type(line, "Marc", terrace)
    subject, body = last_mail(app, line)
    assert subject == "Vous attendez 3 places : Grand Opening"
    assert "Vous attendez maintenant pour « Terrasse », à la fin de sa liste." in body


def test_mails_say_who_is_added(app: Flask, line: Line) -> None:
    enlarge(line, "Karim", 1)
    subject, body = last_mail(app, line)
    assert subject == "Une personne de plus de votre groupe est 4e sur la liste d’attente : Grand Opening"
    assert "Les places déjà confirmées le restent." in body

    line.set_limit(9, now=NOW)
    enlarge(line, "Karim", 2)
    subject, body = last_mail(app, line)
    assert subject == "2 places de plus pour votre groupe : Grand Opening"
    assert "vous êtes 4 en tout" in body
    assert re.findall(r"Personne (\d)", body) == ["3", "4"]


def test_the_mail_of_another_type_says_that_tickets_stay_valid(app: Flask, two: Line) -> None:
    change_type(two, "Karim", workshop(two))

    subject, body = last_mail(app, two)

    assert subject == "Votre type de billet a changé : Grand Opening"
    assert "Votre place est maintenant en « Atelier ». Votre billet reste valable." in body
    assert "Seuls les billets" not in body


# -- the organiser's page --------------------------------------------------------------------------------------------------

OFFICE = "/backoffice/events/grand-opening/registrations"


@pytest.fixture
def ines(client: FlaskClient, line: Line) -> FlaskClient:
    with line.database.writing() as session:
        user, _actor = factories.member(session, organiser_id=line.house.organiser.id, character=INES, role=Role.OWNER)
        user.language = "fr"
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def office_form(client: FlaskClient, line: Line, name: str, what: str, number: int = 0) -> tuple[str, dict[str, str]]:
    """Where a form of the organiser's page goes, and what it sends besides what is typed."""
    page = f"{OFFICE}/{party(line, name, number).public_id}"
    found = re.search(rf'<form[^>]*action="{re.escape(page)}/{what}".*?</form>', client.get(f"{page}/changes/new").text, re.DOTALL)
    assert found, what
    hidden = [dict(re.findall(r'(\w+)="([^"]*)"', one)) for one in re.findall(r"<input[^>]*hidden[^>]*>", found[0])]
    return f"{page}/{what}", {one["name"]: one["value"] for one in hidden}


def test_an_organiser_changes_the_size_beyond_the_largest_party_once(ines: FlaskClient, line: Line) -> None:
    path, sent = office_form(ines, line, "Lucie", "size")

    answers = [ines.post(path, data=sent | {"size": "7"}) for _ in range(2)]

    page = f"{OFFICE}/{party(line, 'Lucie').public_id}"
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, page)] * 2
    assert line.order == ["Marc", "Nora", "Lucie"]
    assert line.mails[-1] == ("Lucie", "resized")
    assert "Nombre de personnes modifié" in words(ines.get(page))


def test_an_organiser_adds_persons_and_sees_where_they_are(ines: FlaskClient, line: Line) -> None:
    path, sent = office_form(ines, line, "Karim", "additions")

    answers = [ines.post(path, data=sent | {"by": "2"}).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert [one for one in line.states if one[0] == "Karim"] == [("Karim", "confirmed", 1), ("Karim", "waitlisted", 2)]
    page = ines.get(f"{OFFICE}/{party(line, 'Karim').public_id}")
    assert f'href="{OFFICE}/{party(line, "Karim", 1).public_id}">2 personnes</a>' in page.text
    assert "Personnes ajoutées" in words(page)


def test_an_organiser_moves_a_party_to_a_type_by_invitation(ines: FlaskClient, line: Line) -> None:
    hidden = kind(line, "presse", quota(line, "presse", 1), public=False)
    path, sent = office_form(ines, line, "Karim", "ticket-type")

    answers = [ines.post(path, data=sent | {"ticket_type": str(hidden)}).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert used(line) == {"salle": (1, 1, 1), "presse": (1, 1, 1)}
    assert line.order == ["Marc", "Nora"]


@pytest.mark.parametrize(
    ("name", "what", "typed", "status", "sentence"),
    [
        ("Lucie", "size", {"size": "51"}, 422, "50"),
        ("Lucie", "size", {"size": "2", "version": "7"}, 409, "Cette inscription a changé entre-temps"),
        ("Karim", "ticket-type", {"ticket_type": "999"}, 422, "Ce type de billet n’existe plus"),
        ("Karim", "ticket-type", {"full": "yes"}, 409, "Le quota « terrasse » n’a pas assez de place"),
    ],
)
def test_what_an_organiser_cannot_change_is_said_and_changes_nothing(
    ines: FlaskClient, line: Line, name: str, what: str, typed: dict[str, str], status: int, sentence: str
) -> None:
    terrace = kind(line, "terrasse", quota(line, "terrasse", 0))
    path, sent = office_form(ines, line, name, what)
    before = line.dump()

    answer = ines.post(path, data=sent | {"ticket_type": str(terrace)} | typed)

    assert (answer.status_code, sentence in words(answer)) == (status, True)
    after = line.dump()
    assert {table for table in before if before[table] != after[table]} <= {"user_session"}


def test_a_party_of_which_nothing_can_be_changed_has_no_such_page(ines: FlaskClient, line: Line) -> None:
    line.leave(party(line, "Nora"), now=NOW)
    page = f"{OFFICE}/{party(line, 'Nora').public_id}"

    answer = ines.get(f"{page}/changes/new")

    assert (answer.status_code, answer.location) == (303, page)
    assert "changes/new" not in ines.get(page).text
