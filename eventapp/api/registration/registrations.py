"""Registering, and seeing where one stands: the same verb, in the same line, as the form of the public."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from eventapp.api import auth
from eventapp.api.openapi import IDEMPOTENCY_KEY, operation
from eventapp.api.problems import Problem, answer, body, idempotency_key
from eventapp.api.registration.party import (
    IN_NAMES,
    MAX_BYTES,
    RegisteredAnswer,
    RegistrationAnswer,
    RegistrationBody,
    bp,
    mail_address,
    party,
    person_name,
    shown,
    with_token,
)
from eventapp.events import queries as events
from eventapp.events.models import Event
from eventapp.lib import codes, limits, text, web
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import derived, sha256
from eventapp.lib.web import access, database, dates, now
from eventapp.people.rules import ANONYMOUS
from eventapp.registration import actions, queries
from eventapp.registration.rules import AutoUntil, State


@bp.post("/events/<slug>/registrations")
@access("public")
@operation(
    body=RegistrationBody,
    answers={201: RegisteredAnswer},
    parameters=(IDEMPOTENCY_KEY,),
    problems={
        400: ("request.key_malformed",),
        404: ("not_found",),
        409: (
            "event.not_open",
            "registration.not_open_yet",
            "registration.closed",
            "registration.full",
            "registration.exists",
        ),
        422: (
            "command.key_reused",
            "registration.type_unknown",
            "registration.party_too_large",
            *IN_NAMES,
        ),
        429: ("limit.reached",),
    },
)
def create(slug: str) -> Response:
    """Register a party: it is seated, or joins the end of the waiting line; where the organiser decides it is `pending_approval`.

    Sent again under its key it is answered alike, and nothing is done twice. An address that is registered already is refused; the
    link to its registration is then mailed to it.
    """
    asked = body(RegistrationBody, max_bytes=MAX_BYTES)
    key = idempotency_key() or codes.key()
    with database().reading() as session:
        event = events.shown_event(session, slug) or web.not_found()
        event_id, velocity = event.id, queries.calendar(event).settings.velocity
        kinds = {kind.slug: kind.id for kind in queries.ticket_types(session, event.id) if kind.public}
    if asked.ticket_type not in kinds:
        raise Refused("registration.type_unknown", status=422)
    hasty = _is_hasty(event_id, velocity)
    request_, keys, moment = _request(asked, key, kinds[asked.ticket_type], hasty=hasty), web.keys(), now()
    outcome = web.together(
        Event,
        event_id,
        lambda session: actions.register(session, event_id=event_id, request=request_, keys=keys, actor=ANONYMOUS, now=moment),
    )
    if outcome.promised is not None:
        if outcome.kind == "exists":
            _mail_link(event_id, outcome.registration.id, asked.email)
        told = _promised(event, request_, asked, outcome)
        return _made(RegisteredAnswer(**dict(told), token=None, url=None))
    if outcome.token is None:
        _tell_holder(event_id, outcome.registration.id, asked.email)
        raise Refused("registration.exists")
    with database().reading() as session:
        row = queries.registration_by_public_id(session, outcome.registration.public_id)
        told = party(session, row or web.not_found())
    return _made(with_token(told, outcome.token))


def _made(told: RegisteredAnswer) -> Response:
    made = answer(told, 201)
    made.headers["Location"] = web.absolute(url_for("api.registration.show", public_id=told.id))
    return made


def _is_hasty(event_id: int, velocity: int) -> bool:
    """Whether more have registered from this network than the organiser takes unproved. Source: trust.md RATE-4."""
    if not velocity:
        return False
    return not limits.hit(database(), limits.registrations(velocity), str(event_id), limits.prefix(request.remote_addr), now=now()).ok


def _promised(event: Event, sent: actions.Request, asked: RegistrationBody, outcome: actions.Outcome) -> RegistrationAnswer:
    """What is told of a registration whose address is to be proved: of one that was there before, what a stranger would be told.

    Its id is then nobody's, and the same whenever the request is repeated under its key. Source: trust.md RATE-5.
    """
    known = outcome.kind == "exists"
    drawn = derived(web.keys().link, "promised-registration-1", sha256(f"{event.id}:{sent.key}"))[:10]
    with database().reading() as session:
        place = None
        if outcome.promised == State.WAITLISTED:
            of = queries.place(session, outcome.registration) if not known else None
            place = of or (None if event.ballot_at else queries.place_of_newcomer(session, event.id, sent.ticket_type_id))
        wish = sent.auto_until or queries.calendar(event).usual_wish(now())
    return RegistrationAnswer(
        id=codes.public_id_of(drawn) if known else outcome.registration.public_id,
        event=event.slug,
        ticket_type=asked.ticket_type,
        state=outcome.promised or State.HELD,
        first_name=sent.first_name,
        last_name=sent.last_name,
        email=sent.email,
        language=sent.language,
        party_size=sent.size,
        position=place.position if place else None,
        parties_before=place.parties_before if place else None,
        persons_before=place.persons_before if place else None,
        chance=None,
        auto_until=AutoUntil(wish),
        accept_partial=sent.accept_partial,
        answer_by=None,
        parts=[],
        tickets=[],
        created_at=dates.local(now(), event.zone),
    )


def _request(asked: RegistrationBody, key: str, ticket_type_id: int, *, hasty: bool) -> actions.Request:
    return actions.Request(
        key=key,
        ticket_type_id=ticket_type_id,
        size=asked.party_size,
        first_name=person_name(asked.first_name, "first_name"),
        last_name=person_name(asked.last_name, "last_name"),
        email=mail_address(asked.email),
        language=asked.language,
        source="api",
        auto_until=asked.auto_until,
        accept_partial=asked.accept_partial,
        hasty=hasty,
    )


def _tell_holder(event_id: int, registration_id: int, email: str) -> None:
    """Write to the holder, not to the program; no oftener than a resend. Whoever tries address after address is stopped.

    Raises Problem: limit.reached (429).
    """
    tried = limits.hit(database(), limits.UNKNOWN_CODES, "address", limits.prefix(request.remote_addr), now=now())
    if not tried.ok:
        raise Problem(429, "limit.reached", "Too many addresses that are registered already.", retry_after=tried.retry_after)
    _mail_link(event_id, registration_id, email)


def _mail_link(event_id: int, registration_id: int, email: str) -> None:
    """Write to the holder, no oftener than a resend."""
    if not limits.hit(database(), limits.RESEND_ADDRESS, text.canonical_email(email), now=now()).ok:
        return
    with database().writing() as session:
        event = events.event_by_id(session, event_id)
        row = queries.registration_by_id(session, event_id, registration_id)
        if event is not None and row is not None:
            actions.send_link(session, registration=row, event=event, now=now())


@bp.get("/registrations/<public_id>")
@access("link")
@operation(answers={200: RegistrationAnswer}, problems={401: ("registration.token_missing",), 404: ("not_found",), 429: ("limit.reached",)})
def show(public_id: str) -> Response:
    """Where a party stands, for who holds its token."""
    return shown(public_id, auth.link_token())
