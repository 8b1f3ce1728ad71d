"""What the pictures show: small events beside the Grand Opening, people of the cast who register, a phone at the door, a ticket before its camera."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image, ImageFilter
from playwright.sync_api import Page

from eventapp.cli.demo import crowd
from eventapp.cli.demo.stage import CONTACT
from eventapp.cli.demo.stage import Stage as Demo
from eventapp.door import actions as door
from eventapp.door import queries as doors
from eventapp.door.rules import Role
from eventapp.events import actions as events
from eventapp.events import queries as calendar
from eventapp.events.models import Event
from eventapp.events.rules import EventKind, EventState, EventValues
from eventapp.lib.db import Database, Session
from eventapp.lib.signing import Keys
from eventapp.lib.text import folded
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration
from eventapp.tickets import exports
from eventapp.tickets import rules as tickets
from tools.stage import Stage

KEYS = Keys(b"t" * 64, b"l" * 64)
HEX = {"TICKET_KEY": KEYS.ticket.hex(), "LINK_KEY": KEYS.link.hex()}
GATE = "Parvis nord (démo)"


@dataclass(frozen=True)
class Small:
    """An event of the weeks after the opening: so many days later, of so many seats."""

    slug: str
    french: str
    english: str
    kind: EventKind
    days: int
    seats: int


OPEN = Small("atelier-rfid-2026", "Atelier RFID (démo)", "RFID workshop (demo)", EventKind.WORKSHOP, 5, 40)
FULL = Small("rencontre-iot-2027", "Rencontre IoT (démo)", "IoT meeting (demo)", EventKind.CONFERENCE, 13, 2)
OFF = Small("forum-emploi-2027", "Forum emploi du numérique (démo)", "Digital job fair (demo)", EventKind.JOB_FAIR, 15, 200)
LATER = Small("matinee-bim-2027", "Matinée BIM (démo)", "BIM morning (demo)", EventKind.CONFERENCE, 20, 60)
SMALL = (OPEN, FULL, OFF, LATER)
STORM = "Alerte météo : la salle est fermée ce jour-là par arrêté."


def house(it: Stage) -> Demo:
    """The demo's house, opened beside its web process."""
    database = Database(f"sqlite:///{it.folder / 'eventapp.db'}")
    with database.reading() as session:
        organiser_id = calendar.all_events(session)[0].organiser_id
    return Demo(database, KEYS, organiser_id)


def fill_weeks(demo: Demo, opening: str, now: datetime) -> None:
    """Small events after the opening: one open, one full, one called off, one postponed."""
    with demo.database.reading() as session:
        first = next(event for event in calendar.all_events(session) if event.slug == opening)
    for one in SMALL:
        event = _event(demo, first, one, now)
        quota = demo.do(actions.create_quota, event_id=event.id, name="salle", limit=one.seats, actor=OPERATOR, now=now)
        demo.do(
            actions.create_ticket_type,
            event_id=event.id,
            slug="entree",
            name={"fr": "Entrée", "en": "Admission"},
            quota_ids=[quota.id],
            max_party=1,
            actor=OPERATOR,
            now=now,
        )
        demo.do(actions.publish, event_id=event.id, actor=OPERATOR, now=now)
        if one is OFF:
            demo.do(actions.call_off, event_id=event.id, reason=STORM, actor=OPERATOR, now=now)
        if one is LATER:
            demo.do(actions.postpone, event_id=event.id, reason=STORM, actor=OPERATOR, now=now)


def _event(demo: Demo, first: Event, one: Small, now: datetime) -> Event:
    day = first.starts_at.replace(tzinfo=None, hour=0, minute=0) + timedelta(days=one.days)
    values = EventValues(
        title={"fr": one.french, "en": one.english},
        slug=one.slug,
        kind=one.kind,
        doors_wall=day + timedelta(hours=13, minutes=30),
        starts_wall=day + timedelta(hours=14),
        ends_wall=day + timedelta(hours=17),
        edition_id=first.edition_id,
        space_id=demo.space(None, now).id,
        spoken=("fr",),
        contact=CONTACT,
    )
    return demo.do(events.create_event, organiser_id=demo.organiser_id, values=values, actor=OPERATOR, now=now)


