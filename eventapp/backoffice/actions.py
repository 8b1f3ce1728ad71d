"""Verbs across rooms: a whole event from one page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from eventapp.events import actions as events
from eventapp.events import queries as event_queries
from eventapp.events import rules as event_rules
from eventapp.events.models import Event
from eventapp.events.rules import EventValues, SpaceValues, VenueValues
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people import queries as people
from eventapp.people.rules import Actor
from eventapp.registration import actions as registration

QUOTA = {"fr": "Places", "en": "Seats"}
TICKET: Mapping[str, str] = {"fr": "Entrée", "en": "Admission"}


@dataclass(frozen=True, kw_only=True)
class WholeEvent:
    """An event with its place, its seats and its registration. A new venue comes with a new space; else `event.space_id` names one.

    `opens_wall` and `closes_wall` are wall times in the event's zone.
    """

    key: str
    event: EventValues
    capacity: int
    max_party: int = 4
    opens_wall: datetime | None = None
    closes_wall: datetime | None = None
    venue: VenueValues | None = None
    space: SpaceValues | None = None
    quota_name: str = QUOTA["fr"]

    @property
    def body(self) -> str:
        """What must be the same when a key comes again."""
        return json.dumps(
            [repr(self.event), self.capacity, repr(self.venue), repr(self.space), str(self.opens_wall), str(self.closes_wall)]
        )


def create_whole_event(session: Session, *, organiser_id: int, values: WholeEvent, actor: Actor, now: datetime) -> Event:
    """A draft with its space, one quota and one public ticket type: all that publication asks for. Idempotent under its key.

    Holds the organiser, then the event. Raises Refused: command.key_reused, event.closes_before_opening, event.closes_late, and
    what create_venue, create_space, create_event, create_quota and create_ticket_type raise. A refusal leaves nothing behind.
    """
    people.locked_organiser(session, organiser_id)
    key = f"whole_event:{organiser_id}:{values.key}"
    known = journal.answered(session, key=key, body=values.body)
    if known is not None:
        made = event_queries.event_by_slug(session, known)
        if made is None:
            raise LookupError("an answered command without its event")
        return made
    zone = values.event.zone
    opens_at = event_rules.instant(values.opens_wall, zone) if values.opens_wall else None
    closes_at = event_rules.instant(values.closes_wall, zone) if values.closes_wall else None
    if closes_at is not None and closes_at > event_rules.instants(values.event)[2]:
        raise Refused("event.closes_late", status=422)
    event_values = _placed(session, organiser_id=organiser_id, values=values, actor=actor, now=now)
    event = events.create_event(session, organiser_id=organiser_id, values=event_values, actor=actor, now=now)
    quota = registration.create_quota(session, event_id=event.id, name=values.quota_name, limit=values.capacity, actor=actor, now=now)
    registration.create_ticket_type(
        session,
        event_id=event.id,
        slug="entree",
        name=TICKET,
        quota_ids=[quota.id],
        opens_at=opens_at,
        closes_at=closes_at,
        max_party=values.max_party,
        actor=actor,
        now=now,
    )
    journal.answer(session, key=key, body=values.body, subject=event.slug, now=now)
    return event


def _placed(session: Session, *, organiser_id: int, values: WholeEvent, actor: Actor, now: datetime) -> EventValues:
    """The event's values with its space, made first where it is new."""
    if values.venue is None or values.space is None:
        return values.event
    venue = events.create_venue(session, organiser_id=organiser_id, values=values.venue, actor=actor, now=now)
    space = events.create_space(
        session, organiser_id=organiser_id, venue_id=venue.id, values=values.space, gates=("Entrée",), actor=actor, now=now
    )
    fields = {name: getattr(values.event, name) for name in values.event.__dataclass_fields__}
    return EventValues(**(fields | {"space_id": space.id}))
