"""What somebody asks for who registers, and the rows that it makes: the party, a person and a code for each place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventapp.events.queries import LockedEvent
from eventapp.lib import codes
from eventapp.lib.db import Session, insert_later
from eventapp.lib.signing import Keys, link_token, sha256
from eventapp.lib.text import folded
from eventapp.registration import queries, rules
from eventapp.registration.models import Attendee, Registration, Ticket
from eventapp.registration.rules import State
from eventapp.tickets import rules as tickets


@dataclass(frozen=True)
class Request:
    """What somebody asks for. `key` makes it safe to repeat; `names` are those of companions, as far as they are known."""

    key: str
    ticket_type_id: int
    first_name: str
    last_name: str
    email: str
    language: str
    size: int = 1
    names: tuple[tuple[str, str], ...] = ()
    organisation: str = ""
    source: str = "form"
    auto_until: str | None = None
    accept_partial: bool = False
    hasty: bool = False  # too many have come from the same network

    @property
    def body(self) -> str:
        """What must be the same when a key comes again."""
        return json.dumps(
            [
                *(self.ticket_type_id, self.size, self.first_name, self.last_name, self.email, self.language, self.names),
                *(self.organisation, self.auto_until, self.accept_partial),
            ],
            ensure_ascii=False,
        )


def _new_registration(
    event: LockedEvent, *, seq: int | None, request: Request, canonical: str, calendar: rules.Calendar, keys: Keys, now: datetime
) -> Registration:
    identity = codes.identity()
    return Registration(
        event_id=event.id,
        public_id=codes.public_id(),
        identity=identity,
        serial=0,
        token_sha256=sha256(link_token(keys, identity, 0)),
        ticket_type_id=request.ticket_type_id,
        size=request.size,
        first_name=request.first_name,
        last_name=request.last_name,
        email=request.email,
        canonical_email=canonical,
        search=_search(request.first_name, request.last_name, request.organisation, request.email),
        language=request.language,
        state=State.WAITLISTED,
        line_class=rules.EVERYONE,
        seq=seq,
        auto_until=request.auto_until or calendar.usual_wish(now),
        accept_partial=request.accept_partial,
        extensions=0,
        lapses=0,
        notice="",
        version=0,
        cause="registered",
        reason="",
        source=request.source,
        rules_version=calendar.settings.version,
        verified_at=now,
        created_at=now,
        changed_at=now,
    )


def _search(*parts: str) -> str:
    return " ".join(folded(part) for part in parts if part)


def _issue(
    session: Session,
    *,
    event: LockedEvent,
    registration: Registration,
    request: Request,
    keys: Keys,
    drawn: list[dict[str, Any]] | None = None,
    now: datetime,
) -> None:
    """One attendee and one code per person, whatever the state: a promotion turns the same code green.

    `drawn` are codes that the caller has found free already.
    """
    names = ((request.first_name, request.last_name), *request.names)
    attendee_ids = [
        insert_later(
            session,
            Attendee,
            event_id=event.id,
            registration_id=registration.id,
            position=position + 1,
            first_name=names[position][0] if position < len(names) else "",
            last_name=names[position][1] if position < len(names) else "",
            organisation=request.organisation if position == 0 else "",
            search=_search(*names[position], request.organisation) if position < len(names) else "",
        )
        for position in range(request.size)
    ]
    if drawn is None:
        drawn = _free_codes(session, event=event, number=len(attendee_ids), keys=keys)
    for attendee_id, code in zip(attendee_ids, drawn, strict=True):
        insert_later(session, Ticket, event_id=event.id, attendee_id=attendee_id, issued_at=now, **code)


def _free_codes(session: Session, *, event: LockedEvent, number: int, keys: Keys) -> list[dict[str, Any]]:
    while True:
        drawn = [_code(keys) for _ in range(number)]
        if not queries.human_is_taken(session, event.id, [code["human_sha256"] for code in drawn]):
            return drawn


def _code(keys: Keys) -> dict[str, Any]:
    identity = codes.identity()
    token = tickets.token(keys.ticket, identity, 0)
    return {
        "identity": identity,
        "serial": 0,
        "code_sha256": tickets.code_sha256(token),
        "human_sha256": rules.human_digest(tickets.human(token)),
    }
