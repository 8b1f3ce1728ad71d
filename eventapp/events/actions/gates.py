"""Ways in and out of a space, under the organiser's lock."""

from __future__ import annotations

from datetime import datetime

from eventapp.events import queries, rules
from eventapp.events.actions.rows import keep, note, write
from eventapp.events.models import EventGate, Gate
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people import queries as people
from eventapp.people.rules import Actor


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
    keep(session, row=row)
    session.add_all(
        EventGate(event_id=event_id, gate_id=row.id, type_numbers=[]) for event_id in queries.unfinished_event_ids(session, space_id)
    )
    note(session, organiser_id=organiser_id, verb="create_gate", subject=f"gate:{row.id}", facts={"name": name}, actor=actor, now=now)
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
    changed = write(row, {"name": name, "direction": rules.Direction(direction)})
    note(
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
    note(session, organiser_id=organiser_id, verb="delete_gate", subject=f"gate:{gate_id}", facts={"name": row.name}, actor=actor, now=now)


def _gate(session: Session, *, organiser_id: int, space_id: int, gate_id: int) -> Gate:
    people.locked_organiser(session, organiser_id)
    row = queries.gate_by_id(session, space_id, gate_id) if queries.space_by_id(session, organiser_id, space_id) else None
    if row is None:
        raise Refused("gate.unknown", status=404)
    return row
