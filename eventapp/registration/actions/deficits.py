"""More seats were given than a limit now allows: several parties lose theirs in one command. It takes the event's lock and ends with
`allocate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.endings import take_back
from eventapp.registration.actions.parties import live
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Registration


def revoke_several(
    session: Session, *, event_id: int, quota_id: int, registration_ids: Sequence[int], reason: str, actor: Actor, now: datetime
) -> list[Registration]:
    """Take the seats of these parties back, for a reason that each holder is told: all of them, or none. They go to the head of the line.

    Raises Refused: registration.reason_missing; quota.unknown; deficit.nobody, .over, .too_many; deficit.changed, one of them has
    no seat of this quota any more, or is inside.
    """
    if not reason.strip():
        raise Refused("registration.reason_missing", status=422)
    event = settled_event(session, event_id=event_id, now=now)
    house = queries.house(session, event)
    if quota_id not in house.quotas:
        raise Refused("quota.unknown", status=422)
    chosen = [live(session, event=event, registration_id=registration_id) for registration_id in sorted(set(registration_ids))]
    if any(party.state not in rules.SEATED or quota_id not in house.charged[party.ticket_type_id] for party in chosen):
        raise Refused("deficit.changed")
    if any(attendee.arrived_at for attendee, _ticket in queries.locked_tickets(session, *(party.id for party in chosen))):
        raise Refused("deficit.changed")
    quota = house.quotas[quota_id]
    rules.check_revocations(chosen, quota.used - quota.limit)  # type: ignore[arg-type,unused-ignore]  # mapped columns are descriptors
    for party in chosen:
        take_back(session, event=event, registration=party, house=house, reason=reason, actor=actor, now=now)
    allocate(session, event=event, now=now)
    return chosen
