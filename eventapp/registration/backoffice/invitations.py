"""Who is invited: a list sent as a whole or not at all, what became of each, and more time for those who have not answered."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _

from eventapp.events.models import Event
from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.text import canonical_email
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries
from eventapp.registration.backoffice import found
from eventapp.registration.forms.invitations import Guest, InvitationsForm, LongerForm, read
from eventapp.registration.forms.organiser import sentence

bp = Blueprint("invitations", __name__)

PAGE = 50


class NotSent(Exception):
    """Some lines cannot be invited, each with its sentence: nothing is sent."""


@bp.get("/invitations")
@access("registration.edit")
def index(slug: str) -> Answer:
    """Everybody who was invited, the last first, and until when each may answer."""
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        rows = queries.registrations_page(
            session, event.id, source="invite", after_id=found.cursor(request.args.get("after")), limit=PAGE + 1
        )
    return page(
        "registration/backoffice/invitations/index.html",
        event=event,
        rows=rows[:PAGE],
        next_page=url_for(".index", slug=slug, after=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_page=url_for(".index", slug=slug) if request.args.get("after") else None,
    )


@bp.get("/invitations/new")
@access("registration.edit")
def new(slug: str) -> Answer:
    """The form for one guest or a list of them."""
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        form = _form(session, event)
    form.language.data = web.language()
    return page("registration/backoffice/invitations/new.html", event=event, form=form)


@bp.post("/invitations")
@access("registration.edit")
def create(slug: str) -> Answer:
    """Invite all of them; a line that cannot be is reported, and then nobody is, so that the list can be mended and sent again."""
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        form = _form(session, event)
    if not form.validate():
        return page("registration/backoffice/invitations/new.html", 422, event=event, form=form)
    guests, _wrong = read(form.guests.data, language=form.language.data)
    kinds: list[str] = []
    try:
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                kinds = _invited(session, event, form, guests)
                location = journal.led_to(session, form=form, actor=web.actor().label, location=url_for(".index", slug=slug))
    except NotSent as lines:
        form.guests.errors = list(lines.args)
        return page("registration/backoffice/invitations/new.html", 422, event=event, form=form)
    except Refused as refused:
        if refused.code != "command.key_reused":
            raise
        form.say_reused(sentence(refused))
        return page("registration/backoffice/invitations/new.html", 422, event=event, form=form)
    _say(kinds.count("created"), kinds.count("exists"))
    return see_other(location)


def _invited(session: Session, event: Event, form: Any, guests: list[Guest]) -> list[str]:
    """What became of each line.

    Raises NotSent: the sentences of those that are refused.
    """
    kinds, wrong = [], []
    for guest in guests:
        asked = actions.Invitation(
            key=f"{form.idempotency_key.data}:{canonical_email(guest.email)}",
            ticket_type_id=form.ticket_type.data,
            first_name=guest.first_name,
            last_name=guest.last_name,
            email=guest.email,
            language=guest.language,
            days=form.days.data,
        )
        try:
            outcome = actions.invite(session, event_id=event.id, invitation=asked, keys=web.keys(), actor=web.actor(), now=web.now())
        except Refused as refused:
            wrong.append(_("Line %(number)d: %(problem)s", number=guest.number, problem=web.words(refused)))
        else:
            kinds.append(outcome.kind)
    if wrong:
        raise NotSent(*wrong)
    return kinds


def _say(created: int, known: int) -> None:
    if created:
        flash(_("Invitations sent: %(number)d.", number=created), "good")
    if known:
        flash(_("Already registered or invited, and not written to again: %(number)d.", number=known), "wait")


@bp.post("/invitations/<public_id>")
@access("registration.edit")
def update(slug: str, public_id: str) -> Answer:
    """Two days more to answer. Sent twice from one page, it gives them once."""
    form = LongerForm()
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        row = found.registration(session, event.id, public_id)
    if not form.validate():
        return see_other(url_for(".index", slug=slug))
    try:
        with web.database().writing() as session:
            actions.extend(
                session,
                event_id=event.id,
                registration_id=row.id,
                version=form.version.data or 0,
                by_organiser=True,
                actor=web.actor(),
                now=web.now(),
            )
    except Refused as refused:
        flash(str(web.words(refused)), "bad")
        return see_other(url_for(".index", slug=slug))
    flash(_("Two days more: a mail says until when."), "good")
    return see_other(url_for(".index", slug=slug))


def _form(session: Session, event: Event) -> Any:
    form = InvitationsForm()
    form.offer([(kind.id, web.pick(kind.name)) for kind in queries.ticket_types(session, event.id)])
    return form
