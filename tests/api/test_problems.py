"""What programs are told when something cannot be done, and how their JSON is read."""

from __future__ import annotations

from typing import Annotated

import pytest
from flask import Flask
from pydantic import Field

from eventapp.api.problems import MAX_BODY, Body, Problem, body, cleaned


class Order(Body):
    """A body of this file's own."""

    chairs: Annotated[int, Field(ge=1)]
    note: str = ""


def read(app: Flask, data: bytes, *, content_type: str = "application/json") -> Order | tuple[int, str, object]:
    """The order, or what its sender is told."""
    with app.test_request_context("/api/v1/orders", method="POST", data=data, content_type=content_type):
        try:
            return body(Order)
        except Problem as problem:
            return problem.status, problem.code, problem.more.get("errors")


def test_a_body_is_read_and_its_mistakes_are_named_by_field(app: Flask) -> None:
    assert read(app, b'{"chairs": 3}') == Order(chairs=3)
    assert read(app, b'{"chairs": 0}') == (
        422,
        "request.invalid",
        [{"field": "chairs", "code": "greater_than_equal", "detail": "Input should be greater than or equal to 1"}],
    )
    assert read(app, b"{}") == (422, "request.invalid", [{"field": "chairs", "code": "missing", "detail": "Field required"}])


def test_a_field_of_nobody_is_refused_and_repeated_only_when_it_is_harmless(app: Flask) -> None:
    def told(name: str) -> object:
        return read(app, f'{{"chairs": 1, "{name}": 2}}'.encode())

    def extra(name: str) -> object:
        return (422, "request.invalid", [{"field": name, "code": "extra_forbidden", "detail": "Extra inputs are not permitted"}])

    assert told("tables") == extra("tables")
    assert told("<script>") == extra("?")
    assert told("x" * 41) == extra("?")


@pytest.mark.parametrize(
    ("data", "content_type", "told"),
    [
        (b"{", "application/json", (400, "request.malformed", None)),
        (b"\xff", "application/json", (400, "request.malformed", None)),
        (b'{"chairs": 1}', "text/plain", (415, "request.media_type", None)),
        (b" " * (MAX_BODY + 1), "application/json", (413, "request.too_large", None)),
    ],
)
def test_what_is_no_json_of_ours_is_refused_by_a_code(app: Flask, data: bytes, content_type: str, told: tuple[int, str, object]) -> None:
    assert read(app, data, content_type=content_type) == told


def test_twenty_mistakes_are_told_at_most(app: Flask) -> None:
    many = ", ".join(f'"a{number}": 1' for number in range(50))

    answer = read(app, f'{{"chairs": 1, {many}}}'.encode())

    assert isinstance(answer, tuple)
    assert isinstance(answer[2], list)
    assert len(answer[2]) == 20


def test_a_line_of_text_is_cleaned_or_refused() -> None:
    assert cleaned("  Porte A ", limit=7, field="label") == "Porte A"
    with pytest.raises(Problem) as long:
        cleaned("é" * 8, limit=7, field="label")
    with pytest.raises(Problem) as strange:
        cleaned("a\x00", limit=7, field="label")

    assert (long.value.status, long.value.code, long.value.more) == (422, "text.too_long", {"field": "label"})
    assert (strange.value.status, strange.value.more) == (422, {"field": "label"})
