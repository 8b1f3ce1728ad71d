"""How a row of this room is named, written, kept and noted in the journal: what the verbs beside this file share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from eventapp.events import queries, rules
from eventapp.journal import actions as journal
from eventapp.lib.db import Base, Session
from eventapp.lib.refusal import Refused
from eventapp.lib.text import slug as slugged
from eventapp.people.rules import Actor


def slug_for(session: Session, *, wish: str, name: Mapping[str, str], otherwise: str) -> str:
    """The slug that was asked for, or the first free one made of the name."""
    if not wish:
        return queries.free_slug(session, slugged(any_of(name), limit=rules.MAX_SLUG - 8) or otherwise)
    if slugged(wish, limit=rules.MAX_SLUG) != wish:
        raise Refused("slug.malformed", status=422)
    if wish in rules.RESERVED_SLUGS:
        raise Refused("slug.reserved", slug=wish, status=422)
    if not queries.slug_is_free(session, wish):
        raise Refused("slug.taken", slug=wish, status=422)
    return wish


def write(row: Base, columns: Mapping[str, Any]) -> list[str]:
    """Set what differs; the names of what did, for the journal, which holds no texts of people."""
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    return changed


def keep(session: Session, *, row: Base) -> None:
    session.add(row)
    try:
        session.flush()  # the id is needed, and a slug taken by another organiser a moment ago shows itself here
    except IntegrityError:
        raise Refused("slug.taken", slug=getattr(row, "slug", ""), status=422) from None


def note(session: Session, *, organiser_id: int, verb: str, subject: str, facts: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    journal.note(session, chain=f"organiser:{organiser_id}", actor=actor.label, verb=verb, subject=subject, facts=facts, now=now)


def any_of(texts: Mapping[str, str]) -> str:
    return texts.get("fr") or texts.get("en") or ""
