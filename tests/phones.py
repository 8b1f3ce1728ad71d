"""Phones at the door, for tests: invited, enrolled and scanning through the API as Nora does."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eventapp.door import actions
from eventapp.door.rules import Role
from eventapp.lib.db import Database
from eventapp.people.rules import OPERATOR
from eventapp.registration import queries as registrations
from eventapp.registration.models import Registration, Ticket
from eventapp.tickets import rules as tickets
from tests.factories import KEYS, NOW, House


def invite(house: House, *, gate: str = "Nord", role: Role = Role.SCAN, uses: int = 1, now: datetime = NOW) -> str:
    """The secret of an invitation."""
    with house.database.writing() as session:
        return actions.create_enrolment(session, event_id=house.event.id, gate=gate, role=role, uses=uses, actor=OPERATOR, now=now)[1]


def credential(house: House, *, gate: str = "Nord", role: Role = Role.SCAN, label: str = "Nora", now: datetime = NOW) -> tuple[str, str]:
    """Public id and credential of a new phone."""
    secret = invite(house, gate=gate, role=role, now=now)
    with house.database.writing() as session:
        device, value = actions.enrol(session, secret=secret, label=label, app="1", now=now)
        return device.public_id, value


def tickets_of(database: Database, registration: Registration) -> list[Ticket]:
    """The current tickets of a party, in order."""
    with database.reading() as session:
        return [ticket for _, ticket in registrations.attendees_of(session, [registration.id])[registration.id]]


def code(ticket: Ticket) -> str:
    """What the QR of a ticket says, without the address."""
    return tickets.text(tickets.token(KEYS.ticket, ticket.identity, ticket.serial))


def human(ticket: Ticket) -> str:
    """The eight characters of a ticket as shown."""
    return tickets.display_human(tickets.human(tickets.token(KEYS.ticket, ticket.identity, ticket.serial)))


def codes(database: Database, registration: Registration) -> list[str]:
    """The codes of a party, in order."""
    return [code(ticket) for ticket in tickets_of(database, registration)]


@dataclass
class Phone:
    """A phone that speaks HTTP."""

    client: FlaskClient
    public_id: str
    credential: str
    numbers: Any = field(default_factory=lambda: count(1))

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.credential}", "X-Door-Echo": "echo-1"} | more

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        return self.client.open(f"/api/v1/door{path}", method=method, headers=self.headers(), **options)

    def ask(self, code: str | None = None, **more: Any) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "seq": next(self.numbers),
            "via": "camera",
            "gate": None,
            "dir": "in",
            "raw_at": "2027-09-01T09:59:58.250Z",
            "mono_ms": 1234.5,
            "offset_ms": 1500,
            "clock": "live",
            "shown": None,
            "override": None,
        }
        return asked | ({"code": code} if code is not None else {}) | more

    def post(self, *asks: dict[str, Any]) -> TestResponse:
        return self.call("POST", "/scans", json={"scans": list(asks)})

    def scan(self, code: str | None = None, **more: Any) -> dict[str, Any]:
        answer = self.post(self.ask(code, **more))
        assert answer.status_code == 200, answer.text
        return dict(answer.json["results"][0])  # type: ignore[index]


def phone(app: Flask, house: House, **options: Any) -> Phone:
    """A phone at a gate of this house."""
    return Phone(app.test_client(), *credential(house, **options))


def later(app: Flask, by: timedelta) -> None:
    """Move the clock of this application."""
    then = app.extensions["eventapp"].clock() + by
    app.extensions["eventapp"].clock = lambda: then
