"""A party changes its size, adds persons, or takes another ticket type. Each is a button on its page: following a link never acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, url_for

from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.people.rules import link_holder
from eventapp.registration import actions, queries
from eventapp.registration.forms.changes import ChangeForm, KindForm, MoreForm, SizeForm
from eventapp.registration.pages import found, shown

bp = Blueprint("changes", __name__)


@bp.post("/registrations/<token>/size")
@web.access("link")
def resize(token: str) -> web.Answer:
    """Another number of persons, for a party that waits. Sent twice, it changes nothing more."""
    form = SizeForm()
    return _changed(token, form, actions.resize, lambda: {"size": form.size.data, "keys": web.keys()})


@bp.post("/registrations/<token>/additions")
@web.access("link")
def enlarge(token: str) -> web.Answer:
    """Persons beside those who have seats. Sent twice, it adds them once."""
    form = MoreForm()
    return _changed(token, form, actions.enlarge, lambda: {"by": form.by.data, "keys": web.keys()})


@bp.post("/registrations/<token>/ticket-type")
@web.access("link")
def change_type(token: str) -> web.Answer:
    """Another ticket type. Sent twice, it changes nothing more."""
    form = KindForm()
    return _changed(token, form, actions.change_type, lambda: {"ticket_type_id": form.ticket_type.data})


def _changed(token: str, form: ChangeForm, act: Callable[..., Any], asked: Callable[[], dict[str, Any]]) -> web.Answer:
    """Do it once under its key and show where the party stands; a no, or a page that is out of date, shows that as well."""
    party = found.party(token)
    if isinstance(form, KindForm):
        with web.database().reading() as session:
            form.offer([(kind.id, web.pick(kind.name)) for kind in queries.ticket_types(session, party.event.id)])
    if not form.validate():
        return shown.registration(token, 422, sent=form)
    try:
        with web.database().writing() as session:
            registration = found.identified(session, token)
            holder = link_holder(registration.public_id)
            if journal.claim(session, form=form, actor=holder.label, now=web.now()) is None:
                act(
                    session,
                    event_id=registration.event_id,
                    registration_id=registration.id,
                    version=form.version.data,
                    by_organiser=False,
                    actor=holder,
                    now=web.now(),
                    **asked(),
                )
                journal.led_to(session, form=form, actor=holder.label, location=url_for("registration.show", token=token))
    except Refused as refused:
        # The no has undone what the clock had brought as well: it is brought again, so that the page shows how things stand.
        with web.database().writing() as session:
            actions.tend(session, event_id=party.event.id, now=web.now())
        form.renew_key()
        if refused.facts.get("status") != 422:
            return shown.registration(token, 409, web.words(refused))
        form.say_at_its_field(web.words(refused))
        return shown.registration(token, 422, sent=form)
    return web.see_other(url_for("registration.show", token=token))
