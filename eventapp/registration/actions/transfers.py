"""Pass a place on to another person: the name, the address, the link and the code change hands; the seat stays where it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from eventapp.events.queries import LockedEvent
from eventapp.journal import actions as journal
from eventapp.lib import codes
from eventapp.lib.db import Session, insert_later
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys, link_token, sha256
from eventapp.lib.text import canonical_email, folded
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, seats
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.parties import live, note
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Attendee, Registration, Ticket
from eventapp.registration.rules import State
from eventapp.tickets import rules as tickets

CAUSE = "transferred"


@dataclass(frozen=True)
class Transfer:
    """Which place, by the public id of its party (or of the part of one) and its position there, and to whom.

    `key` makes it safe to repeat.
    """

    key: str
    public_id: str
    position: int
    first_name: str
    last_name: str
    email: str

    @property
    def body(self) -> str:
        """What must be the same when a key comes again."""
        values = [self.public_id, self.position, self.first_name, self.last_name, self.email]
        return json.dumps(values, ensure_ascii=False)


def was_transferred(session: Session, *, event_id: int, transfer: Transfer) -> bool:
    """Whether this very command was carried out before. Takes no lock; `transfer` asks again under it.

    Raises Refused: command.key_reused.
    """
    return journal.answered(session, key=_key(event_id, transfer), body=transfer.body) is not None


def _key(event_id: int, transfer: Transfer) -> str:
    return f"transfer:{event_id}:{transfer.key}"


def transfer(session: Session, *, event_id: int, transfer: Transfer, keys: Keys, actor: Actor, now: datetime) -> Registration:
    """Let somebody else come in an attendee's place, under a new code; the old one is answered as replaced at the door.

    The only seat of a party takes the whole registration along: its old link dies. One of several moves to a registration of its own,
    and no counter moves. What the recipient was waiting for here ends. Gives the party that it was passed on from. Takes the rows of
    its tickets, so that a scan and this cannot both win. Idempotent under its key.
    Raises Refused: command.key_reused; event.not_open; approval.needed; transfer.waiting, .not_allowed, .too_late, .arrived, .rest
    (others of the party hang on this seat), .recipient (nothing says why); registration.attendee_unknown.
    """
    event = settled_event(session, event_id=event_id, now=now)
    known = journal.answered(session, key=_key(event.id, transfer), body=transfer.body)
    registration = _party(session, event=event, public_id=known or transfer.public_id)
    if known is not None:
        return registration
    kind = queries.ticket_type(session, event.id, registration.ticket_type_id)
    if kind is None:
        raise LookupError(f"ticket type {registration.ticket_type_id}")
    by_organiser = actor.kind in {"member", "operator"}
    rules.check_transfer(
        kind, event_state=event.state, state=registration.state, doors_at=event.doors_at, by_organiser=by_organiser, now=now
    )
    pairs = queries.locked_tickets(session, registration.id)
    attendee, ticket = _place(pairs, transfer.position)
    alone = len(pairs) == 1
    if alone and any(part.state in rules.LIVE for part in queries.parts_of(session, registration)):
        raise Refused("transfer.rest")
    waited = _end_waits(session, event=event, canonical=canonical_email(transfer.email), actor=actor, now=now)
    _tell_giver(session, event=event, registration=registration, transfer=transfer, left=len(pairs) - 1, now=now)
    if alone:
        taker = registration
        _hand_on(taker, transfer=transfer, keys=keys, now=now)
    else:
        taker = _own_registration(registration, transfer=transfer, keys=keys, now=now)
        quota_ids = queries.charges(session, event.id)[registration.ticket_type_id]
        seats.hand_over(session, event=event, giver=registration, taker=taker, quota_ids=quota_ids, cause=CAUSE, now=now)
        attendee.registration_id, attendee.position = taker.id, 1
        note(session, event=event, actor=actor, verb="transfer", registration=taker, now=now)
    _rename(attendee, transfer)
    _reissue(session, event=event, ticket=ticket, keys=keys, now=now)
    letters.tell(session, event=event, registration=taker, kind="transferred", facts={"waited": waited}, now=now)
    note(session, event=event, actor=actor, verb="transfer", registration=registration, now=now)
    journal.answer(session, key=_key(event.id, transfer), body=transfer.body, subject=registration.public_id, now=now)
    allocate(session, event=event, now=now)
    return registration


def _party(session: Session, *, event: LockedEvent, public_id: str) -> Registration:
    """The party as it is under the lock. Raises LookupError: no such party."""
    row = queries.registration_for(session, event.id, public_id)
    if row is None:
        raise LookupError(f"registration {public_id}")
    return live(session, event=event, registration_id=row.id)


def _place(pairs: list[tuple[Attendee, Ticket]], position: int) -> tuple[Attendee, Ticket]:
    for attendee, ticket in pairs:
        if attendee.position == position:
            if attendee.arrived_at is not None:
                raise Refused("transfer.arrived")
            return attendee, ticket
    raise Refused("registration.attendee_unknown", status=422)


def _end_waits(session: Session, *, event: LockedEvent, canonical: str, actor: Actor, now: datetime) -> int:
    """The recipient waits no more, whose one mail says so. Gives for how many seats they were waiting.

    Raises Refused: transfer.recipient.
    """
    own = queries.live_of_address(session, event.id, canonical)
    rules.check_recipient(one.state for one in own)
    charges = queries.charges(session, event.id)
    for one in own:
        quota_ids = charges[one.ticket_type_id]
        seats.change_state(session, event=event, registration=one, quota_ids=quota_ids, state=State.CANCELLED, cause=CAUSE, now=now)
        note(session, event=event, actor=actor, verb="transfer", registration=one, now=now)
    session.flush()  # an address has one live registration, at each statement
    return sum(one.size for one in own)


def _tell_giver(session: Session, *, event: LockedEvent, registration: Registration, transfer: Transfer, left: int, now: datetime) -> None:
    """What happened, to whom by first name only; once nothing is left to them, without any link."""
    gone = left == 0 and registration.split_from_id is None
    facts = {"given": True, "old": gone, "to": transfer.first_name, "size": left}
    letters.tell(session, event=event, registration=registration, kind="transferred", facts=facts, now=now)


def _hand_on(registration: Registration, *, transfer: Transfer, keys: Keys, now: datetime) -> None:
    """A registration gets another holder. One that was part of a party stands for itself, and its link is its own."""
    if registration.split_from_id is not None:
        registration.transferred_from_id, registration.split_from_id, registration.seq = registration.split_from_id, None, None
    registration.serial += 1
    registration.token_sha256 = sha256(link_token(keys, registration.identity, registration.serial))
    for name, value in _holder(transfer).items():
        setattr(registration, name, value)
    registration.cause, registration.reason, registration.source = CAUSE, "", "transfer"
    registration.verified_at = None
    registration.confirmed_at = registration.ask_after = now  # whether they come is asked of the new holder anew
    registration.reconfirmed_at = None
    registration.version += 1
    registration.changed_at = now


def _own_registration(giver: Registration, *, transfer: Transfer, keys: Keys, now: datetime) -> Registration:
    """The registration of a seat that leaves its party, not yet stored. It never stood in line: it has no place there."""
    identity = codes.identity()
    return Registration(
        event_id=giver.event_id,
        public_id=codes.public_id(),
        identity=identity,
        serial=0,
        token_sha256=sha256(link_token(keys, identity, 0)),
        ticket_type_id=giver.ticket_type_id,
        language=giver.language,
        line_class=rules.EVERYONE,
        seq=None,
        auto_until=giver.auto_until,
        accept_partial=False,
        extensions=0,
        lapses=0,
        notice="",
        reason="",
        source="transfer",
        rules_version=giver.rules_version,
        transferred_from_id=giver.split_from_id or giver.id,
        created_at=now,
        **_holder(transfer),
    )


def _holder(transfer: Transfer) -> dict[str, str]:
    names = (transfer.first_name, transfer.last_name)
    return {
        "first_name": transfer.first_name,
        "last_name": transfer.last_name,
        "email": transfer.email,
        "canonical_email": canonical_email(transfer.email),
        "search": " ".join(folded(word) for word in (*names, transfer.email)),
    }


def _rename(attendee: Attendee, transfer: Transfer) -> None:
    attendee.first_name, attendee.last_name, attendee.organisation = transfer.first_name, transfer.last_name, ""
    attendee.search = " ".join(folded(name) for name in (transfer.first_name, transfer.last_name))


def _reissue(session: Session, *, event: LockedEvent, ticket: Ticket, keys: Keys, now: datetime) -> None:
    """A new code for the same attendee; whoever shows the old one is told that it was replaced. Source: trust.md TOK-1."""
    ticket.replaced_at = now
    serial, human = ticket.serial, ticket.human_sha256
    while queries.human_is_taken(session, event.id, [human]):  # as the old one's is
        serial += 1
        token = tickets.token(keys.ticket, ticket.identity, serial)
        human = rules.human_digest(tickets.human(token))
    insert_later(
        session,
        Ticket,
        event_id=event.id,
        attendee_id=ticket.attendee_id,
        identity=ticket.identity,
        serial=serial,
        code_sha256=tickets.code_sha256(token),
        human_sha256=human,
        issued_at=now,
    )
