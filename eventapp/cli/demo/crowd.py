"""Invented people, the same for the same seed: they register, and some of them come."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from eventapp.cli.demo.stage import Stage, data
from eventapp.door import actions as door
from eventapp.door.rules import Role
from eventapp.lib.db import Session
from eventapp.lib.signing import sha256
from eventapp.lib.text import slug
from eventapp.people.rules import ANONYMOUS, OPERATOR
from eventapp.registration import actions, queries
from eventapp.registration.actions import Request
from eventapp.tickets import rules as tickets

BATCH = 100
"""Registrations in one transaction: a long import is one transaction per batch."""


@dataclass(frozen=True)
class Invented:
    """Somebody who does not exist."""

    first_name: str
    last_name: str
    email: str
    organisation: str
    language: str
    size: int


def people(number: int, seed: int) -> Iterator[Invented]:
    """So many invented people: names drawn from the samples of the data, addresses under the reserved domain demo.test."""
    dice = random.Random(seed)  # noqa: S311 - no secret: the point is that it can be repeated
    samples = data()["attendees_demo"]
    for count in range(number):
        first, last, body = (dice.choice(samples)[key] for key in ("first", "last", "organisation"))
        address = f"{slug(first)}.{slug(last)}.{seed}.{count:05d}@demo.test"
        yield Invented(first, last, address, body, dice.choices(("fr", "en"), (4, 1))[0], dice.choices((1, 2, 3, 4), (70, 20, 4, 6))[0])


def fill(stage: Stage, *, event_id: int, number: int, seed: int, now: datetime) -> None:
    """So many of them register for the first ticket type open to the public. The same seed again adds nobody."""
    crowd = list(people(number, seed))
    for start in range(0, number, BATCH):
        stage.do(_register, event_id=event_id, crowd=crowd[start : start + BATCH], stage=stage, seed=seed, now=now)


def fill_past(stage: Stage, *, event_id: int, number: int, seed: int, begin: datetime, end: datetime) -> None:
    """So many single persons were registered between two moments. Nobody is written to today about an evening of long ago."""
    crowd, step = list(people(number, seed)), (end - begin) / max(1, number)
    for start in range(0, number, BATCH):
        then = begin + step * start
        stage.do(_record, event_id=event_id, crowd=crowd[start : start + BATCH], stage=stage, seed=seed, now=then)


def come(stage: Stage, *, event_id: int, gates: list[str], number: int, begin: datetime) -> None:
    """So many of the confirmed people, drawn by lot, pass the gates in turn: few at first, a crowd around the start, some late."""
    dice = random.Random(number)  # noqa: S311 - no secret: the point is that it can be repeated
    with stage.database.reading() as session:
        confirmed = [row for row in queries.all_registrations(session, event_id) if row.state == "confirmed"]
        rows = dice.sample(confirmed, min(number, len(confirmed)))
        issued = queries.attendees_of(session, [row.id for row in rows])
        codes = [tickets.text(tickets.token(stage.keys.ticket, issued[row.id][0][1].identity, issued[row.id][0][1].serial)) for row in rows]
    credentials = []
    for gate in gates:
        _enrolment, secret = stage.do(
            door.create_enrolment, event_id=event_id, gate=gate, role=Role.SCAN, uses=1, actor=OPERATOR, now=begin - timedelta(minutes=5)
        )
        credentials.append(stage.do(door.enrol, secret=secret, label=f"Téléphone {gate}", app="demo", now=begin - timedelta(minutes=4))[1])
    moments = sorted(dice.betavariate(2.2, 3.4) for _code in codes)
    size = BATCH // 10
    for turn, start in enumerate(range(0, len(codes), size)):
        shown = codes[start : start + size]
        then = begin + timedelta(minutes=105) * moments[start]
        stage.do(_scan, credential=credentials[turn % len(gates)], codes=shown, first=start, now=then)


def _register(session: Session, *, event_id: int, crowd: list[Invented], stage: Stage, seed: int, now: datetime) -> None:
    kind = next(kind for kind in queries.ticket_types(session, event_id) if kind.public)
    for one in crowd:
        request = _request(one, ticket_type_id=kind.id, size=min(one.size, kind.max_party), seed=seed)
        actions.register(session, event_id=event_id, request=request, keys=stage.keys, actor=ANONYMOUS, now=now)


def _record(session: Session, *, event_id: int, crowd: list[Invented], stage: Stage, seed: int, now: datetime) -> None:
    kind = next(kind for kind in queries.ticket_types(session, event_id) if kind.public)
    requests = [_request(one, ticket_type_id=kind.id, size=1, seed=seed) for one in crowd]
    actions.record(session, event_id=event_id, ticket_type_id=kind.id, requests=requests, keys=stage.keys, actor=OPERATOR, now=now)


def _request(one: Invented, *, ticket_type_id: int, size: int, seed: int) -> Request:
    return Request(
        key=f"demo-{seed}-{one.email}",
        ticket_type_id=ticket_type_id,
        first_name=one.first_name,
        last_name=one.last_name,
        email=one.email,
        language=one.language,
        size=size,
        organisation=one.organisation,
        source="import",
    )


def _scan(session: Session, *, credential: str, codes: list[str], first: int, now: datetime) -> None:
    asks = [
        door.Ask(id=UUID(bytes=sha256(code)[:16], version=4), seq=first + place, via="camera", code=code)
        for place, code in enumerate(codes)
    ]
    door.scan(session, credential_sha256=sha256(credential), asks=asks, now=now)
