"""A party as programs send and are told it, the blueprint of its resources, and how each of them answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from flask import Blueprint, url_for
from pydantic import Field, StrictBool, StringConstraints, model_validator
from werkzeug.wrappers import Response

from eventapp.api import auth
from eventapp.api.openapi import Answer
from eventapp.api.problems import CLEANED_NAME, Body, Problem, answer, cleaned
from eventapp.events.models import Event
from eventapp.lib import text, web
from eventapp.lib.db import Session
from eventapp.lib.web import database, dates
from eventapp.registration import queries
from eventapp.registration.models import Attendee, Registration, Ticket
from eventapp.registration.rules import MAX_NAME, MAX_PARTY, AutoUntil, Band, State
from eventapp.tickets import rules as tickets

MAX_BYTES = 16 * 1024
Words = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME * text.CODE_POINTS_EACH)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=text.EMAIL_MAX)]
Size = Annotated[int, Field(ge=1, le=MAX_PARTY, strict=True)]
Position = Annotated[int, Field(ge=1, le=MAX_PARTY, strict=True)]
Wish = Literal["never", "offers", "last_day", "freeze"]

CLEANED_EMAIL = ("email.malformed", "email.too_long", "email.list", "email.quoted", "email.address_literal", "email.local_not_ascii")
"""By which codes `mail_address` refuses, besides those of `cleaned`."""
IN_NAMES = ("text.empty", *CLEANED_NAME, *CLEANED_EMAIL)

bp = Blueprint("registration", __name__)


class RegistrationBody(Body):
    """A party that would like to come; mails and pages speak its `language`."""

    first_name: Words
    last_name: Words
    email: Address
    ticket_type: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    party_size: Size = 1
    language: Literal["fr", "en"] = "fr"
    auto_until: Wish | None = None
    accept_partial: StrictBool = False


class CorrectionBody(Body):
    """What is mended; what is not named stays."""

    first_name: Words | None = None
    last_name: Words | None = None
    email: Address | None = None
    auto_until: Wish | None = None
    accept_partial: StrictBool | None = None
    party_size: Size | None = None
    ticket_type: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None

    @model_validator(mode="after")
    def mends_something(self) -> CorrectionBody:
        """Refuse a correction of nothing."""
        if not self.model_fields_set or all(value is None for value in vars(self).values()):
            raise ValueError("at least one of first_name, last_name, email, auto_until, accept_partial, party_size and ticket_type")
        return self


class AnswerBody(Body):
    """An answer to an offer: to the party's own, or to that of one of its parts."""

    part: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{16}$")] | None = None


class CancellationBody(Body):
    """The places that are given back, by the `position` of their tickets; all of them when none is named."""

    positions: Annotated[list[Position], Field(min_length=1, max_length=MAX_PARTY)] | None = None


class TransferBody(Body):
    """Who comes in a place, named by the `position` of its ticket, and by the `part` of the party that it is in where that has one."""

    position: Position
    part: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{16}$")] | None = None
    first_name: Words
    last_name: Words
    email: Address


class TransferAnswer(Answer):
    """To whom a place was passed on, and how many stay with the party. Where none does, the token that was sent opens nothing any more."""

    first_name: str
    places_left: int


class TicketAnswer(Answer):
    """One person's ticket. `code` is what the QR of `url` holds, `short_code` what can be read out; the name is empty until it is known."""

    position: int
    first_name: str
    last_name: str
    code: str
    short_code: str
    url: str
    arrived_at: datetime | None


class ChanceAnswer(Answer):
    """How likely a seat is before the day, in a word and in per cent to the nearest 5. An estimate, which decides nothing."""

    band: Band
    percent: int


class PartAnswer(Answer):
    """Those of a party who wait or sit apart from the others, in the same place in line. An offer to them is answered with their `id` as `part`."""

    id: str
    state: State
    party_size: int
    position: int | None
    answer_by: datetime | None


class RegistrationAnswer(Answer):
    """Where a party stands.

    `position` counts the parties in the waiting line from 1; it and the two numbers of those before are null for who does not wait,
    as is `chance`, which is null too as long as nothing can be said. `auto_until` says until which phase it is confirmed without being
    asked, `answer_by` until when an offer may be accepted. There are tickets as soon as there is a seat; `party_size` leaves `parts` out.
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
    chance: ChanceAnswer | None
    auto_until: AutoUntil
    accept_partial: bool
    answer_by: datetime | None
    parts: list[PartAnswer]
    tickets: list[TicketAnswer]
    created_at: datetime


class RegisteredAnswer(RegistrationAnswer):
    """Where a party stands, with the secret `token` by which it is read and given back, and the page under it.

    Both are null where the address is to be proved: the mail alone leads to the registration, and `state` is `held` or `waitlisted`.
    """

    token: str | None
    url: str | None


def person_name(given: str, field: str) -> str:
    """A first or last name as it is stored.

    Raises Problem: text.empty, one of CLEANED_NAME (422).
    """
    name = cleaned(given, limit=MAX_NAME, field=field, name=True)
    if not name:
        raise Problem(422, "text.empty", f"{field} holds nothing that can be seen.", field=field)
    return name


def mail_address(given: str) -> str:
    """An address that can be written to.

    Raises Problem: one of CLEANED_EMAIL (422).
    """
    address = cleaned(given, limit=text.EMAIL_MAX, field="email")
    problem = text.email_problem(address)
    if problem is not None:
        raise Problem(422, problem, "Nobody can be written to at this address.", field="email")
    return address


def shown(public_id: str, token: str) -> Response:
    """Where the party of this token stands.

    Raises Problem: not_found (404), limit.reached (429).
    """
    with database().reading() as session:
        row = auth.held(session, public_id, token)
        told = party(session, row) if row is not None else None
    if told is None:
        raise auth.nobodys()
    return answer(told)


def with_token(told: RegistrationAnswer, token: str | None) -> RegisteredAnswer:
    """The same with the secret, for who has a right to it."""
    page = web.absolute(url_for("registration.show", token=token, lang=told.language)) if token else None
    return RegisteredAnswer(**dict(told), token=token, url=page)


def party(session: Session, row: Registration) -> RegistrationAnswer:
    """Where a party stands."""
    event = queries.event_of(session, row)
    place = queries.place(session, row)
    likely = queries.outlook(session, event, row, web.now())
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
        chance=ChanceAnswer(band=likely.band, percent=likely.percent) if likely else None,
        auto_until=AutoUntil(row.auto_until),
        accept_partial=row.accept_partial,
        answer_by=dates.local(row.answer_by, event.zone) if row.answer_by else None,
        parts=[_part(session, event, part) for part in queries.parts_of(session, row)],
        tickets=[_ticket(event, row, attendee, ticket) for attendee, ticket in pairs],
        created_at=dates.local(row.created_at, event.zone),
    )


def _part(session: Session, event: Event, row: Registration) -> PartAnswer:
    place = queries.place(session, row)
    return PartAnswer(
        id=row.public_id,
        state=State(row.state),
        party_size=row.size,
        position=place.position if place else None,
        answer_by=dates.local(row.answer_by, event.zone) if row.answer_by else None,
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
