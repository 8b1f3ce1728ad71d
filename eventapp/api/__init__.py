"""/api/v1: one file for each room. Bearer credentials, JSON, problem documents with stable codes."""

from __future__ import annotations

from flask import Blueprint, Flask, g, request

from eventapp.api import events, openapi, problems, registration
from eventapp.api.door import door


def mount(app: Flask) -> None:
    """Mount every resource of the API."""
    problems.mount(app)
    api = Blueprint("api", __name__, url_prefix=openapi.PREFIX)
    api.before_request(_speak_english)
    for blueprint in (openapi.bp, events.bp, registration.bp, door):
        api.register_blueprint(blueprint)
    app.register_blueprint(api)
    app.register_blueprint(openapi.docs, name_prefix="api", url_prefix="/api")


def _speak_english() -> None:
    """What is said to whoever writes a program does not follow the cookie or the browser of whoever uses it; the page for people does."""
    if request.path.startswith(openapi.PREFIX):
        g.lang = "en"
