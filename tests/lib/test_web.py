"""The edge: who is let in, in which language, what an answer carries, what people read when something is not possible."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, g, request
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import NotFound, TooManyRequests

from eventapp.lib import web
from eventapp.lib.db import Unavailable
from eventapp.lib.refusal import Refused


class DeadlockError(Exception):
    sqlstate = "40P01"


DEADLOCK = OperationalError("UPDATE", {}, DeadlockError())


@pytest.fixture
def serve(app: Flask) -> Callable[[Callable[[], web.Answer]], FlaskClient]:
    """A client to an application with one more page, /fr/here."""

    def with_view(view: Callable[[], web.Answer], *, access: str = "public") -> FlaskClient:
        app.add_url_rule(
            "/<any(fr, en):lang>/here", "here", web.access(access)(view), methods=["GET", "POST"], provide_automatic_options=False
        )
        app.add_url_rule("/api/here", "api_here", web.access(access)(view))
        return app.test_client()

    return with_view


def failing(*errors: Exception) -> Callable[[], web.Answer]:
    """A view that fails with each of these in turn, then answers."""
    left: Iterator[Exception] = iter(errors)

    def view() -> web.Answer:
        error = next(left, None)
        if error is not None:
            raise error
        return "done"

    return view


@pytest.mark.trust("F-5")
def test_a_deadlock_is_tried_once_more(serve: Callable[..., FlaskClient]) -> None:
    answer = serve(failing(DEADLOCK)).get("/fr/here")

    assert (answer.status_code, answer.text) == (200, "done")


@pytest.mark.trust("F-5")
def test_two_deadlocks_are_told_as_being_busy(serve: Callable[..., FlaskClient]) -> None:
    answer = serve(failing(DEADLOCK, DEADLOCK)).get("/fr/here")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


@pytest.mark.trust("P-2")
def test_nothing_but_a_deadlock_is_tried_again(serve: Callable[..., FlaskClient]) -> None:
    answer = serve(failing(Refused("registration.closed"))).get("/fr/here")

    assert answer.status_code == 409


@pytest.mark.trust("OUT-7")
def test_a_fault_is_a_page_with_its_number_and_nothing_of_the_inside(
    serve: Callable[..., FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    answer = serve(failing(RuntimeError("canary in /srv/secret"))).get("/fr/here")

    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text
    assert [word for word in ("canary", "Traceback", "RuntimeError", ".py") if word in answer.text] == []
    assert [record.message for record in caplog.records if answer.headers["X-Request-Id"] in record.message]


@pytest.mark.trust("OUT-7")
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused("registration.closed"), 409, "registration.closed"),
        (Refused("command.key_reused", status=422), 422, "command.key_reused"),
        (NotFound(), 404, "not_found"),
        (TooManyRequests(), 429, "limit.reached"),
        (Unavailable("canary"), 503, "unavailable"),
        (RuntimeError("canary"), 500, "http.500"),
    ],
)
def test_programs_get_a_problem_document(serve: Callable[..., FlaskClient], error: Exception, status: int, code: str) -> None:
    answer = serve(failing(error)).get("/api/here")

    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    body = answer.get_json()
    assert (body["status"], body["code"], body["request"]) == (status, code, answer.headers["X-Request-Id"])
    assert "canary" not in answer.text
    assert ("Retry-After" in answer.headers) == (status in {429, 503})


@pytest.mark.trust("F-15")
@pytest.mark.parametrize(("error", "wait"), [(Unavailable("busy"), "2"), (TooManyRequests(retry_after=17), "17")])
def test_whoever_must_wait_keeps_what_they_typed(serve: Callable[..., FlaskClient], error: Exception, wait: str) -> None:
    typed = {"first_name": "Inès <3", "password": "canary", "csrf_token": "canary"}

    answer = serve(failing(error)).post("/fr/here", data=typed)

    assert answer.headers["Retry-After"] == wait
    assert "Inès &lt;3" in answer.text
    assert "canary" not in answer.text


def test_a_refusal_is_said_in_the_language_of_the_page(serve: Callable[..., FlaskClient]) -> None:
    closed = Refused("registration.closed")
    client = serve(failing(closed, closed))

    french, english = client.get("/fr/here"), client.get("/en/here")

    assert [re.search('<html lang="(..)"', answer.text)[1] for answer in (french, english)] == ["fr", "en"]  # type: ignore[index]
    assert french.text != english.text
    assert [answer.status_code for answer in (french, english)] == [409, 409]


@pytest.mark.trust("ACL-2")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_for_members_asks_strangers_to_sign_in_and_takes_nothing_from_them(serve: Callable[..., FlaskClient], method: str) -> None:
    called = []

    answer = serve(lambda: called.append(1) or "done", access="session").open("/fr/here?a=1", method=method)

    assert called == []
    assert (answer.status_code, answer.headers.get("Location")) == {
        "GET": (303, "/sign-in?next=/fr/here?a%3D1"),
        "POST": (400, None),
    }[method]


@pytest.mark.trust("SESS-1")
def test_who_asks_is_not_looked_up_without_a_cookie(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.test_request_context("/fr/"):
        monkeypatch.setattr(app.extensions["eventapp"], "database", None)

        assert web.actor().kind == "anonymous"


def test_the_time_is_read_once_a_request(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([1, 2])
    monkeypatch.setattr(app.extensions["eventapp"], "clock", lambda: next(times))

    with app.test_request_context("/fr/"):
        assert (web.now(), web.now()) == (1, 1)


def test_the_twin_of_a_page_is_itself_in_the_other_language(app: Flask) -> None:
    with app.test_request_context("/fr/events/grand-opening?x=1"):
        g.lang = "fr"
        assert web.twin("en") == "/en/events/grand-opening?x=1"
    with app.test_request_context("/sign-in"):
        assert (request.endpoint, web.twin("en")) == ("people.sign_in.new", "/en/")


def test_a_file_is_named_by_what_is_in_it(app: Flask) -> None:
    with app.app_context():
        first, again, other = web.asset("css/tokens.css"), web.asset("css/tokens.css"), web.asset("css/base.css")

    assert re.fullmatch(r"/static/css/tokens\.css\?v=[0-9a-f]{10}", first)
    assert first == again
    assert first.partition("?")[2] != other.partition("?")[2]


@pytest.mark.trust("OUT-1")
def test_the_mark_for_scripts_is_new_for_each_answer(serve: Callable[..., FlaskClient]) -> None:
    client = serve(web.nonce)

    answers = [client.get("/fr/here") for _ in range(2)]

    assert [f"script-src 'self' 'nonce-{answer.text}';" in answer.headers["Content-Security-Policy"] for answer in answers] == [True, True]
    assert answers[0].text != answers[1].text
    assert "nonce" not in client.get("/fr/").headers["Content-Security-Policy"]
