"""The pictures of events, persons and bodies, as templates show them; the room `site` serves their files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, url_for

from eventapp.lib import pictures, web


def picture_of(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A stored picture as templates show it: src, srcset (WebP), width, height, alt (both languages) and credit."""
    if not value:
        return None
    sources = pictures.sources(value["file"], int(value["width"]))
    return {
        "src": url_for("site.media.show", name=sources[-1].jpg),
        "small": url_for("site.media.show", name=sources[0].webp),
        "srcset": ", ".join(f"{url_for('site.media.show', name=source.webp)} {source.width}w" for source in sources),
        "width": sources[-1].width,
        "height": round(int(value["height"]) * sources[-1].width / max(1, int(value["width"]))),
        "alt": web.pick(value.get("alt")),
        "credit": value.get("credit") or "",
    }


def mount(app: Flask) -> None:
    """Let templates show them."""
    app.jinja_env.globals.update(picture_of=picture_of)
