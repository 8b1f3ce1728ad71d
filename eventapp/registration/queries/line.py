"""The line: who waits, in which order, where a party stands, and what a visitor is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, func, literal_column, or_, select

from eventapp.events.models import Event
from eventapp.lib.db import Session
from eventapp.registration import rules
from eventapp.registration.models import Registration
from eventapp.registration.queries.house import charges, standing
from eventapp.registration.rules import State

LINE_CHUNK = 100


_SHAPES = (
    select(Registration.ticket_type_id, Registration.size, Registration.line_class)
    .where(Registration.event_id == bindparam("event"), Registration.state == literal_column("'waitlisted'"))
    .distinct()
)


def shapes(session: Session, event_id: int) -> list[rules.Shape]:
    """The non-empty shapes of the line."""
    return [(row[0], row[1], row[2]) for row in session.connection().execute(_SHAPES, {"event": event_id})]


def line(session: Session, event_id: int) -> dict[rules.Shape, Iterator[Registration]]:
    """For each shape its waiting parties in order, read lazily in chunks: what is not pulled is not read."""
    return {shape: _waiting(session, event_id, shape) for shape in shapes(session, event_id)}


_WAITING = (
    select(Registration)
    .where(
        Registration.event_id == bindparam("event"),
        Registration.state == literal_column("'waitlisted'"),
        Registration.ticket_type_id == bindparam("type"),
        Registration.size == bindparam("size"),
        Registration.line_class == bindparam("class"),
        Registration.seq > bindparam("after"),
    )
    .order_by(Registration.seq)
    .limit(bindparam("most"))
)


def _waiting(session: Session, event_id: int, shape: rules.Shape) -> Iterator[Registration]:
    after, size = -1, 1
    while True:
        values = {"event": event_id, "type": shape[0], "size": shape[1], "class": shape[2], "after": after, "most": size}
        chunk = list(session.scalars(_WAITING, values))
        yield from chunk
        if len(chunk) < size:
            return
        after, size = chunk[-1].seq or 0, LINE_CHUNK


_WAITING_FOR = select(func.count(Registration.id), func.coalesce(func.sum(Registration.size), 0)).where(
    Registration.event_id == bindparam("event"),
    Registration.state == literal_column("'waitlisted'"),
    Registration.ticket_type_id.in_(bindparam("types", expanding=True)),
)


def waiting_for(session: Session, event_id: int, type_ids: Sequence[int]) -> tuple[int, int]:
    """Parties and persons who wait for one of these ticket types."""
    parties, persons = session.connection().execute(_WAITING_FOR, {"event": event_id, "types": list(type_ids)}).one()
    return int(parties), int(persons)


def sharing(charged: Mapping[int, Sequence[int]], type_id: int) -> list[int]:
    """The ticket types that charge a quota of this one: their parties stand in the same line."""
    own = set(charged.get(type_id, ()))
    return [other for other, quota_ids in charged.items() if own.intersection(quota_ids)]


_WAITING_BY_TYPE = (
    select(Registration.ticket_type_id, func.count(Registration.id), func.sum(Registration.size))
    .where(Registration.event_id == bindparam("event"), Registration.state == literal_column("'waitlisted'"))
    .group_by(Registration.ticket_type_id)
)


def waiting_by_type(session: Session, event_id: int) -> dict[int, tuple[int, int]]:
    """For each ticket type for which somebody waits, parties and persons."""
    rows = session.connection().execute(_WAITING_BY_TYPE, {"event": event_id})
    return {type_id: (int(parties), int(persons)) for type_id, parties, persons in rows}


def availability(session: Session, event: Event, now: datetime) -> dict[int, rules.Availability]:
    """What a visitor is told about each ticket type. The number of statements depends on the number of shapes, not of people."""
    stands = standing(session, event)
    facts = stands.house
    waiting = waiting_by_type(session, event.id) if stands.somebody_waits else {}
    rooms = rules.room_for_newcomers(line(session, event.id) if waiting else {}, facts, now)
    result = {}
    for kind in stands.kinds.values():
        own = [facts.quotas[quota_id] for quota_id in facts.charged.get(kind.id, ())]
        tightest = min(own, key=lambda quota: (quota.limit - quota.used, quota.limit), default=None)
        together = sharing(facts.charged, kind.id)
        parties = sum(waiting.get(other, (0, 0))[0] for other in together)
        room = rooms.get(kind.id, 0)
        limit = tightest.limit if tightest else 0
        result[kind.id] = rules.Availability(
            ticket_type_id=kind.id,
            opening=rules.opening(kind, facts, room=room, limit=limit, waiting_parties=parties, now=now),
            free=room,
            limit=limit,
            taken=tightest.used if tightest else 0,
            waiting_parties=parties,
            waiting_persons=sum(waiting.get(other, (0, 0))[1] for other in together),
            opens_at=kind.opens_at,
            max_party=kind.max_party,
        )
    return result


def place(session: Session, registration: Registration) -> rules.Place | None:
    """Where a waiting party stands among all who wait for one of its quotas; None for a party that does not wait."""
    if registration.state != State.WAITLISTED or registration.seq is None:
        return None
    together = sharing(charges(session, registration.event_id), registration.ticket_type_id)
    before = or_(
        Registration.line_class < registration.line_class,
        and_(Registration.line_class == registration.line_class, Registration.seq < registration.seq),
    )
    statement = select(func.count(Registration.id), func.coalesce(func.sum(Registration.size), 0)).where(
        Registration.event_id == registration.event_id,
        Registration.state == "waitlisted",
        Registration.ticket_type_id.in_(together),
        before,
    )
    parties, persons = session.execute(statement).one()
    return rules.Place(int(parties) + 1, int(parties), int(persons))


def place_of_newcomer(session: Session, event_id: int, ticket_type_id: int) -> rules.Place:
    """The place that somebody would have who joined the line now."""
    parties, persons = waiting_for(session, event_id, sharing(charges(session, event_id), ticket_type_id))
    return rules.Place(parties + 1, parties, persons)
