"""What every command on one party begins and ends with: the row as it is under the lock, and the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventapp.events.actions import next_place
from eventapp.events.queries import LockedEvent
from eventapp.journal import actions as journal
from eventapp.lib import codes
from eventapp.lib.db import Session
from eventapp.lib.signing import sha256
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import seats
from eventapp.registration.models import Registration
from eventapp.registration.rules import State


def note(
    session: Session, *, event: LockedEvent, verb: str, registration: Registration, reason: str = "", actor: Actor, now: datetime
) -> None:
    """Append to the event's journal what was done to a party."""
    journal.note(
        session,
        chain=f"event:{event.id}",
        actor=actor.label,
        verb=verb,
        subject=f"registration:{registration.public_id}",
        reason=reason,
        facts={"state": str(registration.state), "size": registration.size, "seq": registration.seq},
        now=now,
    )


def live(session: Session, *, event: LockedEvent, registration_id: int) -> Registration:
    """A party of this event as it is under the lock.

    Raises LookupError: no such party.
    """
    registration = queries.registration_by_id(session, event.id, registration_id)
    if registration is None:
        raise LookupError(f"registration {registration_id}")
    return registration


def to_the_end(session: Session, *, event: LockedEvent, registration: Registration) -> None:
    """A new place, behind everybody of its class; none before the draw, where there is one. Its state is changed by the caller."""
    registration.seq, registration.lot, registration.notice = place_behind(session, event=event), None, ""
    if registration.seq is None:
        registration.lot, registration.notice = rules.UNDRAWN, "undrawn"


def place_behind(session: Session, *, event: LockedEvent) -> int | None:
    """The place behind everybody; None while all of them wait for the draw."""
    return None if event.ballot_at is not None else next_place(session, event=event)


def leave_waiting(
    session: Session, *, event: LockedEvent, registration: Registration, quota_ids: Sequence[int], waiting: int, now: datetime
) -> Registration:
    """Part from a party so many of its persons, the last that its holder named: they wait on, in its class and place.

    The party itself, which waits still, becomes smaller. Those who part are on the page of its holder and have no link of their own.
    """
    seats.shrink(session, event=event, registration=registration, quota_ids=quota_ids, by=waiting, cause="split", now=now)
    return rest_waits(session, event=event, registration=registration, quota_ids=quota_ids, waiting=waiting, now=now)


def rest_waits(
    session: Session, *, event: LockedEvent, registration: Registration, quota_ids: Sequence[int], waiting: int, now: datetime
) -> Registration:
    """Those of a party that found no seat, in line under a registration of their own; the party has its smaller size already."""
    rest = part_of(registration, size=waiting, now=now)
    if rules.unproven(registration):  # who proves the address proves it for all of the party
        follow(registration, rest)
    seats.change_state(session, event=event, registration=rest, quota_ids=quota_ids, state=State.WAITLISTED, cause="split", now=now)
    for attendee, _ticket in queries.attendees_of(session, [registration.id])[registration.id][-waiting:]:
        attendee.registration_id = rest.id
    session.flush()
    return rest


def ask_for_proof(registration: Registration, *, state: State, calendar: rules.Calendar, now: datetime) -> None:
    """Have the address proved of a party that comes to this state. Until the mail that asks has left, doors alone end the wait."""
    registration.asked_at, registration.started_at = now, None
    registration.answer_by = rules.prove_by(state, calendar, now)
    registration.expires_at = calendar.doors_at


def follow(registration: Registration, part: Registration) -> None:
    """A part of a party that owes a proof ends with it, at the same instant."""
    part.asked_at, part.started_at = registration.asked_at, registration.started_at
    part.answer_by, part.expires_at = registration.answer_by, registration.expires_at


_SHARED = (
    "event_id",
    "ticket_type_id",
    "first_name",
    "last_name",
    "email",
    "canonical_email",
    "search",
    "language",
    "line_class",
    "seq",
    "auto_until",
    "accept_partial",
    "verified_at",
    "source",
    "rules_version",
    "lapses",
    "notice",
)


def part_of(registration: Registration, *, size: int, now: datetime) -> Registration:
    """A part of a party, not yet stored: as its origin is, in the same place."""
    identity = codes.identity()
    return Registration(
        public_id=codes.public_id(),
        identity=identity,
        serial=0,
        token_sha256=sha256(codes.key()),  # of a link that nobody is given
        size=size,
        split_from_id=registration.split_from_id or registration.id,
        version=0,
        extensions=0,
        reason="",
        created_at=now,
        changed_at=now,
        **{name: getattr(registration, name) for name in _SHARED},
    )
