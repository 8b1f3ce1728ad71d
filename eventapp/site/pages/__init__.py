"""What the public sees: what is coming, series, editions, events, legal pages; and what machines ask of it."""

from flask import Flask

from eventapp.events.exports import cover_svg
from eventapp.site.pages import editions, events, health, home, legal, media, series

LANGUAGE = "/<any(fr, en):lang>"


def mount(app: Flask) -> None:
    """Mount the pages under their language; the bare address, the sitemap, health and pictures have none."""
    app.jinja_env.globals.setdefault("cover_svg", cover_svg)
    app.register_blueprint(home.bp)
    for blueprint in (series.bp, editions.bp, events.bp, legal.legal, legal.privacy, legal.accessibility):
        app.register_blueprint(blueprint, url_prefix=LANGUAGE, name_prefix="site")
    for blueprint in (health.health, health.readiness, media.bp):
        app.register_blueprint(blueprint, name_prefix="site")
