"""Those who come with a party, as its mails show them, and the secret of the party's page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from eventapp.lib import links, web
from eventapp.lib.db import Session
from eventapp.lib.signing import link_token
from eventapp.registration import queries as registration
from eventapp.registration.models import Registration
from eventapp.tickets import exports as drawn
from eventapp.tickets import rules as tickets

MOST_DRAWN = 6
"""Of more tickets a mail draws none: it leads to the sheet with all of them."""


@dataclass(frozen=True)
class Guest:
    """One attendee, as a mail shows them: the holder is the first of the party."""

    position: int
    first_name: str
    last_name: str
    code: str
    ticket_url: str
    qr_cid: str
    qr_png: bytes
    sheet_url: str


def guests_of(session: Session, row: Registration) -> list[Guest]:
    """The attendees of a party who have not given back their place; where they are many, without a drawing."""
    base, key = web.settings().public_base_url, web.keys().ticket
    guests, pairs = [], registration.attendees_of(session, [row.id])[row.id]
    many = len(pairs) > MOST_DRAWN
    sheet = web.absolute(url_for("registration.tickets.sheet", token=token_of(session, row))) if many else ""
    for attendee, ticket in pairs:
        token = tickets.token(key, ticket.identity, ticket.serial)
        text = tickets.text(token)
        guests.append(
            Guest(
                position=attendee.position,
                first_name=attendee.first_name,
                last_name=attendee.last_name,
                code=tickets.display_human(tickets.human(token)),
                ticket_url=web.absolute(url_for("registration.tickets.show", code=text)),
                qr_cid=f"qr-{attendee.position}@eventapp",
                qr_png=b"" if many else drawn.qr_png(links.ticket_link(base, text), 6),
                sheet_url=sheet,
            )
        )
    return guests


def token_of(session: Session, row: Registration) -> str:
    """The secret of a party's page, on which its parts are."""
    origin = registration.origin_of(session, row)
    return link_token(web.keys(), origin.identity, origin.serial)
