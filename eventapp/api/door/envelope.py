"""The phones' blueprint, and what every answer to them carries: the mark that it is ours, the echo of the question, the time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from eventapp.api.problems import Problem
from eventapp.door.rules import stamp
from eventapp.lib import limits
from eventapp.lib.languages import chosen, preferred
from eventapp.lib.web import database, now

COUNTED_GUESSES = 31
"""No request counts more guesses than it takes to be stopped."""

door = Blueprint("door", __name__, url_prefix="/door")


def answer(values: Mapping[str, Any], status: int = 200) -> Response:
    """A result."""
    ours = {"door": 1, "echo": request.headers.get("X-Door-Echo"), "server_at": stamp(now())}
    return Response(json.dumps({**ours, **values}, ensure_ascii=False), status, mimetype="application/json")


def said(names: Mapping[str, str]) -> str:
    """The text of a pair in the language of the phone."""
    return chosen(names, preferred(request.headers.get("Accept-Language")))[0]


def count_guesses(credential: bytes, guesses: int) -> None:
    """Count codes that were typed or unknown: 30 a minute for each phone.

    Raises Problem: limit.reached (429).
    """
    for _ in range(min(guesses, COUNTED_GUESSES)):
        verdict = limits.hit(database(), limits.UNKNOWN_CODES, credential.hex(), now=now())
        if not verdict.ok:
            raise Problem(429, "limit.reached", "Too many codes that were typed or unknown.", retry_after=verdict.retry_after)
