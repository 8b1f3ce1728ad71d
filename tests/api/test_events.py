"""Events and whether one can still come, as programs read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from eventapp.events.models import Event
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions
from eventapp.registration.models import TicketType
from tests import factories
from tests.cast import KARIM, LUCIE, MARC
from tests.factories import NOW, House


@pytest.fixture
def house(app: Flask) -> House:
    return House(app.extensions["eventapp"].database)


def entry(**more: Any) -> dict[str, Any]:
    """The ticket type of the house of three seats, as it is told while nobody has come."""
    return {
        "slug": "entree",
        "name": {"fr": "Entrée", "en": "Admission"},
        "open": True,
        "opening": "open",
        "free": 3,
        "waiting": 0,
        "waiting_parties": 0,
        "max_party": 4,
        "approval": False,
        "opens_at": None,
    } | more


def types(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/events/grand-opening/availability")
    assert answer.status_code == 200
    assert answer.json is not None
    return list(answer.json["ticket_types"])


def test_an_event_is_told_with_the_offset_of_its_place(client: FlaskClient, house: House) -> None:
    answer = client.get("/api/v1/events/grand-opening")

    assert answer.json == {
        "slug": "grand-opening",
        "title": {"fr": "Grand Opening", "en": "Grand Opening"},
        "summary": {},
        "kind": "opening",
        "state": "published",
        "zone": "Europe/Paris",
        "doors_at": "2027-09-23T18:00:00+02:00",
        "starts_at": "2027-09-23T18:30:00+02:00",
        "ends_at": "2027-09-23T23:00:00+02:00",
        "series": None,
        "edition": None,
        "organiser": "Medinsoft",
        "place": {"venue": "Hôtel Renaissance", "space": "Parvis", "address": "", "city": "Aix-en-Provence"},
        "pages": {
            "fr": "http://127.0.0.1:8000/fr/events/grand-opening",
            "en": "http://127.0.0.1:8000/en/events/grand-opening",
        },
    }
    assert answer.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.trust("ACL-8")
@pytest.mark.parametrize("path", ["/events/nothing", "/events/nothing/availability", "/events/draft", "/events/draft/availability"])
def test_drafts_and_what_never_was_are_not_there(client: FlaskClient, house: House, path: str) -> None:
    with house.database.writing() as session:
        factories.event(session, organiser_id=house.organiser.id, slug="draft", state="draft")

    answer = client.get(f"/api/v1{path}")

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json is not None
    assert answer.json["code"] == "not_found"


def test_events_come_by_date_a_page_at_a_time(client: FlaskClient, house: House) -> None:
    with house.database.writing() as session:
        for number in range(4):
            start = datetime(2027, 10, 1 + number, 16, tzinfo=UTC)
            factories.event(session, organiser_id=house.organiser.id, slug=f"october-{number}", doors_at=start)
        factories.event(session, organiser_id=house.organiser.id, slug="secret", visibility="unlisted")
        factories.event(session, organiser_id=house.organiser.id, slug="draft", state="draft")
        factories.event(session, organiser_id=house.organiser.id, slug="over", doors_at=NOW - timedelta(days=9))

    seen, cursor = [], ""
    for _page in range(3):
        answer = client.get("/api/v1/events", query_string={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        assert answer.json is not None
        seen.append([event["slug"] for event in answer.json["items"]])
        cursor = answer.json["next"]

    assert seen == [["grand-opening", "october-0"], ["october-1", "october-2"], ["october-3"]]
    assert cursor is None


@pytest.mark.parametrize(
    ("query", "code"),
    [("limit=0", "request.invalid"), ("limit=201", "request.invalid"), ("limit=x", "request.invalid"), ("cursor=x", "paging.cursor")],
)
def test_a_page_that_cannot_be_is_refused(client: FlaskClient, house: House, query: str, code: str) -> None:
    answer = client.get(f"/api/v1/events?{query}")

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == code


def test_the_number_of_statements_does_not_depend_on_the_number_of_events(client: FlaskClient, house: House, asked: list[str]) -> None:
    client.get("/api/v1/events")
    with_one = len(asked)
    with house.database.writing() as session:
        for number in range(3):
            factories.event(session, organiser_id=house.organiser.id, space_id=house.space.id, slug=f"more-{number}")
    asked.clear()
    client.get("/api/v1/events")

    assert len(asked) == with_one


def test_availability_says_what_a_party_would_find(client: FlaskClient, house: House) -> None:
    empty = types(client)
    house.register(KARIM, size=2)
    nearly_full = types(client)
    house.register(LUCIE)
    house.register(MARC, size=2)
    full = types(client)

    assert empty == [entry()]
    assert nearly_full == [entry(opening="last_seats", free=1)]
    assert full == [entry(opening="waitlist", free=0, waiting=2, waiting_parties=1)]


def test_what_is_not_open_yet_says_when_it_will_be(client: FlaskClient, house: House) -> None:
    with house.database.writing() as session:
        session.execute(update(TicketType).values(opens_at=NOW + timedelta(hours=1)))

    assert types(client) == [entry(open=False, opening="not_yet", free=0, opens_at="2027-09-01T13:00:00+02:00")]


@pytest.mark.parametrize("state", ["postponed", "called_off", "archived"])
def test_an_event_that_takes_nobody_is_closed(client: FlaskClient, house: House, state: str) -> None:
    with house.database.writing() as session:
        session.execute(update(Event).values(state=state))

    assert types(client) == [entry(open=False, opening="closed", free=0)]


def test_what_is_given_by_invitation_is_not_told(client: FlaskClient, house: House) -> None:
    with house.database.writing() as session:
        actions.create_ticket_type(
            session,
            event_id=house.event.id,
            slug="presse",
            name={"fr": "Presse", "en": "Press"},
            quota_ids=[house.quota.id],
            public=False,
            actor=OPERATOR,
            now=NOW,
        )

    assert [kind["slug"] for kind in types(client)] == ["entree"]


def test_availability_may_be_kept_for_seconds_by_whoever_asks(client: FlaskClient, house: House) -> None:
    path = "/api/v1/events/grand-opening/availability"
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    house.register(KARIM)
    later = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=5"
    assert "Set-Cookie" not in first.headers
    assert [again.status_code, later.status_code] == [304, 200]
