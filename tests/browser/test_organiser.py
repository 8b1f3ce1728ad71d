"""An organiser at work in a real browser: a whole event from one form, people found, moved and counted; by mouse, by keyboard alone, without scripts."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from eventapp.lib import clock
from tests.browser.conftest import LAPTOP, Venue, register
from tests.cast import KARIM, LUCIE, Character

MOST_CLICKS = 12
SAFE = {
    "safety_capacity": "90",
    "safety_source": "Registre de sécurité, page 4",
    "safety_author": "Commission communale",
    "safety_on": "2026-01-15",
}
HELENE = Character("Hélène", "Saint-Exupéry")
VISIBLE_FOCUS = """element => {
  const style = getComputedStyle(element);
  return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
}"""


@dataclass
class Hand:
    """A hand on a mouse, which counts: every press of a button, link or box is a click; fields are reached by the Tab key."""

    page: Page
    clicks: int = 0

    def press(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def link(self, words: str) -> None:
        self.press(self.page.locator("#main").get_by_role("link", name=words).first)

    def button(self, words: str) -> None:
        self.press(self.page.locator("#main").get_by_role("button", name=words, exact=True))

    def choose(self, label: str, option: str) -> None:
        """A list opened, one of its lines chosen: two clicks."""
        self.clicks += 2
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def fill(self, **typed: str) -> None:
        for name, text in typed.items():
            self.page.locator(f"#main [name={name}]").fill(text)


def wall(days: int, hour: str) -> str:
    """An hour as a field takes it, so many days from now."""
    return f"{(clock.running() + timedelta(days=days)).date().isoformat()}T{hour}"


def words_of_event(title: str) -> dict[str, str]:
    return {
        "title_fr": title,
        "summary_fr": "Une soirée pour se rencontrer.",
        "doors": wall(30, "18:00"),
        "starts": wall(30, "18:30"),
        "ends": wall(30, "22:00"),
        "capacity": "2",
    }


@pytest.fixture
def office(browser: Browser, venue: Venue, signed_in: dict[str, Any]) -> Iterator[Hand]:
    """The back office, open before Inès, who has signed in."""
    context = browser.new_context(base_url=venue.origin, viewport=LAPTOP, locale="fr-FR", storage_state=signed_in)  # type: ignore[arg-type]
    yield Hand(context.new_page())
    context.close()


@pytest.mark.trust("A2b")
@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
def test_event_is_made_and_opened_in_twelve_clicks(browser: Browser, venue: Venue, javascript: bool) -> None:
    context = browser.new_context(base_url=venue.origin, viewport=LAPTOP, locale="fr-FR", java_script_enabled=javascript)  # type: ignore[arg-type]
    page = context.new_page()
    hand = Hand(page)
    title = "Nuit des sciences" if javascript else "Nuit des lettres"
    page.goto("/sign-in")
    hand.fill(email=venue.demo["organiser"]["email"], password=venue.demo["organiser"]["password"])
    hand.press(page.get_by_role("button", name="Se connecter"))

    hand.link("Nouvel événement")
    hand.choose("Lieu", "Un nouveau lieu, décrit ci-dessous")
    hand.press(page.locator("summary", has_text="Un nouveau lieu"))
    hand.fill(**words_of_event(title), **SAFE, venue_name=f"Bibliothèque {title}", venue_city="Marseille", space_name="Grande salle")
    hand.button("Créer le brouillon")
    expect(page.get_by_role("heading", name="Tout y est")).to_be_visible()
    hand.button("Publier")

    expect(page.locator("#main")).to_contain_text("la page est ouverte à tous")
    assert hand.clicks <= MOST_CLICKS, hand.clicks
    address = page.locator("#main a[href*='/events/']").first.get_attribute("href") or ""
    register(page, "/events/" + address.rpartition("/")[2], KARIM)
    expect(page.locator("main a[href*='/tickets/']").first).to_be_visible()
    context.close()


def test_checklist_leads_to_what_is_missing_and_back_within_twelve_clicks(office: Hand, venue: Venue) -> None:
    page = office.page
    venue.place_without_gauge("Terrain vague")
    page.goto("/backoffice")

    office.link("Nouvel événement")
    office.choose("Lieu", "Terrain vague, Hôtel Renaissance")
    office.fill(**words_of_event("Nuit du stade"))
    office.button("Créer le brouillon")
    expect(page.get_by_role("heading", name="Il manque une chose")).to_be_visible()
    office.link("Le lieu n’a pas de jauge de sécurité")
    office.fill(**SAFE | {"safety_author": ""})
    office.button("Enregistrer ces modifications")
    expect(page.locator("#main [role=alert]").first).to_be_visible()
    office.fill(**SAFE)
    office.button("Enregistrer ces modifications")
    expect(page.get_by_role("heading", name="Tout y est")).to_be_visible()
    office.button("Publier")

    expect(page.locator("#main")).to_contain_text("la page est ouverte à tous")
    assert office.clicks <= MOST_CLICKS, office.clicks


@pytest.fixture(scope="module")
def evening(browser: Browser, venue: Venue) -> str:
    """The back office's path of an event of two seats: Karim and Hélène have one, Lucie waits."""
    path = venue.event("soiree-des-listes", limit=2)
    context = browser.new_context(base_url=venue.origin)
    page = context.new_page()
    for who in (KARIM, HELENE, LUCIE):
        register(page, path, who)
    context.close()
    return f"/backoffice{path}"


