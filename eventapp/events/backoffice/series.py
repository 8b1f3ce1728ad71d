"""An organiser's series: list, make, change."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _

from eventapp.events import actions, forms, queries
from eventapp.events.forms import NewSeriesForm, SeriesForm
from eventapp.events.models import Series
from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.fields import spread
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, not_found, page, see_other
from eventapp.people import queries as people
from eventapp.people.models import Organiser
from eventapp.people.rules import organisers_where

backoffice = Blueprint("series", __name__)


@backoffice.get("")
@access("event.read")
def index() -> Answer:
    """Every series with its editions."""
    with web.database().reading() as session:
        own = organisers_where(web.actor(), "event.read")
        series = queries.series_of(session, own)
        editions = queries.editions_of(session, own)
    return page("events/backoffice/series/index.html", series=series, editions=editions)


@backoffice.get("/new")
@access("event.edit")
def new() -> Answer:
    """The form of a new series."""
    return page("events/backoffice/series/new.html", form=NewSeriesForm(), organiser=_organiser())


@backoffice.post("")
@access("event.edit")
def create() -> Answer:
    """Make a series; its first edition comes next."""
    organiser = _organiser()
    form = NewSeriesForm()
    if not form.validate():
        return page("events/backoffice/series/new.html", 422, form=form, organiser=organiser)
    try:
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                row = actions.create_series(session, organiser_id=organiser.id, values=form.values(), actor=web.actor(), now=web.now())
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for("events.backoffice.editions.new", series=row.slug)
                )
    except Refused as refused:
        if not forms.blame(form, refused):
            raise
        return page("events/backoffice/series/new.html", 422, form=form, organiser=organiser)
    flash(_("The series is kept."), "good")
    return see_other(location)


@backoffice.get("/<slug>/edit")
@access("event.edit")
def edit(slug: str) -> Answer:
    """The form of a series."""
    row = _series(slug)
    data = {"short_name": row.short_name, "colour": row.colour, **spread("name", row.name), **spread("description", row.description)}
    return page("events/backoffice/series/edit.html", form=SeriesForm(data=data), series=row)


@backoffice.post("/<slug>/edit")
@access("event.edit")
def update(slug: str) -> Answer:
    """Change a series."""
    row = _series(slug)
    form = SeriesForm()
    if not form.validate():
        return page("events/backoffice/series/edit.html", 422, form=form, series=row)
    with web.database().writing() as session:
        actions.update_series(
            session, organiser_id=row.organiser_id, series_id=row.id, values=form.values(), actor=web.actor(), now=web.now()
        )
    flash(_("Your changes are kept."), "good")
    return see_other(url_for("events.backoffice.series.index"))


def _series(slug: str) -> Series:
    with web.database().reading() as session:
        return queries.series_for(session, web.actor(), slug, may_="event.edit") or not_found()


def _organiser() -> Organiser:
    with web.database().reading() as session:
        return people.organiser_for(session, web.actor(), request.args.get("organiser"), may_="event.edit") or not_found()
