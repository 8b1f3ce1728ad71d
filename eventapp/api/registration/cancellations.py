"""Giving places back, all of a party's or some: the next in line has them in the same moment."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from eventapp.api import auth
from eventapp.api.openapi import IDEMPOTENCY_KEY, operation
from eventapp.api.problems import body, command
from eventapp.api.registration.party import MAX_BYTES, CancellationBody, RegistrationAnswer, bp, shown
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import access, database, now
from eventapp.people.rules import link_holder
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration


@bp.post("/registrations/<public_id>/cancellation")
@access("link")
@operation(
    body=CancellationBody,
    answers={200: RegistrationAnswer},
    parameters=(IDEMPOTENCY_KEY,),
    problems={
        400: ("request.key_malformed",),
        401: ("registration.token_missing",),
        404: ("not_found",),
        409: ("registration.arrived",),
        422: ("command.key_reused", "registration.attendee_unknown"),
        429: ("limit.reached",),
    },
)
def create_cancellation(public_id: str) -> Response:
    """Give places back, all of them or some: they go to the next in line in the same moment.

    A registration that has ended stays as it is, and is answered as it is.
    """
    token = auth.link_token()
    asked = body(CancellationBody, max_bytes=MAX_BYTES)
    sent, holder = command(asked), link_holder(public_id)
    with database().writing() as session:
        row = auth.held(session, public_id, token)
        if row is not None and journal.claim(session, form=sent, actor=holder.label, now=now()) is None:
            actions.give_back(
                session,
                event_id=row.event_id,
                registration_id=row.id,
                attendee_ids=_leaving(session, row, asked),
                by_organiser=False,
                actor=holder,
                now=now(),
            )
            journal.led_to(session, form=sent, actor=holder.label, location=request.path)
    return shown(public_id, token)


def _leaving(session: Session, row: Registration, asked: CancellationBody) -> list[int] | None:
    if asked.positions is None:
        return None
    present = {attendee.position: attendee.id for attendee, _ticket in queries.attendees_of(session, [row.id])[row.id]}
    if not present.keys() >= set(asked.positions):
        raise Refused("registration.attendee_unknown", status=422)
    return [present[position] for position in asked.positions]
