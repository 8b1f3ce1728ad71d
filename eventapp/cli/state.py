"""`eventapp state` and `verify`: the truth as one document, and the proof that every number follows from its rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click

from eventapp.door import queries as door
from eventapp.events import queries as events
from eventapp.events.models import Event
from eventapp.journal import queries as journal
from eventapp.journal.rules import first_fault
from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.lib.schema import require_head
from eventapp.messages import queries as messages
from eventapp.registration import queries as registration
from eventapp.registration import rules
from eventapp.registration.models import Registration
from eventapp.tickets import rules as tickets

LATE = timedelta(minutes=5)


@click.command(help="Everything that is true of one event, as JSON: quotas, registrations, tickets, ledger, passages, messages.")
@click.option("--event", "slug", required=True, help="The event's slug.")
@click.option("--json", "as_json", is_flag=True, help="JSON (the only form; for scripts to be explicit).")
def state(slug: str, as_json: bool) -> None:
    """Print the state document."""
    require_head(web.database())
    with web.database().snapshot() as session:
        event = _event(session, slug)
        click.echo(json.dumps(document(session, event), ensure_ascii=False, indent=None if as_json else 2))


def _event(session: Session, slug: str) -> Event:
    event = events.event_by_slug(session, slug)
    if event is None:
        raise click.ClickException(f"there is no event {slug!r}")
    return event


def document(session: Session, event: Event) -> dict[str, Any]:
    """The state of an event: plain values, of one instant when read in a snapshot."""
    names = {quota.id: quota.name for quota in registration.all_quotas(session, event.id)}
    sums = registration.ledger_sums(session, event.id)
    rows = registration.all_registrations(session, event.id)
    ids = {row.id: row.public_id for row in rows}
    issued = registration.attendees_of(session, list(ids))
    by_state = messages.by_state(session, [event.id])
    return {
        "event": event.slug,
        "quotas": [
            {
                "name": quota.name,
                "limit": quota.limit,
                "used": quota.used,
                "ledger": sums.get(quota.id, 0),
                "protects": names.get(quota.protects_id) if quota.protects_id else None,
            }
            for quota in registration.all_quotas(session, event.id)
        ],
        "registrations": [
            {
                "id": row.public_id,
                "state": row.state,
                "size": row.size,
                "seq": row.seq,
                "lot": row.lot,
                "class": row.line_class,
                "auto_until": row.auto_until,
                "accept_partial": row.accept_partial,
                "expires_at": row.expires_at.isoformat() if row.expires_at else None,
                "ticket_type": row.ticket_type.slug,
                "transferred_from": ids.get(row.transferred_from_id or 0),
                "email": row.email,
                "tickets": [
                    tickets.text(tickets.token(web.keys().ticket, ticket.identity, ticket.serial)) for _attendee, ticket in issued[row.id]
                ],
            }
            for row in rows
        ],
        "standby": [],
        "passages": door.passage_count(session, event.id),
        "messages": {name: by_state.get(name, 0) for name in ("queued", "leased", "sent", "failed", "held")},
    }


@click.command(help="Re-derive every counter and invariant from the rows. Exit 1 and one line per fault.")
@click.option("--event", "slug", help="One event only.")
@click.option("--json", "as_json", is_flag=True, help="The faults as a JSON list.")
def verify(slug: str | None, as_json: bool) -> None:
    """Look for faults; reads only."""
    require_head(web.database())
    now = web.now()
    with web.database().snapshot() as session:
        chosen = [_event(session, slug)] if slug else events.all_events(session)
        found = [fault for event in chosen for fault in faults(session, event, now)]
        names = [f"event:{event.id}" for event in chosen] if slug else journal.chains(session)
        found += [
            f"journal {name}: entry {broken} does not follow" for name in names if (broken := first_fault(journal.chain(session, name)))
        ]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for fault in found:
            click.echo(fault)
        click.echo(f"{len(chosen)} events, {len(found)} faults")
    if found:
        raise click.exceptions.Exit(1)


def faults(session: Session, event: Event, now: datetime) -> Iterator[str]:
    """One sentence for each thing that does not add up."""
    rows = registration.all_registrations(session, event.id)
    yield from _counter_faults(session, event)
    yield from _party_faults(session, event, rows)
    yield from _ballot_faults(session, event, rows)
    yield from _line_faults(session, event, rows, now)
    yield from (f"{event.slug}: {fault}" for fault in registration.enrolment_faults(session, event, now))
    yield from (f"{event.slug}: {fault}" for fault in door.faults(session, event.id))


def _counter_faults(session: Session, event: Event) -> Iterator[str]:
    sums, places = registration.ledger_sums(session, event.id), registration.places_by_quota(session, event.id)
    seats = registration.seats_by_quota(session, event.id) | places
    for quota in registration.all_quotas(session, event.id):
        ledger, seated = sums.get(quota.id, 0), seats.get(quota.id, 0)
        if not quota.used == ledger == seated:
            yield f"{event.slug}: quota {quota.name}: used {quota.used}, ledger {ledger}, seated {seated}"
        if quota.used > quota.ceiling or quota.ceiling != max(quota.limit, quota.used):
            yield f"{event.slug}: quota {quota.name}: ceiling {quota.ceiling} with limit {quota.limit} and used {quota.used}"


def _party_faults(session: Session, event: Event, rows: list[Registration]) -> Iterator[str]:
    issued = registration.attendees_of(session, [row.id for row in rows])
    for row in rows:
        if len(issued[row.id]) != row.size:
            yield f"{event.slug}: registration {row.public_id}: size {row.size}, tickets {len(issued[row.id])}"
        if row.state == rules.State.CONFIRMED and row.confirmed_at is None:
            yield f"{event.slug}: registration {row.public_id}: confirmed without a time"
        if row.state == rules.State.PENDING_APPROVAL and row.seq is not None:
            yield f"{event.slug}: registration {row.public_id}: a place in line before it is approved"
        if row.state in rules.LIVE - {rules.State.PENDING_APPROVAL} and row.seq is None and not _outside(row):
            yield f"{event.slug}: registration {row.public_id}: no place in line"
    live = Counter(row.canonical_email for row in rows if row.state in rules.LIVE and row.split_from_id is None and row.canonical_email)
    for number in live.values():
        if number > 1:
            yield f"{event.slug}: {number} live registrations of one address"
    seqs = Counter(row.seq for row in rows if row.seq is not None and row.split_from_id is None)
    for seq, number in seqs.items():
        if number > 1 or seq >= event.next_seq:
            yield f"{event.slug}: place {seq} in line given {number} times, next is {event.next_seq}"


def _outside(row: Registration) -> bool:
    """Whether a party rightly has no place in line: it is invited, has its seat from another, or waits for the draw."""
    return row.source in {"invite", "transfer"} or (row.state == rules.State.WAITLISTED and row.lot == rules.UNDRAWN)


def _ballot_faults(session: Session, event: Event, rows: list[Registration]) -> Iterator[str]:
    ballot = registration.ballot(session, event.id)
    undrawn = sum(row.state == rules.State.WAITLISTED and row.lot == rules.UNDRAWN for row in rows)
    if (event.ballot_at is not None) != (ballot is not None and ballot.drawn_at is None):
        yield f"{event.slug}: whether its draw has taken place is told in two ways"
    if ballot is None or ballot.first_seq is None:
        if undrawn and event.ballot_at is None:
            yield f"{event.slug}: {undrawn} registrations wait for a draw that nobody announced"
        return
    if rules.commitment(ballot.seed) != ballot.commitment:
        yield f"{event.slug}: the seed of the draw is not the one that was committed to"
    if undrawn:
        yield f"{event.slug}: {undrawn} registrations were left out of the draw"
    lots = registration.lots(session, event.id)
    wanted = rules.ranked(ballot.seed, ballot.number, [one.public_id for one in lots])
    last = ballot.first_seq + len(lots) - 1
    for rank, (one, public_id) in enumerate(zip(lots, wanted, strict=True), start=1):
        moved = one.seq is not None and one.seq > last  # to the end of the line, since
        if (one.public_id, one.lot) != (public_id, rank) or not (moved or one.seq == ballot.first_seq + rank - 1):
            yield f"{event.slug}: registration {one.public_id}: lot {one.lot}, place {one.seq}; the draw gives {public_id} the lot {rank}"


def _line_faults(session: Session, event: Event, rows: list[Registration], now: datetime) -> Iterator[str]:
    counted, waiting = registration.shapes(session, event.id), registration.line_by_shape(session, event.id)
    for shape in sorted(counted.keys() | waiting.keys()):
        noted, there = counted.get(shape, 0), waiting.get(shape, 0)
        if noted != there:
            yield (
                f"{event.slug}: line of ticket type {shape.ticket_type_id}, size {shape.size}, class {shape.line_class}: "
                f"counted {noted}, waiting {there}"
            )
    if rules.is_closed(event, now - LATE) and registration.unanswered(session, event.id):
        yield f"{event.slug}: its line is not closed: does the worker run?"
    if event.state != "published" or rules.is_closed(event, now):
        return
    standing = registration.standing(session, event)
    due = rules.next_instant(standing.next_due, standing.house, since=event.settled_at, now=now)
    if due is not None:  # the worker comes by each minute
        if now - due > LATE:
            yield f"{event.slug}: what was due at {due.isoformat()} is not done: does the worker run?"
        return
    missed = rules.grants(registration.line(session, event.id), standing.house, now)  # type: ignore[type-var,unused-ignore]  # mapped columns
    for grant in missed.granted:
        yield f"{event.slug}: registration {grant.party.public_id} waits beside a free seat"


def mount(group: Any) -> None:
    """Add these commands."""
    group.add_command(state)
    group.add_command(verify)
