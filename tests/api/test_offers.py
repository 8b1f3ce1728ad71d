"""Programs answer an offer and say how a turn is wished for, with the token that registering answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eventapp.registration import actions
from tests.cast import KARIM, LUCIE, MARC, Character
from tests.registration.line import ANSWER_BY, HOUR, MORNING, Line

KEY = {"Idempotency-Key": "3f6c1a52-7d0e-4b3c-9a57-1f2e3d4c5b6a"}


class Program:
    """What registers people and answers for them, at an instant."""

    def __init__(self, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
        self.client, self.line = client, Line(app.extensions["eventapp"].database)
        self._clock = lambda now: monkeypatch.setattr(app.extensions["eventapp"], "clock", lambda: now)

    def at(self, now: datetime) -> None:
        self._clock(now)

    def register(self, character: Character, **more: Any) -> dict[str, Any]:
        names = {"first_name": character.first_name, "last_name": character.last_name, "email": character.email}
        made = self.client.post("/api/v1/events/grand-opening/registrations", json=names | {"ticket_type": "entree"} | more)
        assert made.status_code == 201, made.text
        return dict(made.json or {})

    def send(self, party: dict[str, Any], what: str, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        return self.client.post(f"/api/v1/registrations/{party['id']}/{what}", json=more, headers=self._bearer(party) | (headers or {}))

    def mend(self, party: dict[str, Any], **more: Any) -> TestResponse:
        return self.client.patch(f"/api/v1/registrations/{party['id']}", json=more, headers=self._bearer(party))

    def read(self, party: dict[str, Any]) -> dict[str, Any]:
        return dict(self.client.get(f"/api/v1/registrations/{party['id']}", headers=self._bearer(party)).json or {})

    def free(self, party: dict[str, Any]) -> None:
        assert self.send(party, "cancellation").status_code == 200

    def mailed(self, party: dict[str, Any], now: datetime) -> None:
        with self.line.database.writing() as session:
            actions.started(session, event_id=self.line.event_id, public_id=party["id"], now=now)

    @staticmethod
    def _bearer(party: dict[str, Any]) -> dict[str, str]:
        return {"Authorization": f"Bearer {party['token']}"}


@pytest.fixture
def program(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Program:
    return Program(app, client, monkeypatch)


def offered(program: Program) -> tuple[dict[str, Any], dict[str, Any]]:
    """Karim has left in the week before; Lucie is asked, Marc waits."""
    karim, lucie, marc = (program.register(each, auto_until="offers") for each in (KARIM, LUCIE, MARC))
    program.at(MORNING)
    program.free(karim)
    program.mailed(lucie, MORNING)
    return lucie, marc


def test_an_offer_says_until_when_it_may_be_accepted(program: Program) -> None:
    lucie, marc = offered(program)

    told = program.read(lucie)

    assert (told["state"], datetime.fromisoformat(told["answer_by"]), told["tickets"]) == ("offered", ANSWER_BY, [])
    assert told["answer_by"].endswith("+02:00")
    assert (program.read(marc)["position"], program.read(marc)["answer_by"]) == (1, None)


def test_accepting_answers_the_ticket_and_once_is_enough(program: Program) -> None:
    lucie, _marc = offered(program)

    first, second = program.send(lucie, "offer-acceptance", KEY), program.send(lucie, "offer-acceptance", KEY)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json == second.json == program.read(lucie)
    assert (program.read(lucie)["state"], len(program.read(lucie)["tickets"])) == ("confirmed", 1)


def test_refusing_asks_the_next_in_line(program: Program) -> None:
    lucie, marc = offered(program)

    assert program.send(lucie, "offer-refusal").status_code == 200

    assert (program.read(lucie)["state"], program.read(marc)["state"]) == ("declined", "offered")


def test_two_hours_more_are_given_once_for_a_key_and_then_no_more(program: Program) -> None:
    lucie, _marc = offered(program)

    answers = [program.send(lucie, "offer-extension", KEY) for _ in range(2)]

    assert [datetime.fromisoformat((answer.json or {})["answer_by"]) for answer in answers] == [ANSWER_BY + 2 * HOUR] * 2
    again = program.send(lucie, "offer-extension")
    assert (again.status_code, (again.json or {})["code"]) == (409, "offer.extended_already")


def test_an_answer_that_is_late_is_refused_and_the_line_has_moved(program: Program) -> None:
    lucie, marc = offered(program)
    program.at(ANSWER_BY)

    late = program.send(lucie, "offer-acceptance")

    assert (late.status_code, (late.json or {})["code"]) == (409, "offer.over")
    assert (program.read(lucie)["state"], program.read(marc)["state"]) == ("waitlisted", "offered")


@pytest.mark.parametrize("what", ["offer-acceptance", "offer-refusal", "offer-extension"])
def test_who_has_no_offer_has_nothing_to_answer(program: Program, what: str) -> None:
    program.register(KARIM)
    lucie = program.register(LUCIE)

    answer = program.send(lucie, what)

    assert (answer.status_code, (answer.json or {})["code"]) == (409, "offer.over")


@pytest.mark.parametrize("what", ["offer-acceptance", "offer-refusal", "offer-extension"])
def test_nobody_answers_for_another(program: Program, what: str) -> None:
    lucie, marc = offered(program)

    answer = program.send(lucie | {"token": marc["token"]}, what)

    assert answer.status_code == 404
    assert program.read(lucie)["state"] == "offered"


def test_a_wish_said_when_registering_and_changed_later(program: Program) -> None:
    karim = program.register(KARIM)
    lucie = program.register(LUCIE, auto_until="never")

    mended = program.mend(lucie, auto_until="freeze")

    assert (lucie["auto_until"], (mended.json or {})["auto_until"]) == ("never", "freeze")
    program.at(MORNING)
    program.free(karim)
    assert program.read(lucie)["state"] == "confirmed"


def test_a_part_of_a_party_is_seated_and_the_rest_stands_beside_it(program: Program) -> None:
    karim = program.register(KARIM)
    lucie = program.register(LUCIE, party_size=3, accept_partial=True)
    program.free(karim)

    told = program.read(lucie)

    assert (told["state"], told["party_size"], len(told["tickets"])) == ("confirmed", 1, 1)
    assert [(part["state"], part["party_size"], part["position"]) for part in told["parts"]] == [("waitlisted", 2, 1)]


def test_an_offer_to_a_part_is_answered_by_its_name(program: Program) -> None:
    karim = program.register(KARIM)
    lucie = program.register(LUCIE, party_size=2, accept_partial=True, auto_until="offers")
    program.free(karim)
    program.at(MORNING)
    program.line.set_limit(2, now=MORNING)
    part = program.read(lucie)["parts"][0]
    assert part["state"] == "offered"

    assert program.send(lucie, "offer-acceptance", part="a" * 16).status_code == 404
    assert program.send(lucie, "offer-acceptance", part=part["id"]).status_code == 200

    assert [one["state"] for one in program.read(lucie)["parts"]] == ["confirmed"]


@pytest.mark.parametrize(
    ("body", "field"), [({"auto_until": "always"}, "auto_until"), ({"accept_partial": "yes"}, "accept_partial"), ({"seat": 1}, "seat")]
)
def test_a_wish_that_is_none_is_named(program: Program, body: dict[str, Any], field: str) -> None:
    program.register(KARIM)
    lucie = program.register(LUCIE)

    answer = program.mend(lucie, **body)

    assert (answer.status_code, (answer.json or {})["code"]) == (422, "request.invalid")
    assert [error["field"] for error in (answer.json or {})["errors"]] == [field]


def test_who_is_seated_has_no_wishes(program: Program) -> None:
    karim = program.register(KARIM)

    answer = program.mend(karim, auto_until="never")

    assert (answer.status_code, (answer.json or {})["code"]) == (409, "registration.not_waiting")


def test_an_organiser_who_raises_the_limit_is_seen_at_once(program: Program) -> None:
    program.register(KARIM)
    lucie = program.register(LUCIE)
    program.line.set_limit(2, now=MORNING.replace(day=1))

    assert program.read(lucie)["state"] == "confirmed"
