"""Questions about seats, the line and the people in it. Numbers that decide are read under the event's lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, and_, bindparam, case, func, literal, literal_column, or_, select
from sqlalchemy.orm import joinedload

from eventapp.events import queries as events
from eventapp.events import rules as event_rules
from eventapp.events.models import Event
from eventapp.lib.db import Session, Utc, hold
from eventapp.lib.signing import sha256
from eventapp.registration import rules
from eventapp.registration.models import Attendee, Quota, Registration, SeatEntry, Ticket, TicketType, TicketTypeQuota
from eventapp.registration.rules import LIVE, SEATED, State

KEEP_UNTIL = timedelta(days=7)
LINE_CHUNK = 100


def ticket_types(session: Session, event_id: int) -> list[TicketType]:
    """The ticket types of an event in their order."""
    return list(session.scalars(select(TicketType).where(TicketType.event_id == event_id).order_by(TicketType.position, TicketType.id)))


def ticket_type(session: Session, event_id: int, ticket_type_id: int) -> TicketType | None:
    """One ticket type of this event."""
    return session.scalars(select(TicketType).where(TicketType.event_id == event_id, TicketType.id == ticket_type_id)).one_or_none()


def quotas(session: Session, event_id: int) -> list[Quota]:
    """The quotas of an event in their order."""
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


_HOUSE = (
    select(Quota.id, Quota.limit, Quota.used, Quota.protects_id, Quota.protected_until, TicketTypeQuota.ticket_type_id)
    .outerjoin(TicketTypeQuota, TicketTypeQuota.quota_id == Quota.id)
    .where(Quota.event_id == bindparam("event"))
    .order_by(TicketTypeQuota.ticket_type_id, Quota.id)
)


def house(session: Session, event: Event) -> rules.House:
    """The quotas of an event as they stand in this transaction, and what each ticket type charges. One statement."""
    quotas_: dict[int, QuotaView] = {}
    charged: dict[int, list[int]] = {}
    for id, limit, used, protects_id, protected_until, type_id in session.connection().execute(_HOUSE, {"event": event.id}):
        quotas_[id] = QuotaView(id, limit, used, protects_id, protected_until)
        if type_id is not None:
            charged.setdefault(type_id, []).append(id)
    return rules.House(
        quotas=quotas_,
        charged=charged,
        freeze_at=event_rules.freeze_at(event),
        keep_until=event_rules.same_wall_clock_before(event.doors_at, KEEP_UNTIL, event.zone),
    )


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


def _waiting(session: Session, event_id: int, shape: rules.Shape) -> Iterator[Registration]:
    after, size = -1, 1
    while True:
        statement = select(Registration).where(
            Registration.event_id == event_id,
            Registration.state == "waitlisted",
            Registration.ticket_type_id == shape[0],
            Registration.size == shape[1],
            Registration.line_class == shape[2],
            Registration.seq > after,
        )
        chunk = list(session.scalars(statement.order_by(Registration.seq).limit(size)))
        yield from chunk
        if len(chunk) < size:
            return
        after, size = chunk[-1].seq or 0, LINE_CHUNK


def waiting_for(session: Session, event_id: int, type_ids: Sequence[int]) -> tuple[int, int]:
    """Parties and persons who wait for one of these ticket types."""
    statement = select(func.count(Registration.id), func.coalesce(func.sum(Registration.size), 0)).where(
        Registration.event_id == event_id, Registration.state == "waitlisted", Registration.ticket_type_id.in_(type_ids)
    )
    parties, persons = session.execute(statement).one()
    return int(parties), int(persons)


def sharing(charged: Mapping[int, Sequence[int]], type_id: int) -> list[int]:
    """The ticket types that charge a quota of this one: their parties stand in the same line."""
    own = set(charged.get(type_id, ()))
    return [other for other, quota_ids in charged.items() if own.intersection(quota_ids)]


def availability(session: Session, event: Event, now: datetime) -> dict[int, rules.Availability]:
    """What a visitor is told about each ticket type. The number of statements depends on the number of shapes, not of people."""
    kinds = ticket_types(session, event.id)
    facts = house(session, event)
    waiting = {
        type_id: (int(parties), int(persons))
        for type_id, parties, persons in session.execute(
            select(Registration.ticket_type_id, func.count(Registration.id), func.sum(Registration.size))
            .where(Registration.event_id == event.id, Registration.state == "waitlisted")
            .group_by(Registration.ticket_type_id)
        )
    }
    rooms = rules.room_for_newcomers(line(session, event.id) if waiting else {}, facts, now)
    result = {}
    for kind in kinds:
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


def registration_by_token(session: Session, token: str) -> Registration | None:
    """The registration whose link this is."""
    if not 20 <= len(token) <= 24:
        return None
    statement = select(Registration).options(joinedload(Registration.ticket_type)).where(Registration.token_sha256 == sha256(token))
    return session.scalars(statement).one_or_none()


def registration_for(session: Session, event_id: int, public_id: str) -> Registration | None:
    """The registration of this event with this public id, with its ticket type."""
    statement = select(Registration).options(joinedload(Registration.ticket_type))
    return session.scalars(statement.where(Registration.event_id == event_id, Registration.public_id == public_id)).one_or_none()


def registration_by_public_id(session: Session, public_id: str) -> Registration | None:
    """A registration of any event, for the worker."""
    statement = select(Registration).options(joinedload(Registration.ticket_type)).where(Registration.public_id == public_id)
    return session.scalars(statement).one_or_none()


def registration_by_id(session: Session, event_id: int, registration_id: int) -> Registration | None:
    """The registration of this event, freshly read: for use under the lock."""
    statement = select(Registration).where(Registration.event_id == event_id, Registration.id == registration_id)
    return session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


_LIVE_ID = select(Registration.id).where(
    Registration.event_id == bindparam("event"),
    Registration.canonical_email == bindparam("address"),
    Registration.state.in_([str(state) for state in sorted(LIVE)]),
    Registration.split_from_id.is_(None),
)


def live_registration(session: Session, event_id: int, canonical_email: str) -> Registration | None:
    """The live registration of this address for this event; there is one at most."""
    row = session.connection().execute(_LIVE_ID, {"event": event_id, "address": canonical_email}).one_or_none()
    return session.get(Registration, row[0]) if row else None


def live_by_address(session: Session, canonical_email: str, now: datetime, *, limit: int = 20) -> list[Registration]:
    """The live registrations of an address for events that are not over, with their events."""
    statement = (
        select(Registration)
        .join(Event, Event.id == Registration.event_id)
        .options(joinedload(Registration.event))
        .where(Registration.canonical_email == canonical_email, Registration.state.in_(LIVE), Event.ends_at > now)
    )
    return list(session.scalars(statement.order_by(Event.starts_at, Registration.id).limit(limit)))


def attendees_of(session: Session, registration_ids: Sequence[int]) -> dict[int, list[tuple[Attendee, Ticket]]]:
    """For each registration its attendees who have not given back their place, in order, with their current ticket. One statement."""
    result: dict[int, list[tuple[Attendee, Ticket]]] = {id: [] for id in registration_ids}
    statement = (
        select(Attendee, Ticket)
        .join(Ticket, and_(Ticket.attendee_id == Attendee.id, Ticket.replaced_at.is_(None)))
        .where(Attendee.registration_id.in_(registration_ids), Attendee.left_at.is_(None))
    )
    for attendee, ticket in session.execute(statement.order_by(Attendee.registration_id, Attendee.position)):
        result[attendee.registration_id].append((attendee, ticket))
    return result


def locked_tickets(session: Session, registration_id: int) -> list[tuple[Attendee, Ticket]]:
    """The current tickets of a party and their attendees, held until this transaction ends: no scan can come between."""
    ids = select(Ticket.id).join(Attendee, Attendee.id == Ticket.attendee_id)
    ids = ids.where(Attendee.registration_id == registration_id, Attendee.left_at.is_(None), Ticket.replaced_at.is_(None))
    held = [hold(session, Ticket, ticket_id) for ticket_id in session.scalars(ids.order_by(Ticket.id)).all()]
    statement = select(Attendee).where(Attendee.id.in_([ticket.attendee_id for ticket in held]))
    attendees = {attendee.id: attendee for attendee in session.scalars(statement.execution_options(populate_existing=True))}
    return sorted(((attendees[ticket.attendee_id], ticket) for ticket in held), key=lambda pair: pair[0].position)


def locked_ticket(session: Session, ticket_id: int) -> Ticket:
    """One ticket, held until this transaction ends, freshly read.

    Raises LookupError: no such ticket.
    """
    return hold(session, Ticket, ticket_id)


def ticket_by_code(session: Session, code_sha256: bytes) -> tuple[Ticket, Attendee, Registration] | None:
    """The ticket of this code, replaced ones included, with its attendee, registration and ticket type. One statement."""
    return _ticket(session, Ticket.code_sha256 == code_sha256)


def ticket_by_human(session: Session, event_id: int, human_sha256: bytes) -> tuple[Ticket, Attendee, Registration] | None:
    """The ticket of this event with this 8-character code (see rules.human_digest), replaced ones included."""
    return _ticket(session, and_(Ticket.event_id == event_id, Ticket.human_sha256 == human_sha256))


def ticket_by_id(session: Session, event_id: int, ticket_id: int) -> tuple[Ticket, Attendee, Registration] | None:
    """One ticket of this event, with its attendee and registration."""
    return _ticket(session, and_(Ticket.event_id == event_id, Ticket.id == ticket_id))


def _ticket(session: Session, condition: object) -> tuple[Ticket, Attendee, Registration] | None:
    statement = (
        select(Ticket, Attendee, Registration)
        .join(Attendee, Attendee.id == Ticket.attendee_id)
        .join(Registration, Registration.id == Attendee.registration_id)
        .options(joinedload(Registration.ticket_type))
        .where(condition)  # type: ignore[arg-type]  # a column expression of either kind
    )
    row = session.execute(statement).one_or_none()
    return (row[0], row[1], row[2]) if row else None


_TAKEN = (
    select(Ticket.id).where(Ticket.event_id == bindparam("event"), Ticket.human_sha256.in_(bindparam("digests", expanding=True))).limit(1)
)


def human_is_taken(session: Session, event_id: int, digests: Sequence[bytes]) -> bool:
    """Whether one of these short codes stands on another ticket of the event."""
    return session.connection().execute(_TAKEN, {"event": event_id, "digests": list(digests)}).first() is not None


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


def counts(session: Session, event_ids: Sequence[int]) -> dict[int, EventCounts]:
    """Numbers of these events. Three statements, whatever their number."""
    sums: dict[int, dict[str, tuple[int, int]]] = {id: {} for id in event_ids}
    by_state = (
        select(Registration.event_id, Registration.state, func.count(Registration.id), func.sum(Registration.size))
        .where(Registration.event_id.in_(event_ids))
        .group_by(Registration.event_id, Registration.state)
    )
    for event_id, state, parties, persons in session.execute(by_state):
        sums[event_id][state] = (int(parties), int(persons))
    main = main_quotas(session, event_ids)
    arrived = select(Attendee.event_id, func.count(Attendee.id)).where(Attendee.event_id.in_(event_ids), Attendee.arrived_at.is_not(None))
    came = {event_id: int(number) for event_id, number in session.execute(arrived.group_by(Attendee.event_id))}
    result = {}
    for event_id, states in sums.items():
        zero = (0, 0)
        limit, used = main.get(event_id, zero)
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


def state_counts(session: Session, event_id: int) -> dict[str, int]:
    """Number of parties of an event in each state."""
    statement = select(Registration.state, func.count(Registration.id)).where(Registration.event_id == event_id)
    return {state: int(number) for state, number in session.execute(statement.group_by(Registration.state))}


def registrations_page(
    session: Session,
    event_id: int,
    *,
    words: Sequence[str] = (),
    states: Sequence[str] = (),
    ticket_type_id: int | None = None,
    after_id: int | None = None,
    limit: int = 50,
) -> list[Registration]:
    """Registrations of an event, newest first, with their ticket type; each of `words` (folded) must occur in name or address."""
    statement = select(Registration).options(joinedload(Registration.ticket_type)).where(Registration.event_id == event_id)
    for word in words:
        statement = statement.where(Registration.search.contains(word, autoescape=True))
    if states:
        statement = statement.where(Registration.state.in_(states))
    if ticket_type_id is not None:
        statement = statement.where(Registration.ticket_type_id == ticket_type_id)
    if after_id is not None:
        statement = statement.where(Registration.id < after_id)
    return list(session.scalars(statement.order_by(Registration.id.desc()).limit(limit)))


def people_found(session: Session, event_id: int, words: Sequence[str], *, limit: int = 8) -> list[tuple[Attendee, Ticket, Registration]]:
    """Attendees whose own name, or whose party's name or address, holds each of these folded words; live ones first."""
    statement = (
        select(Attendee, Ticket, Registration)
        .join(Ticket, and_(Ticket.attendee_id == Attendee.id, Ticket.replaced_at.is_(None)))
        .join(Registration, Registration.id == Attendee.registration_id)
        .options(joinedload(Registration.ticket_type))
        .where(Attendee.event_id == event_id, Attendee.left_at.is_(None))
    )
    for word in words:
        statement = statement.where(
            or_(Attendee.search.contains(word, autoescape=True), Registration.search.contains(word, autoescape=True))
        )
    live_first = case((Registration.state.in_(LIVE), 0), else_=1)
    rows = session.execute(statement.order_by(live_first, Registration.id, Attendee.position).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]


