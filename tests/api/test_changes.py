"""Programs make a party smaller or larger, and move it to another ticket type, with the token that registering answered."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventapp.people.rules import OPERATOR
from eventapp.registration import actions
from tests.api.test_offers import KEY, Program
from tests.cast import KARIM, LUCIE, MARC
from tests.factories import NOW


@pytest.fixture
def program(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Program:
    return Program(app, client, monkeypatch)


@pytest.fixture
def terrace(program: Program) -> str:
    """Another ticket type, with one seat of its own."""
    with program.line.database.writing() as session:
        own = {"event_id": program.line.event_id, "actor": OPERATOR, "now": NOW}
        quota = actions.create_quota(session, name="terrasse", limit=1, **own)  # type: ignore[arg-type]
        names = {"fr": "Terrasse", "en": "Terrace"}
        return actions.create_ticket_type(session, slug="terrasse", name=names, quota_ids=[quota.id], **own).slug  # type: ignore[arg-type]


def mend(program: Program, party: dict[str, Any], **more: Any) -> tuple[int, dict[str, Any]]:
    answer = program.mend(party, **more)
    return answer.status_code, dict(answer.json or {})


def test_a_smaller_party_keeps_its_place_and_a_larger_one_loses_it(program: Program) -> None:
    program.register(KARIM)
    lucie, marc = program.register(LUCIE, party_size=2), program.register(MARC)

    status, told = mend(program, lucie, party_size=1)
    assert (status, told["party_size"], told["position"]) == (200, 1, 1)
    status, told = mend(program, lucie, party_size=4)

    assert (status, told["party_size"], told["position"], told["persons_before"]) == (200, 4, 2, 1)
    assert program.read(marc)["position"] == 1


def test_who_has_seats_and_is_more_has_a_part_and_asking_again_adds_nobody(program: Program) -> None:
    karim = program.register(KARIM)

    for _ in range(2):
        status, told = mend(program, karim, party_size=3)

    assert (status, told["state"], told["party_size"]) == (200, "confirmed", 1)
    assert [(part["state"], part["party_size"], part["position"]) for part in told["parts"]] == [("waitlisted", 2, 1)]


def test_sent_again_under_its_key_it_is_answered_alike(program: Program) -> None:
    program.register(KARIM)
    lucie = program.register(LUCIE)
    path, headers = f"/api/v1/registrations/{lucie['id']}", {"Authorization": f"Bearer {lucie['token']}"} | KEY

    first = program.client.patch(path, json={"party_size": 3}, headers=headers)
    mend(program, lucie, party_size=2)
    again = program.client.patch(path, json={"party_size": 3}, headers=headers)

    assert ((first.json or {})["party_size"], (again.json or {})["party_size"]) == (3, 2)


def test_another_ticket_type_is_taken_where_there_is_room_and_else_nothing_changes(program: Program, terrace: str) -> None:
    karim = program.register(KARIM)
    lucie = program.register(LUCIE)

    status, told = mend(program, karim, ticket_type=terrace)

    assert (status, told["ticket_type"], told["state"], len(told["tickets"])) == (200, terrace, "confirmed", 1)
    assert program.read(lucie)["state"] == "confirmed"
    status, told = mend(program, lucie, ticket_type=terrace)
    assert (status, told["code"]) == (409, "registration.quota_full")
    assert program.read(lucie)["ticket_type"] == "entree"


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"party_size": 5}, 422, "registration.party_too_large"),
        ({"party_size": 51}, 422, "request.invalid"),
        ({"party_size": "2"}, 422, "request.invalid"),
        ({"ticket_type": "loge"}, 422, "registration.type_unknown"),
    ],
)
def test_what_cannot_be_is_refused(program: Program, more: dict[str, Any], status: int, code: str) -> None:
    program.register(KARIM)
    lucie = program.register(LUCIE)

    answered, told = mend(program, lucie, **more)

    assert (answered, told["code"]) == (status, code)
    assert program.read(lucie)["party_size"] == 1


def test_fewer_seats_are_given_back_and_not_taken(program: Program) -> None:
    program.line.set_limit(2, now=NOW)
    karim = program.register(KARIM, party_size=2)

    status, told = mend(program, karim, party_size=1)

    assert (status, told["code"]) == (409, "registration.not_waiting")
    assert program.read(karim)["party_size"] == 2
