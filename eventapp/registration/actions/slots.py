"""Sessions of the programme for which people enrol: opened, changed, withdrawn as the programme says. The lowest room that knows all of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from eventapp.events.queries import LockedEvent
from eventapp.journal import actions as journal
from eventapp.lib import codes
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.quotas import set_limit
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Quota, Slot


def open_slot(
    session: Session,
    *,
    event_id: int,
    title: Mapping[str, str],
    starts_at: datetime,
    ends_at: datetime,
    places: int,
    actor: Actor,
    now: datetime,
) -> Slot:
    """Let people enrol in a session, as many as there are places."""
    event = settled_event(session, event_id=event_id, now=now)
    quota = Quota(
        event_id=event.id,
        name=_name(session, event, title),
        limit=places,
        used=0,
        ceiling=places,
        position=len(queries.all_quotas(session, event.id)),
        created_at=now,
    )
    session.add(quota)
    session.flush()  # its id is needed below
    slot = Slot(
        event_id=event.id,
        public_id=codes.public_id(),
        quota_id=quota.id,
        title=dict(title),
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=now,
    )
    session.add(slot)
    session.flush()  # the programme points at it
    _note(session, event=event, verb="open_slot", slot=slot, places=places, actor=actor, now=now)
    return slot


def change_slot(
    session: Session,
    *,
    event_id: int,
    slot_id: int,
    title: Mapping[str, str],
    starts_at: datetime,
    ends_at: datetime,
    places: int,
    actor: Actor,
    now: datetime,
) -> Slot:
    """Another title, another time, more places, which go to the next in line at once, or fewer, which cancels nobody. Opens it again.

    Whoever now has two places at one time keeps both until they choose. Raises LookupError: no such session; Refused: event.closed, the
    number of places changes no more.
    """
    event = settled_event(session, event_id=event_id, closed_too=True, now=now)
    slot = _slot(session, event, slot_id)
    before = (slot.title, slot.starts_at, slot.ends_at, slot.quota.limit, slot.withdrawn_at)
    if before == (dict(title), starts_at, ends_at, places, None):
        return slot
    if (slot.starts_at, slot.ends_at) != (starts_at, ends_at):
        slot.starts_at, slot.ends_at, slot.moved_at = starts_at, ends_at, now
    slot.title, slot.withdrawn_at = dict(title), None
    session.flush()
    _note(session, event=event, verb="change_slot", slot=slot, places=places, actor=actor, now=now)
    if slot.quota.limit != places:
        set_limit(session, event_id=event.id, quota_id=slot.quota_id, limit=places, actor=actor, now=now)
    elif not rules.is_closed(event, now):
        allocate(session, event=event, now=now)  # at another time it may be somebody's turn
    return slot


def withdraw_slot(session: Session, *, event_id: int, slot_id: int, actor: Actor, now: datetime) -> Slot:
    """Let nobody enrol in a session any more. Withdrawing it again changes nothing.

    Raises LookupError: no such session; Refused: slot.in_use, somebody is enrolled or waits.
    """
    event = settled_event(session, event_id=event_id, now=now)
    slot = _slot(session, event, slot_id)
    if slot.withdrawn_at is not None:
        return slot
    people = len(queries.enrolled(session, slot.id))
    if people:
        raise Refused("slot.in_use", people=people)
    slot.withdrawn_at = now
    session.flush()
    _note(session, event=event, verb="withdraw_slot", slot=slot, places=0, actor=actor, now=now)
    set_limit(session, event_id=event.id, quota_id=slot.quota_id, limit=0, actor=actor, now=now)
    return slot


def _slot(session: Session, event: LockedEvent, slot_id: int) -> Slot:
    slot = queries.slot(session, event.id, slot_id)
    if slot is None:
        raise LookupError(f"slot {slot_id}")
    return slot


def _name(session: Session, event: LockedEvent, title: Mapping[str, str]) -> str:
    """What the quota is called: as the session, with a number if another is called so."""
    taken = {quota.name for quota in queries.all_quotas(session, event.id)}
    first = next(text for text in title.values() if text.strip())
    return next(name for name in (first, *(f"{first} ({number})" for number in range(2, len(taken) + 3))) if name not in taken)


def _note(session: Session, *, event: LockedEvent, verb: str, slot: Slot, places: int, actor: Actor, now: datetime) -> None:
    facts = {"places": places, "starts_at": slot.starts_at.isoformat(), "ends_at": slot.ends_at.isoformat()}
    journal.note(session, chain=f"event:{event.id}", actor=actor.label, verb=verb, subject=f"slot:{slot.public_id}", facts=facts, now=now)
