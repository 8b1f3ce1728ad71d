"""Organisers and their legal details."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.text import slug as slugged
from eventapp.people import queries
from eventapp.people.models import Organiser
from eventapp.people.rules import Actor


@dataclass(frozen=True, kw_only=True)
class OrganiserValues:
    """What the law asks of a publisher, and how people write to it. Source: French law 2004-575, article 1-1."""

    name: str
    legal_name: str
    address: str
    phone: str
    email: str
    register_number: str
    publication_director: str
    data_protection_contact: str
    host_name: str
    host_address: str
    host_phone: str


def create_organiser(session: Session, *, name: str, actor: Actor, now: datetime) -> Organiser:
    """A new organiser, its legal details still empty. Its slug is made of its name."""
    taken = queries.organiser_slugs(session)
    wish = slugged(name, limit=50) or "organisateur"
    slug = next(each for each in (wish, *(f"{wish}-{number}" for number in range(2, len(taken) + 3))) if each not in taken)
    row = Organiser(slug=slug, name=name, created_at=now)
    session.add(row)
    session.flush()  # its journal needs its id
    _note(session, row=row, verb="create_organiser", facts={"slug": slug}, actor=actor, now=now)
    return row


def update_organiser(session: Session, *, organiser_id: int, values: OrganiserValues, actor: Actor, now: datetime) -> Organiser:
    """Change an organiser's name and legal details. The journal keeps which, not what: some name a person."""
    row = queries.locked_organiser(session, organiser_id)
    changed = [name for name, value in asdict(values).items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, getattr(values, name))
    _note(session, row=row, verb="update_organiser", facts={"changed": changed}, actor=actor, now=now)
    return row


def _note(session: Session, *, row: Organiser, verb: str, facts: dict[str, str | list[str]], actor: Actor, now: datetime) -> None:
    queries.locked_organiser(session, row.id)
    chain = f"organiser:{row.id}"
    journal.note(session, chain=chain, actor=actor.label, verb=verb, subject=chain, facts=facts, now=now)
