"""Pictures of every screen into docs/screenshots: one instance with its demo and a clock that stands still, phone and laptop, both themes and languages.

By day the public pages, a person's own pages, the mails and the back office; by evening the door. `python -m tools.screenshots NAME…` takes those alone.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from eventapp.cli.demo.stage import Stage as Demo
from eventapp.door.rules import Role
from tools import scenes
from tools.setup import chromium
from tools.stage import Stage, stage

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
DAY, EVENING = datetime.fromisoformat("2026-11-23T09:00:00+00:00"), datetime.fromisoformat("2026-12-24T18:50:00+00:00")
SIZES = {"phone": {"width": 390, "height": 844}, "laptop": {"width": 1280, "height": 800}}
BOTH, PHONE, LAPTOP = ("phone", "laptop"), ("phone",), ("laptop",)
LANGUAGES = ("fr", "en")
# Every screen in both languages and both themes, in two pictures rather than four.
THEMES = {"fr": "light", "en": "dark"}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars"]
COLOURS = 256
# Nothing is taken while colours are on their way from one theme to the other.
SETTLED = """async () => {
  await document.fonts.ready;
  for (const _ of [1, 2, 3]) await new Promise(requestAnimationFrame);
  document.getAnimations().forEach(animation => animation.finish());
  await new Promise(requestAnimationFrame);
}"""
PEOPLE, INSIDE = 812, 380


@dataclass(frozen=True)
class Screen:
    """A path, where {lang} is its language; the sizes it is taken at; the element at its upper edge, where that is not the head of the page."""

    path: str
    sizes: tuple[str, ...] = PHONE
    at: str = ""


def kept(picture: bytes, name: str) -> None:
    """Write it with few colours, which an eye does not see."""
    small = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG)
    small.save(FOLDER / f"{name}.png", optimize=True)


def taken(page: Page, name: str, size: str, lang: str, theme: str = "") -> None:
    """What stands on the screen. The door knows one theme only, which its name does not tell."""
    page.emulate_media(color_scheme=theme or "dark")  # type: ignore[arg-type]
    page.evaluate(SETTLED)
    kept(page.screenshot(), "-".join(part for part in (name, size, theme, lang) if part))


def pictures(browser: Browser, origin: str, screens: dict[str, Screen], state: dict[str, object] | None = None) -> None:
    """Each screen at its sizes, light and dark, in French and English."""
    for size in SIZES:
        here = {name: screen for name, screen in screens.items() if size in screen.sizes}
        for lang in LANGUAGES if here else ():
            options: dict[str, Any] = {
                "base_url": origin,
                "viewport": SIZES[size],
                "locale": lang,
                "storage_state": state,
                "reduced_motion": "reduce",
            }
            context = browser.new_context(**options)
            page = context.new_page()
            if state:
                speak(page, lang)
            for name, screen in here.items():
                page.goto(screen.path.format(lang=lang), wait_until="load")
                if screen.at:
                    page.locator(screen.at).evaluate("element => element.scrollIntoView({ block: 'start', behavior: 'instant' })")
                taken(page, name, size, lang, THEMES[lang])
            context.close()


def speak(page: Page, lang: str) -> None:
    """The back office follows the account, not the browser."""
    page.goto("/backoffice/account")
    choice = page.locator("select[name=language]")
    choice.select_option(lang)
    choice.locator("xpath=ancestor::form").locator("button").first.click()
    page.wait_for_load_state()


def signed_in(browser: Browser, origin: str, login: dict[str, str]) -> dict[str, object]:
    """What a browser keeps after signing in."""
    context = browser.new_context(base_url=origin)
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("input[type=email]").fill(login["email"])
    page.locator("input[type=password]").fill(login["password"])
    page.locator("main form button").first.click()
    page.wait_for_url("**/backoffice**")
    state = dict(context.storage_state())
    context.close()
    return state


def by_day(browser: Browser, it: Stage, demo: Demo, told: dict[str, Any], wanted: set[str]) -> None:
    """Public pages, a person's own pages, mails, the back office."""
    origin, slug = f"http://{it.host}", told["open_event"]
    page = browser.new_page(base_url=origin)
    confirmed = scenes.registered(page, scenes.FULL.slug, "Karim", "Exemple")
    ticket = urlsplit(page.locator("a[href*='/tickets/']:not([href$='.pdf'])").first.get_attribute("href") or "").path[3:]
    scenes.registered(page, scenes.FULL.slug, "Paul", "Modèle")
    scenes.registered(page, scenes.FULL.slug, "Marc", "Test")
    waiting = scenes.registered(page, slug, "Lucie", "Fictif")
    scenes.registered(page, scenes.OPEN.slug, "Nora", "Maquette")
    page.close()
    event = "/{lang}/events/"
    public = {
        "home": Screen("/{lang}/", BOTH),
        "series": Screen("/{lang}/series/french-tech-weeks", BOTH),
        "edition": Screen("/{lang}/editions/french-tech-weeks-2026", BOTH),
        "event": Screen(event + slug, BOTH),
        "event-open": Screen(event + scenes.OPEN.slug),
        "event-called-off": Screen(event + scenes.OFF.slug),
        "event-past": Screen(event + "grand-opening", BOTH),
        "speakers": Screen(event + "grand-opening", BOTH, at="#speakers"),
        "partners": Screen(event + "grand-opening", PHONE, at="section[aria-labelledby=partners]"),
        "registration-form": Screen(event + scenes.OPEN.slug + "/registrations/new"),
        "registration-form-full": Screen(event + slug + "/registrations/new", BOTH),
        "registration-confirmed": Screen("/{lang}" + confirmed, BOTH),
        "registration-waiting": Screen("/{lang}" + waiting, BOTH),
        "ticket": Screen("/{lang}" + ticket),
        "find-my-ticket": Screen("/{lang}/find-my-ticket"),
        "sign-in": Screen("/sign-in", LAPTOP),
    }
    pictures(browser, origin, chosen(public, wanted))
    office = f"/backoffice/events/{slug}"
    person = people_page(demo, slug)
    private = {
        "backoffice": Screen("/backoffice", BOTH),
        "control": Screen(office, BOTH),
        "control-past": Screen("/backoffice/events/grand-opening", BOTH),
        "registrations": Screen(office + "/registrations", LAPTOP),
        "registrations-past": Screen("/backoffice/events/grand-opening/registrations", LAPTOP),
        "registration": Screen(f"{office}/registrations/{person}", LAPTOP),
        "quotas": Screen(office + "/quotas", LAPTOP),
        "publication": Screen(office + "/publication", LAPTOP),
        "new-event": Screen("/backoffice/events/new", LAPTOP),
        "settings": Screen(office + "/edit", LAPTOP),
        "team": Screen("/backoffice/team", LAPTOP),
    }
    if chosen(private, wanted):
        pictures(browser, origin, chosen(private, wanted), signed_in(browser, origin, told["organiser"]))
    if not wanted or any(name.startswith("mail") for name in wanted):
        mails(browser, it)


