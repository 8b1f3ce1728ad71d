"""How long an invitation keeps its seat, and whether one may be made. Pure. An invitation is an offer that has no place in line."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from eventapp.events.rules import same_wall_clock_before
from eventapp.lib.refusal import Refused
from eventapp.registration.rules.calendar import Calendar
from eventapp.registration.rules.line import House
from eventapp.registration.rules.settings import DAY
from eventapp.registration.rules.states import MAX_PARTY, State

INVITATION_DAYS = 14
MOST_INVITATION_DAYS = 60
MORE_DAYS = 2
"""By how much an organiser makes an invitation longer at a time."""


class Asked(Protocol):
    """What is needed of a party that was asked something, to say until when it may answer."""

    @property
    def state(self) -> str: ...
    @property
    def seq(self) -> int | None: ...
    @property
    def asked_at(self) -> datetime | None: ...
    @property
    def answer_by(self) -> datetime | None: ...
    @property
    def expires_at(self) -> datetime | None: ...


def invitation_ends(house: House, ticket_type_id: int, now: datetime) -> datetime:
    """The instant that no invitation of this type outlives: the freeze, or before it the end of its allotment's protection."""
    own = (house.quotas[quota_id] for quota_id in house.charged[ticket_type_id])
    ends = [quota.protected_until for quota in own if quota.protects_id is not None and quota.protected_until is not None]
    return min([house.freeze_at, *(end for end in ends if end > now)])


def longer(moment: datetime, *, days: int, latest: datetime, zone: str) -> datetime:
    """The same hour so many days later on the venue's clock, but no later than `latest`."""
    return min(same_wall_clock_before(moment, -days * DAY, zone=zone), latest)


def check_invitation(house: House, *, event_state: str, size: int, days: int, now: datetime) -> None:
    """Whether anybody may be invited at all.

    Raises Refused: event.not_open, invitation.too_late, invitation.days, registration.party_too_large.
    """
    if event_state != "published":
        raise Refused("event.not_open")
    if now >= house.freeze_at:
        raise Refused("invitation.too_late")
    if not 1 <= days <= MOST_INVITATION_DAYS:
        raise Refused("invitation.days", most=MOST_INVITATION_DAYS, status=422)
    if not 1 <= size <= MAX_PARTY:
        raise Refused("registration.party_too_large", most=MAX_PARTY, status=422)


def answer_by(asked: Asked, calendar: Calendar, *, counted_from: datetime) -> datetime:
    """Until when an offer may be answered, or an address proved, whose mail leaves at this instant: never sooner than was printed.

    An invitation and a proof keep their length. Until its mail has left, its `expires_at` is the last instant that it may come to.
    """
    if asked.asked_at is None or asked.answer_by is None or asked.expires_at is None:
        raise RuntimeError("nothing was asked")
    if asked.seq is None or asked.state != State.OFFERED:
        later = min(asked.answer_by + (counted_from - asked.asked_at), asked.expires_at)
    else:
        later = calendar.answer_by(asked.asked_at, counted_from=counted_from)
    return max(asked.answer_by, later)
