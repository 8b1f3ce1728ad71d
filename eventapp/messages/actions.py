"""Posting a mail: a row in the transaction of its reason. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eventapp.lib import codes
from eventapp.lib.db import Session
from eventapp.messages.models import Message


def post(
    session: Session,
    *,
    room: str,
    kind: str,
    address: str,
    language: str,
    name: str = "",
    organiser_id: int | None = None,
    event_id: int | None = None,
    subject_id: str | None = None,
    facts: Mapping[str, Any],
    now: datetime,
) -> Message:
    """Leave a mail in the outbox; the worker renders `templates/<room>/mail/<kind>` and sends it after the commit."""
    message = Message(
        public_id=codes.public_id(),
        room=room,
        kind=kind,
        address=address,
        language=language,
        name=name,
        organiser_id=organiser_id,
        event_id=event_id,
        subject_id=subject_id,
        facts=dict(facts),
        state="queued",
        attempts=0,
        due_at=now,
        created_at=now,
        problem="",
    )
    session.add(message)
    return message
