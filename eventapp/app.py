"""create_app and the `eventapp` command: mounts pages, API and commands, guards and the user loader. Nothing else mounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import click
from flask import Flask, abort, request
from flask_babel import Babel
from flask_login import LoginManager
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings, Unusable
from config import settings as read_settings
from eventapp import api
from eventapp.backoffice import pages as backoffice_pages
from eventapp.cli import backup, database, demo, doctor, messages, people, serve, state
from eventapp.door import backoffice as door_backoffice
from eventapp.door import pages as door_pages
from eventapp.events import backoffice as events_backoffice
from eventapp.events import pages as events_pages
from eventapp.events import queries as events
from eventapp.lib import codes, web
from eventapp.lib.clock import clock_from
from eventapp.lib.db import Base, Database, Unavailable
from eventapp.lib.schema import OtherSchema, Restored
from eventapp.lib.signing import Keys
from eventapp.lib.together import Together
from eventapp.lib.web.files import Files
from eventapp.partners import backoffice as partners_backoffice
from eventapp.people import backoffice as people_backoffice
from eventapp.people import pages as people_pages
from eventapp.programme import backoffice as programme_backoffice
from eventapp.registration import backoffice as registration_backoffice
from eventapp.registration import pages as registration_pages
from eventapp.site import pages as site_pages

ROOT = Path(__file__).resolve().parent.parent
MAX_BODY = 1024 * 1024
MAX_UPLOAD = 6 * 1024 * 1024
MAX_TEXT = 64 * 1024
MAX_FIELDS = 200
MOUNTED = (
    site_pages,
    registration_pages,
    events_pages,
    people_pages,
    door_pages,
    backoffice_pages,
    people_backoffice,
    events_backoffice,
    registration_backoffice,
    programme_backoffice,
    partners_backoffice,
    door_backoffice,
    api,
)
COMMANDS = (serve, messages, database, demo, people, state, backup, doctor)
metadata = Base.metadata


def create_app(settings: Settings | None = None) -> Flask:
    """The application of one process.

    Raises config.Unusable: a setting that must not start.
    """
    settings = settings or read_settings()
    secret_key, keys, database = _kept(settings)
    app = Flask("eventapp", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.static_folder = str(ROOT / "static")
    app.config.update(
        SECRET_KEY=secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        SESSION_COOKIE_NAME="__Host-session" if settings.secure else "session",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=MAX_TEXT,
        MAX_FORM_PARTS=MAX_FIELDS,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        BABEL_DEFAULT_LOCALE="fr",
        BABEL_DEFAULT_TIMEZONE="Europe/Paris",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.extensions["eventapp"] = web.Edge(
        settings=settings,
        database=database,
        together=Together(database, most=settings.combine),
        keys=keys,
        clock=clock_from(settings.eventapp_now),
        load_actor=people_pages.load_actor,
        event_names=events.names_of,
    )
    Babel(app, locale_selector=web.locale)
    _sign_in(app)
    app.before_request(_refuse_large_bodies)
    web.install(app)
    for module in MOUNTED:
        module.mount(app)
    app.wsgi_app = Files(  # type: ignore[method-assign]
        app.wsgi_app,
        root=app.static_folder,
        prefix="static/",
        max_age=31536000,
        immutable_file_test=_immutable,
        add_headers_function=_file_headers(settings),
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app


def _kept(settings: Settings) -> tuple[str | bytes, Keys, Database]:
    """What stands in the instance folder, but for what the environment gives."""
    folder = settings.instance_dir
    try:
        secret_key = settings.secret_key or codes.kept_key(folder / "secret_key")
        ticket = bytes.fromhex(settings.ticket_key) if settings.ticket_key else codes.kept_key(folder / "ticket_key")
        link = bytes.fromhex(settings.link_key) if settings.link_key else codes.kept_key(folder / "link_key")
        return secret_key, Keys(ticket=ticket, link=link), Database(settings.database_url)
    except OSError as error:
        raise Unusable(f"{error.filename} cannot be made or read ({error.strerror}): correct INSTANCE_DIR or its permissions.") from error
    except RuntimeError as error:
        raise Unusable(f"{error}.") from error


def _sign_in(app: Flask) -> None:
    manager = LoginManager(app, add_context_processor=False)
    # Remember-cookies are not used, and looking for one would make every public page vary by cookie.
    app.after_request_funcs[None].remove(manager._update_remember_cookie)
    manager.session_protection = None
    manager.user_loader(people_pages.load)


def _refuse_large_bodies() -> None:
    """Before anything reads the form. Werkzeug counts and measures the parts of multipart forms alone. Source: trust.md IN-4."""
    if request.mimetype == "multipart/form-data":
        return
    request.max_content_length = MAX_BODY
    if request.mimetype == "application/x-www-form-urlencoded":
        texts = [text for values in request.form.listvalues() for text in values]
        if len(texts) > MAX_FIELDS or any(len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT for text in texts):
            abort(413)


def _file_headers(settings: Settings) -> Callable[[Headers, str, str], None]:
    secure = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if settings.secure else {}

    def add(headers: Headers, _path: str, url: str) -> None:
        for name, value in (web.common_headers(url) | secure).items():
            headers[name] = value

    return add


def _immutable(_path: str, url: str) -> bool:
    return "?v=" in url


class Commands(click.Group):
    """The commands, and the one place where what they refuse becomes a sentence on stderr and exit 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (Unusable, OtherSchema, Restored, Unavailable) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, help="eventapp: events with limited seats, an honest waiting line, and a door that works in the rain.")
@click.pass_context
def commands(context: click.Context) -> None:
    """Every command runs inside the application's context."""
    context.obj = app = create_app()
    context.with_resource(app.app_context())
    context.call_on_close(app.extensions["eventapp"].database.close)


for _module in COMMANDS:
    _module.mount(commands)


def command() -> None:
    """The `eventapp` command: 0 done, 1 refused with a sentence on stderr, 2 usage."""
    commands.main(standalone_mode=True)
