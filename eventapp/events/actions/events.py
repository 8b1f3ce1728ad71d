"""Drafts and what they become: an event is made under its organiser's lock and changed under its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from eventapp.events import queries, rules
from eventapp.events.actions.rows import any_of, keep, note, slug_for, write
from eventapp.events.models import Event, EventGate
from eventapp.events.rules import EventValues
from eventapp.journal import actions as journal
from eventapp.lib import codes, markup
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people import queries as people
from eventapp.people.rules import Actor

# What a calendar entry tells: changing one of these after publication makes a new version of it.
_IN_CALENDARS = frozenset({"title", "summary", "space_id", "doors_at", "starts_at", "ends_at"})


def create_event(session: Session, *, organiser_id: int, values: EventValues, actor: Actor, now: datetime) -> Event:
    """A draft that only its organiser sees, using every gate of its space. Holds the organiser, not yet the event.

    Raises Refused: slug.taken, slug.malformed, slug.reserved, title.empty, edition.unknown, space.unknown, track.unknown, time.does_not_exist,
    zone.unknown, event.dates_out_of_order, event.too_long.
    """
    people.locked_organiser(session, organiser_id)
    columns = _event_columns(session, organiser_id=organiser_id, values=values)
    slug = slug_for(session, wish=values.slug, name=values.title, otherwise="evenement")
    row = Event(organiser_id=organiser_id, public_id=codes.public_id(), slug=slug, state=rules.EventState.DRAFT, created_at=now)
    write(row, columns)
    _stamp_expectation(row, before=None, now=now)
    keep(session, row=row)
    _use_gates(session, row)
    subject = f"event:{row.public_id}"
    note(session, organiser_id=organiser_id, verb="create_event", subject=subject, facts={"slug": slug}, actor=actor, now=now)
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
        row.slug = slug_for(session, wish=values.slug, name=values.title, otherwise="evenement")
    moved = row.space_id != values.space_id
    changed = write(row, columns)
    _stamp_expectation(row, before=before, now=now)
    if row.state != rules.EventState.DRAFT and _IN_CALENDARS.intersection(changed):
        row.sequence += 1
    keep(session, row=row)
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
    if not any_of(values.title):
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
