"""How a public answer leaves: the same for everybody, so that caches between us and people may keep it for a minute."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import Any

from flask import Response, request, url_for

from eventapp.events.models import Event
from eventapp.lib import web
from eventapp.site import exports

MAX_AGE_SECONDS = 60
MAX_SENTENCE = 160


def shared(answer: Response) -> Response:
    """Let caches keep an answer that holds no secret, no nonce and nothing of who asks; 304 when they have it already.

    Compressed for those who take it: nothing of it is worth guessing by its size, and the same page gives the same bytes and ETag.
    """
    answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}"
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        answer.set_data(gzip.compress(answer.get_data(), mtime=0))
        answer.content_encoding = "gzip"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def public(template: str, **values: Any) -> Response:
    """A public page, shared."""
    return shared(web.page(template, **values))


def calendar(events: Iterable[Event], *, name: str, slug: str) -> Response:
    """The dates of these events as a calendar to subscribe to, shared. It changes with the events alone, never with the hour."""
    faces = [
        exports.calendar_face(
            event,
            language=web.language(),
            host=web.settings().host,
            url=web.absolute(url_for("site.events.show", slug=event.slug)),
            stamp=event.state_at or event.created_at,
        )
        for event in events
    ]
    answer = Response(exports.feed(faces, name=name), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'inline; filename="{slug}.ics"'
    return shared(answer)


def summed_up(text: str) -> str:
    """A text cut for a search engine's line, at a word."""
    words = " ".join(text.split())
    return words if len(words) <= MAX_SENTENCE else words[:MAX_SENTENCE].rsplit(" ", 1)[0] + "…"