def rows_for_export(session: Session, event_id: int) -> Iterator[Row[Registration, Attendee, TicketType]]:
    """Every attendee of an event with registration and ticket type, in order of registration; read in chunks of 1,000."""
    after = (0, 0)
    while True:
        statement = (
            select(Registration, Attendee, TicketType)
            .join(Attendee, Attendee.registration_id == Registration.id)
            .join(TicketType, TicketType.id == Registration.ticket_type_id)
            .where(
                Registration.event_id == event_id,
                or_(Registration.id > after[0], and_(Registration.id == after[0], Attendee.position > after[1])),
            )
        )
        chunk = session.execute(statement.order_by(Registration.id, Attendee.position).limit(1000)).all()
        yield from chunk
        if len(chunk) < 1000:
            return
        after = (chunk[-1][0].id, chunk[-1][1].position)
        session.expunge_all()


def ledger_sums(session: Session, event_id: int) -> dict[int, int]:
    """Σ delta of the seat ledger for each quota."""
    statement = select(SeatEntry.quota_id, func.sum(SeatEntry.delta)).where(SeatEntry.event_id == event_id).group_by(SeatEntry.quota_id)
    return {quota_id: int(total) for quota_id, total in session.execute(statement)}


def seats_by_quota(session: Session, event_id: int) -> dict[int, int]:
    """Σ sizes of seat-consuming registrations for each quota."""
    statement = (
        select(TicketTypeQuota.quota_id, func.sum(Registration.size))
        .join(Registration, Registration.ticket_type_id == TicketTypeQuota.ticket_type_id)
        .where(Registration.event_id == event_id, Registration.state.in_(SEATED))
        .group_by(TicketTypeQuota.quota_id)
    )
    return {quota_id: int(total) for quota_id, total in session.execute(statement)}


