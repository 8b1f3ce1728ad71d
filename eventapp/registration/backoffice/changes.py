"""An organiser changes a party for its holder, who is told: its size, more persons, another ticket type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _

from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries
from eventapp.registration.backoffice import found
from eventapp.registration.forms.changes import ChangeForm, KindForm, MoreForm, PartySizeForm
from eventapp.registration.models import Registration
from eventapp.registration.rules import State

bp = Blueprint("changes", __name__)


@bp.get("/registrations/<public_id>/changes/new")
@access("registration.edit")
def new(slug: str, public_id: str) -> Answer:
    """What may be changed, each with its own button; whoever waits reads what a larger party costs."""
    return _asked(slug, public_id)


@bp.post("/registrations/<public_id>/size")
@access("registration.edit")
def resize(slug: str, public_id: str) -> Answer:
    """Another number of persons, for a party that waits. Sent twice, it changes nothing more."""
    form = PartySizeForm()
    return _changed(slug, public_id, form, actions.resize, lambda: {"size": form.size.data, "keys": web.keys()})


@bp.post("/registrations/<public_id>/additions")
@access("registration.edit")
def enlarge(slug: str, public_id: str) -> Answer:
    """Persons beside those who have seats. Sent twice, it adds them once."""
    form = MoreForm()
    return _changed(slug, public_id, form, actions.enlarge, lambda: {"by": form.by.data, "keys": web.keys()})


@bp.post("/registrations/<public_id>/ticket-type")
@access("registration.edit")
def change_type(slug: str, public_id: str) -> Answer:
    """Another ticket type, also one that is not public. Sent twice, it changes nothing more."""
    form = KindForm()
    return _changed(slug, public_id, form, actions.change_type, lambda: {"ticket_type_id": form.ticket_type.data})


def _changed(slug: str, public_id: str, form: ChangeForm, act: Callable[..., Registration], asked: Callable[[], dict[str, Any]]) -> Answer:
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        registration = found.registration(session, event.id, public_id)
        kinds = queries.ticket_types(session, event.id) if isinstance(form, KindForm) else []
    if isinstance(form, KindForm):
        form.offer([(kind.id, web.pick(kind.name)) for kind in kinds])
    if not form.validate():
        return _asked(slug, public_id, form)
    changed = None
    try:
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                changed = act(
                    session,
                    event_id=event.id,
                    registration_id=registration.id,
                    version=form.version.data,
                    by_organiser=True,
                    actor=web.actor(),
                    now=web.now(),
                    **asked(),
                )
                location = url_for("registration.backoffice.show", slug=slug, public_id=public_id)
                location = journal.led_to(session, form=form, actor=web.actor().label, location=location)
    except Refused as refused:
        # The no has undone what the clock had brought as well: it is brought again, so that the page shows how things stand.
        with web.database().writing() as session:
            actions.tend(session, event_id=event.id, now=web.now())
        form.renew_key()
        form.say_at_its_field(web.words(refused))
        return _asked(slug, public_id, form, 422 if refused.facts.get("status") == 422 else 409)
    if changed is not None:
        _say(changed)
    return see_other(location)


def _say(changed: Registration) -> None:
    if changed.state == State.WAITLISTED:
        flash(_("Changed. The party is on the waiting list, and has been told its place."), "wait")
    else:
        flash(_("Changed. The party has its seats, and has been told."), "good")


def _asked(slug: str, public_id: str, sent: ChangeForm | None = None, status: int = 422) -> Answer:
    """The forms, with what was typed in the one that was sent."""
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        registration = found.registration(session, event.id, public_id)
        most = queries.changeable(session, event, registration, by_organiser=True, now=web.now())
        place = queries.place(session, registration)
    if request.method == "GET" and not most.anything:
        return see_other(url_for("registration.backoffice.show", slug=slug, public_id=public_id))
    known = {"version": registration.version, "size": registration.size, "by": 1}
    forms: list[ChangeForm] = [kind(formdata=None, data=known) for kind in (PartySizeForm, MoreForm, KindForm)]
    if sent is not None:
        sent.version.data = registration.version
        forms = [sent if type(form) is type(sent) else form for form in forms]
    size, more, kinds = forms
    if isinstance(kinds, KindForm):
        kinds.offer([(other.kind.id, web.pick(other.kind.name)) for other in most.others])
    return page(
        "registration/backoffice/changes/new.html",
        status if sent is not None else 200,
        event=event,
        registration=registration,
        most=most,
        place=place,
        sent=sent,
        size=size if most.largest else None,
        more=more if most.more else None,
        kinds=kinds if most.others else None,
    )
