"""What an organiser sets about the line of an event."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from eventapp.events.queries import LockedEvent
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.timers import settled_event


def set_allocation(session: Session, *, event_id: int, settings: rules.Settings, actor: Actor, now: datetime) -> int:
    """Say when a free seat goes to whom. Gives the version of the rules; the same settings again change nothing.

    What has been offered stays offered until the hour that was printed; what the new settings allow is given at once.
    Raises Refused: as rules.check_settings; allocation.offers_out, an offer would outlive the freeze.
    """
    event = settled_event(session, event_id=event_id, now=now)
    calendar = queries.calendar(event)
    settings = replace(settings, version=calendar.settings.version, strict_since=calendar.settings.strict_since)
    if settings == calendar.settings:
        return settings.version
    rules.check_settings(settings, event.doors_at, event.zone)
    version = settings.version + 1
    since = (settings.strict_since or version) if settings.reconfirm == rules.Reconfirm.STRICT else 0
    settings = replace(settings, version=version, strict_since=since)
    freeze_at = rules.calendar_of(event.doors_at, event.zone, settings).freeze_at
    _move_the_end(session, event=event, freeze_at=freeze_at)
    event.line = rules.kept(settings)
    event.settled_at = now
    journal.note(
        session,
        chain=f"event:{event.id}",
        actor=actor.label,
        verb="set_allocation",
        subject=f"event:{event.public_id}",
        facts=rules.kept(settings),
        now=now,
    )
    allocate(session, event=event, now=now)
    return settings.version


def _move_the_end(session: Session, *, event: LockedEvent, freeze_at: datetime) -> None:
    """No offer outlives the freeze, and none ends sooner than was printed."""
    offered = queries.offered(session, event.id)
    if any(row.answer_by is not None and row.answer_by > freeze_at for row in offered):
        raise Refused("allocation.offers_out", field="freeze_before", status=422)
    for row in offered:
        if row.started_at is None:
            row.expires_at = freeze_at if row.seq is not None or row.expires_at is None else min(freeze_at, row.expires_at)
