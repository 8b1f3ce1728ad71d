"""The phones' own resources: enrolment, the phone itself, scans, people. Every answer says that it is ours and repeats the echo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Blueprint, request
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, model_validator
from werkzeug.wrappers import Response

from eventapp.api import auth
from eventapp.api.problems import Body, Problem, body, cleaned
from eventapp.door import actions, queries, rules
from eventapp.door.actions import Answer, Ask, Override, stamp
from eventapp.door.models import Device
from eventapp.door.queries import Phone
from eventapp.door.rules import Direction, OverrideReason, Task, Verdict
from eventapp.events.models import Event
from eventapp.lib import limits, text
from eventapp.lib.db import Session
from eventapp.lib.languages import chosen, preferred
from eventapp.lib.refusal import Refused
from eventapp.lib.web import access, database, now
from eventapp.registration import queries as registrations
from eventapp.registration.models import Attendee, Registration, Ticket
from eventapp.registration.rules import human_digest
from eventapp.tickets import rules as tickets

APP = "1"
"""The release of the phone application that this API speaks with, and the oldest that it still understands."""

WIPE = '"cache", "storage"'
COUNTED_GUESSES = 31
"""No request counts more guesses than it takes to be stopped."""

door = Blueprint("door", __name__, url_prefix="/door")


def _storable(moment: datetime) -> datetime:
    if not 1970 <= moment.year <= 2200:
        raise ValueError("a phone's clock shows a year from 1970 to 2200")
    return moment.astimezone(UTC)


Release = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{0,40}$")]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Milliseconds = Annotated[float, Field(ge=-1e13, le=1e13, allow_inf_nan=False)]
PhoneTime = Annotated[AwareDatetime, AfterValidator(_storable)]


class EnrolmentBody(Body):
    """What a phone sends with the secret of an invitation."""

    secret: Annotated[str, StringConstraints(max_length=100)]
    label: Annotated[str, StringConstraints(max_length=400)] = ""
    app: Release = ""


class DeviceBody(Body):
    """What a phone tells of itself."""

    label: Annotated[str, StringConstraints(max_length=400)] | None = None
    gate: Annotated[str, StringConstraints(max_length=80)] | None = None
    app: Release = ""
    battery_pct: Annotated[int, Field(ge=0, le=100)] | None = None
    pending: Count = 0
    table_cursor: Annotated[str, StringConstraints(max_length=40)] | None = None
    clock_offset_ms: Milliseconds | None = None


class OverrideBody(Body):
    """Why a supervisor lets somebody in."""

    reason: OverrideReason
    text: Annotated[str, StringConstraints(max_length=2000)] = ""


class ScanBody(Body):
    """One code shown to a phone. `shown` stays null: what a phone showed without us comes with the table of codes."""

    id: UUID
    seq: Annotated[int, Field(ge=0, le=2_147_483_647)]
    code: Annotated[str, StringConstraints(max_length=8192)] | None = None
    code_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    human: Annotated[str, StringConstraints(max_length=100)] | None = None
    ref: Annotated[str, StringConstraints(max_length=20)] | None = None
    via: Literal["camera", "hid", "typed", "file", "list", "paper"]
    gate: Annotated[str, StringConstraints(max_length=80)] | None = None
    dir: Direction = Direction.IN
    raw_at: PhoneTime | None = None
    mono_ms: Milliseconds | None = None
    offset_ms: Milliseconds | None = None
    clock: Literal["live", "wall", "unknown"] = "unknown"
    shown: None = None
    override: OverrideBody | None = None

    @model_validator(mode="after")
    def one_code(self) -> ScanBody:
        """Refuse an ask that names none or several codes."""
        if sum(value is not None for value in (self.code, self.code_sha256, self.human, self.ref)) != 1:
            raise ValueError("exactly one of code, code_sha256, human and ref")
        return self

    def ask(self) -> Ask:
        """The same as the door understands it."""
        return Ask(
            id=self.id,
            seq=self.seq,
            via=self.via,
            direction=self.dir,
            gate=self.gate,
            code=self.code,
            code_sha256=bytes.fromhex(self.code_sha256) if self.code_sha256 else None,
            human=self.human,
            ref=self.ref,
            raw_at=self.raw_at,
            mono_ms=_whole(self.mono_ms),
            offset_ms=_whole(self.offset_ms),
            clock=self.clock,
            override=_override(self.override),
        )


class ScansBody(Body):
    """One to two hundred codes."""

    scans: Annotated[list[ScanBody], Field(min_length=1, max_length=rules.MAX_BATCH)]


@door.post("/enrolments")
@access("public")
def create_enrolment() -> Response:
    """Turn the secret of an invitation into a credential."""
    asked = body(EnrolmentBody)
    label = cleaned(asked.label, limit=rules.MAX_LABEL, field="label")
    with database().writing() as session:
        try:
            device, credential = actions.enrol(session, secret=asked.secret, label=label, app=asked.app, now=now())
        except Refused as refused:
            raise Problem(410, refused.code, "This invitation is unknown, used up or too old: ask for a new one.") from None
        answer = {"device": device.public_id, "credential": credential, "rehearsal": False} | _device(session, device)
    return _answer(answer, 201)


@door.get("/device")
@access("device")
def show_device() -> Response:
    """The phone, its event and the counters."""
    credential = auth.credential()
    with database().reading() as session:
        device = auth.device(session, credential)
        answer = {"device": device.public_id} | _device(session, device)
    if now() - device.last_seen_at > actions.SEEN_EVERY:
        with database().writing() as session:
            actions.notice(session, device_id=device.id, now=now())
    return _answer(answer)


@door.put("/device")
@access("device")
def update_device() -> Response:
    """What a phone tells of itself every few seconds; the answer moves its counters."""
    credential = auth.credential()
    told = body(DeviceBody)
    label = cleaned(told.label, limit=rules.MAX_LABEL, field="label") if told.label is not None else None
    with database().writing() as session:
        device = auth.device(session, credential)
        try:
            actions.update_device(
                session,
                device=device,
                label=label,
                gate=told.gate,
                app=told.app,
                battery_pct=told.battery_pct,
                pending=told.pending,
                clock_offset_ms=_whole(told.clock_offset_ms),
                now=now(),
            )
        except Refused as refused:
            raise Problem(404, refused.code, "This event has no such gate.") from None
        answer = {"device": device.public_id} | _device(session, device)
    return _answer(answer)


@door.delete("/device")
@access("device")
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


@door.post("/scans")
@access("device")
def create_scans() -> Response:
    """Judge codes. A code that is unknown, or was typed, counts as a guess: 30 a minute for each phone."""
    credential = auth.credential()
    asks = [one.ask() for one in body(ScansBody).scans]
    typed = sum(actions.is_typed(ask) for ask in asks)
    if typed:
        with database().reading() as session:
            auth.phone(session, credential)
        _count_guesses(credential, typed)
    with database().writing() as session:
        outcome = _scanned(session, auth.phone(session, credential), asks)
    strangers = [
        ask for ask, told in zip(asks, outcome.answers, strict=True) if told.status == "stored" and told.verdict is Verdict.UNKNOWN
    ]
    _count_guesses(credential, sum(not actions.is_typed(ask) for ask in strangers))
    counters = outcome.counters
    facts = {"gauge": counters.gauge, "occupancy": counters.occupancy, "arrived": counters.arrived}
    return _answer({"results": [_result(answer) for answer in outcome.answers], "facts": facts})


@door.get("/people")
@access("device")
def index_people() -> Response:
    """People by name, organisation, whole address or 8-character code: at most eight, for those who may search."""
    credential = auth.credential()
    query = request.args.get("q", "")[:200]
    words = text.words(query)
    if sum(len(word) for word in words) < rules.MIN_SEARCH:
        raise Problem(422, "people.too_short", f"q needs {rules.MIN_SEARCH} letters at least.")
    human = tickets.read(query).human
    with database().reading() as session:
        auth.require(auth.device(session, credential), Task.SEARCH)
    if human is not None:
        _count_guesses(credential, 1)
    with database().reading() as session:
        device = auth.device(session, credential)
        found = registrations.people_found(session, device.event_id, words, limit=rules.MAX_FOUND)
        if human is not None and (one := registrations.ticket_by_human(session, device.event_id, human_digest(human))):
            ticket, attendee, registration = one
            if ticket.replaced_at is None and attendee.left_at is None:
                found = [(attendee, ticket, registration), *found][: rules.MAX_FOUND]
        people = [_person(*row) for row in found]
    return _answer({"people": people})


def _scanned(session: Session, device: Phone, asks: list[Ask]) -> actions.Outcome:
    try:
        return actions.scan(session, device=device, asks=asks, actor=auth.actor(device), now=now())
    except Refused as refused:
        raise Problem(401, refused.code, "This phone no longer works at the door.") from None


def _count_guesses(credential: bytes, guesses: int) -> None:
    for _ in range(min(guesses, COUNTED_GUESSES)):
        verdict = limits.hit(database(), limits.UNKNOWN_CODES, credential.hex(), now=now())
        if not verdict.ok:
            raise Problem(429, "limit.reached", "Too many codes that were typed or unknown.", retry_after=verdict.retry_after)


def _answer(values: Mapping[str, Any], status: int = 200) -> Response:
    ours = {"door": 1, "echo": request.headers.get("X-Door-Echo"), "server_at": stamp(now())}
    return Response(json.dumps({**ours, **values}, ensure_ascii=False), status, mimetype="application/json")


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
        "app": {"current": APP, "oldest": APP},
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


def _result(answer: Answer) -> dict[str, Any]:
    result: dict[str, Any] = {"id": str(answer.id), "status": answer.status}
    if answer.code is not None:
        return result | {"code": answer.code, "verdict": None, "moves": None, "ref": {}}
    ref = dict(answer.ref)
    if answer.event is not None:
        ref["event"] = chosen(answer.event["name"], preferred(request.headers.get("Accept-Language")))[0]
    result |= {"verdict": answer.verdict, "moves": answer.moves, "ref": ref}
    optional = {"reason": answer.reason, "label": answer.label, "entry": answer.entry, "event": answer.event}
    return result | {name: value for name, value in optional.items() if value is not None}


def _person(attendee: Attendee, ticket: Ticket, registration: Registration) -> dict[str, Any]:
    right = queries.right_of(ticket, attendee, registration)
    return {
        "ref": str(ticket.id),
        "name": right.name,
        "organisation": attendee.organisation,
        "type": chosen(registration.ticket_type.name, preferred(request.headers.get("Accept-Language")))[0],
        "state": right.state.value,
        "arrived_at": stamp(attendee.arrived_at) if attendee.arrived_at else None,
        "i": attendee.position,
        "n": registration.size,
        "hint": _hint(registration.email),
    }


def _hint(address: str) -> str:
    """Enough of an address to ask « which domain? », not enough to write to it."""
    mailbox, at, domain = address.rpartition("@")
    return f"{mailbox[:1]}…@{domain}" if at else ""


def _override(given: OverrideBody | None) -> Override | None:
    if given is None:
        return None
    note = cleaned(given.text, limit=rules.MAX_NOTE, field="override.text")
    if given.reason is OverrideReason.OTHER and not note:
        raise Problem(422, "override.text_missing", "The reason other needs a text.", field="override.text")
    return Override(given.reason, note)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
