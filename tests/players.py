"""The cast at work, through the product's own pages and mails: an organiser, people who want to come, a volunteer at the door."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from io import BytesIO
from itertools import count
from typing import Any
from uuid import uuid4

import zxingcpp
from babel.support import Translations
from flask import Flask
from PIL import Image

from eventapp.worker import loop
from tests.browsing import ORIGIN, Browser, Page, Typed, read
from tests.cast import Character
from tests.conftest import ROOT


def seen_code(picture: bytes) -> str:
    """What the camera of a phone reads in a picture of one QR code."""
    with Image.open(BytesIO(picture)) as image:
        [code] = zxingcpp.read_barcodes(image)
    return str(code.text)


@dataclass
class Letter:
    """A mail as it arrived."""

    message: EmailMessage

    @property
    def kind(self) -> str:
        return str(self.message["X-Eventapp-Kind"])

    @property
    def text(self) -> str:
        """The plain part."""
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def html(self) -> str:
        """What is read in the HTML part."""
        body = self.message.get_body(("html",))
        assert body is not None
        return read(body.get_content()).words

    def link(self, words: str) -> str:
        """Where a link of the HTML part leads."""
        body = self.message.get_body(("html",))
        assert body is not None
        links = {link.words: link.at["href"] for link in read(body.get_content()).every("a")}
        assert words in links, (words, list(links))
        return links[words]

    def parts(self, kind: str) -> list[bytes]:
        """Attached and inline parts of a media type."""
        return [part.get_payload(decode=True) for part in self.message.walk() if part.get_content_type() == kind]  # type: ignore[misc]


@dataclass
class Post:
    """The postman: what the worker sends, and what lies in each letter box."""

    app: Flask
    letters: list[EmailMessage]

    def deliver(self) -> None:
        """Let the worker send what is due."""
        with self.app.app_context():
            loop.run(once=True)

    def box(self, address: str) -> list[Letter]:
        """The letters to an address, in order."""
        return [Letter(letter) for letter in self.letters if letter["To"].addresses[0].addr_spec == address]

    def last(self, address: str) -> Letter:
        """The newest letter to an address, after a delivery."""
        self.deliver()
        return self.box(address)[-1]


def said(msgid: str, language: str) -> str:
    """How a page of this language says it, with plain spaces."""
    known = Translations.load(ROOT / "translations", [language])
    return " ".join(str(known.gettext(msgid)).split())


class Player:
    """Somebody with a browser."""

    def __init__(self, app: Flask, character: Character, post: Post, *, language: str = "fr", email: str = "") -> None:
        self.app, self.character, self.post, self.language = app, character, post, language
        self.email = email or character.email
        self.name = f"{character.first_name} {character.last_name}"
        self.browser = Browser(app, language=language)

    def say(self, msgid: str) -> str:
        """A label, a button or a link in this person's language."""
        return said(msgid, self.language)

    def send(self, button: str, typed: Mapping[str, Typed] | None = None, *, status: int = 200) -> Page:
        """Fill in and press, in this person's language."""
        return self.browser.send(self.say(button), {self.say(label): value for label, value in (typed or {}).items()}, status=status)

    def follow(self, link: str) -> Page:
        """Tap a link, in this person's language."""
        return self.browser.follow(self.say(link))

    @property
    def letter(self) -> Letter:
        """The newest mail, once delivered."""
        return self.post.last(self.email)

    @property
    def kinds(self) -> list[str]:
        """What has been written to this person, in order, once delivered."""
        self.post.deliver()
        return [letter.kind for letter in self.post.box(self.email)]


class Attendee(Player):
    """Somebody who wants to come, on a phone."""

    own_page = ""

    def look_at(self, slug: str) -> Page:
        """The page of the event."""
        return self.browser.visit(f"/{self.language}/events/{slug}")

    def register(self, slug: str, *, ticket: str = "") -> Page:
        """From the event's page through its one button and three fields; a ticket type where there is a choice."""
        button = next(link for link in self.look_at(slug).root.every("a") if link.at.get("href", "").endswith("/registrations/new"))
        form = self.browser.visit(button.at["href"])
        typed: dict[str, Typed] = {
            "First name": self.character.first_name,
            "Last name": self.character.last_name,
            "E-mail address": self.email,
        }
        page = self.send("Register" if form.heading == self.say("Register") else "Join the waiting list", typed | self._choice(ticket))
        self.own_page = page.path
        return page

    def _choice(self, ticket: str) -> dict[str, Typed]:
        return {"What do you register for?": ticket} if ticket else {}

    def come_back(self) -> Page:
        """Open one's own page again."""
        return self.browser.visit(self.own_page)

    @property
    def position(self) -> str:
        """The place in line as the own page shows it, such as 1re or 2e; empty with a seat."""
        numbers = [each for each in self.come_back().root.every("strong") if each.at.get("class") == "place__number"]
        return numbers[0].words if numbers else ""

    def give_back(self) -> Page:
        """By a page with a button."""
        self.come_back()
        self.follow("I give my seat back")
        return self.send("I give my seat back")

    def accept(self) -> Page:
        """Take the seat that is offered, by one button."""
        self.come_back()
        return self.send("I accept the seat")

    def correct(self, **names: str) -> Page:
        """Mend a name or an address on the own page."""
        self.come_back()
        self.follow("Correct my name or my address")
        labels = {"first_name": "First name", "last_name": "Last name", "email": "E-mail address"}
        page = self.send("Save", {labels[name]: value for name, value in names.items()})
        self.own_page, self.email = page.path, names.get("email", self.email)
        return page

    @property
    def ticket(self) -> str:
        """What a camera reads in the picture of the newest mail that has one."""
        self.post.deliver()
        pictures = [picture for letter in self.post.box(self.email) for picture in letter.parts("image/png")]
        return seen_code(pictures[-1])


