"""Phones and their invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, select

from eventapp.door.models import Device, DeviceEnrolment
from eventapp.door.rules.devices import DeviceState
from eventapp.lib.db import Session


@dataclass(frozen=True, slots=True)
class Phone:
    """What a phone is when it asks: the row without what it only tells."""

    id: int
    event_id: int
    public_id: str
    label: str
    gate: str
    role: str
    state: str
    until_at: datetime
    enrolled_at: datetime
    last_seen_at: datetime


PHONE = (
    Device.id,
    Device.event_id,
    Device.public_id,
    Device.label,
    Device.gate,
    Device.role,
    Device.state,
    Device.until_at,
    Device.enrolled_at,
    Device.last_seen_at,
)
"""The columns of a Phone, in its order."""

_PHONE = select(*PHONE).where(Device.credential_sha256 == bindparam("credential"))


def phone(session: Session, credential_sha256: bytes) -> Phone | None:
    """The phone that holds this credential, whatever its state, to ask with. One statement."""
    row = session.connection().execute(_PHONE, {"credential": credential_sha256}).one_or_none()
    return Phone(*tuple(row)) if row else None


def device_by_credential(session: Session, credential_sha256: bytes) -> Device | None:
    """The phone that holds this credential, whatever its state."""
    return session.scalars(select(Device).where(Device.credential_sha256 == credential_sha256)).one_or_none()


def device_for(session: Session, event_id: int, public_id: str) -> Device | None:
    """One phone of this event."""
    return session.scalars(select(Device).where(Device.event_id == event_id, Device.public_id == public_id)).one_or_none()


def devices(session: Session, event_id: int) -> list[Device]:
    """The phones of an event: those at work first, then by last contact."""
    at_work = case((Device.state == DeviceState.ACTIVE, 0), else_=1)
    statement = select(Device).where(Device.event_id == event_id).order_by(at_work, Device.last_seen_at.desc(), Device.id)
    return list(session.scalars(statement))


def enrolment_for(session: Session, event_id: int, enrolment_id: int) -> DeviceEnrolment | None:
    """One invitation of this event."""
    statement = select(DeviceEnrolment).where(DeviceEnrolment.event_id == event_id, DeviceEnrolment.id == enrolment_id)
    return session.scalars(statement).one_or_none()
