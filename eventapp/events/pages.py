"""Pictures that people have uploaded, served from outside `static/` under names that cannot be guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, send_from_directory, url_for

from eventapp.lib import pictures, web
from eventapp.lib.web import Answer, access, not_found

media = Blueprint("media", __name__)

NAME = re.compile(r"[a-z2-9]{16}-[0-9]{1,5}\.(?:webp|jpg)")
KINDS = {"webp": "image/webp", "jpg": "image/jpeg"}


@media.get("/media/<name>")
@access("public")
def show(name: str) -> Answer:
    """One file of a picture. Its name is random and never used again, so it may be kept for ever. Source: trust.md UP-2."""
    if NAME.fullmatch(name) is None:
        return not_found()
    kind = KINDS[name.rpartition(".")[2]]
    answer = send_from_directory(web.settings().instance_dir / "media", name, mimetype=kind, max_age=31_536_000)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def picture_of(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A stored picture as templates show it: src, srcset (WebP), width, height, alt (both languages) and credit."""
    if not value:
        return None
    sources = pictures.sources(value["file"], int(value["width"]))
    return {
        "src": url_for("events.media.show", name=sources[-1].jpg),
        "small": url_for("events.media.show", name=sources[0].webp),
        "srcset": ", ".join(f"{url_for('events.media.show', name=source.webp)} {source.width}w" for source in sources),
        "width": sources[-1].width,
        "height": round(int(value["height"]) * sources[-1].width / max(1, int(value["width"]))),
        "alt": web.pick(value.get("alt")),
        "credit": value.get("credit") or "",
    }


def mount(app: Flask) -> None:
    """Add the pictures, and their name in templates."""
    app.register_blueprint(media, name_prefix="events")
    app.jinja_env.globals.update(picture_of=picture_of)
