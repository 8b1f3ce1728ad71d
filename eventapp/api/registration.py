"""Registering, seeing where one stands and giving places back, for programs: the same verbs as the forms of the public."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from flask import Blueprint, request, url_for
from pydantic import Field, StringConstraints
from werkzeug.wrappers import Response

from eventapp.api import auth
from eventapp.api.openapi import IDEMPOTENCY_KEY, Answer, operation
from eventapp.api.problems import CLEANED_NAME, Body, Problem, answer, body, cleaned, command, idempotency_key
from eventapp.events import queries as events
from eventapp.events.models import Event
from eventapp.journal import actions as journal
from eventapp.lib import codes, limits, text, web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import access, database, dates, now
from eventapp.people.rules import ANONYMOUS, link_holder
from eventapp.registration import actions, queries
from eventapp.registration.models import Attendee, Registration, Ticket
from eventapp.registration.rules import MAX_NAME, MAX_PARTY, State
from eventapp.tickets import rules as tickets

MAX_BYTES = 16 * 1024
Words = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME * text.CODE_POINTS_EACH)]
Size = Annotated[int, Field(ge=1, le=MAX_PARTY, strict=True)]
Position = Annotated[int, Field(ge=1, le=MAX_PARTY, strict=True)]

bp = Blueprint("registration", __name__)


class RegistrationBody(Body):
    """A party that would like to come; mails and pages speak its `language`."""

    first_name: Words
    last_name: Words
    email: Annotated[str, StringConstraints(min_length=1, max_length=text.EMAIL_MAX)]
    ticket_type: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    party_size: Size = 1
    language: Literal["fr", "en"] = "fr"


class CancellationBody(Body):
    """The places that are given back, by the `position` of their tickets; all of them when none is named."""

    positions: Annotated[list[Position], Field(min_length=1, max_length=MAX_PARTY)] | None = None


class TicketAnswer(Answer):
    """One person's ticket. `code` is what the QR of `url` holds, `short_code` what can be read out; the name is empty until it is known."""

    position: int
    first_name: str
    last_name: str
    code: str
    short_code: str
    url: str
    arrived_at: datetime | None


class RegistrationAnswer(Answer):
    """Where a party stands.

    `position` counts the parties in the waiting line from 1; it and the two numbers of those before are null for who does not wait.
    There are tickets as soon as there is a seat.
    """

    id: str
    event: str
    ticket_type: str
    state: State
    first_name: str
    last_name: str
    email: str
    language: str
    party_size: int
    position: int | None
    parties_before: int | None
    persons_before: int | None
    tickets: list[TicketAnswer]
    created_at: datetime


class RegisteredAnswer(RegistrationAnswer):
    """Where a party stands, with the secret `token` by which it is read and given back, and the page under it."""

    token: str
    url: str


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
            "text.empty",
            *CLEANED_NAME,
            *("email.malformed", "email.too_long", "email.list", "email.quoted", "email.address_literal", "email.local_not_ascii"),
        ),
        429: ("limit.reached",),
    },
)
def create(slug: str) -> Response:
    """Register a party: it is seated, or joins the end of the waiting line.

    Sent again under its key it is answered alike, and nothing is done twice. An address that is registered already is refused; the
    link to its registration is then mailed to it.
    """
    asked = body(RegistrationBody, max_bytes=MAX_BYTES)
    key = idempotency_key() or codes.key()
    with database().reading() as session:
        event = events.shown_event(session, slug) or web.not_found()
        event_id, kinds = event.id, {kind.slug: kind.id for kind in queries.ticket_types(session, event.id) if kind.public}
    if asked.ticket_type not in kinds:
        raise Refused("registration.type_unknown", status=422)
    request_, keys, moment = _request(asked, key, kinds[asked.ticket_type]), web.keys(), now()
    outcome = web.together(
        Event,
        event_id,
        lambda session: actions.register(session, event_id=event_id, request=request_, keys=keys, actor=ANONYMOUS, now=moment),
    )
    if outcome.token is None:
        _tell_holder(event_id, outcome.registration.id, asked.email)
        raise Refused("registration.exists")
    with database().reading() as session:
        told = _told(session, queries.registration_by_token(session, outcome.token) or web.not_found())
    page = web.absolute(url_for("registration.show", token=outcome.token, lang=told.language))
    made = answer(RegisteredAnswer(**dict(told), token=outcome.token, url=page), 201)
    made.headers["Location"] = web.absolute(url_for("api.registration.show", public_id=told.id))
    return made


