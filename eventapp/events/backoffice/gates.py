"""The gates of a space, changed from the page of the space."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from eventapp.events import actions, forms
from eventapp.events.backoffice import found
from eventapp.events.forms import GateForm, NewGateForm
from eventapp.events.models import Space
from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, not_found, see_other

backoffice = Blueprint("gates", __name__)


@backoffice.post("/<int:space_id>/gates")
@access("event.edit")
def create(space_id: int) -> Answer:
    """Add a gate."""
    row = found.space(space_id)
    form = NewGateForm()
    if not form.validate():
        return found.space_page(row, 422, gate=form)
    try:
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.create_gate(session, **_common(row), name=form.name.data or "", direction=form.direction.data)
                there = url_for("events.backoffice.spaces.edit", space_id=space_id)
                location = journal.led_to(session, form=form, actor=web.actor().label, location=there)
    except Refused as refused:
        if not forms.blame(form, refused, otherwise="name"):
            raise
        return found.space_page(row, 422, gate=form)
    return see_other(location)


@backoffice.post("/<int:space_id>/gates/<int:gate_id>")
@access("event.edit")
def update(space_id: int, gate_id: int) -> Answer:
    """Rename a gate or turn it round."""
    row = found.space(space_id)
    form = GateForm()
    if not form.validate():
        return found.space_page(row, 422, changed=(gate_id, form))
    try:
        with web.database().writing() as session:
            actions.update_gate(session, gate_id=gate_id, **_common(row), name=form.name.data or "", direction=form.direction.data)
    except Refused as refused:
        if refused.code == "gate.unknown":
            return not_found()
        if not forms.blame(form, refused, otherwise="name"):
            raise
        return found.space_page(row, 422, changed=(gate_id, form))
    return see_other(url_for("events.backoffice.spaces.edit", space_id=space_id))


@backoffice.post("/<int:space_id>/gates/<int:gate_id>/deletion")
@access("event.edit")
def delete(space_id: int, gate_id: int) -> Answer:
    """Remove a gate."""
    common = _common(found.space(space_id))
    try:
        with web.database().writing() as session:
            actions.delete_gate(session, gate_id=gate_id, **common)
    except Refused:
        return not_found()
    flash(_("The gate is gone."), "good")
    return see_other(url_for("events.backoffice.spaces.edit", space_id=space_id))


def _common(row: Space) -> dict[str, Any]:
    return {"organiser_id": row.organiser_id, "space_id": row.id, "actor": web.actor(), "now": web.now()}
