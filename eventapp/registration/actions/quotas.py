"""Quotas and ticket types: how many seats, for whom, from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from eventapp.events.queries import LockedEvent, space_by_id
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Quota, Registration, TicketType, TicketTypeQuota


def _note(
    session: Session,
    *,
    event: LockedEvent,
    actor: Actor,
    verb: str,
    subject: str,
    facts: Mapping[str, Any],
    reason: str = "",
    now: datetime,
) -> None:
    journal.note(session, chain=f"event:{event.id}", actor=actor.label, verb=verb, subject=subject, reason=reason, facts=facts, now=now)


def create_quota(
    session: Session,
    *,
    event_id: int,
    name: str,
    limit: int,
    protects_id: int | None = None,
    protected_until: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Quota:
    """A new number of seats; one that protects another keeps its unused seats from everybody else until a date.

    Raises Refused: quota.name_taken, quota.limit_negative, quota.protection_incomplete, quota.unknown.
    """
    event = settled_event(session, event_id=event_id, now=now)
    existing = queries.quotas(session, event.id)
    if limit < 0:
        raise Refused("quota.limit_negative", status=422)
    if any(quota.name == name for quota in existing):
        raise Refused("quota.name_taken", status=422)
    if (protects_id is None) != (protected_until is None):
        raise Refused("quota.protection_incomplete", status=422)
    if protects_id is not None and all(quota.id != protects_id for quota in existing):
        raise Refused("quota.unknown", status=422)
    quota = Quota(
        event_id=event.id,
        name=name,
        limit=limit,
        used=0,
        ceiling=limit,
        protects_id=protects_id,
        protected_until=protected_until,
        position=len(existing),
        created_at=now,
    )
    session.add(quota)
    session.flush()  # its id is needed below
    _note(
        session, event=event, actor=actor, verb="create_quota", subject=f"quota:{quota.id}", facts={"name": name, "limit": limit}, now=now
    )
    allocate(session, event=event, now=now)
    return quota


def set_limit(
    session: Session, *, event_id: int, quota_id: int, limit: int, reason: str = "", actor: Actor, now: datetime
) -> list[Registration]:
    """Raise a limit, which seats the next in line at once, or lower it, which cancels nobody: the quota is then in deficit.

    Gives those promoted. A reason given for more seats than the safety capacity is kept with the event.
    Raises Refused: quota.limit_negative, quota.unknown, quota.below_arrived.
    """
    event = settled_event(session, event_id=event_id, now=now)
    quota = next((quota for quota in queries.all_quotas(session, event.id) if quota.id == quota_id), None)
    if quota is None:
        raise Refused("quota.unknown", status=422)
    if limit < 0:
        raise Refused("quota.limit_negative", status=422)
    inside = queries.arrived(session, event.id, quota_id=quota.id)
    if limit < inside:
        raise Refused("quota.below_arrived", arrived=inside, status=422)
    was = quota.limit
    quota.limit = limit
    quota.ceiling = max(limit, quota.used)
    if reason.strip() and _is_over_gauge(session, event, limit):
        event.overbooking_reason = reason
    facts = {"from": was, "to": limit, "used": quota.used}
    _note(session, event=event, actor=actor, verb="set_limit", subject=f"quota:{quota.id}", reason=reason, facts=facts, now=now)
    return allocate(session, event=event, now=now).promoted


def _is_over_gauge(session: Session, event: LockedEvent, limit: int) -> bool:
    """Whether more rights to come in are given than bodies may be inside: allowed, with a reason (events.rules.checklist)."""
    space = space_by_id(session, event.organiser_id, event.space_id) if event.space_id is not None else None
    return space is not None and space.safety_capacity is not None and limit > space.safety_capacity


def update_quota(
    session: Session,
    *,
    event_id: int,
    quota_id: int,
    name: str,
    protects_id: int | None,
    protected_until: datetime | None,
    actor: Actor,
    now: datetime,
) -> Quota:
    """Rename a quota, or change what it protects and until when. Its limit is `set_limit`'s.

    Raises Refused: quota.unknown, quota.name_taken, quota.protection_incomplete, quota.protects_itself.
    """
    event = settled_event(session, event_id=event_id, now=now)
    existing = {quota.id: quota for quota in queries.quotas(session, event.id)}
    quota = existing.get(quota_id)
    if quota is None or (protects_id is not None and protects_id not in existing):
        raise Refused("quota.unknown", status=422)
    if any(other.name == name and other.id != quota_id for other in existing.values()):
        raise Refused("quota.name_taken", status=422)
    if (protects_id is None) != (protected_until is None):
        raise Refused("quota.protection_incomplete", status=422)
    if protects_id == quota_id:
        raise Refused("quota.protects_itself", status=422)
    quota.name, quota.protects_id, quota.protected_until = name, protects_id, protected_until
    _note(session, event=event, actor=actor, verb="update_quota", subject=f"quota:{quota.id}", facts={"name": name}, now=now)
    allocate(session, event=event, now=now)
    return quota


def delete_quota(session: Session, *, event_id: int, quota_id: int, actor: Actor, now: datetime) -> None:
    """Remove a quota that no ticket type charges, none protects by, and no ledger row names.

    Raises Refused: quota.unknown, quota.in_use.
    """
    event = settled_event(session, event_id=event_id, now=now)
    existing = {quota.id: quota for quota in queries.quotas(session, event.id)}
    if quota_id not in existing:
        raise Refused("quota.unknown", status=422)
    charged = any(quota_id in quota_ids for quota_ids in queries.charges(session, event.id).values())
    protected = any(quota.protects_id == quota_id for quota in existing.values())
    if charged or protected or quota_id in queries.ledger_sums(session, event.id):
        raise Refused("quota.in_use")
    session.delete(existing[quota_id])
    _note(session, event=event, actor=actor, verb="delete_quota", subject=f"quota:{quota_id}", facts={}, now=now)


def _check_type(
    max_party: int, opens_at: datetime | None, closes_at: datetime | None, quota_ids: Sequence[int], known: Sequence[int]
) -> None:
    if not 1 <= max_party <= rules.MAX_PARTY:
        raise Refused("ticket_type.max_party", most=rules.MAX_PARTY, status=422)
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise Refused("ticket_type.closes_before_opening", status=422)
    if not quota_ids or not set(quota_ids) <= set(known):
        raise Refused("ticket_type.without_quota", status=422)


def create_ticket_type(
    session: Session,
    *,
    event_id: int,
    slug: str,
    name: Mapping[str, str],
    description: Mapping[str, str] | None = None,
    quota_ids: Sequence[int],
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    max_party: int = 4,
    approval: bool = False,
    waitlist_limit: int | None = None,
    public: bool = True,
    transferable: bool = True,
    actor: Actor,
    now: datetime,
) -> TicketType:
    """A new way to register, which charges these quotas.

    Raises Refused: ticket_type.max_party, .closes_before_opening, .without_quota, .slug_taken.
    """
    event = settled_event(session, event_id=event_id, now=now)
    existing = queries.ticket_types(session, event.id)
    _check_type(max_party, opens_at, closes_at, quota_ids, [quota.id for quota in queries.quotas(session, event.id)])
    if any(kind.slug == slug for kind in existing):
        raise Refused("ticket_type.slug_taken", status=422)
    kind = TicketType(
        event_id=event.id,
        number=max((kind.number for kind in existing), default=0) + 1,
        slug=slug,
        name=dict(name),
        description=dict(description or {}),
        opens_at=opens_at,
        closes_at=closes_at,
        max_party=max_party,
        approval=approval,
        waitlist_limit=waitlist_limit,
        public=public,
        transferable=transferable,
        position=len(existing),
        created_at=now,
    )
    session.add(kind)
    session.flush()  # its quotas point at it
    session.add_all(TicketTypeQuota(event_id=event.id, ticket_type_id=kind.id, quota_id=quota_id) for quota_id in quota_ids)
    _note(session, event=event, actor=actor, verb="create_ticket_type", subject=f"ticket_type:{kind.number}", facts={"slug": slug}, now=now)
    session.flush()  # the next reader of charges must see them
    return kind


def update_ticket_type(
    session: Session,
    *,
    event_id: int,
    ticket_type_id: int,
    name: Mapping[str, str],
    description: Mapping[str, str] | None = None,
    quota_ids: Sequence[int],
    opens_at: datetime | None,
    closes_at: datetime | None,
    max_party: int,
    approval: bool,
    waitlist_limit: int | None,
    public: bool,
    transferable: bool,
    actor: Actor,
    now: datetime,
) -> TicketType:
    """Change a ticket type; its quotas only while nobody holds or awaits a seat of it.

    Raises Refused: as create_ticket_type; ticket_type.unknown; ticket_type.quotas_in_use.
    """
    event = settled_event(session, event_id=event_id, now=now)
    kind = queries.ticket_type(session, event.id, ticket_type_id)
    if kind is None:
        raise Refused("ticket_type.unknown", status=422)
    _check_type(max_party, opens_at, closes_at, quota_ids, [quota.id for quota in queries.quotas(session, event.id)])
    charged = queries.charges(session, event.id).get(kind.id, [])
    if set(charged) != set(quota_ids):
        if queries.has_live(session, event.id, ticket_type_id=kind.id):
            raise Refused("ticket_type.quotas_in_use")
        for quota_id in set(charged) - set(quota_ids):
            link = session.get(TicketTypeQuota, (kind.id, quota_id))
            session.delete(link)
        session.add_all(
            TicketTypeQuota(event_id=event.id, ticket_type_id=kind.id, quota_id=quota_id) for quota_id in set(quota_ids) - set(charged)
        )
    kind.name, kind.description = dict(name), dict(description or {})
    kind.opens_at, kind.closes_at = opens_at, closes_at
    kind.max_party, kind.approval, kind.transferable = max_party, approval, transferable
    kind.waitlist_limit, kind.public = waitlist_limit, public
    _note(
        session,
        event=event,
        actor=actor,
        verb="update_ticket_type",
        subject=f"ticket_type:{kind.number}",
        facts={"slug": kind.slug},
        now=now,
    )
    allocate(session, event=event, now=now)
    return kind


def delete_ticket_type(session: Session, *, event_id: int, ticket_type_id: int, actor: Actor, now: datetime) -> None:
    """Remove a ticket type for which nobody ever registered.

    Raises Refused: ticket_type.unknown, ticket_type.in_use.
    """
    event = settled_event(session, event_id=event_id, now=now)
    kind = queries.ticket_type(session, event.id, ticket_type_id)
    if kind is None:
        raise Refused("ticket_type.unknown", status=422)
    if queries.registrations_page(session, event.id, ticket_type_id=kind.id, limit=1):
        raise Refused("ticket_type.in_use")
    for quota_id in queries.charges(session, event.id).get(kind.id, []):
        session.delete(session.get(TicketTypeQuota, (kind.id, quota_id)))
    session.flush()  # links before what they point at
    session.delete(kind)
    _note(session, event=event, actor=actor, verb="delete_ticket_type", subject=f"ticket_type:{kind.number}", facts={}, now=now)
