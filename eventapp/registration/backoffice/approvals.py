"""Who has asked for a place: found, approved one by one or many at once, in the order in which they came."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _

from eventapp.events.models import Event
from eventapp.journal import actions as journal
from eventapp.lib import text, web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries
from eventapp.registration.backoffice import found
from eventapp.registration.forms.approvals import ApprovalForm
from eventapp.registration.forms.organiser import sentence
from eventapp.registration.rules import MOST_APPROVED

bp = Blueprint("approvals", __name__)

PAGE = 50
MAX_SEARCH = 120


@bp.get("/approvals")
@access("registration.edit")
def index(slug: str) -> Answer:
    """Everybody who awaits a decision, the first to come first."""
    return _shown(slug, ApprovalForm(formdata=None), 200)


def _shown(slug: str, form: Any, status: int) -> Answer:
    search = request.args.get("q", "")[:MAX_SEARCH].strip()
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        rows = queries.applications(
            session, event.id, words=text.words(search), after_id=found.cursor(request.args.get("after")), limit=PAGE + 1
        )
        parties, persons = queries.applied(session, event.id)
        known = queries.availability(session, event, web.now())
        kinds = [(kind, known[kind.id]) for kind in queries.ticket_types(session, event.id) if kind.approval and kind.id in known]
    more = len(rows) > PAGE
    return page(
        "registration/backoffice/approvals/index.html",
        status,
        event=event,
        form=form,
        rows=rows[:PAGE],
        parties=parties,
        persons=persons,
        kinds=kinds,
        search=search,
        most=MOST_APPROVED,
        next_page=url_for(".index", slug=slug, q=search or None, after=rows[PAGE - 1].id) if more else None,
        first_page=url_for(".index", slug=slug, q=search or None) if request.args.get("after") else None,
    )


@bp.post("/approvals")
@access("registration.edit")
def create(slug: str) -> Answer:
    """Approve those who are ticked, or the first so many. Sent twice, it approves once."""
    form: Any = ApprovalForm()
    if not form.validate():
        return _shown(slug, form, 422)
    try:
        with web.database().writing() as session:
            event = found.event(session, slug, "registration.edit")
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                done = actions.approve(
                    session, event_id=event.id, registration_ids=_meant(session, event, form), actor=web.actor(), now=web.now()
                )
                _say(done)
                location = journal.led_to(session, form=form, actor=web.actor().label, location=_back(slug, form))
    except Refused as refused:
        if refused.code != "command.key_reused":
            raise
        form.say_reused(sentence(refused))
        return _shown(slug, form, 422)
    return see_other(location)


def _meant(session: Session, event: Event, form: Any) -> list[int]:
    if form.do.data == "first":
        return [row.id for row in queries.applications(session, event.id, limit=form.first.data)]
    return queries.ids_of(session, event.id, form.applications.data[:MOST_APPROVED])


def _back(slug: str, form: Any) -> str:
    if form.do.data == "one":
        return url_for("registration.backoffice.show", slug=slug, public_id=form.applications.data[0])
    return url_for(".index", slug=slug)


def _say(done: actions.Approvals) -> None:
    if done.seated:
        flash(_("Approved, with a seat: %(number)d.", number=len(done.seated)), "good")
    if done.waiting:
        flash(_("Approved, and waiting for a seat: %(number)d.", number=len(done.waiting)), "wait")
    for code, number in sorted(Counter(code for _row, code in done.refused).items()):
        why = web.words(Refused(code))
        flash(_("Not approved: %(number)d. %(why)s", number=number, why=why), "bad")
