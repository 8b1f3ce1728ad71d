"""What a secret in the path leads to, found once for every page of this room, and its faces for paper and calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from eventapp.events.models import Event
from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import dates
from eventapp.registration import queries
from eventapp.registration.forms.attendee import person
from eventapp.registration.models import Attendee, Registration, Ticket
from eventapp.registration.pages.choices import Choice, choices
from eventapp.registration.rules import (
    LIVE,
    Calendar,
    Outlook,
    Place,
    State,
    after_lapse,
    answer_by,
    check_extension,
    check_transfer,
    in_deficit,
    is_closed,
    silence_costs,
    unproven,
    was_asked,
)
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
    organisation: str = ""


@dataclass(frozen=True)
class Party:
    """A registration with everything its pages show. `part` is the public id of one that is on the page of another, "" for others."""

    token: str
    part: str
    registration: Registration
    event: Event
    guests: Sequence[Guest]
    place: Place | None
    calendar: Calendar
    answer_by: datetime | None
    can_extend: bool
    outlook: Outlook | None
    fewer: Outlook | None  # what its chance would be with one person fewer
    changeable: queries.Changeable | None  # of the party itself; its parts are changed with it
    refusal_to_pass_on: Refused | None  # why no place of it may be passed on; None where one may
    parts: Sequence[Party] = ()
    choices: Sequence[Choice] = ()  # sessions for which those with a seat may enrol; of all of the party, on the party itself

    def name_of(self, part: str, position: int) -> str:
        """The name of one of them; "" for somebody nameless."""
        return {(one.part, guest.position): guest.name for one in (self, *self.parts) for guest in one.guests}.get((part, position), "")

    @property
    def live(self) -> bool:
        """Whether there is still something to give back or to correct."""
        return self.registration.state in LIVE

    @property
    def closed(self) -> bool:
        """Whether the event ended so long ago that no seat changes any more."""
        return is_closed(self.event, web.now())

    @property
    def seated(self) -> bool:
        """Whether tickets may be shown."""
        return self.registration.state == State.CONFIRMED and self.event.state != "called_off"

    @property
    def cut_at(self) -> datetime | None:
        """When its seats are lost by silence; None where that costs nothing."""
        return self.calendar.cut_at if silence_costs(self.registration, self.calendar.settings) else None

    @property
    def asked(self) -> bool:
        """Whether it is to say if it still comes: it was asked, has not answered, and nobody of it is inside."""
        row, open_ = self.registration, self.event.state == "published" and web.now() < self.event.doors_at
        return open_ and self.seated and row.reconfirmed_at is None and was_asked(row) and not any(guest.arrived for guest in self.guests)

    @property
    def invited(self) -> bool:
        """Whether the seat is kept outside the line for somebody whom the organiser has invited."""
        return self.registration.state == State.OFFERED and self.registration.seq is None

    @property
    def unproven(self) -> bool:
        """Whether its address is still to be proved: the button of this page does it, for the mail alone leads here."""
        return unproven(self.registration)

    @property
    def applied(self) -> bool:
        """Whether the organiser has still to decide, or never came to it."""
        row = self.registration
        ended = row.state == State.CANCELLED and row.seq is None and row.source != "invite"
        return row.state == State.PENDING_APPROVAL or ended

    @property
    def everybody_seated(self) -> Sequence[Guest]:
        """All those with a ticket to show, in whichever part of the party they are."""
        return [guest for one in (self, *self.parts) if one.seated for guest in one.guests]

    @property
    def to_pass_on(self) -> Sequence[tuple[str, Guest]]:
        """Those whose place may be passed on to somebody else, each with the public id of the part of the party that they are in."""
        return [
            (one.registration.public_id, guest)
            for one in (self, *self.parts)
            if one.refusal_to_pass_on is None
            for guest in one.guests
            if not guest.arrived
        ]

    @property
    def last_chance(self) -> bool:
        """Whether an offer without an answer ends this registration."""
        seq, lapses = self.registration.seq, self.registration.lapses
        return after_lapse(seq=seq, lapses=lapses, settings=self.calendar.settings) == State.EXPIRED


def party(token: str, part: str = "") -> Party:
    """The party whose secret this is, with its parts, or the one part that is named; 404 for any other text."""
    with web.database().reading() as session:
        registration = identified(session, token, part)
        event = queries.event_of(session, registration)
        rest = [] if part else queries.parts_of(session, registration)
        pairs = queries.attendees_of(session, [registration.id, *(one.id for one in rest)])
        parts = [_party(session, token, event, one, pairs[one.id], part=one.public_id) for one in rest]
        whole = _party(session, token, event, registration, pairs[registration.id], part=part, parts=parts)
        if part or event.state != "published":
            return whole
        people = [(one.part, one.registration, [guest.position for guest in one.guests]) for one in (whole, *parts)]
        return replace(whole, choices=choices(session, people, zone=event.zone))


def _party(
    session: Session,
    token: str,
    event: Event,
    registration: Registration,
    pairs: Sequence[tuple[Attendee, Ticket]],
    *,
    part: str,
    parts: Sequence[Party] = (),
) -> Party:
    calendar = queries.calendar(event)
    refusal_to_pass_on = _refusal_to_pass_on(event, registration)  # first: what follows reads the rows anew, without their type
    return Party(
        token=token,
        part=part,
        registration=registration,
        event=event,
        guests=[guest(attendee, ticket) for attendee, ticket in pairs],
        place=queries.place(session, registration),
        calendar=calendar,
        answer_by=_answer_by(registration, calendar),
        can_extend=_can_extend(session, event, registration),
        outlook=queries.outlook(session, event, registration, web.now()),
        fewer=None if part else queries.outlook_of_fewer(session, event, registration, web.now()),
        changeable=None if part else queries.changeable(session, event, registration, by_organiser=False, now=web.now()),
        refusal_to_pass_on=refusal_to_pass_on,
        parts=parts,
    )


def _refusal_to_pass_on(event: Event, registration: Registration) -> Refused | None:
    try:
        check_transfer(
            registration.ticket_type,
            event_state=event.state,
            state=registration.state,
            doors_at=event.doors_at,
            by_organiser=False,
            now=web.now(),
        )
    except Refused as refused:
        return refused
    return None


def _answer_by(registration: Registration, calendar: Calendar) -> datetime | None:
    """Until when an offer may be answered, or an address proved. While its mail has not left, its clock begins now at the earliest."""
    if registration.answer_by is None or registration.asked_at is None or registration.started_at is not None:
        return registration.answer_by
    return answer_by(registration, calendar, counted_from=web.now())


def _can_extend(session: Session, event: Event, registration: Registration) -> bool:
    held = registration.state == State.HELD
    if not held and (registration.state != State.OFFERED or registration.seq is None):
        return False
    house = queries.house(session, event)
    try:
        check_extension(
            extensions=registration.extensions,
            by_organiser=False,
            in_deficit=in_deficit(house.quotas[quota_id] for quota_id in house.charged[registration.ticket_type_id]),
            answer_by=registration.answer_by or house.freeze_at,
            latest=event.doors_at if held else house.freeze_at,
        )
    except Refused:
        return False
    return True


def identified(session: Session, token: str, part: str = "") -> Registration:
    """The registration to act upon, inside the transaction that acts: the party, or its part of this public id; 404 for any other text."""
    origin = queries.registration_by_token(session, token)
    if origin is None:
        web.not_found()
    if not part:
        return origin
    return next((one for one in queries.parts_of(session, origin) if one.public_id == part), None) or web.not_found()


def guest(attendee: Attendee, ticket: Ticket) -> Guest:
    """An attendee with the codes that their ticket shows."""
    secret = tickets.token(web.keys().ticket, ticket.identity, ticket.serial)
    return Guest(
        position=attendee.position,
        name=person(attendee.first_name, attendee.last_name),
        code=tickets.text(secret),
        human=tickets.display_human(tickets.human(secret)),
        arrived=attendee.arrived_at is not None,
        organisation=attendee.organisation,
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


def ticket_face(
    event: Event, registration: Registration, who: Guest, *, kind: Mapping[str, str], numbered: bool = False
) -> drawn.TicketFace:
    """One ticket for paper, in the language of the page; of many of one holder, who has no name is `numbered`."""
    edition = event.edition
    holder = person(registration.first_name, registration.last_name)
    nameless = _("%(name)s, person %(number)s", name=holder, number=who.position) if numbered else _("Guest of %(name)s", name=holder)
    return drawn.TicketFace(
        language=web.language(),
        qr=tickets.qr_text(web.settings().public_base_url, who.code),
        human=who.human,
        event=web.pick(event.title),
        name=who.name or nameless,
        when=dates.moment(event.starts_at, event.zone),
        series=web.pick(edition.series.name) if edition else "",
        organisation=who.organisation,
        type=web.pick(kind),
        doors=dates.hour(event.doors_at, event.zone),
        place=place_words(event),
        address=event.space.venue.address if event.space else "",
        note=web.pick(event.bring),
    )


def ticket_url(code: str) -> str:
    """The page of a ticket, as an absolute link."""
    return web.absolute(url_for("registration.tickets.show", code=code))
