"""The mails of registration: one row per registration and command that changes what its holder may rely on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eventapp.events.models import Event
from eventapp.lib.db import Session
from eventapp.messages import actions as messages
from eventapp.registration import queries, rules
from eventapp.registration.models import Enrolment, Registration
from eventapp.registration.rules import Place, State

KINDS = (
    "verify",
    "confirmed",
    "promoted",
    "waitlisted",
    "entered",
    "received",
    "rejected",
    "offered",
    "invited",
    "reconfirm",
    "volunteers",
    "reminder",
    "extended",
    "lapsed",
    "expired",
    "declined",
    "last_day",
    "frozen",
    "cancelled",
    "resized",
    "corrected",
    "transferred",
    "revoked",
    "link",
    "called_off",
    "postponed",
)


def tell(
    session: Session,
    *,
    event: Event,
    registration: Registration,
    kind: str,
    place: Place | None = None,
    facts: Mapping[str, Any] | None = None,
    address: str | None = None,
    now: datetime,
) -> None:
    """Leave a mail to the holder; nobody is written to who gave no address. Numbers are frozen at this moment."""
    if not (address or registration.email):
        return
    values: dict[str, Any] = {"size": registration.size, "version": registration.version, **(facts or {})}
    if event.ballot_at is not None:
        values["draws_at"] = rules.plain(event.ballot_at)
    if place is not None:
        values |= {"position": place.position, "parties_before": place.parties_before, "persons_before": place.persons_before}
    messages.post(
        session,
        room="registration",
        kind=kind,
        address=address or registration.email,
        name=f"{registration.first_name} {registration.last_name}".strip(),
        language=registration.language,
        organiser_id=event.organiser_id,
        event_id=event.id,
        subject_id=registration.public_id,
        facts=values,
        now=now,
    )


_FIRST = ("offered", "promoted", "confirmed", "waitlisted", "lapsed", "expired", "declined", "cancelled")
"""Of several news in one mail, which gives it its kind and its subject."""


@dataclass
class Bag:
    """What a command has to say, one mail for each registration: what comes later replaces what came before.

    News of places in sessions are told by a mail of their own, or in the one that is written anyway.
    """

    mails: dict[int, tuple[Registration, str, dict[str, Any]]] = field(default_factory=dict)
    news: dict[int, tuple[Registration, dict[int, tuple[str, dict[str, Any]]]]] = field(default_factory=dict)

    def put(self, registration: Registration, kind: str, **facts: Any) -> None:
        """Say this to the holder, instead of what else was to be said to them."""
        self.mails[registration.id] = (registration, kind, facts)

    def put_news(self, registration: Registration, enrolment: Enrolment, kind: str, **facts: Any) -> None:
        """Say this to the holder of a place in a session, instead of what else was to be said of it."""
        slot, attendee = enrolment.slot, enrolment.attendee
        told = {"kind": kind, "title": dict(slot.title), "starts_at": rules.plain(slot.starts_at), "person": attendee.position, **facts}
        self.news.setdefault(registration.id, (registration, {}))[1][enrolment.id] = (kind, told)

    def post(self, session: Session, *, event: Event, now: datetime) -> None:
        """Leave the mails in the outbox, with the places that those who wait now have."""
        for registration, news in self.news.values():
            told = [one for _kind, one in news.values()]
            if registration.id in self.mails:
                self.mails[registration.id][2]["news"] = told
            else:
                kind = min((kind for kind, _told in news.values()), key=_FIRST.index)
                self.mails[registration.id] = (registration, kind, {"news": told, "of_sessions": True})
        for registration, kind, facts in self.mails.values():
            place = queries.place(session, registration) if registration.state == State.WAITLISTED else None
            tell(session, event=event, registration=registration, kind=kind, place=place, facts=facts, now=now)
