"""Venues and their spaces, under the organiser's lock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from eventapp.events import queries, rules
from eventapp.events.actions.gates import create_gate
from eventapp.events.actions.rows import keep, note, write
from eventapp.events.models import Space, Venue
from eventapp.events.rules import SpaceValues, VenueValues
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.text import slug as slugged
from eventapp.people import queries as people
from eventapp.people.rules import Actor


def create_venue(session: Session, *, organiser_id: int, values: VenueValues, actor: Actor, now: datetime) -> Venue:
    """A new place."""
    people.locked_organiser(session, organiser_id)
    taken = queries.venue_slugs(session, organiser_id)
    wish = slugged(values.name) or "lieu"
    slug = next(each for each in (wish, *(f"{wish}-{number}" for number in range(2, len(taken) + 3))) if each not in taken)
    row = Venue(organiser_id=organiser_id, slug=slug, created_at=now)
    write(row, _venue_columns(values))
    keep(session, row=row)
    note(session, organiser_id=organiser_id, verb="create_venue", subject=f"venue:{row.id}", facts={"slug": slug}, actor=actor, now=now)
    return row


def update_venue(session: Session, *, organiser_id: int, venue_id: int, values: VenueValues, actor: Actor, now: datetime) -> Venue:
    """Change a place.

    Raises Refused: venue.unknown.
    """
    people.locked_organiser(session, organiser_id)
    row = queries.venue_by_id(session, organiser_id, venue_id)
    if row is None:
        raise Refused("venue.unknown", status=404)
    changed = write(row, _venue_columns(values))
    note(
        session, organiser_id=organiser_id, verb="update_venue", subject=f"venue:{row.id}", facts={"changed": changed}, actor=actor, now=now
    )
    return row


def create_space(
    session: Session,
    *,
    organiser_id: int,
    venue_id: int,
    values: SpaceValues,
    gates: Sequence[str] = (),
    actor: Actor,
    now: datetime,
) -> Space:
    """A room or ground of a venue, with its gates in their order.

    Raises Refused: venue.unknown, space.exists (the name), space.safety_unsourced, gate.exists, gate.too_many.
    """
    people.locked_organiser(session, organiser_id)
    rules.check_space(values)
    if queries.venue_by_id(session, organiser_id, venue_id) is None:
        raise Refused("venue.unknown", status=422)
    _refuse_same_name(session, organiser_id=organiser_id, venue_id=venue_id, name=values.name, but=None)
    row = Space(venue_id=venue_id, organiser_id=organiser_id, created_at=now)
    write(row, _space_columns(values))
    keep(session, row=row)
    facts = {"safety_capacity": values.safety_capacity, "source": values.safety_source}
    note(session, organiser_id=organiser_id, verb="create_space", subject=f"space:{row.id}", facts=facts, actor=actor, now=now)
    for name in gates:
        create_gate(session, organiser_id=organiser_id, space_id=row.id, name=name, direction=rules.Direction.BOTH, actor=actor, now=now)
    return row


def update_space(session: Session, *, organiser_id: int, space_id: int, values: SpaceValues, actor: Actor, now: datetime) -> Space:
    """Change a space. A safety capacity is never computed: it comes with its document, author and date.

    Raises Refused: space.unknown, space.exists, space.safety_unsourced.
    """
    people.locked_organiser(session, organiser_id)
    rules.check_space(values)
    row = queries.space_by_id(session, organiser_id, space_id)
    if row is None:
        raise Refused("space.unknown", status=404)
    _refuse_same_name(session, organiser_id=organiser_id, venue_id=row.venue_id, name=values.name, but=row.id)
    before = row.safety_capacity
    changed = write(row, _space_columns(values))
    facts = {"changed": changed, "safety_capacity": [before, row.safety_capacity], "source": row.safety_source}
    note(session, organiser_id=organiser_id, verb="update_space", subject=f"space:{row.id}", facts=facts, actor=actor, now=now)
    return row


def _venue_columns(values: VenueValues) -> dict[str, Any]:
    return {"name": values.name, "address": values.address, "city": values.city, "access": dict(values.access)}


def _space_columns(values: SpaceValues) -> dict[str, Any]:
    return {
        "name": values.name,
        "kind": rules.SpaceKind(values.kind),
        "ticket_capacity": values.ticket_capacity,
        "safety_capacity": values.safety_capacity,
        "safety_source": values.safety_source,
        "safety_author": values.safety_author,
        "safety_on": values.safety_on,
    }


def _refuse_same_name(session: Session, *, organiser_id: int, venue_id: int, name: str, but: int | None) -> None:
    for other in queries.spaces_of(session, [organiser_id]):
        if other.venue_id == venue_id and other.name == name and other.id != but:
            raise Refused("space.exists", name=name, status=422)
