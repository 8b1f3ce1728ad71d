"""An attendee on a phone, with and without JavaScript: registers, waits, is confirmed by a seat given back, corrects a name, finds a ticket."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE, Venue, offered, register
from tests.cast import KARIM, LUCIE

BEYOND = """() => [...document.querySelectorAll("main *, header *, footer *")]
  .filter(one => !one.closest("svg, .visually-hidden, .cover__art") && one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => `${one.tagName} ${one.className}`)"""
"""What stands to the right of the screen, be it cut or scrolled to."""


@pytest.mark.trust("A2b")
@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
def test_seat_given_back_by_a_page_confirms_who_waits(browser: Browser, venue: Venue, javascript: bool) -> None:
    path = venue.event(f"phone-{javascript}".lower(), limit=1)
    context = browser.new_context(base_url=venue.origin, viewport=PHONE, java_script_enabled=javascript)  # type: ignore[arg-type]
    page = context.new_page()

    page.goto(f"/fr{path}")
    page.locator(f"main a[href$='{path}/registrations/new']").first.click()
    expect(page.locator("input[required]:visible")).to_have_count(3)
    karim = register(page, path, KARIM)
    expect(page.locator("main a[href*='/tickets/']").first).to_be_visible()
    page.goto(f"/fr{path}/registrations/new")
    expect(page.locator(".beforehand__place strong")).to_contain_text("1")
    lucie = register(page, path, LUCIE)
    expect(page.locator("main a[href*='/tickets/']")).to_have_count(0)
    page.goto(f"{karim}/cancellation")
    page.locator("main form button").last.click()
    page.goto(lucie)

    expect(page.locator("main a[href*='/tickets/']").first).to_be_visible()
    context.close()


def test_a_mistake_in_the_last_field_does_not_swallow_the_tap_on_the_button(browser: Browser, venue: Venue) -> None:
    path = venue.event("phone-mistyped", limit=1)
    context = browser.new_context(base_url=venue.origin, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/fr{path}/registrations/new")

    page.locator("[name=email]").fill("karim@")
    page.get_by_role("button", name="S’inscrire").click()

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(3)
    context.close()


@pytest.mark.trust("A2d")
@pytest.mark.parametrize("width", [390, 320])
def test_letters_of_twice_the_size_push_nothing_off_the_screen(browser: Browser, venue: Venue, width: int) -> None:
    path = venue.event(f"large-{width}", limit=1)
    context = browser.new_context(base_url=venue.origin, viewport={"width": width, "height": 844})
    page = context.new_page()
    karim, lucie = register(page, path, KARIM), register(page, path, LUCIE)
    page.goto(karim)
    ticket = page.locator("main a[href*='/tickets/']").first.get_attribute("href") or ""

    found = {}
    for one in ("/fr/", f"/fr{path}", f"/fr{path}/registrations/new", karim, lucie, f"{karim}/cancellation", ticket):
        page.goto(one)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        found[one] = page.evaluate(BEYOND)

    assert {one: outside for one, outside in found.items() if outside} == {}
    context.close()


@pytest.mark.parametrize(("javascript", "asked"), [(True, 2), (False, 3)], ids=["js", "no-js"])
def test_a_group_of_three_gives_the_names_it_knows(browser: Browser, venue: Venue, javascript: bool, asked: int) -> None:
    path = venue.event(f"group-{javascript}".lower(), limit=3)
    context = browser.new_context(base_url=venue.origin, viewport=PHONE, java_script_enabled=javascript)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/fr{path}/registrations/new")
    for name, value in (("first_name", KARIM.first_name), ("last_name", KARIM.last_name), ("email", KARIM.email)):
        page.locator(f"[name={name}]").fill(value)
    page.locator("summary").click()

    page.locator("[name=size]").select_option("3")
    expect(page.locator("fieldset.companion:visible")).to_have_count(asked)
    page.locator("[name=companions-0-first_name]").fill("Zoé")
    page.get_by_role("button", name="S’inscrire").click()

    expect(page.locator("article.ticket h2")).to_have_text([f"{KARIM.first_name} {KARIM.last_name}", "Zoé", "Personne 3"])
    context.close()


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
def test_an_offered_seat_is_accepted_with_the_first_button(browser: Browser, venue: Venue, javascript: bool) -> None:
    path = venue.event(f"offer-{javascript}".lower(), limit=1)
    context = browser.new_context(base_url=venue.origin, viewport=PHONE, java_script_enabled=javascript)  # type: ignore[arg-type]
    page = context.new_page()

    own = offered(page, path, KARIM, LUCIE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Une place pour vous")
    expect(page.get_by_role("button", name="J’accepte la place")).to_be_in_viewport()
    page.get_by_role("button", name="Deux heures de plus").click()
    expect(page.get_by_role("button", name="Deux heures de plus")).to_have_count(0)
    page.get_by_role("button", name="J’accepte la place").click()

    expect(page).to_have_url(f"{venue.origin}{own}")
    expect(page.locator("main a[href*='/tickets/']").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
def test_name_is_corrected_and_a_lost_ticket_found(browser: Browser, venue: Venue, javascript: bool) -> None:
    path = venue.event(f"names-{javascript}".lower(), limit=1)
    context = browser.new_context(base_url=venue.origin, viewport=PHONE, java_script_enabled=javascript)  # type: ignore[arg-type]
    page = context.new_page()
    karim = register(page, path, KARIM)

    page.goto(f"{karim}/edit")
    page.locator("[name=last_name]").fill("Corrigé")
    page.locator("main form button").last.click()
    expect(page.locator("main")).to_contain_text("Corrigé")
    page.goto("/fr/find-my-ticket")
    page.locator("[name=email]").fill(KARIM.email)
    page.locator("main form button").last.click()

    expect(page).to_have_url(f"{venue.origin}/fr/find-my-ticket/sent")
    context.close()
