"""Phones: invited by a QR, enrolled once each, renamed, ended, revoked. Of every secret only the hash is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from eventapp.door import rules
from eventapp.door.models import Device, DeviceEnrolment, EventDoor
from eventapp.door.queries import doors, phones
from eventapp.door.rules.devices import DeviceState, Role
from eventapp.events.queries import LockedEvent, locked_event
from eventapp.journal import actions as journal
from eventapp.lib import codes
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import sha256
from eventapp.people.rules import Actor

INVITABLE = (Role.SCAN, Role.DESK, Role.SUPERVISOR)


def create_enrolment(
    session: Session, *, event_id: int, gate: str, role: Role, uses: int, actor: Actor, now: datetime
) -> tuple[DeviceEnrolment, str]:
    """Invite phones to a gate of this event, for ten minutes: the invitation and its secret, which is never shown again.

    Holds the event's lock. Raises Refused: door.over, gate.unknown, door.role_unknown, door.uses.
    """
    event = locked_event(session, event_id)
    if now >= event.ends_at + rules.AFTER_END:
        raise Refused("door.over")
    if role not in INVITABLE:
        raise Refused("door.role_unknown", status=422)
    if not 1 <= uses <= rules.MAX_USES:
        raise Refused("door.uses", most=rules.MAX_USES, status=422)
    _check_gate(session, event.id, gate)
    _open(session, event=event, now=now)
    secret = codes.secret()
    enrolment = DeviceEnrolment(
        event_id=event.id,
        secret_sha256=sha256(secret),
        gate=gate,
        role=role.value,
        uses=uses,
        uses_left=uses,
        created_by=actor.label,
        created_at=now,
        expires_at=now + rules.ENROLMENT_LIFE,
    )
    session.add(enrolment)
    facts = {"gate": gate, "role": role.value, "uses": uses}
    _note(session, event=event, verb="invite_phones", subject=f"event:{event.public_id}", facts=facts, actor=actor, now=now)
    return enrolment, secret


def enrol(session: Session, *, secret: str, label: str, app: str, now: datetime) -> tuple[Device, str]:
    """Turn an invitation into a phone: the phone and its credential, which is never shown again. Takes one use, without any lock.

    Raises Refused: enrolment.gone (410) for a secret that is unknown, late or used up, always the same.
    """
    use = (
        update(DeviceEnrolment)
        .where(DeviceEnrolment.secret_sha256 == sha256(secret), DeviceEnrolment.uses_left > 0, DeviceEnrolment.expires_at > now)
        .values(uses_left=DeviceEnrolment.uses_left - 1)
        .returning(DeviceEnrolment.id, DeviceEnrolment.event_id, DeviceEnrolment.gate, DeviceEnrolment.role)
        .execution_options(synchronize_session=False)
    )
    row = session.execute(use).one_or_none()
    if row is None:
        raise Refused("enrolment.gone", status=410)
    enrolment_id, event_id, gate, role = row
    until_at = doors.ends_at(session, event_id) + rules.AFTER_END
    if now >= until_at:
        raise Refused("enrolment.gone", status=410)
    credential = codes.secret()
    device = Device(
        event_id=event_id,
        enrolment_id=enrolment_id,
        public_id=codes.public_id(),
        credential_sha256=sha256(credential),
        label=label,
        gate=gate,
        role=role,
        state=DeviceState.ACTIVE.value,
        until_at=until_at,
        enrolled_at=now,
        last_seen_at=now,
        app=app,
        pending=0,
    )
    session.add(device)
    return device, credential


def update_device(
    session: Session,
    *,
    device: Device,
    label: str | None = None,
    gate: str | None = None,
    app: str,
    battery_pct: int | None = None,
    pending: int = 0,
    clock_offset_ms: int | None = None,
    now: datetime,
) -> None:
    """What a phone tells of itself every few seconds; `device` is a row of this session. Its gate may move within its event.

    Raises Refused: gate.unknown (404).
    """
    if gate is not None and gate != device.gate:
        _check_gate(session, device.event_id, gate, status=404)
        device.gate = gate
    if label is not None:
        device.label = label
    device.app = app
    device.battery_pct = battery_pct
    device.pending = pending
    device.clock_offset_ms = clock_offset_ms
    device.last_seen_at = now


def notice(session: Session, *, device_id: int, now: datetime) -> None:
    """A phone was heard of."""
    session.execute(update(Device).where(Device.id == device_id).values(last_seen_at=now).execution_options(synchronize_session=False))


def end_device(session: Session, *, device: Device, pending: int, now: datetime) -> None:
    """End a phone's shift. Repeating it changes nothing.

    Raises Refused: device.pending, it still holds scans that were not sent.
    """
    if pending:
        raise Refused("device.pending", pending=pending)
    _leave(session, device=device, state=DeviceState.ENDED, now=now)


def revoke_device(session: Session, *, event_id: int, public_id: str, actor: Actor, now: datetime) -> Device | None:
    """Turn a phone away for good, from its next request on; None when this event has no such phone. Holds the event's lock."""
    event = locked_event(session, event_id)
    device = phones.device_for(session, event.id, public_id)
    if device is None:
        return None
    if _leave(session, device=device, state=DeviceState.REVOKED, now=now):
        _note(session, event=event, verb="revoke_phone", subject=f"device:{public_id}", facts={"gate": device.gate}, actor=actor, now=now)
    return device


def _leave(session: Session, *, device: Device, state: DeviceState, now: datetime) -> bool:
    """The first to end or revoke a phone has their say; an ended one may still be revoked."""
    before = [DeviceState.ACTIVE.value] if state is DeviceState.ENDED else [DeviceState.ACTIVE.value, DeviceState.ENDED.value]
    changed = (
        update(Device)
        .where(Device.id == device.id, Device.state.in_(before))
        .values(state=state.value, state_at=now, last_seen_at=now if state is DeviceState.ENDED else Device.last_seen_at)
        .returning(Device.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(changed) is not None


def _open(session: Session, *, event: LockedEvent, now: datetime) -> None:
    """The door's row, before the first phone: the lock and the counters of the bodies."""
    if doors.door(session, event.id) is None:
        session.add(EventDoor(event_id=event.id, occupancy=0, arrived=0, created_at=now))


def _check_gate(session: Session, event_id: int, gate: str, *, status: int = 422) -> None:
    if gate not in [known.name for known in doors.gates(session, event_id)]:
        raise Refused("gate.unknown", status=status)


def _note(
    session: Session, *, event: LockedEvent, verb: str, subject: str, facts: dict[str, str | int], actor: Actor, now: datetime
) -> None:
    journal.note(session, chain=f"event:{event.id}", actor=actor.label, verb=verb, subject=subject, facts=facts, now=now)
