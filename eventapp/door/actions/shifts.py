"""One request of one phone: its door held, its tickets held, and all that the rule must know read under both locks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from eventapp.door.actions.asks import Ask, Reading
from eventapp.door.actions.devices import notice
from eventapp.door.queries.doors import GateFacts, LockedDoor, gates, locked_door
from eventapp.door.queries.phones import Phone, phone
from eventapp.door.queries.scans import Standing, StoredScan, standing
from eventapp.door.queries.tickets import Asked, Right, locked_tickets, rights
from eventapp.door.rules.days import day_of
from eventapp.door.rules.devices import SEEN_EVERY, DeviceState, Role, Task, role_may
from eventapp.door.rules.facts import Day, Direction
from eventapp.events.queries import locked_event
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused


@dataclass(frozen=True)
class Shift:
    """What is known while the asks of one request are judged, one after the other. Door, passages and `known` move with each of them."""

    phone: Phone
    door: LockedDoor
    standing: Standing
    gates: Mapping[str, GateFacts]
    rights: Mapping[bytes | int, Right]  # by the hash of a code, by that of a typed code, by the number of a row
    on: date
    day: Day
    now: datetime
    known: dict[UUID, StoredScan]

    def may(self, task: Task) -> bool:
        """Whether the phone's role includes this."""
        return role_may(Role(self.phone.role), task)

    def right(self, reading: Reading) -> Right | None:
        """The right of a code, None where this event has none."""
        return None if reading.key is None else self.rights.get(reading.key)


def begin(session: Session, *, credential_sha256: bytes, asks: Sequence[Ask], now: datetime) -> Shift:
    """Hold the door and the tickets, and read what decides. Four statements.

    Raises Refused: device.unknown, device.ended, device.revoked (401).
    """
    if any(ask.override for ask in asks):
        _hold_event(session, credential_sha256)
    held = locked_door(session, credential_sha256)
    if held is None:
        raise Refused("device.unknown", status=401)
    asking, door = held
    standing_ = standing(session, asking.id, [ask.id for ask in asks])
    refuse_idle(standing_.state, standing_.until_at, now)
    if now - asking.last_seen_at > SEEN_EVERY:
        notice(session, device_id=asking.id, now=now)
    on, day = day_of(now, standing_.zone)
    return Shift(
        phone=asking,
        door=door,
        standing=standing_,
        gates=_gates(session, asking, standing_, asks),
        rights=_rights(session, asking.event_id, (ask.reading for ask in asks), on),
        on=on,
        day=day,
        now=now,
        known=dict(standing_.known),
    )


def refuse_idle(state: str, until_at: datetime, now: datetime) -> None:
    """Send away a phone whose shift is over.

    Raises Refused: device.revoked, device.ended (401).
    """
    if state == DeviceState.REVOKED:
        raise Refused("device.revoked", status=401)
    if state != DeviceState.ACTIVE or now > until_at:
        raise Refused("device.ended", status=401)


def _hold_event(session: Session, credential_sha256: bytes) -> None:
    """An override enters the event's journal, whose lock comes before the door's."""
    asking = phone(session, credential_sha256)
    if asking is not None and role_may(Role(asking.role), Task.OVERRIDE):
        locked_event(session, asking.event_id)


def _gates(session: Session, asking: Phone, standing_: Standing, asks: Sequence[Ask]) -> Mapping[str, GateFacts]:
    """The gates, where they matter: some are for some types, a phone stands elsewhere than it did, or somebody leaves."""
    elsewhere = any(ask.gate not in (None, asking.gate) or ask.direction is Direction.OUT for ask in asks)
    if not (standing_.restricted or elsewhere):
        return {}
    return {gate.name: gate for gate in gates(session, asking.event_id)}


def _rights(session: Session, event_id: int, readings: Iterable[Reading], on: date) -> dict[bytes | int, Right]:
    ours = [reading for reading in readings if reading.key is not None]
    asked = Asked(
        codes=frozenset(reading.code_sha256 for reading in ours if reading.code_sha256 is not None),
        humans=frozenset(reading.human_sha256 for reading in ours if reading.human_sha256 is not None),
        ids=frozenset(reading.ticket_id for reading in ours if reading.ticket_id is not None),
    )
    held = locked_tickets(session, event_id, asked)
    by_ticket = rights(session, held, on)
    return {key: by_ticket[ticket.id] for ticket in held for key in (ticket.code_sha256, ticket.human_sha256, ticket.id)}
