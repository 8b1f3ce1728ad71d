"""Being fewer or more, and taking another ticket type, as a program asks for them: by what the party shall be in the end."""

from __future__ import annotations

from typing import Any

from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import now
from eventapp.people.rules import Actor
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration
from eventapp.registration.rules import LIVE, State


def change(session: Session, row: Registration, *, party_size: int | None, ticket_type: str | None, holder: Actor) -> None:
    """Bring a party to this type and then to this size, its parts counted; what it is already stays as it is.

    Raises Refused: as actions.change_type, .resize and .enlarge do; registration.not_waiting, who has seats gives places back by a
    cancellation.
    """
    command: dict[str, Any] = {
        "event_id": row.event_id,
        "registration_id": row.id,
        "version": None,
        "by_organiser": False,
        "actor": holder,
        "now": now(),
    }
    if ticket_type is not None:
        kinds = {kind.slug: kind.id for kind in queries.ticket_types(session, row.event_id)}
        if ticket_type not in kinds:
            raise Refused("registration.type_unknown", status=422)
        actions.change_type(session, ticket_type_id=kinds[ticket_type], **command)
    if party_size is not None:
        _to_size(session, row, party_size, command)


def _to_size(session: Session, row: Registration, party_size: int, command: dict[str, Any]) -> None:
    others = sum(one.size for one in queries.whole_party(session, row) if one.id != row.id and one.state in LIVE)
    if row.state == State.CONFIRMED and party_size >= row.size + others:
        if more := party_size - row.size - others:
            actions.enlarge(session, by=more, keys=web.keys(), **command)
    else:
        actions.resize(session, size=party_size - others, keys=web.keys(), **command)
