"""An attendee on a phone, with and without JavaScript: registers, waits, is confirmed by a seat given back, corrects a name, finds a ticket."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE, Venue, offered, register
from tests.cast import KARIM, LUCIE


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
