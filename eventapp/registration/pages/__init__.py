"""What attendees do: register, see where they stand, correct, give back, find a lost link, show a ticket."""

from flask import Flask

from eventapp.registration.pages import cancellations, changes, line, lost, not_me, offers, proofs, registrations, tickets, transfers

LANGUAGE = "/<any(fr, en):lang>"


def mount(app: Flask) -> None:
    """Mount the pages under their language; the address in a QR code has none."""
    app.register_blueprint(registrations.bp, url_prefix=LANGUAGE)
    for blueprint in (cancellations.bp, changes.bp, line.bp, offers.bp, proofs.bp, not_me.bp, lost.bp, tickets.bp, transfers.bp):
        app.register_blueprint(blueprint, url_prefix=LANGUAGE, name_prefix="registration")
    app.register_blueprint(tickets.codes, name_prefix="registration")
