"""One ticket, to be shown at the door: event, state, name and code; no address, no answers, no party, nothing to press.

Source: trust.md TOK-2.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for

from eventapp.events import queries as events
from eventapp.events.models import Event
from eventapp.lib import limits, web
from eventapp.lib.languages import preferred
from eventapp.lib.markup import drawn
from eventapp.registration import queries
from eventapp.registration.models import Attendee, Registration, Ticket
from eventapp.registration.pages import found
from eventapp.registration.rules import State
from eventapp.tickets import exports, rules

bp = Blueprint("tickets", __name__)
codes = Blueprint("codes", __name__)


@dataclass(frozen=True)
class Shown:
    """A ticket with everything its page says; `gates` are the names of the gates that let it in."""

    ticket: Ticket
    attendee: Attendee
    registration: Registration
    event: Event
    gates: list[str]

    @property
    def valid(self) -> bool:
        """Whether the door would let its holder in at the right hour."""
        return self.ticket.replaced_at is None and self.registration.state == State.CONFIRMED and self.event.state != "called_off"


def _found(code: str) -> Shown:
    read = rules.read(code)
    row = None
    with web.database().reading() as session:
        if read.kind == rules.Kind.TICKET and read.token is not None and code == rules.text(read.token):
            row = queries.ticket_by_code(session, rules.code_sha256(read.token))
        if row is not None:
            ticket, attendee, registration = row
            event = queries.event_of(session, registration)
            number = registration.ticket_type.number
            doors = [
                gate.gate.name for gate in events.event_gates(session, event.id) if not gate.type_numbers or number in gate.type_numbers
            ]
            return Shown(ticket, attendee, registration, event, doors)
    # Guessing is slowed down; a phone at the door never comes here.
    limits.hit(web.database(), limits.UNKNOWN_CODES, limits.prefix(request.remote_addr), now=web.now())
    web.not_found()


@bp.get("/tickets/<code>")
@web.access("link")
def show(code: str) -> Response:
    """The ticket on a screen."""
    shown = _found(code)
    drawing = drawn(exports.qr_svg(rules.qr_text(web.settings().public_base_url, code))) if shown.valid else None
    return web.page(
        "registration/tickets/show.html",
        shown=shown,
        event=shown.event,
        guest=found.guest(shown.attendee, shown.ticket),
        code=code,
        drawing=drawing,
    )


@bp.get("/tickets/<code>.pdf")
@web.access("link")
def pdf(code: str) -> web.Answer:
    """The ticket on paper; what is no longer valid is not printed."""
    shown = _found(code)
    if not shown.valid:
        return web.see_other(url_for("registration.tickets.show", code=code))
    guest = found.guest(shown.attendee, shown.ticket)
    document = exports.ticket_pdf(found.ticket_face(shown.event, shown.registration, guest, kind=shown.registration.ticket_type.name))
    answer = Response(document, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{shown.event.slug}-{guest.human}.pdf"'
    return answer


@bp.get("/registrations/<token>/tickets.pdf")
@web.access("link")
def sheet(token: str) -> web.Answer:
    """All tickets of a party on paper, those of its parts too, to be cut apart."""
    party = found.party(token)
    with web.database().reading() as session:
        kinds = {kind.id: kind.name for kind in queries.ticket_types(session, party.event.id)}
    faces = [
        found.ticket_face(party.event, one.registration, who, kind=kinds[one.registration.ticket_type_id], numbered=True)
        for one in (party, *party.parts)
        if one.seated
        for who in one.guests
    ]
    if not faces:
        return web.see_other(url_for("registration.show", token=token))
    answer = Response(exports.sheet_pdf(faces), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{party.event.slug}-tickets.pdf"'
    return answer


@codes.get("/T/<code>", endpoint="show")
@web.access("link")
def scanned(code: str) -> web.Answer:
    """From the QR of a ticket, which any phone's camera may read, to its page."""
    read = rules.read(code)
    if read.kind != rules.Kind.TICKET or read.token is None:
        web.not_found()
    lang = preferred(request.headers.get("Accept-Language"))
    return web.see_other(url_for("registration.tickets.show", code=rules.text(read.token), lang=lang))