def expect_listed(page: Page, names: list[str]) -> None:
    """Names on the list, these and no other, in this order."""
    expect(page.locator("#main .roll__name")).to_have_text(names)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("helene", ["Hélène Saint-Exupéry"]),
        ("saint exupery helene", ["Hélène Saint-Exupéry"]),
        ("EXUPERY Hél", ["Hélène Saint-Exupéry"]),
        ("demo.test kar", ["Karim Exemple"]),
        ("personne", []),
    ],
)
def test_person_is_found_without_accents_and_in_any_order(office: Hand, evening: str, typed: str, found: list[str]) -> None:
    office.page.goto(f"{evening}/registrations")

    office.fill(q=typed)
    office.button("Chercher")

    expect_listed(office.page, found)
    assert office.page.locator("[name=q]").input_value() == typed
    assert office.clicks == 1


def test_search_that_finds_nobody_leads_back_to_everyone(office: Hand, evening: str) -> None:
    office.page.goto(f"{evening}/registrations?q=personne")

    expect(office.page.get_by_role("heading", name="Personne ne correspond")).to_be_visible()
    office.link("Voir tout le monde")

    expect_listed(office.page, ["Lucie Fictif", "Hélène Saint-Exupéry", "Karim Exemple"])


def test_list_is_filtered_by_state_and_keeps_what_was_searched(office: Hand, evening: str) -> None:
    office.page.goto(f"{evening}/registrations?q=demo")

    office.link("En attente")

    expect_listed(office.page, ["Lucie Fictif"])
    assert office.page.locator("[name=q]").input_value() == "demo"
    office.link("Avec une place")
    expect_listed(office.page, ["Hélène Saint-Exupéry", "Karim Exemple"])


def test_seats_are_raised_lowered_and_a_registration_added_and_cancelled(office: Hand, browser: Browser, venue: Venue) -> None:
    path = venue.event("soiree-des-places", limit=1)
    page = office.page
    register(page, path, KARIM)
    register(page, path, LUCIE)

    page.goto(f"/backoffice{path}/registrations")
    office.link("Ajouter à la main")
    office.fill(first_name="Zoé", last_name="Esquisse")
    office.button("S’inscrire")
    expect(page.locator("#main")).to_contain_text("Zoé Esquisse")
    page.goto(f"/backoffice{path}/registrations?state=waitlisted")
    expect_listed(page, ["Zoé Esquisse", "Lucie Fictif"])

    change_seats(office, path, "2")
    page.goto(f"/backoffice{path}/registrations?state=confirmed")
    expect_listed(page, ["Lucie Fictif", "Karim Exemple"])

    change_seats(office, path, "1")
    expect(page.locator("#main [role=alert]")).to_contain_text("Rien n’est encore enregistré")
    office.button("Baisser la limite quand même")
    expect(page.locator(".tally")).to_have_text(re.compile(r"2\s*/ 1"))

    page.goto(f"/backoffice{path}/registrations?q=karim")
    office.link("Karim Exemple")
    office.link("Annuler cette inscription")
    office.button("Annuler l’inscription")
    expect(page.locator("#main [role=alert]")).to_be_visible()
    office.fill(reason="Il a appelé : il ne peut pas venir.")
    office.button("Annuler l’inscription")
    expect(page.locator("#main")).to_contain_text("Il a appelé")
    page.goto(f"/backoffice{path}/registrations?state=confirmed")
    expect_listed(page, ["Lucie Fictif"])  # at the limit again: nobody is promoted into the deficit
    page.goto(f"/backoffice{path}/registrations?state=over")
    expect_listed(page, ["Karim Exemple"])


