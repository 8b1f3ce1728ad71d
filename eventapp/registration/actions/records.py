"""Parties that had their seats long ago or elsewhere, written down many at once: what an import and the demo need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys
from eventapp.lib.text import canonical_email
from eventapp.people.rules import Actor
from eventapp.registration import queries
from eventapp.registration.actions import seats
from eventapp.registration.actions.newcomers import Request, _code, _new_registration, _search
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Attendee, Ticket
from eventapp.registration.rules import State


def record(
    session: Session, *, event_id: int, ticket_type_id: int, requests: Sequence[Request], keys: Keys, actor: Actor, now: datetime
) -> int:
    """Seat single persons in the order given, as one command and with one journal entry; nobody is written to. Gives their number.

    Counts through the same function as `register`, and never beyond a limit. Fast because what `register` asks for each party,
    whether it may ask, who waits, which place it has, is asked once: somebody waiting, or too little room, is refused as a whole.
    Raises Refused: registration.type_unknown, registration.full, registration.exists (an address that is registered here).
    """
    event = settled_event(session, event_id=event_id, now=now)
    kind = queries.ticket_type(session, event.id, ticket_type_id)
    if kind is None:
        raise Refused("registration.type_unknown", status=422)
    quota_ids = queries.charges(session, event.id)[kind.id]
    room = min(quota.limit - quota.used for quota in queries.quotas(session, event.id) if quota.id in quota_ids)
    if room < len(requests) or queries.line(session, event.id):
        raise Refused("registration.full")
    addresses = [canonical_email(request.email) for request in requests]
    if len(set(addresses)) < len(addresses) or queries.live_addresses(session, event.id, addresses):
        raise Refused("registration.exists")
    rows, calendar = [], queries.calendar(event)
    for request, address in zip(requests, addresses, strict=True):
        rows.append(_new_registration(event, seq=event.next_seq, request=request, canonical=address, calendar=calendar, keys=keys, now=now))
        event.next_seq += 1
    for row in rows:
        seats.change_state(session, event=event, registration=row, quota_ids=quota_ids, state=State.CONFIRMED, cause="recorded", now=now)
    attendees = [
        Attendee(
            event_id=event.id,
            registration_id=row.id,
            position=1,
            first_name=request.first_name,
            last_name=request.last_name,
            organisation=request.organisation,
            search=_search(request.first_name, request.last_name, request.organisation),
        )
        for row, request in zip(rows, requests, strict=True)
    ]
    session.add_all(attendees)
    session.flush()  # tickets point at attendees
    drawn = [_code(keys) for _ in attendees]
    while queries.human_is_taken(session, event.id, [code["human_sha256"] for code in drawn]):
        drawn = [_code(keys) for _ in attendees]
    session.add_all(
        Ticket(event_id=event.id, attendee_id=attendee.id, issued_at=now, **code) for attendee, code in zip(attendees, drawn, strict=True)
    )
    facts = {"parties": len(rows), "ticket_type": kind.slug}
    subject = f"event:{event.public_id}"
    journal.note(session, chain=f"event:{event.id}", actor=actor.label, verb="record", subject=subject, facts=facts, now=now)
    return len(rows)
