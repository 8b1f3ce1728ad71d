"""Register and correct: what one party asks for. Each takes the event's lock and ends with `allocate`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventapp.events.models import Event
from eventapp.events.queries import locked_event
from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys, link_token, sha256
from eventapp.lib.text import canonical_email
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.approvals import apply
from eventapp.registration.actions.newcomers import Request, _code, _issue, _new_registration, _search
from eventapp.registration.actions.parties import live, note, rest_waits, to_the_end
from eventapp.registration.actions.proofs import to_a_stranger
from eventapp.registration.actions.timers import settle, settled_event
from eventapp.registration.models import Registration
from eventapp.registration.rules import State


@dataclass(frozen=True)
class Outcome:
    """What became of a request: `created`, `known` (the same request came before) or `exists` (the address is registered already).

    There is no token where the address is to be proved, for then the mail alone leads to the registration: `promised` is what
    whoever asked may be told, a seat held or a place in line, and is the same for an address that is registered already.
    """

    kind: str
    registration: Registration
    token: str | None
    promised: State | None = None


def register(session: Session, *, event_id: int, request: Request, keys: Keys, actor: Actor, now: datetime) -> Outcome:
    """Seat a party, or put it at the end of the line; where the organiser decides, note that it asks. Holds the event's lock; idempotent
    under the request's key.

    Raises Refused: command.key_reused; event.closed, .not_open; registration.closed, .not_open_yet, .not_public, .party_too_large,
    .full, .type_unknown. A refusal leaves nothing behind.
    """
    event = locked_event(session, event_id)
    canonical = canonical_email(request.email) if request.email else ""
    drawn = [_code(keys) for _ in range(min(request.size, rules.MAX_PARTY))]
    digests = [code["human_sha256"] for code in drawn]
    arrival = queries.arrival(session, event, key=_key(event, request.key), address=canonical, digests=digests)
    known = journal.answer_again(arrival.command, body=request.body)
    if known is not None:
        registration = queries.registration_for(session, event.id, known)
        if registration is None:
            raise LookupError("an answered command without its registration")
        return _known(registration, keys)
    rules.check_not_closed(event, now)
    standing = settle(session, event=event, standing=arrival.standing, now=now)
    house, kind = standing.house, standing.kinds.get(request.ticket_type_id)
    if kind is None:
        raise Refused("registration.type_unknown", status=422)
    by_organiser = actor.kind in {"member", "operator"} and request.source == "hand"
    rules.check_party(kind, house, size=request.size, event_state=event.state, by_organiser=by_organiser, now=now)
    existing = None
    if arrival.registered_id is not None or standing is not arrival.standing:  # what the clock has brought may have ended it
        existing = queries.live_registration(session, event.id, canonical)
    prove = _asks_proof(request, house, now)
    if existing is not None:
        promised = to_a_stranger(session, event=event, standing=standing, request=request, now=now) if prove else None
        return Outcome("exists", existing, None, promised)
    if kind.approval and not by_organiser:
        row = apply(
            session, event=event, standing=standing, request=request, canonical=canonical, prove=prove, keys=keys, actor=actor, now=now
        )
        journal.answer(session, key=_key(event, request.key), body=request.body, subject=row.public_id, now=now)
        if prove:
            return Outcome("created", row, None, State.PENDING_APPROVAL)
        return Outcome("created", row, link_token(keys, row.identity, row.serial))
    ahead = None
    if not house.has_room:  # nobody is seated: a line that takes no more refuses before a row is written
        ahead = queries.waiting_for(session, event.id, queries.sharing(house.charged, kind.id))
        rules.check_line(kind, house, waiting_parties=ahead[0], now=now)
    registration = _new_registration(event, seq=None, request=request, canonical=canonical, calendar=house.calendar, keys=keys, now=now)
    to_the_end(session, event=event, registration=registration)
    if prove:
        registration.verified_at = None
    outcome = allocate(session, event=event, now=now, newcomer=registration, standing=standing)
    place = None
    if not outcome.newcomer_seats:
        if ahead is None:
            parties, persons = queries.waiting_for(session, event.id, queries.sharing(house.charged, kind.id))
            ahead = parties - 1, persons - registration.size
            rules.check_line(kind, house, waiting_parties=ahead[0], now=now)
        place = rules.Place(ahead[0] + 1, *ahead) if registration.seq is not None else None  # the last of the line
    _issue(
        session, event=event, registration=registration, request=request, keys=keys, drawn=None if arrival.code_taken else drawn, now=now
    )
    waiting = request.size - outcome.newcomer_seats if outcome.newcomer_seats else 0
    if waiting:
        rest_waits(session, event=event, registration=registration, quota_ids=house.charged[kind.id], waiting=waiting, now=now)
    letter = "confirmed" if outcome.newcomer_seats else "waitlisted" if registration.seq is not None else "entered"
    facts: dict[str, Any] = {"waiting": waiting} if waiting else {}
    if prove:
        letter, facts = "verify", facts | {"answer_by": rules.plain(registration.answer_by)}
    letters.tell(session, event=event, registration=registration, kind=letter, place=place, facts=facts, now=now)
    note(session, event=event, actor=actor, verb="register", registration=registration, now=now)
    journal.answer(session, key=_key(event, request.key), body=request.body, subject=registration.public_id, now=now)
    if prove:
        return Outcome("created", registration, None, State(registration.state))
    return Outcome("created", registration, link_token(keys, registration.identity, registration.serial))


def _known(registration: Registration, keys: Keys) -> Outcome:
    """The answer made anew. Who was asked to prove an address is given the link by mail alone, afterwards as well."""
    if registration.verified_at == registration.created_at:
        return Outcome("known", registration, link_token(keys, registration.identity, registration.serial))
    promised = State(registration.state) if registration.state in {State.WAITLISTED, State.PENDING_APPROVAL} else State.HELD
    return Outcome("known", registration, None, promised)


def _asks_proof(request: Request, house: rules.House, now: datetime) -> bool:
    """Whether this party has to prove its address: never one that an organiser adds, or that has none."""
    return request.source in {"form", "api"} and bool(request.email) and rules.asks_proof(house.calendar, hasty=request.hasty, now=now)


def _key(event: Event, key: str) -> str:
    return f"register:{event.id}:{key}"


def correct(
    session: Session,
    *,
    event_id: int,
    registration_id: int,
    first_name: str,
    last_name: str,
    email: str,
    keys: Keys,
    actor: Actor,
    now: datetime,
) -> tuple[Registration, str | None]:
    """Mend a mistyped name or address, for all parts of a party; with a new address the old link dies. Gives the party and its link's
    secret; None where the new address is still to be proved, which only the mail to it can do.

    Raises Refused: registration.over; registration.address_taken, the new address holds a live registration here.
    """
    event = settled_event(session, event_id=event_id, closed_too=True, now=now)  # a name is mended at any time
    registration = live(session, event=event, registration_id=registration_id)
    if registration.split_from_id is not None:  # one party, one holder, one link
        registration = live(session, event=event, registration_id=registration.split_from_id)
    if registration.state in rules.TERMINAL:
        raise Refused("registration.over")
    token = link_token(keys, registration.identity, registration.serial)
    if (registration.first_name, registration.last_name, registration.email) == (first_name, last_name, email):
        return registration, token
    old = registration.email
    canonical = canonical_email(email)
    if canonical != registration.canonical_email:
        if queries.live_registration(session, event.id, canonical) is not None:
            raise Refused("registration.address_taken")
        registration.serial += 1
        token = link_token(keys, registration.identity, registration.serial)
        registration.token_sha256 = sha256(token)
    pairs = queries.attendees_of(session, [registration.id])[registration.id]
    for attendee, _ticket_row in pairs[:1]:
        attendee.first_name, attendee.last_name = first_name, last_name
        attendee.search = _search(first_name, last_name, attendee.organisation)
    registration.first_name, registration.last_name = first_name, last_name
    registration.email, registration.canonical_email = email, canonical
    registration.search = _search(first_name, last_name, pairs[0][0].organisation if pairs else "", email)
    registration.version += 1
    registration.changed_at = now
    for part in queries.parts_of(session, registration):  # its mails carry the link of the whole party: to this address alone
        part.first_name, part.last_name, part.email, part.canonical_email = first_name, last_name, email, canonical
        part.search = registration.search
    facts = {"changed_address": old != email, "answer_by": rules.plain(registration.answer_by)}
    place = queries.place(session, registration)
    letters.tell(
        session, event=event, registration=registration, kind=_asking(registration, "corrected"), place=place, facts=facts, now=now
    )
    if canonical_email(old) != canonical:
        letters.tell(
            session,
            event=event,
            registration=registration,
            kind="corrected",
            facts={"changed_address": True, "old": True},
            address=old,
            now=now,
        )
    note(session, event=event, actor=actor, verb="correct", registration=registration, now=now)
    allocate(session, event=event, now=now)
    return registration, None if canonical_email(old) != canonical and rules.unproven(registration) else token


def _asking(registration: Registration, otherwise: str) -> str:
    """The kind of a mail that says how a party stands: one that still owes the proof of its address is asked for it."""
    if not rules.unproven(registration):
        return otherwise
    return "received" if registration.state == State.PENDING_APPROVAL else "verify"


def send_link(session: Session, *, registration: Registration, event: Event, now: datetime) -> None:
    """Mail the holder the link to their registration, which proves their address if that was asked. Takes no lock: nothing changes."""
    facts, place = {"answer_by": rules.plain(registration.answer_by)}, queries.place(session, registration)
    letters.tell(session, event=event, registration=registration, kind=_asking(registration, "link"), place=place, facts=facts, now=now)
