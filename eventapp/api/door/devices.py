"""Enrolment, and the phone itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from eventapp.api import auth
from eventapp.api.door.answers import ECHO, PENDING, PHONE, DeviceAnswer, EnrolmentAnswer
from eventapp.api.door.bodies import DeviceBody, EnrolmentBody, whole
from eventapp.api.door.envelope import answer, door
from eventapp.api.openapi import operation
from eventapp.api.problems import CLEANED, Problem, body, cleaned
from eventapp.door import actions, queries, rules
from eventapp.door.models import Device
from eventapp.door.rules import stamp
from eventapp.events.models import Event
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import access, database, now

WIPE = '"cache", "storage"'


@door.post("/enrolments")
@access("public")
@operation(
    body=EnrolmentBody,
    answers={201: EnrolmentAnswer},
    parameters=(ECHO,),
    problems={410: ("enrolment.gone",), 422: CLEANED},
)
def create_enrolment() -> Response:
    """Turn the secret of an invitation into a credential."""
    asked = body(EnrolmentBody)
    label = cleaned(asked.label, limit=rules.MAX_LABEL, field="label")
    with database().writing() as session:
        try:
            device, credential = actions.enrol(session, secret=asked.secret, label=label, app=asked.app, now=now())
        except Refused as refused:
            raise Problem(410, refused.code, "This invitation is unknown, used up or too old: ask for a new one.") from None
        told = {"device": device.public_id, "credential": credential, "rehearsal": False} | _device(session, device)
    return answer(told, 201)


@door.get("/device")
@access("device")
@operation(answers={200: DeviceAnswer}, parameters=(ECHO,), problems=PHONE)
def show_device() -> Response:
    """The phone, its event and the counters."""
    credential = auth.credential()
    with database().reading() as session:
        device = auth.device(session, credential)
        told = {"device": device.public_id} | _device(session, device)
    if now() - device.last_seen_at > rules.SEEN_EVERY:
        with database().writing() as session:
            actions.notice(session, device_id=device.id, now=now())
    return answer(told)


@door.put("/device")
@access("device")
@operation(
    body=DeviceBody,
    answers={200: DeviceAnswer},
    parameters=(ECHO,),
    problems=PHONE | {404: ("gate.unknown",), 422: CLEANED},
)
def update_device() -> Response:
    """What a phone tells of itself every few seconds; the answer moves its counters."""
    credential = auth.credential()
    given = body(DeviceBody)
    label = cleaned(given.label, limit=rules.MAX_LABEL, field="label") if given.label is not None else None
    with database().writing() as session:
        device = auth.device(session, credential)
        try:
            actions.update_device(
                session,
                device=device,
                label=label,
                gate=given.gate,
                app=given.app,
                battery_pct=given.battery_pct,
                pending=given.pending,
                clock_offset_ms=whole(given.clock_offset_ms),
                now=now(),
            )
        except Refused as refused:
            raise Problem(404, refused.code, "This event has no such gate.") from None
        told = {"device": device.public_id} | _device(session, device)
    return answer(told)


@door.delete("/device")
@access("device")
@operation(answers={204: None}, parameters=(ECHO, PENDING), problems=PHONE | {409: ("device.pending",), 422: ("request.invalid",)})
def delete_device() -> Response:
    """The end of a phone's shift."""
    credential = auth.credential()
    pending = request.args.get("pending", "0")
    if not pending.isascii() or not pending.isdigit():
        raise Problem(422, "request.invalid", "pending is a number of scans.")
    with database().writing() as session:
        device = auth.device(session, credential)
        try:
            actions.end_device(session, device=device, pending=int(pending[:9]), now=now())
        except Refused as refused:
            raise Problem(409, refused.code, "Send the scans that wait on this phone first.") from None
    return Response(status=204, headers={"Clear-Site-Data": WIPE})


def _device(session: Session, device: Device) -> dict[str, Any]:
    counters = queries.counters(session, device.event_id)
    event = queries.event_of(session, device)
    gates = {gate.name: _gate(gate) for gate in queries.gates(session, device.event_id)}
    recent = queries.entries_since(session, device.event_id, now() - timedelta(minutes=1))
    return {
        "label": device.label,
        "state": device.state,
        "role": device.role,
        "gate": gates.get(device.gate) or _gate(queries.GateFacts(device.gate)),
        "gates": list(gates.values()),
        "until_at": stamp(device.until_at),
        "events": [_event(event)],
        "app": {"current": rules.APP, "oldest": rules.APP},
        "facts": {"gauge": counters.gauge, "occupancy": counters.occupancy, "arrived": counters.arrived, "per_minute": recent},
    }


def _gate(gate: queries.GateFacts) -> dict[str, str]:
    """A gate goes by its name: that is what passages keep."""
    return {"id": gate.name, "name": gate.name, "dir": gate.direction}


def _event(event: Event) -> dict[str, Any]:
    return {
        "slug": event.slug,
        "name": event.title,
        "zone": event.zone,
        "doors_at": stamp(event.doors_at),
        "starts_at": stamp(event.starts_at),
        "ends_at": stamp(event.ends_at),
    }
