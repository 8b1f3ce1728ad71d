"""Somebody asks for a place, and the organiser decides: approved, they enter the line as newcomers; rejected, they are told why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from eventapp.events.queries import LockedEvent
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, seats
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.newcomers import Request, _issue, _new_registration
from eventapp.registration.actions.parties import live, note, rest_waits, to_the_end
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Registration
from eventapp.registration.rules import State


@dataclass
class Approvals:
    """What became of several applications: who has a seat, who waits, and who could not be approved, with the code of the reason."""

    seated: list[Registration] = field(default_factory=list)
    waiting: list[Registration] = field(default_factory=list)
    refused: list[tuple[Registration, str]] = field(default_factory=list)


def apply(
    session: Session,
    *,
    event: LockedEvent,
    standing: queries.Standing,
    request: Request,
    canonical: str,
    prove: bool,
    keys: Keys,
    actor: Actor,
    now: datetime,
) -> Registration:
    """Ask the organiser for a place: no seat is taken, and no place in line, before they have decided.

    Raises Refused: registration.full, nobody is seated any more and the line takes no more.
    """
    house, kind = standing.house, standing.kinds[request.ticket_type_id]
    row = _new_registration(event, seq=None, request=request, canonical=canonical, calendar=house.calendar, keys=keys, now=now)
    if not rules.fits(queries.line(session, event.id), house, now, party=row):  # type: ignore[type-var,arg-type,unused-ignore]  # mapped columns
        parties, _persons = queries.waiting_for(session, event.id, queries.sharing(house.charged, kind.id))
        rules.check_line(kind, house, waiting_parties=parties, now=now)
    row.verified_at = None if prove else now
    own = house.charged[kind.id]
    seats.change_state(session, event=event, registration=row, quota_ids=own, state=State.PENDING_APPROVAL, cause="applied", now=now)
    _issue(session, event=event, registration=row, request=request, keys=keys, now=now)
    letters.tell(session, event=event, registration=row, kind="received", now=now)
    note(session, event=event, actor=actor, verb="apply", registration=row, now=now)
    allocate(session, event=event, now=now)
    return row


def approve(session: Session, *, event_id: int, registration_ids: Sequence[int], actor: Actor, now: datetime) -> Approvals:
    """Approve applications in the order in which they came, 500 at most: each is judged as a newcomer, after everybody who waits.

    Who is approved already, or has ended, stays as they are. One that cannot be approved now is left as it was, and keeps no other
    from being approved.
    """
    event = settled_event(session, event_id=event_id, now=now)
    allocate(session, event=event, now=now)  # the line comes first
    done = Approvals()
    for registration_id in sorted(set(registration_ids))[: rules.MOST_APPROVED]:  # ids follow the order of commits
        registration = live(session, event=event, registration_id=registration_id)
        if registration.state != State.PENDING_APPROVAL:
            continue
        try:
            _approve(session, event=event, registration=registration, actor=actor, now=now)
        except Refused as refused:
            done.refused.append((registration, refused.code))
        else:
            (done.seated if registration.state == State.CONFIRMED else done.waiting).append(registration)
    return done


def _approve(session: Session, *, event: LockedEvent, registration: Registration, actor: Actor, now: datetime) -> None:
    """Enter the line at its end, and be seated if nobody before could be.

    Raises Refused, before anything is changed: event.not_open, approval.too_late, approval.full, approval.unproven.
    """
    standing = queries.standing(session, event)
    house, kind_id = standing.house, registration.ticket_type_id
    rules.check_approval(
        standing.kinds[kind_id],
        house,
        proved=registration.verified_at is not None,
        fits=rules.fits(queries.line(session, event.id), house, now, party=registration),  # type: ignore[type-var,arg-type,unused-ignore]  # mapped columns
        waiting_parties=queries.waiting_for(session, event.id, queries.sharing(house.charged, kind_id))[0],
        event_state=event.state,
        now=now,
    )
    asked = registration.size
    if registration.auto_until == house.calendar.usual_wish(registration.created_at):  # nothing was wished: what is usual now
        registration.auto_until = house.calendar.usual_wish(now)
    registration.cause = "approved"
    to_the_end(session, event=event, registration=registration)
    seated = allocate(session, event=event, newcomer=registration, standing=standing, now=now).newcomer_seats
    waiting = asked - seated if seated else 0
    if waiting:
        rest_waits(session, event=event, registration=registration, quota_ids=house.charged[kind_id], waiting=waiting, now=now)
    facts = {"approved": True, "waiting": waiting} if waiting else {"approved": True}
    place = None if seated else queries.place(session, registration)
    letter = "confirmed" if seated else "waitlisted" if registration.seq is not None else "entered"
    letters.tell(session, event=event, registration=registration, kind=letter, place=place, facts=facts, now=now)
    note(session, event=event, actor=actor, verb="approve", registration=registration, now=now)


def reject(session: Session, *, event_id: int, registration_id: int, reason: str, actor: Actor, now: datetime) -> Registration:
    """Say no to an application, in a sentence that its holder reads. Again, it changes nothing.

    Raises Refused: approval.reason_missing; approval.over, it is approved or has ended.
    """
    if not reason.strip():
        raise Refused("approval.reason_missing", status=422)
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    if registration.state == State.REJECTED:
        return registration
    if registration.state != State.PENDING_APPROVAL:
        raise Refused("approval.over")
    registration.reason = reason
    own = queries.charges(session, event.id)[registration.ticket_type_id]
    seats.change_state(session, event=event, registration=registration, quota_ids=own, state=State.REJECTED, cause="rejected", now=now)
    letters.tell(session, event=event, registration=registration, kind="rejected", facts={"reason": reason}, now=now)
    note(session, event=event, actor=actor, verb="reject", registration=registration, reason=reason, now=now)
    allocate(session, event=event, now=now)
    return registration
