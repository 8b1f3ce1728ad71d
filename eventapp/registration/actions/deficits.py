"""More seats were given than a limit now allows: several parties lose theirs in one command, or volunteers are asked for. Each takes the
event's lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventapp.events.queries import locked_event
from eventapp.events.rules import EventState
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.endings import take_back
from eventapp.registration.actions.parties import live
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Quota, Registration


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


def ask_for_volunteers(session: Session, *, event_id: int, quota_id: int, words: str, actor: Actor, now: datetime) -> Quota:
    """Have everybody with seats of this quota asked, by a mail, who could give theirs back. The worker writes the mails.

    `words` are the organiser's own, which each reads; they may be empty.
    Raises Refused: quota.unknown; deficit.over, the limit holds; deficit.asked_already, less than a day ago; event.not_open.
    """
    event = settled_event(session, event_id=event_id, now=now)
    quota = next((one for one in queries.quotas(session, event.id) if one.id == quota_id), None)
    if quota is None:
        raise Refused("quota.unknown", status=422)
    if event.state != EventState.PUBLISHED:
        raise Refused("event.not_open")
    facts = queries.house(session, event).quotas[quota.id]
    above = facts.used - facts.limit
    rules.check_volunteers(above=above, asked_at=quota.volunteers_at, now=now)
    quota.volunteers_at, quota.volunteers_above, quota.volunteers_words = now, above, words.strip()
    journal.note(
        session,
        chain=f"event:{event.id}",
        actor=actor.label,
        verb="ask_for_volunteers",
        subject=f"quota:{quota.id}",
        facts={"above": above},
        reason=words.strip(),
        now=now,
    )
    return quota


def tell_volunteers(session: Session, *, event_id: int, now: datetime) -> int:
    """Write those mails, 100 at a time, apart from the commands; none once the limit holds again. Gives how many were written."""
    event = locked_event(session, event_id)
    if event.state != EventState.PUBLISHED or now >= event.doors_at:
        return 0
    told = 0
    for quota in queries.short_quotas(session, event.id):
        for registration in queries.to_be_asked_back(session, quota):
            registration.volunteers_at = now
            facts = {"above": quota.used - quota.limit, "words": quota.volunteers_words or ""}
            letters.tell(session, event=event, registration=registration, kind="volunteers", facts=facts, now=now)
            told += 1
        session.flush()  # who has seats of two quotas is told once
    return told
