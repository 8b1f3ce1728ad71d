"""A draw decides who comes first: set up before registration opens, held at the announced instant."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _

from eventapp.events import rules as event_rules
from eventapp.lib import web
from eventapp.lib.fields import both, spread
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries
from eventapp.registration.backoffice import found
from eventapp.registration.forms.ballots import BallotForm, DrawForm

bp = Blueprint("ballots", __name__)


@bp.get("/ballot")
@access("quota.edit")
def show(slug: str) -> Answer:
    """The draw as it is published, and what may be done about it now."""
    return _shown(slug)


@bp.post("/ballot")
@access("quota.edit")
def update(slug: str) -> Answer:
    """Publish source and date, drop the draw, show what holding it would do, or hold it."""
    do = request.form.get("do")
    form: Any = DrawForm() if do in {"preview", "draw"} else BallotForm()
    if do != "drop" and not form.validate():
        return _shown(slug, 422, form=form)
    if do == "preview":
        return _shown(slug, form=form, preview=True)
    try:
        with web.database().writing() as session:
            event = found.event(session, slug, "quota.edit")
            command: dict[str, Any] = {"event_id": event.id, "actor": web.actor(), "now": web.now()}
            if do == "draw":
                actions.draw(session, number=form.number.data, **command)
                said = _("The draw is held. Everybody is being told.")
            elif do == "drop":
                actions.drop_ballot(session, **command)
                said = _("There is no draw any more: first come, first served.")
            else:
                draws_at = event_rules.instant(form.draws_at.data, event.zone)
                actions.set_up_ballot(session, source=both(form, "source"), draws_at=draws_at, **command)
                said = _("Saved. The fingerprint of the seed, the source and the date are published.")
    except Refused as refused:
        said = str(web.words(refused))
        if refused.code == "ballot.date":
            form.draws_at.errors = [said]
        else:
            form.form_errors.append(said)
        return _shown(slug, 422 if refused.facts.get("status") == 422 else 409, form=form)
    flash(said, "good")
    return see_other(url_for(".show", slug=slug))


def _shown(slug: str, status: int = 200, *, form: Any = None, preview: bool = False) -> Answer:
    with web.database().reading() as session:
        event = found.event(session, slug, "quota.edit")
        ballot = queries.ballot(session, event.id)
        settable = queries.may_set_up_ballot(session, event, web.now())
        waiting = queries.entrants(session, event.id) if event.ballot_at is not None else []
        drawn = queries.drawn_ids(session, event.id) if ballot is not None and ballot.drawn_at is not None else []
    values = spread("source", ballot.source) | {"draws_at": found.wall(ballot.draws_at, event.zone)} if ballot is not None else {}
    return page(
        "registration/backoffice/ballots/show.html",
        status,
        event=event,
        ballot=ballot,
        drawn=drawn,
        parties=len(waiting),
        late=sum(one.created_at >= ballot.draws_at for one in waiting) if ballot is not None else 0,
        settable=settable,
        due=ballot is not None and web.now() >= ballot.draws_at,
        form=form if isinstance(form, BallotForm) else BallotForm(formdata=None, data=values),
        number=form if isinstance(form, DrawForm) else DrawForm(formdata=None),
        preview=preview,
    )
