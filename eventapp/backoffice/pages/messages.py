"""The outbox: which mails wait, left or failed, and why."""

from __future__ import annotations

from flask import Blueprint, request, url_for

from eventapp.events import queries as events
from eventapp.lib import web
from eventapp.lib.web import Answer, access, not_found, page
from eventapp.messages import queries
from eventapp.people.rules import organisers_where

bp = Blueprint("messages", __name__)

LINES = 50
MAX_ID_DIGITS = 9
STATES = ("queued", "sent", "failed")


@bp.get("/messages")
@access("messages.read")
def index() -> Answer:
    """Mails of one event or of all, newest first; those that failed with their reason."""
    wanted = request.args.get("event")
    state = request.args.get("state")
    state = state if state in STATES else None
    before = request.args.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) <= MAX_ID_DIGITS else None
    with web.database().reading() as session:
        own = organisers_where(web.actor(), "messages.read")
        if not own:
            not_found()
        mine = [event for event in events.events_of(session, web.actor()) if event.organiser_id in own]
        event = next((each for each in mine if each.slug == wanted), None)
        if wanted and event is None:
            not_found()
        rows = queries.outbox(
            session,
            organiser_ids=sorted(own),
            event_id=event.id if event else None,
            state=state,
            before=place,
            limit=LINES + 1,
        )
        totals = queries.by_state(session, [event.id] if event else [each.id for each in mine])
    return page(
        "backoffice/messages/index.html",
        event=event,
        rows=rows[:LINES],
        state=state,
        states=STATES,
        totals=totals,
        mine=mine,
        by_id={each.id: each for each in mine},
        next_page=url_for(".index", event=wanted, state=state, before=rows[LINES - 1].id) if len(rows) > LINES else None,
        first_page=url_for(".index", event=wanted, state=state) if place is not None else None,
    )
