"""Venues, their spaces and safety capacities: list, make, change."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _

from eventapp.events import actions, forms, queries
from eventapp.events.backoffice import found
from eventapp.events.forms import EditSpaceForm, NewSpaceForm
from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.fields import choices
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, not_found, page, see_other
from eventapp.people import queries as people
from eventapp.people.models import Organiser
from eventapp.people.rules import organisers_where

backoffice = Blueprint("spaces", __name__)


@backoffice.get("")
@access("event.read")
def index() -> Answer:
    """Every space with its capacities and gates."""
    with web.database().reading() as session:
        spaces = queries.spaces_of(session, organisers_where(web.actor(), "event.read"))
        gates = queries.gates_of(session, [space.id for space in spaces])
    return page("events/backoffice/spaces/index.html", spaces=spaces, gates=gates)


@backoffice.get("/new")
@access("event.edit")
def new() -> Answer:
    """The form of a new space, in a venue there is or a new one."""
    return _new(NewSpaceForm(), _organiser())


@backoffice.post("")
@access("event.edit")
def create() -> Answer:
    """Make a space, its venue where it is new, and its gates."""
    organiser = _organiser()
    form = NewSpaceForm()
    _offer(form, organiser)
    if not form.validate():
        return _new(form, organiser, 422)
    chosen = int(form.venue.data) if form.venue.data else None
    try:
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                if chosen is None:
                    venue = actions.create_venue(
                        session, organiser_id=organiser.id, values=form.venue_values(), actor=web.actor(), now=web.now()
                    )
                    chosen = venue.id
                actions.create_space(
                    session,
                    organiser_id=organiser.id,
                    venue_id=chosen,
                    values=form.space_values(),
                    gates=forms.lines(form.gates.data),
                    actor=web.actor(),
                    now=web.now(),
                )
                location = journal.led_to(session, form=form, actor=web.actor().label, location=url_for("events.backoffice.spaces.index"))
    except Refused as refused:
        if not forms.blame(form, refused):
            raise
        return _new(form, organiser, 422)
    flash(_("The space is kept."), "good")
    return see_other(location)


@backoffice.get("/<int:space_id>/edit")
@access("event.edit")
def edit(space_id: int) -> Answer:
    """The form of a space and its venue, with its gates below."""
    return found.space_page(found.space(space_id))


@backoffice.post("/<int:space_id>/edit")
@access("event.edit")
def update(space_id: int) -> Answer:
    """Change a space and its venue; who came from an event's checklist goes back to it."""
    row = found.space(space_id)
    form = EditSpaceForm()
    if not form.validate():
        return found.space_page(row, 422, form=form)
    if not form.venue_name.data:
        form.venue_name.errors = [_("Please fill in this field.")]
        return found.space_page(row, 422, form=form)
    try:
        with web.database().writing() as session:
            common = {"organiser_id": row.organiser_id, "actor": web.actor(), "now": web.now()}
            actions.update_venue(session, venue_id=row.venue_id, values=form.venue_values(), **common)
            actions.update_space(session, space_id=row.id, values=form.space_values(), **common)
    except Refused as refused:
        if not forms.blame(form, refused):
            raise
        return found.space_page(row, 422, form=form)
    flash(_("Your changes are kept."), "good")
    if event := request.args.get("event"):
        return see_other(url_for("registration.backoffice.publication.show", slug=event))
    return see_other(url_for("events.backoffice.spaces.index"))


def _organiser() -> Organiser:
    with web.database().reading() as session:
        return people.organiser_for(session, web.actor(), request.args.get("organiser"), may_="event.edit") or not_found()


def _offer(form: NewSpaceForm, organiser: Organiser) -> None:
    with web.database().reading() as session:
        venues = queries.venues_of(session, [organiser.id])
    form.venue.choices = choices([("", _("A new venue")), *((str(row.id), row.name) for row in venues)])


def _new(form: NewSpaceForm, organiser: Organiser, status: int = 200) -> Answer:
    _offer(form, organiser)
    return page("events/backoffice/spaces/new.html", status, form=form, organiser=organiser)
