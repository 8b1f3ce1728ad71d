"""A lost ticket: an address is typed, the links go there by mail; whoever types it learns nothing. Source: trust.md RATE-5."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import TooManyRequests

from eventapp.lib import limits, web
from eventapp.lib.text import canonical_email
from eventapp.registration import actions, queries
from eventapp.registration.forms.attendee import LostForm

bp = Blueprint("lost", __name__)


@bp.get("/find-my-ticket")
@web.access("public")
def new() -> Response:
    """One field."""
    return web.page("registration/lost/new.html", form=LostForm(formdata=None))


@bp.post("/find-my-ticket")
@web.access("public")
def create() -> web.Answer:
    """Mail the links of every live registration of this address; the same answer when there is none."""
    form = LostForm()
    if not form.validate():
        return web.page("registration/lost/new.html", 422, form=form)
    canonical = canonical_email(form.email.data or "")
    _slow_down(canonical)
    now = web.now()
    with web.database().writing() as session:
        for registration in queries.live_by_address(session, canonical, now):
            actions.send_link(session, registration=registration, event=registration.event, now=now)
    return web.see_other(url_for("registration.lost.show"))


def _slow_down(canonical: str) -> None:
    """Raises TooManyRequests: for known and unknown addresses alike. Source: trust.md RATE-2, RATE-3."""
    asked = (
        (limits.RESEND_PREFIX, limits.prefix(request.remote_addr)),
        (limits.RESEND_ADDRESS, canonical),
        (limits.UNCONFIRMED_MAILS, canonical),
    )
    for limit, key in asked:
        verdict = limits.hit(web.database(), limit, key, now=web.now())
        if not verdict.ok:
            raise TooManyRequests(retry_after=verdict.retry_after)


@bp.get("/find-my-ticket/sent")
@web.access("public")
def show() -> Response:
    """What to expect in the mailbox, and what to do when nothing comes."""
    return web.page("registration/lost/show.html")
