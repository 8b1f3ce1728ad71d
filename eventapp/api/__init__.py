"""/api/v1: one file for each room. Bearer credentials, JSON, problem documents with stable codes."""

from __future__ import annotations

from flask import Blueprint, Flask

from eventapp.api import problems
from eventapp.api.door import door


def mount(app: Flask) -> None:
    """Mount every resource of the API."""
    problems.mount(app)
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    api.register_blueprint(door)
    app.register_blueprint(api)
