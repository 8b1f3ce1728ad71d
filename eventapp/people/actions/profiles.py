"""Persons and bodies that programmes and partnerships show. Under the organiser's lock, so that a name is told once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.text import slug as slugged
from eventapp.people import queries
from eventapp.people.models import Organisation, Person
from eventapp.people.rules import Actor

Picture = Mapping[str, Any]


def create_person(
    session: Session,
    *,
    organiser_id: int,
    name: str,
    biography: Mapping[str, str] | None = None,
    portrait: Picture | None = None,
    fictional: bool = False,
    actor: Actor,
    now: datetime,
) -> Person:
    """Somebody who appears; a person of the same name already known to the organiser is that person, with the new portrait if there is one."""
    queries.locked_organiser(session, organiser_id)
    row = queries.person_named(session, organiser_id, name)
    if row is not None:
        return _with_portrait(row, portrait)
    slug = _free(slugged(name, limit=100) or "personne", queries.person_slugs(session, organiser_id))
    row = Person(organiser_id=organiser_id, slug=slug, name=name, biography=dict(biography or {}), fictional=fictional, created_at=now)
    session.add(_with_portrait(row, portrait))
    session.flush()  # what points at the person needs its id
    _note(session, organiser_id=organiser_id, verb="create_person", subject=f"person:{row.id}", actor=actor, now=now)
    return row


def update_person(
    session: Session, *, organiser_id: int, person_id: int, name: str, portrait: Picture | None = None, actor: Actor, now: datetime
) -> Person:
    """Change how a person is called, everywhere; a portrait replaces the one there is.

    Raises Refused: person.unknown.
    """
    queries.locked_organiser(session, organiser_id)
    row = queries.person_by_id(session, organiser_id, person_id)
    if row is None:
        raise Refused("person.unknown", status=404)
    if row.name != name or portrait is not None:
        row.name = name
        _with_portrait(row, portrait)
        _note(session, organiser_id=organiser_id, verb="update_person", subject=f"person:{row.id}", actor=actor, now=now)
    return row


def create_organisation(
    session: Session,
    *,
    organiser_id: int,
    name: str,
    short_name: str = "",
    kind: str = "",
    website: str = "",
    logo: Picture | None = None,
    fictional: bool = False,
    actor: Actor,
    now: datetime,
) -> Organisation:
    """A body; one of the same name already known to the organiser is that body, with the new website and logo if there are any."""
    queries.locked_organiser(session, organiser_id)
    row = queries.organisation_named(session, organiser_id, name)
    if row is not None:
        return _with_logo(row, website=website or row.website, logo=logo)
    slug = _free(slugged(short_name or name, limit=70) or "organisation", queries.organisation_slugs(session, organiser_id))
    row = Organisation(
        organiser_id=organiser_id, slug=slug, name=name, short_name=short_name, kind=kind, fictional=fictional, created_at=now
    )
    session.add(_with_logo(row, website=website, logo=logo))
    session.flush()  # what points at the body needs its id
    _note(session, organiser_id=organiser_id, verb="create_organisation", subject=f"organisation:{row.id}", actor=actor, now=now)
    return row


def update_organisation(
    session: Session,
    *,
    organiser_id: int,
    organisation_id: int,
    name: str,
    website: str,
    logo: Picture | None = None,
    actor: Actor,
    now: datetime,
) -> Organisation:
    """Change a body's name and website, everywhere; a logo replaces the one there is.

    Raises Refused: organisation.unknown.
    """
    queries.locked_organiser(session, organiser_id)
    row = queries.organisation_by_id(session, organiser_id, organisation_id)
    if row is None:
        raise Refused("organisation.unknown", status=404)
    if (row.name, row.website) != (name, website) or logo is not None:
        row.name = name
        _with_logo(row, website=website, logo=logo)
        _note(session, organiser_id=organiser_id, verb="update_organisation", subject=f"organisation:{row.id}", actor=actor, now=now)
    return row


def _with_portrait(row: Person, portrait: Picture | None) -> Person:
    if portrait is not None:
        row.portrait = dict(portrait)
    return row


def _with_logo(row: Organisation, *, website: str, logo: Picture | None) -> Organisation:
    row.website = website
    if logo is not None:
        row.logo = dict(logo)
    return row


def _free(wish: str, taken: set[str]) -> str:
    return next(each for each in (wish, *(f"{wish}-{number}" for number in range(2, len(taken) + 3))) if each not in taken)


def _note(session: Session, *, organiser_id: int, verb: str, subject: str, actor: Actor, now: datetime) -> None:
    journal.note(session, chain=f"organiser:{organiser_id}", actor=actor.label, verb=verb, subject=subject, now=now)
