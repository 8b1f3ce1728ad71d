"""The link of a registration, mailed again."""

from __future__ import annotations

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from eventapp.lib import web
from eventapp.lib.web import Answer, access, see_other
from eventapp.registration import actions
from eventapp.registration.backoffice import found

bp = Blueprint("links", __name__)


@bp.post("/registrations/<public_id>/links")
@access("registration.edit")
def create(slug: str, public_id: str) -> Answer:
    """Mail the holder their link; nothing else changes."""
    with web.database().writing() as session:
        event = found.event(session, slug, "registration.edit")
        registration = found.registration(session, event.id, public_id)
        address = registration.email
        actions.send_link(session, registration=registration, event=event, now=web.now())
    if address:
        flash(_("The link is on its way to %(address)s.", address=address), "good")
    else:
        flash(_("This registration has no address: nothing can be sent."), "bad")
    return see_other(url_for("registration.backoffice.show", slug=slug, public_id=public_id))
