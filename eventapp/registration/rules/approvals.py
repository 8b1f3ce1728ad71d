"""Whether somebody may ask for a place that the organiser grants, and whether it may be granted now. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from eventapp.lib.refusal import Refused
from eventapp.registration.rules.line import AnyParty, House, Shape, room_for_newcomers
from eventapp.registration.rules.openings import check_line
from eventapp.registration.rules.states import Party, TypeFacts

MOST_APPROVED = 500
"""So many applications are approved in one command."""


def fits(line: Mapping[Shape, Iterator[AnyParty]], house: House, now: datetime, *, party: Party) -> bool:
    """Whether a party from outside the line would be given a seat now: after the freeze, only where nobody waits."""
    room = room_for_newcomers(line, house, now)[party.ticket_type_id]
    return room >= (1 if party.accept_partial else party.size)


def check_decided(kind: TypeFacts, *, by_organiser: bool) -> None:
    """Whether more persons of a ticket type may come in by a change of a party: where the organiser decides, by their hand alone.

    Raises Refused: approval.needed.
    """
    if kind.approval and not by_organiser:
        raise Refused("approval.needed")


def check_approval(
    kind: TypeFacts, house: House, *, proved: bool, fits: bool, waiting_parties: int, event_state: str, now: datetime
) -> None:
    """Whether an application may be approved at this moment: it is seated now, or there is a line for it to join.

    Raises Refused: event.not_open, approval.too_late, approval.full; approval.unproven, its address is still to be proved.
    """
    if event_state != "published":
        raise Refused("event.not_open")
    if now >= house.freeze_at and not fits:
        raise Refused("approval.too_late")
    if not proved:
        raise Refused("approval.unproven")
    try:
        if not fits:
            check_line(kind, house, waiting_parties=waiting_parties, now=now)
    except Refused:
        raise Refused("approval.full") from None
