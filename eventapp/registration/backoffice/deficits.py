"""A quota above its limit: what happens by itself, and whose seats could be taken back, several at once with one reason."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries
from eventapp.registration.backoffice import found
from eventapp.registration.forms.deficits import DeficitForm, VolunteersForm
from eventapp.registration.forms.organiser import sentence

bp = Blueprint("deficits", __name__)


@bp.get("/quotas/<int:quota_id>/deficit")
@access("registration.edit")
def show(slug: str, quota_id: int) -> Answer:
    """How many seats are above the limit, and the latest registrations that would make up for them: ticked already."""
    return _shown(slug, quota_id, None, 200)


@bp.post("/quotas/<int:quota_id>/deficit")
@access("registration.edit")
def create(slug: str, quota_id: int) -> Answer:
    """Take the seats of those who are ticked back; each holder reads the reason. Sent twice, it is done once."""
    form: Any = DeficitForm()
    if not form.validate():
        return _shown(slug, quota_id, form, 422)
    try:
        with web.database().writing() as session:
            event = found.event(session, slug, "registration.edit")
            quota = found.quota(session, event.id, quota_id)
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                ids = queries.ids_of(session, event.id, form.parties.data or [])
                done = actions.revoke_several(
                    session,
                    event_id=event.id,
                    quota_id=quota.id,
                    registration_ids=ids,
                    reason=form.reason.data,
                    actor=web.actor(),
                    now=web.now(),
                )
                _say(len(done))
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for(".show", slug=slug, quota_id=quota_id)
                )
    except Refused as refused:
        return _refused(slug, quota_id, form, refused)
    return see_other(location)


@bp.post("/quotas/<int:quota_id>/volunteers")
@access("registration.edit")
def ask(slug: str, quota_id: int) -> Answer:
    """Have everybody with a seat asked by a mail who could give theirs back. Sent twice, it is asked once."""
    form: Any = VolunteersForm()
    if not form.validate():
        return _shown(slug, quota_id, None, 422, asking=form)
    try:
        with web.database().writing() as session:
            event = found.event(session, slug, "registration.edit")
            quota = found.quota(session, event.id, quota_id)
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                words = form.words.data or ""
                actions.ask_for_volunteers(session, event_id=event.id, quota_id=quota.id, words=words, actor=web.actor(), now=web.now())
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for(".show", slug=slug, quota_id=quota_id)
                )
    except Refused as refused:
        return _refused(slug, quota_id, form, refused)
    flash(_("The question is on its way to everybody who has a seat here."), "good")
    return see_other(location)


def _refused(slug: str, quota_id: int, form: Any, refused: Refused) -> Answer:
    """The page again, with what was typed and why nothing was done."""
    words = sentence(refused)
    if words is None:
        raise refused
    if refused.code == "command.key_reused":
        form.say_reused(words)
    else:
        form.form_errors.append(words)
    if isinstance(form, VolunteersForm):
        return _shown(slug, quota_id, None, 422, asking=form)
    return _shown(slug, quota_id, form, 422)


def _say(number: int) -> None:
    flash(
        ngettext(
            "The seats of %(num)s registration were taken back, and its holder has been told why.",
            "The seats of %(num)s registrations were taken back, and their holders have been told why.",
            number,
        ),
        "good",
    )


def _shown(slug: str, quota_id: int, form: Any, status: int, *, asking: Any = None) -> Answer:
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        quota = found.quota(session, event.id, quota_id)
        deficit = queries.deficit(session, event.id, quota_id=quota.id, above=quota.used - quota.limit)
        told = queries.told_of(session, quota) if quota.volunteers_at else 0
    if form is None:
        form = DeficitForm(formdata=None, data={"parties": [party.public_id for party in deficit.parties]})
    return page(
        "registration/backoffice/deficits/show.html",
        status,
        event=event,
        quota=quota,
        deficit=deficit,
        form=form,
        told=told,
        asking=asking or VolunteersForm(formdata=None),
    )
