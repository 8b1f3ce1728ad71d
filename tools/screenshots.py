"""Pictures of every screen into docs/screenshots: one instance with its demo and a clock that stands still, phone and laptop, both themes and languages."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tools.setup import chromium
from tools.stage import stage

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
NOW = "2026-11-23T09:00:00+00:00="
SIZES = {"phone": {"width": 390, "height": 844}, "laptop": {"width": 1280, "height": 800}}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars"]
COLOURS = 256
# Nothing is taken while colours are on their way from one theme to the other.
SETTLED = """async () => {
  for (const _ of [1, 2, 3]) await new Promise(requestAnimationFrame);
  document.getAnimations().forEach(animation => animation.finish());
  await new Promise(requestAnimationFrame);
}"""
PEOPLE = 812


def kept(picture: bytes, name: str) -> None:
    """Write it with few colours, which an eye does not see."""
    small = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG)
    small.save(FOLDER / f"{name}.png", optimize=True)


def registered(page: Page, slug: str, first: str, last: str) -> str:
    """Register through the form; the path of that person's own page without its language."""
    page.goto(f"/fr/events/{slug}/registrations/new")
    page.locator("[name=first_name]").fill(first)
    page.locator("[name=last_name]").fill(last)
    page.locator("[name=email]").fill(f"{first.lower()}.{last.lower()}@demo.test")
    page.locator("form[action$='/registrations'] button").last.click()
    page.wait_for_url("**/registrations/*")
    return urlsplit(page.url).path[3:]


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


def pictures(
    browser: Browser, origin: str, screens: dict[str, tuple[str, tuple[str, ...]]], state: dict[str, object] | None = None
) -> None:
    """Each screen at its sizes, light and dark, in French and English. A path begins with its language where it says {lang}."""
    for size, viewport in SIZES.items():
        for lang in ("fr", "en"):
            context = browser.new_context(
                base_url=origin,
                viewport=viewport,
                locale=lang,
                storage_state=state,
                reduced_motion="reduce",  # type: ignore[arg-type]
            )
            page = context.new_page()
            if state and lang == "en":
                english(page)
            for name, (path, sizes) in screens.items():
                if size not in sizes:
                    continue
                page.goto(path.format(lang=lang), wait_until="load")
                for theme in ("light", "dark"):
                    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                    page.evaluate(SETTLED)
                    kept(page.screenshot(), f"{name}-{size}-{theme}-{lang}")
            if state and lang == "en":
                french(page)
            context.close()


def _speak(page: Page, lang: str) -> None:
    page.goto("/backoffice/account")
    choice = page.locator("select[name=language]")
    if choice.count():
        choice.select_option(lang)
        choice.locator("xpath=ancestor::form").locator("button").first.click()
        page.wait_for_load_state()


def english(page: Page) -> None:
    """The back office follows the account, not the browser."""
    _speak(page, "en")


def french(page: Page) -> None:
    """As it was."""
    _speak(page, "fr")


def main() -> int:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with stage(EVENTAPP_NOW=NOW) as it, sync_playwright() as playwright:
        demo = json.loads(it.command("demo", "load", "--attendees", str(PEOPLE), "--json"))
        it.start_web(workers=1)
        origin, slug = f"http://{it.host}", demo["open_event"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = browser.new_page(base_url=origin)
        edition = "/fr/editions/french-tech-weeks-2026"
        waiting = registered(page, slug, "Lucie", "Fictif")
        state = signed_in(browser, origin, demo["organiser"])
        office = f"/backoffice/events/{slug}"
        both, phone, laptop = ("phone", "laptop"), ("phone",), ("laptop",)
        pictures(
            browser,
            origin,
            {
                "home": ("/{lang}/", both),
                "event": (f"/{{lang}}/events/{slug}", both),
                "event-past": ("/{lang}/events/grand-opening", both),
                "registration-form": (f"/{{lang}}/events/{slug}/registrations/new", phone),
                "registration-waiting": ("/{lang}" + waiting, phone),
                "edition": ("/{lang}" + urlsplit(edition).path[3:], both),
            },
        )
        pictures(
            browser,
            origin,
            {
                "backoffice": ("/backoffice", laptop),
                "control": (office, laptop),
                "registrations": (office + "/registrations", laptop),
                "quotas": (office + "/quotas", laptop),
                "publication": (office + "/publication", laptop),
                "control-past": ("/backoffice/events/grand-opening", laptop),
                "new-event": ("/backoffice/events/new", laptop),
            },
            state,
        )
        browser.close()
    weight = sum(file.stat().st_size for file in FOLDER.glob("*.png"))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {weight / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
