"""Who has a place in a session of the programme, and who waits for one."""

from __future__ import annotations

from flask import Blueprint

from eventapp.lib import web
from eventapp.lib.web import Answer, access, page
from eventapp.registration import queries
from eventapp.registration.backoffice import found
from eventapp.registration.queries import MOST_ENROLLED

bp = Blueprint("enrolments", __name__)


@bp.get("/enrolments/<public_id>")
@access("registration.read")
def show(slug: str, public_id: str) -> Answer:
    """The people of a session: those with places, those who choose between two, those who wait, in the order of its line."""
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.read")
        slot = queries.slot_by_public_id(session, event.id, public_id) or web.not_found()
        people = queries.enrolled_people(session, slot.id)
        waiting = queries.queue_lengths(session, event.id).get(slot.id, 0)
    return page("registration/backoffice/enrolments/show.html", event=event, slot=slot, people=people, waiting=waiting, most=MOST_ENROLLED)
