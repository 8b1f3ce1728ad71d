"""Rows that tests need, made through the rooms' own actions wherever there is one."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, select

from eventapp.events.models import Event, Gate, Space, Venue
from eventapp.events.queries import locked_event
from eventapp.lib import codes
from eventapp.lib.db import Database, Session
from eventapp.lib.signing import Keys
from eventapp.people.models import Membership, Organiser, User
from eventapp.people.rules import ANONYMOUS, OPERATOR, Actor, Role
from eventapp.registration import actions
from eventapp.registration.models import LineShape, Quota, Registration, TicketType
from tests.cast import Character

NOW = datetime(2027, 9, 1, 10, 0, tzinfo=UTC)
KEYS = Keys(ticket=b"t" * 64, link=b"l" * 64)
_numbers = count(1)


def organiser(session: Session, slug: str = "medinsoft", **values: Any) -> Organiser:
    legal = {name: f"{name} of {slug}" for name in Organiser.LEGAL} | {"register_number": "W131000000"}
    row = Organiser(slug=slug, name=slug.title(), created_at=NOW, **(legal | values))
    session.add(row)
    session.flush()
    return row


def member(session: Session, *, organiser_id: int, character: Character, role: Role = Role.OWNER) -> tuple[User, Actor]:
    user = User(
        public_id=codes.public_id(),
        name=f"{character.first_name} {character.last_name}",
        email=character.email,
        canonical_email=character.email,
        language="fr",
        created_at=NOW,
    )
    session.add(user)
    session.flush()
    session.add(Membership(user_id=user.id, organiser_id=organiser_id, role=role, created_at=NOW))
    session.flush()
    return user, Actor("member", f"member:{user.public_id}", user_id=user.id, name=user.name, language="fr", roles={organiser_id: role})


def space(session: Session, *, organiser_id: int, safety_capacity: int | None = 820) -> Space:
    number = next(_numbers)
    venue = Venue(organiser_id=organiser_id, slug=f"lieu-{number}", name="Hôtel Renaissance", city="Aix-en-Provence", created_at=NOW)
    session.add(venue)
    session.flush()
    row = Space(
        venue_id=venue.id,
        organiser_id=organiser_id,
        name="Parvis",
        kind="open_air",
        ticket_capacity=800,
        safety_capacity=safety_capacity,
        safety_source="Registre de sécurité",
        created_at=NOW,
    )
    session.add(row)
    session.flush()
    session.add_all([Gate(space_id=row.id, name="Nord", position=0), Gate(space_id=row.id, name="Sud", position=1)])
    session.flush()
    return row


def event(session: Session, *, organiser_id: int, slug: str = "grand-opening", state: str = "published", **values: Any) -> Event:
    """An event on Thursday 23 September 2027, doors at 18:00 in Paris."""
    doors = values.pop("doors_at", datetime(2027, 9, 23, 16, 0, tzinfo=UTC))
    zone_offset = timedelta(hours=2)
    defaults: dict[str, Any] = {
        "public_id": codes.public_id(),
        "title": {"fr": "Grand Opening", "en": "Grand Opening"},
        "kind": "opening",
        "zone": "Europe/Paris",
        "doors_at": doors,
        "starts_at": doors + timedelta(minutes=30),
        "ends_at": doors + timedelta(hours=5),
        "doors_wall": (doors + zone_offset).replace(tzinfo=None),
        "starts_wall": (doors + zone_offset + timedelta(minutes=30)).replace(tzinfo=None),
        "ends_wall": (doors + zone_offset + timedelta(hours=5)).replace(tzinfo=None),
        "contact": "contact@demo.test",
        "created_at": NOW,
        "settled_at": NOW if state == "published" else None,
    }
    row = Event(organiser_id=organiser_id, slug=slug, state=state, **(defaults | values))
    session.add(row)
    session.flush()
    return row


def quota_and_type(session: Session, *, event_id: int, limit: int = 3, slug: str = "entree", **values: Any) -> tuple[Quota, TicketType]:
    quota = actions.create_quota(session, event_id=event_id, name=values.pop("quota_name", "salle"), limit=limit, actor=OPERATOR, now=NOW)
    kind = actions.create_ticket_type(
        session,
        event_id=event_id,
        slug=slug,
        name={"fr": "Entrée", "en": "Admission"},
        quota_ids=[quota.id],
        actor=OPERATOR,
        now=NOW,
        **values,
    )
    return quota, kind


class House:
    """An organiser, an event of three seats and a way to register for it."""

    def __init__(
        self,
        database: Database,
        *,
        limit: int = 3,
        keys: Keys = KEYS,
        state: str = "published",
        safety_capacity: int = 820,
        slug: str = "grand-opening",
    ) -> None:
        self.database, self.keys = database, keys
        with database.writing() as session:
            self.organiser = organiser(session, slug="medinsoft" if slug == "grand-opening" else slug)
            self.space = space(session, organiser_id=self.organiser.id, safety_capacity=safety_capacity)
            self.event = event(session, organiser_id=self.organiser.id, space_id=self.space.id, state=state, slug=slug)
        with database.writing() as session:
            self.quota, self.type = quota_and_type(session, event_id=self.event.id, limit=limit)

    def register(self, character: Character, *, size: int = 1, key: str | None = None, now: datetime = NOW, **more: Any) -> actions.Outcome:
        actor: Actor = more.pop("actor", ANONYMOUS)
        request = actions.Request(
            key=key or codes.key(),
            ticket_type_id=more.pop("ticket_type_id", self.type.id),
            first_name=character.first_name,
            last_name=character.last_name,
            email=more.pop("email", character.email),
            language=more.pop("language", "fr"),
            size=size,
            **more,
        )
        with self.database.writing() as session:
            return actions.register(session, event_id=self.event.id, request=request, keys=self.keys, actor=actor, now=now)

    def queue(self, number: int) -> None:
        """Let so many single persons wait, written down at once: a long line costs a test no more than a short one."""
        with self.database.writing() as session:
            held = locked_event(session, self.event.id)
            rows = [
                {
                    "event_id": held.id,
                    "public_id": codes.public_id(),
                    "identity": codes.identity(),
                    "token_sha256": secrets.token_bytes(32),
                    "ticket_type_id": self.type.id,
                    "size": 1,
                    "first_name": f"File{place}",
                    "last_name": "Démo",
                    "email": f"file{place}@demo.test",
                    "canonical_email": f"file{place}@demo.test",
                    "search": f"file{place} demo file{place}@demo.test",
                    "language": "fr",
                    "state": "waitlisted",
                    "line_class": 5,
                    "seq": place,
                    "created_at": NOW,
                    "changed_at": NOW,
                }
                for place in range(held.next_seq, held.next_seq + number)
            ]
            session.execute(insert(Registration), rows)
            session.add(
                LineShape(
                    event_id=held.id,
                    ticket_type_id=self.type.id,
                    size=1,
                    line_class=5,
                    auto_until="offers",
                    accept_partial=False,
                    parties=number,
                )
            )
            held.next_seq += number

    def turn(self) -> None:
        """The one who has the seat gives it back: the first in line has it now."""
        with self.database.reading() as session:
            seated = select(Registration.id).where(Registration.event_id == self.event.id, Registration.state == "confirmed")
            registration_id = session.scalars(seated).one()
        with self.database.writing() as session:
            actions.give_back(
                session, event_id=self.event.id, registration_id=registration_id, by_organiser=False, actor=ANONYMOUS, now=NOW
            )
