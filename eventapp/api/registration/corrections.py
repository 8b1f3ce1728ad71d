"""Mending a mistyped name or address. A new address ends the old token and answers a new one."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from eventapp.api import auth
from eventapp.api.openapi import IDEMPOTENCY_KEY, operation
from eventapp.api.problems import Command, Problem, answer, body, command
from eventapp.api.registration.changes import change
from eventapp.api.registration.party import (
    IN_NAMES,
    MAX_BYTES,
    CorrectionBody,
    RegisteredAnswer,
    bp,
    mail_address,
    party,
    person_name,
    with_token,
)
from eventapp.events import queries as events
from eventapp.journal import actions as journal
from eventapp.lib import limits, text, web
from eventapp.lib.db import Session
from eventapp.lib.signing import link_token
from eventapp.lib.web import access, database, now
from eventapp.people.rules import link_holder
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration
from eventapp.registration.rules import unproven


class _Strange(Exception):
    """A token that opens nothing: nothing of its request may stay."""


@dataclass(frozen=True)
class _Wish:
    first_name: str | None
    last_name: str | None
    email: str | None
    auto_until: str | None
    accept_partial: bool | None
    party_size: int | None
    ticket_type: str | None

    @property
    def about_the_holder(self) -> bool:
        return not (self.first_name is self.last_name is self.email is None)

    @property
    def about_the_turn(self) -> bool:
        return self.auto_until is not None or self.accept_partial is not None

    @property
    def about_the_party(self) -> bool:
        return self.party_size is not None or self.ticket_type is not None


@bp.patch("/registrations/<public_id>")
@access("link")
@operation(
    body=CorrectionBody,
    answers={200: RegisteredAnswer},
    parameters=(IDEMPOTENCY_KEY,),
    problems={
        400: ("request.key_malformed",),
        401: ("registration.token_missing",),
        404: ("not_found",),
        409: (
            *("registration.over", "registration.address_taken", "registration.not_waiting", "registration.answer_first"),
            *("event.not_open", "registration.not_open_yet", "registration.closed", "registration.not_public"),
            *("registration.full", "registration.quota_full", "registration.arrived", "approval.needed"),
        ),
        422: ("command.key_reused", "registration.party_too_large", "registration.type_unknown", *IN_NAMES),
        429: ("limit.reached",),
    },
)
def update(public_id: str) -> Response:
    """Mend a name or an address, say how one's turn is wished for, be fewer or more, or take another ticket type.

    `party_size` counts the whole party, its parts included. While it waits, a smaller one keeps its place and a larger one goes to the
    end of the line. Of who has seats a larger one adds a part, seated or in line; places are given back by a cancellation.
    Another `ticket_type` moves the whole party: to the end of the other line, or from seat to seat if there is room, else not at all.

    A new address gets a new token, and the old one opens nothing any more; sent again under its key, the request is answered with the
    new one all the same. Where an address is to be proved there is none: the mail to it alone has the link.
    """
    token = auth.link_token()
    asked = body(CorrectionBody, max_bytes=MAX_BYTES)
    sent, wish = command(asked), _wish(asked)
    _slow_down(public_id, token, wish)
    try:
        with database().writing() as session:
            row, given = _mended(session, public_id, token, sent, wish)
    except _Strange:
        raise auth.nobodys() from None
    with database().reading() as session:
        row = queries.registration_by_public_id(session, public_id) or web.not_found()
        told = with_token(party(session, row), given)
    return answer(told)


def _wish(asked: CorrectionBody) -> _Wish:
    return _Wish(
        first_name=person_name(asked.first_name, "first_name") if asked.first_name is not None else None,
        last_name=person_name(asked.last_name, "last_name") if asked.last_name is not None else None,
        email=mail_address(asked.email) if asked.email is not None else None,
        auto_until=asked.auto_until,
        accept_partial=asked.accept_partial,
        party_size=asked.party_size,
        ticket_type=asked.ticket_type,
    )


def _slow_down(public_id: str, token: str, wish: _Wish) -> None:
    """Nobody is written to by one correction after the other to their address. Source: trust.md RATE-3.

    Raises Problem: limit.reached (429).
    """
    if wish.email is None:
        return
    with database().reading() as session:
        row = auth.held(session, public_id, token)
        address = text.canonical_email(wish.email)
        moves = row is not None and address != row.canonical_email
    if not moves:
        return
    verdict = limits.hit(database(), limits.RESEND_ADDRESS, address, now=now())
    if not verdict.ok:
        raise Problem(429, "limit.reached", "Too much has been sent to this address.", retry_after=verdict.retry_after)


def _mended(session: Session, public_id: str, token: str, sent: Command, wish: _Wish) -> tuple[Registration, str | None]:
    holder = link_holder(public_id)
    row = auth.held(session, public_id, token)
    former = row is None
    if row is None:
        row = auth.formerly_held(session, public_id, token)
    if row is None:
        raise _Strange
    given = link_token(web.keys(), row.identity, row.serial)
    if journal.claim(session, form=sent, actor=holder.label, now=now()) is not None:
        if former and row.verified_at != row.created_at:  # the address was to be proved: whose it is now may be somebody else
            if not unproven(row):
                raise _Strange
            return row, None
        return row, given
    if former:
        raise _Strange
    events.locked_event(session, row.event_id)
    queries.registration_by_id(
        session, row.event_id, row.id
    )  # read afresh: what is not named stays as it is now, not as it was before the lock
    if wish.about_the_turn:
        actions.wish(
            session,
            event_id=row.event_id,
            registration_id=row.id,
            auto_until=wish.auto_until or row.auto_until,
            accept_partial=row.accept_partial if wish.accept_partial is None else wish.accept_partial,
            actor=holder,
            now=now(),
        )
    renewed: str | None = given
    if wish.about_the_party:
        change(session, row, party_size=wish.party_size, ticket_type=wish.ticket_type, holder=holder)
    if wish.about_the_holder:
        _row, renewed = actions.correct(
            session,
            event_id=row.event_id,
            registration_id=row.id,
            first_name=row.first_name if wish.first_name is None else wish.first_name,
            last_name=row.last_name if wish.last_name is None else wish.last_name,
            email=row.email if wish.email is None else wish.email,
            keys=web.keys(),
            actor=holder,
            now=now(),
        )
    journal.led_to(session, form=sent, actor=holder.label, location=request.path)
    return row, renewed
