"""What is coming; the bare address; the sitemap."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from eventapp.events import queries as events
from eventapp.lib import web
from eventapp.lib.languages import LANGUAGES, preferred
from eventapp.site import exports
from eventapp.site.pages import answers, listing

bp = Blueprint("site", __name__)


@bp.get("/")
@web.access("public")
def root() -> web.Answer:
    """To the page in the better language. Never kept by a cache, so that nobody is trapped in a language."""
    answer = web.see_other(url_for("site.show", lang=preferred(request.headers.get("Accept-Language"))))
    answer.headers["Vary"] = "Accept-Language"
    return answer


@bp.get("/<any(fr, en):lang>/")
@web.access("public")
def show() -> Response:
    """What is coming, and what has been."""
    now = web.now()
    with web.database().reading() as session:
        coming = listing.cards(session, events.coming_events(session, now), now)
        past = listing.cards(session, events.past_events(session, now, limit=6), now)
    return answers.public("site/show.html", coming=coming, past=past)


@bp.get("/sitemap.xml")
@web.access("public")
def sitemap() -> Response:
    """Every public page, in both languages."""
    with web.database().reading() as session:
        shown = events.coming_events(session, web.now(), limit=1000) + events.past_events(session, web.now(), limit=1000)
        editions = {event.edition.slug: event.edition.series.slug for event in shown if event.edition}
    targets: list[tuple[str, dict[str, Any]]] = [("site.show", {})]
    targets += [("site.series.show", {"slug": slug}) for slug in sorted(set(editions.values()))]
    targets += [("site.editions.show", {"slug": slug}) for slug in sorted(editions)]
    targets += [("site.events.show", {"slug": slug}) for slug in sorted({event.slug for event in shown})]
    targets += [("site.legal.show", {}), ("site.privacy.show", {}), ("site.accessibility.show", {})]
    pages = [{lang: url_for(endpoint, lang=lang, **values) for lang in LANGUAGES} for endpoint, values in targets]
    return answers.shared(Response(exports.sitemap(pages, web.absolute), mimetype="application/xml"))
