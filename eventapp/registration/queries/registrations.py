"""Finding registrations: by link, by name, by address, by page; and what a form that was sent is read against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, and_, bindparam, or_, select, text
from sqlalchemy.orm import joinedload

from eventapp.events import queries as events
from eventapp.events.models import Event
from eventapp.lib.db import Session
from eventapp.lib.signing import sha256
from eventapp.lib.text import canonical_email
from eventapp.registration import rules
from eventapp.registration.models import ONE_EACH, Attendee, Registration, TicketType, TicketTypeQuota
from eventapp.registration.rules import LIVE


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


def origin_of(session: Session, registration: Registration) -> Registration:
    """The party whose link and page a registration is on: itself, or the one it is a part of."""
    origin = session.get(Registration, registration.split_from_id) if registration.split_from_id else None
    return origin or registration


def is_holder(session: Session, registration: Registration, address: str) -> bool:
    """Whether a mail to this address is to whoever has the registration now. A late one would show them another's link and tickets."""
    return canonical_email(address) == origin_of(session, registration).canonical_email


def parts_of(session: Session, registration: Registration) -> list[Registration]:
    """The parts of a party that have a registration of their own, in the order in which they parted."""
    statement = select(Registration).options(joinedload(Registration.ticket_type)).where(Registration.event_id == registration.event_id)
    return list(session.scalars(statement.where(Registration.split_from_id == registration.id).order_by(Registration.id)))


def whole_party(session: Session, registration: Registration) -> list[Registration]:
    """All registrations of one party, whichever of them is given, freshly read: the first, then its parts in the order in which they parted."""
    origin_id = registration.split_from_id or registration.id
    statement = select(Registration).options(joinedload(Registration.ticket_type)).where(Registration.event_id == registration.event_id)
    statement = statement.where(or_(Registration.id == origin_id, Registration.split_from_id == origin_id))
    return list(session.scalars(statement.order_by(Registration.id).execution_options(populate_existing=True)))


@dataclass(frozen=True)
class AskedOf:
    """What a form that was sent is read against: an event that the public may see, and its public ticket types by id, with the
    largest party that each takes, and how many from one network are taken unproved. Whether there is a seat is judged under the lock, not here."""

    event_id: int
    state: str
    ends_at: datetime
    kinds: Mapping[int, int]
    velocity: int = 0


_ASKED_OF = (
    select(Event.id, Event.state, Event.ends_at, TicketType.id, TicketType.max_party, Event.line)
    .outerjoin(TicketType, and_(TicketType.event_id == Event.id, TicketType.public.is_(True)))
    .where(Event.slug == bindparam("slug"), Event.state.in_(events.SHOWN))
    .order_by(TicketType.position, TicketType.id)
)


def asked_of(session: Session, slug: str) -> AskedOf | None:
    """What a form for this event is read against; None for an event that the public may not see. One statement."""
    rows = session.connection().execute(_ASKED_OF, {"slug": slug}).all()
    if not rows:
        return None
    kinds = {row[3]: row[4] for row in rows if row[3] is not None}
    return AskedOf(rows[0][0], rows[0][1], rows[0][2], kinds, rules.settings_of(rows[0][5]).velocity)


# In the very words of the unique index, or SQLite does not see that it may use it.
_LIVE_ID = select(Registration.id).where(
    Registration.event_id == bindparam("event"), Registration.canonical_email == bindparam("address"), text(ONE_EACH)
)


def live_registration(session: Session, event_id: int, canonical_email: str) -> Registration | None:
    """The live registration of this address for this event; there is one at most."""
    row = session.connection().execute(_LIVE_ID, {"event": event_id, "address": canonical_email}).one_or_none()
    return session.get(Registration, row[0]) if row else None


def has_proved(session: Session, canonical_email: str) -> bool:
    """Whether the holder of this address has ever answered a mail of ours, for whatever event."""
    proved = Registration.verified_at > Registration.created_at  # who was never asked has both at once
    statement = select(Registration.id).where(Registration.canonical_email == canonical_email, proved)
    return session.scalar(statement.limit(1)) is not None


def live_of_address(session: Session, event_id: int, canonical_email: str) -> list[Registration]:
    """Every live registration of this address for this event, parts of a party included, freshly read: for use under the lock."""
    statement = select(Registration).where(
        Registration.event_id == event_id, Registration.canonical_email == canonical_email, Registration.state.in_(LIVE)
    )
    return list(session.scalars(statement.order_by(Registration.id).execution_options(populate_existing=True)))


def live_by_address(session: Session, canonical_email: str, now: datetime, *, limit: int = 20) -> list[Registration]:
    """The live registrations of an address for events that are not over, with their events."""
    statement = (
        select(Registration)
        .join(Event, Event.id == Registration.event_id)
        .options(joinedload(Registration.event))
        .where(Registration.canonical_email == canonical_email, Registration.state.in_(LIVE), Event.ends_at > now)
    )
    return list(session.scalars(statement.order_by(Event.starts_at, Registration.id).limit(limit)))


def registrations_page(
    session: Session,
    event_id: int,
    *,
    words: Sequence[str] = (),
    states: Sequence[str] = (),
    ticket_type_id: int | None = None,
    source: str | None = None,
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
    if source is not None:
        statement = statement.where(Registration.source == source)
    if after_id is not None:
        statement = statement.where(Registration.id < after_id)
    return list(session.scalars(statement.order_by(Registration.id.desc()).limit(limit)))


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
