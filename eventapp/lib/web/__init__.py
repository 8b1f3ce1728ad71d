"""The edge of a request: who asks, in which language, at what time; how an answer leaves.

Everything a view needs from Flask beyond `request` is here. Rooms below never see it.
"""

from __future__ import annotations

import functools
import hashlib
import json
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError, generate_csrf, validate_csrf
from werkzeug.exceptions import SecurityError
from werkzeug.wrappers import Response as BaseResponse
from wtforms.validators import ValidationError

from eventapp.lib import codes, links
from eventapp.lib.clock import Clock
from eventapp.lib.db import Base, Database, Session, Unavailable, repeatable
from eventapp.lib.languages import chosen, preferred
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys
from eventapp.lib.together import Together
from eventapp.lib.web import dates

P = ParamSpec("P")
T = TypeVar("T")
Answer = BaseResponse | str | tuple[str, int]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Settings(Protocol):
    """What the edge reads of the configuration."""

    @property
    def public_base_url(self) -> str: ...
    @property
    def instance_dir(self) -> Path: ...
    @property
    def database_url(self) -> str: ...
    @property
    def smtp_url(self) -> str: ...
    @property
    def mail_from(self) -> str: ...
    @property
    def secure(self) -> bool: ...
    @property
    def loopback(self) -> bool: ...
    @property
    def host(self) -> str: ...
    @property
    def trusted_hosts(self) -> tuple[str, ...]: ...
    @property
    def tls(self) -> bool: ...
    @property
    def demo(self) -> bool: ...
    @property
    def origin(self) -> Mapping[str, str]: ...


@dataclass
class Edge:
    """What one process holds: made by create_app, kept in the application's extensions."""

    settings: Settings
    database: Database
    together: Together
    keys: Keys
    clock: Clock
    load_actor: Callable[[], Any]
    event_names: Callable[[Session, Collection[int]], list[str]]
    """What the events of these organisers are called: for rooms that stand below events."""
    assets: dict[str, str] = field(default_factory=dict)


def edge() -> Edge:
    """This application's edge."""
    return cast(Edge, current_app.extensions["eventapp"])


def settings() -> Settings:
    """The configuration."""
    return edge().settings


def database() -> Database:
    """The database; `with database().writing() as session:` is the one transaction of a request."""
    return edge().database


def together(model: type[Base], id: int, work: Callable[[Session], T]) -> T:
    """Do this work in one transaction with that of other requests for the same row; see `lib.together`."""
    return edge().together.do(model, id, work)


def keys() -> Keys:
    """The keys that derive tickets and links."""
    return edge().keys


def now() -> datetime:
    """The time of this request: read once, aware, UTC."""
    if "now" not in g:
        g.now = edge().clock()
    return cast(datetime, g.now)


def actor() -> Any:
    """Who asks (people.rules.Actor): looked up once, without touching the database when there is no credential."""
    if "actor" not in g:
        g.actor = edge().load_actor()
    return g.actor


def language() -> str:
    """The language of this request: from the path on public pages, else the account's, else the browser's."""
    if "lang" not in g:
        g.lang = getattr(actor(), "language", None) or preferred(request.headers.get("Accept-Language"))
    return cast(str, g.lang)


def locale() -> str:
    """The locale for Flask-Babel: the language of the page where there is a request, of the mail where there is none."""
    return language() if request else g.get("lang", "fr")


def access(code: str) -> Callable[[Callable[P, Answer]], Callable[P, Answer]]:
    """Declare who may come in: `public`, `link` (a secret in the path), `session`, `device`, or a permission.

    A view that declares nothing is answered with 404. The wrapper repeats a view once after a deadlock or a lost
    connection, which its idempotency key makes safe.
    """

    def declared(view: Callable[P, Answer]) -> Callable[P, Answer]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Answer:
            try:
                return view(*args, **kwargs)
            except Exception as error:
                if not repeatable(error):
                    raise
            try:
                return view(*args, **kwargs)
            except Exception as error:
                if repeatable(error):
                    raise Unavailable("the database failed twice") from error
                raise

        guarded.access = code  # type: ignore[attr-defined]  # read back by the guard and by `routes`
        return guarded

    return declared


def absolute(path: str) -> str:
    """A path of ours as an absolute link."""
    return links.absolute(settings().public_base_url, path)


def see_other(path: str) -> BaseResponse:
    """303 to a path of ours, after a POST."""
    return redirect(path, 303)


