"""Organisers' pages for series, editions, spaces and events."""

from flask import Flask

from eventapp.events.backoffice import editions, events, gates, series, spaces


def mount(app: Flask) -> None:
    """Add these pages."""
    app.register_blueprint(events.backoffice, name_prefix="events", url_prefix="/backoffice")
    for module, path in ((series, "series"), (editions, "editions"), (spaces, "spaces"), (gates, "spaces")):
        app.register_blueprint(module.backoffice, name_prefix="events.backoffice", url_prefix=f"/backoffice/{path}")
