"""Ticket types, quotas, registrations, attendees, tickets, the waiting line, the seat ledger."""
