"""Whether an event in a database is what the same commands made of it on paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import select

from eventapp.events.models import Event
from eventapp.lib.db import Database, Session
from eventapp.messages.models import Message
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions, queries, rules
from eventapp.registration.models import LineShape, Registration
from tests.factories import NOW, House
from tests.registration.machine import Paper


def told(row: Registration) -> tuple[object, ...]:
    """A row as paper says it."""
    return (
        *(row.state, row.size, row.line_class, row.seq, row.auto_until, row.accept_partial, row.lapses, row.extensions),
        *(row.asked_at, row.started_at, row.answer_by, row.expires_at, row.remind_at, row.notice),
    )


def parties(session: Session, event_id: int) -> list[Registration]:
    """The rows of an event in the order of its commits, which is that of the members on paper."""
    return list(session.scalars(select(Registration).where(Registration.event_id == event_id).order_by(Registration.id)))


def built(database: Database, paper: Paper, *, slug: str) -> tuple[House, dict[int, int], dict[int, int]]:
    """The same event in a database: its first hall for everybody, a quota and a ticket type for each other one.

    Besides the house: the ids of the ticket types and of the quotas, by their numbers on paper.
    """
    [shared, *others] = paper.halls.values()
    house = House(database, limit=shared.limit, slug=slug)
    halls, kinds = {shared.id: house.quota.id}, {1: house.type.id}
    with database.writing() as session:
        session.get_one(Event, house.event.id).settled_at = paper.settled_at
        for hall in others:
            guard = {"protects_id": halls[shared.id], "protected_until": hall.protected_until} if hall.protects_id else {}
            asked = {"event_id": house.event.id, "name": f"quota {hall.id}", "limit": hall.limit, "actor": OPERATOR, "now": NOW}
            halls[hall.id] = actions.create_quota(session, **asked, **guard).id
        for kind, charged in paper.charged.items():
            if kind not in kinds:
                name = {"fr": f"Type {kind}", "en": f"Type {kind}"}
                made = {"slug": f"type-{kind}", "name": name, "quota_ids": [halls[id] for id in charged], "actor": OPERATOR, "now": NOW}
                kinds[kind] = actions.create_ticket_type(session, event_id=house.event.id, **made).id
        session.get_one(Event, house.event.id).settled_at = paper.settled_at
    return house, kinds, halls


def agree(session: Session, event_id: int, paper: Paper, *, kinds: Mapping[int, int], halls: Mapping[int, int]) -> None:
    """Parties, counters, ledger, line and mails: each must be the same. `kinds` and `halls`: the number on paper, and the row's id.

    Raises AssertionError.
    """
    rows = parties(session, event_id)
    quotas = {quota.id: (quota.limit, quota.used, quota.ceiling) for quota in queries.quotas(session, event_id)}
    sums = queries.ledger_sums(session, event_id)
    shapes = session.execute(select(LineShape).where(LineShape.event_id == event_id)).scalars()
    counted = {tuple(getattr(row, name) for name in rules.Shape._fields): row.parties for row in shapes if row.parties}
    sent = session.execute(select(Message.subject_id, Message.kind).where(Message.event_id == event_id)).all()
    differ = [(row.id, told(row), member.told) for row, member in zip(rows, paper.members, strict=True) if told(row) != member.told]
    assert differ == [], differ
    assert [row.ticket_type_id for row in rows] == [kinds[member.ticket_type_id] for member in paper.members]
    on_paper = {halls[hall.id]: (hall.limit, hall.used, hall.ceiling) for hall in paper.halls.values()}
    assert quotas == on_paper
    assert {id: sums.get(id, 0) for id in on_paper} == {id: used for id, (_limit, used, _ceiling) in on_paper.items()}
    line = Counter((kinds[one.ticket_type_id], one.size, one.line_class, one.auto_until, one.accept_partial) for one in paper.waiting())
    assert counted == line
    numbers = {row.public_id: number for number, row in enumerate(rows)}
    assert Counter((numbers[subject], kind) for subject, kind in sent) == Counter(paper.mails)
