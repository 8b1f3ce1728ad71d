"""What organisers do with registrations, seats and ticket types, and with the state of an event."""

from flask import Flask

from eventapp.registration.backoffice import (
    approvals,
    ballots,
    callings_off,
    cancellations,
    changes,
    deficits,
    enrolments,
    invitations,
    line,
    links,
    postponements,
    publication,
    quotas,
    registrations,
    rejections,
    revocations,
    ticket_types,
    transfers,
)

EVENT = "/backoffice/events/<slug>"


def mount(app: Flask) -> None:
    """Mount everything below an event of the back office."""
    own = (
        registrations,
        cancellations,
        changes,
        revocations,
        approvals,
        rejections,
        transfers,
        invitations,
        links,
        quotas,
        deficits,
        enrolments,
        line,
        ballots,
        ticket_types,
        publication,
        callings_off,
        postponements,
    )
    for module in own:
        app.register_blueprint(
            module.bp, url_prefix=EVENT, name_prefix="registration" if module is registrations else "registration.backoffice"
        )
