"""People of a party enrol in sessions of the programme, give places back, choose between two. Each is a button: a link never acts."""

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
from eventapp.registration.forms.enrolments import EnrolmentForm, PlaceForm, SwapForm
from eventapp.registration.pages import found, shown

bp = Blueprint("enrolments", __name__)

Act = Callable[..., Any]


@bp.post("/registrations/<token>/enrolments")
@web.access("link")
def create(token: str) -> web.Answer:
    """Enrol one person, or put them in the line of the session. Sent twice, it changes nothing more."""
    form = EnrolmentForm()
    more = {"position": form.position.data, "slot_public_id": form.slot.data or "", "swap": bool(form.swap.data)}
    return _answered(token, form, actions.enrol, more)


@bp.post("/registrations/<token>/enrolments/<public_id>/cancellation")
@web.access("link")
def cancel(token: str, public_id: str) -> web.Answer:
    """Give a place in a session back, or leave its line. Sent twice, it changes nothing more."""
    return _answered(token, PlaceForm(), actions.leave_session, {"public_id": public_id})


@bp.post("/registrations/<token>/enrolments/<public_id>/acceptance")
@web.access("link")
def accept(token: str, public_id: str) -> web.Answer:
    """Take the place that is offered, for the one at the same time. Sent twice, it changes nothing more."""
    return _answered(token, PlaceForm(), actions.accept_swap, {"public_id": public_id})


@bp.post("/registrations/<token>/enrolments/<public_id>/refusal")
@web.access("link")
def decline(token: str, public_id: str) -> web.Answer:
    """Keep the place at the same time. Sent twice, it changes nothing more."""
    return _answered(token, PlaceForm(), actions.decline_swap, {"public_id": public_id})


@bp.post("/registrations/<token>/enrolments/<public_id>/wishes")
@web.access("link")
def wish(token: str, public_id: str) -> web.Answer:
    """Whether to be swapped without being asked. The place in line stays."""
    form = SwapForm()
    return _answered(token, form, actions.set_swap, {"public_id": public_id, "swap": bool(form.swap.data)})


def _answered(token: str, form: PlaceForm, act: Act, more: dict[str, Any]) -> web.Answer:
    """Do it and show where the party stands; a no shows that as well, with a sentence."""
    part = form.part.data or ""
    event = found.party(token, part).event
    if not form.validate():
        return shown.registration(token, 422, _("Your answer could not be read, and nothing has changed. Here is how things stand."))
    try:
        with web.database().writing() as session:
            _act(session, token, part, act, more)
    except Refused as refused:
        # The no has undone what the clock had brought as well: it is brought again, so that the page shows how things stand.
        with web.database().writing() as session:
            actions.tend(session, event_id=event.id, now=web.now())
        return shown.registration(token, 409, web.words(refused))
    return web.see_other(url_for("registration.show", token=token, _anchor="sessions"))


def _act(session: Session, token: str, part: str, act: Act, more: dict[str, Any]) -> None:
    registration = found.identified(session, token, part)
    act(
        session,
        event_id=registration.event_id,
        registration_id=registration.id,
        actor=link_holder(registration.public_id),
        now=web.now(),
        **more,
    )
