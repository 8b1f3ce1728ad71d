"""Numbers of an event, and what it still lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, literal, select

from eventapp.events import rules as event_rules
from eventapp.events.models import Event
from eventapp.lib.db import Session, Utc
from eventapp.registration import rules
from eventapp.registration.models import Attendee, Quota, Registration, SeatEntry, TicketType, TicketTypeQuota
from eventapp.registration.queries.house import quotas, ticket_types
from eventapp.registration.rules import SEATED, State


@dataclass(frozen=True)
class EventCounts:
    """Numbers of one event: persons, but for `*_parties`; `limit` and `used` of the quota that the most ticket types share."""

    confirmed: int = 0
    confirmed_parties: int = 0
    offered: int = 0
    waiting: int = 0
    waiting_parties: int = 0
    cancelled: int = 0
    limit: int = 0
    used: int = 0
    arrived: int = 0
    reconfirmed: int = 0  # of the confirmed, who said that they still come
    silent: int = 0  # of the confirmed, who were asked and have not answered


_yes = func.sum(case((Registration.reconfirmed_at.is_not(None), Registration.size), else_=0))
_unanswered = and_(Registration.reconfirmed_at.is_(None), Registration.ask_after > Registration.confirmed_at)
_silent = func.sum(case((_unanswered, Registration.size), else_=0))


def counts(session: Session, event_ids: Sequence[int]) -> dict[int, EventCounts]:
    """Numbers of these events. Three statements, whatever their number."""
    sums: dict[int, dict[str, tuple[int, ...]]] = {id: {} for id in event_ids}
    by_state = (
        select(Registration.event_id, Registration.state, func.count(Registration.id), func.sum(Registration.size), _yes, _silent)
        .where(Registration.event_id.in_(event_ids))
        .group_by(Registration.event_id, Registration.state)
    )
    for event_id, state, *numbers in session.execute(by_state):
        sums[event_id][state] = tuple(int(number) for number in numbers)
    main = main_quotas(session, event_ids)
    arrived = select(Attendee.event_id, func.count(Attendee.id)).where(Attendee.event_id.in_(event_ids), Attendee.arrived_at.is_not(None))
    came = {event_id: int(number) for event_id, number in session.execute(arrived.group_by(Attendee.event_id))}
    result = {}
    for event_id, states in sums.items():
        zero = (0, 0, 0, 0)
        limit, used = main.get(event_id, (0, 0))
        result[event_id] = EventCounts(
            confirmed=states.get("confirmed", zero)[1],
            confirmed_parties=states.get("confirmed", zero)[0],
            offered=states.get("offered", zero)[1] + states.get("held", zero)[1],
            waiting=states.get("waitlisted", zero)[1],
            waiting_parties=states.get("waitlisted", zero)[0],
            cancelled=sum(states.get(state, zero)[1] for state in rules.TERMINAL),
            limit=limit,
            used=used,
            arrived=came.get(event_id, 0),
            reconfirmed=states.get("confirmed", zero)[2],
            silent=states.get("confirmed", zero)[3],
        )
    return result


def main_quotas(session: Session, event_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Limit and use of each event's main quota: the one that most ticket types charge, the first made in a tie."""
    statement = (
        select(Quota.event_id, Quota.limit, Quota.used)
        .outerjoin(TicketTypeQuota, TicketTypeQuota.quota_id == Quota.id)
        .where(Quota.event_id.in_(event_ids))
        .group_by(Quota.event_id, Quota.id, Quota.limit, Quota.used)
        .order_by(func.count(TicketTypeQuota.ticket_type_id).desc(), Quota.id)
    )
    result: dict[int, tuple[int, int]] = {}
    for event_id, limit, used in session.execute(statement):
        result.setdefault(event_id, (limit, used))
    return result


@dataclass(frozen=True)
class Guard:
    """Free seats that an allotment keeps out of the main quota until an instant."""

    main_id: int
    name: str
    seats: int
    until: datetime


def guards(session: Session, event_ids: Sequence[int], now: datetime) -> dict[int, list[Guard]]:
    """What allotments keep of each event's main quota at this moment; events without any are left out. One statement.

    Source: allocation.md, protected quotas. `main_quotas` says which quota is the main one.
    """
    columns = (Quota.event_id, Quota.id, Quota.name, Quota.limit, Quota.used, Quota.protects_id, Quota.protected_until)
    statement = (
        select(*columns)
        .outerjoin(TicketTypeQuota, TicketTypeQuota.quota_id == Quota.id)
        .where(Quota.event_id.in_(event_ids))
        .group_by(*columns)
        .order_by(func.count(TicketTypeQuota.ticket_type_id).desc(), Quota.id)
    )
    main: dict[int, int] = {}
    result: dict[int, list[Guard]] = {}
    for event_id, id, name, limit, used, protects_id, until in session.execute(statement):
        if protects_id == main.setdefault(event_id, id) and until is not None and now < until and used < limit:
            result.setdefault(event_id, []).append(Guard(protects_id, name, limit - used, until))
    return result