def all_registrations(session: Session, event_id: int) -> list[Registration]:
    """Every registration of an event in order of place: for `state`, `verify` and erasure."""
    statement = select(Registration).options(joinedload(Registration.ticket_type)).where(Registration.event_id == event_id)
    return list(session.scalars(statement.order_by(Registration.id)))


def live_ids(session: Session, event_id: int) -> list[int]:
    """Ids of the live registrations of an event, in order."""
    statement = select(Registration.id).where(Registration.event_id == event_id, Registration.state.in_(LIVE))
    return list(session.scalars(statement.order_by(Registration.id)))


def has_live(session: Session, event_id: int, *, quota_id: int | None = None, ticket_type_id: int | None = None) -> bool:
    """Whether a live registration uses this quota or ticket type."""
    statement = select(Registration.id).where(Registration.event_id == event_id, Registration.state.in_(LIVE))
    if ticket_type_id is not None:
        statement = statement.where(Registration.ticket_type_id == ticket_type_id)
    if quota_id is not None:
        users = select(TicketTypeQuota.ticket_type_id).where(TicketTypeQuota.quota_id == quota_id)
        statement = statement.where(Registration.ticket_type_id.in_(users))
    return session.scalar(statement.limit(1)) is not None


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


def event_of(session: Session, registration: Registration) -> Event:
    """The event of a registration with all that its pages show."""
    event = events.event_by_id(session, registration.event_id)
    if event is None:
        raise LookupError("a registration without its event")
    return event


def live_addresses(session: Session, event_id: int, canonical: Sequence[str]) -> set[str]:
    """Those of these addresses that hold a live registration of this event."""
    statement = select(Registration.canonical_email).where(
        Registration.event_id == event_id, Registration.canonical_email.in_(canonical), Registration.state.in_(rules.LIVE)
    )
    return set(session.scalars(statement))


def openings(session: Session, event_ids: Sequence[int], now: datetime) -> dict[int, datetime]:
    """When registration opens for those events for which no public ticket type has opened yet. One statement."""
    opens = func.min(func.coalesce(TicketType.opens_at, literal(now, Utc)), type_=Utc)
    statement = select(TicketType.event_id, opens).where(TicketType.event_id.in_(event_ids), TicketType.public.is_(True))
    rows = session.execute(statement.group_by(TicketType.event_id).having(opens > literal(now, Utc)))
    return {row[0]: row[1] for row in rows}
