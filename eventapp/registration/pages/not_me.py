"""« Ce n'est pas moi »: whoever finds a stranger's registration in their mail frees the seat. Source: trust.md OUT-6."""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.people.rules import link_holder
from eventapp.registration import actions
from eventapp.registration.pages import found

bp = Blueprint("not_me", __name__)


@bp.get("/registrations/<token>/not-me")
@web.access("link")
def new(token: str) -> Response:
    """What will happen, and the button; afterwards, that it has happened."""
    party = found.party(token)
    return web.page("registration/not_me/new.html", party=party, event=party.event, sentence="")


@bp.post("/registrations/<token>/not-me")
@web.access("link")
def create(token: str) -> web.Answer:
    """Give the whole party's places to the next in line."""
    party = found.party(token)
    try:
        with web.database().writing() as session:
            registration = found.identified(session, token)
            actions.disown(
                session,
                event_id=registration.event_id,
                registration_id=registration.id,
                actor=link_holder(registration.public_id),
                now=web.now(),
            )
    except Refused as refused:
        return web.page("registration/not_me/new.html", 409, party=party, event=party.event, sentence=web.words(refused))
    return web.see_other(url_for("registration.not_me.new", token=token))
