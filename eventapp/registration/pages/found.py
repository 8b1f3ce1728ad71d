"""What a secret in the path leads to, found once for every page of this room, and its faces for paper and calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from eventapp.events.models import Event
from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.lib.web import dates
from eventapp.registration import queries
from eventapp.registration.forms.attendee import person
from eventapp.registration.models import Attendee, Registration, Ticket
from eventapp.registration.rules import LIVE, Place, State
from eventapp.tickets import exports as drawn
from eventapp.tickets import rules as tickets


@dataclass(frozen=True)
class Guest:
    """One attendee of a party as their pages show them; `name` is "" for somebody nameless."""

    position: int
    name: str
    code: str
    human: str
    arrived: bool


@dataclass(frozen=True)
class Party:
    """A registration with everything its pages show."""

    token: str
    registration: Registration
    event: Event
    guests: Sequence[Guest]
    place: Place | None

    @property
    def live(self) -> bool:
        """Whether there is still something to give back or to correct."""
        return self.registration.state in LIVE

    @property
    def seated(self) -> bool:
        """Whether tickets may be shown."""
        return self.registration.state == State.CONFIRMED and self.event.state != "called_off"


def party(token: str) -> Party:
    """The party whose secret this is; 404 for any other text."""
    with web.database().reading() as session:
        registration = queries.registration_by_token(session, token)
        if registration is None:
            web.not_found()
        event = queries.event_of(session, registration)
        pairs = queries.attendees_of(session, [registration.id])[registration.id]
        place = queries.place(session, registration)
        return Party(token, registration, event, [guest(attendee, ticket) for attendee, ticket in pairs], place)


def identified(session: Session, token: str) -> Registration:
    """The registration to act upon, inside the transaction that acts; 404 for any other text."""
    registration = queries.registration_by_token(session, token)
    if registration is None:
        web.not_found()
    return registration


def guest(attendee: Attendee, ticket: Ticket) -> Guest:
    """An attendee with the codes that their ticket shows."""
    secret = tickets.token(web.keys().ticket, ticket.identity, ticket.serial)
    return Guest(
        position=attendee.position,
        name=person(attendee.first_name, attendee.last_name),
        code=tickets.text(secret),
        human=tickets.display_human(tickets.human(secret)),
        arrived=attendee.arrived_at is not None,
    )


def place_words(event: Event) -> str:
    """Where it happens, on one line; "" when nobody knows yet."""
    space = event.space
    return ", ".join(part for part in (space.venue.name, space.name, space.venue.city) if part) if space else ""


def calendar_face(event: Event, registration: Registration, *, url: str, stamp: datetime) -> drawn.CalendarFace:
    """The date of one registration: the same UID for ever, struck out when its seat or its event is gone."""
    return drawn.CalendarFace(
        uid=f"{registration.public_id}@{web.settings().host}",
        sequence=event.sequence + registration.version,
        title=web.pick(event.title),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        stamp_at=stamp,
        zone=event.zone,
        place=place_words(event),
        description=web.pick(event.summary),
        url=url,
        cancelled=event.state == "called_off" or registration.state != State.CONFIRMED,
    )


def ticket_face(event: Event, registration: Registration, attendee: Attendee, who: Guest) -> drawn.TicketFace:
    """One ticket for paper, in the language of the page."""
    edition = event.edition
    return drawn.TicketFace(
        language=web.language(),
        qr=tickets.qr_text(web.settings().public_base_url, who.code),
        human=who.human,
        event=web.pick(event.title),
        name=who.name or _("Guest of %(name)s", name=person(registration.first_name, registration.last_name)),
        when=dates.moment(event.starts_at, event.zone),
        series=web.pick(edition.series.name) if edition else "",
        organisation=attendee.organisation,
        type=web.pick(registration.ticket_type.name),
        doors=dates.hour(event.doors_at, event.zone),
        place=place_words(event),
        address=event.space.venue.address if event.space else "",
        note=web.pick(event.bring),
    )


def ticket_url(code: str) -> str:
    """The page of a ticket, as an absolute link."""
    return web.absolute(url_for("registration.tickets.show", code=code))
