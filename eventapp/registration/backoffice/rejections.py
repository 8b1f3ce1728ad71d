"""An application is turned down, in a sentence that stands written and may be changed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions
from eventapp.registration.backoffice import found
from eventapp.registration.forms.approvals import NO, RejectionForm
from eventapp.registration.forms.organiser import sentence
from eventapp.registration.rules import State

bp = Blueprint("rejections", __name__)


@bp.get("/registrations/<public_id>/rejection")
@access("registration.edit")
def new(slug: str, public_id: str) -> Answer:
    """The sentence, in the language of who will read it, and the button."""
    return _asked(slug, public_id, None, 200)


@bp.post("/registrations/<public_id>/rejection")
@access("registration.edit")
def create(slug: str, public_id: str) -> Answer:
    """Turn it down; the person reads why."""
    form: Any = RejectionForm()
    if not form.validate():
        return _asked(slug, public_id, form, 422)
    try:
        with web.database().writing() as session:
            event = found.event(session, slug, "registration.edit")
            registration = found.registration(session, event.id, public_id)
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.reject(
                    session, event_id=event.id, registration_id=registration.id, reason=form.reason.data, actor=web.actor(), now=web.now()
                )
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for("registration.backoffice.approvals.index", slug=slug)
                )
    except Refused as refused:
        if refused.code == "command.key_reused":
            form.say_reused(sentence(refused))
        else:
            form.form_errors.append(web.words(refused))
        return _asked(slug, public_id, form, 422)
    flash(_("The application was turned down, and the person has been told why."), "good")
    return see_other(location)


def _asked(slug: str, public_id: str, form: Any, status: int) -> Answer:
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        registration = found.registration(session, event.id, public_id)
    if registration.state != State.PENDING_APPROVAL and status == 200:
        return see_other(url_for("registration.backoffice.show", slug=slug, public_id=public_id))
    if form is None:
        form = RejectionForm(formdata=None, data={"reason": NO[registration.language]})
    return page("registration/backoffice/rejections/new.html", status, event=event, registration=registration, form=form)
