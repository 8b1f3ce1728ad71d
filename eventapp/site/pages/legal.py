"""Legal notice, personal data, accessibility: made from what organisers typed once and from what is in use here."""

from __future__ import annotations

from flask import Blueprint, Response

from eventapp.lib import web
from eventapp.people import queries as people
from eventapp.site import queries
from eventapp.site.pages import answers

legal = Blueprint("legal", __name__)
privacy = Blueprint("privacy", __name__)
accessibility = Blueprint("accessibility", __name__)


@legal.get("/legal")
@web.access("public")
def show() -> Response:
    """Who publishes here, who directs it, who hosts it."""
    with web.database().reading() as session:
        organisers = people.organisers(session)
    return answers.public("site/legal/show.html", organisers=organisers)


@privacy.get("/privacy", endpoint="show")
@web.access("public")
def show_privacy() -> Response:
    """Which personal data, why, on which basis, for how long, and what one may ask for."""
    with web.database().reading() as session:
        organisers = people.organisers(session)
    return answers.public("site/privacy/show.html", organisers=organisers, purposes=queries.purposes())


@accessibility.get("/accessibility", endpoint="show")
@web.access("public")
def show_accessibility() -> Response:
    """The accessibility statement: it never claims more than the last audit, and there has been none."""
    with web.database().reading() as session:
        organisers = people.organisers(session)
    return answers.public("site/accessibility/show.html", organisers=organisers)
