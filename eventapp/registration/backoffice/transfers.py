"""An organiser passes a place on to another person, as its holder could have done."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from eventapp.events.models import Event
from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries, rules
from eventapp.registration.backoffice import found
from eventapp.registration.forms.attendee import person
from eventapp.registration.forms.organiser import sentence
from eventapp.registration.forms.transfers import TransferForm
from eventapp.registration.models import Registration

bp = Blueprint("transfers", __name__)


@bp.get("/registrations/<public_id>/transfer")
@access("registration.edit")
def new(slug: str, public_id: str) -> Answer:
    """Who comes instead, and what will happen."""
    with web.database().reading() as session:
        event, registration = _party(session, slug, public_id)
        form = _offered(session, TransferForm(formdata=None), registration)
    return _asked(event, registration, form)


@bp.post("/registrations/<public_id>/transfer")
@access("registration.edit")
def create(slug: str, public_id: str) -> Answer:
    """Pass the place on. Sent twice, it changes nothing more."""
    form: Any = TransferForm()
    back = see_other(url_for("registration.backoffice.show", slug=slug, public_id=public_id))
    with web.database().reading() as session:
        event, registration = _party(session, slug, public_id)
        _offered(session, form, registration)
        wanted = _wanted(form, public_id)
        if _was_done(session, event, wanted):
            return back
    if not form.validate():
        return _asked(event, registration, form, 422)
    try:
        with web.database().writing() as session:
            actions.transfer(session, event_id=event.id, transfer=wanted, keys=web.keys(), actor=web.actor(), now=web.now())
    except Refused as refused:
        words = sentence(refused)
        if words is None:
            raise
        if refused.code == "transfer.recipient":
            form.email.errors = [words]
        else:
            form.form_errors.append(words)
        form.renew_key()
        return _asked(event, registration, form, 422)
    flash(_("The place was passed on, and both people have been told."), "good")
    return back


def is_possible(event: Event, registration: Registration) -> bool:
    """Whether a place of this party may be passed on, so that a page does not offer what would be refused."""
    try:
        rules.check_transfer(
            registration.ticket_type,
            event_state=event.state,
            state=registration.state,
            doors_at=event.doors_at,
            by_organiser=True,
            now=web.now(),
        )
    except Refused:
        return False
    return True


def _was_done(session: Session, event: Event, wanted: actions.Transfer) -> bool:
    try:
        return actions.was_transferred(session, event_id=event.id, transfer=wanted)
    except Refused:  # the key was used for something else: said by the command itself, under its lock
        return False


def _party(session: Session, slug: str, public_id: str) -> tuple[Event, Registration]:
    event = found.event(session, slug, "registration.edit")
    return event, found.registration(session, event.id, public_id)


def _offered(session: Session, form: Any, registration: Registration) -> Any:
    pairs = queries.attendees_of(session, [registration.id])[registration.id]
    form.offer(
        [
            (
                f"{registration.public_id}.{one.position}",
                person(one.first_name, one.last_name) or _("Guest %(number)s", number=one.position),
            )
            for one, _ticket in pairs
            if one.arrived_at is None
        ]
    )
    return form


def _wanted(form: Any, public_id: str) -> actions.Transfer:
    _public_id, position = form.named_place
    return actions.Transfer(
        key=form.sent_key,
        public_id=public_id,
        position=position,
        first_name=form.first_name.data or "",
        last_name=form.last_name.data or "",
        email=form.email.data or "",
    )


def _asked(event: Event, registration: Registration, form: Any, status: int = 200) -> Answer:
    return page("registration/backoffice/transfers/new.html", status, event=event, registration=registration, form=form)
