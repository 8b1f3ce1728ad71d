"""Registering, seeing where one stands, mending a name and giving places back, for programs: the same verbs as the forms of the public."""

from eventapp.api.registration import cancellations, corrections, offers, registrations, transfers
from eventapp.api.registration.party import bp

__all__ = ["bp", "cancellations", "corrections", "offers", "registrations", "transfers"]
