"""The editions of an organiser's series: make, change."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _

from eventapp.events import actions, forms, queries
from eventapp.events.forms import EditionForm, NewEditionForm
from eventapp.events.models import Edition, Series
from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.fields import choices, spread
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, not_found, page, see_other
from eventapp.people.rules import organisers_where

backoffice = Blueprint("editions", __name__)


@backoffice.get("/new")
@access("event.edit")
def new() -> Answer:
    """The form of a new edition."""
    return _new(NewEditionForm(data={"year": web.now().year, "series": request.args.get("series", "")}))


@backoffice.post("")
@access("event.edit")
def create() -> Answer:
    """Make an edition and its tracks."""
    form = NewEditionForm()
    own = {row.slug: row for row in _offered(form)}
    if not form.validate():
        return _new(form, 422)
    series = own[str(form.series.data)]
    try:
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                row = actions.create_edition(
                    session,
                    organiser_id=series.organiser_id,
                    series_id=series.id,
                    values=form.values(figures=()),
                    actor=web.actor(),
                    now=web.now(),
                )
                _add_tracks(session, row, form)
                location = journal.led_to(session, form=form, actor=web.actor().label, location=url_for("events.backoffice.series.index"))
    except Refused as refused:
        if not forms.blame(form, refused):
            raise
        return _new(form, 422)
    flash(_("The edition is kept."), "good")
    return see_other(location)


@backoffice.get("/<slug>/edit")
@access("event.edit")
def edit(slug: str) -> Answer:
    """The form of an edition."""
    row = _edition(slug)
    plain = {name: getattr(row, name) for name in ("year", "number", "starts_on", "ends_on", "colour")}
    return _edit(EditionForm(data={**plain, **spread("name", row.name), **spread("period", row.period)}), row)


@backoffice.post("/<slug>/edit")
@access("event.edit")
def update(slug: str) -> Answer:
    """Change an edition, and add tracks."""
    row = _edition(slug)
    form = EditionForm()
    if not form.validate():
        return _edit(form, row, 422)
    try:
        with web.database().writing() as session:
            actions.update_edition(
                session,
                organiser_id=row.organiser_id,
                edition_id=row.id,
                values=form.values(figures=row.figures),
                actor=web.actor(),
                now=web.now(),
            )
            _add_tracks(session, row, form)
    except Refused as refused:
        if not forms.blame(form, refused):
            raise
        return _edit(form, row, 422)
    flash(_("Your changes are kept."), "good")
    return see_other(url_for("events.backoffice.series.index"))


def _add_tracks(session: Any, row: Edition, form: EditionForm) -> None:
    for line in forms.lines(form.tracks.data):
        actions.create_track(session, organiser_id=row.organiser_id, edition_id=row.id, name={"fr": line}, actor=web.actor(), now=web.now())


def _edition(slug: str) -> Edition:
    with web.database().reading() as session:
        return queries.edition_for(session, web.actor(), slug, may_="event.edit") or not_found()


def _offered(form: NewEditionForm) -> list[Series]:
    with web.database().reading() as session:
        own = queries.series_of(session, organisers_where(web.actor(), "event.edit"))
    form.series.choices = choices((row.slug, web.pick(row.name)) for row in own)
    return own


def _new(form: NewEditionForm, status: int = 200) -> Answer:
    return page("events/backoffice/editions/new.html", status, form=form, series=_offered(form))


def _edit(form: EditionForm, row: Edition, status: int = 200) -> Answer:
    with web.database().reading() as session:
        tracks = queries.tracks(session, row.id)
    return page("events/backoffice/editions/edit.html", status, form=form, edition=row, tracks=tracks)
