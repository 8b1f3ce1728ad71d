"""Answering what is asked: an offer, which is accepted, left to the next in line or extended; an address, which is proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from eventapp.api import auth
from eventapp.api.openapi import IDEMPOTENCY_KEY, operation
from eventapp.api.problems import body, command
from eventapp.api.registration.party import MAX_BYTES, AnswerBody, RegistrationAnswer, bp, shown
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import access, database, not_found, now
from eventapp.people.rules import link_holder
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration

PROBLEMS: dict[int, tuple[str, ...]] = {
    400: ("request.key_malformed",),
    401: ("registration.token_missing",),
    404: ("not_found",),
    409: ("offer.over",),
    422: ("command.key_reused",),
    429: ("limit.reached",),
}


@bp.post("/registrations/<public_id>/offer-acceptance")
@access("link")
@operation(body=AnswerBody, answers={200: RegistrationAnswer}, parameters=(IDEMPOTENCY_KEY,), problems=PROBLEMS)
def create_offer_acceptance(public_id: str) -> Response:
    """Take the seat that is offered. It is kept until `answer_by`, and accepting again changes nothing."""
    return _answered(public_id, actions.accept)


@bp.post("/registrations/<public_id>/offer-refusal")
@access("link")
@operation(body=AnswerBody, answers={200: RegistrationAnswer}, parameters=(IDEMPOTENCY_KEY,), problems=PROBLEMS)
def create_offer_refusal(public_id: str) -> Response:
    """Leave the seat to the next in line; this ends the registration. Refusing again changes nothing."""
    return _answered(public_id, actions.decline)


@bp.post("/registrations/<public_id>/offer-extension")
@access("link")
@operation(
    body=AnswerBody,
    answers={200: RegistrationAnswer},
    parameters=(IDEMPOTENCY_KEY,),
    problems=PROBLEMS | {409: ("offer.over", "offer.extended_already", "offer.deficit", "offer.no_later")},
)
def create_offer_extension(public_id: str) -> Response:
    """Two hours more to answer, by day, once; thirty minutes for a seat that is `held`."""
    return _answered(public_id, actions.extend, by_organiser=False)


@bp.post("/registrations/<public_id>/verification")
@access("link")
@operation(body=AnswerBody, answers={200: RegistrationAnswer}, parameters=(IDEMPOTENCY_KEY,), problems=PROBLEMS | {409: ("proof.over",)})
def create_verification(public_id: str) -> Response:
    """Prove the address, with the token of the link that was mailed to it: a `held` seat is then `confirmed`. Again, it changes nothing."""
    return _answered(public_id, actions.verify)


def _answered(public_id: str, verb: Callable[..., Any], **more: Any) -> Response:
    """Do it once under its key, and say where the party stands.

    Raises Refused: as the verb does. What the clock has brought meanwhile stays, though the no undoes its own transaction.
    """
    token = auth.link_token()
    asked = body(AnswerBody, max_bytes=MAX_BYTES)
    sent, holder = command(asked), link_holder(public_id)
    event_id = None
    try:
        with database().writing() as session:
            row = auth.held(session, public_id, token)
            if row is not None and journal.claim(session, form=sent, actor=holder.label, now=now()) is None:
                event_id = row.event_id
                row = _named(session, row, asked.part)
                if verb is actions.extend:
                    more["version"] = row.version
                verb(session, event_id=event_id, registration_id=row.id, actor=holder, now=now(), **more)
                journal.led_to(session, form=sent, actor=holder.label, location=request.path)
    except Refused:
        if event_id is not None:
            with database().writing() as session:
                actions.tend(session, event_id=event_id, now=now())
        raise
    return shown(public_id, token)


def _named(session: Session, row: Registration, part: str | None) -> Registration:
    """The party, or its part of this id; 404 for another."""
    if part is None:
        return row
    return next((one for one in queries.parts_of(session, row) if one.public_id == part), None) or not_found()
