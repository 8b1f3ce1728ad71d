"""A whole event from one page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from eventapp.backoffice import actions
from eventapp.backoffice.actions import WholeEvent
from eventapp.backoffice.forms import FIELDS, SENTENCES, WholeEventForm
from eventapp.events import queries as events
from eventapp.events.rules import EventValues, SpaceValues, VenueValues
from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, not_found, page, see_other
from eventapp.people import queries as people
from eventapp.people.models import Organiser
from eventapp.people.rules import organisers_where

bp = Blueprint("events", __name__)


@bp.get("/events/new")
@access("event.edit")
def new() -> Answer:
    """The form: what an event needs to be published, and no more."""
    with web.database().reading() as session:
        form, organisers = _form(session)
    form.contact.data = organisers[0].email
    return page("backoffice/events/new.html", form=form)


@bp.post("/events")
@access("event.edit")
def create() -> Answer:
    """Make the event, its place, its seats and its ticket type, all or nothing."""
    with web.database().reading() as session:
        form, _organisers = _form(session)
        space = _space(session, form)
    if not form.validate():
        return page("backoffice/events/new.html", 422, form=form)
    if not form.is_new_place and space != form.organiser.data:
        form.space.errors = [SENTENCES["space.unknown"]]
        return page("backoffice/events/new.html", 422, form=form)
    try:
        with web.database().writing() as session:
            made = actions.create_whole_event(
                session, organiser_id=form.organiser.data, values=_values(form), actor=web.actor(), now=web.now()
            )
            slug = made.slug
    except Refused as refused:
        words = SENTENCES.get(refused.code)
        if words is None:
            raise
        if refused.code in FIELDS:
            form[FIELDS[refused.code]].errors = [words]
        else:
            form.form_errors.append(words)
            form.renew_key()
        return page("backoffice/events/new.html", 422, form=form)
    flash(_("The event is ready as a draft: nobody but your team sees it yet."), "good")
    return see_other(url_for("registration.backoffice.publication.show", slug=slug))


def _form(session: Session) -> tuple[Any, list[Organiser]]:
    organisers = people.organisers_of(session, web.actor(), may_="event.edit")
    if not organisers:
        not_found()
    spaces = events.spaces_of(session, organisers_where(web.actor(), "event.edit"))
    form: Any = WholeEventForm()
    form.offer(
        organisers=[(row.id, row.name) for row in organisers],
        spaces=[(space.id, _("%(space)s, %(venue)s", space=space.name, venue=space.venue.name)) for space in spaces],
    )
    if spaces and form.space.raw_data is None:
        form.space.data = spaces[0].id
    return form, organisers


def _space(session: Session, form: Any) -> int | None:
    """The organiser of the chosen space."""
    spaces = events.spaces_of(session, organisers_where(web.actor(), "event.edit"))
    return next((space.organiser_id for space in spaces if space.id == form.space.data), None)


def _values(form: Any) -> WholeEvent:
    venue = space = None
    if form.is_new_place:
        venue = VenueValues(name=form.venue_name.data, address=form.venue_address.data, city=form.venue_city.data)
        space = SpaceValues(
            name=form.space_name.data,
            ticket_capacity=form.capacity.data,
            safety_capacity=form.safety_capacity.data,
            safety_source=form.safety_source.data,
            safety_author=form.safety_author.data,
            safety_on=form.safety_on.data,
        )
    return WholeEvent(
        key=form.idempotency_key.data,
        event=EventValues(
            title=form.title,
            summary=form.summary,
            doors_wall=form.doors.data,
            starts_wall=form.starts.data,
            ends_wall=form.ends.data,
            space_id=None if form.is_new_place else form.space.data,
            contact=form.contact.data,
        ),
        capacity=form.capacity.data,
        max_party=form.max_party.data,
        opens_wall=form.opens.data,
        closes_wall=form.closes.data,
        venue=venue,
        space=space,
        quota_name=actions.QUOTA[web.language()],
    )
