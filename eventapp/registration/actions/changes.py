"""Resize, enlarge, change the ticket type: what a party that is registered asks for afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventapp.events.queries import LockedEvent
from eventapp.lib.db import Session, insert_later
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, seats
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.newcomers import _code
from eventapp.registration.actions.parties import live, note, part_of, place_behind, rest_waits, to_the_end
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Attendee, Registration, Ticket
from eventapp.registration.rules import Change, State


def resize(
    session: Session,
    *,
    event_id: int,
    registration_id: int,
    size: int,
    version: int | None,
    by_organiser: bool,
    keys: Keys,
    actor: Actor,
    now: datetime,
) -> Registration:
    """Another number of persons for a party that waits: a smaller one keeps its place, a larger one goes to the end of its class.

    Whoever is added has a ticket of their own; who leaves are the last that were named. The same size changes nothing.
    `version` is that of the page it is asked from; None where there is no page.
    Raises Refused: registration.changed, the page is out of date; .over, .answer_first, .not_waiting; for a smaller one .arrived;
    for a larger one as `register`: event.not_open, registration.closed, .not_open_yet, .not_public, .party_too_large, .full.
    """
    event = settled_event(session, event_id=event_id, now=now)
    registration = _asked_of(session, event=event, registration_id=registration_id, version=version)
    rules.check_change(Change.SIZE, registration.state)
    if size == registration.size:
        return registration
    cause, change = "organiser" if by_organiser else "holder", "smaller" if size < registration.size else "larger"
    if size < registration.size:
        _leave(session, event=event, registration=registration, size=size, cause=cause, now=now)
    else:
        standing = queries.standing(session, event)
        more = size - registration.size
        _check_kind(session, event, standing, registration, more=more, by_organiser=by_organiser, now=now)
        _check_line(session, event, standing, registration.ticket_type_id, leaving=[registration], now=now)
        seats.requeue(
            session,
            registration=registration,
            seq=place_behind(session, event=event),
            ticket_type_id=registration.ticket_type_id,
            size=size,
            cause=cause,
            now=now,
        )
        _issue(session, event=event, registration=registration, number=more, keys=keys, now=now)
    bag = letters.Bag()
    bag.put(registration, "resized", change=change, cause=cause)
    note(session, event=event, actor=actor, verb="resize", registration=registration, now=now)
    allocate(session, event=event, bag=bag, now=now)
    bag.post(session, event=event, now=now)
    return registration


def enlarge(
    session: Session,
    *,
    event_id: int,
    registration_id: int,
    by: int,
    version: int | None,
    by_organiser: bool,
    keys: Keys,
    actor: Actor,
    now: datetime,
) -> Registration:
    """Persons beside those who have seats: a party of their own on the page of the same holder, seated as a newcomer or in line.

    Gives the part that they are. Those who had seats keep them whatever becomes of it.
    Raises Refused: registration.changed, .over, .answer_first, .not_seated; as `register`: event.not_open, registration.closed,
    .not_open_yet, .not_public, .full; .party_too_large, the whole party counts.
    """
    event = settled_event(session, event_id=event_id, now=now)
    registration = _asked_of(session, event=event, registration_id=registration_id, version=version)
    rules.check_change(Change.MORE, registration.state)
    standing = queries.standing(session, event)
    whole = _check_kind(session, event, standing, registration, more=by, by_organiser=by_organiser, now=now)
    part = _newcomer(session, event=event, registration=registration, size=by, calendar=standing.house.calendar, now=now)
    bag = letters.Bag()
    seated = allocate(session, event=event, newcomer=part, standing=standing, bag=bag, now=now).newcomer_seats
    if not seated:
        _check_line(session, event, standing, part.ticket_type_id, leaving=[part], now=now)
    _issue(session, event=event, registration=part, number=by, keys=keys, now=now)
    waiting = by - seated if seated else 0
    if waiting:
        rest_waits(session, event=event, registration=part, quota_ids=standing.house.charged[part.ticket_type_id], waiting=waiting, now=now)
    bag.put(part, "confirmed" if seated else "waitlisted", added=part.size, whole=whole, waiting=waiting)
    note(session, event=event, actor=actor, verb="enlarge", registration=registration, now=now)
    bag.post(session, event=event, now=now)
    return part


def change_type(
    session: Session,
    *,
    event_id: int,
    registration_id: int,
    ticket_type_id: int,
    version: int | None,
    by_organiser: bool,
    actor: Actor,
    now: datetime,
) -> Registration:
    """Another ticket type for a whole party, its parts included. Tickets stay valid: a code says who, not for what.

    Who waits goes to the end of its class in the other line. Who has a seat has it in the other type in the same moment, or keeps what
    it has: the line comes first, the new seat is taken before the old one is freed, and what both types charge is not touched.
    Raises Refused: registration.quota_full, with the name of the quota; registration.changed, .over, .answer_first, .type_unknown;
    as `register`: event.not_open, registration.closed, .not_open_yet, .not_public, .party_too_large, .full.
    """
    event = settled_event(session, event_id=event_id, now=now)
    registration = _asked_of(session, event=event, registration_id=registration_id, version=version)
    if registration.ticket_type_id == ticket_type_id:
        return registration
    bag = letters.Bag()
    allocate(session, event=event, bag=bag, now=now)  # the line comes first
    standing = queries.standing(session, event)
    kind = queries.ticket_type(session, event.id, ticket_type_id)
    if kind is None or ticket_type_id not in standing.kinds:
        raise Refused("registration.type_unknown", status=422)
    party = _live_parts(session, registration)
    for one in (registration, *party):
        rules.check_change(Change.TYPE, one.state)
    size = sum(one.size for one in party)
    rules.check_decided(standing.kinds[kind.id], by_organiser=by_organiser)
    rules.check_party(standing.kinds[kind.id], standing.house, size=size, event_state=event.state, by_organiser=by_organiser, now=now)
    cause = "organiser" if by_organiser else "holder"
    _move_seated(session, event, standing, [one for one in party if one.state == State.CONFIRMED], ticket_type_id=kind.id, now=now)
    _move_waiting(session, event, standing, [one for one in party if one.state == State.WAITLISTED], kind.id, cause=cause, now=now)
    bag.put(party[0], "resized", change="type", cause=cause, type=kind.name)
    note(session, event=event, actor=actor, verb="change_type", registration=registration, now=now)
    allocate(session, event=event, bag=bag, now=now)
    bag.post(session, event=event, now=now)
    return registration


def _asked_of(session: Session, *, event: LockedEvent, registration_id: int, version: int | None) -> Registration:
    registration = live(session, event=event, registration_id=registration_id)
    if version is not None and registration.version != version:
        raise Refused("registration.changed")
    return registration


def _live_parts(session: Session, registration: Registration) -> list[Registration]:
    return [one for one in queries.whole_party(session, registration) if one.state in rules.LIVE]


def _check_kind(
    session: Session,
    event: LockedEvent,
    standing: queries.Standing,
    registration: Registration,
    *,
    more: int,
    by_organiser: bool,
    now: datetime,
) -> int:
    """How many the whole party is with so many more. Raises Refused: approval.needed; as rules.check_party."""
    whole = more + sum(one.size for one in _live_parts(session, registration))
    kind = standing.kinds[registration.ticket_type_id]
    rules.check_decided(kind, by_organiser=by_organiser)
    rules.check_party(kind, standing.house, size=whole, event_state=event.state, by_organiser=by_organiser, now=now)
    return whole


def _check_line(
    session: Session, event: LockedEvent, standing: queries.Standing, ticket_type_id: int, *, leaving: Sequence[Registration], now: datetime
) -> None:
    """Raises Refused: as rules.check_line. Those who `leave` their place in this line, or are at its end already, are not before themselves."""
    together = queries.sharing(standing.house.charged, ticket_type_id)
    parties, _persons = queries.waiting_for(session, event.id, together)
    own = sum(1 for one in leaving if one.ticket_type_id in together)
    rules.check_line(standing.kinds[ticket_type_id], standing.house, waiting_parties=parties - own, now=now)


def _leave(session: Session, *, event: LockedEvent, registration: Registration, size: int, cause: str, now: datetime) -> None:
    """The last of a party leave it. Raises Refused: registration.party_too_large, nobody would stay; registration.arrived."""
    if size < 1:
        raise Refused("registration.party_too_large", most=rules.MAX_PARTY, status=422)
    leaving = [attendee for attendee, _ticket in queries.locked_tickets(session, registration.id)][size:]
    if any(attendee.arrived_at is not None for attendee in leaving):
        raise Refused("registration.arrived")
    for attendee in leaving:
        attendee.left_at = now
    seats.shrink(session, event=event, registration=registration, quota_ids=(), by=len(leaving), cause=cause, now=now)


def _newcomer(
    session: Session, *, event: LockedEvent, registration: Registration, size: int, calendar: rules.Calendar, now: datetime
) -> Registration:
    """Those who are added, not yet stored: like somebody who registers now, under the same holder."""
    part = part_of(registration, size=size, now=now)
    part.line_class = rules.EVERYONE
    part.auto_until, part.accept_partial = calendar.usual_wish(now), registration.accept_partial and size > 1
    part.rules_version, part.lapses, part.cause = calendar.settings.version, 0, "registered"
    part.verified_at = registration.verified_at or now  # who was passed a seat was never asked for a proof: nothing of theirs is held
    to_the_end(session, event=event, registration=part)
    return part


def _issue(session: Session, *, event: LockedEvent, registration: Registration, number: int, keys: Keys, now: datetime) -> None:
    """One attendee and one code for each person who is added; in a party no two ever have the same number."""
    last = queries.last_position(session, [one.id for one in queries.whole_party(session, registration)])
    drawn = [_code(keys) for _ in range(number)]
    while queries.human_is_taken(session, event.id, [code["human_sha256"] for code in drawn]):
        drawn = [_code(keys) for _ in range(number)]
    for position, code in enumerate(drawn, start=last + 1):
        attendee_id = insert_later(
            session,
            Attendee,
            event_id=event.id,
            registration_id=registration.id,
            position=position,
            first_name="",
            last_name="",
            organisation="",
            search="",
        )
        insert_later(session, Ticket, event_id=event.id, attendee_id=attendee_id, issued_at=now, **code)


def _move_seated(
    session: Session, event: LockedEvent, standing: queries.Standing, party: Sequence[Registration], *, ticket_type_id: int, now: datetime
) -> None:
    """Raises Refused: registration.quota_full, with the name of the quota that is."""
    if not party:
        return
    full = rules.full_for_change(
        queries.line(session, event.id),  # type: ignore[type-var,unused-ignore]  # mapped columns are descriptors
        standing.house,
        now,
        size=sum(one.size for one in party),
        from_type_id=party[0].ticket_type_id,
        to_type_id=ticket_type_id,
    )
    if full is not None:
        name = next(quota.name for quota in queries.quotas(session, event.id) if quota.id == full)
        raise Refused("registration.quota_full", quota=name)
    for one in party:
        seats.change_type(session, event=event, registration=one, ticket_type_id=ticket_type_id, charged=standing.house.charged, now=now)


def _move_waiting(
    session: Session,
    event: LockedEvent,
    standing: queries.Standing,
    party: Sequence[Registration],
    ticket_type_id: int,
    *,
    cause: str,
    now: datetime,
) -> None:
    """Raises Refused: as rules.check_line."""
    if not party:
        return
    _check_line(session, event, standing, ticket_type_id, leaving=party, now=now)
    for one in party:
        seq = place_behind(session, event=event)
        seats.requeue(session, registration=one, seq=seq, ticket_type_id=ticket_type_id, size=one.size, cause=cause, now=now)
