"""Give every free seat to the next in line. The end of every command that takes or frees a seat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eventapp.events.queries import LockedEvent
from eventapp.lib.db import Session
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, seats
from eventapp.registration.models import Registration
from eventapp.registration.rules import State


@dataclass(frozen=True)
class Allocation:
    """Who was promoted, in order; whether the newcomer found a seat; whether a further pass could give more."""

    promoted: list[Registration]
    newcomer_seated: bool
    more: bool


def allocate(
    session: Session, *, event: LockedEvent, newcomer: Registration | None = None, standing: queries.Standing | None = None, now: datetime
) -> Allocation:
    """One pass over the line: confirm whoever a free seat is enough for, in order; tell those promoted.

    The newcomer, not yet stored, is judged by the same rule and stored as confirmed or waitlisted. Idempotent: a second
    pass at the same instant grants nothing. An event that is not published grants nothing.
    """
    session.flush()  # the rule must see what the caller has just changed
    standing = standing or queries.standing(session, event)
    house = standing.house
    if event.state != "published" or not house.has_room:
        decided: rules.Pass[Registration] = rules.Pass()  # type: ignore[type-var,unused-ignore]  # mapped columns are descriptors
    else:
        line = queries.line(session, event.id) if standing.somebody_waits else {}
        decided = rules.grants(line, house, now, newcomer=newcomer)  # type: ignore[type-var,unused-ignore]
    promoted = []
    for registration in decided.granted:
        cause = "registered" if registration is newcomer else "promoted"
        quota_ids = house.charged[registration.ticket_type_id]
        seats.change_state(
            session, event=event, registration=registration, quota_ids=quota_ids, state=State.CONFIRMED, cause=cause, now=now
        )
        if registration is not newcomer:
            promoted.append(registration)
            letters.tell(session, event=event, registration=registration, kind="promoted", now=now)
    if newcomer is not None and not decided.newcomer_seated:
        quota_ids = house.charged[newcomer.ticket_type_id]
        seats.change_state(
            session, event=event, registration=newcomer, quota_ids=quota_ids, state=State.WAITLISTED, cause="registered", now=now
        )
    session.flush()
    return Allocation(promoted, decided.newcomer_seated, decided.more)
