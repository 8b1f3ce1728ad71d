"""The rules of an event's waiting list, for everybody: made from its settings, with their dates."""

from __future__ import annotations

from flask import Blueprint, Response

from eventapp.events import queries as events
from eventapp.lib import web
from eventapp.registration import queries

bp = Blueprint("line", __name__)


@bp.get("/events/<slug>/waiting-list")
@web.access("public")
def show(slug: str) -> Response:
    """When a free seat goes to whom."""
    with web.database().reading() as session:
        event = events.published_event(session, slug) or web.not_found()
        ballot = queries.ballot(session, event.id)
        drawn = queries.drawn_ids(session, event.id) if ballot is not None and ballot.drawn_at is not None else []
    return web.page("registration/line/show.html", event=event, calendar=queries.calendar(event), ballot=ballot, drawn=drawn)
