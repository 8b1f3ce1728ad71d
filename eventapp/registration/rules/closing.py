"""When an event's line is closed, and who is told of it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from eventapp.events.rules import Ending, EventState
from eventapp.lib.refusal import Refused
from eventapp.registration.rules.states import LIVE, State

CLOSES_AFTER = timedelta(hours=1)
TOLD_WITHIN = timedelta(days=1)
"""Who waited for an event that ended longer ago than this is written to no more."""
HAS_CLOSED = (EventState.PUBLISHED, EventState.ARCHIVED)
"""One that is postponed has no date, so that it has no end."""
UNANSWERED = LIVE - {State.CONFIRMED}
"""Those who still wait for something when the line is closed."""


def closes_at(event: Ending) -> datetime:
    """The instant at which the line of an event is closed."""
    return event.ends_at + CLOSES_AFTER


def is_closed(event: Ending, now: datetime) -> bool:
    """Whether the event ended an hour ago or more: from then on no seat changes hands."""
    return event.state in HAS_CLOSED and now >= closes_at(event)


def check_not_closed(event: Ending, now: datetime) -> None:
    """Whether seats may still change.

    Raises Refused: event.closed.
    """
    if is_closed(event, now):
        raise Refused("event.closed")


def tells(event: Ending, now: datetime) -> bool:
    """Whether those who waited are still written to: not days after the event."""
    return now <= event.ends_at + TOLD_WITHIN
