"""An event will take place at another time: everyone keeps their place, and reads why."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from eventapp.events.rules import EventState
from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries
from eventapp.registration.backoffice import found
from eventapp.registration.forms.organiser import ReasonForm, sentence

bp = Blueprint("postponements", __name__)


@bp.get("/postponement")
@access("event.publish")
def new(slug: str) -> Answer:
    """What will happen, to how many people."""
    return _asked(slug, ReasonForm(), 200)


@bp.post("/postponement")
@access("event.publish")
def create(slug: str) -> Answer:
    """Do it, and leave a mail for everyone registered."""
    form: Any = ReasonForm()
    if not form.validate():
        return _asked(slug, form, 422)
    try:
        with web.database().writing() as session:
            event = found.event(session, slug, "event.publish")
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.postpone(session, event_id=event.id, reason=form.reason.data, actor=web.actor(), now=web.now())
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for("registration.backoffice.publication.show", slug=slug)
                )
    except Refused as refused:
        words = sentence(refused)
        if words is None:
            raise
        if refused.code == "command.key_reused":
            form.say_reused(words)
        else:
            form.form_errors.append(words)
        return _asked(slug, form, 422)
    flash(_("Postponed. Everyone registered keeps their place and is being told."), "good")
    return see_other(location)


def _asked(slug: str, form: Any, status: int) -> Answer:
    with web.database().reading() as session:
        event = found.event(session, slug, "event.publish")
        counts = queries.counts(session, [event.id])[event.id]
    can = event.state in {EventState.PUBLISHED, EventState.POSTPONED}
    if not can and status == 200:
        return see_other(url_for("registration.backoffice.publication.show", slug=slug))
    return page("registration/backoffice/postponements/new.html", status, event=event, counts=counts, form=form)
