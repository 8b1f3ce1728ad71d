"""Who did what, when."""

from __future__ import annotations

from flask import Blueprint, request, url_for

from eventapp.events import queries as events
from eventapp.journal import queries
from eventapp.lib import web
from eventapp.lib.web import Answer, access, not_found, page
from eventapp.people import queries as people
from eventapp.people.rules import organisers_where

bp = Blueprint("journal", __name__)

LINES = 50
MAX_ID_DIGITS = 9


@bp.get("/journal")
@access("journal.read")
def index() -> Answer:
    """The latest lines of one event, or of all that the actor may read."""
    wanted = request.args.get("event")
    before = request.args.get("before", "")
    with web.database().reading() as session:
        own = organisers_where(web.actor(), "journal.read")
        if not own:
            not_found()
        mine = [event for event in events.events_of(session, web.actor()) if event.organiser_id in own]
        event = next((each for each in mine if each.slug == wanted), None)
        if wanted and event is None:
            not_found()
        if event is not None:
            chains = [f"event:{event.id}"]
        else:
            chains = [*(f"event:{each.id}" for each in mine), *(f"organiser:{id}" for id in sorted(own))]
        place = int(before) if before.isascii() and before.isdigit() and len(before) <= MAX_ID_DIGITS else None
        rows = queries.recent(session, chains, before=place, limit=LINES + 1)
        names = {f"member:{row.user.public_id}": row.user.name for id in sorted(own) for row in people.team(session, id)}
    return page(
        "backoffice/journal/index.html",
        event=event,
        entries=rows[:LINES],
        names=names,
        titles={f"event:{each.id}": each for each in mine},
        mine=mine,
        next_page=url_for(".index", event=wanted, before=rows[LINES - 1].id) if len(rows) > LINES else None,
        first_page=url_for(".index", event=wanted) if place is not None else None,
    )
