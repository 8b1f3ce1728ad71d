"""What every command on one party begins and ends with: the row as it is under the lock, and the journal."""

from __future__ import annotations

from datetime import datetime

from eventapp.events.queries import LockedEvent
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.people.rules import Actor
from eventapp.registration import queries
from eventapp.registration.models import Registration


def note(
    session: Session, *, event: LockedEvent, verb: str, registration: Registration, reason: str = "", actor: Actor, now: datetime
) -> None:
    """Append to the event's journal what was done to a party."""
    journal.note(
        session,
        chain=f"event:{event.id}",
        actor=actor.label,
        verb=verb,
        subject=f"registration:{registration.public_id}",
        reason=reason,
        facts={"state": str(registration.state), "size": registration.size, "seq": registration.seq},
        now=now,
    )


def live(session: Session, *, event: LockedEvent, registration_id: int) -> Registration:
    """A party of this event as it is under the lock.

    Raises LookupError: no such party.
    """
    registration = queries.registration_by_id(session, event.id, registration_id)
    if registration is None:
        raise LookupError(f"registration {registration_id}")
    return registration
