"""The mails of registration: one row per registration and command that changes what its holder may rely on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eventapp.events.models import Event
from eventapp.lib.db import Session
from eventapp.messages import actions as messages
from eventapp.registration.models import Registration
from eventapp.registration.rules import Place

KINDS = ("confirmed", "promoted", "waitlisted", "cancelled", "resized", "corrected", "revoked", "link", "called_off", "postponed")


def tell(
    session: Session,
    *,
    event: Event,
    registration: Registration,
    kind: str,
    place: Place | None = None,
    facts: Mapping[str, Any] | None = None,
    address: str | None = None,
    now: datetime,
) -> None:
    """Leave a mail to the holder; nobody is written to who gave no address. Numbers are frozen at this moment."""
    if not (address or registration.email):
        return
    values: dict[str, Any] = {"size": registration.size, "version": registration.version, **(facts or {})}
    if place is not None:
        values |= {"position": place.position, "parties_before": place.parties_before, "persons_before": place.persons_before}
    messages.post(
        session,
        room="registration",
        kind=kind,
        address=address or registration.email,
        name=f"{registration.first_name} {registration.last_name}".strip(),
        language=registration.language,
        organiser_id=event.organiser_id,
        event_id=event.id,
        subject_id=registration.public_id,
        facts=values,
        now=now,
    )
