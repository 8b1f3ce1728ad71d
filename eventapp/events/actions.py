"""Making and changing series, editions, venues, spaces, gates and events. Every change is noted in the journal.

What belongs to an organiser is changed under the organiser's lock, an event under its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from eventapp.events import queries, rules
from eventapp.events.models import Edition, Event, EventGate, Gate, Series, Space, Track, Venue
from eventapp.events.rules import EditionValues, EventValues, SeriesValues, SpaceValues, VenueValues
from eventapp.journal import actions as journal
from eventapp.lib import codes, markup
from eventapp.lib.db import Base, Session
from eventapp.lib.refusal import Refused
from eventapp.lib.text import slug as slugged
from eventapp.people import queries as people
from eventapp.people.rules import Actor

__all__ = [
    "EditionValues",
    "EventValues",
    "SeriesValues",
    "SpaceValues",
    "VenueValues",
    "create_edition",
    "create_event",
    "create_gate",
    "create_series",
    "create_space",
    "create_track",
    "create_venue",
    "delete_gate",
    "justify_overbooking",
    "next_place",
    "record_counts",
    "update_edition",
    "update_event",
    "update_gate",
    "update_series",
    "update_space",
    "update_venue",
]

# What a calendar entry tells: changing one of these after publication makes a new version of it.
_IN_CALENDARS = frozenset({"title", "summary", "space_id", "doors_at", "starts_at", "ends_at"})


def create_series(session: Session, *, organiser_id: int, values: SeriesValues, actor: Actor, now: datetime) -> Series:
    """A new series.

    Raises Refused: slug.taken, slug.malformed, slug.reserved.
    """
    people.locked_organiser(session, organiser_id)
    row = Series(organiser_id=organiser_id, slug=_slug(session, wish=values.slug, name=values.name, otherwise="serie"), created_at=now)
    _write(row, _series_columns(values))
    _keep(session, row)
    _note(
        session, organiser_id=organiser_id, verb="create_series", subject=f"series:{row.id}", facts={"slug": row.slug}, actor=actor, now=now
    )
    return row


def update_series(session: Session, *, organiser_id: int, series_id: int, values: SeriesValues, actor: Actor, now: datetime) -> Series:
    """Change a series; its slug, which is in people's bookmarks, stays.

    Raises Refused: series.unknown.
    """
    people.locked_organiser(session, organiser_id)
    row = queries.series_by_id(session, organiser_id, series_id)
    if row is None:
        raise Refused("series.unknown", status=404)
    changed = _write(row, _series_columns(values))
    _note(
        session,
        organiser_id=organiser_id,
        verb="update_series",
        subject=f"series:{row.id}",
        facts={"changed": changed},
        actor=actor,
        now=now,
    )
    return row


def create_edition(session: Session, *, organiser_id: int, series_id: int, values: EditionValues, actor: Actor, now: datetime) -> Edition:
    """One more year of a series.

    Raises Refused: series.unknown, edition.exists (same year and number), slug.taken, slug.malformed, slug.reserved.
    """
    people.locked_organiser(session, organiser_id)
    series = queries.series_by_id(session, organiser_id, series_id)
    if series is None:
        raise Refused("series.unknown", status=422)
    _refuse_twin(session, series_id=series_id, values=values, but=None)
    slug = _slug(session, wish=values.slug, name={"fr": f"{series.slug} {values.year}"}, otherwise="edition")
    row = Edition(series_id=series_id, organiser_id=organiser_id, slug=slug, created_at=now)
    _write(row, _edition_columns(values))
    _keep(session, row)
    _note(
        session, organiser_id=organiser_id, verb="create_edition", subject=f"edition:{row.id}", facts={"slug": slug}, actor=actor, now=now
    )
    return row


def update_edition(session: Session, *, organiser_id: int, edition_id: int, values: EditionValues, actor: Actor, now: datetime) -> Edition:
    """Change an edition; its slug and series stay.

    Raises Refused: edition.unknown, edition.exists.
    """
    people.locked_organiser(session, organiser_id)
    row = queries.edition_by_id(session, organiser_id, edition_id)
    if row is None:
        raise Refused("edition.unknown", status=404)
    _refuse_twin(session, series_id=row.series_id, values=values, but=row.id)
    changed = _write(row, _edition_columns(values))
    _note(
        session,
        organiser_id=organiser_id,
        verb="update_edition",
        subject=f"edition:{row.id}",
        facts={"changed": changed},
        actor=actor,
        now=now,
    )
    return row


def create_track(session: Session, *, organiser_id: int, edition_id: int, name: Mapping[str, str], actor: Actor, now: datetime) -> Track:
    """A thread through an edition, after those it has. The same name again gives the track there is.

    Raises Refused: edition.unknown.
    """
    people.locked_organiser(session, organiser_id)
    if queries.edition_by_id(session, organiser_id, edition_id) is None:
        raise Refused("edition.unknown", status=422)
    known = queries.tracks(session, edition_id)
    slug = slugged(_any(name)) or "theme"
    for track in known:
        if track.slug == slug:
            return track
    row = Track(edition_id=edition_id, slug=slug, name=dict(name), position=len(known))
    _keep(session, row)
    _note(session, organiser_id=organiser_id, verb="create_track", subject=f"track:{row.id}", facts={"slug": slug}, actor=actor, now=now)
    return row


def create_venue(session: Session, *, organiser_id: int, values: VenueValues, actor: Actor, now: datetime) -> Venue:
    """A new place."""
    people.locked_organiser(session, organiser_id)
    taken = queries.venue_slugs(session, organiser_id)
    wish = slugged(values.name) or "lieu"
    slug = next(each for each in (wish, *(f"{wish}-{number}" for number in range(2, len(taken) + 3))) if each not in taken)
    row = Venue(organiser_id=organiser_id, slug=slug, created_at=now)
    _write(row, _venue_columns(values))
    _keep(session, row)
    _note(session, organiser_id=organiser_id, verb="create_venue", subject=f"venue:{row.id}", facts={"slug": slug}, actor=actor, now=now)
    return row


def update_venue(session: Session, *, organiser_id: int, venue_id: int, values: VenueValues, actor: Actor, now: datetime) -> Venue:
    """Change a place.

    Raises Refused: venue.unknown.
    """
    people.locked_organiser(session, organiser_id)
    row = queries.venue_by_id(session, organiser_id, venue_id)
    if row is None:
        raise Refused("venue.unknown", status=404)
    changed = _write(row, _venue_columns(values))
    _note(
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
    _write(row, _space_columns(values))
    _keep(session, row)
    facts = {"safety_capacity": values.safety_capacity, "source": values.safety_source}
    _note(session, organiser_id=organiser_id, verb="create_space", subject=f"space:{row.id}", facts=facts, actor=actor, now=now)
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
    changed = _write(row, _space_columns(values))
    facts = {"changed": changed, "safety_capacity": [before, row.safety_capacity], "source": row.safety_source}
    _note(session, organiser_id=organiser_id, verb="update_space", subject=f"space:{row.id}", facts=facts, actor=actor, now=now)
    return row


def create_gate(session: Session, *, organiser_id: int, space_id: int, name: str, direction: str, actor: Actor, now: datetime) -> Gate:
    """A way in or out, used from now on by every event planned in the space.

    Raises Refused: space.unknown, gate.exists (the name), gate.too_many.
    """
    people.locked_organiser(session, organiser_id)
    if queries.space_by_id(session, organiser_id, space_id) is None:
        raise Refused("space.unknown", status=404)
    known = queries.gates(session, space_id)
    if any(gate.name == name for gate in known):
        raise Refused("gate.exists", name=name, status=422)
    if len(known) >= rules.MAX_GATES:
        raise Refused("gate.too_many", most=rules.MAX_GATES, status=422)
    row = Gate(space_id=space_id, name=name, direction=rules.Direction(direction), position=len(known))
    _keep(session, row)
    session.add_all(
        EventGate(event_id=event_id, gate_id=row.id, type_numbers=[]) for event_id in queries.unfinished_event_ids(session, space_id)
    )
    _note(session, organiser_id=organiser_id, verb="create_gate", subject=f"gate:{row.id}", facts={"name": name}, actor=actor, now=now)
    return row


def update_gate(
    session: Session, *, organiser_id: int, space_id: int, gate_id: int, name: str, direction: str, actor: Actor, now: datetime
) -> Gate:
    """Rename a gate or turn it round.

    Raises Refused: gate.unknown, gate.exists.
    """
    row = _gate(session, organiser_id=organiser_id, space_id=space_id, gate_id=gate_id)
    if any(gate.name == name and gate.id != gate_id for gate in queries.gates(session, space_id)):
        raise Refused("gate.exists", name=name, status=422)
    changed = _write(row, {"name": name, "direction": rules.Direction(direction)})
    _note(
        session, organiser_id=organiser_id, verb="update_gate", subject=f"gate:{gate_id}", facts={"changed": changed}, actor=actor, now=now
    )
    return row


def delete_gate(session: Session, *, organiser_id: int, space_id: int, gate_id: int, actor: Actor, now: datetime) -> None:
    """Remove a gate. What was scanned there keeps its name.

    Raises Refused: gate.unknown.
    """
    row = _gate(session, organiser_id=organiser_id, space_id=space_id, gate_id=gate_id)
    for used in queries.uses_of_gate(session, gate_id):
        session.delete(used)
    session.flush()  # what points at the gate goes first
    session.delete(row)
    _note(session, organiser_id=organiser_id, verb="delete_gate", subject=f"gate:{gate_id}", facts={"name": row.name}, actor=actor, now=now)


def create_event(session: Session, *, organiser_id: int, values: EventValues, actor: Actor, now: datetime) -> Event:
    """A draft that only its organiser sees, using every gate of its space. Holds the organiser, not yet the event.

    Raises Refused: slug.taken, slug.malformed, slug.reserved, title.empty, edition.unknown, space.unknown, track.unknown, time.does_not_exist,
    zone.unknown, event.dates_out_of_order, event.too_long.
    """
    people.locked_organiser(session, organiser_id)
    columns = _event_columns(session, organiser_id=organiser_id, values=values)
    slug = _slug(session, wish=values.slug, name=values.title, otherwise="evenement")
    row = Event(organiser_id=organiser_id, public_id=codes.public_id(), slug=slug, state=rules.EventState.DRAFT, created_at=now)
    _write(row, columns)
    _stamp_expectation(row, before=None, now=now)
    _keep(session, row)
    _use_gates(session, row)
    subject = f"event:{row.public_id}"
    _note(session, organiser_id=organiser_id, verb="create_event", subject=subject, facts={"slug": slug}, actor=actor, now=now)
    return row


def update_event(session: Session, *, event_id: int, values: EventValues, actor: Actor, now: datetime) -> Event:
    """Change an event under its lock. The slug moves in a draft only; afterwards it is in people's mails.

    What calendars show makes a new version of the calendar entry once the event is public. Nobody is written to: a change of
    date that people must know of is a postponement.
    Raises Refused: what create_event raises.
    """
    row = queries.locked_event(session, event_id)
    columns = _event_columns(session, organiser_id=row.organiser_id, values=values)
    before = row.expected
    if row.state == rules.EventState.DRAFT and values.slug and values.slug != row.slug:
        row.slug = _slug(session, wish=values.slug, name=values.title, otherwise="evenement")
    moved = row.space_id != values.space_id
    changed = _write(row, columns)
    _stamp_expectation(row, before=before, now=now)
    if row.state != rules.EventState.DRAFT and _IN_CALENDARS.intersection(changed):
        row.sequence += 1
    _keep(session, row)
    if moved:
        _use_gates(session, row)
    journal.note(
        session,
        chain=f"event:{row.id}",
        actor=actor.label,
        verb="update_event",
        subject=f"event:{row.public_id}",
        facts={"changed": changed},
        now=now,
    )
    return row


def _event_columns(session: Session, *, organiser_id: int, values: EventValues) -> dict[str, Any]:
    if not _any(values.title):
        raise Refused("title.empty", status=422)
    doors_at, starts_at, ends_at = rules.instants(values)
    _refuse_foreign(session, organiser_id=organiser_id, values=values)
    return {
        "title": dict(values.title),
        "kind": rules.EventKind(values.kind),
        "edition_id": values.edition_id,
        "space_id": values.space_id,
        "track_id": values.track_id,
        "summary": dict(values.summary),
        "description": dict(values.description),
        "description_html": {language: markup.rendered(text) for language, text in values.description.items()},
        "cover": dict(values.cover) if values.cover else None,
        "colour": values.colour,
        "zone": values.zone,
        "doors_wall": values.doors_wall,
        "starts_wall": values.starts_wall,
        "ends_wall": values.ends_wall,
        "doors_at": doors_at,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "visibility": rules.Visibility(values.visibility),
        "flagship": values.flagship,
        "spoken": list(values.spoken),
        "bring": dict(values.bring),
        "access": dict(values.access),
        "photo_notice": values.photo_notice,
        "contact": values.contact,
        "expected": values.expected,
    }


def _refuse_foreign(session: Session, *, organiser_id: int, values: EventValues) -> None:
    """An edition, a space or a track of somebody else is as unknown as one that does not exist."""
    if values.edition_id is not None and queries.edition_by_id(session, organiser_id, values.edition_id) is None:
        raise Refused("edition.unknown", status=422)
    if values.space_id is not None and queries.space_by_id(session, organiser_id, values.space_id) is None:
        raise Refused("space.unknown", status=422)
    known = queries.tracks(session, values.edition_id) if values.edition_id is not None else []
    if values.track_id is not None and values.track_id not in {track.id for track in known}:
        raise Refused("track.unknown", status=422)


def _stamp_expectation(row: Event, *, before: int | None, now: datetime) -> None:
    if row.expected != before:
        row.expected_at = now if row.expected is not None else None


def _use_gates(session: Session, event: Event) -> None:
    """The event uses every gate of its space, and none of another."""
    wanted = {gate.id for gate in queries.gates(session, event.space_id)} if event.space_id is not None else set()
    known = {used.gate_id: used for used in queries.event_gates(session, event.id)}
    for gate_id, used in known.items():
        if gate_id not in wanted:
            session.delete(used)
    session.add_all(EventGate(event_id=event.id, gate_id=gate_id, type_numbers=[]) for gate_id in sorted(wanted - known.keys()))


def _gate(session: Session, *, organiser_id: int, space_id: int, gate_id: int) -> Gate:
    people.locked_organiser(session, organiser_id)
    row = queries.gate_by_id(session, space_id, gate_id) if queries.space_by_id(session, organiser_id, space_id) else None
    if row is None:
        raise Refused("gate.unknown", status=404)
    return row


def _series_columns(values: SeriesValues) -> dict[str, Any]:
    if not _any(values.name):
        raise Refused("title.empty", status=422)
    return {
        "name": dict(values.name),
        "short_name": values.short_name,
        "description": dict(values.description),
        "colour": values.colour,
    }


def _edition_columns(values: EditionValues) -> dict[str, Any]:
    if values.starts_on and values.ends_on and values.ends_on < values.starts_on:
        raise Refused("edition.dates_out_of_order", status=422)
    return {
        "year": values.year,
        "number": values.number,
        "name": dict(values.name),
        "period": dict(values.period),
        "starts_on": values.starts_on,
        "ends_on": values.ends_on,
        "colour": values.colour,
        "figures": [dict(figure) for figure in values.figures],
    }


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


def _refuse_twin(session: Session, *, series_id: int, values: EditionValues, but: int | None) -> None:
    """SQL takes two empty numbers for different ones; people do not."""
    for other in queries.editions_in(session, series_id):
        if other.id != but and other.year == values.year and other.number == values.number:
            raise Refused("edition.exists", year=values.year, status=422)


def _refuse_same_name(session: Session, *, organiser_id: int, venue_id: int, name: str, but: int | None) -> None:
    for other in queries.spaces_of(session, [organiser_id]):
        if other.venue_id == venue_id and other.name == name and other.id != but:
            raise Refused("space.exists", name=name, status=422)


def _slug(session: Session, *, wish: str, name: Mapping[str, str], otherwise: str) -> str:
    """The slug that was asked for, or the first free one made of the name."""
    if not wish:
        return queries.free_slug(session, slugged(_any(name), limit=rules.MAX_SLUG - 8) or otherwise)
    if slugged(wish, limit=rules.MAX_SLUG) != wish:
        raise Refused("slug.malformed", status=422)
    if wish in rules.RESERVED_SLUGS:
        raise Refused("slug.reserved", slug=wish, status=422)
    if not queries.slug_is_free(session, wish):
        raise Refused("slug.taken", slug=wish, status=422)
    return wish


def _write(row: Base, columns: Mapping[str, Any]) -> list[str]:
    """Set what differs; the names of what did, for the journal, which holds no texts of people."""
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    return changed


def _keep(session: Session, row: Base) -> None:
    session.add(row)
    try:
        session.flush()  # the id is needed, and a slug taken by another organiser a moment ago shows itself here
    except IntegrityError:
        raise Refused("slug.taken", slug=getattr(row, "slug", ""), status=422) from None


def _note(session: Session, *, organiser_id: int, verb: str, subject: str, facts: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    journal.note(session, chain=f"organiser:{organiser_id}", actor=actor.label, verb=verb, subject=subject, facts=facts, now=now)


def _any(texts: Mapping[str, str]) -> str:
    return texts.get("fr") or texts.get("en") or ""


def justify_overbooking(session: Session, *, event_id: int, reason: str, actor: Actor, now: datetime) -> Event:
    """Write down why more seats may be booked than the safety capacity holds. The reason is for the organiser's own eyes and the journal."""
    row = queries.locked_event(session, event_id)
    row.overbooking_reason = reason
    journal.note(
        session,
        chain=f"event:{row.id}",
        actor=actor.label,
        verb="justify_overbooking",
        subject=f"event:{row.public_id}",
        reason=reason,
        now=now,
    )
    return row


_NEXT_PLACE = (
    update(Event.__table__)  # type: ignore[arg-type]  # a Table
    .where(Event.__table__.c.id == bindparam("of_event"))
    .values(next_seq=bindparam("next_place"))
)


def next_place(session: Session, *, event: queries.LockedEvent) -> int:
    """Take the next place in the line of an event. The row is held, so that nobody else has read it."""
    place = event.next_seq
    session.connection().execute(_NEXT_PLACE, {"of_event": event.id, "next_place": place + 1})
    set_committed_value(event, "next_seq", place + 1)
    return place


def record_counts(session: Session, *, event_id: int, counts: Mapping[str, Any], actor: Actor, now: datetime) -> Event:
    """Keep the figures of an event as somebody told them, with their source: expected, registered, came, refused."""
    row = queries.locked_event(session, event_id)
    row.counts = dict(counts)
    journal.note(
        session,
        chain=f"event:{row.id}",
        actor=actor.label,
        verb="record_counts",
        subject=f"event:{row.public_id}",
        facts={"counts": dict(counts)},
        now=now,
    )
    return row
