"""The phone application: one page without language prefix, without account. What it may do, its credential says to the API."""

from __future__ import annotations

from flask import Blueprint, Flask

from eventapp.door import rules
from eventapp.lib.web import Answer, access, page

door = Blueprint("door", __name__, url_prefix="/door")


@door.get("/")
@access("public")
def show() -> Answer:
    """The shell; the secret of an invitation stays in the fragment, which no server ever sees."""
    return page("door/show.html", version=rules.APP)


def mount(app: Flask) -> None:
    """Mount the phone application."""
    app.register_blueprint(door)
