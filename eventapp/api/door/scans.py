"""Codes shown to phones, judged."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from eventapp.api import auth
from eventapp.api.door.answers import ECHO, GUESSES, PHONE, ROLE, ScansAnswer
from eventapp.api.door.bodies import ScansBody
from eventapp.api.door.envelope import answer, count_guesses, door, said
from eventapp.api.openapi import operation
from eventapp.api.problems import CLEANED, body
from eventapp.door import actions
from eventapp.door.actions import Answer, Ask, Outcome
from eventapp.door.rules import Verdict
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import access, database, now


@door.post("/scans")
@access("device")
@operation(
    body=ScansBody,
    answers={200: ScansAnswer},
    parameters=(ECHO,),
    problems=PHONE | ROLE | GUESSES | {422: ("override.text_missing", *CLEANED)},
)
def create_scans() -> Response:
    """Judge codes. A code that is unknown, or was typed, counts as a guess: 30 a minute for each phone."""
    credential = auth.credential()
    asks = [one.ask() for one in body(ScansBody).scans]
    typed = sum(ask.is_typed for ask in asks)
    if typed:
        with database().reading() as session:
            auth.phone(session, credential)
        count_guesses(credential, typed)
    with database().writing() as session:
        outcome = _judged(session, credential, asks)
    strangers = [
        ask for ask, told in zip(asks, outcome.answers, strict=True) if told.status == "stored" and told.verdict is Verdict.UNKNOWN
    ]
    count_guesses(credential, sum(not ask.is_typed for ask in strangers))
    counters = outcome.counters
    facts = {"gauge": counters.gauge, "occupancy": counters.occupancy, "arrived": counters.arrived}
    return answer({"results": [_result(told) for told in outcome.answers], "facts": facts})


def _judged(session: Session, credential: bytes, asks: list[Ask]) -> Outcome:
    try:
        return actions.scan(session, credential_sha256=credential, asks=asks, now=now())
    except Refused as refused:
        raise auth.turned_away(refused) from None


def _result(told: Answer) -> dict[str, Any]:
    result: dict[str, Any] = {"id": str(told.id), "status": told.status}
    if told.code is not None:
        return result | {"code": told.code, "verdict": None, "moves": None, "ref": {}}
    ref = dict(told.ref)
    if told.event is not None:
        ref["event"] = said(told.event["name"])
    result |= {"verdict": told.verdict, "moves": told.moves, "ref": ref}
    optional = {"reason": told.reason, "label": told.label, "entry": told.entry, "event": told.event}
    return result | {name: value for name, value in optional.items() if value is not None}
