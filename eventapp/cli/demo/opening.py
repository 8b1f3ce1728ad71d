"""What is coming: the twin of the Grand Opening, next month, open for registration now; and a link for phones at its door."""

from __future__ import annotations

from datetime import datetime, timedelta

from eventapp.cli.demo.past import HOURS
from eventapp.cli.demo.stage import CONTACT, Stage, at, data
from eventapp.door import actions as door
from eventapp.door import queries as doors
from eventapp.door.rules import Role
from eventapp.events import actions as events
from eventapp.events import queries as calendar
from eventapp.events.models import Event
from eventapp.events.rules import EditionValues, EventKind, EventValues, same_wall_clock_before
from eventapp.lib import web
from eventapp.lib.text import slug as slugged
from eventapp.partners.rules import Owner, PartnershipType
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions as registration

PHONES = 20
THURSDAY = 3
ENGLISH = {
    "Entrée générale": "General admission",
    "Partenaires": "Partners",
    "Élus et institutionnels": "Elected and institutional",
    "Presse": "Press",
}
ACCENTED = {"elus": "élus"}
SUMMARY = {
    "fr": "Une soirée pour ouvrir trois semaines de rencontres du numérique : on vient, on écoute, on se parle.",
    "en": "One evening to open three weeks of digital meetings: come, listen, talk.",
}
DESCRIPTION = {
    "fr": "Événement de démonstration. Il reprend le Grand Opening du 24 septembre 2015, qui attendait 600 personnes et en a vu venir 800.\n\n"
    "Cette fois, chacun connaît sa place dans la file avant de venir, et une place rendue va aussitôt à la personne suivante.",
    "en": "A demonstration. It takes up the Grand Opening of 24 September 2015, which expected 600 people and saw 800 come.\n\n"
    "This time everybody knows their place in line before they come, and a seat given back goes to the next person at once.",
}


def announce(stage: Stage, *, now: datetime) -> Event:
    """The edition, the event with its quotas and ticket types, its partners and speakers; published."""
    local = now + timedelta(days=28)
    day = (local + timedelta(days=(THURSDAY - local.weekday()) % 7)).date()
    with stage.database.reading() as session:
        series = next(one for one in calendar.series_of(session, [stage.organiser_id]) if one.slug == "french-tech-weeks")
    values = EditionValues(year=day.year, starts_on=day, ends_on=day + timedelta(days=20))
    edition = stage.do(events.create_edition, organiser_id=stage.organiser_id, series_id=series.id, values=values, actor=OPERATOR, now=now)
    doors_at, starts_at, ends_at = HOURS[EventKind.OPENING]
    event = stage.do(
        events.create_event,
        organiser_id=stage.organiser_id,
        values=EventValues(
            title={"fr": f"Grand Opening {day.year}", "en": f"Grand Opening {day.year}"},
            slug=f"grand-opening-{day.year}",
            kind=EventKind.OPENING,
            doors_wall=at(day, *doors_at),
            starts_wall=at(day, *starts_at),
            ends_wall=at(day, *ends_at),
            edition_id=edition.id,
            space_id=stage.space("renaissance", now).id,
            flagship=True,
            spoken=("fr", "en"),
            summary=SUMMARY,
            description=DESCRIPTION,
            access={
                "fr": "Accès de plain-pied, boucle magnétique à l’accueil.",
                "en": "Step-free access, induction loop at the reception.",
            },
            contact=CONTACT,
            expected=600,
        ),
        actor=OPERATOR,
        now=now,
    )
    _sell(stage, event, now)
    _present(stage, event, now)
    return stage.do(registration.publish, event_id=event.id, actor=OPERATOR, now=now)


def _sell(stage: Stage, event: Event, now: datetime) -> None:
    """The shared quota and those that protect a part of it until a date before doors."""
    facts, ids = data()["ticket_types_demo"], dict[str, int]()
    for name, one in facts["quotas"].items():
        hours = int(one["protected_until"].removeprefix("T-").removesuffix("h")) if "protected_until" in one else None
        row = stage.do(
            registration.create_quota,
            event_id=event.id,
            name=ACCENTED.get(name, name),
            limit=one["limit"],
            protects_id=ids[one["protects"]] if "protects" in one else None,
            protected_until=same_wall_clock_before(event.doors_at, timedelta(hours=hours), event.zone) if hours is not None else None,
            actor=OPERATOR,
            now=now,
        )
        ids[name] = row.id
    for one in facts["ticket_types"]:
        stage.do(
            registration.create_ticket_type,
            event_id=event.id,
            slug=slugged(one["name"]),
            name={"fr": one["name"], "en": ENGLISH[one["name"]]},
            quota_ids=[ids[name] for name in one["quotas"]],
            max_party=one.get("max_party", 4),
            public=one["public"],
            actor=OPERATOR,
            now=now,
        )


def _present(stage: Stage, event: Event, now: datetime) -> None:
    """Invented speakers and bodies only: no real person stands in an event that never was."""
    invented = {"fictional": True}
    sessions = [
        {
            "title": "Ouverture (démo)",
            "kind": "plénière",
            "people": [{"name": "Maëlle Fictif", "role_at_event": "animatrice (personnage inventé)", **invented}],
        },
        {
            "title": "Table ronde : tenir sa promesse (démo)",
            "kind": "table ronde",
            "people": [{"name": "Loïc Exemple", "role_at_event": "modérateur (personnage inventé)", **invented}],
        },
    ]
    stage.programme(sessions, event_id=event.id, now=now)
    owner = Owner(organiser_id=stage.organiser_id, event_id=event.id)
    stage.partner(owner, data()["organiser_demo"]["name"], PartnershipType.ORGANISER, now=now)
    stage.partner(owner, "Calanque Conseil (démo)", PartnershipType.SUPPORT, tier=(0, "Or", "Gold"), now=now)
    stage.partner(owner, "Mistral Data (démo)", PartnershipType.SUPPORT, tier=(1, "Argent", "Silver"), now=now)


def door_link(stage: Stage, *, event: Event, now: datetime) -> str:
    """An invitation for phones at the first gate of the event, good for ten minutes."""
    with stage.database.reading() as session:
        gate = doors.gates(session, event.id)[0].name
    _enrolment, secret = stage.do(door.create_enrolment, event_id=event.id, gate=gate, role=Role.SCAN, uses=PHONES, actor=OPERATOR, now=now)
    return web.absolute("/door/") + f"#e={secret}"