def chosen(screens: dict[str, Screen], wanted: set[str]) -> dict[str, Screen]:
    """Those that were asked for; all of them where nothing was."""
    return {name: screen for name, screen in screens.items() if not wanted or name in wanted}


def people_page(demo: Demo, slug: str) -> str:
    """The public id of somebody who has a seat."""
    with demo.database.reading() as session:
        row = next(row for row in scenes.rows(session, slug) if row.state == "confirmed" and row.size == 1)
        return row.public_id


def mails(browser: Browser, it: Stage) -> None:
    """Mails as they leave, on a phone."""
    it.command("worker", "--once")
    found = scenes.letters(it.folder / "mail")
    context = browser.new_context(viewport=SIZES["phone"])  # type: ignore[arg-type]
    page = context.new_page()
    for kind in ("confirmed", "waitlisted"):
        page.set_content(found[kind])
        taken(page, f"mail-{kind}", "phone", "fr", "light")
    context.close()


@contextmanager
def phone(playwright: Playwright, link: str, footage: Path, lang: str) -> Iterator[Page]:
    """A volunteer's phone at the door, its camera on."""
    camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={footage}"]
    browser = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, *camera])
    page = browser.new_context(viewport=SIZES["phone"], locale=lang, reduced_motion="reduce").new_page()  # type: ignore[arg-type]
    page.goto(link)
    page.locator("#door-label").wait_for()
    page.locator("#door-label").fill("Nora")
    page.locator("form[data-step=label] button").click()
    page.locator("#door-code").wait_for()
    page.wait_for_timeout(1500)
    yield page
    browser.close()


def by_evening(playwright: Playwright, it: Stage, demo: Demo, slug: str, wanted: set[str]) -> None:
    """The door: the scanner, a verdict of each family, finding somebody by name."""
    if wanted and not any(name.startswith(("door", "control-evening")) for name in wanted):
        return
    scenes.arrive(demo, slug, INSIDE)
    footage = it.folder / "camera.mjpeg"
    scenes.film(footage)
    seated, waits = scenes.codes(demo, slug, "confirmed"), scenes.codes(demo, slug, "waitlisted")
    for turn, lang in enumerate(LANGUAGES):
        shown = {"welcome": seated[turn], "already": seated[turn], "waiting": waits[turn], "unknown": "T1" + "A" * 26}
        with phone(playwright, scenes.invitation(it, demo, slug, Role.DESK, EVENING), footage, lang) as page:
            taken(page, "door-scan", "phone", lang)
            for name, code in shown.items():
                page.locator("#door-code").fill(code)
                page.locator(".door__typed button").click()
                page.locator("door-verdict").wait_for()
                taken(page, f"door-{name}", "phone", lang)
                page.locator("[data-buttons] button").first.click()
                page.locator("door-verdict").wait_for(state="hidden")
            page.locator("[data-does=search]").click()
            page.locator("#door-query").fill("exemple")
            page.locator(".drawer__person").first.wait_for()
            taken(page, "door-desk", "phone", lang)


def office_by_evening(browser: Browser, it: Stage, told: dict[str, Any], wanted: set[str]) -> None:
    """The control room and the doors while people come in."""
    office = f"/backoffice/events/{told['open_event']}"
    screens = chosen({"control-evening": Screen(office, BOTH), "doors": Screen(office + "/door", LAPTOP)}, wanted)
    if screens:
        origin = f"http://{it.host}"
        pictures(browser, origin, screens, signed_in(browser, origin, told["organiser"]))


def main(wanted: set[str]) -> int:
    """Take them all, or those that are named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with stage(EVENTAPP_NOW=f"{DAY.isoformat()}=", **scenes.HEX) as it, sync_playwright() as playwright:
        told = json.loads(it.command("demo", "load", "--attendees", str(PEOPLE), "--json"))
        demo = scenes.house(it)
        scenes.fill_weeks(demo, told["open_event"], DAY)
        it.start_web(workers=1)
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        by_day(browser, it, demo, told, wanted)
        it.kill("web")
        it.extra["EVENTAPP_NOW"] = f"{EVENING.isoformat()}="
        it.start_web(workers=1)
        by_evening(playwright, it, demo, told["open_event"], wanted)
        office_by_evening(browser, it, told, wanted)
        browser.close()
        demo.database.close()
    weight = sum(file.stat().st_size for file in FOLDER.glob("*.png"))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {weight / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(set(sys.argv[1:])))