def waited_for(session: Session, event_ids: Sequence[int]) -> set[int]:
    """Those of these events for which somebody stands in line. One statement."""
    statement = select(Registration.event_id).where(Registration.event_id.in_(event_ids), Registration.state == State.WAITLISTED)
    return set(session.scalars(statement.distinct()))


def state_counts(session: Session, event_id: int) -> dict[str, int]:
    """Number of parties of an event in each state."""
    statement = select(Registration.state, func.count(Registration.id)).where(Registration.event_id == event_id)
    return {state: int(number) for state, number in session.execute(statement.group_by(Registration.state))}


def ledger_sums(session: Session, event_id: int) -> dict[int, int]:
    """Σ delta of the seat ledger for each quota."""
    statement = select(SeatEntry.quota_id, func.sum(SeatEntry.delta)).where(SeatEntry.event_id == event_id).group_by(SeatEntry.quota_id)
    return {quota_id: int(total) for quota_id, total in session.execute(statement)}


def line_by_shape(session: Session, event_id: int) -> dict[rules.Shape, int]:
    """Number of waiting parties of each shape, counted from the registrations: for `verify`."""
    shape = (
        Registration.ticket_type_id,
        Registration.size,
        Registration.line_class,
        Registration.auto_until,
        Registration.accept_partial,
    )
    statement = select(*shape, func.count(Registration.id)).where(Registration.event_id == event_id, Registration.state == "waitlisted")
    return {rules.Shape(*row[:5]): int(row[5]) for row in session.execute(statement.group_by(*shape))}


def seats_by_quota(session: Session, event_id: int) -> dict[int, int]:
    """Σ sizes of seat-consuming registrations for each quota."""
    statement = (
        select(TicketTypeQuota.quota_id, func.sum(Registration.size))
        .join(Registration, Registration.ticket_type_id == TicketTypeQuota.ticket_type_id)
        .where(Registration.event_id == event_id, Registration.state.in_(SEATED))
        .group_by(TicketTypeQuota.quota_id)
    )
    return {quota_id: int(total) for quota_id, total in session.execute(statement)}


def arrived(session: Session, event_id: int, *, quota_id: int | None = None) -> int:
    """Attendees of an event who have come in, those of one quota only if it is given."""
    statement = select(func.count(Attendee.id)).where(Attendee.event_id == event_id, Attendee.arrived_at.is_not(None))
    if quota_id is not None:
        users = select(TicketTypeQuota.ticket_type_id).where(TicketTypeQuota.quota_id == quota_id)
        statement = statement.join(Registration, Registration.id == Attendee.registration_id).where(Registration.ticket_type_id.in_(users))
    return int(session.scalar(statement) or 0)


def checklist(session: Session, event: Event, now: datetime) -> list[event_rules.Missing]:
    """What still stands between this event (loaded with organiser and space) and its publication."""
    kinds = ticket_types(session, event.id)
    limits = [quota.limit for quota in quotas(session, event.id) if quota.protects_id is None]
    return event_rules.checklist(
        event_rules.Facts(
            legal_missing=event.organiser.legal_missing,
            contact=event.contact,
            has_space=event.space is not None,
            safety_capacity=event.space.safety_capacity if event.space else None,
            booking_limit=max(limits, default=None),
            ticket_types=len(kinds),
            public_ticket_types=sum(kind.public for kind in kinds),
            doors_at=event.doors_at,
            now=now,
            overbooking_reason=event.overbooking_reason,
        )
    )


def openings(session: Session, event_ids: Sequence[int], now: datetime) -> dict[int, datetime]:
    """When registration opens for those events for which no public ticket type has opened yet. One statement."""
    opens = func.min(func.coalesce(TicketType.opens_at, literal(now, Utc)), type_=Utc)
    statement = select(TicketType.event_id, opens).where(TicketType.event_id.in_(event_ids), TicketType.public.is_(True))
    rows = session.execute(statement.group_by(TicketType.event_id).having(opens > literal(now, Utc)))
    return {row[0]: row[1] for row in rows}
