"""The only place where seats are counted: the counter and the ledger, written together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, update

from eventapp.events.queries import LockedEvent
from eventapp.lib.db import Session
from eventapp.registration.models import Quota, Registration, SeatEntry
from eventapp.registration.rules import SEATED, State


def move_seats(
    session: Session, *, event: LockedEvent, registration: Registration, quota_ids: Sequence[int], delta: int, cause: str, now: datetime
) -> None:
    """Take (`delta` > 0) or free seats in each of these quotas, and note it in the ledger.

    The ceiling follows `used` down to the limit, so that SQL itself refuses to climb out of a deficit again.
    Raises RuntimeError: a counter would leave 0..ceiling, which a correct caller never asks for.
    """
    after = Quota.used + delta
    lower = case((after > Quota.limit, after), else_=Quota.limit)
    for quota_id in quota_ids:
        changed = session.execute(
            update(Quota)
            .where(Quota.event_id == event.id, Quota.id == quota_id, after >= 0, after <= Quota.ceiling)
            .values(used=after, ceiling=Quota.ceiling if delta > 0 else lower)
            .execution_options(synchronize_session=False)
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult
            raise RuntimeError(f"quota {quota_id} cannot move by {delta}")
        session.add(
            SeatEntry(event_id=event.id, quota_id=quota_id, registration_id=registration.id, delta=delta, cause=cause, at=now)
        )


def change_state(
    session: Session,
    *,
    event: LockedEvent,
    registration: Registration,
    quota_ids: Sequence[int],
    state: State,
    cause: str,
    now: datetime,
) -> None:
    """Bring a registration into a state, with the seats that this takes or frees. The one writer of `state`."""
    had, has = registration.state in SEATED, state in SEATED
    registration.state = state
    registration.cause = cause
    registration.changed_at = now
    registration.version = (registration.version or 0) + 1
    if state == State.CONFIRMED:
        registration.confirmed_at = now
    if registration.id is None:
        session.add(registration)
        session.flush()  # the ledger needs its id
    if had != has:
        delta = registration.size if has else -registration.size
        move_seats(session, event=event, registration=registration, quota_ids=quota_ids, delta=delta, cause=cause, now=now)


def shrink(
    session: Session, *, event: LockedEvent, registration: Registration, quota_ids: Sequence[int], by: int, cause: str, now: datetime
) -> None:
    """Make a party smaller by this many persons, freeing their seats where it had some."""
    registration.size -= by
    registration.version += 1
    registration.cause = cause
    registration.changed_at = now
    if registration.state in SEATED:
        move_seats(session, event=event, registration=registration, quota_ids=quota_ids, delta=-by, cause=cause, now=now)
