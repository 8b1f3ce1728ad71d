"""Programs pass a place on, and learn no more of it than the party they speak for."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.test_offers import Program
from tests.cast import KARIM, LUCIE, NORA, PAUL

KEY = {"Idempotency-Key": "3f6c1a52-7d0e-4b3c-9a57-1f2e3d4c5b6a"}
WHO = {"first_name": "Paul", "last_name": "Inconnu", "email": PAUL.email}


@pytest.fixture
def program(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Program:
    program = Program(app, client, monkeypatch)
    program.line.set_limit(3, now=program.line.house.event.created_at)
    return program


def test_the_only_place_ends_the_token_and_is_answered_again_under_its_key(program: Program) -> None:
    karim = program.register(KARIM)

    first, again = (program.send(karim, "transfers", KEY, position=1, **WHO) for _time in range(2))

    assert [(answer.status_code, answer.json) for answer in (first, again)] == [(200, {"first_name": "Paul", "places_left": 0})] * 2
    assert program.read(karim)["code"] == "not_found"
    assert program.send(karim, "transfers", position=1, **WHO).status_code == 404
    assert program.line.states == [("Paul", "confirmed", 1)]


def test_one_of_several_leaves_the_others_with_the_token(program: Program) -> None:
    karim = program.register(KARIM, party_size=3)

    answers = [program.send(karim, "transfers", KEY, position=2, **WHO) for _time in range(2)]

    assert [(answer.status_code, answer.json) for answer in answers] == [(200, {"first_name": "Paul", "places_left": 2})] * 2
    assert [ticket["position"] for ticket in program.read(karim)["tickets"]] == [1, 3]
    assert program.line.states == [("Karim", "confirmed", 2), ("Paul", "confirmed", 1)]


def test_the_key_of_an_earlier_correction_tells_nobody_the_new_token(program: Program) -> None:
    karim = program.register(KARIM)
    headers = {"Authorization": f"Bearer {karim['token']}"} | KEY
    path = f"/api/v1/registrations/{karim['id']}"
    assert program.client.patch(path, json={"last_name": "Exemplaire"}, headers=headers).status_code == 200

    assert program.send(karim, "transfers", position=1, **WHO).status_code == 200

    again = program.client.patch(path, json={"last_name": "Exemplaire"}, headers=headers)
    assert (again.status_code, "token" in (again.json or {})) == (404, False)


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"email": NORA.email}, 409, "transfer.recipient"),
        ({"position": 3}, 422, "registration.attendee_unknown"),
        ({"email": "nobody"}, 422, "email.malformed"),
        ({"first_name": " "}, 422, "text.empty"),
        ({"part": "a" * 16}, 404, "not_found"),
    ],
)
def test_what_cannot_be_is_refused(program: Program, more: dict[str, object], status: int, code: str) -> None:
    karim, _nora = program.register(KARIM), program.register(NORA)
    before = program.line.states

    answer = program.send(karim, "transfers", **{"position": 1, **WHO, **more})

    assert (answer.status_code, (answer.json or {})["code"]) == (status, code)
    assert program.line.states == before


def test_the_place_of_somebody_else_is_not_found(program: Program) -> None:
    karim, lucie = program.register(KARIM), program.register(LUCIE)

    stolen = program.send({"id": lucie["id"], "token": karim["token"]}, "transfers", position=1, **WHO)
    as_part = program.send(karim, "transfers", position=1, part=lucie["id"], **WHO)

    assert (stolen.status_code, as_part.status_code) == (404, 404)
    assert program.line.states == [("Karim", "confirmed", 1), ("Lucie", "confirmed", 1)]
