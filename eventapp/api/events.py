"""Events, and whether one can still come: what anybody may read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from eventapp.api.openapi import CURSOR, LIMIT, Answer, operation, shared
from eventapp.api.problems import Problem, answer
from eventapp.events import queries, rules
from eventapp.events.models import Event
from eventapp.lib import paging, web
from eventapp.lib.languages import LANGUAGES
from eventapp.lib.web import access, database, dates, now
from eventapp.registration import queries as registration
from eventapp.registration.models import TicketType
from eventapp.registration.rules import Availability, Opening

MAX_AGE_SECONDS = 60
AVAILABILITY_MAX_AGE_SECONDS = 5

bp = Blueprint("events", __name__)


class PlaceAnswer(Answer):
    """Where an event happens. `address` and `city` are empty while nobody knows them."""

    venue: str
    space: str
    address: str
    city: str


class EventAnswer(Answer):
    """An event. Texts are given in the languages they are written in; times carry the offset of `zone`."""

    slug: str
    title: dict[str, str]
    summary: dict[str, str]
    kind: str
    state: str
    zone: str
    doors_at: datetime
    starts_at: datetime
    ends_at: datetime
    series: str | None
    edition: str | None
    organiser: str
    place: PlaceAnswer | None
    pages: dict[str, str]


class EventsAnswer(Answer):
    """A page of events, by date; `next` is the cursor of the one after it, null on the last."""

    items: list[EventAnswer]
    next: str | None


class TicketTypeAnswer(Answer):
    """What one can register for.

    `open`: a party may register now, for a seat or for the waiting line. `free`: the largest party that would be seated at once.
    `waiting`: how many wait for the same seats. `approval`: the organiser decides about each party, which takes no seat before.
    `opens_at`: when it will open, null once it has.
    """

    slug: str
    name: dict[str, str]
    open: bool
    opening: Opening
    free: int
    waiting: int
    waiting_parties: int
    max_party: int
    approval: bool
    opens_at: datetime | None


class AvailabilityAnswer(Answer):
    """The ticket types of an event that are for everybody, in their order."""

    event: str
    state: str
    ticket_types: list[TicketTypeAnswer]


@bp.get("/events")
@access("public")
@operation(answers={200: EventsAnswer}, parameters=(LIMIT, CURSOR), problems={422: ("request.invalid", "paging.cursor")})
def index() -> Response:
    """Events to come, by date."""
    limit = request.args.get("limit", str(paging.DEFAULT))
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= paging.MOST):
        raise Problem(422, "request.invalid", f"limit is a number from 1 to {paging.MOST}.", field="limit")
    with database().reading() as session:
        page = queries.coming_page(session, now(), cursor=request.args.get("cursor"), limit=int(limit))
        told = EventsAnswer(items=[_event(event) for event in page.items], next=page.next)
    return shared(answer(told), max_age_seconds=MAX_AGE_SECONDS)


@bp.get("/events/<slug>")
@access("public")
@operation(answers={200: EventAnswer}, problems={404: ("not_found",)})
def show(slug: str) -> Response:
    """One event."""
    with database().reading() as session:
        told = _event(queries.published_event(session, slug) or web.not_found())
    return shared(answer(told), max_age_seconds=MAX_AGE_SECONDS)


@bp.get("/events/<slug>/availability")
@access("public")
@operation(answers={200: AvailabilityAnswer}, problems={404: ("not_found",)})
def availability(slug: str) -> Response:
    """Whether one can register, for each ticket type. May be a few seconds old; who registers is judged at that moment."""
    with database().reading() as session:
        event = queries.published_event(session, slug) or web.not_found()
        known = registration.availability(session, event, now())
        kinds = [kind for kind in registration.ticket_types(session, event.id) if kind.public and kind.id in known]
        types = [_ticket_type(event, kind, known[kind.id]) for kind in kinds]
        told = AvailabilityAnswer(event=event.slug, state=event.state, ticket_types=types)
    return shared(answer(told), max_age_seconds=AVAILABILITY_MAX_AGE_SECONDS)


def _event(event: Event) -> EventAnswer:
    edition = event.edition
    return EventAnswer(
        slug=event.slug,
        title=_texts(event.title),
        summary=_texts(event.summary),
        kind=event.kind,
        state=event.state,
        zone=event.zone,
        doors_at=dates.local(event.doors_at, event.zone),
        starts_at=dates.local(event.starts_at, event.zone),
        ends_at=dates.local(event.ends_at, event.zone),
        series=edition.series.slug if edition else None,
        edition=edition.slug if edition else None,
        organiser=event.organiser.name,
        place=_place(event),
        pages={language: web.absolute(url_for("site.events.show", slug=event.slug, lang=language)) for language in LANGUAGES},
    )


def _place(event: Event) -> PlaceAnswer | None:
    if event.space is None:
        return None
    venue = event.space.venue
    return PlaceAnswer(venue=venue.name, space=event.space.name, address=venue.address, city=venue.city)


def _texts(pair: Mapping[str, str]) -> dict[str, str]:
    return {language: text for language in LANGUAGES if (text := pair.get(language, ""))}


def _ticket_type(event: Event, kind: TicketType, known: Availability) -> TicketTypeAnswer:
    takes = event.state == rules.EventState.PUBLISHED and not rules.is_over(event, now())
    opening = known.opening if takes else Opening.CLOSED
    is_open = opening in {Opening.OPEN, Opening.LAST_SEATS, Opening.WAITLIST, Opening.BALLOT}
    waits = opening == Opening.NOT_YET and known.opens_at is not None
    return TicketTypeAnswer(
        slug=kind.slug,
        name=_texts(kind.name),
        open=is_open,
        opening=opening,
        free=min(known.free, known.max_party) if is_open else 0,
        waiting=known.waiting_persons,
        waiting_parties=known.waiting_parties,
        max_party=known.max_party,
        approval=known.approval,
        opens_at=dates.local(known.opens_at, event.zone) if waits and known.opens_at else None,
    )
