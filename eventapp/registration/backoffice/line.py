"""When a free seat goes to whom: shown in sentences with their dates before anything is saved."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _

from eventapp.events.models import Event
from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries, rules
from eventapp.registration.backoffice import found
from eventapp.registration.forms.line import LineForm

bp = Blueprint("line", __name__)


@bp.get("/line")
@access("quota.edit")
def edit(slug: str) -> Answer:
    """The rules of the line as they are, and the form to change them."""
    with web.database().reading() as session:
        event = found.event(session, slug, "quota.edit")
        offered = len(queries.offered(session, event.id))
    calendar = queries.calendar(event)
    return _page(event, LineForm.of(calendar.settings), calendar, offered=offered)


@bp.post("/line")
@access("quota.edit")
def update(slug: str) -> Answer:
    """Show what was typed as sentences with dates, or save it."""
    with web.database().reading() as session:
        event = found.event(session, slug, "quota.edit")
        offered = len(queries.offered(session, event.id))
    calendar = queries.calendar(event)
    form = LineForm.of(calendar.settings, request.form)
    if not form.validate():
        return _page(event, form, calendar, 422, offered=offered)
    settings = form.settings(calendar.settings)
    try:
        rules.check_settings(settings, event.doors_at, event.zone)
        if request.form.get("do") != "save":
            asked = rules.calendar_of(event.doors_at, event.zone, settings)
            return _page(event, form, asked, offered=offered, unsaved=settings != calendar.settings)
        with web.database().writing() as session:
            version = actions.set_allocation(session, event_id=event.id, settings=settings, actor=web.actor(), now=web.now())
    except Refused as refused:
        form[refused.facts.get("field", "offers_before")].errors = [str(web.words(refused))]
        return _page(event, form, calendar, 422, offered=offered)
    flash(_("Saved: version %(number)s of the rules of the line.", number=version), "good")
    return see_other(url_for(".edit", slug=slug))


def _page(event: Event, form: Any, calendar: rules.Calendar, status: int = 200, *, offered: int, unsaved: bool = False) -> Answer:
    return page(
        "registration/backoffice/line/edit.html", status, event=event, form=form, calendar=calendar, offered=offered, unsaved=unsaved
    )
