"""What organisers do across rooms: home, control room, a whole event, journal and outbox."""

from flask import Flask

from eventapp.backoffice.pages import control, events, home, journal, messages


def mount(app: Flask) -> None:
    """Mount the pages under /backoffice."""
    app.register_blueprint(home.bp, url_prefix="/backoffice")
    for module in (control, events, journal, messages):
        app.register_blueprint(module.bp, url_prefix="/backoffice", name_prefix="backoffice")
