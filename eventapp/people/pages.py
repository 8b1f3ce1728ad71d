"""Signing in and out, a forgotten password, the first account, joining a team. And who a request comes from."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request, url_for
from flask import session as cookie
from flask_login import current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.exceptions import TooManyRequests
from wtforms import Field
from wtforms.validators import ValidationError

from eventapp.lib import codes, limits, passwords, web
from eventapp.lib.db import Unavailable
from eventapp.lib.limits import Limit
from eventapp.lib.refusal import Refused
from eventapp.lib.text import canonical_email, safe_next
from eventapp.lib.web import Answer, access, not_found, page, see_other
from eventapp.people import actions, queries, rules
from eventapp.people.actions import NewAccount
from eventapp.people.forms import JoinForm, NewPasswordForm, ResetForm, SetupForm, SignInForm, sentence
from eventapp.people.models import OneTimeLink, User
from eventapp.people.rules import ANONYMOUS, Actor, SignedIn

sign_in = Blueprint("sign_in", __name__)
sign_out = Blueprint("sign_out", __name__)
password = Blueprint("password", __name__)
setup = Blueprint("setup", __name__)
invitation = Blueprint("invitation", __name__)

KNOWN_USERS = 10


def load(secret: str) -> SignedIn | None:
    """The session of this secret, for the cookie's library; None when it is unknown or has ended."""
    now = web.now()
    with web.database().reading() as session:
        row = queries.live_sign_in(session, secret, now)
        if row is None:
            return None
        g.seen = row.id if now - row.seen_at > rules.SEEN_EVERY else None
        return SignedIn(secret, queries.member(session, row))


def load_actor() -> Actor:
    """Who asks. A request without our cookie is answered without touching session or database."""
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return ANONYMOUS
    return current_user.actor if current_user.is_authenticated else ANONYMOUS


def _note_seen(response: Response) -> Response:
    """Once in five minutes, after the view and its transaction. A database that is busy may be told next time."""
    if g.get("seen") is not None:
        try:
            with web.database().writing() as session:
                actions.seen(session, session_id=g.seen, now=web.now())
        except Unavailable:
            current_app.logger.info("session not noted as seen")
    return response


@sign_in.get("/sign-in")
@access("public")
def new() -> Answer:
    """The form; a person who has signed in goes on."""
    if web.actor().is_authenticated:
        return see_other(_onward(request.args.get("next")))
    return page("people/sign_in/new.html", form=SignInForm(next=request.args.get("next")), changed="changed" in request.args)


@sign_in.post("/sign-in")
@access("public")
def create() -> Answer:
    """Judge address and password; every wrong pair gets the same answer after the same time."""
    _check_token()
    form = SignInForm()
    if not form.validate():
        return page("people/sign_in/new.html", 422, form=form)
    address = canonical_email(_typed(form.email))
    with web.database().reading() as session:
        user = queries.user_by_address(session, address)
    tried = (address, *_known_device(user))
    _count(limits.SIGN_IN_PREFIX, limits.prefix(request.remote_addr))
    _count(limits.SIGN_IN_ACCOUNT, *tried)
    if not _matches(_typed(form.password), user):
        form.password.errors = [sentence(Refused("sign_in.wrong")) or ""]
        return page("people/sign_in/new.html", 422, form=form)
    assert user is not None
    assert user.password_hash is not None
    renewed = passwords.hashed(_typed(form.password)) if passwords.is_outdated(user.password_hash) else None
    _begin(user, password_hash=renewed)
    limits.forgive(web.database(), limits.SIGN_IN_ACCOUNT, *tried, now=web.now())
    return see_other(_onward(_typed(form.next)))


@sign_out.post("/sign-out", endpoint="create")
@access("session")
def end() -> Answer:
    """End this session; the device stays known."""
    with web.database().writing() as session:
        actions.sign_out(session, session_id=web.actor().session_id, now=web.now())
    logout_user()
    _fresh_cookie()
    return see_other(url_for("people.sign_in.new"))


