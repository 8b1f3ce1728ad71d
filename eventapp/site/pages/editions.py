"""One year of a series: what is on, day by day, who carries it, and its figures."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from flask import Blueprint, Response, request

from eventapp.events import queries as events
from eventapp.lib import web
from eventapp.lib.web import dates
from eventapp.partners import queries as partners
from eventapp.site.pages import answers, listing

bp = Blueprint("editions", __name__)


@bp.get("/editions/<slug>")
@web.access("public")
def show(slug: str) -> Response:
    """The programme of the weeks; `?track=` keeps one thread of it."""
    now = web.now()
    with web.database().reading() as session:
        edition = events.edition_by_slug(session, slug)
        if edition is None:
            web.not_found()
        tracks = events.tracks(session, edition.id)
        bodies = partners.partnerships_of_edition(session, edition.id)
        cards = listing.cards(session, events.events_of_edition(session, edition.id), now)
    used = {card.event.track_id for card in cards}
    tracks = [track for track in tracks if track.id in used]
    chosen = next((track for track in tracks if track.slug == request.args.get("track")), None)
    if chosen is not None:
        cards = [card for card in cards if card.event.track_id == chosen.id]
    days = [(day, list(group)) for day, group in groupby(cards, key=_day)]
    return answers.public("site/editions/show.html", edition=edition, days=days, tracks=tracks, chosen=chosen, bodies=bodies)


def _day(card: listing.Card) -> date:
    return dates.local(card.event.starts_at, card.event.zone).date()


@bp.get("/editions/<slug>.ics")
@web.access("public")
def feed(slug: str) -> Response:
    """The dates of the edition, to subscribe to."""
    with web.database().reading() as session:
        edition = events.edition_by_slug(session, slug)
        if edition is None:
            web.not_found()
        shown = events.events_of_edition(session, edition.id)
    return answers.calendar(shown, name=web.pick(edition.name) or web.pick(edition.series.name), slug=edition.slug)
