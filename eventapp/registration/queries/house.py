"""Quotas and ticket types: what decides about a newcomer. Numbers that decide are read under the event's lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, literal_column, select

from eventapp.events.models import Event
from eventapp.lib.db import Session, Utc
from eventapp.registration import rules
from eventapp.registration.models import Enrolment, LineShape, Quota, Registration, Slot, TicketType, TicketTypeQuota

_TYPES = select(TicketType).where(TicketType.event_id == bindparam("event")).order_by(TicketType.position, TicketType.id)


def ticket_types(session: Session, event_id: int) -> list[TicketType]:
    """The ticket types of an event in their order."""
    return list(session.scalars(_TYPES, {"event": event_id}))


def ticket_type(session: Session, event_id: int, ticket_type_id: int) -> TicketType | None:
    """One ticket type of this event."""
    return session.scalars(select(TicketType).where(TicketType.event_id == event_id, TicketType.id == ticket_type_id)).one_or_none()


def quotas(session: Session, event_id: int) -> list[Quota]:
    """The quotas of an event that ticket types may charge, in their order: not those that count places in sessions."""
    of_sessions = select(Slot.quota_id).where(Slot.event_id == event_id)
    statement = select(Quota).where(Quota.event_id == event_id, Quota.id.not_in(of_sessions))
    return list(session.scalars(statement.order_by(Quota.position, Quota.id)))


def all_quotas(session: Session, event_id: int) -> list[Quota]:
    """The quotas of an event, those of sessions too, in their order."""
    return list(session.scalars(select(Quota).where(Quota.event_id == event_id).order_by(Quota.position, Quota.id)))


def charges(session: Session, event_id: int) -> dict[int, list[int]]:
    """For each ticket type, the quotas that it charges."""
    result: dict[int, list[int]] = {}
    statement = select(TicketTypeQuota.ticket_type_id, TicketTypeQuota.quota_id).where(TicketTypeQuota.event_id == event_id)
    for type_id, quota_id in session.execute(statement.order_by(TicketTypeQuota.ticket_type_id, TicketTypeQuota.quota_id)):
        result.setdefault(type_id, []).append(quota_id)
    return result


@dataclass(frozen=True)
class QuotaView:
    """A quota as the rule sees it."""

    id: int
    limit: int
    used: int
    protects_id: int | None
    protected_until: datetime | None


@dataclass(frozen=True)
class KindView:
    """A ticket type as the rule sees it."""

    id: int
    opens_at: datetime | None
    closes_at: datetime | None
    max_party: int
    approval: bool
    waitlist_limit: int | None
    public: bool


_waits: Select[int] = select(literal_column("1", Integer)).where(LineShape.event_id == bindparam("event"), LineShape.parties > 0)
_due = select(func.min(Registration.expires_at, type_=Utc)).where(
    Registration.event_id == bindparam("event"), Registration.expires_at.is_not(None)
)
_enrolment_due = select(func.min(Enrolment.expires_at, type_=Utc)).where(
    Enrolment.event_id == bindparam("event"), Enrolment.expires_at.is_not(None)
)
_queues: Select[int] = select(literal_column("1", Integer)).where(
    Enrolment.event_id == bindparam("event"), Enrolment.state == literal_column("'waitlisted'")
)
HOUSE = (
    select(
        Quota.id,
        Quota.limit,
        Quota.used,
        Quota.protects_id,
        Quota.protected_until,
        _waits.exists().label("somebody_waits"),
        _due.scalar_subquery().label("next_due"),
        _queues.exists().label("somebody_queues"),
        _enrolment_due.scalar_subquery().label("enrolment_due"),
        TicketType.id,
        TicketType.opens_at,
        TicketType.closes_at,
        TicketType.max_party,
        TicketType.approval,
        TicketType.waitlist_limit,
        TicketType.public,
    )
    .outerjoin(TicketTypeQuota, TicketTypeQuota.quota_id == Quota.id)
    .outerjoin(TicketType, TicketType.id == TicketTypeQuota.ticket_type_id)
    .where(Quota.event_id == bindparam("event"))
    .order_by(TicketTypeQuota.ticket_type_id, Quota.id)
)


@dataclass(frozen=True)
class Standing:
    """An event's seats at one moment: the house, its ticket types, whether anybody waits for it or for one of its sessions, and when the
    next offer or hold ends.
    """

    house: rules.House
    kinds: Mapping[int, KindView]
    somebody_waits: bool
    somebody_queues: bool = False
    next_due: datetime | None = None


def house(session: Session, event: Event) -> rules.House:
    """The quotas of an event as they stand in this transaction, and what each ticket type charges. One statement."""
    return standing(session, event).house


def standing(session: Session, event: Event) -> Standing:
    """All that decides about a newcomer, as it stands in this transaction. One statement."""
    return standing_of(event, session.connection().execute(HOUSE, {"event": event.id}).all())


def standing_of(event: Event, rows: Iterable[Sequence[Any]]) -> Standing:
    """The standing that the rows of `HOUSE` say."""
    quotas_: dict[int, QuotaView] = {}
    kinds: dict[int, KindView] = {}
    charged: dict[int, list[int]] = {}
    somebody_waits, somebody_queues, next_due = False, False, None
    for id, limit, used, protects_id, protected_until, waits, due, queues, enrolment_due, type_id, *kind in rows:
        somebody_waits, somebody_queues = bool(waits), bool(queues)
        next_due = min((end for end in (due, enrolment_due) if end is not None), default=None)
        quotas_[id] = QuotaView(id, limit, used, protects_id, protected_until)
        if type_id is not None:
            kinds[type_id] = KindView(type_id, *kind)
            charged.setdefault(type_id, []).append(id)
    facts = rules.House(quotas_, charged, calendar(event), undrawn=event.ballot_at is not None)
    return Standing(facts, kinds, somebody_waits, somebody_queues, next_due)


def calendar(event: Event) -> rules.Calendar:
    """The phases of an event, by what its organiser set."""
    return rules.calendar_of(event.doors_at, event.zone, rules.settings_of(event.line))