def not_found() -> NoReturn:
    """404: for what does not exist, and for what is not yours."""
    abort(404)


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A rendered page. 422 is for a form with mistakes, its text kept."""
    return Response(render_template(template, **values), status, mimetype="text/html")


def nonce() -> str:
    """The nonce of this response; asking for it makes the page uncacheable by shared caches."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return cast(str, g.nonce)


def pick(values: Mapping[str, str] | None) -> str:
    """The text of a pair in the page's language, else in the other."""
    return chosen(values, language() if request else g.get("lang", "fr"))[0]


def pick_lang(values: Mapping[str, str] | None) -> str:
    """The language of what `pick` shows."""
    return chosen(values, language() if request else g.get("lang", "fr"))[1]


def asset(path: str) -> str:
    """The address of a static file, with its content's hash so that it may be kept for ever."""
    known = edge().assets
    if path not in known or current_app.debug:
        file = Path(cast(str, current_app.static_folder)) / path
        known[path] = hashlib.sha256(file.read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={known[path]}"


def twin(lang: str) -> str:
    """The path of this same page in another language; the home page where it has no twin."""
    if request.endpoint and request.view_args is not None and "lang" in getattr(request.url_rule, "arguments", ()):
        values: dict[str, Any] = {**request.args.to_dict(), **request.view_args, "lang": lang}
        return url_for(request.endpoint, **values)
    return url_for("site.show", lang=lang)


def words(refused: Refused) -> str:
    """The sentence for a refusal, in the language of the request."""
    return render_template("parts/refusals.html", code=refused.code, facts=refused.facts).strip()


def install(app: Flask) -> None:
    """Mount what every page shares: guards, headers, error pages, template names."""
    dates.install(app)
    app.before_request(_guard)
    app.after_request(_headers)
    app.jinja_env.globals.update(
        asset=asset,
        nonce=nonce,
        pick=pick,
        pick_lang=pick_lang,
        twin=twin,
        csrf_token=generate_csrf,
        form_key=codes.key,
        has_session=has_session,
        language=language,
        absolute=absolute,
        words=words,
    )
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_give_language)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Unavailable, _unavailable)
    app.register_error_handler(SecurityError, _untrusted)
    app.register_error_handler(CSRFError, _without_token)
    for status in (400, 403, 404, 405, 409, 413, 422, 429, 500, 503):
        app.register_error_handler(status, functools.partial(_plain_failure, status))


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "lang" in values:
        g.lang = values.pop("lang")


def _give_language(endpoint: str, values: dict[str, Any]) -> None:
    if "lang" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values["lang"] = language() if request else g.get("lang", "fr")


def _guard() -> BaseResponse | None:
    g.request_id = secrets.token_hex(8)
    if "\0" in request.path:
        abort(404)  # no database holds such a name, and PostgreSQL refuses even to look
    if request.endpoint is None or request.endpoint == "static":
        return None
    view = current_app.view_functions[request.endpoint]
    needed = getattr(view, "access", None)
    if needed is None:
        abort(404)
    if request.blueprint and request.blueprint.startswith("api"):
        return None
    if request.method not in SAFE:
        _refuse_foreign_forms(needed)
    if needed not in {"public", "link", "device"} and actor().kind != "member":
        if request.method in SAFE:
            return redirect(url_for("people.sign_in.new", next=request.full_path.rstrip("?")), 303)
        return _stale("signed out")  # what was typed outlives the session: trust.md A2f
    return None


def _refuse_foreign_forms(needed: str) -> None:
    """Anonymous forms must come from our own pages; those under a session also carry its token. Secret paths authorise themselves."""
    if needed == "link":
        return
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    # A page that sends no referrer posts with Origin: null; the browser's own word that it is ours is then enough.
    ours = origin is None or urlsplit(origin).hostname in settings().trusted_hosts or (origin == "null" and site == "same-origin")
    if site not in {None, "same-origin"} or not ours:
        abort(400)
    if needed != "public" or has_session():
        try:
            validate_csrf(request.form.get("csrf_token"))
        except ValidationError as error:
            raise CSRFError(str(error)) from error


def has_session() -> bool:
    """Whether this browser has signed in: its forms then carry a token, those of public pages too."""
    return "_user_id" in session


def _is_surely_ours() -> bool:
    """The browser itself says that one of our pages has sent this form: it may be offered again without another site's doing."""
    origin = request.headers.get("Origin")
    known = origin is not None and urlsplit(origin).hostname in settings().trusted_hosts
    return known or request.headers.get("Sec-Fetch-Site") == "same-origin"


def _stale(why: str) -> Response:
    """A form of a page that was opened under another sign-in, or whose session has ended: nothing is done, what was typed is kept."""
    return _failure(400, why=why, keep=_is_surely_ours())


