"""One event: what, when, where, and whether one can still come."""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from eventapp.events import queries as events
from eventapp.events import rules as event_rules
from eventapp.lib import web
from eventapp.lib.markup import printed
from eventapp.partners import queries as partners
from eventapp.programme import queries as programme
from eventapp.registration import queries as registration
from eventapp.site import exports, rules
from eventapp.site.pages import answers

bp = Blueprint("events", __name__)


@bp.get("/events/<slug>")
@web.access("public")
def show(slug: str) -> Response:
    """The page of an event: before, on the day and after. The number of statements does not depend on what there is to show."""
    now = web.now()
    with web.database().reading() as session:
        event = events.published_event(session, slug)
        if event is None:
            web.not_found()
        known = registration.availability(session, event, now)
        kinds = registration.ticket_types(session, event.id)
        agenda = programme.programme(session, event.id)
        bodies = partners.partnerships(session, event)
    invitation = rules.invitation(event, [known[kind.id] for kind in kinds if kind.public and kind.id in known], now)
    url = web.absolute(url_for("site.events.show", slug=event.slug))
    in_stock = None if invitation.call == rules.Call.NONE else invitation.call in {rules.Call.REGISTER, rules.Call.LAST_SEATS}
    return answers.public(
        "site/events/show.html",
        event=event,
        invitation=invitation,
        over=event_rules.is_over(event, now),
        figures=rules.figures(event.counts),
        description=printed(web.pick(event.description_html)),
        schedule=agenda.schedule,
        speakers=agenda.speakers,
        bodies=bodies,
        summary=answers.summed_up(web.pick(event.summary)),
        schema=exports.schema_event(event, language=web.language(), url=url, open_seats=in_stock),
    )


@bp.get("/events/<slug>.ics")
@web.access("public")
def feed(slug: str) -> Response:
    """The date of the event."""
    with web.database().reading() as session:
        event = events.published_event(session, slug)
        if event is None:
            web.not_found()
    return answers.calendar([event], name=web.pick(event.title), slug=event.slug)
