"""What the pages of a space and of its gates share: the space of an address, and the page on which both are changed."""

from __future__ import annotations

from flask import request

from eventapp.events import queries
from eventapp.events.forms import EditSpaceForm, GateForm, NewGateForm
from eventapp.events.models import Space
from eventapp.lib import web
from eventapp.lib.fields import spread
from eventapp.lib.web import Answer, not_found, page

_OF_SPACE = ("name", "kind", "ticket_capacity", "safety_capacity", "safety_source", "safety_author", "safety_on")


def space(space_id: int) -> Space:
    """The space, with its venue; what is not the member's to change is a 404."""
    with web.database().reading() as session:
        return queries.space_for(session, web.actor(), space_id, may_="event.edit") or not_found()


def space_page(
    row: Space,
    status: int = 200,
    *,
    form: EditSpaceForm | None = None,
    gate: NewGateForm | None = None,
    changed: tuple[int, GateForm] | None = None,
) -> Answer:
    """The page of a space: its own form, one for each gate, one for a further gate. Those that were sent come back as they were typed."""
    with web.database().reading() as session:
        gates = queries.gates(session, row.id)
    if changed and changed[0] not in {one.id for one in gates}:
        not_found()
    own = {one.id: GateForm(formdata=None, data={"name": one.name, "direction": one.direction}) for one in gates}
    own |= dict([changed] if changed else [])
    for id, each in own.items():
        each.name.id, each.direction.id = f"gate-{id}", f"way-{id}"
    further = gate or NewGateForm(formdata=None)
    further.name.id, further.direction.id = "gate-new", "way-new"
    return page(
        "events/backoffice/spaces/edit.html",
        status,
        form=form or EditSpaceForm(formdata=None, data=_typed(row)),
        space=row,
        gates=[(one, own[one.id]) for one in gates],
        gate=further,
        back=request.args.get("event"),
    )


def _typed(row: Space) -> dict[str, object]:
    venue = {"venue_name": row.venue.name, "address": row.venue.address, "city": row.venue.city, **spread("venue_access", row.venue.access)}
    return {**{name: getattr(row, name) for name in _OF_SPACE}, **venue}