@password.get("/password", endpoint="new")
@access("public")
def ask() -> Answer:
    """Ask for a link, or read that one is on its way."""
    return page("people/password/new.html", form=ResetForm(), sent="sent" in request.args)


@password.post("/password", endpoint="create")
@access("public")
def send() -> Answer:
    """Mail a link to an account; the answer is the same without one."""
    form = ResetForm()
    if not form.validate():
        return page("people/password/new.html", 422, form=form, sent=False)
    _count(limits.RESEND_PREFIX, limits.prefix(request.remote_addr))
    _count(limits.RESEND_ADDRESS, canonical_email(_typed(form.email)))
    with web.database().writing() as session:
        actions.request_reset(session, email=_typed(form.email), keys=web.keys(), now=web.now())
    return see_other(url_for("people.password.new", sent=1))


@password.get("/password/<secret>")
@access("link")
def edit(secret: str) -> Answer:
    """The page that a reset mail leads to. Looking at it changes nothing."""
    _opened(secret, "reset")
    return page("people/password/edit.html", form=NewPasswordForm(), secret=secret)


@password.post("/password/<secret>")
@access("link")
def update(secret: str) -> Answer:
    """Set the new password; every session of the account ends."""
    link = _opened(secret, "reset")
    form = NewPasswordForm()
    if not (form.validate() and _password_is_good(form, link)):
        return page("people/password/edit.html", 422, form=form, secret=secret)
    kept = passwords.hashed(_typed(form.password))
    with web.database().writing() as session:
        actions.reset_password(session, secret=secret, password_hash=kept, now=web.now())
    return see_other(url_for("people.sign_in.new", changed=1))


@setup.get("/setup/<secret>", endpoint="new")
@access("link")
def start(secret: str) -> Answer:
    """The page of the one-time link that `eventapp setup` prints."""
    _opened(secret, "setup")
    return page("people/setup/new.html", form=SetupForm(language=web.language()), secret=secret)


@setup.post("/setup/<secret>", endpoint="create")
@access("link")
def found(secret: str) -> Answer:
    """Make the first organiser and its owner, who then answers the legal questions."""
    _opened(secret, "setup")
    form = SetupForm()
    if not (form.validate() and _password_is_good(form, None, _typed(form.organiser), _typed(form.name), _typed(form.email))):
        return page("people/setup/new.html", 422, form=form, secret=secret)
    account = NewAccount(
        name=_typed(form.name),
        email=_typed(form.email),
        language=_typed(form.language),
        password_hash=passwords.hashed(_typed(form.password)),
    )
    with web.database().writing() as session:
        user = actions.set_up(session, secret=secret, organiser_name=_typed(form.organiser), account=account, now=web.now())
    _know(user)
    _begin(user)
    return see_other(url_for("people.backoffice.organiser.edit"))


@invitation.get("/invitations/<secret>", endpoint="edit")
@access("link")
def show(secret: str) -> Answer:
    """The page that an invitation leads to: a button for who has an account, three fields for who has none."""
    link = _opened(secret, "invitation")
    return page("people/invitation/edit.html", form=JoinForm(language=web.language()), secret=secret, **_invited(link))


@invitation.post("/invitations/<secret>", endpoint="update")
@access("link")
def accept(secret: str) -> Answer:
    """Join the team."""
    link = _opened(secret, "invitation")
    invited = _invited(link)
    form = JoinForm()
    account = None
    if not invited["has_account"]:
        if not (form.validate() and _password_is_good(form, link, _typed(form.name))):
            return page("people/invitation/edit.html", 422, form=form, secret=secret, **invited)
        account = NewAccount(
            name=_typed(form.name),
            email=link.email or "",
            language=_typed(form.language),
            password_hash=passwords.hashed(_typed(form.password)),
        )
    with web.database().writing() as session:
        user = actions.accept_invitation(session, secret=secret, account=account, now=web.now())
    if account is None:
        return see_other(url_for("people.sign_in.new", next=url_for("backoffice.show")))
    _know(user)
    _begin(user)
    return see_other(url_for("backoffice.show"))


