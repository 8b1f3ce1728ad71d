"""A party answers an offer, asks for more time, or says how it wishes to be seated. Each is a button: following a link never acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext as _

from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import link_holder
from eventapp.registration import actions
from eventapp.registration.forms.attendee import AnswerForm, InvitedForm, WishForm
from eventapp.registration.models import Registration
from eventapp.registration.pages import found, shown
from eventapp.registration.rules import State

bp = Blueprint("offers", __name__)


class Stale(Exception):
    """The page that this was sent from shows something else than what is offered now."""


@bp.post("/registrations/<token>/acceptance")
@web.access("link")
def accept(token: str) -> web.Answer:
    """Take the seat that was offered; of an invitation, under the name that was typed. Sent twice, it changes nothing more."""
    invited = found.party(token).invited
    form = InvitedForm() if invited else AnswerForm()
    if invited and not form.validate():
        return shown.registration(token, 422, named=form)

    def act(session: Session, registration: Registration, command: dict[str, Any]) -> None:
        _check_page(registration, form)
        if isinstance(form, InvitedForm):
            actions.accept_invitation(session, first_name=form.first_name.data or "", last_name=form.last_name.data or "", **command)
        else:
            actions.accept(session, **command)

    return answered(token, form, act)


@bp.post("/registrations/<token>/refusal")
@web.access("link")
def decline(token: str) -> web.Answer:
    """Leave the seat to the next in line. Sent twice, it changes nothing more."""
    form = AnswerForm()

    def act(session: Session, registration: Registration, command: dict[str, Any]) -> None:
        _check_page(registration, form)
        actions.decline(session, **command)

    return answered(token, form, act)


@bp.post("/registrations/<token>/extension")
@web.access("link")
def extend(token: str) -> web.Answer:
    """Two hours more for an offer, thirty minutes for a held seat, once. Sent twice from one page, it gives them once."""
    form = AnswerForm()

    def act(session: Session, _registration: Registration, command: dict[str, Any]) -> None:
        actions.extend(session, version=form.version.data or 0, by_organiser=False, **command)

    return answered(token, form, act)


@bp.post("/registrations/<token>/wishes")
@web.access("link")
def wish(token: str) -> web.Answer:
    """How to be seated when one's turn comes. The place in line stays."""
    form = WishForm()

    def act(session: Session, registration: Registration, command: dict[str, Any]) -> None:
        # The one-button form says nothing of parts: it leaves that as it is.
        partial = bool(form.accept_partial.data) if form.whole.data else registration.accept_partial
        actions.wish(session, auto_until=form.auto_until.data, accept_partial=partial, **command)

    return answered(token, form, act)


def _check_page(registration: Registration, form: AnswerForm) -> None:
    """Raises Stale: what is offered now is not what the page showed. An answer that was given already is left to the action."""
    if registration.state == State.OFFERED and registration.version != form.version.data:
        raise Stale


def answered(token: str, form: AnswerForm, act: Callable[[Session, Registration, dict[str, Any]], None]) -> web.Answer:
    """Do it and show where the party stands; a no, or a page that is out of date, shows that as well, with a sentence."""
    part = form.part.data or ""
    party = found.party(token, part)
    if not form.validate():
        return shown.registration(token, 422, _("Your answer could not be read, and nothing has changed. Here is how things stand."))
    try:
        with web.database().writing() as session:
            registration = found.identified(session, token, part)
            command = {
                "event_id": registration.event_id,
                "registration_id": registration.id,
                "actor": link_holder(registration.public_id),
                "now": web.now(),
            }
            act(session, registration, command)
    except Stale:
        return shown.registration(token, 409, _("Your page was no longer up to date, and nothing has changed. Here is how things stand."))
    except Refused as refused:
        # The no has undone what the clock had brought as well: it is brought again, so that the page shows how things stand.
        with web.database().writing() as session:
            actions.tend(session, event_id=party.event.id, now=web.now())
        return shown.registration(token, 409, web.words(refused))
    return web.see_other(url_for("registration.show", token=token))
