"""The seat path on real databases: what each command changes, in rows, ledger, mails and journal."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from eventapp.events.models import Event
from eventapp.journal import queries as journal
from eventapp.journal.models import Entry
from eventapp.journal.rules import first_fault
from eventapp.lib import codes
from eventapp.lib.db import Base, Database, keep_held
from eventapp.lib.refusal import Refused
from eventapp.messages.models import Message
from eventapp.people.rules import ANONYMOUS, OPERATOR
from eventapp.registration import actions, queries
from eventapp.registration.models import Attendee, Quota, Registration, SeatEntry, Ticket
from tests.cast import KARIM, LUCIE, MARC, NORA, PAUL, Character
from tests.factories import NOW, House


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def standing(house: House) -> list[tuple[str, str]]:
    with house.database.reading() as session:
        return [(row.first_name, row.state) for row in queries.all_registrations(session, house.event.id)]


def mails(house: House) -> list[tuple[str, str]]:
    with house.database.reading() as session:
        return [(row.name.split()[0], row.kind) for row in session.scalars(select(Message).order_by(Message.id))]


def books(house: House) -> tuple[int, int, int]:
    """used, Σ ledger, Σ seated: always equal."""
    with house.database.reading() as session:
        quota = queries.quotas(session, house.event.id)[0]
        sums, seats = queries.ledger_sums(session, house.event.id), queries.seats_by_quota(session, house.event.id)
        return quota.used, sums.get(quota.id, 0), seats.get(quota.id, 0)


def dump(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.engine.connect() as connection:
        return {table.name: [tuple(row) for row in connection.execute(select(table))] for table in Base.metadata.sorted_tables}


def give_back(house: House, registration: Registration, **more: object) -> Registration:
    with house.database.writing() as session:
        return actions.give_back(
            session, event_id=house.event.id, registration_id=registration.id, by_organiser=False, actor=ANONYMOUS, now=NOW, **more
        )


def test_three_are_seated_the_others_wait_in_order(house: House) -> None:
    outcomes = [house.register(character) for character in (KARIM, LUCIE, MARC, NORA, PAUL)]

    assert [(o.registration.state, o.registration.seq) for o in outcomes] == [
        ("confirmed", 1),
        ("confirmed", 2),
        ("confirmed", 3),
        ("waitlisted", 4),
        ("waitlisted", 5),
    ]
    assert books(house) == (3, 3, 3)
    assert mails(house) == [
        ("Karim", "confirmed"),
        ("Lucie", "confirmed"),
        ("Marc", "confirmed"),
        ("Nora", "waitlisted"),
        ("Paul", "waitlisted"),
    ]
    with house.database.reading() as session:
        facts = session.scalars(select(Message.facts).order_by(Message.id.desc())).first()
    assert facts == {"size": 1, "version": 1, "position": 2, "parties_before": 1, "persons_before": 1}


def test_a_seat_given_back_goes_to_the_first_in_line_in_the_same_transaction(house: House) -> None:
    karim = house.register(KARIM).registration
    for character in (LUCIE, MARC, NORA, PAUL):
        house.register(character)

    give_back(house, karim)

    assert standing(house) == [
        ("Karim", "cancelled"),
        ("Lucie", "confirmed"),
        ("Marc", "confirmed"),
        ("Nora", "confirmed"),
        ("Paul", "waitlisted"),
    ]
    assert mails(house)[5:] == [("Karim", "cancelled"), ("Nora", "promoted")]
    assert books(house) == (3, 3, 3)


def test_giving_back_twice_frees_one_seat(house: House) -> None:
    karim = house.register(KARIM).registration
    for character in (LUCIE, MARC, NORA, PAUL):
        house.register(character)
    give_back(house, karim)
    before = dump(house.database)

    give_back(house, karim)

    assert dump(house.database) == before


def test_the_same_key_gives_the_same_registration_and_nothing_more(house: House) -> None:
    first = house.register(KARIM, key="k" * 22)
    before = dump(house.database)

    again = house.register(KARIM, key="k" * 22)

    assert (again.kind, again.registration.public_id, again.token) == ("known", first.registration.public_id, first.token)
    assert dump(house.database) == before


def test_the_same_key_for_something_else_is_refused_without_a_trace(house: House) -> None:
    house.register(KARIM, key="k" * 22)
    before = dump(house.database)

    with pytest.raises(Refused) as refused:
        house.register(LUCIE, key="k" * 22)

    assert refused.value.code == "command.key_reused"
    assert dump(house.database) == before


def test_an_address_already_registered_changes_nothing(house: House) -> None:
    house.register(KARIM)
    before = dump(house.database)

    outcome = house.register(KARIM, email="KARIM+again@demo.test")

    assert (outcome.kind, outcome.token) == ("exists", None)
    assert dump(house.database) == before


def test_a_full_line_refuses_without_a_trace(database: Database) -> None:
    house = House(database, limit=1)
    with database.writing() as session:
        actions.update_ticket_type(
            session,
            event_id=house.event.id,
            ticket_type_id=house.type.id,
            name=house.type.name,
            quota_ids=[house.quota.id],
            opens_at=None,
            closes_at=None,
            max_party=4,
            approval=False,
            waitlist_limit=1,
            public=True,
            transferable=True,
            actor=OPERATOR,
            now=NOW,
        )
    house.register(KARIM)
    house.register(LUCIE)
    before = dump(database)

    with pytest.raises(Refused) as refused:
        house.register(MARC)

    assert refused.value.code == "registration.full"
    assert dump(database) == before


def test_after_the_freeze_a_freed_seat_stays_for_the_door(house: House) -> None:
    karim = house.register(KARIM).registration
    for character in (LUCIE, MARC, NORA):
        house.register(character)
    frozen = house.event.doors_at - timedelta(hours=3)

    with house.database.writing() as session:
        actions.give_back(session, event_id=house.event.id, registration_id=karim.id, by_organiser=False, actor=ANONYMOUS, now=frozen)

    assert standing(house)[3] == ("Nora", "waitlisted")
    assert books(house) == (2, 2, 2)


def test_a_party_of_two_gives_back_one_place(house: House) -> None:
    pair = house.register(KARIM, size=2, names=(("Zoé", "Esquisse"),)).registration
    house.register(LUCIE)
    house.register(MARC)
    with house.database.reading() as session:
        companion = queries.attendees_of(session, [pair.id])[pair.id][1][0]

    give_back(house, pair, attendee_ids=(companion.id,))

    with house.database.reading() as session:
        names = [attendee.first_name for attendee, _ in queries.attendees_of(session, [pair.id])[pair.id]]
    assert names == ["Karim"]
    assert standing(house) == [("Karim", "confirmed"), ("Lucie", "confirmed"), ("Marc", "confirmed")]
    assert mails(house)[3:] == [("Karim", "resized"), ("Marc", "promoted")]
    assert books(house) == (3, 3, 3)


def test_who_is_inside_keeps_the_seat(house: House) -> None:
    karim = house.register(KARIM).registration
    with house.database.writing() as session:
        session.execute(update(Attendee).where(Attendee.registration_id == karim.id).values(arrived_at=NOW))

    with pytest.raises(Refused) as refused:
        give_back(house, karim)

    assert refused.value.code == "registration.arrived"


def test_raising_the_limit_promotes_in_order_and_lowering_cancels_nobody(house: House) -> None:
    for character in (KARIM, LUCIE, MARC, NORA, PAUL):
        house.register(character)

    with house.database.writing() as session:
        promoted = actions.set_limit(session, event_id=house.event.id, quota_id=house.quota.id, limit=4, actor=OPERATOR, now=NOW)
    with house.database.writing() as session:
        nobody = actions.set_limit(session, event_id=house.event.id, quota_id=house.quota.id, limit=2, actor=OPERATOR, now=NOW)

    assert ([row.first_name for row in promoted], nobody) == (["Nora"], [])
    assert standing(house) == [
        ("Karim", "confirmed"),
        ("Lucie", "confirmed"),
        ("Marc", "confirmed"),
        ("Nora", "confirmed"),
        ("Paul", "waitlisted"),
    ]
    with house.database.reading() as session:
        quota = queries.quotas(session, house.event.id)[0]
    assert (quota.limit, quota.used, quota.ceiling) == (2, 4, 4)


def used_and_ceiling(house: House) -> tuple[int, int]:
    with house.database.reading() as session:
        quota = queries.quotas(session, house.event.id)[0]
        return quota.used, quota.ceiling


def test_in_a_deficit_a_freed_seat_shrinks_it_first_and_the_revoked_wait_at_the_head(house: House) -> None:
    rows = [house.register(character).registration for character in (KARIM, LUCIE, MARC, NORA)]
    with house.database.writing() as session:
        actions.set_limit(session, event_id=house.event.id, quota_id=house.quota.id, limit=1, actor=OPERATOR, now=NOW)

    steps = [used_and_ceiling(house)]
    give_back(house, rows[0])
    steps.append(used_and_ceiling(house))
    with house.database.writing() as session:
        actions.revoke(session, event_id=house.event.id, registration_id=rows[2].id, reason="Salle plus petite", actor=OPERATOR, now=NOW)
    steps.append(used_and_ceiling(house))

    assert steps == [(3, 3), (2, 2), (1, 1)]  # SQL itself refuses to climb again
    assert standing(house) == [("Karim", "cancelled"), ("Lucie", "confirmed"), ("Marc", "waitlisted"), ("Nora", "waitlisted")]
    give_back(house, rows[1])
    assert standing(house) == [("Karim", "cancelled"), ("Lucie", "cancelled"), ("Marc", "confirmed"), ("Nora", "waitlisted")]
    assert books(house) == (1, 1, 1)


def test_a_new_address_kills_the_old_link_and_tells_both(house: House) -> None:
    outcome = house.register(KARIM)
    with house.database.writing() as session:
        _row, token = actions.correct(
            session,
            event_id=house.event.id,
            registration_id=outcome.registration.id,
            first_name="Karim",
            last_name="Exemplaire",
            email="karim.exemplaire@demo.test",
            keys=house.keys,
            actor=ANONYMOUS,
            now=NOW,
        )

    with house.database.reading() as session:
        found = queries.registration_by_token(session, token)
        assert queries.registration_by_token(session, outcome.token or "") is None
        assert found is not None
        assert (found.last_name, found.email) == ("Exemplaire", "karim.exemplaire@demo.test")
        addresses = session.scalars(select(Message.address).where(Message.kind == "corrected").order_by(Message.id)).all()
    assert addresses == ["karim.exemplaire@demo.test", KARIM.email]


def test_the_address_of_somebody_else_cannot_be_taken(house: House) -> None:
    house.register(KARIM)
    lucie = house.register(LUCIE).registration

    with pytest.raises(Refused) as refused, house.database.writing() as session:
        actions.correct(
            session,
            event_id=house.event.id,
            registration_id=lucie.id,
            first_name="Lucie",
            last_name="Fictif",
            email=KARIM.email,
            keys=house.keys,
            actor=ANONYMOUS,
            now=NOW,
        )

    assert refused.value.code == "registration.address_taken"


def test_calling_off_ends_every_registration_and_tells_why(house: House) -> None:
    for character in (KARIM, LUCIE, MARC, NORA):
        house.register(character)

    with house.database.writing() as session:
        actions.call_off(session, event_id=house.event.id, reason="Mistral", actor=OPERATOR, now=NOW)

    assert {state for _name, state in standing(house)} == {"cancelled"}
    assert mails(house)[4:] == [("Karim", "called_off"), ("Lucie", "called_off"), ("Marc", "called_off"), ("Nora", "called_off")]
    assert books(house) == (0, 0, 0)


def test_a_draft_with_gaps_is_not_published(database: Database) -> None:
    house = House(database, state="draft")
    with database.writing() as session:
        session.execute(update(type(house.event)).values(contact=""))

    with pytest.raises(Refused) as refused, database.writing() as session:
        actions.publish(session, event_id=house.event.id, actor=OPERATOR, now=NOW)
    with database.writing() as session:
        session.execute(update(type(house.event)).values(contact="c@demo.test"))
    with database.writing() as session:
        event = actions.publish(session, event_id=house.event.id, actor=OPERATOR, now=NOW)

    assert refused.value.code == "checklist.incomplete"
    assert event.state == "published"


def test_every_command_is_noted_in_one_unbroken_chain(house: House) -> None:
    karim = house.register(KARIM).registration
    house.register(LUCIE)
    give_back(house, karim)

    with house.database.reading() as session:
        chain = journal.chain(session, f"event:{house.event.id}")

    assert [entry.verb for entry in chain] == ["create_quota", "create_ticket_type", "register", "register", "give_back"]
    assert first_fault(chain) is None


def test_the_number_of_statements_is_the_same_with_three_and_with_thirty_waiting(house: House, statements: list[str]) -> None:
    for character in (KARIM, LUCIE, MARC):
        house.register(character)
    house.register(NORA)
    statements.clear()
    house.register(PAUL)
    few = len(statements)
    for number in range(30):
        house.register(Character(f"w{number}", "X"))
    statements.clear()

    house.register(Character("last", "X"))

    assert len(statements) == few


# -- what SQL itself refuses -------------------------------------------------------------------------------------------


def test_sql_refuses_a_counter_beyond_its_ceiling(house: House) -> None:
    with pytest.raises(IntegrityError), house.database.writing() as session:
        session.execute(update(Quota).values(used=4))


def test_sql_refuses_a_second_live_registration_of_a_person(house: House) -> None:
    house.register(KARIM)
    lucie = house.register(LUCIE).registration

    with pytest.raises(IntegrityError), house.database.writing() as session:
        session.execute(update(Registration).where(Registration.id == lucie.id).values(canonical_email=KARIM.email))


def test_sql_refuses_the_same_place_in_line_twice(house: House) -> None:
    house.register(KARIM)
    house.register(LUCIE)

    with pytest.raises(IntegrityError), house.database.writing() as session:
        session.execute(update(Registration).values(seq=1))


def test_sql_refuses_a_ticket_code_twice(house: House) -> None:
    house.register(KARIM)
    house.register(LUCIE)

    with pytest.raises(IntegrityError), house.database.writing() as session:
        session.execute(update(Ticket).values(code_sha256=b"0" * 32))


@pytest.mark.parametrize("model", [SeatEntry, Entry])
def test_sql_refuses_to_rewrite_history(house: House, model: type[Base]) -> None:
    house.register(KARIM)

    with pytest.raises(DBAPIError), house.database.writing() as session:
        session.execute(update(model).values({"cause" if model is SeatEntry else "verb": "forged"}))
    with pytest.raises(DBAPIError), house.database.writing() as session:
        session.execute(model.__table__.delete())  # type: ignore[attr-defined]


def test_who_never_registered_gets_no_further_mail_and_the_seat_moves_on(house: House) -> None:
    karim, *_others = [house.register(character).registration for character in (KARIM, LUCIE, MARC, NORA)]
    before = mails(house)

    for _twice in range(2):
        with house.database.writing() as session:
            actions.disown(session, event_id=house.event.id, registration_id=karim.id, actor=ANONYMOUS, now=NOW)

    assert standing(house) == [("Karim", "cancelled"), ("Lucie", "confirmed"), ("Marc", "confirmed"), ("Nora", "confirmed")]
    assert mails(house) == [*before, ("Nora", "promoted")]
    assert books(house) == (3, 3, 3)


def test_nobody_inside_can_be_disowned(house: House) -> None:
    karim = house.register(KARIM).registration
    with house.database.writing() as session:
        attendee = queries.attendees_of(session, [karim.id])[karim.id][0][0]
        assert [actions.arrive(session, attendee_ids=[attendee.id], now=NOW) for _twice in range(2)] == [1, 0]

    with house.database.writing() as session, pytest.raises(Refused, match=r"registration\.arrived"):
        actions.disown(session, event_id=house.event.id, registration_id=karim.id, actor=ANONYMOUS, now=NOW)

    assert standing(house) == [("Karim", "confirmed")]


def steps(statements: list[str]) -> list[str]:
    """What each statement does and to which table."""
    before_table = {"SELECT": " FROM ", "INSERT": "INTO ", "UPDATE": "UPDATE "}  # the outermost FROM is the last
    verbs = [(statement.split()[0], " ".join(statement.split())) for statement in statements]
    return [f"{verb} {text.rpartition(before_table[verb])[2].split()[0]}" for verb, text in verbs]


LOCKED = ["SELECT event", "SELECT quota"]  # the key, the address and the short codes are asked about with the quotas
CHECKED = ["SELECT journal_entry"]
WRITTEN = [
    "UPDATE event",
    "INSERT command_key",
    "INSERT journal_entry",
    "INSERT message",
    "INSERT attendee",
    "INSERT seat_entry",
    "INSERT ticket",
]


def test_what_a_registration_costs_under_the_lock(house: House, statements: list[str]) -> None:
    house.register(KARIM)
    seated, _ = steps(statements), statements.clear()
    house.register(LUCIE, size=2)
    party, _ = steps(statements), statements.clear()
    house.register(MARC)
    first, _ = steps(statements), statements.clear()
    house.register(NORA)
    behind = steps(statements)

    assert seated == [*LOCKED, "INSERT registration", "UPDATE quota", *CHECKED, *WRITTEN]
    assert [step for step in party if step != "INSERT attendee"] == [step for step in seated if step != "INSERT attendee"]
    waits = [step for step in WRITTEN if step != "INSERT seat_entry"]
    assert first == [
        *LOCKED,
        "SELECT line_shape",
        "INSERT registration",
        "UPDATE line_shape",
        "INSERT line_shape",
        *CHECKED,
        *waits,
    ]
    assert behind == [*LOCKED, "SELECT line_shape", "INSERT registration", "UPDATE line_shape", *CHECKED, *waits]


def asked_together(house: House, keys: list[str], address: str = "") -> list[str]:
    """One transaction for these keys, each with an address of its own, or all with one; how each was answered."""
    kinds = []
    with house.database.writing() as session:
        keep_held(session, Event, house.event.id)
        for key in keys:
            request = actions.Request(key, house.type.id, "Karim", "Haddad", f"karim{address or key}@demo.test", "fr")
            outcome = actions.register(session, event_id=house.event.id, request=request, keys=house.keys, actor=ANONYMOUS, now=NOW)
            kinds.append(outcome.kind)
    return kinds


def test_ten_registrations_in_one_transaction_write_each_table_once(house: House, statements: list[str]) -> None:
    asked_together(house, [f"{number}" for number in range(3)])
    party, _ = Counter(step for step in steps(statements) if step in WRITTEN), statements.clear()
    asked_together(house, [f"{number}" for number in range(10, 20)])  # all of them wait: no seat moves
    behind = Counter(step for step in steps(statements) if step in WRITTEN)

    once = dict.fromkeys(WRITTEN, 1)
    in_order = (1, 1) if house.database.dialect == "postgresql" else (3, 10)  # SQLite cannot promise the order of their keys
    assert party == once | {"INSERT attendee": in_order[0]}
    assert behind == {step: 1 for step in WRITTEN if step != "INSERT seat_entry"} | {"INSERT attendee": in_order[1]}


def test_a_key_that_comes_twice_in_one_transaction_makes_one_registration(house: House) -> None:
    assert asked_together(house, ["1", "2", "1"]) == ["created", "created", "known"]

    with house.database.reading() as session:
        chain = journal.chain(session, f"event:{house.event.id}")
    assert [entry.position for entry in chain] == list(range(1, len(chain) + 1))
    assert first_fault(chain) is None
    assert (standing(house), books(house)) == ([("Karim", "confirmed")] * 2, (2, 2, 2))


def test_an_address_that_comes_twice_in_one_transaction_makes_one_registration(house: House) -> None:
    assert asked_together(house, ["1", "2"], address="r") == ["created", "exists"]

    assert (standing(house), books(house)) == ([("Karim", "confirmed")], (1, 1, 1))


@pytest.mark.parametrize("at_once", [True, False], ids=["one transaction", "two transactions"])
def test_a_short_code_that_is_taken_is_drawn_again(house: House, monkeypatch: pytest.MonkeyPatch, at_once: bool) -> None:
    ticket, other, *parties = (bytes([number]) * 16 for number in range(4))
    drawn = iter([ticket, parties[0], ticket, parties[1], other])
    monkeypatch.setattr(codes, "identity", lambda: next(drawn))

    for keys in [["1", "2"]] if at_once else [["1"], ["2"]]:
        assert asked_together(house, keys) == ["created"] * len(keys)

    with house.database.reading() as session:
        assert list(session.scalars(select(Ticket.identity).order_by(Ticket.id))) == [ticket, other]


def test_whom_the_organiser_harmed_comes_before_who_waited_longer(house: House) -> None:
    house.register(KARIM)
    house.register(LUCIE, size=4)  # more than the hall holds: waits, and keeps no seat from others
    marc = house.register(MARC).registration
    with house.database.writing() as session:
        actions.set_limit(session, event_id=house.event.id, quota_id=house.quota.id, limit=1, actor=OPERATOR, now=NOW)
    with house.database.writing() as session:
        actions.revoke(session, event_id=house.event.id, registration_id=marc.id, reason="Panne", actor=OPERATOR, now=NOW)
    with house.database.writing() as session:
        actions.set_limit(session, event_id=house.event.id, quota_id=house.quota.id, limit=5, actor=OPERATOR, now=NOW)

    assert standing(house) == [("Karim", "confirmed"), ("Lucie", "waitlisted"), ("Marc", "confirmed")]


def test_a_seat_is_taken_and_freed_in_every_quota_of_its_type(house: House) -> None:
    with house.database.writing() as session:
        workshop = actions.create_quota(session, event_id=house.event.id, name="atelier", limit=2, actor=OPERATOR, now=NOW)
        kind = actions.create_ticket_type(
            session,
            event_id=house.event.id,
            slug="atelier",
            name={"fr": "Atelier"},
            quota_ids=[house.quota.id, workshop.id],
            actor=OPERATOR,
            now=NOW,
        )

    def used() -> list[tuple[str, int, int]]:
        with house.database.reading() as session:
            sums = queries.ledger_sums(session, house.event.id)
            return [(quota.name, quota.used, sums.get(quota.id, 0)) for quota in queries.quotas(session, house.event.id)]

    pair = house.register(KARIM, size=2, ticket_type_id=kind.id).registration
    taken = used()
    give_back(house, pair)

    assert taken == [("salle", 2, 2), ("atelier", 2, 2)]
    assert used() == [("salle", 0, 0), ("atelier", 0, 0)]


def test_a_corrected_party_is_still_found_by_its_organisation(house: House) -> None:
    made = house.register(KARIM, organisation="Atelier Fictif").registration
    with house.database.writing() as session:
        actions.correct(
            session,
            event_id=house.event.id,
            registration_id=made.id,
            first_name="Karim",
            last_name="Exemplaire",
            email=KARIM.email,
            keys=house.keys,
            actor=ANONYMOUS,
            now=NOW,
        )

    with house.database.reading() as session:
        found = [
            [row.last_name for row in queries.registrations_page(session, house.event.id, words=words)]
            for words in (["atelier", "exemplaire"], ["exemple"])
        ]
    assert found == [["Exemplaire"], []]
