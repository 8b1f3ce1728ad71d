"""What the parts of the demo share: the facts, the organiser, and one short transaction for each action."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from eventapp.events import actions as events
from eventapp.events.models import Space
from eventapp.events.rules import SpaceKind, SpaceValues, VenueValues
from eventapp.lib.db import Database, Session
from eventapp.lib.signing import Keys
from eventapp.partners import actions as partners
from eventapp.partners.rules import LogoSize, Owner, PartnershipType, PartnerValues
from eventapp.people.rules import OPERATOR
from eventapp.programme import actions as programme
from eventapp.programme.rules import Kind, ProgrammeValues, SpeakerValues

EMAIL = "ines@demo.test"
PASSWORD = "calanques-au-petit-matin"  # noqa: S105 - of the demo alone, printed when it is loaded
ZONE = "Europe/Paris"
CONTACT = "contact@demo.test"

P = ParamSpec("P")
Result = TypeVar("Result")

SPACE_KINDS = {
    "hôtel – parvis (plein air)": SpaceKind.OPEN_AIR,
    "stade": SpaceKind.STADIUM,
    "salle de conférence": SpaceKind.ROOM,
    "siège d'entreprise": SpaceKind.OFFICE,
}
SESSION_KINDS = {
    "presse": Kind.PRESS,
    "plénière": Kind.PLENARY,
    "intervention institutionnelle": Kind.ADDRESS,
    "table ronde": Kind.ROUND_TABLE,
    "atelier": Kind.WORKSHOP,
}
RELATIONS = {
    "organisateur": PartnershipType.ORGANISER,
    "co-organisateur": PartnershipType.CO_ORGANISER,
    "porté par": PartnershipType.CARRIER,
    "gouvernance opérationnelle": PartnershipType.GOVERNANCE,
    "en partenariat avec": PartnershipType.PARTNER,
    "label": PartnershipType.LABEL,
}
# What no source names, the demo invents: a place for its own small events.
INVENTED_VENUE: dict[str, Any] = {
    "slug": "lieu-demo",
    "name": "Lieu de démonstration",
    "space": "Grande salle (démo)",
    "city": "Marseille",
    "kind": "salle de conférence",
    "safety_capacity": 250,
    "ticket_capacity": 240,
    "gates": ["Entrée (démo)"],
}


@cache
def data() -> Any:
    """The facts, each with its source; what is invented carries `fictional`."""
    return json.loads(Path(__file__).with_name("demo_data.json").read_text())


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A wall time of that day."""
    return datetime.combine(day, time(hour, minute))


def instant(day: date, hour: int, minute: int = 0) -> datetime:
    """The instant of a wall time in the demo's zone."""
    return at(day, hour, minute).replace(tzinfo=ZoneInfo(ZONE))


@dataclass
class Stage:
    """The organiser's house. `do` runs one action in a transaction of its own."""

    database: Database
    keys: Keys
    organiser_id: int
    spaces: dict[str, Space] = field(default_factory=dict)

    def do(self, action: Callable[Concatenate[Session, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Run an action and keep what it changed."""
        with self.database.writing() as session:
            return action(session, *args, **kwargs)

    def space(self, slug: str | None, now: datetime) -> Space:
        """The space of a venue of the data, made on first use; the demo's own place when no source names one."""
        venue = next((one for one in data()["venues"] if one["slug"] == slug), INVENTED_VENUE)
        if venue["slug"] not in self.spaces:
            self.spaces[venue["slug"]] = self._space(venue, now)
        return self.spaces[venue["slug"]]

    def _space(self, venue: dict[str, Any], now: datetime) -> Space:
        values = VenueValues(name=venue["name"], city=venue.get("city", ""))
        place = self.do(events.create_venue, values=values, organiser_id=self.organiser_id, actor=OPERATOR, now=now)
        space = SpaceValues(
            name=venue.get("space", "Salle").capitalize() if venue["slug"] != "lieu-demo" else venue["space"],
            kind=SPACE_KINDS[venue["kind"]],
            ticket_capacity=venue["ticket_capacity"],
            safety_capacity=venue["safety_capacity"],
            safety_source="Jauge inventée pour la démonstration",
            safety_author="Inès Exemple",
            safety_on=now.date(),
        )
        return self.do(
            events.create_space,
            venue_id=place.id,
            values=space,
            gates=tuple(venue["gates"]),
            organiser_id=self.organiser_id,
            actor=OPERATOR,
            now=now,
        )

    def carry(self, bodies: list[dict[str, Any]], *, edition_id: int, now: datetime) -> None:
        """The bodies of an edition, in the order of the data: a rank inside one relation is a rank of protocol."""
        for body in bodies:
            if body["relation"] in RELATIONS:
                self.partner(
                    Owner(organiser_id=self.organiser_id, edition_id=edition_id), name(body["org"]), RELATIONS[body["relation"]], now=now
                )

    def partner(
        self, owner: Owner, organisation: str, type_: PartnershipType, *, tier: tuple[int, str, str] | None = None, now: datetime
    ) -> None:
        """One partnership; `tier` is its rank and its French and English names."""
        rank, french, english = tier or (0, "", "")
        values = PartnerValues(
            organisation=organisation,
            type=type_,
            tier={"fr": french, "en": english} if tier else {},
            tier_order=rank,
            logo_size=LogoSize.LARGE if tier and rank == 0 else LogoSize.MEDIUM,
        )
        self.do(partners.add_partner, owner=owner, values=values, actor=OPERATOR, now=now)

    def programme(self, sessions: list[dict[str, Any]], *, event_id: int, now: datetime) -> None:
        """The programme sessions of an event and who speaks in them."""
        for one in sessions:
            values = ProgrammeValues(title={"fr": one["title"]}, kind=SESSION_KINDS[one["kind"]], capacity=one.get("capacity"))
            row = self.do(programme.add_programme_session, event_id=event_id, values=values, actor=OPERATOR, now=now)
            self.speak(one.get("people", []), event_id=event_id, programme_session=row.public_id, now=now)

    def speak(self, persons: list[dict[str, Any]], *, event_id: int, programme_session: str = "", now: datetime) -> None:
        """Persons of the data, each in the role the source gives them."""
        for person in persons:
            values = SpeakerValues(
                name=person["name"],
                role={"fr": person["role_at_event"]},
                organisation=name(person["organisation"]) if "organisation" in person else "",
                programme_session=programme_session,
                fictional=person.get("fictional", False),
            )
            self.do(programme.add_speaker, event_id=event_id, values=values, actor=OPERATOR, now=now)


def name(slug: str) -> str:
    """The name of a body of the data."""
    return str(next(one["name"] for one in data()["organisations"] if one["slug"] == slug))
