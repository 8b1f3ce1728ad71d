"""The link of a registration, mailed again."""

from __future__ import annotations

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from eventapp.events.queries import locked_event
from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.fields import keyed_button
from eventapp.lib.web import Answer, access, see_other
from eventapp.registration import actions
from eventapp.registration.backoffice import found

bp = Blueprint("links", __name__)


@bp.post("/registrations/<public_id>/links")
@access("registration.edit")
def create(slug: str, public_id: str) -> Answer:
    """Mail the holder their link; nothing else changes, but that it is noted."""
    with web.database().writing() as session:
        event = found.event(session, slug, "registration.edit")
        registration = found.registration(session, event.id, public_id)
        form = keyed_button()
        address = registration.email
        location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
        if location is None:
            locked_event(session, event.id)
            actions.send_link(session, registration=registration, event=event, now=web.now())
            subject, chain = f"registration:{public_id}", f"event:{event.id}"
            journal.note(session, chain=chain, actor=web.actor().label, verb="send_link", subject=subject, now=web.now())
            location = journal.led_to(
                session,
                form=form,
                actor=web.actor().label,
                location=url_for("registration.backoffice.show", slug=slug, public_id=public_id),
            )
    if address:
        flash(_("The link is on its way to %(address)s.", address=address), "good")
    else:
        flash(_("This registration has no address: nothing can be sent."), "bad")
    return see_other(location)
