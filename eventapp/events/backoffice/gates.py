"""The gates of a space, changed from the page of the space."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from eventapp.events import actions, forms, queries
from eventapp.events.forms import GateForm
from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, not_found, see_other

backoffice = Blueprint("gates", __name__)


@backoffice.post("/<int:space_id>/gates")
@access("event.edit")
def create(space_id: int) -> Answer:
    """Add a gate."""
    return _changed(space_id, None)


@backoffice.post("/<int:space_id>/gates/<int:gate_id>")
@access("event.edit")
def update(space_id: int, gate_id: int) -> Answer:
    """Rename a gate or turn it round."""
    return _changed(space_id, gate_id)


@backoffice.post("/<int:space_id>/gates/<int:gate_id>/deletion")
@access("event.edit")
def delete(space_id: int, gate_id: int) -> Answer:
    """Remove a gate."""
    common = _common(space_id)
    try:
        with web.database().writing() as session:
            actions.delete_gate(session, gate_id=gate_id, **common)
    except Refused:
        return not_found()
    flash(_("The gate is gone."), "good")
    return see_other(url_for("events.backoffice.spaces.edit", space_id=space_id))


def _changed(space_id: int, gate_id: int | None) -> Answer:
    common = _common(space_id)
    form = GateForm()
    if not form.validate():
        flash(" ".join(str(error) for errors in form.errors.values() for error in errors), "bad")
        return see_other(url_for("events.backoffice.spaces.edit", space_id=space_id))
    common |= {"name": form.name.data, "direction": form.direction.data}
    try:
        with web.database().writing() as session:
            if gate_id is None:
                actions.create_gate(session, **common)
            else:
                actions.update_gate(session, gate_id=gate_id, **common)
    except Refused as refused:
        if refused.code == "gate.unknown":
            return not_found()
        flash(forms.sentence(refused) or web.words(refused), "bad")
    return see_other(url_for("events.backoffice.spaces.edit", space_id=space_id))


def _common(space_id: int) -> dict[str, Any]:
    with web.database().reading() as session:
        row = queries.space_for(session, web.actor(), space_id, may_="event.edit") or not_found()
    return {"organiser_id": row.organiser_id, "space_id": row.id, "actor": web.actor(), "now": web.now()}
