"""People found by those who may search."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from eventapp.api import auth
from eventapp.api.door.answers import ECHO, GUESSES, PHONE, ROLE, SEARCHED, DoorPeopleAnswer
from eventapp.api.door.envelope import answer, count_guesses, door, said
from eventapp.api.openapi import operation
from eventapp.api.problems import Problem
from eventapp.door import queries, rules
from eventapp.door.rules import Task, stamp
from eventapp.lib import text
from eventapp.lib.web import access, database
from eventapp.registration import queries as registrations
from eventapp.registration.models import Attendee, Registration, Ticket
from eventapp.registration.rules import human_digest
from eventapp.tickets import rules as tickets


@door.get("/people")
@access("device")
@operation(
    answers={200: DoorPeopleAnswer},
    parameters=(ECHO, SEARCHED),
    problems=PHONE | ROLE | GUESSES | {422: ("people.too_short",)},
)
def index_people() -> Response:
    """People by name, organisation, whole address or 8-character code: at most eight, for those who may search."""
    credential = auth.credential()
    query = request.args.get("q", "")[:200]
    words = text.words(query)
    if sum(len(word) for word in words) < rules.MIN_SEARCH:
        raise Problem(422, "people.too_short", f"q needs {rules.MIN_SEARCH} letters at least.")
    human = tickets.read(query).human
    with database().reading() as session:
        auth.require(auth.device(session, credential), Task.SEARCH)
    if human is not None:
        count_guesses(credential, 1)
    with database().reading() as session:
        device = auth.device(session, credential)
        address = text.canonical_email(query) if "@" in query else ""
        found = registrations.people_found(session, device.event_id, words, address=address, limit=rules.MAX_FOUND)
        if human is not None and (one := registrations.ticket_by_human(session, device.event_id, human_digest(human))):
            ticket, attendee, registration = one
            if ticket.replaced_at is None and attendee.left_at is None:
                found = [(attendee, ticket, registration), *found][: rules.MAX_FOUND]
        people = [_person(*row) for row in found]
    return answer({"people": people})


def _person(attendee: Attendee, ticket: Ticket, registration: Registration) -> dict[str, Any]:
    right = queries.right_of(ticket, attendee, registration)
    return {
        "ref": str(ticket.id),
        "name": right.name,
        "organisation": attendee.organisation,
        "type": said(registration.ticket_type.name),
        "state": right.state.value,
        "arrived_at": stamp(attendee.arrived_at) if attendee.arrived_at else None,
        "i": attendee.position,
        "n": registration.size,
        "hint": _hint(registration.email),
    }


def _hint(address: str) -> str:
    """Enough of an address to ask « which domain? », not enough to write to it."""
    mailbox, at, domain = address.rpartition("@")
    return f"{mailbox[:1]}…@{domain}" if at else ""
