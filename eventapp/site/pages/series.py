"""What comes back each year under one name: all its editions."""

from __future__ import annotations

from flask import Blueprint, Response

from eventapp.events import queries as events
from eventapp.lib import web
from eventapp.site.pages import answers, listing

bp = Blueprint("series", __name__)


@bp.get("/series/<slug>")
@web.access("public")
def show(slug: str) -> Response:
    """A series, the newest edition first, each with its events."""
    now = web.now()
    with web.database().reading() as session:
        series = events.series_by_slug(session, slug)
        if series is None:
            web.not_found()
        editions = events.editions_of_series(session, series.id)
        cards = listing.cards(session, events.events_of_editions(session, [edition.id for edition in editions]), now)
    by_edition = [(edition, [card for card in cards if card.event.edition_id == edition.id]) for edition in editions]
    return answers.public("site/series/show.html", series=series, editions=by_edition)


@bp.get("/series/<slug>.ics")
@web.access("public")
def feed(slug: str) -> Response:
    """The dates of all editions, to subscribe to."""
    with web.database().reading() as session:
        series = events.series_by_slug(session, slug)
        if series is None:
            web.not_found()
        editions = events.editions_of_series(session, series.id)
        shown = events.events_of_editions(session, [edition.id for edition in editions])
    return answers.calendar(shown, name=web.pick(series.name), slug=series.slug)