def change_seats(hand: Hand, path: str, limit: str) -> None:
    hand.page.goto(f"/backoffice{path}/quotas")
    hand.link("Modifier")
    hand.fill(limit=limit)
    hand.button("Enregistrer")


def test_list_is_taken_away_as_a_file(office: Hand, evening: str, tmp_path: Path) -> None:
    office.page.goto(f"{evening}/registrations")

    with office.page.expect_download() as awaited:
        office.link("Télécharger en CSV")
    awaited.value.save_as(tmp_path / "list.csv")

    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert awaited.value.suggested_filename.endswith(".csv")
    assert [(row["Prénom"], row["Nom"], row["État"]) for row in rows] == [
        ("Karim", "Exemple", "confirmée"),
        ("Hélène", "Saint-Exupéry", "confirmée"),
        ("Lucie", "Fictif", "en attente"),
    ]


class Keys:
    """Two hands on a keyboard and no mouse: whatever holds the focus must be seen to hold it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, what: Locator, most: int = 60) -> None:
        """Tab until it is reached."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if what.evaluate("element => document.activeElement === element"):
                shown = what.evaluate(VISIBLE_FOCUS)
                assert shown, f"the focus is not seen on {what}"
                return
        raise AssertionError(f"{most} tabs do not reach {what}")

    def type(self, name: str, text: str) -> None:
        self.to(self.page.locator(f"#main [name={name}]"))
        self.page.keyboard.type(text)

    def enter(self, what: Locator) -> None:
        """Reach a link or button and press Enter; the next page has come."""
        self.to(what)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def skip(self) -> None:
        """The first Tab of a page shows the way past the menu; Enter takes it."""
        link = self.page.locator("a.skip")
        self.to(link, most=1)
        expect(link).to_be_in_viewport()
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#main")).to_be_focused()


def test_whole_event_is_made_by_keyboard_alone(office: Hand) -> None:
    page, keys = office.page, Keys(office.page)
    main = page.locator("#main")
    page.goto("/backoffice")

    keys.skip()
    keys.enter(main.get_by_role("link", name="Nouvel événement"))
    keys.skip()
    keys.type("title_fr", "Nuit des claviers")
    # A month and a day that read alike, hours before noon: right in whatever order and clock this browser writes them.
    year, month = (clock.running() + timedelta(days=400)).year, "0909"
    for name, hour in (("doors", "0900"), ("starts", "0930"), ("ends", "1100")):
        keys.to(main.locator(f"[name={name}]"))
        page.keyboard.type(f"{month}{year}")
        page.keyboard.press("ArrowRight")
        page.keyboard.type(f"{hour}A")
    keys.type("capacity", "40")
    keys.enter(main.get_by_role("button", name="Créer le brouillon"))
    expect(page.get_by_role("heading", name="Tout y est")).to_be_visible()
    keys.skip()
    keys.enter(main.get_by_role("button", name="Publier"))

    expect(main).to_contain_text("la page est ouverte à tous")


def test_mistake_is_named_where_the_keyboard_already_is(office: Hand) -> None:
    page, keys = office.page, Keys(office.page)
    main = page.locator("#main")
    page.goto("/backoffice/events/new")

    keys.type("title_fr", "Sans heure")
    keys.enter(main.get_by_role("button", name="Créer le brouillon"))
    expect(main.locator("[role=alert]")).to_be_focused()
    keys.to(main.locator("[role=alert] a").first, most=1)
    page.keyboard.press("Enter")

    expect(main.locator("[name=doors]")).to_be_focused()
    assert main.locator("[name=title_fr]").input_value() == "Sans heure"
