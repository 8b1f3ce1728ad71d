"""A quota above its limit: what happens by itself, and whose seats could be taken back. Reads only: a seat is taken back on its own page."""

from __future__ import annotations

from flask import Blueprint

from eventapp.lib import web
from eventapp.lib.web import Answer, access, page
from eventapp.registration import queries
from eventapp.registration.backoffice import found

bp = Blueprint("deficits", __name__)


@bp.get("/quotas/<int:quota_id>/deficit")
@access("registration.edit")
def show(slug: str, quota_id: int) -> Answer:
    """How many seats are above the limit, and the latest registrations that would make up for them."""
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        quota = found.quota(session, event.id, quota_id)
        deficit = queries.deficit(session, event.id, quota_id=quota.id, above=quota.used - quota.limit)
    return page("registration/backoffice/deficits/show.html", event=event, quota=quota, deficit=deficit)
