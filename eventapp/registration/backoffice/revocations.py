"""A seat is taken back from a party, for a typed reason; in a deficit the party goes to the head of the line."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries, rules
from eventapp.registration.backoffice import found
from eventapp.registration.forms.organiser import ReasonForm, sentence

bp = Blueprint("revocations", __name__)


@bp.get("/registrations/<public_id>/revocation")
@access("registration.edit")
def new(slug: str, public_id: str) -> Answer:
    """What will happen: the end of the registration, or, where a limit was lowered, the first place in line."""
    return _asked(slug, public_id, ReasonForm(), 200)


@bp.post("/registrations/<public_id>/revocation")
@access("registration.edit")
def create(slug: str, public_id: str) -> Answer:
    """Take the seat back; the holder reads the reason."""
    form: Any = ReasonForm()
    if not form.validate():
        return _asked(slug, public_id, form, 422)
    try:
        with web.database().writing() as session:
            event = found.event(session, slug, "registration.edit")
            registration = found.registration(session, event.id, public_id)
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.revoke(
                    session, event_id=event.id, registration_id=registration.id, reason=form.reason.data, actor=web.actor(), now=web.now()
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
    flash(_("The seat was taken back, and its holder has been told why."), "good")
    return see_other(location)


def _asked(slug: str, public_id: str, form: Any, status: int) -> Answer:
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        registration = found.registration(session, event.id, public_id)
        house = queries.house(session, event)
    if registration.state not in rules.SEATED and status == 200:
        return see_other(url_for("registration.backoffice.show", slug=slug, public_id=public_id))
    own = house.charged.get(registration.ticket_type_id, ())
    deficit = rules.in_deficit(house.quotas[quota_id] for quota_id in own)
    return page("registration/backoffice/revocations/new.html", status, event=event, registration=registration, form=form, deficit=deficit)
