"""The desk at the door: a phone enrolled by link, people found by name, codes typed and scanned by a keyboard scanner, every answer, a phone revoked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from eventapp.tickets import rules as tickets
from tests.browser.conftest import LAPTOP, PHONE, Venue, register
from tests.cast import KARIM, LUCIE, MARC, NORA, PAUL, Character

HELENE = Character("Hélène", "Saint-Exupéry")
NOBODY = tickets.display_human(tickets.human(bytes(16)))
# A keyboard scanner writes a key every few milliseconds and ends with Enter.
SCANNER = """text => {
  for (const key of [...text, 'Enter']) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}"""


@dataclass
class Ticket:
    """What is on a ticket: the code of its QR, and the eight characters below."""

    code: str
    human: str


@dataclass
class Evening:
    """An event of four seats at its doors: Marc has cancelled, so that Nora, who waited, has his seat; Paul waits."""

    office: Page
    path: str
    tickets: dict[Character, Ticket]
    elsewhere: Ticket
    browser: Browser
    venue: Venue

    def phone(self, label: str, *, role: str = "desk", lang: str = "fr-FR", zone: str = "Europe/Paris") -> Desk:
        """A volunteer's phone without a camera: invited in the back office, enrolled by the link."""
        self.office.goto(f"/backoffice{self.path}/door")
        self.office.locator(f"[name=role][value={role}]").check()
        self.office.get_by_role("button", name="Afficher le code").click()
        link = self.office.locator("#main a[href*='/door/#e=']").get_attribute("href") or ""
        page = self.browser.new_context(viewport=PHONE, locale=lang, timezone_id=zone).new_page()  # type: ignore[arg-type]
        page.goto(link)
        page.locator("#door-label").fill(label)
        page.locator("form[data-step=label] button").click()
        page.locator("[data-does=skip]").click()
        expect(page.locator("#door-code")).to_be_visible()
        return Desk(page, link)


@dataclass
class Desk:
    """What a volunteer does with the phone."""

    page: Page
    link: str

    def types(self, code: str) -> None:
        self.page.locator("#door-code").fill(code)
        self.page.locator(".door__typed button").click()

    def scans(self, text: str) -> None:
        self.page.evaluate(SCANNER, text)

    def looks_for(self, text: str) -> None:
        self.page.locator("[data-does=search]").first.click()
        self.page.locator("#door-query").fill(text)

    def found(self) -> list[str]:
        expect(self.page.locator("[data-state]")).to_have_text(re.compile("trouvé|Personne|found|Nobody"))
        return self.page.locator(".drawer__person strong").all_inner_texts()

    def lets_in(self, name: str) -> None:
        self.page.locator(".drawer__person", has_text=name).click()
        self.page.locator("[name=seen][value=id]").check()
        self.page.locator("form[data-step=check] button[type=submit]").click()

    def says(self, verdict: str, word: str, *lines: str) -> None:
        """This answer fills the screen; then the screen is freed for the next."""
        screen = self.page.locator("door-verdict")
        expect(screen).to_have_attribute("data-verdict", verdict)
        expect(screen.locator("[data-word]")).to_contain_text(word)
        for line in lines:
            expect(screen).to_contain_text(line)
        if verdict != "OK":
            screen.locator("button").last.click()
        expect(screen).to_be_hidden()
        self.page.keyboard.press("Escape")  # the search, which some answers propose last

    def inside(self) -> int:
        return int(re.findall(r"\d+", self.page.locator("[data-inside]").inner_text())[0])


def ticket(page: Page, own: str) -> Ticket:
    """What is on the ticket of this registration."""
    page.goto(own)
    href = page.locator("main a[href*='/tickets/']:not([href$='.pdf'])").first.get_attribute("href") or ""
    page.goto(href)
    human = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", page.locator("main").inner_text())
    assert human
    return Ticket(href.rpartition("/")[2], human[0])


@pytest.fixture(scope="module")
def evening(browser: Browser, venue: Venue, signed_in: dict[str, Any]) -> Iterator[Evening]:
    path, other = venue.event("soiree-des-portes", limit=4), venue.event("soiree-d-a-cote", limit=4)
    guest = browser.new_context(base_url=venue.origin).new_page()
    own = {who: register(guest, path, who) for who in (KARIM, HELENE, LUCIE, MARC, NORA, PAUL)}
    shown = {who: ticket(guest, own[who]) for who in (KARIM, HELENE, LUCIE, MARC)}
    guest.goto(f"{own[MARC]}/cancellation")
    guest.locator("main form button").last.click()
    shown[NORA] = ticket(guest, own[NORA])
    elsewhere = ticket(guest, register(guest, other, KARIM))
    office = browser.new_context(base_url=venue.origin, viewport=LAPTOP, locale="fr-FR", storage_state=signed_in).new_page()  # type: ignore[arg-type]
    yield Evening(office, path, shown, elsewhere, browser, venue)
    guest.context.close()
    office.context.close()


