"""What programs are told when something cannot be done (RFC 9457), and how their JSON is read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from eventapp.lib import codes, text, web

MAX_BODY = 256 * 1024
CLEANED = ("text.too_long", "text.control", "text.newline", "text.marks", "text.surrogate")
"""By which codes `cleaned` refuses; of a name of persons two more."""
CLEANED_NAME = (*CLEANED, "text.bidi", "text.link")
_KEY = re.compile(r"[A-Za-z0-9_]{1,40}")
_IDEMPOTENCY_KEY = re.compile(r'("?)([A-Za-z0-9_-]{16,64})\1')


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


@dataclass(frozen=True)
class Command:
    """A request as what it does is remembered by (journal.rules.Sending): its key, and all that must be the same when that comes again."""

    sent_key: str
    sent_body: str


def command(sent: Body) -> Command:
    """This request as a command: it belongs to its key, to its path and to what it says. One without a key is new each time.

    Raises Problem: request.key_malformed (400).
    """
    return Command(idempotency_key() or codes.key(), json.dumps([request.path, sent.model_dump(mode="json")], ensure_ascii=False))


def idempotency_key() -> str | None:
    """What makes this request safe to send again, with or without the quotation marks of a structured header; None when there is none.

    16 characters at least: whoever knows a key, and what was sent under it, is answered like the first sender.
    Raises Problem: request.key_malformed (400).
    """
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return None
    match = _IDEMPOTENCY_KEY.fullmatch(given)
    if match is None:
        raise Problem(
            400, "request.key_malformed", "Idempotency-Key has 16 to 64 letters, digits, hyphens and underscores, a UUID for one."
        )
    return match.group(2)


def cleaned(value: str, *, limit: int, field: str, name: bool = False) -> str:
    """One line of text as it is stored; `name` for those of persons.

    Raises Problem: the code of what is wrong with it, text.too_long included (422).
    """
    try:
        line = text.clean(value, name=name)
    except text.Unclean as unclean:
        raise Problem(422, unclean.code, f"{field} holds a character that cannot be kept.", field=field) from None
    if text.graphemes(line) > limit:
        raise Problem(422, "text.too_long", f"{field} may have {limit} characters at most.", field=field)
    return line


def answer(told: BaseModel, status: int = 200) -> Response:
    """A result, as its shape writes it."""
    return Response(told.model_dump_json(), status, mimetype="application/json")


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
