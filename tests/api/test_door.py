"""What a phone asks and is told: every verdict, repetition, roles, strangers, lost phones."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text, update

from eventapp.door.models import Device, EventDoor, Passage, Scan
from eventapp.door.rules import Role
from eventapp.events.models import EventGate, Gate, Space
from eventapp.lib.db import Database
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions as registrations
from eventapp.registration.models import Attendee, Registration
from eventapp.tickets import rules as tickets
from tests import factories, phones
from tests.cast import KARIM, LUCIE, MARC, PAUL
from tests.factories import NOW, House


@pytest.fixture
def house(app: Flask) -> House:
    return House(app.extensions["eventapp"].database)


@pytest.fixture
def nora(app: Flask, house: House) -> phones.Phone:
    return phones.phone(app, house)


def code_of(house: House, character: Any, **more: Any) -> str:
    return phones.codes(house.database, house.register(character, **more).registration)[0]


def open_both_ways(house: House) -> None:
    with house.database.writing() as session:
        session.execute(update(Gate).values(direction="both"))


def the_door(house: House) -> tuple[int, int]:
    with house.database.reading() as session:
        row = session.get_one(EventDoor, house.event.id)
        return row.occupancy, row.arrived


def test_valid_is_welcome_and_counted(app: Flask, house: House) -> None:
    nora = phones.phone(app, house, now=NOW - timedelta(minutes=5))
    registration = house.register(KARIM, size=2).registration
    first = phones.codes(house.database, registration)[0]
    ask = nora.ask(f"HTTPS://FORUM.EXAMPLE/T/{first}")

    answer = nora.post(ask)

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "door": 1,
        "echo": "echo-1",
        "server_at": "2027-09-01T10:00:00.000Z",
        "results": [
            {
                "id": ask["id"],
                "status": "stored",
                "verdict": "OK",
                "moves": "in",
                "ref": {},
                "label": {"name": "Karim Exemple", "organisation": ""},
                "entry": {
                    "type": {"no": 1, "name": {"fr": "Entrée", "en": "Admission"}},
                    "state": "c",
                    "i": 1,
                    "n": 2,
                    "notes": 0,
                    "since_at": "2027-09-01T10:00:00.000Z",
                },
            }
        ],
        "facts": {"gauge": 820, "occupancy": 1, "arrived": 1},
    }
    with house.database.reading() as session:
        attendee = session.scalars(select(Attendee).order_by(Attendee.id)).first()
        passage = session.scalars(select(Passage)).one()
        scan = session.scalars(select(Scan)).one()
    assert attendee is not None
    assert attendee.arrived_at == NOW
    assert (passage.gate, passage.direction, passage.delta, passage.first, str(passage.day)) == ("Nord", "in", 1, True, "2027-09-01")
    assert scan.corrected_at == NOW - timedelta(milliseconds=250)


def test_already_in_names_gate_time_and_phone(app: Flask, house: House, nora: phones.Phone) -> None:
    code = code_of(house, KARIM)
    south = phones.phone(app, house, gate="Sud", label="Marc au sud")
    nora.scan(code)
    phones.later(app, timedelta(minutes=5))

    second = south.scan(code)

    assert (second["verdict"], second["moves"]) == ("ALREADY", None)
    assert second["ref"] == {"at": "2027-09-01T10:00:00.000Z", "gate": "Nord", "device": "Nora"}
    assert the_door(house) == (1, 1)


def test_waitlisted_names_the_rank_and_the_same_code_turns_green(house: House, nora: phones.Phone) -> None:
    karim = house.register(KARIM, size=3).registration
    house.register(LUCIE)
    marc = code_of(house, MARC)

    before = nora.scan(marc)
    with house.database.writing() as session:
        registrations.give_back(session, event_id=house.event.id, registration_id=karim.id, by_organiser=False, actor=OPERATOR, now=NOW)
    after = nora.scan(marc)

    assert (before["verdict"], before["ref"]) == ("WAITLISTED", {"rank": 2})
    assert after["verdict"] == "OK"


def test_cancelled_says_since_when(app: Flask, house: House, nora: phones.Phone) -> None:
    registration = house.register(KARIM).registration
    code = phones.codes(house.database, registration)[0]
    with house.database.writing() as session:
        registrations.give_back(
            session,
            event_id=house.event.id,
            registration_id=registration.id,
            by_organiser=False,
            actor=OPERATOR,
            now=NOW - timedelta(days=1),
        )

    answer = nora.scan(code)

    assert (answer["verdict"], answer["moves"], answer["ref"]) == ("CANCELLED", None, {"at": "2027-08-31T10:00:00.000Z"})
    assert the_door(house) == (0, 0)


def test_a_place_given_back_is_cancelled_while_the_rest_of_the_party_comes_in(house: House, nora: phones.Phone) -> None:
    registration = house.register(KARIM, size=2).registration
    first, second = phones.codes(house.database, registration)
    leaving = phones.tickets_of(house.database, registration)[1].attendee_id
    with house.database.writing() as session:
        registrations.give_back(
            session,
            event_id=house.event.id,
            registration_id=registration.id,
            attendee_ids=(leaving,),
            by_organiser=False,
            actor=OPERATOR,
            now=NOW,
        )

    assert [nora.scan(first)["verdict"], nora.scan(second)["verdict"]] == ["OK", "CANCELLED"]


def test_revoked(house: House, nora: phones.Phone) -> None:
    registration = house.register(KARIM).registration
    code = phones.codes(house.database, registration)[0]
    with house.database.writing() as session:
        registrations.revoke(session, event_id=house.event.id, registration_id=registration.id, reason="Doublon", actor=OPERATOR, now=NOW)

    assert nora.scan(code)["verdict"] == "REVOKED"


@pytest.mark.parametrize(
    ("state", "verdict"), [("offered", "OFFERED"), ("held", "OFFERED"), ("pending_approval", "PENDING"), ("expired", "CANCELLED")]
)
def test_states_that_are_no_right_to_come_in(house: House, nora: phones.Phone, state: str, verdict: str) -> None:
    code = code_of(house, KARIM)
    with house.database.writing() as session:
        ends = NOW + timedelta(days=1) if state in {"offered", "held"} else None
        session.execute(update(Registration).values(state=state, expires_at=ends))

    answer = nora.scan(code)

    assert (answer["verdict"], answer["moves"]) == (verdict, None)


def test_a_replaced_code_never_tells_the_new_holder(house: House, nora: phones.Phone) -> None:
    registration = house.register(KARIM).registration
    old = phones.tickets_of(house.database, registration)[0]
    token = tickets.token(factories.KEYS.ticket, old.identity, 1)
    wanted = registrations.Transfer(
        key="k" * 22, public_id=registration.public_id, position=1, first_name="Paul", last_name="Inconnu", email=PAUL.email
    )
    with house.database.writing() as session:
        registrations.transfer(session, event_id=house.event.id, transfer=wanted, keys=factories.KEYS, actor=OPERATOR, now=NOW)

    replaced, new = nora.scan(phones.code(old)), nora.scan(tickets.text(token))
    again = nora.scan(phones.code(old))

    assert (replaced["verdict"], "label" in replaced) == ("TRANSFERRED", False)
    assert (new["verdict"], new["label"]["name"]) == ("OK", "Paul Inconnu")
    assert (again["verdict"], "label" in again) == ("TRANSFERRED", False)


def test_other_event_is_named(app: Flask, house: House, nora: phones.Phone) -> None:
    with house.database.writing() as session:
        other = factories.event(session, organiser_id=house.organiser.id, slug="nuit-du-code", title={"fr": "Nuit du code"})
    with house.database.writing() as session:
        _quota, kind = factories.quota_and_type(session, event_id=other.id)
        request = registrations.Request(
            key="other", ticket_type_id=kind.id, first_name="Paul", last_name="Inconnu", email=PAUL.email, language="fr"
        )
        registration = registrations.register(
            session, event_id=other.id, request=request, keys=factories.KEYS, actor=OPERATOR, now=NOW
        ).registration
    code = phones.codes(house.database, registration)[0]

    answer = nora.scan(code)

    assert (answer["verdict"], answer["moves"], "label" in answer, "entry" in answer) == ("OTHER_EVENT", None, False, False)
    assert answer["ref"] == {"event": "Nuit du code"}
    assert answer["event"] == {"slug": "nuit-du-code", "name": {"fr": "Nuit du code"}, "starts_at": "2027-09-23T16:30:00.000Z"}
    assert nora.scan(phones.human(phones.tickets_of(house.database, registration)[0]), via="typed")["verdict"] == "UNKNOWN"


@pytest.mark.parametrize(
    "shown",
    [
        "T1AAAQEAYEAUDAOCAJBIFQYDIOB4",
        "T1AAAQEAYEAUDAOCAJBIFQYDIOB5",
        "S1AAAQEAYEAUDAOCAJBIFQYDIOB4",
        "R1AAAQEAYEAUDAOCAJBIFQYDIOB4",
        "https://example.org/menu",
        "' OR 1=1 --",
        "\u0000\U0001f600‮",
        "",
        "x" * 8000,
    ],
)
def test_what_is_not_ours_is_unknown_and_not_kept(house: House, nora: phones.Phone, shown: str) -> None:
    answer = nora.scan(shown)

    assert (answer["verdict"], answer["moves"], answer["ref"]) == ("UNKNOWN", None, {})
    with house.database.reading() as session:
        assert session.scalars(select(Scan)).one().ticket_id is None


def test_nobody_leaves_through_an_entrance(house: House, nora: phones.Phone) -> None:
    answer = nora.scan(code_of(house, KARIM), dir="out")

    assert (answer["status"], answer["code"]) == ("refused", "gate.direction")
    assert the_door(house) == (0, 0)


def test_out_and_back_again(house: House, nora: phones.Phone) -> None:
    open_both_ways(house)
    code = code_of(house, KARIM)

    verdicts = [nora.scan(code, dir=direction)["verdict"] for direction in ("in", "out", "in", "in", "out")]

    assert verdicts == ["OK", "OK_OUT", "OK_RETURN", "ALREADY", "OK_OUT"]
    assert the_door(house) == (0, 1)
    with house.database.reading() as session:
        assert [passage.first for passage in session.scalars(select(Passage).order_by(Passage.id))] == [True, False, False, False]


def test_a_new_day_starts_empty(app: Flask, house: House, nora: phones.Phone) -> None:
    code = code_of(house, KARIM)
    nora.scan(code)
    phones.later(app, timedelta(hours=17, minutes=59))
    same_day = nora.scan(code)
    phones.later(app, timedelta(minutes=2))

    next_day = nora.scan(code)

    assert (same_day["verdict"], next_day["verdict"]) == ("ALREADY", "OK")
    assert the_door(house) == (2, 1)


def test_the_gauge_lets_nobody_more_in(house: House, nora: phones.Phone) -> None:
    open_both_ways(house)
    with house.database.writing() as session:
        session.execute(update(Space).values(safety_capacity=1))
    karim, lucie = code_of(house, KARIM), code_of(house, LUCIE)

    verdicts = [nora.scan(code)["verdict"] for code in (karim, lucie)]
    nora.scan(karim, dir="out")
    room = nora.scan(lucie)["verdict"]

    assert (verdicts, room) == (["OK", "GAUGE_FULL"], "OK")
    assert the_door(house) == (1, 2)


def test_a_space_without_a_gauge_is_not_full(house: House, nora: phones.Phone) -> None:
    with house.database.writing() as session:
        session.execute(update(Space).values(safety_capacity=None))

    answer = nora.post(nora.ask(code_of(house, KARIM)))

    assert answer.json is not None
    assert (answer.json["results"][0]["verdict"], answer.json["facts"]["gauge"]) == ("OK", None)


def test_wrong_gate_says_which(app: Flask, house: House, nora: phones.Phone) -> None:
    with house.database.writing() as session:
        north, south = session.scalars(select(Gate).order_by(Gate.position)).all()
        session.add(EventGate(event_id=house.event.id, gate_id=north.id, type_numbers=[2]))
        session.add(EventGate(event_id=house.event.id, gate_id=south.id, type_numbers=[1]))
    code = code_of(house, KARIM)

    wrong, right = nora.scan(code), nora.scan(code, gate="Sud")

    assert (wrong["verdict"], wrong["ref"]) == ("WRONG_GATE", {"gates": ["Sud"]})
    assert right["verdict"] == "OK"


def test_a_gate_of_another_place_is_refused_and_blocks_nobody_else(house: House, nora: phones.Phone) -> None:
    karim, lucie = code_of(house, KARIM), code_of(house, LUCIE)
    strange, good = nora.ask(karim, gate="Ouest"), nora.ask(lucie)

    answer = nora.post(strange, good)

    assert answer.json is not None
    assert answer.json["results"][0] == {
        "id": strange["id"],
        "status": "refused",
        "code": "gate.unknown",
        "verdict": None,
        "moves": None,
        "ref": {},
    }
    assert answer.json["results"][1]["verdict"] == "OK"


def test_typed_code_in_any_writing(house: House, nora: phones.Phone) -> None:
    ticket = phones.tickets_of(house.database, house.register(KARIM).registration)[0]
    typed = phones.human(ticket)

    by_code = nora.scan(typed.lower().replace("-", " "), via="typed")
    by_human = nora.scan(human=typed, via="typed")
    wrong = "0" if typed[-1] != "0" else "1"
    slip = nora.scan(human=typed[:-1] + wrong, via="typed")

    assert [by_code["verdict"], by_human["verdict"], slip["verdict"]] == ["OK", "ALREADY", "UNKNOWN"]


def test_a_hash_from_the_queue_is_found(house: House, nora: phones.Phone) -> None:
    ticket = phones.tickets_of(house.database, house.register(KARIM).registration)[0]

    assert nora.scan(code_sha256=ticket.code_sha256.hex())["verdict"] == "OK"
    assert nora.scan(code_sha256="0" * 64)["verdict"] == "UNKNOWN"


def test_the_same_ask_again_gives_the_same_answer(app: Flask, house: House, nora: phones.Phone) -> None:
    ask = nora.ask(code_of(house, KARIM))

    first = nora.post(ask).json
    phones.later(app, timedelta(minutes=3))
    again = nora.post(ask, ask).json

    assert first is not None
    assert again is not None
    assert again["results"] == [first["results"][0] | {"status": "known"}] * 2
    assert the_door(house) == (1, 1)
    with house.database.reading() as session:
        assert len(session.scalars(select(Scan)).all()) == 1


def test_twice_in_one_request_is_one_scan(house: House, nora: phones.Phone) -> None:
    ask = nora.ask(code_of(house, KARIM))

    answer = nora.post(ask, ask, nora.ask(ask["code"]))

    assert answer.json is not None
    assert [(one["status"], one["verdict"]) for one in answer.json["results"]] == [("stored", "OK"), ("known", "OK"), ("stored", "ALREADY")]


def test_the_same_id_with_other_content_is_refused(app: Flask, house: House, nora: phones.Phone) -> None:
    karim, lucie = code_of(house, KARIM), code_of(house, LUCIE)
    ask = nora.ask(karim)
    nora.post(ask)
    stranger = phones.phone(app, house, label="Autre")

    other = nora.scan(**(ask | {"code": lucie}))
    stolen = stranger.scan(**ask)

    refused = {"id": ask["id"], "status": "refused", "code": "id_reused", "verdict": None, "moves": None, "ref": {}}
    assert [other, stolen] == [refused, refused]
    assert the_door(house) == (1, 1)


def test_two_hundred_codes_at_once_in_the_order_of_the_asks(house: House, nora: phones.Phone) -> None:
    karim, lucie = code_of(house, KARIM), code_of(house, LUCIE)
    asks = [nora.ask(code) for _ in range(100) for code in (lucie, karim)]

    answer = nora.post(*asks)

    assert answer.json is not None
    assert [one["id"] for one in answer.json["results"]] == [ask["id"] for ask in asks]
    assert [one["verdict"] for one in answer.json["results"]] == ["OK", "OK", *["ALREADY"] * 198]
    assert nora.post(*asks, nora.ask(karim)).status_code == 422


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer " + "x" * 43, "Basic bm9yYTpub3Jh", "Bearer " + "é" * 43])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/scans"), ("GET", "/device"), ("PUT", "/device"), ("DELETE", "/device"), ("GET", "/people?q=karim")]
)
def test_strangers_are_sent_away(app: Flask, house: House, authorization: str | None, method: str, path: str) -> None:
    headers = {"X-Door-Echo": "e"} | ({"Authorization": authorization} if authorization else {})
    client = app.test_client()
    client.set_cookie("session", "anything")
    body = {"scans": [{"id": str(uuid.uuid4()), "seq": 1, "code": "T1", "via": "camera"}]} if path == "/scans" else {}

    answer = client.open(f"/api/v1/door{path}", method=method, headers=headers, json=body if method in ("POST", "PUT") else None)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json is not None
    assert {name: answer.json[name] for name in ("code", "door", "echo", "status")} == {
        "code": "device.unknown",
        "door": 1,
        "echo": "e",
        "status": 401,
    }


@pytest.mark.trust("TOK-4")
@pytest.mark.parametrize(("state", "code"), [("ended", "device.ended"), ("revoked", "device.revoked")])
def test_a_phone_that_was_sent_home_gets_401_everywhere(house: House, nora: phones.Phone, state: str, code: str) -> None:
    ticket = code_of(house, KARIM)
    with house.database.writing() as session:
        session.execute(update(Device).values(state=state))

    answers = [
        nora.post(nora.ask(ticket)),
        nora.call("GET", "/device"),
        nora.call("PUT", "/device", json={}),
        nora.call("DELETE", "/device"),
    ]

    assert [(answer.status_code, answer.json and answer.json["code"]) for answer in answers] == [(401, code)] * 4
    assert the_door(house) == (0, 0)


@pytest.mark.trust("TOK-4")
def test_a_credential_ends_two_hours_after_its_event(app: Flask, house: House, nora: phones.Phone) -> None:
    until = house.event.ends_at + timedelta(hours=2)
    phones.later(app, until - NOW)
    on_time = nora.call("GET", "/device").status_code
    phones.later(app, timedelta(seconds=1))

    late = nora.call("GET", "/device")

    assert (on_time, late.status_code) == (200, 401)
    assert late.json is not None
    assert late.json["code"] == "device.ended"


@pytest.mark.trust("CSRF-3")
def test_only_json_is_read(house: House, nora: phones.Phone) -> None:
    ask = json.dumps({"scans": [nora.ask(code_of(house, KARIM))]})

    def sent(data: str | bytes, content_type: str) -> tuple[int, str]:
        answer = nora.call("POST", "/scans", data=data, content_type=content_type)
        assert answer.json is not None
        assert answer.headers["Content-Type"] == "application/problem+json"
        return answer.status_code, answer.json["code"]

    assert [
        sent(ask, "text/plain"),
        sent(ask, "application/x-www-form-urlencoded"),
        sent("{", "application/json"),
        sent(b"\xff\xfe", "application/json"),
        sent('{"scans": "\\ud800"}', "application/json"),
        sent("[]", "application/json"),
        sent(b" " * (256 * 1024 + 1), "application/json"),
    ] == [
        (415, "request.media_type"),
        (415, "request.media_type"),
        (400, "request.malformed"),
        (400, "request.malformed"),
        (400, "request.malformed"),
        (422, "request.invalid"),
        (413, "request.too_large"),
    ]
    assert the_door(house) == (0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"surprise": 1},
        {"id": "1"},
        {"seq": -1},
        {"seq": 2**31},
        {"via": "telepathy"},
        {"dir": "up"},
        {"code": None},
        {"human": "K7QP-3M8X"},
        {"raw_at": "2027-09-01T10:00:00"},
        {"raw_at": "0001-01-01T00:00:00+10:00"},
        {"mono_ms": 1e30},
        {"offset_ms": "NaN"},
        {"shown": "OK"},
        {"override": {"reason": "charm"}},
        {"override": {"reason": "other"}},
        {"override": {"reason": "other", "text": "a\u0000b"}},
        {"override": {"reason": "other", "text": "long " * 100}},
    ],
)
def test_what_cannot_be_read_is_422_and_stores_nothing(house: House, nora: phones.Phone, change: dict[str, Any]) -> None:
    answer = nora.post(nora.ask(code_of(house, KARIM)) | change)

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["door"] == 1
    with house.database.reading() as session:
        assert session.scalars(select(Scan)).all() == []


def test_a_minimal_ask_is_enough(house: House, nora: phones.Phone) -> None:
    answer = nora.post({"id": str(uuid.uuid4()), "seq": 0, "code": code_of(house, KARIM), "via": "hid"})

    assert answer.json is not None
    assert answer.json["results"][0]["verdict"] == "OK"
    with house.database.reading() as session:
        assert session.scalars(select(Scan.corrected_at)).one() == NOW


@pytest.mark.trust("RATE-2")
def test_thirty_unknown_codes_a_minute_and_good_ones_still_pass(app: Flask, house: House, nora: phones.Phone) -> None:
    good = code_of(house, KARIM)
    codes = [tickets.text(bytes([number]) * 16) for number in range(31)]

    answers = [nora.post(nora.ask(code)) for code in codes]

    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert answers[-1].json is not None
    assert (answers[-1].json["code"], answers[-1].json["door"]) == ("limit.reached", 1)
    assert nora.scan(good)["verdict"] == "OK"
    phones.later(app, timedelta(minutes=1))
    assert nora.scan(codes[0])["verdict"] == "UNKNOWN"


@pytest.mark.trust("RATE-2")
def test_thirty_typed_codes_a_minute_then_none_is_looked_up(house: House, nora: phones.Phone) -> None:
    ticket = phones.tickets_of(house.database, house.register(KARIM).registration)[0]
    for _ in range(3):
        nora.post(*(nora.ask(human="0000-0000", via="typed") for _ in range(10)))

    answer = nora.post(nora.ask(human=phones.human(ticket), via="typed"))

    assert answer.status_code == 429
    assert the_door(house) == (0, 0)


def test_roles(app: Flask, house: House, nora: phones.Phone) -> None:
    house.register(KARIM)
    desk = phones.phone(app, house, role=Role.DESK)
    chief = phones.phone(app, house, role=Role.SUPERVISOR)
    ref = desk.call("GET", "/people?q=karim").json["people"][0]["ref"]  # type: ignore[index]

    def refusal(phone: phones.Phone, **ask: Any) -> str | None:
        return phone.scan(**ask).get("code")

    override = {"reason": "id_checked"}
    assert nora.call("GET", "/people?q=karim").status_code == 403
    assert refusal(nora, ref=ref, via="list") == "device.role"
    assert refusal(nora, code="x", override=override) == "device.role"
    assert refusal(desk, code="x", override=override) == "device.role"
    assert refusal(chief, code="x", override=override) is None
    assert desk.scan(ref=ref, via="list")["verdict"] == "OK"


def test_a_supervisor_lets_in_who_went_out_unseen_with_a_reason_in_the_journal(app: Flask, house: House, nora: phones.Phone) -> None:
    code = code_of(house, KARIM)
    chief = phones.phone(app, house, role=Role.SUPERVISOR, label="Aïcha")
    nora.scan(code)

    answer = chief.scan(code, override={"reason": "other", "text": "Sortie par la porte de service"})

    assert (answer["verdict"], answer["moves"]) == ("OK_RETURN", "in")
    assert the_door(house) == (2, 1)
    with house.database.reading() as session:
        rows = session.execute(text("SELECT actor, verb, reason FROM journal_entry WHERE verb = 'override'")).all()
        assert [tuple(row) for row in rows] == [(f"device:{chief.public_id}", "override", "other")]
        assert [passage.cause for passage in session.scalars(select(Passage).order_by(Passage.id))] == ["scan", "override"]


@pytest.mark.parametrize("dead", ["cancelled", "gauge", "unknown"])
def test_nothing_else_is_overruled(app: Flask, house: House, dead: str) -> None:
    registration = house.register(KARIM).registration
    code = phones.codes(house.database, registration)[0]
    chief = phones.phone(app, house, role=Role.SUPERVISOR)
    with house.database.writing() as session:
        if dead == "cancelled":
            session.execute(update(Registration).values(state="cancelled"))
        elif dead == "gauge":
            session.execute(update(EventDoor).values(occupancy=820))
        else:
            code = tickets.text(bytes(16))

    answer = chief.scan(code, override={"reason": "staff_error"})

    assert answer["verdict"] == {"cancelled": "CANCELLED", "gauge": "GAUGE_FULL", "unknown": "UNKNOWN"}[dead]
    assert answer["moves"] is None


def test_people_are_found_without_accents_in_any_order(app: Flask, house: House) -> None:
    house.register(KARIM, organisation="Médiathèque Fictive")
    house.register(MARC)
    desk = phones.phone(app, house, role=Role.DESK)

    def found(query: str) -> list[str]:
        answer = desk.call("GET", "/people", query_string={"q": query})
        assert answer.status_code == 200
        return [person["name"] for person in answer.json["people"]]  # type: ignore[index]

    assert found("EXEMPLE kárim") == ["Karim Exemple"]
    assert found("mediatheque") == ["Karim Exemple"]
    assert found("invente") == ["Marc Inventé"]
    assert found("nobody") == []
    person = desk.call("GET", "/people?q=karim").json["people"][0]  # type: ignore[index]
    assert person == {
        "ref": person["ref"],
        "name": "Karim Exemple",
        "organisation": "Médiathèque Fictive",
        "type": "Entrée",
        "state": "c",
        "arrived_at": None,
        "i": 1,
        "n": 1,
        "hint": "k…@demo.test",
    }


def test_an_address_finds_people_whole_or_not_at_all(app: Flask, house: House) -> None:
    house.register(KARIM, size=2)
    house.register(MARC)
    desk = phones.phone(app, house, role=Role.DESK)

    def found(query: str) -> list[str]:
        people = desk.call("GET", "/people", query_string={"q": query}).json["people"]  # type: ignore[index]
        return [person["hint"] for person in people]

    assert [found(query) for query in ("marc@demo.test", " Marc@DEMO.test", "marc+forum@demo.test")] == [["m…@demo.test"]] * 3
    assert [found(query) for query in ("demo", "demo test", "@demo.test", "marc@demo", "arc@demo.test", "test")] == [[]] * 6
    assert found("exemple karim") == ["k…@demo.test"] * 2, "a companion without a name is found by the party's"


def test_people_by_typed_code(app: Flask, house: House) -> None:
    ticket = phones.tickets_of(house.database, house.register(KARIM).registration)[0]
    desk = phones.phone(app, house, role=Role.DESK)

    answer = desk.call("GET", "/people", query_string={"q": phones.human(ticket)})

    assert answer.json is not None
    assert [person["name"] for person in answer.json["people"]] == ["Karim Exemple"]


def test_people_need_three_letters_and_are_eight_at_most_and_ours(app: Flask, house: House) -> None:
    with house.database.writing() as session:
        registrations.set_limit(
            session, event_id=house.event.id, quota_id=house.quota.id, limit=20, reason="Plus de chaises", actor=OPERATOR, now=NOW
        )
    for number in range(10):
        house.register(KARIM, email=f"karim{number}@demo.test")
    with house.database.writing() as session:
        other = factories.event(session, organiser_id=house.organiser.id, slug="autre")
        session.flush()
        other_id = other.id
    stranger = House.__new__(House)
    stranger.database, stranger.keys, stranger.event = house.database, house.keys, other
    desk = phones.phone(app, house, role=Role.DESK)
    elsewhere = phones.phone(app, stranger, role=Role.DESK, gate="A")

    assert other_id != house.event.id
    assert [desk.call("GET", "/people", query_string={"q": query}).status_code for query in ("", "ka", "%%%", "__", "k a")] == [422] * 5
    assert len(desk.call("GET", "/people?q=karim").json["people"]) == 8  # type: ignore[index]
    assert elsewhere.call("GET", "/people?q=karim").json["people"] == []  # type: ignore[index]


def test_enrolment_gives_what_the_invitation_says(app: Flask, house: House) -> None:
    secret = phones.invite(house, gate="Sud", role=Role.DESK, uses=2)
    client = app.test_client()

    answer = client.post(
        "/api/v1/door/enrolments", json={"secret": secret, "label": " Porte A – Aïcha ", "app": "1"}, headers={"X-Door-Echo": "e"}
    )

    assert answer.status_code == 201
    given = answer.json
    assert given is not None
    assert {name: value for name, value in given.items() if name not in ("credential", "device")} == {
        "door": 1,
        "echo": "e",
        "server_at": "2027-09-01T10:00:00.000Z",
        "rehearsal": False,
        "label": "Porte A – Aïcha",
        "state": "active",
        "role": "desk",
        "gate": {"id": "Sud", "name": "Sud", "dir": "in"},
        "gates": [{"id": "Nord", "name": "Nord", "dir": "in"}, {"id": "Sud", "name": "Sud", "dir": "in"}],
        "until_at": "2027-09-23T23:00:00.000Z",
        "events": [
            {
                "slug": "grand-opening",
                "name": {"fr": "Grand Opening", "en": "Grand Opening"},
                "zone": "Europe/Paris",
                "doors_at": "2027-09-23T16:00:00.000Z",
                "starts_at": "2027-09-23T16:30:00.000Z",
                "ends_at": "2027-09-23T21:00:00.000Z",
            }
        ],
        "app": {"current": "1", "oldest": "1"},
        "facts": {"gauge": 820, "occupancy": 0, "arrived": 0, "per_minute": 0},
    }
    phone = phones.Phone(client, given["device"], given["credential"])
    assert phone.call("GET", "/device").status_code == 200


@pytest.mark.trust("TOK-4")
def test_an_invitation_that_is_used_late_or_invented_gets_one_same_answer(app: Flask, house: House) -> None:
    used, late = phones.invite(house), phones.invite(house, now=NOW - timedelta(minutes=10))
    client = app.test_client()

    def sent(secret: str) -> tuple[int, dict[str, Any]]:
        answer = client.post("/api/v1/door/enrolments", json={"secret": secret})
        assert answer.json is not None
        return answer.status_code, {name: value for name, value in answer.json.items() if name != "request"}

    first = sent(used)
    refusals = [sent(secret) for secret in (used, late, "x" * 43, "")]

    assert first[0] == 201
    assert refusals == [refusals[0]] * 4
    assert (refusals[0][0], refusals[0][1]["code"]) == (410, "enrolment.gone")


@pytest.mark.trust("TOK-4")
def test_secrets_and_codes_are_nowhere_in_the_database(app: Flask, house: House, nora: phones.Phone, database: Database) -> None:
    secret = phones.invite(house)
    ticket = phones.tickets_of(house.database, house.register(KARIM).registration)[0]
    nora.scan(phones.code(ticket))
    nora.scan(phones.human(ticket), via="typed")
    nora.scan("https://example.org/some-private-address")

    with house.database.reading() as session:
        dump = "".join(
            str(tuple(row))
            for table in ("scan", "device", "device_enrolment", "passage")
            for row in session.execute(text(f"SELECT * FROM {table}"))
        )

    for canary in (
        secret,
        nora.credential,
        phones.code(ticket),
        phones.human(ticket),
        phones.human(ticket).replace("-", ""),
        "private-address",
    ):
        assert canary not in dump


def test_a_phone_tells_of_itself_and_may_change_its_gate(app: Flask, house: House, nora: phones.Phone) -> None:
    phones.later(app, timedelta(minutes=1))
    told = {
        "label": "Nora au sud",
        "gate": "Sud",
        "app": "1.2",
        "battery_pct": 81,
        "pending": 3,
        "table_cursor": None,
        "clock_offset_ms": -12.6,
    }

    answer = nora.call("PUT", "/device", json=told)

    assert answer.json is not None
    assert (answer.json["label"], answer.json["gate"]["id"], answer.json["echo"]) == ("Nora au sud", "Sud", "echo-1")
    with house.database.reading() as session:
        row = session.scalars(select(Device)).one()
        assert (row.battery_pct, row.pending, row.clock_offset_ms, row.app) == (81, 3, -13, "1.2")
        assert row.last_seen_at == NOW + timedelta(minutes=1)
    assert nora.call("PUT", "/device", json={"gate": "Ouest"}).status_code == 404
    assert nora.call("PUT", "/device", json={"battery_pct": 101}).status_code == 422
    assert nora.call("PUT", "/device", json={"label": "a\u0000"}).status_code == 422
    assert nora.call("PUT", "/device", json={"label": "é" * 61}).status_code == 422


def test_the_end_of_a_shift_waits_for_the_queue(house: House, nora: phones.Phone) -> None:
    waiting = nora.call("DELETE", "/device?pending=2")
    strange = nora.call("DELETE", "/device?pending=-1")
    done = nora.call("DELETE", "/device")

    assert (waiting.status_code, strange.status_code, done.status_code) == (409, 422, 204)
    assert done.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert nora.call("GET", "/device").status_code == 401


def counted(app: Flask, action: Any) -> int:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = app.extensions["eventapp"].database.engine
    event.listen(engine, "before_cursor_execute", note)
    action()
    event.remove(engine, "before_cursor_execute", note)
    return len([statement for statement in seen if statement not in ("BEGIN", "COMMIT")])


def test_a_scan_needs_eight_statements_whether_one_is_sent_or_three(app: Flask, house: House, nora: phones.Phone) -> None:
    with house.database.writing() as session:
        registrations.set_limit(
            session, event_id=house.event.id, quota_id=house.quota.id, limit=20, reason="Plus de chaises", actor=OPERATOR, now=NOW
        )
    codes = phones.codes(house.database, house.register(KARIM, size=4).registration)
    one, three = [nora.ask(codes[0])], [nora.ask(code) for code in codes[1:]]

    welcome = [counted(app, lambda asks=asks: nora.post(*asks)) for asks in (one, three)]
    already = [counted(app, lambda: nora.scan(codes[0])), counted(app, lambda: nora.post(*(nora.ask(code) for code in codes[:3])))]
    repeated = [counted(app, lambda asks=asks: nora.post(*asks)) for asks in (one, three)]

    assert (welcome, already, repeated) == ([8, 8], [5, 5], [4, 4])
    assert the_door(house) == (4, 4)
