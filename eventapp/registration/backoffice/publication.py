"""Is it ready, is it out: the checklist before publication, and what can be said afterwards."""

from __future__ import annotations

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from eventapp.events import rules as event_rules
from eventapp.events.models import Event
from eventapp.events.rules import EventState
from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.fields import keyed_button
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries
from eventapp.registration.backoffice import found
from eventapp.registration.forms.organiser import sentence

bp = Blueprint("publication", __name__)


@bp.get("/publication")
@access("event.read")
def show(slug: str) -> Answer:
    """What is missing, each with the page that mends it; or the one button."""
    return _shown(slug, 200, problem=None)


@bp.post("/publication")
@access("event.publish")
def create(slug: str) -> Answer:
    """Publish. Repeating changes nothing."""
    try:
        with web.database().writing() as session:
            event = found.event(session, slug, "event.publish")
            form = keyed_button()
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.publish(session, event_id=event.id, actor=web.actor(), now=web.now())
                location = journal.led_to(session, form=form, actor=web.actor().label, location=url_for(".show", slug=slug))
    except Refused as refused:
        words = sentence(refused)
        if words is None:
            raise
        return _shown(slug, 422, problem=words)
    flash(_("Published: the page is open to everyone."), "good")
    return see_other(location)


def _shown(slug: str, status: int, *, problem: str | None) -> Answer:
    with web.database().reading() as session:
        event = found.event(session, slug, "event.read")
        missing = queries.checklist(session, event, web.now())
        counts = queries.counts(session, [event.id])[event.id]
        kinds = queries.ticket_types(session, event.id)
    return page(
        "registration/backoffice/publication/show.html",
        status,
        event=event,
        missing=[(line, _where(line, event)) for line in missing],
        counts=counts,
        kinds=kinds,
        problem=problem,
        proposes_proof=_proposes_proof(event, counts.limit),
        is_over=event_rules.is_over(event, web.now()),
        can_publish=event.state in {EventState.DRAFT, EventState.POSTPONED},
        can_stop=event.state in {EventState.PUBLISHED, EventState.POSTPONED},
        may_publish=found.may("event.publish", event.organiser_id),
    )


def _proposes_proof(event: Event, seats: int) -> bool:
    """Whether more people are expected than seats, and addresses are not asked to be proved."""
    return (event.expected or 0) > seats and not queries.calendar(event).settings.verify_address


def _where(line: event_rules.Missing, event: Event) -> str:
    """The page that mends a line of the checklist; those that belong to no event are told which one to come back to."""
    if line.where == "organiser":
        return url_for("people.backoffice.organiser.edit", organiser=event.organiser.slug, event=event.slug)
    if line.where == "space" and event.space_id is not None:
        return url_for("events.backoffice.spaces.edit", space_id=event.space_id, event=event.slug)
    if line.where in {"quotas", "ticket_types"}:
        return url_for("registration.backoffice.quotas.index", slug=event.slug)
    return url_for("events.backoffice.edit", slug=event.slug)
