"""Pictures that people have uploaded, served from outside `static/`: to everybody once what they show is public, before that to its organiser."""

from __future__ import annotations

import re

from flask import Blueprint, send_from_directory

from eventapp.lib import web
from eventapp.people.rules import may
from eventapp.site import queries

bp = Blueprint("media", __name__)

NAME = re.compile(r"([a-z2-9]{16})-[0-9]{1,5}\.(webp|jpg)")
KINDS = {"webp": "image/webp", "jpg": "image/jpeg"}


@bp.get("/media/<name>")
@web.access("public")
def show(name: str) -> web.Answer:
    """One file of a picture. Its name is random and never used again, so it may be kept for ever. Source: trust.md UP-2."""
    parts = NAME.fullmatch(name)
    if parts is None:
        return web.not_found()
    with web.database().reading() as session:
        uses = queries.uses_of_picture(session, parts[1])
    public = any(use.shown for use in uses)
    if not public and not any(may(web.actor(), "event.read", use.organiser_id) for use in uses):
        return web.not_found()
    answer = send_from_directory(web.settings().instance_dir / "media", name, mimetype=KINDS[parts[2]], max_age=31_536_000)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if public else "no-store"
    return answer
