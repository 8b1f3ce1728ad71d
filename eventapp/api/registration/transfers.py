"""Passing a place on to another person."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from eventapp.api import auth
from eventapp.api.openapi import IDEMPOTENCY_KEY, operation
from eventapp.api.problems import Problem, answer, body, command
from eventapp.api.registration.party import (
    IN_NAMES,
    MAX_BYTES,
    TransferAnswer,
    TransferBody,
    bp,
    mail_address,
    person_name,
)
from eventapp.lib import limits, text, web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import access, database, now
from eventapp.people.rules import link_holder
from eventapp.registration import actions, queries
from eventapp.registration.rules import State


@bp.post("/registrations/<public_id>/transfers")
@access("link")
@operation(
    body=TransferBody,
    answers={200: TransferAnswer},
    parameters=(IDEMPOTENCY_KEY,),
    problems={
        400: ("request.key_malformed",),
        401: ("registration.token_missing",),
        404: ("not_found",),
        409: (
            "event.not_open",
            "approval.needed",
            "transfer.waiting",
            "transfer.not_allowed",
            "transfer.too_late",
            "transfer.arrived",
            "transfer.rest",
            "transfer.recipient",
        ),
        422: ("command.key_reused", "registration.attendee_unknown", *IN_NAMES),
        429: ("limit.reached",),
    },
)
def create_transfer(public_id: str) -> Response:
    """Let another person come in one of the places: they get a ticket and a link of their own, and the earlier code is refused as replaced.

    A party of one ends with it: its token opens nothing any more. Sent again under its key, the request is answered all the same.
    """
    token = auth.link_token()
    asked = body(TransferBody, max_bytes=MAX_BYTES)
    wanted = actions.Transfer(
        key=command(asked).sent_key,
        public_id=asked.part or public_id,
        position=asked.position,
        first_name=person_name(asked.first_name, "first_name"),
        last_name=person_name(asked.last_name, "last_name"),
        email=mail_address(asked.email),
    )
    if not _was_done(public_id, token, wanted):
        _slow_down(wanted.email)
        _transfer(public_id, token, wanted)
    return answer(TransferAnswer(first_name=wanted.first_name, places_left=_left(public_id, token)))


def _was_done(public_id: str, token: str, wanted: actions.Transfer) -> bool:
    """Raises Problem: not_found (404), limit.reached (429). Refused: command.key_reused."""
    with database().reading() as session:
        row = auth.held(session, public_id, token)
        known = row or auth.formerly_held(session, public_id, token)
        done = known is not None and actions.was_transferred(session, event_id=known.event_id, transfer=wanted)
    if row is None and not done:
        raise auth.nobodys()
    return done


def _transfer(public_id: str, token: str, wanted: actions.Transfer) -> None:
    """Raises Refused: as `actions.transfer`. Problem: limit.reached (429), after too many addresses that were refused."""
    try:
        with database().writing() as session:
            row = auth.held(session, public_id, token)
            if row is None or not _is_of(session, row.id, wanted.public_id, public_id):
                web.not_found()
            actions.transfer(session, event_id=row.event_id, transfer=wanted, keys=web.keys(), actor=link_holder(public_id), now=now())
    except Refused as refused:
        if refused.code == "transfer.recipient":
            tried = limits.hit(database(), limits.UNKNOWN_CODES, "address", limits.prefix(request.remote_addr), now=now())
            if not tried.ok:
                raise Problem(429, "limit.reached", "Too many addresses were tried.", retry_after=tried.retry_after) from None
        raise


def _is_of(session: Session, registration_id: int, wanted: str, public_id: str) -> bool:
    """Whether the place is in this party, or in a part of it."""
    if wanted == public_id:
        return True
    part = queries.registration_by_public_id(session, wanted)
    return part is not None and part.split_from_id == registration_id


def _slow_down(email: str) -> None:
    """Nobody is written to by one transfer after the other to their address. Source: trust.md RATE-3.

    Raises Problem: limit.reached (429).
    """
    for limit in (limits.RESEND_ADDRESS, limits.UNCONFIRMED_MAILS):
        verdict = limits.hit(database(), limit, text.canonical_email(email), now=now())
        if not verdict.ok:
            raise Problem(429, "limit.reached", "Too much has been sent to this address.", retry_after=verdict.retry_after)


def _left(public_id: str, token: str) -> int:
    with database().reading() as session:
        row = auth.held(session, public_id, token)
        return row.size if row is not None and row.state == State.CONFIRMED else 0
