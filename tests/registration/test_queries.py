"""Questions about seats and the line: what they find, what they cost, and that no length of the line changes that."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from eventapp.lib.db import Database
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration
from eventapp.registration.rules import Opening, Place, Shape
from tests.cast import KARIM, LUCIE, MARC, NORA, PAUL
from tests.factories import NOW, House, quota_and_type


@pytest.fixture
def house(database: Database) -> House:
    return House(database, limit=2)


def line(house: House) -> dict[Shape, list[str]]:
    with house.database.reading() as session:
        return {shape: [party.first_name for party in parties] for shape, parties in queries.line(session, house.event.id).items()}


def test_the_line_is_told_by_shape_each_in_its_order(house: House) -> None:
    house.register(KARIM, size=2)
    for character, size in ((LUCIE, 1), (MARC, 2), (NORA, 1), (PAUL, 2)):
        house.register(character, size=size)

    assert line(house) == {Shape(house.type.id, 1, 5): ["Lucie", "Nora"], Shape(house.type.id, 2, 5): ["Marc", "Paul"]}


def test_the_count_of_the_line_follows_who_joins_shrinks_and_leaves(house: House) -> None:
    first = house.register(KARIM, size=2).registration
    pair = house.register(LUCIE, size=2).registration
    house.register(MARC, size=2)

    def counted() -> dict[Shape, int]:
        with house.database.reading() as session:
            found = queries.shapes(session, house.event.id)
            assert found == queries.line_by_shape(session, house.event.id)
            return found

    pairs = counted()
    with house.database.reading() as session:
        (attendee, _), *_ = queries.attendees_of(session, [pair.id])[pair.id]
    with house.database.writing() as session:
        actions.give_back(
            session,
            event_id=house.event.id,
            registration_id=pair.id,
            attendee_ids=[attendee.id],
            by_organiser=False,
            actor=OPERATOR,
            now=NOW,
        )
    smaller = counted()
    with house.database.writing() as session:
        actions.give_back(session, event_id=house.event.id, registration_id=first.id, by_organiser=False, actor=OPERATOR, now=NOW)

    kind = house.type.id
    assert (pairs, smaller, counted()) == (
        {Shape(kind, 2, 5): 2},
        {Shape(kind, 1, 5): 1, Shape(kind, 2, 5): 1},
        {Shape(kind, 2, 5): 1},
    )


def test_places_count_all_who_share_a_quota_and_nobody_else(house: House) -> None:
    with house.database.writing() as session:
        _quota, other = quota_and_type(session, event_id=house.event.id, limit=0, slug="atelier", quota_name="atelier")
        friend = actions.create_ticket_type(
            session,
            event_id=house.event.id,
            slug="presse",
            name={"fr": "Presse"},
            quota_ids=[house.quota.id],
            actor=OPERATOR,
            now=NOW,
        )
    house.register(KARIM, size=2)
    house.register(LUCIE, size=2)
    house.register(MARC, ticket_type_id=other.id)
    press = house.register(NORA, ticket_type_id=friend.id).registration
    last = house.register(PAUL).registration

    with house.database.reading() as session:
        places = [queries.place(session, registration) for registration in (press, last)]
        newcomers = [queries.place_of_newcomer(session, house.event.id, kind.id) for kind in (house.type, friend, other)]
    assert places == [Place(2, 1, 2), Place(3, 2, 3)]
    assert newcomers == [Place(4, 3, 4), Place(4, 3, 4), Place(2, 1, 1)]


def test_availability_tells_each_type_by_its_own_quotas(house: House) -> None:
    with house.database.writing() as session:
        _quota, other = quota_and_type(session, event_id=house.event.id, limit=50, slug="atelier", quota_name="atelier")
    house.register(KARIM)

    with house.database.reading() as session:
        known = queries.availability(session, house.event, NOW)
    shown = {id: (it.opening, it.free, it.limit, it.taken, it.waiting_parties) for id, it in known.items()}
    assert shown == {house.type.id: (Opening.LAST_SEATS, 1, 2, 1, 0), other.id: (Opening.OPEN, 50, 50, 0, 0)}


def test_a_form_is_read_against_public_types_in_their_order(house: House) -> None:
    with house.database.writing() as session:
        actions.create_ticket_type(
            session,
            event_id=house.event.id,
            slug="invites",
            name={"fr": "Invités"},
            quota_ids=[house.quota.id],
            max_party=2,
            public=False,
            actor=OPERATOR,
            now=NOW,
        )

    with house.database.reading() as session:
        asked = queries.asked_of(session, "grand-opening")
        assert asked is not None
        assert (asked.event_id, asked.state, asked.ends_at, asked.kinds) == (
            house.event.id,
            "published",
            house.event.ends_at,
            {house.type.id: 4},
        )
        assert queries.asked_of(session, "nulle-part") is None


def test_a_lost_link_is_found_for_what_is_not_over(house: House) -> None:
    house.register(KARIM)
    after = house.event.ends_at + timedelta(seconds=1)

    with house.database.reading() as session:
        found = [
            [row.event.slug for row in queries.live_by_address(session, address, now)]
            for address, now in ((KARIM.email, NOW), (KARIM.email, after), (LUCIE.email, NOW))
        ]
    assert found == [["grand-opening"], [], []]


def test_a_page_of_the_list_goes_on_where_it_ended(house: House) -> None:
    for character in (KARIM, LUCIE, MARC, NORA, PAUL):
        house.register(character)

    with house.database.reading() as session:
        first = queries.registrations_page(session, house.event.id, limit=3)
        rest = queries.registrations_page(session, house.event.id, limit=3, after_id=first[-1].id)
        waiting = queries.registrations_page(session, house.event.id, states=["waitlisted"], words=["inv"])
    assert [[row.first_name for row in page] for page in (first, rest, waiting)] == [["Paul", "Nora", "Marc"], ["Lucie", "Karim"], ["Marc"]]


def test_what_is_asked_under_the_lock_walks_along_no_line(house: House) -> None:
    """The plan of each statement finds its rows by an index: none reads all registrations of an event."""
    house.register(KARIM, size=2)
    house.queue(50)
    sent: list[tuple[str, Any]] = []
    engine = house.database.engine

    def note(_c: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    house.register(LUCIE)
    house.turn()
    event.remove(engine, "before_cursor_execute", note)
    asked = [(statement, values) for statement, values in sent if statement.startswith("SELECT") and " registration" in statement]

    with house.database.reading() as session:
        connection = session.connection()
        explain = "EXPLAIN QUERY PLAN " if house.database.dialect == "sqlite" else "EXPLAIN "
        if house.database.dialect == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")  # so few rows would be read whole
        plans = [
            "\n".join(str(tuple(row)) for row in connection.exec_driver_sql(explain + statement.partition(" FOR ")[0], values))
            for statement, values in asked
        ]
    assert len(plans) == 8
    by_address = next(plan for (statement, _), plan in zip(asked, plans, strict=True) if "canonical_email =" in statement)
    assert "uq_registration_live" in by_address
    assert [plan for plan in plans if "SCAN registration" in plan or "Seq Scan on registration" in plan] == []


@pytest.mark.parametrize("waiting", [100, 3_000])
def test_a_promotion_asks_the_same_however_many_wait(database: Database, statements: list[str], waiting: int) -> None:
    house = House(database, limit=1)
    house.register(KARIM)
    house.queue(waiting)

    def turn() -> Counter[str]:
        statements.clear()
        house.turn()
        return Counter(statement.split()[0] for statement in statements if statement != "BEGIN")

    asked = [turn() for _ in range(3)]

    with database.reading() as session:
        seated = session.query(Registration.seq).filter(Registration.state == "confirmed").all()
        left = queries.shapes(session, house.event.id)
    assert ([row[0] for row in seated], left) == ([4], {Shape(house.type.id, 1, 5): waiting - 3})
    assert asked[1] == asked[2] == Counter(SELECT=14, UPDATE=5, INSERT=3)
