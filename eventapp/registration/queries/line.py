"""The line: who waits, in which order, where a party stands, and what a visitor is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, literal_column, or_, select

from eventapp.events.models import Event
from eventapp.journal import queries as journal
from eventapp.lib.db import Session, Utc
from eventapp.registration import rules
from eventapp.registration.models import LineShape, Registration
from eventapp.registration.queries.house import charges, standing
from eventapp.registration.rules import State

LINE_CHUNK = 100


_SHAPES = (
    select(
        LineShape.ticket_type_id,
        LineShape.size,
        LineShape.line_class,
        LineShape.auto_until,
        LineShape.accept_partial,
        LineShape.parties,
    )
    .where(LineShape.event_id == bindparam("event"), LineShape.parties > 0)
    .order_by(LineShape.ticket_type_id, LineShape.size, LineShape.line_class, LineShape.auto_until, LineShape.accept_partial)
)


def shapes(session: Session, event_id: int) -> dict[rules.Shape, int]:
    """The non-empty shapes of the line, with the number of parties of each. Read from counts: the line may be long."""
    return {rules.Shape(*row[:5]): row[5] for row in session.connection().execute(_SHAPES, {"event": event_id})}


def line(session: Session, event_id: int) -> dict[rules.Shape, Iterator[Registration]]:
    """For each shape its waiting parties in order, those still to prove their address left out, read lazily in chunks: what is not pulled is not read."""
    return _lined(session, event_id, shapes(session, event_id))


def _lined(session: Session, event_id: int, shapes: Iterable[rules.Shape]) -> dict[rules.Shape, Iterator[Registration]]:
    return {shape: _waiting(session, event_id, shape) for shape in shapes}


_WAITING = (
    select(Registration)
    .where(
        Registration.event_id == bindparam("event"),
        Registration.state == literal_column("'waitlisted'"),
        Registration.ticket_type_id == bindparam("type"),
        Registration.size == bindparam("size"),
        Registration.line_class == bindparam("class"),
        Registration.auto_until == bindparam("wish"),
        Registration.accept_partial == bindparam("partial"),
        Registration.expires_at.is_(None),
        Registration.seq >= bindparam("since"),
    )
    .order_by(Registration.seq, Registration.id)
    .limit(bindparam("most"))
)


def _waiting(session: Session, event_id: int, shape: rules.Shape) -> Iterator[Registration]:
    since, size = 0, 1
    seen: set[int] = set()  # parts of one party have one place: the last place of a chunk is read again with the next
    while True:
        values = {
            "event": event_id,
            "type": shape.ticket_type_id,
            "size": shape.size,
            "class": shape.line_class,
            "wish": shape.auto_until,
            "partial": shape.accept_partial,
            "since": since,
            "most": size,
        }
        chunk = list(session.scalars(_WAITING, values))
        yield from (registration for registration in chunk if registration.id not in seen)
        if len(chunk) < size:
            return
        since, size = chunk[-1].seq or 0, LINE_CHUNK
        seen = {registration.id for registration in chunk if registration.seq == since}


def waiting_for(session: Session, event_id: int, type_ids: Sequence[int]) -> tuple[int, int]:
    """Parties and persons who wait for one of these ticket types."""
    waiting = waiting_by_type(shapes(session, event_id))
    chosen = [waiting.get(type_id, (0, 0)) for type_id in type_ids]
    return sum(parties for parties, _persons in chosen), sum(persons for _parties, persons in chosen)


def waiting_by_type(shapes: Mapping[rules.Shape, int]) -> dict[int, tuple[int, int]]:
    """For each ticket type for which somebody waits, parties and persons."""
    result: dict[int, tuple[int, int]] = {}
    for (type_id, size, *_rest), number in shapes.items():
        parties, persons = result.get(type_id, (0, 0))
        result[type_id] = (parties + number, persons + number * size)
    return result


def sharing(charged: Mapping[int, Sequence[int]], type_id: int) -> list[int]:
    """The ticket types that charge a quota of this one: their parties stand in the same line."""
    own = set(charged.get(type_id, ()))
    return [other for other, quota_ids in charged.items() if own.intersection(quota_ids)]


def availability(session: Session, event: Event, now: datetime) -> dict[int, rules.Availability]:
    """What a visitor is told about each ticket type. The number of statements depends on the number of shapes, not of people."""
    stands = standing(session, event)
    facts = stands.house
    lined = shapes(session, event.id) if stands.somebody_waits else {}
    waiting = waiting_by_type(lined)
    rooms = {} if facts.undrawn else rules.room_for_newcomers(_lined(session, event.id, lined), facts, now)
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
            approval=kind.approval,
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


def place_at_the_end(session: Session, registration: Registration, ticket_type_id: int) -> rules.Place:
    """The place that a party would come to behind everybody of its class who waits for a quota of this ticket type. Read from counts."""
    together = sharing(charges(session, registration.event_id), ticket_type_id)
    before = {
        shape: parties
        for shape, parties in shapes(session, registration.event_id).items()
        if shape.ticket_type_id in together and shape.line_class <= registration.line_class
    }
    parties, persons = sum(before.values()), sum(shape.size * parties for shape, parties in before.items())
    if registration.state == State.WAITLISTED and registration.ticket_type_id in together:
        parties, persons = parties - 1, persons - registration.size
    return rules.Place(parties + 1, parties, persons)


DUE_AT_ONCE = 500
_DUE = (
    select(Registration)
    .where(Registration.event_id == bindparam("event"), Registration.expires_at <= bindparam("at", type_=Utc))
    .order_by(Registration.expires_at, Registration.id)
    .limit(DUE_AT_ONCE)
)
_REMINDERS = (
    select(Registration)
    .where(
        Registration.event_id == bindparam("event"),
        Registration.remind_at <= bindparam("at", type_=Utc),
        Registration.state == literal_column("'offered'"),
    )
    .order_by(Registration.remind_at, Registration.id)
    .limit(DUE_AT_ONCE)
)


def due(session: Session, event_id: int, at: datetime) -> list[Registration]:
    """Offers, holds and places without a proof that end at this instant or before, in that order; 500 at most. For use under the lock."""
    return list(session.scalars(_DUE, {"event": event_id, "at": at}))


def offered(session: Session, event_id: int) -> list[Registration]:
    """The parties of an event that have been offered seats. For use under the lock."""
    statement = select(Registration).where(Registration.event_id == event_id, Registration.state == State.OFFERED)
    return list(session.scalars(statement.order_by(Registration.id)))


def unstarted(session: Session) -> list[tuple[int, str]]:
    """Event and public id of each party, wherever, that was asked something by a mail that has neither left nor failed."""
    asked = Registration.state.in_((State.HELD, State.OFFERED, State.WAITLISTED))
    statement = select(Registration.event_id, Registration.public_id).where(
        asked, Registration.expires_at.is_not(None), Registration.started_at.is_(None)
    )
    return [(event_id, public_id) for event_id, public_id in session.execute(statement.order_by(Registration.event_id, Registration.id))]


def reminders(session: Session, event_id: int, at: datetime) -> list[Registration]:
    """Offers half of whose time is over, and of which nobody was reminded; 500 at most. For use under the lock."""
    return list(session.scalars(_REMINDERS, {"event": event_id, "at": at}))


def untold_of_the_draw(session: Session, event_id: int) -> list[Registration]:
    """Parties that took part in a draw and were not told what came of it; 100 at most."""
    statement = select(Registration).where(
        Registration.event_id == event_id, Registration.notice == literal_column("'undrawn'"), Registration.state == State.WAITLISTED
    )
    return list(session.scalars(statement.order_by(Registration.id).limit(LINE_CHUNK)))


def untold(session: Session, event_id: int, notice: str) -> list[Registration]:
    """Parties that wait and were not sent this mail to all who wait; 100 at most, in the order of the line. Nobody whose address is
    still to be proved.
    """
    statement = select(Registration).where(
        Registration.event_id == event_id,
        Registration.state == State.WAITLISTED,
        Registration.expires_at.is_(None),
        Registration.notice != notice,
    )
    return list(session.scalars(statement.order_by(Registration.line_class, Registration.seq, Registration.id).limit(LINE_CHUNK)))


@dataclass(frozen=True)
class Published:
    """The rules of a line under one of their versions: from when until when they were in force. None: from the beginning; still."""

    settings: rules.Settings
    since: datetime | None
    until: datetime | None


def published_rules(session: Session, event: Event, version: int) -> Published | None:
    """The rules as they were published under a version; None: there was no such version. Its changes stand in the journal."""
    settings, since = rules.DEFAULTS, None
    for entry in journal.deeds(session, f"event:{event.id}", "set_allocation"):
        if settings.version == version:
            return Published(settings, since, entry.at)
        settings, since = rules.settings_of(entry.facts), entry.at
    return Published(settings, since, None) if settings.version == version else None
