"""Finding, from the actor's scope: what is not theirs is answered with 404, like what does not exist."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from eventapp.events import queries as events
from eventapp.events import rules as event_rules
from eventapp.events.models import Event
from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.people import rules as people
from eventapp.registration import queries
from eventapp.registration.models import Quota, Registration, TicketType

MAX_ID_DIGITS = 9


def event(session: Session, slug: str, permission: str) -> Event:
    """The event, if the actor holds the permission for its organiser."""
    row = events.event_for(session, web.actor(), slug, may_=permission)
    return row if row is not None else web.not_found()


def registration(session: Session, event_id: int, public_id: str) -> Registration:
    """The registration of this event, with its ticket type."""
    row = queries.registration_for(session, event_id, public_id)
    return row if row is not None else web.not_found()


def quota(session: Session, event_id: int, quota_id: int) -> Quota:
    """The quota of this event."""
    return next((row for row in queries.quotas(session, event_id) if row.id == quota_id), None) or web.not_found()


def ticket_type(session: Session, event_id: int, number: int) -> TicketType:
    """The ticket type of this event with this number."""
    return next((row for row in queries.ticket_types(session, event_id) if row.number == number), None) or web.not_found()


def may(permission: str, organiser_id: int) -> bool:
    """Whether the actor may, so that a page does not offer what would be refused."""
    return people.may(web.actor(), permission, organiser_id)


def cursor(typed: str | None) -> int | None:
    """The place in a list that a link of ours named; None for anything else."""
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) <= MAX_ID_DIGITS else None


def instant(wall: datetime | None, zone: str) -> datetime | None:
    """A typed wall time as an instant.

    Raises Refused: time.does_not_exist.
    """
    return event_rules.instant(wall, zone) if wall is not None else None


def wall(at: datetime | None, zone: str) -> datetime | None:
    """An instant as it was typed."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if at is not None else None
