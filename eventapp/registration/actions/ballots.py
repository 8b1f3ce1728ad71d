"""A draw decides the order of the line: committed to before anybody registers, held once, for everybody who waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from eventapp.events.actions import next_place
from eventapp.events.queries import LockedEvent, locked_event
from eventapp.journal import actions as journal
from eventapp.lib import codes
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people.rules import Actor
from eventapp.registration import queries, rules
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.timers import settled_event
from eventapp.registration.models import Ballot, Registration


def set_up_ballot(session: Session, *, event_id: int, source: Mapping[str, str], draws_at: datetime, actor: Actor, now: datetime) -> Ballot:
    """Have a draw decide who comes first: the seed is drawn now and never again, its commitment published with source and date.

    Raises Refused: ballot.too_late, ballot.date; as above the source and the date may be changed, the seed may not.
    """
    event = locked_event(session, event_id)
    if not queries.may_set_up_ballot(session, event, now):
        raise Refused("ballot.too_late")
    rules.check_date(draws_at, queries.calendar(event), now)
    row = queries.ballot(session, event.id)
    if row is None:
        seed = codes.seed()
        row = Ballot(event_id=event.id, commitment=rules.commitment(seed), seed=seed, number="", created_at=now)
        session.add(row)
    row.source, row.draws_at = dict(source), draws_at
    event.ballot_at = draws_at
    _note(
        session,
        event,
        "set_up_ballot",
        {"commitment": row.commitment, "source": dict(source), "draws_at": rules.plain(draws_at)},
        actor,
        now,
    )
    session.flush()
    return row


def drop_ballot(session: Session, *, event_id: int, actor: Actor, now: datetime) -> None:
    """First come, first served after all. Raises Refused: ballot.too_late."""
    event = locked_event(session, event_id)
    row = queries.ballot(session, event.id)
    if row is None:
        return
    if not queries.may_set_up_ballot(session, event, now):
        raise Refused("ballot.too_late")
    session.delete(row)
    event.ballot_at = None
    _note(session, event, "drop_ballot", {"commitment": row.commitment}, actor, now)
    session.flush()


def draw(session: Session, *, event_id: int, number: str, actor: Actor, now: datetime) -> Ballot:
    """Give everybody who waits the place that the draw gives them, then the free seats in that order. The same number again changes nothing.

    Who registered after the announced instant queues behind, in the order in which they came.
    Raises LookupError: no ballot. Raises Refused: ballot.drawn, with another number; ballot.too_early; event.not_open.
    """
    event = settled_event(session, event_id=event_id, now=now)
    row = queries.ballot(session, event.id)
    if row is None:
        raise LookupError(f"event {event_id} has no ballot")
    if row.drawn_at is not None:
        if row.number != number:
            raise Refused("ballot.drawn")
        return row
    rules.check_draw(event_state=event.state, draws_at=row.draws_at, now=now)
    session.flush()
    by_lot, late = rules.drawn(queries.entrants(session, event.id), row.seed, number, draws_at=row.draws_at)
    row.first_seq = next_place(session, event=event, number=max(1, len(by_lot) + len(late)))
    places = [
        {"of": one.id, "to_seq": row.first_seq + index, "to_lot": index + 1 if index < len(by_lot) else None}
        for index, one in enumerate([*by_lot, *late])
    ]
    _give_places(session, places)
    row.number, row.drawn_at, event.ballot_at = number, now, None
    facts = {"commitment": row.commitment, "number": number, "parties": len(by_lot), "late": len(late), "first_seq": row.first_seq}
    _note(session, event, "draw", facts, actor, now)
    allocate(session, event=event, now=now)
    return row


_PLACE = (
    update(Registration.__table__)  # type: ignore[arg-type]  # a Table
    .where(Registration.__table__.c.id == bindparam("of"))
    .values(seq=bindparam("to_seq"), lot=bindparam("to_lot"), version=Registration.__table__.c.version + 1)
)


def _give_places(session: Session, places: list[dict[str, int | None]]) -> None:
    if places:
        session.connection().execute(_PLACE, places)
    for row in list(session.identity_map.values()):
        if isinstance(row, Registration):
            session.expire(row)


def _note(session: Session, event: LockedEvent, verb: str, facts: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    journal.note(
        session, chain=f"event:{event.id}", actor=actor.label, verb=verb, subject=f"event:{event.public_id}", facts=dict(facts), now=now
    )
