"""An hour after the end of an event what still waits ends, and from then on no seat changes."""

from __future__ import annotations

from datetime import datetime

from eventapp.events.queries import locked_event
from eventapp.lib.db import Session
from eventapp.people.rules import WORKER
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, seats, sessions
from eventapp.registration.actions.parties import note
from eventapp.registration.models import Registration
from eventapp.registration.rules import State


def close(session: Session, *, event_id: int, now: datetime) -> int:
    """End what still waits for an event that is over, 500 at a time: each party is told once, unless the event ended days ago.

    Gives how many were ended. Safe at any time, any number of times. What is late is not done in order first, as every other command
    does: whoever was to be moved to the end of the line would be told so by one mail, and of the end by another.
    """
    event = locked_event(session, event_id)
    if not rules.is_closed(event, now):
        return 0
    ended, charged = queries.unanswered(session, event.id), queries.charges(session, event.id)
    for registration in ended:
        applied = registration.state == State.PENDING_APPROVAL
        seats.change_state(
            session,
            event=event,
            registration=registration,
            quota_ids=charged[registration.ticket_type_id],
            state=State.EXPIRED,
            cause="closed",
            now=rules.closes_at(event),
        )
        note(session, event=event, actor=WORKER, verb="close", registration=registration, now=now)
        session.flush()
        if rules.tells(event, now) and not _told(session, registration):
            who = "applied" if applied else "part" if registration.split_from_id is not None else "party"
            letters.tell(session, event=event, registration=registration, kind="expired", facts={"cause": "closed", "who": who}, now=now)
    left = queries.unanswered_enrolments(session, event.id)
    for enrolment in left:  # their sessions are long over, which needs no mail
        sessions.move(session, event=event, enrolment=enrolment, state=State.EXPIRED, cause="closed", now=rules.closes_at(event))
    return len(ended) + len(left)


def _told(session: Session, registration: Registration) -> bool:
    """Whether the holder was told with another part of the party, which was ended before this one."""
    if registration.split_from_id is None:
        return False
    party = queries.whole_party(session, registration)
    return any(one.cause == "closed" and one.id < registration.id for one in party)
