"""What programs are told when something cannot be done (RFC 9457), and how their JSON is read."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from flask import Flask, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from eventapp.lib import text, web

MAX_BODY = 256 * 1024
_KEY = re.compile(r"[A-Za-z0-9_]{1,40}")


class Problem(Exception):
    """An answer that is no result: a status, a stable code and a sentence in English for whoever writes the program."""

    def __init__(self, status: int, code: str, detail: str, **more: Any) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.more = status, code, detail, more


class Body(BaseModel):
    """A JSON object whose fields are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Read = TypeVar("Read", bound=Body)


def body(shape: type[Read], *, max_bytes: int = MAX_BODY) -> Read:
    """The body of this request.

    Raises Problem: request.media_type (415), request.too_large (413), request.malformed (400), request.invalid (422, with the fields).
    """
    if request.mimetype != "application/json":
        raise Problem(415, "request.media_type", "Send application/json.")
    request.max_content_length = max_bytes
    try:
        raw = request.get_data(cache=True)
    except RequestEntityTooLarge:
        raise Problem(413, "request.too_large", f"The body may have {max_bytes} bytes at most.") from None
    try:
        return shape.model_validate_json(raw)
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_context=False, include_input=False)
    if any(mistake["type"] == "json_invalid" for mistake in mistakes):
        raise Problem(400, "request.malformed", "The body is not JSON in UTF-8.")
    raise Problem(422, "request.invalid", "The body has fields that cannot be read.", errors=[_mistake(one) for one in mistakes[:20]])


def cleaned(value: str, *, limit: int, field: str) -> str:
    """One line of text as it is stored.

    Raises Problem: the code of what is wrong with it, text.too_long included (422).
    """
    try:
        line = text.clean(value)
    except text.Unclean as unclean:
        raise Problem(422, unclean.code, f"{field} holds a character that cannot be kept.", field=field) from None
    if text.graphemes(line) > limit:
        raise Problem(422, "text.too_long", f"{field} may have {limit} characters at most.", field=field)
    return line


def mount(app: Flask) -> None:
    """Let every view of the API raise a Problem."""
    app.register_error_handler(Problem, _answer)


def _mistake(mistake: Any) -> dict[str, str]:
    # A field that is none of ours is named only when its name is harmless.
    path = [str(part) for part in mistake["loc"]]
    return {"field": ".".join(part if _KEY.fullmatch(part) else "?" for part in path), "code": mistake["type"], "detail": mistake["msg"]}


def _answer(problem: Problem) -> Response:
    answer = web.problem(problem.status, problem.code, problem.detail, **problem.more)
    if problem.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