class Organiser(Player):
    """Inès, in the back office."""

    slug = ""

    def sign_in(self, password: str) -> Page:
        """With address and password."""
        self.browser.visit("/sign-in")
        return self.send("Sign in", {"E-mail": self.email, "Password": password})

    def open(self, *links: str) -> Page:
        """From the event's control room along links."""
        page = self.browser.visit(f"/backoffice/events/{self.slug}")
        for link in links:
            page = self.follow(link)
        return page

    def missing(self) -> list[str]:
        """What the checklist still asks for."""
        page = self.open("Publication")
        return [link.words for each in page.root.every("section") for link in each.every("a") if link.at.get("class") == "way"]

    def listed(self) -> list[tuple[str, str, str]]:
        """Name with address, state and ticket type of each registration of the list, newest first."""
        return [(row[0], row[1], row[2]) for row in self.open("Registrations").rows]

    def csv(self) -> list[dict[str, str]]:
        """The file behind the list's button, row by row."""
        self.open("Registrations")
        return list(csv.DictReader(self.browser.download("Download CSV").data.decode("utf-8-sig").splitlines()))

    def registration_of(self, person: Attendee) -> Page:
        """The page of a party, found by its address."""
        self.open("Registrations")
        self.send("Search", {"Name or address": person.email})
        return self.browser.follow(person.name)

    def set_limit(self, quota: str, limit: int, *, all_the_same: bool = False) -> Page:
        """More seats or fewer; below what is taken, the page first says what that means."""
        self.open("Tickets and seats")
        self.browser.follow(f"{self.say('Change')} {quota}")
        page = self.send("Save", {"Number of seats": str(limit)})
        return self.send("Lower the limit all the same") if all_the_same else page

    def invite_phone(self, gate: str) -> str:
        """The link that enrols one phone."""
        self.open("Doors")
        self.send("Show the code", {"Gate": gate, "Number of phones": "1"})
        return next(link.at["href"] for link in self.browser.page.root.every("a") if "#e=" in link.at.get("href", ""))


class Volunteer:
    """Nora at the door: her phone speaks to the API as its application does, which pages without scripts cannot."""

    def __init__(self, app: Flask, link: str, *, label: str) -> None:
        self.app, self.numbers = app, count(1)
        self.client = app.test_client()
        page, _, secret = link.partition("#e=")
        assert self.client.get(page.removeprefix(ORIGIN)).status_code == 200
        answer = self._call("POST", "enrolments", {"secret": secret, "label": label, "app": "1"})
        assert answer.status_code == 201, answer.text
        self.credential = answer.json["credential"]

    def scan(self, seen: str) -> dict[str, Any]:
        """Hold the camera to a code; the verdict."""
        at = self.app.extensions["eventapp"].clock().astimezone(UTC)
        asked = {
            "id": str(uuid4()),
            "seq": next(self.numbers),
            "code": seen,
            "via": "camera",
            "dir": "in",
            "raw_at": at.isoformat(timespec="milliseconds"),
            "clock": "live",
        }
        answer = self._call("POST", "scans", {"scans": [asked]})
        assert answer.status_code == 200, answer.text
        return dict(answer.json["results"][0])

    @property
    def counters(self) -> dict[str, Any]:
        """What the phone shows at its edge: the gauge, how many are inside, how many have come."""
        facts = self._call("GET", "device").json["facts"]
        return {name: facts[name] for name in ("gauge", "occupancy", "arrived")}

    def _call(self, method: str, path: str, sent: Mapping[str, Any] | None = None) -> Any:
        credential = getattr(self, "credential", "")
        headers = {"X-Door-Echo": "1"} | ({"Authorization": f"Bearer {credential}"} if credential else {})
        return self.client.open(f"/api/v1/door/{path}", method=method, headers=headers, json=sent)


def at(app: Flask, moment: datetime) -> None:
    """Set the clock of this application."""
    app.extensions["eventapp"].clock = lambda: moment
