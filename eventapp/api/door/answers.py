"""What phones are answered, for the document that describes it. The views write the same as plain values: no scan waits for a shape."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from eventapp.api.openapi import Answer, Parameter
from eventapp.door.rules import MIN_SEARCH

PHONE = {401: ("device.unknown", "device.ended", "device.revoked")}
ROLE = {403: ("device.role",)}
GUESSES = {429: ("limit.reached",)}
ECHO = Parameter("X-Door-Echo", "header", {"type": "string"}, "Repeated as `echo`, which tells our answer from another network's.")
PENDING = Parameter("pending", "query", {"type": "integer", "minimum": 0, "default": 0}, "How many scans still wait on the phone.")
SEARCHED = Parameter(
    "q", "query", {"type": "string"}, f"A name, an organisation, a whole address or a code: {MIN_SEARCH} letters at least."
)


class DoorAnswer(Answer):
    """Marks an answer as ours, repeats the echo, tells the time."""

    door: Literal[1]
    echo: str | None
    server_at: datetime


class FactsAnswer(Answer):
    """Who is inside. `gauge`: how many bodies the place holds at once; `per_minute`: entries of the last minute."""

    gauge: int | None
    occupancy: int
    arrived: int
    per_minute: int | None = None


class GateAnswer(Answer):
    """A gate, and which way people pass it."""

    id: str
    name: str
    dir: str


class DoorEventAnswer(Answer):
    """An event at whose door the phone works."""

    slug: str
    name: dict[str, str]
    zone: str
    doors_at: datetime
    starts_at: datetime
    ends_at: datetime


class DeviceAnswer(DoorAnswer):
    """The phone, its event and the counters."""

    device: str
    label: str
    state: str
    role: str
    gate: GateAnswer
    gates: list[GateAnswer]
    until_at: datetime
    events: list[DoorEventAnswer]
    app: dict[str, str]
    facts: FactsAnswer


class EnrolmentAnswer(DeviceAnswer):
    """The phone with its credential, which is shown this once."""

    credential: str
    rehearsal: bool


class ScanAnswer(Answer):
    """What became of one code. `code` names why it could not be judged; else `verdict` says what the phone shows."""

    id: str
    status: str
    verdict: str | None
    moves: str | None
    ref: dict[str, Any]
    code: str | None = None
    reason: str | None = None
    label: dict[str, Any] | None = None
    entry: dict[str, Any] | None = None
    event: dict[str, Any] | None = None


class ScansAnswer(DoorAnswer):
    """The verdicts, in the order of the codes."""

    results: list[ScanAnswer]
    facts: FactsAnswer


class DoorPersonAnswer(Answer):
    """Somebody found. `hint` is enough of an address to ask for the rest."""

    ref: str
    name: str
    organisation: str
    type: str
    state: str
    arrived_at: datetime | None
    i: int
    n: int
    hint: str


class DoorPeopleAnswer(DoorAnswer):
    """At most eight people."""

    people: list[DoorPersonAnswer]
