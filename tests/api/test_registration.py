"""Programs register people: seated or in line, once for each key; they read and give back with the token they were answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select, update
from werkzeug.test import TestResponse

from eventapp.events.models import Event
from eventapp.messages.models import Message
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions
from eventapp.registration.models import Attendee, Quota, Registration, TicketType
from tests import factories
from tests.cast import KARIM, LUCIE, MARC, PAUL, Character
from tests.factories import NOW, House

REGISTRATIONS = "/api/v1/events/grand-opening/registrations"
KEY = "3f6c1a52-7d0e-4b3c-9a57-1f2e3d4c5b6a"
OTHER_KEY = "00000000-7d0e-4b3c-9a57-1f2e3d4c5b6a"
Post = Callable[..., TestResponse]


@pytest.fixture
def house(app: Flask) -> House:
    return House(app.extensions["eventapp"].database)


@pytest.fixture
def post(client: FlaskClient, house: House) -> Post:
    def send(character: Character = KARIM, *, key: str | None = None, **more: Any) -> TestResponse:
        return client.post(REGISTRATIONS, json=asked(character, **more), headers={"Idempotency-Key": key} if key else {})

    return send


def asked(character: Character = KARIM, **more: Any) -> dict[str, Any]:
    named = {"first_name": character.first_name, "last_name": character.last_name, "email": character.email}
    return named | {"ticket_type": "entree"} | more


def told(answer: TestResponse) -> dict[str, Any]:
    assert answer.json is not None
    return dict(answer.json)


def refused(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, told(answer)["code"]


def bearer(answer: TestResponse | str) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer if isinstance(answer, str) else told(answer)['token']}"}


def cancel(client: FlaskClient, made: TestResponse, *, key: str | None = None, **more: Any) -> TestResponse:
    headers = bearer(made) | ({"Idempotency-Key": key} if key else {})
    return client.post(f"/api/v1/registrations/{told(made)['id']}/cancellation", json=more, headers=headers)


def mails(house: House) -> list[tuple[str, str]]:
    with house.database.reading() as session:
        return [(row.kind, row.address) for row in session.scalars(select(Message).order_by(Message.id))]


def used(house: House) -> int:
    with house.database.reading() as session:
        return session.scalars(select(Quota.used)).one()


def dump(house: House, tables: MetaData) -> dict[str, list[str]]:
    with house.database.reading() as session:
        return {name: sorted(map(repr, session.execute(select(it)))) for name, it in tables.tables.items() if name != "limit_counter"}


def test_a_party_that_finds_seats_has_its_tickets(client: FlaskClient, house: House, post: Post) -> None:
    answer = post(KARIM, party_size=2, language="en")

    made = told(answer)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://127.0.0.1:8000/api/v1/registrations/{made['id']}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert made == {
        "id": made["id"],
        "event": "grand-opening",
        "ticket_type": "entree",
        "state": "confirmed",
        "first_name": "Karim",
        "last_name": "Exemple",
        "email": "karim@demo.test",
        "language": "en",
        "party_size": 2,
        "position": None,
        "parties_before": None,
        "persons_before": None,
        "chance": None,
        "auto_until": "offers",
        "accept_partial": False,
        "answer_by": None,
        "parts": [],
        "tickets": [
            {
                "position": number,
                "first_name": name,
                "last_name": surname,
                "code": ticket["code"],
                "short_code": ticket["short_code"],
                "url": f"http://127.0.0.1:8000/en/tickets/{ticket['code']}",
                "arrived_at": None,
            }
            for ticket, (number, name, surname) in zip(made["tickets"], [(1, "Karim", "Exemple"), (2, "", "")], strict=True)
        ],
        "created_at": "2027-09-01T12:00:00+02:00",
        "token": made["token"],
        "url": f"http://127.0.0.1:8000/en/registrations/{made['token']}",
    }
    assert used(house) == 2
    assert mails(house) == [("confirmed", "karim@demo.test")]
    assert client.get(made["url"].removeprefix("http://127.0.0.1:8000")).status_code == 200
    assert client.get(made["tickets"][0]["url"].removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_a_party_that_finds_none_knows_its_place(house: House, post: Post) -> None:
    house.register(KARIM, size=3)

    first, second = told(post(LUCIE, party_size=2)), told(post(MARC))

    def place(made: dict[str, Any]) -> tuple[Any, ...]:
        return made["state"], made["position"], made["parties_before"], made["persons_before"], made["tickets"]

    assert place(first) == ("waitlisted", 1, 0, 0, [])
    assert place(second) == ("waitlisted", 2, 1, 2, [])
    assert mails(house)[1:] == [("waitlisted", "lucie@demo.test"), ("waitlisted", "marc@demo.test")]


@pytest.mark.trust("P-2")
def test_a_key_sent_again_is_answered_alike_and_does_nothing(house: House, post: Post, tables: MetaData) -> None:
    first = post(KARIM, key=KEY)
    before = dump(house, tables)

    again, quoted = post(KARIM, key=KEY), post(KARIM, key=f'"{KEY}"')

    assert [again.status_code, quoted.status_code] == [201, 201]
    assert told(again) == told(quoted) == told(first)
    assert dump(house, tables) == before


@pytest.mark.trust("P-2")
def test_a_key_is_answered_after_registration_has_closed(app: Flask, house: House, post: Post) -> None:
    first = post(KARIM, key=KEY)
    with house.database.writing() as session:
        session.execute(update(TicketType).values(closes_at=NOW))

    assert told(post(KARIM, key=KEY)) == told(first)
    assert refused(post(LUCIE, key=OTHER_KEY)) == (409, "registration.closed")


@pytest.mark.trust("P-3")
@pytest.mark.parametrize("other", [{"party_size": 2}, {"last_name": "Autre"}, {"email": "autre@demo.test"}, {"language": "en"}])
def test_a_key_used_for_something_else_is_refused(house: House, post: Post, tables: MetaData, other: dict[str, Any]) -> None:
    post(KARIM, key=KEY)
    before = dump(house, tables)

    assert refused(post(KARIM, key=KEY, **other)) == (422, "command.key_reused")
    assert dump(house, tables) == before


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with space in it", f'"{KEY}', "é" * 20])
def test_a_key_that_could_be_guessed_or_kept_by_nobody_is_refused(client: FlaskClient, house: House, key: str) -> None:
    answer = client.post(REGISTRATIONS, json=asked(), headers={"Idempotency-Key": key})

    assert refused(answer) == (400, "request.key_malformed")
    assert used(house) == 0


def test_without_a_key_an_address_is_registered_once_and_its_holder_is_written_to(house: House, post: Post) -> None:
    first = post(KARIM)

    second = post(KARIM, first_name="Autre")

    assert first.status_code == 201
    assert refused(second) == (409, "registration.exists")
    assert told(first)["token"] not in second.get_data(as_text=True)
    assert mails(house) == [("confirmed", "karim@demo.test"), ("link", "karim@demo.test")]
    assert used(house) == 1


def test_whoever_tries_address_after_address_is_stopped_and_registering_goes_on(house: House, post: Post) -> None:
    post(KARIM)

    verdicts = [refused(post(KARIM)) for _ in range(31)]
    stopped = post(KARIM)

    assert verdicts == [(409, "registration.exists")] * 30 + [(429, "limit.reached")]
    assert stopped.headers["Retry-After"] == "60"
    assert mails(house) == [("confirmed", "karim@demo.test")] + [("link", "karim@demo.test")] * 3
    assert post(LUCIE).status_code == 201


def test_what_is_not_open_yet_what_is_closed_and_what_is_full(house: House, post: Post, tables: MetaData) -> None:
    def under(**values: Any) -> tuple[int, str]:
        with house.database.writing() as session:
            session.execute(update(TicketType).values(**{"opens_at": None, "closes_at": None, "waitlist_limit": None} | values))
        before = dump(house, tables)
        verdict = refused(post(LUCIE, key=KEY))
        assert dump(house, tables) == before
        return verdict

    house.register(KARIM, size=3)

    assert under(opens_at=NOW + timedelta(seconds=1)) == (409, "registration.not_open_yet")
    assert under(closes_at=NOW) == (409, "registration.closed")
    assert under(waitlist_limit=0) == (409, "registration.full")
    with house.database.writing() as session:
        session.execute(update(TicketType).values(waitlist_limit=None))
    assert post(LUCIE, key=KEY).status_code == 201


@pytest.mark.parametrize("state", ["postponed", "called_off", "archived"])
def test_an_event_that_takes_nobody_says_so(house: House, post: Post, state: str) -> None:
    with house.database.writing() as session:
        session.execute(update(Event).values(state=state))

    assert refused(post(KARIM)) == (409, "event.not_open")


def test_a_type_of_another_event_an_invitation_and_a_word_are_all_unknown(house: House, post: Post) -> None:
    with house.database.writing() as session:
        other = factories.event(session, organiser_id=house.organiser.id, slug="other")
    with house.database.writing() as session:
        factories.quota_and_type(session, event_id=other.id, slug="atelier")
    with house.database.writing() as session:
        actions.create_ticket_type(
            session,
            event_id=house.event.id,
            slug="presse",
            name={"fr": "Presse"},
            quota_ids=[house.quota.id],
            public=False,
            actor=OPERATOR,
            now=NOW,
        )

    unknown = [post(KARIM, ticket_type=slug) for slug in ("atelier", "presse", "nothing")]

    assert [refused(answer) for answer in unknown] == [(422, "registration.type_unknown")] * 3
    assert len({told(answer)["detail"] for answer in unknown}) == 1


@pytest.mark.trust("ACL-3")
@pytest.mark.parametrize("slug", ["nothing", "draft", "a" * 300, "%00"])
def test_an_event_that_is_not_shown_takes_nobody(client: FlaskClient, house: House, slug: str) -> None:
    with house.database.writing() as session:
        factories.event(session, organiser_id=house.organiser.id, slug="draft", state="draft")

    assert refused(client.post(f"/api/v1/events/{slug}/registrations", json=asked())) == (404, "not_found")


@pytest.mark.trust("ACL-7")
@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"price": 3}, "price", "extra_forbidden"),
        ({"source": "hand"}, "source", "extra_forbidden"),
        ({"state": "confirmed"}, "state", "extra_forbidden"),
        ({"party_size": 0}, "party_size", "greater_than_equal"),
        ({"party_size": 51}, "party_size", "less_than_equal"),
        ({"party_size": "2"}, "party_size", "int_type"),
        ({"party_size": True}, "party_size", "int_type"),
        ({"party_size": None}, "party_size", "int_type"),
        ({"first_name": ""}, "first_name", "string_too_short"),
        ({"last_name": ["x"]}, "last_name", "string_type"),
        ({"last_name": "x" * 5000}, "last_name", "string_too_long"),
        ({"language": "de"}, "language", "literal_error"),
        ({"email": ""}, "email", "string_too_short"),
    ],
)
def test_what_cannot_be_read_is_named_by_field(house: House, post: Post, change: dict[str, Any], field: str, code: str) -> None:
    answer = post(KARIM, **change)

    assert refused(answer) == (422, "request.invalid")
    assert [(one["field"], one["code"]) for one in told(answer)["errors"]] == [(field, code)]
    assert used(house) == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"first_name": " \u200b "}, "text.empty"),
        ({"first_name": "https://evil.example"}, "text.link"),
        ({"last_name": "a\nb"}, "text.newline"),
        ({"last_name": "a\u0000"}, "text.control"),
        ({"last_name": "\u202ecod"}, "text.bidi"),
        ({"last_name": "é" * 81}, "text.too_long"),
        ({"email": "karim"}, "email.malformed"),
        ({"email": "a@demo.test,b@demo.test"}, "email.list"),
        ({"email": "é@demo.test"}, "email.local_not_ascii"),
        ({"party_size": 5}, "registration.party_too_large"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_code(house: House, post: Post, change: dict[str, Any], code: str) -> None:
    assert refused(post(KARIM, **change)) == (422, code)
    assert used(house) == 0


def test_a_name_is_stored_as_it_was_written(house: House, post: Post) -> None:
    made = told(post(KARIM, first_name=" Zoe\u0308 ", last_name="O'Neil-Ångström 👩‍👩‍👧", email="Zoe+Forum@Demo.test"))

    assert (made["first_name"], made["last_name"], made["email"]) == ("Zoë", "O'Neil-Ångström 👩‍👩‍👧", "Zoe+Forum@Demo.test")


@pytest.mark.trust("IN-4", "CSRF-3")
@pytest.mark.parametrize(
    ("data", "content_type", "verdict"),
    [
        (b"{", "application/json", (400, "request.malformed")),
        (b"", "application/json", (400, "request.malformed")),
        (b'{"first_name": "\xff"}', "application/json", (400, "request.malformed")),
        (b'{"first_name": "\\ud800"}', "application/json", (400, "request.malformed")),
        (b"[" * 100_00, "application/json", (400, "request.malformed")),
        (b"[]", "application/json", (422, "request.invalid")),
        (b"null", "application/json", (422, "request.invalid")),
        (b'{"party_size": NaN}', "application/json", (422, "request.invalid")),
        (json.dumps(asked()).encode(), "text/plain", (415, "request.media_type")),
        (b"first_name=Karim", "application/x-www-form-urlencoded", (415, "request.media_type")),
        (b" " * (16 * 1024 + 1), "application/json", (413, "request.too_large")),
        (b" " * (2 * 1024 * 1024), "application/json", (413, "request.too_large")),
    ],
)
def test_a_body_that_is_no_json_of_ours_is_refused(
    client: FlaskClient, house: House, data: bytes, content_type: str, verdict: tuple[int, str]
) -> None:
    assert refused(client.post(REGISTRATIONS, data=data, content_type=content_type)) == verdict


def test_a_party_is_read_with_its_token(client: FlaskClient, house: House, post: Post) -> None:
    made = post(KARIM)

    answer = client.get(f"/api/v1/registrations/{told(made)['id']}", headers=bearer(made))

    assert answer.status_code == 200
    assert told(answer) == {name: value for name, value in told(made).items() if name not in {"token", "url"}}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.trust("ACL-3", "RATE-2")
def test_tokens_that_open_nothing_are_all_answered_alike_and_counted(client: FlaskClient, house: House, post: Post) -> None:
    karim, lucie = post(KARIM), post(LUCIE)

    def look(id: str, token: str) -> tuple[int, str, str]:
        answer = client.get(f"/api/v1/registrations/{id}", headers=bearer(token))
        return *refused(answer), told(answer)["detail"]

    alike = {
        look(told(karim)["id"], told(lucie)["token"]),
        look(told(karim)["id"], "A" * 22),
        look("a" * 16, told(karim)["token"]),
        look("é", "A" * 22),
    }
    others = [look("a" * 16, "A" * 22)[:2] for _ in range(27)]

    assert alike == {(404, "not_found", "There is no such registration.")}
    assert others == [(404, "not_found")] * 26 + [(429, "limit.reached")]
    assert client.get(f"/api/v1/registrations/{told(karim)['id']}", headers=bearer(karim)).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Basic QUFB", "Bearer " + "A" * 23, "Bearer " + "é" * 22])
def test_without_a_token_nothing_is_looked_up(client: FlaskClient, house: House, post: Post, asked: list[str], header: str) -> None:
    made = told(post(KARIM))
    asked.clear()

    for method, path in (("GET", ""), ("POST", "/cancellation")):
        answer = client.open(f"/api/v1/registrations/{made['id']}{path}", method=method, json={}, headers={"Authorization": header})
        assert refused(answer) == (401, "registration.token_missing")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert asked == []


def test_a_seat_given_back_goes_to_the_first_in_line(client: FlaskClient, house: House, post: Post) -> None:
    karim = post(KARIM, party_size=3)
    lucie, marc = post(LUCIE), post(MARC, party_size=2)

    answer = cancel(client, karim, key=KEY)

    assert answer.status_code == 200
    assert (told(answer)["state"], told(answer)["tickets"]) == ("cancelled", [])
    assert [told(client.get(f"/api/v1/registrations/{told(one)['id']}", headers=bearer(one)))["state"] for one in (lucie, marc)] == [
        "confirmed",
        "confirmed",
    ]
    assert used(house) == 3
    assert mails(house)[3:] == [("cancelled", "karim@demo.test"), ("promoted", "lucie@demo.test"), ("promoted", "marc@demo.test")]


@pytest.mark.trust("P-2")
def test_giving_back_twice_frees_once(client: FlaskClient, house: House, post: Post, tables: MetaData) -> None:
    karim = post(KARIM, party_size=3)
    first = cancel(client, karim, key=KEY)
    before = dump(house, tables)
    again = cancel(client, karim, key=KEY)
    after = dump(house, tables)

    without_key = cancel(client, karim)

    assert told(again) == told(first) == told(without_key)
    assert after == before
    assert len(mails(house)) == 2


def test_some_places_are_given_back_by_their_position(client: FlaskClient, house: House, post: Post) -> None:
    karim = post(KARIM, party_size=3)

    answer = cancel(client, karim, positions=[2], key=KEY)
    again = cancel(client, karim, positions=[2], key=KEY)

    assert (told(answer)["party_size"], [ticket["position"] for ticket in told(answer)["tickets"]]) == (2, [1, 3])
    assert told(again) == told(answer)
    assert used(house) == 2
    assert refused(cancel(client, karim, positions=[3], key=KEY)) == (422, "command.key_reused")
    assert refused(cancel(client, karim, positions=[2])) == (422, "registration.attendee_unknown")
    assert refused(cancel(client, karim, positions=[1, 9])) == (422, "registration.attendee_unknown")
    assert refused(cancel(client, karim, positions=[])) == (422, "request.invalid")
    assert used(house) == 2


def test_whoever_is_inside_keeps_their_place(client: FlaskClient, house: House, post: Post, tables: MetaData) -> None:
    karim = post(KARIM)
    with house.database.writing() as session:
        session.execute(update(Attendee).values(arrived_at=NOW))
    before = dump(house, tables)

    assert refused(cancel(client, karim, key=KEY)) == (409, "registration.arrived")
    assert dump(house, tables) == before


@pytest.mark.trust("ACL-3")
def test_nobody_gives_back_the_place_of_another(client: FlaskClient, house: House, post: Post, tables: MetaData) -> None:
    karim, paul = post(KARIM), post(PAUL)
    before = dump(house, tables)

    answer = client.post(f"/api/v1/registrations/{told(karim)['id']}/cancellation", json={}, headers=bearer(paul))

    assert refused(answer) == (404, "not_found")
    assert dump(house, tables) == before


def mend(client: FlaskClient, made: TestResponse, *, key: str | None = None, **more: Any) -> TestResponse:
    headers = bearer(made) | ({"Idempotency-Key": key} if key else {})
    return client.patch(f"/api/v1/registrations/{told(made)['id']}", json=more, headers=headers)


def test_a_name_is_mended_and_what_is_not_named_stays(client: FlaskClient, house: House, post: Post, tables: MetaData) -> None:
    karim = post(KARIM)

    answer = mend(client, karim, last_name="Exemplaire", key=KEY)
    before = dump(house, tables)
    again = mend(client, karim, last_name="Exemplaire", key=KEY)

    ticket = told(karim)["tickets"][0] | {"last_name": "Exemplaire"}
    assert (answer.status_code, told(answer)) == (200, told(karim) | {"last_name": "Exemplaire", "tickets": [ticket]})
    assert told(again) == told(answer)
    assert dump(house, tables) == before
    assert mails(house) == [("confirmed", "karim@demo.test"), ("corrected", "karim@demo.test")]
    assert refused(mend(client, karim, last_name="Autre", key=KEY)) == (422, "command.key_reused")


@pytest.mark.trust("TOK-2")
def test_a_new_address_ends_the_old_token(client: FlaskClient, house: House, post: Post) -> None:
    karim = post(KARIM)

    answer = mend(client, karim, email="karim@autre.test", key=KEY)

    path = f"/api/v1/registrations/{told(karim)['id']}"
    assert told(answer)["token"] != told(karim)["token"]
    assert refused(client.get(path, headers=bearer(karim))) == (404, "not_found")
    assert told(client.get(path, headers=bearer(answer)))["email"] == "karim@autre.test"
    assert mails(house)[1:] == [("corrected", "karim@autre.test"), ("corrected", "karim@demo.test")]


@pytest.mark.trust("P-2")
def test_the_answer_that_held_the_new_token_may_be_asked_for_again(client: FlaskClient, house: House, post: Post, tables: MetaData) -> None:
    karim = post(KARIM)
    answer = mend(client, karim, email="karim@autre.test", key=KEY)
    before = dump(house, tables)

    again = mend(client, karim, email="karim@autre.test", key=KEY)

    assert told(again) == told(answer)
    assert refused(mend(client, karim, email="karim@autre.test", key=OTHER_KEY)) == (404, "not_found")
    assert refused(mend(client, karim, email="paul@autre.test")) == (404, "not_found")
    assert refused(mend(client, karim, email="paul@autre.test", key=KEY)) == (422, "command.key_reused")
    assert refused(cancel(client, karim)) == (404, "not_found")
    assert dump(house, tables) == before


def test_a_correction_that_cannot_be_changes_nothing(client: FlaskClient, house: House, post: Post, tables: MetaData) -> None:
    karim, lucie = post(KARIM), post(LUCIE)
    before = dump(house, tables)

    verdicts = [
        refused(mend(client, karim, **change))
        for change in ({}, {"first_name": None}, {"email": "karim"}, {"last_name": "a/b"}, {"seat": 2}, {"email": LUCIE.email})
    ]
    stranger = client.patch(f"/api/v1/registrations/{told(karim)['id']}", json={"first_name": "Paul"}, headers=bearer(lucie))

    assert verdicts == [
        (422, "request.invalid"),
        (422, "request.invalid"),
        (422, "email.malformed"),
        (422, "text.link"),
        (422, "request.invalid"),
        (409, "registration.address_taken"),
    ]
    assert refused(stranger) == (404, "not_found")
    assert dump(house, tables) == before
    cancel(client, karim)
    assert refused(mend(client, karim, first_name="Paul")) == (409, "registration.over")


@pytest.mark.trust("RATE-3")
def test_nobody_is_flooded_by_corrections_to_their_address(client: FlaskClient, house: House, post: Post) -> None:
    parties = [post(PAUL, email=f"paul-{number}@demo.test") for number in range(4)]

    verdicts = []
    for one in parties:
        moved = mend(client, one, email="victim@demo.test")
        verdicts.append(moved.status_code)
        if moved.status_code == 200:
            cancel(client, moved)

    assert verdicts == [200, 200, 200, 429]


@pytest.mark.parametrize("path", ["acceptance", "extension"])
def test_what_does_not_exist_is_not_there(client: FlaskClient, house: House, post: Post, path: str) -> None:
    made = post(KARIM)

    answer = client.post(f"/api/v1/registrations/{told(made)['id']}/{path}", json={}, headers=bearer(made))

    assert refused(answer) == (404, "not_found")


def test_the_way_in_is_noted_and_the_cookie_is_not_looked_at(client: FlaskClient, house: House, post: Post) -> None:
    client.set_cookie("session", "anything", domain="127.0.0.1")

    answer = post(KARIM)

    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers
    with house.database.reading() as session:
        assert session.scalars(select(Registration.source)).all() == ["api"]