def mount(app: Flask) -> None:
    """Add these pages, and note sessions as seen."""
    for blueprint in (sign_in, sign_out, password, setup, invitation):
        app.register_blueprint(blueprint, name_prefix="people")
    app.after_request(_note_seen)


def _check_token() -> None:
    """Signing in carries a token too, although there is no session yet. Source: trust.md CSRF-1."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as error:
        raise CSRFError(str(error)) from None


def _count(limit: Limit, *keys: str) -> None:
    verdict = limits.hit(web.database(), limit, *keys, now=web.now())
    if not verdict.ok:
        raise TooManyRequests(retry_after=verdict.retry_after)


def _matches(typed: str, user: User | None) -> bool:
    kept = user.password_hash if user is not None else None
    if len(typed.encode("utf-8", "surrogatepass")) > rules.MAX_PASSWORD_BYTES:
        return passwords.matches("", None)
    return passwords.matches(typed, kept)


def _begin(user: User, *, password_hash: str | None = None) -> None:
    """A new session row and a new cookie. A device that this user has not used yet is told by mail."""
    is_new = user.public_id not in cookie.get("device", {}).get("users", [])
    label = _device_label()
    with web.database().writing() as session:
        secret = actions.sign_in(session, user_id=user.id, epoch=user.epoch, label=label, password_hash=password_hash, now=web.now())
        if is_new:
            actions.tell_of_sign_in(session, user_id=user.id, label=label, now=web.now())
        actor = queries.actor(session, secret, web.now())
    _know(user)
    _fresh_cookie()
    cookie.permanent = True
    login_user(SignedIn(secret, actor))


def _known_device(user: User | None) -> tuple[str, ...]:
    """Somebody else's guesses do not slow down a device from which this user has signed in before. Source: trust.md RATE-2."""
    device = cookie.get("device", {})
    return (device["id"],) if user is not None and user.public_id in device.get("users", []) else ()


def _know(user: User) -> None:
    device = cookie.get("device") or {"id": codes.public_id(), "users": []}
    others = [each for each in device["users"] if each != user.public_id]
    cookie["device"] = {"id": device["id"], "users": [*others, user.public_id][-KNOWN_USERS:]}


def _fresh_cookie() -> None:
    """Nothing of an earlier session stays but the name of the device."""
    device = cookie.get("device")
    cookie.clear()
    if device is not None:
        cookie["device"] = device


def _device_label() -> str:
    """« Firefox, Android »: enough for a person to know their own device again."""
    agent = request.headers.get("User-Agent", "")[:500]
    browsers = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    found = [next((name for mark, name in known if mark in agent), "") for known in (browsers, systems)]
    return ", ".join(name for name in found if name)


def _typed(field: Field) -> str:
    return field.data or ""


def _onward(wish: str | None) -> str:
    return safe_next(wish) if wish else url_for("backoffice.show")


def _opened(secret: str, purpose: str) -> OneTimeLink:
    """The link of this secret. Used, expired, replaced and unknown ones are the same 404."""
    with web.database().reading() as session:
        row = queries.open_link(session, secret, purpose=purpose, now=web.now())
    return row if row is not None else not_found()


def _password_is_good(form: Any, link: OneTimeLink | None, *names: str) -> bool:
    """Judge a new password by the names that go with it; says what is wrong at its field."""
    with web.database().reading() as session:
        ids = queries.organisers_around(session, link) if link is not None else []
        own = queries.names_around(session, link) if link is not None else []
        known = [*own, *queries.names_of(session, ids), *web.edge().event_names(session, ids)]
    try:
        rules.check_password(_typed(form.password), names=[*known, *names])
    except Refused as refused:
        form.password.errors = [sentence(refused) or ""]
        return False
    return True


def _invited(link: OneTimeLink) -> dict[str, Any]:
    with web.database().reading() as session:
        organiser = queries.organiser_by_id(session, link.organiser_id or 0)
        user = queries.user_by_address(session, link.email or "")
    return {"organiser": organiser, "email": link.email, "role": link.role, "has_account": user is not None}
