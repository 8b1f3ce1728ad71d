"""Who carries an event or its edition: told, changed, moved, taken back. Logos arrive as values: they were stored before the transaction.

Held: the organiser, whose bodies they are, and then the event where the partnership is an event's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eventapp.events import queries as events
from eventapp.journal import actions as journal
from eventapp.lib import codes
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.partners import queries, rules
from eventapp.partners.models import Partnership
from eventapp.partners.rules import Direction, LogoSize, Owner, PartnershipType, PartnerValues
from eventapp.people import actions as people
from eventapp.people import queries as organisers
from eventapp.people.rules import Actor


def add_partner(session: Session, *, owner: Owner, values: PartnerValues, actor: Actor, now: datetime) -> Partnership:
    """A body carries an edition or an event, after those it has. A body of the same name that the organiser knows is that one.

    Raises Refused: edition.unknown, event.unknown, partner.twice, partner.too_many.
    """
    organisation = people.create_organisation(
        session, organiser_id=owner.organiser_id, name=values.organisation, website=values.website, logo=values.logo, actor=actor, now=now
    )
    _hold(session, owner)
    position = queries.next_position(session, owner)
    if position > rules.MAX_PARTNERSHIPS:
        raise Refused("partner.too_many", most=rules.MAX_PARTNERSHIPS, status=422)
    row = Partnership(
        public_id=codes.public_id(),
        edition_id=owner.edition_id,
        event_id=owner.event_id,
        organisation_id=organisation.id,
        position=position,
        created_at=now,
        **_columns(values),
    )
    _refuse_twin(session, owner, row)
    session.add(row)
    session.flush()  # the next reader must see it
    _note(session, owner, verb="add_partner", row=row, facts={"type": row.type}, actor=actor, now=now)
    return row


def update_partner(session: Session, *, owner: Owner, public_id: str, values: PartnerValues, actor: Actor, now: datetime) -> Partnership:
    """Change a partnership; name, website and logo change the body, everywhere.

    Raises Refused: partner.unknown, partner.twice, edition.unknown, event.unknown.
    """
    organisers.locked_organiser(session, owner.organiser_id)
    row = _partnership(session, owner, public_id)
    people.update_organisation(
        session,
        organiser_id=owner.organiser_id,
        organisation_id=row.organisation_id,
        name=values.organisation,
        website=values.website,
        logo=values.logo,
        actor=actor,
        now=now,
    )
    _hold(session, owner)
    columns = _columns(values)
    changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
    with session.no_autoflush:
        for name in changed:
            setattr(row, name, columns[name])
        _refuse_twin(session, owner, row)
    _note(session, owner, verb="update_partner", row=row, facts={"changed": changed}, actor=actor, now=now)
    return row


def move_partner(session: Session, *, owner: Owner, public_id: str, direction: Direction, actor: Actor, now: datetime) -> Partnership:
    """Change places with the one before or after of the same heading and tier; the first stays first, the last stays last.

    Raises Refused: partner.unknown, edition.unknown, event.unknown.
    """
    organisers.locked_organiser(session, owner.organiser_id)
    _hold(session, owner)
    row = _partnership(session, owner, public_id)
    line = [partner for partner in queries.peers(session, row) if partner.tier_order == row.tier_order]
    place = line.index(row)
    other = place - 1 if direction is Direction.UP else place + 1
    if not 0 <= other < len(line):
        return row
    line[place], line[other] = line[other], line[place]
    for position, partner in zip(sorted(partner.position for partner in line), line, strict=True):
        partner.position = position
    _note(session, owner, verb="move_partner", row=row, facts={"direction": direction.value}, actor=actor, now=now)
    return row


def remove_partner(session: Session, *, owner: Owner, public_id: str, actor: Actor, now: datetime) -> None:
    """End a partnership. The body stays, with every other partnership.

    Raises Refused: partner.unknown, edition.unknown, event.unknown.
    """
    organisers.locked_organiser(session, owner.organiser_id)
    _hold(session, owner)
    row = _partnership(session, owner, public_id)
    session.delete(row)
    _note(session, owner, verb="remove_partner", row=row, facts={"type": row.type}, actor=actor, now=now)


def _hold(session: Session, owner: Owner) -> None:
    """The event's lock for an event's own; the organiser's, held already, for an edition. What is another's is unknown."""
    if owner.edition_id is not None and events.edition_by_id(session, owner.organiser_id, owner.edition_id) is None:
        raise Refused("edition.unknown", status=404)
    if owner.event_id is not None and events.locked_event(session, owner.event_id).organiser_id != owner.organiser_id:
        raise Refused("event.unknown", status=404)


def _columns(values: PartnerValues) -> dict[str, Any]:
    return {
        "type": PartnershipType(values.type).value,
        "tier": dict(values.tier),
        "tier_order": values.tier_order,
        "logo_size": LogoSize(values.logo_size).value,
    }


def _partnership(session: Session, owner: Owner, public_id: str) -> Partnership:
    row = queries.partnership(session, owner, public_id)
    if row is None:
        raise Refused("partner.unknown", status=404)
    return row


def _refuse_twin(session: Session, owner: Owner, row: Partnership) -> None:
    twin = queries.twin(session, owner, type_=row.type, organisation_id=row.organisation_id)
    if twin is not None and twin.public_id != row.public_id:
        raise Refused("partner.twice", status=422)


def _note(session: Session, owner: Owner, *, verb: str, row: Partnership, facts: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    chain = f"event:{owner.event_id}" if owner.event_id is not None else f"organiser:{owner.organiser_id}"
    journal.note(session, chain=chain, actor=actor.label, verb=verb, subject=f"partnership:{row.public_id}", facts=facts, now=now)