def rows(session: Session, slug: str) -> list[Registration]:
    """Registrations of an event, in their order."""
    event = next(event for event in calendar.all_events(session) if event.slug == slug)
    return list(queries.all_registrations(session, event.id))


def registered(page: Page, slug: str, first: str, last: str) -> str:
    """Register through the form; the path of that person's own page without its language."""
    page.goto(f"/fr/events/{slug}/registrations/new")
    page.locator("[name=first_name]").fill(first)
    page.locator("[name=last_name]").fill(last)
    page.locator("[name=email]").fill(f"{folded(first)}.{folded(last)}@demo.test")
    page.locator("form[action$='/registrations'] button").last.click()
    page.wait_for_url(lambda url: not url.endswith(("/registrations", "/registrations/new")))
    return urlsplit(page.url).path[3:]


def arrive(demo: Demo, slug: str, number: int) -> None:
    """So many people have come in since doors opened."""
    with demo.database.reading() as session:
        event = next(event for event in calendar.all_events(session) if event.slug == slug)
        gates = sorted(gate.name for gate in doors.gates(session, event.id))
    crowd.come(demo, event_id=event.id, gates=gates[:2], number=number, begin=event.doors_at)


def codes(demo: Demo, slug: str, state: str) -> list[str]:
    """Texts of the QR codes of people in one state who have not come in, in the order of registration."""
    with demo.database.reading() as session:
        found = [row for row in rows(session, slug) if row.state == state]
        pairs = queries.attendees_of(session, [row.id for row in found])
    return [
        tickets.text(tickets.token(KEYS.ticket, t.identity, t.serial))
        for row in found
        for one, t in pairs[row.id]
        if one.arrived_at is None
    ]


def invitation(it: Stage, demo: Demo, slug: str, role: Role, now: datetime) -> str:
    """A link for one phone at the door."""
    with demo.database.reading() as session:
        event = next(event for event in calendar.all_events(session) if event.slug == slug)
    assert event.state == EventState.PUBLISHED
    _row, secret = demo.do(door.create_enrolment, event_id=event.id, gate=GATE, role=role, uses=1, actor=OPERATOR, now=now)
    return f"http://{it.host}/door/#e={secret}"


def film(file: Path) -> None:
    """What the camera sees: the evening, a phone held out, a code not sharp yet, so that nothing is read."""
    wall = Image.new("RGB", (720, 1280), (22, 30, 38))
    glow = Image.new("RGB", (320, 520), (236, 238, 240))
    code = Image.open(BytesIO(exports.qr_png("HTTPS://DEMO.TEST/T/EXEMPLE", 8))).convert("RGB").filter(ImageFilter.GaussianBlur(6))
    glow.paste(code, ((glow.width - code.width) // 2, 130))
    wall.paste(glow, ((wall.width - glow.width) // 2, 400))
    shown = BytesIO()
    wall.rotate(4, resample=Image.Resampling.BICUBIC, fillcolor=(22, 30, 38)).save(shown, "JPEG", quality=80)
    file.write_bytes(shown.getvalue() * 2)


def letters(folder: Path) -> dict[str, str]:
    """The HTML of the mails that left, by kind, the first of each, with its pictures inside."""
    found: dict[str, str] = {}
    for file in sorted(folder.glob("*.eml")):
        letter = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = letter.get_body(("html",))
        kind = str(letter["X-Eventapp-Kind"])
        if body is None or kind in found:
            continue
        html = body.get_content()
        for part in letter.walk():
            if part.get_content_maintype() == "image":
                named = str(part["Content-ID"]).strip("<>")
                html = html.replace(
                    f"cid:{named}", f"data:{part.get_content_type()};base64,{b64encode(part.get_payload(decode=True)).decode()}"
                )
        found[kind] = html
    return found
