"""A party gives its places back, all of them or some: a page with a button, since following a link must never cost a seat."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.people.rules import link_holder
from eventapp.registration import actions, queries
from eventapp.registration.forms.attendee import CancellationForm
from eventapp.registration.pages import found

bp = Blueprint("cancellation", __name__)


def _form(party: found.Party, *, first_time: bool) -> CancellationForm:
    form = CancellationForm(formdata=None, data={"part": party.part}) if first_time else CancellationForm()
    here = [guest for guest in party.guests if not guest.arrived]
    form.offer([(guest.position, guest.name or _("Guest %(number)s", number=guest.position)) for guest in here])
    return form


def _shown(party: found.Party, form: CancellationForm, status: int = 200, sentence: str = "") -> Response:
    return web.page("registration/cancellation/new.html", status, party=party, event=party.event, form=form, sentence=sentence)


@bp.get("/registrations/<token>/cancellation")
@web.access("link")
def new(token: str) -> web.Answer:
    """What giving back means, and the button."""
    party = found.party(token, request.args.get("part", ""))
    if not party.live:
        return web.see_other(url_for("registration.show", token=token))
    return _shown(party, _form(party, first_time=True))


@bp.post("/registrations/<token>/cancellation")
@web.access("link")
def create(token: str) -> web.Answer:
    """Free the places for the next in line. Sent twice, it changes nothing more."""
    party = found.party(token, request.form.get("part", ""))
    if not party.live:
        return web.see_other(url_for("registration.show", token=token))
    form = _form(party, first_time=False)
    if not form.validate():
        return _shown(party, form, 422)
    try:
        with web.database().writing() as session:
            registration = found.identified(session, token, party.part)
            pairs = queries.attendees_of(session, [registration.id])[registration.id]
            leaving = [attendee.id for attendee, _ticket in pairs if attendee.position in (form.attendees.data or ())]
            actions.give_back(
                session,
                event_id=registration.event_id,
                registration_id=registration.id,
                attendee_ids=leaving,
                by_organiser=False,
                actor=link_holder(registration.public_id),
                now=web.now(),
            )
    except Refused as refused:
        return _shown(party, form, 409, web.words(refused))
    return web.see_other(url_for("registration.show", token=token))
