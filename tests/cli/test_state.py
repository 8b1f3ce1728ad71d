"""`state` tells the truth of an event; `verify` derives it again and names each thing that does not add up."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text

from eventapp.cli.state import state, verify
from eventapp.lib.db import Database
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions, queries
from tests.cast import KARIM, LUCIE, MARC, NORA, PAUL
from tests.factories import NOW, House


@pytest.fixture
def house(app: Flask, database: Database) -> House:
    """Two seats: Karim and Nora have them, Lucie and Marc wait."""
    house = House(database, limit=2)
    for character in (KARIM, NORA, LUCIE, MARC):
        house.register(character)
    return house


def told(app: Flask, *options: str) -> tuple[int, list[str]]:
    with app.app_context():
        answer = CliRunner().invoke(verify, ["--json", *options])
    return answer.exit_code, json.loads(answer.output)


def test_state_is_one_document(app: Flask, house: House) -> None:
    with app.app_context():
        document = json.loads(CliRunner().invoke(state, ["--event", "grand-opening", "--json"]).output)

    assert list(document) == ["event", "quotas", "registrations", "standby", "passages", "messages"]
    assert document["event"] == "grand-opening"
    assert document["quotas"] == [{"name": "salle", "limit": 2, "used": 2, "ledger": 2, "protects": None}]
    assert [(row["email"], row["state"], row["seq"], len(row["tickets"])) for row in document["registrations"]] == [
        (KARIM.email, "confirmed", 1, 1),
        (NORA.email, "confirmed", 2, 1),
        (LUCIE.email, "waitlisted", 3, 1),
        (MARC.email, "waitlisted", 4, 1),
    ]
    first = document["registrations"][0]
    assert set(first) == {
        "id",
        "state",
        "size",
        "seq",
        "class",
        "lot",
        "auto_until",
        "accept_partial",
        "expires_at",
        "ticket_type",
        "transferred_from",
        "email",
        "tickets",
    }
    assert (first["size"], first["class"], first["ticket_type"], first["tickets"][0][:2]) == (1, 5, "entree", "T1")
    assert document["messages"] == {"queued": 4, "leased": 0, "sent": 0, "failed": 0, "held": 0}
    assert (document["standby"], document["passages"]) == ([], 0)


@pytest.mark.parametrize("command", [state, verify])
def test_an_unknown_event_is_refused_with_a_sentence(app: Flask, command: object) -> None:
    with app.app_context():
        answer = CliRunner().invoke(command, ["--event", "nowhere"])  # type: ignore[arg-type]

    assert (answer.exit_code, "there is no event 'nowhere'" in answer.output) == (1, True)


def test_an_invitation_which_has_no_place_in_line_is_no_fault(app: Flask, database: Database, house: House) -> None:
    invitation = actions.Invitation(
        key="k" * 22, ticket_type_id=house.type.id, first_name="", last_name="", email="invitee@demo.test", language="fr"
    )
    with database.writing() as session:
        quota = queries.quotas(session, house.event.id)[0]
        actions.set_limit(session, event_id=house.event.id, quota_id=quota.id, limit=40, actor=OPERATOR, now=NOW)
        made = actions.invite(session, event_id=house.event.id, invitation=invitation, keys=house.keys, actor=OPERATOR, now=NOW)
    assert (made.registration.state, made.registration.seq) == ("offered", None)

    assert told(app) == (0, [])


def test_a_place_passed_on_has_none_in_line_and_says_from_where_it_came(app: Flask, database: Database, house: House) -> None:
    with database.writing() as session:
        quota = queries.quotas(session, house.event.id)[0]
        actions.set_limit(session, event_id=house.event.id, quota_id=quota.id, limit=40, actor=OPERATOR, now=NOW)
    origin = house.register(PAUL, size=2).registration.public_id
    wanted = actions.Transfer(key="k" * 22, public_id=origin, position=2, first_name="Inès", last_name="Prototype", email="ines@demo.test")
    with database.writing() as session:
        actions.transfer(session, event_id=house.event.id, transfer=wanted, keys=house.keys, actor=OPERATOR, now=NOW)

    with app.app_context():
        document = json.loads(CliRunner().invoke(state, ["--event", "grand-opening", "--json"]).output)

    last = document["registrations"][-1]
    assert (last["email"], last["seq"], last["transferred_from"], len(last["tickets"])) == ("ines@demo.test", None, origin, 1)
    assert told(app) == (0, [])


def test_verify_finds_nothing_where_nothing_is_wrong(app: Flask, house: House) -> None:
    assert told(app) == (0, [])
    assert told(app, "--event", "grand-opening") == (0, [])


LAST_YEAR, A_DAY_LATER = "'2026-09-01 10:00:00.000000+00:00'", "'2026-09-02 10:00:00.000000+00:00'"
WAITING = "SELECT max(id) FROM registration"
ENTRY = "event_id, quota_id, registration_id, delta, cause, at"
PLANTED = {
    "a counter too low": ("UPDATE quota SET used = 1", "quota salle: used 1, ledger 2, seated 2"),
    "a counter too high": ("UPDATE quota SET used = 3, ceiling = 3", "quota salle: used 3, ledger 2, seated 2"),
    "a ceiling without reason": ("UPDATE quota SET ceiling = 9", "quota salle: ceiling 9 with limit 2 and used 2"),
    "a seat without an entry": (
        f"INSERT INTO seat_entry (event_id, quota_id, registration_id, delta, cause, at) SELECT event_id, id, ({WAITING}), 1, 'x', created_at FROM quota",
        "quota salle: used 2, ledger 3, seated 2",
    ),
    "a party seated in its row alone": (
        f"UPDATE registration SET state = 'confirmed', confirmed_at = changed_at WHERE id = ({WAITING})",
        "quota salle: used 2, ledger 2, seated 3",
    ),
    "a seat lost in its row alone": (
        "UPDATE registration SET state = 'cancelled' WHERE id = (SELECT min(id) FROM registration)",
        "quota salle: used 2, ledger 2, seated 1",
    ),
    "a party larger than its tickets": (f"UPDATE registration SET size = 2 WHERE id = ({WAITING})", "size 2, tickets 1"),
    "a ticket of nobody": ("UPDATE attendee SET left_at = :now WHERE position = 1", "size 1, tickets 0"),
    "a ticket closed without another": ("UPDATE ticket SET replaced_at = :now", "size 1, tickets 0"),
    "confirmed without a time": ("UPDATE registration SET confirmed_at = NULL", "confirmed without a time"),
    "no place in line": ("UPDATE registration SET seq = NULL WHERE state = 'confirmed'", "no place in line"),
    "a place not given yet": (f"UPDATE registration SET seq = 99 WHERE id = ({WAITING})", "place 99 in line given 1 times"),
    "the next place given already": ("UPDATE event SET next_seq = 2", "place 2 in line given 1 times, next is 2"),
    "a line miscounted": ("UPDATE line_shape SET parties = parties + 1", "size 1, class 5: counted 3, waiting 2"),
    "somebody waits beside a free seat": ("UPDATE quota SET seat_limit = 5, ceiling = 5", "waits beside a free seat"),
    "a line that nobody closed": (
        f"UPDATE event SET doors_at = {LAST_YEAR}, starts_at = {LAST_YEAR}, ends_at = {A_DAY_LATER}",
        "its line is not closed",
    ),
    "entries written twice": (
        f"INSERT INTO seat_entry ({ENTRY}) SELECT {ENTRY} FROM seat_entry",
        "quota salle: used 2, ledger 4, seated 2",
    ),
    "somebody marked as come without passing": ("UPDATE attendee SET arrived_at = :now", "attendees marked"),
    "bodies inside that nobody let in": (
        "INSERT INTO event_door (event_id, occupancy, arrived, created_at) SELECT id, 4, 0, created_at FROM event",
        "door: occupancy 4, passages 0",
    ),
    "arrivals that nobody let in": (
        "INSERT INTO event_door (event_id, occupancy, arrived, created_at) SELECT id, 0, 3, created_at FROM event",
        "door: arrived 3, first entries 0, attendees marked 0",
    ),
}


def plant(database: Database, statement: str) -> None:
    with database.writing() as session:
        session.execute(text(statement), {"now": "2027-09-01 10:00:00.000000+00:00"} if ":now" in statement else {})


@pytest.mark.trust("OPS-6")
@pytest.mark.parametrize("name", PLANTED)
def test_verify_names_a_planted_fault(app: Flask, database: Database, house: House, name: str) -> None:
    statement, sentence = PLANTED[name]
    plant(database, statement)

    code, found = told(app)

    assert code == 1
    assert [fault for fault in found if sentence in fault], found


@pytest.mark.trust("JRN-1")
@pytest.mark.parametrize("change", ["UPDATE entry SET verb = 'other' WHERE id = {id}", "DELETE FROM entry WHERE id = {id}"])
def test_verify_names_a_journal_that_was_tampered_with(app: Flask, database: Database, house: House, change: str) -> None:
    table = "journal_entry" if "journal_entry" in names(database) else "entry"
    with database.writing() as session:
        if database.dialect == "sqlite":
            for trigger in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER {table}_no_{trigger}"))
        else:
            session.execute(text(f"DROP TRIGGER {table}_frozen ON {table}"))
        first = session.scalar(text(f"SELECT min(id) FROM {table}"))
        session.execute(text(change.format(id=first).replace(" entry ", f" {table} ")))

    code, found = told(app)

    assert code == 1
    assert [fault for fault in found if fault.startswith("journal event:")], found


def names(database: Database) -> set[str]:
    from sqlalchemy import inspect

    return set(inspect(database.engine).get_table_names())


def test_an_application_has_no_place_and_verify_knows_it(app: Flask, house: House) -> None:
    with house.database.writing() as session:
        kind = actions.create_ticket_type(
            session,
            event_id=house.event.id,
            slug="atelier",
            name={"fr": "Atelier"},
            quota_ids=[house.quota.id],
            approval=True,
            actor=OPERATOR,
            now=NOW,
        )
        kind_id = kind.id
    paul = house.register(PAUL, ticket_type_id=kind_id).registration
    before = told(app)

    with house.database.writing() as session:
        session.execute(text("UPDATE registration SET seq = 0 WHERE id = :id"), {"id": paul.id})

    assert before == (0, [])
    assert told(app) == (1, [f"grand-opening: registration {paul.public_id}: a place in line before it is approved"])
