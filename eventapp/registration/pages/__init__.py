"""What attendees do: register, see where they stand, correct, give back, find a lost link, show a ticket."""

from flask import Flask

from eventapp.registration.pages import (
    cancellations,
    changes,
    enrolments,
    line,
    lost,
    not_me,
    offers,
    proofs,
    reconfirmations,
    registrations,
    tickets,
    transfers,
)

LANGUAGE = "/<any(fr, en):lang>"


def mount(app: Flask) -> None:
    """Mount the pages under their language; the address in a QR code has none."""
    app.register_blueprint(registrations.bp, url_prefix=LANGUAGE)
    rooms = (cancellations, changes, enrolments, line, offers, proofs, reconfirmations, not_me, lost, tickets, transfers)
    for one in rooms:
        app.register_blueprint(one.bp, url_prefix=LANGUAGE, name_prefix="registration")
    app.register_blueprint(tickets.codes, name_prefix="registration")
