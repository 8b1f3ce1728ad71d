"""What attendees and organisers type about a registration."""

from eventapp.registration.forms.attendee import CancellationForm, Companion, CorrectionForm, LostForm, RegistrationForm, person
from eventapp.registration.forms.organiser import (
    ByHandForm,
    NewQuotaForm,
    NewTicketTypeForm,
    PartyForm,
    QuotaForm,
    ReasonForm,
    TicketTypeForm,
    sentence,
)

__all__ = [
    "ByHandForm",
    "CancellationForm",
    "Companion",
    "CorrectionForm",
    "LostForm",
    "NewQuotaForm",
    "NewTicketTypeForm",
    "PartyForm",
    "QuotaForm",
    "ReasonForm",
    "RegistrationForm",
    "TicketTypeForm",
    "person",
    "sentence",
]