def test_every_answer_is_said_and_counted(evening: Evening) -> None:
    desk, venue = evening.phone("Bureau – Nora"), evening.venue
    before = desk.inside()

    desk.looks_for("saint exupery helene")
    assert desk.found() == ["Hélène Saint-Exupéry"]
    desk.lets_in("Hélène")
    desk.says("OK", "Bienvenue", "Hélène Saint-Exupéry")
    desk.types(evening.tickets[KARIM].human.lower())
    desk.says("OK", "Bienvenue", "Karim Exemple")
    desk.scans(f"{venue.origin}/T/{evening.tickets[LUCIE].code}".upper())
    desk.says("OK", "Bienvenue", "Lucie Fictif")
    expect(desk.page.locator("[data-inside]")).to_contain_text(str(before + 3))

    desk.types(evening.tickets[KARIM].human)
    desk.says("ALREADY", "Déjà entré", "Karim Exemple")
    desk.types(evening.tickets[MARC].human)
    desk.says("CANCELLED", "Annulé le", "Ce billet n’est plus valable")
    desk.scans(evening.elsewhere.code)
    desk.says("OTHER_EVENT", "Autre événement")
    desk.types(NOBODY)
    desk.says("UNKNOWN", "Code inconnu", "Ce n’est pas un billet d’ici")
    desk.scans("https://example.org/menu")
    desk.says("UNKNOWN", "Code inconnu", "Ce n’est pas un billet d’ici")
    desk.looks_for("paul")
    assert desk.found() == ["Paul Inconnu"]
    desk.lets_in("Paul")
    desk.says("WAITLISTED", "Liste d’attente, 1re", "Pas de place confirmée")

    assert desk.inside() == before + 3
    evening.office.goto(f"/backoffice{evening.path}/door")
    rows = evening.office.locator("section[aria-labelledby=door-scans] tbody tr .pill").all_inner_texts()
    assert len(rows) == 9
    desk.page.context.close()


def test_second_time_is_told_with_hour_and_gate_on_another_phone(evening: Evening) -> None:
    first, second = evening.phone("Porte A"), evening.phone("Porte B", lang="en-GB")
    code = evening.tickets[NORA].human

    first.types(code)
    first.says("OK", "Bienvenue", "Nora Modèle")
    second.types(code)
    screen = second.page.locator("door-verdict")

    expect(screen).to_have_attribute("data-verdict", "ALREADY")
    expect(screen.locator("[data-line]")).to_have_text(re.compile(r"^At \d\d:\d\d, Nord"))
    second.page.locator("#door-tongue").click()
    expect(screen.locator("[data-word]")).to_have_text("Déjà entré")
    expect(screen.locator("[data-line]")).to_have_text(re.compile(r"^À \d{1,2}\sh\s\d\d, Nord"))
    expect(second.page.locator("html")).to_have_attribute("lang", "fr")
    first.page.context.close()
    second.page.context.close()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("helene", ["Hélène Saint-Exupéry"]),
        ("SAINT-EXUPÉRY", ["Hélène Saint-Exupéry"]),
        ("exupery hel", ["Hélène Saint-Exupéry"]),
        ("zzz", []),
    ],
)
def test_person_is_found_without_accents_hyphens_or_order(evening: Evening, desk: Desk, typed: str, found: list[str]) -> None:
    desk.looks_for(typed)

    assert desk.found() == found
    desk.page.locator("[data-does=close]").click()


@pytest.fixture(scope="module")
def desk(evening: Evening) -> Iterator[Desk]:
    it = evening.phone("Bureau")
    yield it
    it.page.context.close()


def test_what_is_no_code_is_said_below_the_field_and_kept(evening: Evening, desk: Desk) -> None:
    desk.types("bonsoir")

    expect(desk.page.locator("#door-code-trouble")).to_contain_text("8 caractères")
    expect(desk.page.locator("#door-code")).to_have_value("bonsoir")
    expect(desk.page.locator("#door-code")).to_have_attribute("aria-invalid", "true")
    expect(desk.page.locator("door-verdict")).to_be_hidden()
    desk.page.locator("#door-code").press("x")
    expect(desk.page.locator("#door-code-trouble")).to_be_hidden()
    assert desk.page.locator("#door-code[aria-invalid]").count() == 0


def test_hour_of_arrival_is_that_of_the_event_on_a_phone_set_elsewhere(evening: Evening) -> None:
    desk = evening.phone("Bureau, heure de Montréal", zone="America/Toronto")
    desk.types(evening.tickets[KARIM].human)
    expect(desk.page.locator("door-verdict")).to_be_visible()
    desk.page.locator("door-verdict button").first.click()
    desk.types(evening.tickets[KARIM].human)
    expect(desk.page.locator("door-verdict")).to_have_attribute("data-verdict", "ALREADY")
    [hour] = re.findall(r"\d{1,2}\sh\s\d\d", desk.page.locator("[data-line]").inner_text())
    desk.page.locator("door-verdict button").first.click()

    desk.looks_for("karim")

    expect(desk.page.locator(".drawer__person").first).to_contain_text(f"entré à {hour}")
    desk.page.context.close()


