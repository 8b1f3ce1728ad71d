"""An organiser gives back the seats of a party, or of some of its people, and says why."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _

from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries
from eventapp.registration.backoffice import found
from eventapp.registration.forms.organiser import ReasonForm, sentence
from eventapp.registration.rules import SEATED, TERMINAL

bp = Blueprint("cancellations", __name__)


@bp.get("/registrations/<public_id>/cancellation")
@access("registration.edit")
def new(slug: str, public_id: str) -> Answer:
    """What will happen, to how many people, before anything does."""
    return _asked(slug, public_id, ReasonForm(), 200)


@bp.post("/registrations/<public_id>/cancellation")
@access("registration.edit")
def create(slug: str, public_id: str) -> Answer:
    """End the registration; its seats go to the next in line at once. Repeating changes nothing."""
    form: Any = ReasonForm()
    if not form.validate():
        return _asked(slug, public_id, form, 422)
    try:
        with web.database().writing() as session:
            event = found.event(session, slug, "registration.edit")
            registration = found.registration(session, event.id, public_id)
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.give_back(
                    session,
                    event_id=event.id,
                    registration_id=registration.id,
                    reason=form.reason.data,
                    by_organiser=True,
                    actor=web.actor(),
                    now=web.now(),
                )
                location = journal.led_to(
                    session,
                    form=form,
                    actor=web.actor().label,
                    location=url_for("registration.backoffice.show", slug=slug, public_id=public_id),
                )
    except Refused as refused:
        words = sentence(refused)
        if words is None:
            raise
        if refused.code == "command.key_reused":
            form.say_reused(words)
        else:
            form.form_errors.append(words)
        return _asked(slug, public_id, form, 422)
    flash(_("Cancelled. The holder has been told, and the seats have gone to the next in line."), "good")
    return see_other(location)


def _asked(slug: str, public_id: str, form: Any, status: int) -> Answer:
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        registration = found.registration(session, event.id, public_id)
        waiting = queries.counts(session, [event.id])[event.id].waiting_parties
    if registration.state in TERMINAL and request.method == "GET":
        return see_other(url_for("registration.backoffice.show", slug=slug, public_id=public_id))
    return page(
        "registration/backoffice/cancellations/new.html",
        status,
        event=event,
        registration=registration,
        form=form,
        waiting=waiting,
        is_seated=registration.state in SEATED,
    )