def _without_token(_error: CSRFError) -> Response:
    view = current_app.view_functions[str(request.endpoint)]
    needs_member = getattr(view, "access", None) not in {"public", "link", "device"}
    return _stale("signed out" if needs_member and actor().kind != "member" else "another sign-in")


POLICY = (
    "default-src 'none'; script-src 'self'{nonce}{wasm}; style-src 'self'{nonce}; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'{media}"
)


def common_headers(path: str, nonce_mark: str = "") -> dict[str, str]:
    """What every answer carries, files included. The camera and WebAssembly are for the door alone."""
    door = path.startswith(("/door", "/static/js/door/", "/static/vendor/zxing"))
    return {
        "Content-Security-Policy": POLICY.format(
            nonce=nonce_mark, wasm=" 'wasm-unsafe-eval'" if door else "", media="; media-src 'self'" if door else ""
        ),
        "Permissions-Policy": f"camera={'(self)' if door else '()'}, microphone=(), geolocation=(), payment=(), usb=()",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }


def _headers(response: Response) -> Response:
    headers = response.headers
    for name, value in common_headers(request.path, f" 'nonce-{g.nonce}'" if "nonce" in g else "").items():
        if name != "Content-Security-Policy" or name not in headers:
            headers[name] = value
    if settings().secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    secretive = request.path.startswith(("/T/", "/S/", "/password/", "/setup", "/invitations/", "/door")) or any(
        part in request.path for part in ("/registrations/", "/tickets/", "/standby/")
    )
    if request.path.endswith("/registrations/new"):
        secretive = False  # holds no secret; without a referrer Chromium posts its form with Origin: null, which is refused
    if secretive:
        headers["Referrer-Policy"] = "no-referrer"
        headers["X-Robots-Tag"] = "noindex"
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    headers.setdefault("X-Request-Id", g.get("request_id", "-"))
    return response


def _is_api() -> bool:
    return request.path.startswith("/api/")


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """A problem document (RFC 9457) with a stable code; `door` and `echo` mark answers to phones as ours."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": code,
        "status": status,
        "code": code,
        "detail": detail,
        "request": g.get("request_id"),
        **more,
    }
    if request.path.startswith("/api/v1/door"):
        body |= {"door": 1, "echo": request.headers.get("X-Door-Echo"), "server_at": now().isoformat(timespec="milliseconds")}
    answer = Response(json.dumps(body), status, mimetype="application/problem+json")
    if status in {429, 503}:
        answer.headers["Retry-After"] = str(more.get("retry_after", 2))
    return answer


def _refused(error: Refused) -> Response:
    status = int(error.facts.get("status", 409))
    if _is_api():
        return problem(status, error.code, words(error))
    return page("errors/409.html", status, sentence=words(error), code=error.code)


def _untrusted(_error: SecurityError) -> Any:
    """A Host that is not ours: refused before any view, without a page, for no link could be made. Health checks come by any name."""
    for rule in current_app.url_map.iter_rules():
        if rule.rule == request.path and rule.rule in {"/healthz", "/readyz"}:
            return current_app.view_functions[rule.endpoint]()
    return Response("This host is not served here.\n", 400, mimetype="text/plain")


def _unavailable(_error: Unavailable) -> Response:
    return _failure(503)


def _plain_failure(status: int, error: Exception) -> Response:
    if status == 405:
        status = 404
    if status == 500:
        current_app.logger.error("request %s failed", g.get("request_id"), exc_info=getattr(error, "original_exception", None) or error)
    return _failure(status, retry_after=getattr(error, "retry_after", None))


def _failure(status: int, retry_after: int | None = None, *, why: str = "", keep: bool = False) -> Response:
    if _is_api():
        names = {
            400: "request.malformed",
            404: "not_found",
            413: "request.too_large",
            422: "request.invalid",
            429: "limit.reached",
            503: "unavailable",
        }
        return problem(
            status, names.get(status, f"http.{status}"), names.get(status, "error"), **({"retry_after": retry_after} if retry_after else {})
        )
    kept = (
        {name: values for name, values in request.form.lists() if name != "csrf_token" and "password" not in name}
        if keep or status in {503, 429}
        else {}
    )
    guarded = bool(kept) and (has_session() or "csrf_token" in request.form or request.path.startswith("/backoffice"))
    had_files = bool(kept) and any(file.filename for file in request.files.values())
    answer = page(f"errors/{status}.html", status, kept=kept, why=why, guarded=guarded, had_files=had_files)
    if status in {429, 503}:
        answer.headers["Retry-After"] = str(retry_after or 2)
    return answer
