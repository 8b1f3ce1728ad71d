"""The rules of an event's waiting list, for everybody: made from its settings, with their dates."""

from __future__ import annotations

from flask import Blueprint, Response, request

from eventapp.events import queries as events
from eventapp.lib import web
from eventapp.registration import queries, rules

bp = Blueprint("line", __name__)


@bp.get("/events/<slug>/waiting-list")
@web.access("public")
def show(slug: str) -> Response:
    """When a free seat goes to whom: now, or under a version of these rules that is no longer in force."""
    with web.database().reading() as session:
        event = events.published_event(session, slug) or web.not_found()
        ballot = queries.ballot(session, event.id)
        drawn = queries.drawn_ids(session, event.id) if ballot is not None and ballot.drawn_at is not None else []
        calendar, past = queries.calendar(event), None
        version = calendar.settings.version
        if request.args.get("version", str(version)) != str(version):
            past = queries.published_rules(session, event, request.args.get("version", default=0, type=int)) or web.not_found()
            calendar = rules.calendar_of(event.doors_at, event.zone, past.settings)
    return web.page("registration/line/show.html", event=event, calendar=calendar, version=version, past=past, ballot=ballot, drawn=drawn)
