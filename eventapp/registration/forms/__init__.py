"""What attendees and organisers type about a registration."""

from eventapp.registration.forms.attendee import CancellationForm, Companion, CorrectionForm, LostForm, RegistrationForm, person

__all__ = ["CancellationForm", "Companion", "CorrectionForm", "LostForm", "RegistrationForm", "person"]
