"""Partnerships of an event and of its edition, under their headings in the order of protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from eventapp.events.models import Event
from eventapp.events.queries import SHOWN
from eventapp.lib.db import Session
from eventapp.partners.models import Partnership
from eventapp.partners.rules import HEADINGS, PROTOCOL, Owner, PartnershipType


@dataclass(frozen=True)
class Heading:
    """One quality and the bodies that have it, each with `organisation` loaded; `words` say it in French and English."""

    type: PartnershipType
    words: Mapping[str, str]
    partners: tuple[Partnership, ...]


def partnerships(session: Session, event: Event) -> list[Heading]:
    """Who carries an event: what is said of it and of its edition, each body once a heading, the event's own word first. One statement."""
    return _headed(session.scalars(_OF_EVENT, {"event": event.id, "edition": event.edition_id}))


def partnerships_of_edition(session: Session, edition_id: int) -> list[Heading]:
    """Who carries an edition. One statement."""
    return _headed(session.scalars(_whole().where(Partnership.edition_id == edition_id)))


def shows_organisation(session: Session, organisation_id: int) -> bool:
    """Whether a body carries an event that the public may see, or the edition of one."""
    carried = or_(Event.id == Partnership.event_id, Event.edition_id == Partnership.edition_id)
    statement = select(Partnership.id).join(Event, carried).where(Event.state.in_(SHOWN), Partnership.organisation_id == organisation_id)
    return session.scalar(statement.limit(1)) is not None


def partnership_of(session: Session, event: Event, public_id: str) -> Partnership | None:
    """One partnership of this event or of its edition."""
    return session.scalars(_whole().where(_of(event), Partnership.public_id == public_id)).one_or_none()


def partnership(session: Session, owner: Owner, public_id: str) -> Partnership | None:
    """One partnership of this owner."""
    return session.scalars(_whole().where(_owned(owner), Partnership.public_id == public_id)).one_or_none()


def peers(session: Session, row: Partnership) -> list[Partnership]:
    """Those of the same heading and of the same edition or event, in their order, this one included."""
    same = Partnership.event_id == row.event_id if row.event_id is not None else Partnership.edition_id == row.edition_id
    return sorted(session.scalars(_whole().where(same, Partnership.type == row.type)), key=_place)


def twin(session: Session, owner: Owner, *, type_: str, organisation_id: int) -> Partnership | None:
    """The partnership of this body in this quality, if it is told already."""
    statement = select(Partnership).where(_owned(owner), Partnership.type == type_, Partnership.organisation_id == organisation_id)
    return session.scalars(statement).one_or_none()


def next_position(session: Session, owner: Owner) -> int:
    """The place after the last."""
    return (session.scalar(select(func.max(Partnership.position)).where(_owned(owner))) or 0) + 1


def _owned(owner: Owner) -> ColumnElement[bool]:
    return Partnership.event_id == owner.event_id if owner.event_id is not None else Partnership.edition_id == owner.edition_id


def _of(event: Event) -> ColumnElement[bool]:
    own = Partnership.event_id == event.id
    return own if event.edition_id is None else or_(own, Partnership.edition_id == event.edition_id)


def _whole() -> Select[Partnership]:
    return select(Partnership).options(joinedload(Partnership.organisation, innerjoin=True))


# Built once: building it costs more than running it. Nothing equals an edition that is NULL.
_OF_EVENT = _whole().where(or_(Partnership.event_id == bindparam("event"), Partnership.edition_id == bindparam("edition", type_=Integer)))


def _place(row: Partnership) -> tuple[int, bool, int, int, int]:
    return PROTOCOL[PartnershipType(row.type)], row.event_id is None, row.tier_order, row.position, row.id


def _headed(rows: Iterable[Partnership]) -> list[Heading]:
    found: dict[PartnershipType, dict[int, Partnership]] = {}
    for row in sorted(rows, key=_place):
        found.setdefault(PartnershipType(row.type), {}).setdefault(row.organisation_id, row)
    return [Heading(type_, HEADINGS[type_], tuple(sorted(bodies.values(), key=_shown))) for type_, bodies in found.items()]


def _shown(row: Partnership) -> tuple[int, bool, int, int]:
    """Those of the edition and of the event together: by tier, the edition's first, for it is the larger."""
    return row.tier_order, row.edition_id is None, row.position, row.id
