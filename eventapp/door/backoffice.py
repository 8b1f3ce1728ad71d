"""The door as organisers see it: phones, invitations, how many are inside, the last scans."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, session, url_for
from flask_babel import gettext as _

from eventapp.door import actions, queries
from eventapp.door.forms import EnrolmentForm
from eventapp.door.rules import DeviceState, Role
from eventapp.events import queries as events
from eventapp.events.models import Event
from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.lib.markup import drawn
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, not_found, page, see_other
from eventapp.people.rules import may
from eventapp.tickets import exports

SHOWN = "door_invitation"
"""Where the browser that made an invitation keeps its secret, so that the page can be shown again; we keep the hash alone."""

backoffice = Blueprint("backoffice", __name__)
enrolments = Blueprint("enrolments", __name__)
revocations = Blueprint("revocations", __name__)


@backoffice.get("/events/<slug>/door")
@access("door.read")
def index(slug: str) -> Answer:
    """Who is inside, which phones work, what they saw last."""
    return _index(slug, None)


@enrolments.post("/events/<slug>/door/enrolments")
@access("door.manage")
def create(slug: str) -> Answer:
    """Invite phones."""
    form = EnrolmentForm()
    shown: dict[str, Any] = {}
    with web.database().reading() as reading:
        event_id = _event(reading, slug, "door.manage").id
        form.offer(queries.gates(reading, event_id))
    if not form.validate():
        return _index(slug, form)
    try:
        with web.database().writing() as writing:
            location = journal.claim(writing, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                enrolment, secret = actions.create_enrolment(
                    writing,
                    event_id=event_id,
                    gate=str(form.gate.data),
                    role=Role(form.role.data),
                    uses=form.uses.data or 1,
                    actor=web.actor(),
                    now=web.now(),
                )
                writing.flush()  # its number is in the address
                shown = {"id": enrolment.id, "secret": secret}
                there = url_for("door.backoffice.enrolments.show", slug=slug, enrolment_id=enrolment.id)
                location = journal.led_to(writing, form=form, actor=web.actor().label, location=there)
    except Refused as refused:
        if refused.code == "command.key_reused":
            form.say_reused(web.words(refused))
        else:
            form.form_errors.append(web.words(refused))
        return _index(slug, form, int(refused.facts.get("status", 409)))
    if shown:
        session[SHOWN] = shown
    return see_other(location)


@enrolments.get("/events/<slug>/door/enrolments/<int:enrolment_id>")
@access("door.manage")
def show(slug: str, enrolment_id: int) -> Answer:
    """The code that phones scan, as long as it works, in the browser that made it."""
    with web.database().reading() as reading:
        event = _event(reading, slug, "door.manage")
        enrolment = queries.enrolment_for(reading, event.id, enrolment_id) or not_found()
    usable = enrolment.uses_left > 0 and enrolment.expires_at > web.now()
    link = _link(enrolment_id) if usable else None
    return page(
        "door/backoffice/enrolments/show.html",
        event=event,
        enrolment=enrolment,
        usable=usable,
        link=link,
        drawing=drawn(exports.qr_svg(link)) if link else None,
    )


@revocations.post("/events/<slug>/door/devices/<public_id>/revocation")
@access("door.manage")
def revoke(slug: str, public_id: str) -> Answer:
    """Turn a phone away for good."""
    with web.database().reading() as reading:
        event_id = _event(reading, slug, "door.manage").id
    with web.database().writing() as writing:
        device = actions.revoke_device(writing, event_id=event_id, public_id=public_id, actor=web.actor(), now=web.now())
    if device is None:
        return not_found()
    flash(_("This phone has been revoked: its next question will be refused."), "good")
    return see_other(url_for("door.backoffice.index", slug=slug))


def mount(app: Flask) -> None:
    """Mount the door's pages of the back office."""
    app.register_blueprint(backoffice, url_prefix="/backoffice", name_prefix="door")
    app.register_blueprint(enrolments, url_prefix="/backoffice", name_prefix="door.backoffice")
    app.register_blueprint(revocations, url_prefix="/backoffice", name_prefix="door.backoffice")


def _index(slug: str, form: EnrolmentForm | None, status: int = 422) -> Answer:
    with web.database().reading() as reading:
        event = _event(reading, slug, "door.read")
        shown = form or EnrolmentForm(formdata=None)
        gates = queries.gates(reading, event.id)
        shown.offer(gates)
        values: dict[str, Any] = {
            "event": event,
            "form": shown,
            "gates": queries.by_gate(reading, event.id),
            "counters": queries.counters(reading, event.id),
            "devices": [(device, _state(device.state, device.until_at)) for device in queries.devices(reading, event.id)],
            "scans": queries.last_scans(reading, event.id),
            "may_manage": may(web.actor(), "door.manage", event.organiser_id),
        }
    return page("door/backoffice/index.html", status if form else 200, **values)


def _state(state: str, until_at: Any) -> str:
    over = state == DeviceState.ACTIVE and web.now() > until_at
    return DeviceState.ENDED.value if over else state


def _event(reading: Session, slug: str, permission: str) -> Event:
    return events.event_for(reading, web.actor(), slug, may_=permission) or not_found()


def _link(enrolment_id: int) -> str | None:
    kept = session.get(SHOWN) or {}
    return web.absolute("/door/") + f"#e={kept['secret']}" if kept.get("id") == enrolment_id else None
