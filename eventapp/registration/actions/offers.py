"""Accept, decline, ask for more time, say how one wishes to be seated: what a party answers."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, seats
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.parties import follow, live, note
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Registration
from eventapp.registration.rules import State


def accept(session: Session, *, event_id: int, registration_id: int, actor: Actor, now: datetime) -> Registration:
    """Take the seat that was offered. It is counted already, so that no lack of seats can stand in the way.

    Accepting again changes nothing. Raises Refused: offer.over, nothing is offered to this party any more.
    """
    said = _Answer(State.CONFIRMED, "accepted", "confirmed", "accept")
    return _answer(session, event_id=event_id, registration_id=registration_id, said=said, actor=actor, now=now)


def decline(session: Session, *, event_id: int, registration_id: int, actor: Actor, now: datetime) -> Registration:
    """Leave the seat that was offered to the next in line. Declining again changes nothing.

    Raises Refused: offer.over, nothing is offered to this party any more.
    """
    said = _Answer(State.DECLINED, "declined", "declined", "decline")
    return _answer(session, event_id=event_id, registration_id=registration_id, said=said, actor=actor, now=now)


class _Answer(NamedTuple):
    state: State
    cause: str
    letter: str
    verb: str


def _answer(session: Session, *, event_id: int, registration_id: int, said: _Answer, actor: Actor, now: datetime) -> Registration:
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    if registration.state == said.state:
        return registration
    if registration.state != State.OFFERED:
        raise Refused("offer.over")
    registration.verified_at = registration.verified_at or now  # whoever answers has the link of an invitation
    quota_ids = queries.charges(session, event.id)[registration.ticket_type_id]
    seats.change_state(session, event=event, registration=registration, quota_ids=quota_ids, state=said.state, cause=said.cause, now=now)
    letters.tell(session, event=event, registration=registration, kind=said.letter, now=now)
    note(session, event=event, actor=actor, verb=said.verb, registration=registration, now=now)
    allocate(session, event=event, now=now)
    return registration


def extend(
    session: Session, *, event_id: int, registration_id: int, version: int, by_organiser: bool, actor: Actor, now: datetime
) -> Registration:
    """Two waking hours more to answer an offer: once by its holder; two days more for an invitation, by its organiser; thirty minutes
    more, once, for a seat held until its address is proved.

    `version` is that of the page it was asked from, so that asking twice from one page gives it once.
    Raises Refused: offer.over, offer.extended_already, offer.deficit, offer.no_later.
    """
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    held = registration.state == State.HELD
    if not (held or registration.state == State.OFFERED) or registration.answer_by is None:
        raise Refused("offer.over")
    if registration.version > version and registration.extensions:
        return registration
    house = queries.house(session, event)
    own = [house.quotas[quota_id] for quota_id in house.charged[registration.ticket_type_id]]
    invited = registration.seq is None
    latest = rules.invitation_ends(house, registration.ticket_type_id, now) if invited else house.freeze_at
    latest = event.doors_at if held else latest
    rules.check_extension(
        extensions=registration.extensions,
        by_organiser=by_organiser and not held,
        in_deficit=rules.in_deficit(own),
        answer_by=registration.answer_by,
        latest=latest,
    )
    if held:
        registration.answer_by = rules.held_longer(registration.answer_by, house.calendar)
    elif invited and by_organiser:
        registration.answer_by = rules.longer(registration.answer_by, days=rules.MORE_DAYS, latest=latest, zone=event.zone)
    else:
        registration.answer_by = min(house.calendar.extended(registration.answer_by), latest)
    if registration.started_at is not None:
        registration.expires_at = registration.answer_by
    registration.extensions += 1
    registration.version += 1
    registration.changed_at = now
    for part in queries.parts_of(session, registration) if held else ():
        if rules.unproven(part):
            follow(registration, part)
    facts, letter = {"answer_by": rules.plain(registration.answer_by)}, "verify" if held else "extended"
    letters.tell(session, event=event, registration=registration, kind=letter, facts=facts, now=now)
    note(session, event=event, actor=actor, verb="extend", registration=registration, now=now)
    allocate(session, event=event, now=now)
    return registration


def wish(
    session: Session, *, event_id: int, registration_id: int, auto_until: str, accept_partial: bool, actor: Actor, now: datetime
) -> Registration:
    """Say until when to be confirmed without being asked, and whether a part of the party may be seated first. The place stays.

    Raises Refused: registration.not_waiting.
    """
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    if registration.state not in {State.WAITLISTED, State.OFFERED}:
        raise Refused("registration.not_waiting")
    partial = accept_partial and registration.size > 1
    if (registration.auto_until, registration.accept_partial) == (auto_until, partial):
        return registration
    seats.wish(session, registration=registration, auto_until=rules.AutoUntil(auto_until), accept_partial=partial, now=now)
    note(session, event=event, actor=actor, verb="wish", registration=registration, now=now)
    allocate(session, event=event, now=now)
    return registration
