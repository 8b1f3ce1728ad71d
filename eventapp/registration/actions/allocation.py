"""Give every free seat to the next in line. The end of every command that takes or frees a seat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eventapp.events.queries import LockedEvent
from eventapp.lib.db import Session
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, parties, seats
from eventapp.registration.actions.sessions import fill_sessions
from eventapp.registration.models import Registration
from eventapp.registration.rules import State

Given = rules.Grant[Registration]  # type: ignore[type-var,unused-ignore]  # mapped columns are descriptors


@dataclass(frozen=True)
class Allocation:
    """Who was given a seat, or asked, in order; how many seats the newcomer has; whether a further pass could give more."""

    promoted: list[Registration]
    newcomer_seats: int
    more: bool


def allocate(
    session: Session,
    *,
    event: LockedEvent,
    newcomer: Registration | None = None,
    standing: queries.Standing | None = None,
    bag: letters.Bag | None = None,
    now: datetime,
) -> Allocation:
    """One pass over the line: confirm or ask whoever a free seat is enough for, in order; tell them, or leave it in the `bag`. Then one
    over the lines of the sessions.

    The newcomer, not yet stored or just approved, is judged by the same rule and stored as confirmed, held or waitlisted; of one that
    takes a part, its size is what it is given. Idempotent: a second pass at the same instant grants nothing. An event that is not
    published grants nothing.
    """
    session.flush()  # the rule must see what the caller has just changed
    standing = standing or queries.standing(session, event)
    house = standing.house
    if event.state != "published" or not house.has_room:
        decided: rules.Pass[Registration] = rules.Pass()  # type: ignore[type-var,unused-ignore]  # mapped columns are descriptors
    else:
        line = queries.line(session, event.id) if standing.somebody_waits else {}
        decided = rules.grants(line, house, now, newcomer=newcomer, newcomer_state=_state_of(newcomer))  # type: ignore[type-var,unused-ignore]
    promoted, said = [], letters.Bag() if bag is None else bag
    for grant in decided.granted:
        if grant.party is newcomer:
            _seat_newcomer(session, event=event, grant=grant, house=house, now=now)
        else:
            promoted.append(grant.party)
            _grant(session, event=event, grant=grant, house=house, bag=said, now=now)
    if newcomer is not None and decided.newcomer is None:
        quota_ids = house.charged[newcomer.ticket_type_id]
        if newcomer.verified_at is None:
            parties.ask_for_proof(newcomer, state=State.WAITLISTED, calendar=house.calendar, now=now)
        seats.change_state(
            session, event=event, registration=newcomer, quota_ids=quota_ids, state=State.WAITLISTED, cause=newcomer.cause, now=now
        )
    session.flush()
    more = decided.more
    if event.state == "published" and standing.somebody_queues:
        more = fill_sessions(session, event=event, bag=said, now=now) or more
    if bag is None:
        said.post(session, event=event, now=now)
    return Allocation(promoted, decided.newcomer.seats if decided.newcomer else 0, more)


def _state_of(newcomer: Registration | None) -> State:
    """What a newcomer comes to where there is room: its seat is held while its address is to be proved."""
    return State.HELD if newcomer is not None and newcomer.verified_at is None else State.CONFIRMED


def _seat_newcomer(session: Session, *, event: LockedEvent, grant: Given, house: rules.House, now: datetime) -> None:
    newcomer, state, given = grant
    newcomer.size = given
    if state == State.HELD:
        parties.ask_for_proof(newcomer, state=state, calendar=house.calendar, now=now)
    quota_ids = house.charged[newcomer.ticket_type_id]
    seats.change_state(session, event=event, registration=newcomer, quota_ids=quota_ids, state=state, cause=newcomer.cause, now=now)


def _grant(session: Session, *, event: LockedEvent, grant: Given, house: rules.House, bag: letters.Bag, now: datetime) -> None:
    """Confirm a party that waits, or ask it; where only a part of it finds seats, the rest stays where it stands."""
    registration, state, given = grant
    quota_ids = house.charged[registration.ticket_type_id]
    waiting = registration.size - given
    if waiting:
        parties.leave_waiting(session, event=event, registration=registration, quota_ids=quota_ids, waiting=waiting, now=now)
    if state == State.OFFERED:
        registration.asked_at = now
        registration.answer_by = house.calendar.answer_by(now)
        # Its clock runs from the moment its mail has left; who has no address is asked by somebody, at once.
        registration.started_at = None if registration.email else now
        registration.expires_at = house.calendar.freeze_at if registration.email else registration.answer_by
    seats.change_state(session, event=event, registration=registration, quota_ids=quota_ids, state=state, cause="promoted", now=now)
    if state == State.OFFERED:
        bag.put(registration, "offered", waiting=waiting, answer_by=rules.plain(registration.answer_by))
    else:
        bag.put(registration, "promoted", waiting=waiting)
