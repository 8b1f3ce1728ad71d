"""What a party may change of itself now, so that its pages offer nothing that would be refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from eventapp.events.models import Event
from eventapp.lib.db import Session
from eventapp.registration import rules
from eventapp.registration.models import Registration, TicketType
from eventapp.registration.queries.house import Standing, standing, ticket_types
from eventapp.registration.queries.line import availability, place_at_the_end, place_of_newcomer
from eventapp.registration.queries.registrations import whole_party
from eventapp.registration.rules import Change, State


class Other(NamedTuple):
    """Another ticket type; for a party that waits, the place in its line that it would come to, and whether it has room for all of it."""

    kind: TicketType
    place: rules.Place | None
    room: bool


@dataclass(frozen=True)
class Changeable:
    """What may be changed. Whether there is a seat is judged under the lock, when it is asked for."""

    largest: int  # size of a party that waits; 0 where nothing is to be chosen
    more: int  # persons that may be added to those who have seats
    at_end: rules.Place | None  # the place of a larger party, or of those who are added where no seat is free
    others: Sequence[Other]

    @property
    def anything(self) -> bool:
        """Whether there is anything to offer."""
        return bool(self.largest or self.more or self.others)


def changeable(session: Session, event: Event, registration: Registration, *, by_organiser: bool, now: datetime) -> Changeable:
    """What a holder, or an organiser for them, may change of this registration and its parts."""
    stands = standing(session, event)
    live = [one for one in whole_party(session, registration) if one.state in rules.LIVE]
    persons, state = sum(one.size for one in live), registration.state
    kind = stands.kinds[registration.ticket_type_id]
    room = (rules.MAX_PARTY if by_organiser else kind.max_party) - persons if _open(kind, stands, event, by_organiser, now) else 0
    largest, more, at_end = 0, 0, None
    if rules.may_change(Change.SIZE, state):
        room = room if now < stands.house.freeze_at else 0
        largest = registration.size + max(0, room) if registration.size > 1 or room > 0 else 0
        at_end = place_at_the_end(session, registration, kind.id) if registration.seq is not None else None
    elif rules.may_change(Change.MORE, state):
        more = max(0, room)
        at_end = place_of_newcomer(session, event.id, kind.id) if more and not stands.house.undrawn else None
    others = []
    if registration in live and all(rules.may_change(Change.TYPE, one.state) for one in live):
        for other in ticket_types(session, event.id):
            facts = stands.kinds.get(other.id)
            if other.id == kind.id or facts is None or not _open(facts, stands, event, by_organiser, now):
                continue
            if persons <= (rules.MAX_PARTY if by_organiser else facts.max_party):
                place = (
                    place_at_the_end(session, registration, other.id)
                    if state == State.WAITLISTED and registration.seq is not None
                    else None
                )
                others.append(Other(other, place, room=False))
    if others and state == State.WAITLISTED:
        known = availability(session, event, now)
        others = [other._replace(room=known[other.kind.id].free >= persons) for other in others]
    return Changeable(largest, more, at_end, others)


def _open(kind: rules.TypeFacts, stands: Standing, event: Event, by_organiser: bool, now: datetime) -> bool:
    return event.state == "published" and (by_organiser or (kind.public and not kind.approval and rules.is_open(kind, stands.house, now)))
