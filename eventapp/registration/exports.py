"""Registrations as a file for a spreadsheet: one row per attendee, what people typed kept from being read as a formula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from eventapp.events.models import Event
from eventapp.lib import spreadsheets
from eventapp.lib.db import Session
from eventapp.lib.languages import chosen
from eventapp.registration import queries
from eventapp.registration.rules import State

HEADERS: Mapping[str, tuple[str, ...]] = {
    "fr": (
        *("Inscription", "État", "Rang d’arrivée", "Billet", "Taille du groupe", "Personne", "Prénom", "Nom", "Organisation"),
        *("Adresse", "Langue", "Origine", "Inscrite le", "Arrivée le", "Place rendue le", "Venue confirmée le", "Raison"),
    ),
    "en": (
        *("Registration", "State", "Order of arrival", "Ticket", "Party size", "Person", "First name", "Last name", "Organisation"),
        *("Address", "Language", "Source", "Registered at", "Arrived at", "Given back at", "Still coming, said at", "Reason"),
    ),
}
STATES: Mapping[str, Mapping[str, str]] = {
    "fr": {
        State.CONFIRMED: "confirmée",
        State.WAITLISTED: "en attente",
        State.OFFERED: "place proposée",
        State.HELD: "place gardée",
        State.PENDING_APPROVAL: "à approuver",
        State.CANCELLED: "annulée",
        State.DECLINED: "refusée",
        State.EXPIRED: "expirée",
        State.REJECTED: "rejetée",
        State.REVOKED: "retirée",
    },
    "en": {state: str(state).replace("_", " ") for state in State},
}


def registrations_csv(session: Session, event: Event, *, language: str) -> Iterator[bytes]:
    """Every attendee of an event as CSV, in pieces: memory stays flat. Times are wall times of the event, with their offset."""
    return spreadsheets.rows(HEADERS[language], _rows(session, event, language))


def _rows(session: Session, event: Event, language: str) -> Iterator[tuple[spreadsheets.Cell, ...]]:
    zone = ZoneInfo(event.zone)
    for registration, attendee, kind in queries.rows_for_export(session, event.id):
        yield (
            registration.public_id,
            STATES[language].get(registration.state, registration.state),
            registration.seq,
            chosen(kind.name, language)[0],
            registration.size,
            attendee.position,
            attendee.first_name,
            attendee.last_name,
            attendee.organisation,
            registration.email,
            registration.language,
            registration.source,
            _local(registration.created_at, zone),
            _local(attendee.arrived_at, zone),
            _local(attendee.left_at, zone),
            _local(registration.reconfirmed_at, zone),
            registration.reason,
        )


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""
