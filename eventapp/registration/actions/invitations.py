"""Invite somebody to a seat that is kept for them, outside the line; and the name they come under when they accept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from eventapp.events.queries import LockedEvent
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys, link_token
from eventapp.lib.text import canonical_email
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, offers, seats
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.newcomers import Request, _issue, _new_registration, _search
from eventapp.registration.actions.parties import live, note
from eventapp.registration.actions.registrations import Outcome
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Registration
from eventapp.registration.rules import State


@dataclass(frozen=True)
class Invitation:
    """Whom to invite, to what, for how many days. `key` makes it safe to repeat."""

    key: str
    ticket_type_id: int
    first_name: str
    last_name: str
    email: str
    language: str
    size: int = 1
    days: int = rules.INVITATION_DAYS

    @property
    def body(self) -> str:
        """What must be the same when a key comes again."""
        values = [self.ticket_type_id, self.first_name, self.last_name, self.email, self.language, self.size, self.days]
        return json.dumps(values, ensure_ascii=False)

    @property
    def request(self) -> Request:
        """The party that it makes."""
        return Request(
            key=self.key,
            ticket_type_id=self.ticket_type_id,
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
            language=self.language,
            size=self.size,
            source="invite",
        )


def invite(session: Session, *, event_id: int, invitation: Invitation, keys: Keys, actor: Actor, now: datetime) -> Outcome:
    """Keep seats for somebody until they answer: counted at once in every quota of the type. Those who wait come first.

    Idempotent under its key; who is registered or invited already stays as they are (`exists`), and nobody is written to.
    Raises Refused: command.key_reused; event.not_open; invitation.full (with the name of the quota), .too_late, .days;
    registration.type_unknown, .party_too_large.
    """
    event = settled_event(session, event_id=event_id, now=now)
    key = f"invite:{event.id}:{invitation.key}"
    known = journal.answered(session, key=key, body=invitation.body)
    if known is not None:
        row = queries.registration_for(session, event.id, known)
        if row is None:
            raise LookupError("an answered command without its registration")
        return Outcome("known", row, link_token(keys, row.identity, row.serial))
    allocate(session, event=event, now=now)  # the line comes first
    house = queries.house(session, event)
    quota_ids = house.charged.get(invitation.ticket_type_id)
    if quota_ids is None:
        raise Refused("registration.type_unknown", status=422)
    rules.check_invitation(house, event_state=event.state, size=invitation.size, days=invitation.days, now=now)
    canonical = canonical_email(invitation.email)
    existing = queries.live_registration(session, event.id, canonical)
    if existing is not None:
        return Outcome("exists", existing, None)
    _check_room(session, event=event, house=house, invitation=invitation, now=now)
    calendar = house.calendar
    row = _new_registration(event, seq=None, request=invitation.request, canonical=canonical, calendar=calendar, keys=keys, now=now)
    row.verified_at = None
    latest = rules.invitation_ends(house, invitation.ticket_type_id, now)
    row.asked_at = now
    row.answer_by = rules.longer(now, days=invitation.days, latest=latest, zone=calendar.zone)
    row.expires_at = latest  # its clock runs from the moment its mail has left
    seats.change_state(session, event=event, registration=row, quota_ids=quota_ids, state=State.OFFERED, cause="invited", now=now)
    _issue(session, event=event, registration=row, request=invitation.request, keys=keys, now=now)
    facts = {"answer_by": rules.plain(row.answer_by)}
    letters.tell(session, event=event, registration=row, kind="invited", facts=facts, now=now)
    note(session, event=event, actor=actor, verb="invite_guest", registration=row, now=now)
    journal.answer(session, key=key, body=invitation.body, subject=row.public_id, now=now)
    allocate(session, event=event, now=now)
    return Outcome("created", row, link_token(keys, row.identity, row.serial))


def _check_room(session: Session, *, event: LockedEvent, house: rules.House, invitation: Invitation, now: datetime) -> None:
    """Raises Refused: invitation.full, with the name of the quota that is."""
    line = queries.line(session, event.id)
    full = rules.full_for(line, house, now, ticket_type_id=invitation.ticket_type_id, size=invitation.size)  # type: ignore[type-var,unused-ignore]  # mapped columns are descriptors
    if full is not None:
        name = next(quota.name for quota in queries.quotas(session, event.id) if quota.id == full)
        raise Refused("invitation.full", quota=name)


def accept_invitation(
    session: Session, *, event_id: int, registration_id: int, first_name: str, last_name: str, actor: Actor, now: datetime
) -> Registration:
    """Take the seat, under the name by which one comes. Who answers by the link has proved the address. Again, it changes nothing.

    Raises Refused: offer.over, the invitation has ended.
    """
    event = settled_event(session, event_id=event_id, now=now)
    registration = live(session, event=event, registration_id=registration_id)
    if registration.state == State.OFFERED and registration.seq is None:
        registration.first_name, registration.last_name = first_name, last_name
        registration.search = _search(first_name, last_name, registration.email)
        for attendee, _ticket in queries.attendees_of(session, [registration.id])[registration.id][:1]:
            attendee.first_name, attendee.last_name = first_name, last_name
            attendee.search = _search(first_name, last_name, attendee.organisation)
    return offers.accept(session, event_id=event_id, registration_id=registration_id, actor=actor, now=now)