def test_used_link_opened_again_by_a_linked_phone_leaves_it_linked(evening: Evening) -> None:
    desk = evening.phone("Porte A")

    again = desk.page.context.new_page()
    again.goto(desk.link)
    again.locator("[data-does=skip]").click()

    expect(again.locator("#door-code-trouble")).to_contain_text("Ce téléphone reste relié")
    Desk(again, desk.link).types(evening.tickets[KARIM].human)
    expect(again.locator("door-verdict")).to_have_attribute("data-verdict", re.compile("OK|ALREADY"))
    desk.page.context.close()


def test_phone_that_learns_from_a_search_that_it_was_revoked_says_so(evening: Evening) -> None:
    desk = evening.phone("Bureau perdu")
    desk.page.route("**/api/v1/door/device", lambda route: route.abort())
    evening.office.goto(f"/backoffice{evening.path}/door")
    evening.office.get_by_role("button", name=re.compile("^Révoquer.Bureau perdu")).click()

    desk.looks_for("karim")

    expect(desk.page.locator("[data-word]")).to_have_text("Téléphone arrêté")
    expect(desk.page.locator("#door-query")).to_be_hidden()
    desk.page.context.close()


def test_question_on_its_way_is_shown_and_large_text_keeps_the_gate_in_sight(evening: Evening) -> None:
    desk = evening.phone("Bureau lent")
    desk.page.evaluate("document.documentElement.style.fontSize = '200%'")
    place = desk.page.locator("#door-place").bounding_box()
    assert place is not None
    assert place["width"] > 100
    expect(desk.page.locator(".viewfinder__asking")).to_be_hidden()
    desk.page.route("**/api/v1/door/scans", lambda route: None)

    desk.types(evening.tickets[KARIM].human)

    expect(desk.page.locator(".viewfinder__asking")).to_be_visible(timeout=2_000)
    expect(desk.page.locator("[data-word]")).to_have_text("Pas de réponse")
    expect(desk.page.locator("[data-line]")).to_contain_text("personne n’est compté deux fois")
    desk.page.unroute_all(behavior="ignoreErrors")
    desk.page.context.close()


def test_camera_that_was_left_out_can_still_be_opened(evening: Evening) -> None:
    desk = evening.phone("Porte sans caméra")
    expect(desk.page.locator(".viewfinder__blind")).to_be_visible()

    desk.page.locator(".viewfinder [data-does=camera]").click()

    expect(desk.page.get_by_role("heading", name="Autoriser la caméra")).to_be_visible()
    expect(desk.page.locator("form[data-step=camera] [data-trouble]")).not_to_be_empty()
    desk.page.context.close()


def test_phone_of_a_gate_is_offered_no_search(evening: Evening) -> None:
    gate = evening.phone("Porte", role="scan")

    expect(gate.page.locator("[data-does=search]").first).to_be_hidden()
    gate.page.context.close()


def test_revoked_phone_is_refused_at_its_next_request_and_says_why(evening: Evening) -> None:
    lost, kept = evening.phone("Téléphone perdu"), evening.phone("Téléphone gardé")

    evening.office.goto(f"/backoffice{evening.path}/door")
    evening.office.get_by_role("button", name=re.compile("^Révoquer.Téléphone perdu")).click()
    expect(evening.office.locator("tr", has_text="Téléphone perdu").locator("button")).to_have_count(0)
    # Without a scan: within a heartbeat.
    screen = lost.page.locator("door-verdict")
    expect(screen.locator("[data-word]")).to_have_text("Téléphone arrêté", timeout=10_000)
    expect(screen.locator("[data-line]")).to_have_text("Accès retiré par l’organisation")
    kept.types(evening.tickets[KARIM].human)
    expect(kept.page.locator("door-verdict")).not_to_have_attribute("data-verdict", "DEVICE_OFF")

    screen.get_by_role("button", name="Relier ce téléphone").click()
    expect(lost.page.get_by_role("heading", name="Relier ce téléphone")).to_be_visible()
    lost.page.reload()
    expect(lost.page.get_by_role("heading", name="Relier ce téléphone")).to_be_visible()
    lost.page.context.close()
    kept.page.context.close()


@pytest.mark.parametrize(("lang", "sentence"), [("fr-FR", "ne vaut plus rien"), ("en-GB", "no longer good")])
def test_link_used_up_is_said_in_the_language_of_the_phone(evening: Evening, lang: str, sentence: str) -> None:
    page = evening.browser.new_context(viewport=PHONE, locale=lang).new_page()  # type: ignore[arg-type]

    page.goto(f"{evening.venue.origin}/door/#e={'x' * 43}")

    expect(page.locator("form[data-step=secret] [data-trouble]")).to_contain_text(sentence)
    assert "#e=" not in page.url
    page.context.close()
