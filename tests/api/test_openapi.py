"""The document says what is there: every route is in it, and what it says of each is what programs meet."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventapp.api import openapi
from tests.api.conftest import judged
from tests.schemas import faults


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.json is not None
    return dict(answer.json)


def routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, re.sub(r"<([^>]+)>", r"{\1}", rule.rule).removeprefix("/api/v1"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method.upper(), path, said) for path, methods in document["paths"].items() for method, said in methods.items()]


def test_every_route_is_described_and_nothing_else(app: Flask, document: dict[str, Any]) -> None:
    described = {(method, path) for method, path, _said in operations(document)}

    assert described == routes(app) - {("GET", "/openapi.json")}
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "http://127.0.0.1:8000/api/v1"}]


def test_a_route_that_says_nothing_of_itself_is_noticed(app: Flask) -> None:
    app.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "secret")

    with app.app_context():
        described = {(method, path) for method, path, _said in operations(openapi.document(app))}

    assert routes(app) - described == {("GET", "/forgotten"), ("GET", "/openapi.json")}


def test_each_operation_has_its_name_its_sentence_and_its_guard(document: dict[str, Any]) -> None:
    said = operations(document)

    assert len({one["operationId"] for _method, _path, one in said}) == len(said)
    assert [path for _method, path, one in said if not one["summary"].endswith(".")] == []
    assert {path: one["security"] for _method, path, one in said if path.startswith("/registrations/{")} == {
        "/registrations/{public_id}": [{"registration": []}],
        "/registrations/{public_id}/cancellation": [{"registration": []}],
        "/registrations/{public_id}/offer-acceptance": [{"registration": []}],
        "/registrations/{public_id}/offer-extension": [{"registration": []}],
        "/registrations/{public_id}/offer-refusal": [{"registration": []}],
        "/registrations/{public_id}/transfers": [{"registration": []}],
        "/registrations/{public_id}/verification": [{"registration": []}],
    }
    for _method, path, one in said:
        named = {parameter["name"] for parameter in one["parameters"] if parameter["in"] == "path"}
        assert named == set(re.findall(r"{([^}]+)}", path))
        assert "503" in one["responses"]


def test_every_reference_leads_somewhere_and_every_shape_is_used(document: dict[str, Any]) -> None:
    used = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(document)))

    assert used == set(document["components"]["schemas"])


def test_the_document_may_be_kept_by_caches(client: FlaskClient) -> None:
    first = client.get("/api/v1/openapi.json")
    again = client.get("/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Vary" not in first.headers
    assert (again.status_code, again.get_data()) == (304, b"")


@pytest.mark.trust("P-9")
def test_an_answer_that_is_not_described_is_noticed(app: Flask, document: dict[str, Any]) -> None:
    said = document["paths"]["/events/{slug}"]["get"]

    def verdict(text: str, status: int = 200, mimetype: str = "application/json") -> list[str]:
        return judged(app.response_class(text, status, mimetype=mimetype), said, document)

    assert verdict("{}")[:2] == ["$: slug is missing", "$: title is missing"]
    assert verdict("{}", 418) == ["this status is not described"]
    assert verdict("<p>", mimetype="text/html") == ["text/html is not described"]
    problem = {"type": "about:blank", "title": "x", "status": 404, "code": "x", "detail": "x", "request": None}
    assert verdict(json.dumps(problem), 404, "application/problem+json") == ["the code x is not described"]


@pytest.mark.parametrize(
    ("value", "schema", "fault"),
    [
        (True, {"type": "integer"}, "$: True is no integer"),
        ("3", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "$: '3' is no integer"),
        (0, {"type": "integer", "minimum": 1}, "$: 0 breaks minimum"),
        ({"a": 1}, {"type": "object", "additionalProperties": False}, "$: a is not described"),
        ({"a": 1}, {"type": "object", "additionalProperties": {"type": "string"}}, "$.a: 1 is no string"),
        ([1, ""], {"type": "array", "items": {"type": "integer"}}, "$[1]: '' is no integer"),
        ("2027-09-01T10:00:00", {"type": "string", "format": "date-time"}, "$: '2027-09-01T10:00:00' breaks format"),
    ],
)
def test_the_judge_of_schemas_says_what_is_wrong(value: Any, schema: dict[str, Any], fault: str) -> None:
    assert list(faults(value, schema, {})) == [fault]


def test_the_judge_of_schemas_knows_what_it_does_not_know() -> None:
    with pytest.raises(NotImplementedError):
        list(faults(1, {"multipleOf": 2}, {}))


@pytest.mark.parametrize(("language", "title"), [("fr", "Pour les programmes"), ("en", "For programs")])
def test_people_read_the_same_document_in_their_language(app: Flask, client: FlaskClient, language: str, title: str) -> None:
    answer = client.get("/api/docs", headers={"Accept-Language": language})

    assert answer.status_code == 200
    assert f"<h1>{title}</h1>" in answer.text
    titles = re.findall(r'<h2 id="[^"]+">([A-Z]+) /api/v1(/[^<]+)</h2>', answer.text)
    assert {(method, path) for method, path in titles} == routes(app) - {("GET", "/openapi.json")}


def test_what_a_value_is_made_of_is_said_in_one_line(document: dict[str, Any]) -> None:
    told = {one.id: one for one in openapi.readable(document)}
    create = told["registration.create"]

    assert create.sent == [
        openapi.Value("first_name", "string"),
        openapi.Value("last_name", "string"),
        openapi.Value("email", "string"),
        openapi.Value("ticket_type", "string"),
        openapi.Value("party_size", "integer", required=False),
        openapi.Value("language", '"fr" | "en"', required=False),
        openapi.Value("auto_until", '"never" | "offers" | "last_day" | "freeze" | null', required=False),
        openapi.Value("accept_partial", "boolean", required=False),
    ]
    assert (create.method, create.path, create.token) == ("POST", "/api/v1/events/{slug}/registrations", "")
    assert openapi.Value("tickets", "TicketAnswer[]") in create.answers["201"]
    assert openapi.Value("position", "integer | null") in create.answers["201"]
    assert create.problems["404"] == ["not_found"]
    assert told["registration.show"].token == "registration"
    assert told["door.delete_device"].answers == {"204": []}
    within = {shape.name: shape for shape in openapi.shapes_within(document)}
    assert within["TicketAnswer"].fields[0] == openapi.Value("position", "integer")
    assert within["Opening"].kind == '"not_yet" | "open" | "last_seats" | "waitlist" | "ballot" | "full" | "closed"'