def _request(asked: RegistrationBody, key: str, ticket_type_id: int) -> actions.Request:
    return actions.Request(
        key=key,
        ticket_type_id=ticket_type_id,
        size=asked.party_size,
        first_name=_name(asked.first_name, "first_name"),
        last_name=_name(asked.last_name, "last_name"),
        email=_address(asked.email),
        language=asked.language,
        source="api",
    )


def _name(given: str, field: str) -> str:
    name = cleaned(given, limit=MAX_NAME, field=field, name=True)
    if not name:
        raise Problem(422, "text.empty", f"{field} holds nothing that can be seen.", field=field)
    return name


def _address(given: str) -> str:
    address = cleaned(given, limit=text.EMAIL_MAX, field="email")
    problem = text.email_problem(address)
    if problem is not None:
        raise Problem(422, problem, "Nobody can be written to at this address.", field="email")
    return address


def _tell_holder(event_id: int, registration_id: int, email: str) -> None:
    """Write to the holder, not to the program; no oftener than a resend. Whoever tries address after address is stopped.

    Raises Problem: limit.reached (429).
    """
    tried = limits.hit(database(), limits.UNKNOWN_CODES, "address", limits.prefix(request.remote_addr), now=now())
    if not tried.ok:
        raise Problem(429, "limit.reached", "Too many addresses that are registered already.", retry_after=tried.retry_after)
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
    return _shown(public_id, auth.link_token())


def _shown(public_id: str, token: str) -> Response:
    with database().reading() as session:
        row = auth.held(session, public_id, token)
        told = _told(session, row) if row is not None else None
    if told is None:
        raise auth.nobodys()
    return answer(told)


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
    return _shown(public_id, token)


def _leaving(session: Session, row: Registration, asked: CancellationBody) -> list[int] | None:
    if asked.positions is None:
        return None
    present = {attendee.position: attendee.id for attendee, _ticket in queries.attendees_of(session, [row.id])[row.id]}
    if not present.keys() >= set(asked.positions):
        raise Refused("registration.attendee_unknown", status=422)
    return [present[position] for position in asked.positions]


def _told(session: Session, row: Registration) -> RegistrationAnswer:
    event = queries.event_of(session, row)
    place = queries.place(session, row)
    seated = row.state == State.CONFIRMED and event.state != "called_off"
    pairs = queries.attendees_of(session, [row.id])[row.id] if seated else []
    return RegistrationAnswer(
        id=row.public_id,
        event=event.slug,
        ticket_type=row.ticket_type.slug,
        state=State(row.state),
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        language=row.language,
        party_size=row.size,
        position=place.position if place else None,
        parties_before=place.parties_before if place else None,
        persons_before=place.persons_before if place else None,
        tickets=[_ticket(event, row, attendee, ticket) for attendee, ticket in pairs],
        created_at=dates.local(row.created_at, event.zone),
    )


def _ticket(event: Event, row: Registration, attendee: Attendee, ticket: Ticket) -> TicketAnswer:
    secret = tickets.token(web.keys().ticket, ticket.identity, ticket.serial)
    code = tickets.text(secret)
    return TicketAnswer(
        position=attendee.position,
        first_name=attendee.first_name,
        last_name=attendee.last_name,
        code=code,
        short_code=tickets.display_human(tickets.human(secret)),
        url=web.absolute(url_for("registration.tickets.show", code=code, lang=row.language)),
        arrived_at=dates.local(attendee.arrived_at, event.zone) if attendee.arrived_at else None,
    )
