"""A party proves its address: the mail alone leads to the page with the button. Whoever typed the address is told to look there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response

from eventapp.events import queries as events
from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.registration import actions, queries
from eventapp.registration.forms.attendee import AnswerForm
from eventapp.registration.models import Registration
from eventapp.registration.pages import offers

bp = Blueprint("proofs", __name__)


@bp.post("/registrations/<token>/verification")
@web.access("link")
def create(token: str) -> web.Answer:
    """The address is mine. Sent twice, it changes nothing more."""

    def act(session: Session, _registration: Registration, command: dict[str, Any]) -> None:
        actions.verify(session, **command)

    return offers.answered(token, AnswerForm(), act)


@bp.get("/events/<slug>/registrations/sent")
@web.access("public")
def sent(slug: str) -> Response:
    """A mail is on its way. The same page whoever asked, and whether the address is registered or not. Source: trust.md RATE-5."""
    with web.database().reading() as session:
        event = events.published_event(session, slug) or web.not_found()
    minutes = queries.calendar(event).settings.hold // timedelta(minutes=1)
    return web.page("registration/proofs/sent.html", event=event, minutes=minutes)
