"""Ticket types, quotas, registrations, attendees, tickets and the seat ledger."""

from eventapp.registration.models.attendees import Attendee, Ticket
from eventapp.registration.models.ballots import Ballot
from eventapp.registration.models.enrolments import Enrolment, Slot
from eventapp.registration.models.ledger import SeatEntry
from eventapp.registration.models.quotas import Quota, TicketType, TicketTypeQuota
from eventapp.registration.models.registrations import ONE_EACH, LineShape, Registration

__all__ = [
    "ONE_EACH",
    "Attendee",
    "Ballot",
    "Enrolment",
    "LineShape",
    "Quota",
    "Registration",
    "SeatEntry",
    "Slot",
    "Ticket",
    "TicketType",
    "TicketTypeQuota",
]
