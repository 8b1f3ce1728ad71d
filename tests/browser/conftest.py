"""A real instance with its demo, and a real Chromium: what people see is tested where they see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from eventapp.events import queries as events
from eventapp.lib.db import Database
from eventapp.people import queries as people
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions
from tests import factories
from tests.cast import Character
from tests.factories import NOW
from tools.setup import chromium
from tools.stage import Stage, stage

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 800}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")


@dataclass
class Venue:
    """One instance, its demo, and what was printed when that was loaded."""

    stage: Stage
    demo: dict[str, Any]

    @property
    def origin(self) -> str:
        return f"http://{self.stage.host}"

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Its database, for what no page makes."""
        database = Database(f"sqlite:///{self.stage.folder / 'eventapp.db'}")
        try:
            yield database
        finally:
            database.close()

    def place_without_gauge(self, name: str) -> None:
        """A space of which nobody has read yet how many people may be inside."""
        with self.database() as database, database.writing() as session:
            place = factories.space(session, organiser_id=people.organisers(session)[0].id, safety_capacity=None)
            place.name, place.safety_source = name, ""

    def event(self, slug: str, *, limit: int) -> str:
        """The path of a published event of `limit` seats; call it once for each slug."""
        with self.database() as database:
            with database.writing() as session:
                organiser = people.organisers(session)[0].id
                place = factories.space(session, organiser_id=organiser)
                row = factories.event(session, organiser_id=organiser, slug=slug, space_id=place.id)
                event_id = row.id
            with database.writing() as session:
                factories.quota_and_type(session, event_id=event_id, limit=limit)
        return f"/events/{slug}"

    def slot(self, slug: str, title: str) -> None:
        """A session of such an event for which people enrol, in its first hour, with one place."""
        with self.database() as database, database.writing() as session:
            event = events.shown_event(session, slug)
            assert event is not None
            actions.open_slot(
                session,
                event_id=event.id,
                title={"fr": title},
                starts_at=event.starts_at,
                ends_at=event.starts_at + timedelta(hours=1),
                places=1,
                actor=OPERATOR,
                now=NOW,
            )


@pytest.fixture(scope="session")
def venue() -> Iterator[Venue]:
    with stage() as it:
        demo = json.loads(it.command("demo", "load", "--json"))
        it.start_web(workers=1)
        yield Venue(it, demo)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": chromium(), "args": ARGUMENTS}


@pytest.fixture(scope="session")
def signed_in(browser: Browser, venue: Venue) -> dict[str, Any]:
    """What a browser keeps once Inès has signed in: she does it once for the whole run."""
    context = browser.new_context(base_url=venue.origin)
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("input[type=email]").fill(venue.demo["organiser"]["email"])
    page.locator("input[type=password]").fill(venue.demo["organiser"]["password"])
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url("**/backoffice**")
    state = context.storage_state()
    context.close()
    return dict(state)


def register(page: Page, path: str, who: Character, *, lang: str = "fr") -> str:
    """Register through the form; the path of the person's own page."""
    page.goto(f"/{lang}{path}/registrations/new")
    page.locator("[name=first_name]").fill(who.first_name)
    page.locator("[name=last_name]").fill(who.last_name)
    page.locator("[name=email]").fill(who.email)
    page.locator("form[action$='/registrations'] button").last.click()
    page.wait_for_url(lambda url: not url.endswith(("/registrations", "/registrations/new")))
    return urlsplit(page.url).path


def offered(page: Page, path: str, holder: Character, who: Character, *, lang: str = "fr") -> str:
    """The page of somebody who waited, wished to be asked, and is: the only seat was given back."""
    seated = register(page, path, holder, lang=lang)
    own = register(page, path, who, lang=lang)
    wishes = page.locator("details.folded", has=page.locator("form[action$='/wishes']"))
    wishes.locator("summary").click()
    wishes.locator("[name=auto_until][value=never]").check()
    wishes.locator("button").click()
    page.goto(f"{seated}/cancellation")
    page.locator("main form button").last.click()
    page.goto(own)
    return own


@dataclass
class Watch:
    """What went wrong in a browser: words of the console, foreign requests, responses without their headers."""

    origin: str
    wrong: list[str]

    def follow(self, context: BrowserContext) -> None:
        context.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        context.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.wrong.append(f"third party: {request.url}")


@pytest.fixture
def watch(venue: Venue) -> Watch:
    return Watch(venue.origin, [])
