"""Every page, in both languages and both themes: no fault of accessibility, no sideways scroll, nothing foreign, every header."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response

from tests.browser.conftest import Venue, Watch, offered, register
from tests.cast import KARIM, LUCIE, MARC, NORA

AXE = Axe()
HEADERS = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# Colours on their way from one theme to the other are no colours yet.
SETTLED = """async () => {
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
  document.getAnimations().forEach(animation => animation.finish());
  await new Promise(requestAnimationFrame);
}"""
FOREIGN = "default-src 'none'"
PUBLIC = (
    "/",
    "/events/{open}",
    "/events/grand-opening",
    "/events/{open}/registrations/new",
    "/events/{open}/registrations/sent",
    "/events/{open}/waiting-list",
    "/find-my-ticket",
    "/find-my-ticket/sent",
    "/transfer/done",
    "/legal",
    "/privacy",
    "/accessibility",
    "/events/nothing-of-that-name",
)
ACCOUNT = ("/sign-in", "/password", "/door/", "/api/docs")
OFFICE = (
    "",
    "/account",
    "/account/password",
    "/drafts/new",
    "/editions/new",
    "/events",
    "/events/new",
    "/events/{open}",
    "/events/{open}/door",
    "/events/{open}/edit",
    "/events/{open}/partners/",
    "/events/{open}/partners/new",
    "/events/{open}/programme/",
    "/events/{open}/programme/sessions/new",
    "/events/{open}/programme/speakers/new",
    "/events/{open}/publication",
    "/events/{open}/calling-off",
    "/events/{open}/postponement",
    "/events/{open}/line",
    "/events/{open}/ballot",
    "/events/{open}/approvals",
    "/events/{open}/invitations",
    "/events/{open}/invitations/new",
    "/events/{open}/quotas",
    "/events/{open}/quotas/new",
    "/events/{open}/registrations",
    "/events/{open}/registrations/new",
    "/events/{open}/ticket-types/new",
    "/events/grand-opening",
    "/events/grand-opening/registrations",
    "/journal",
    "/messages",
    "/organiser",
    "/series",
    "/series/new",
    "/spaces",
    "/spaces/new",
    "/team",
)
# Back-office pages that need a number or a name: where a link to the first of them stands, and what the link looks like.
FOUND = (
    ("/events/une-place/registrations", r"/registrations/[0-9a-z]{16}$"),
    ("/events/une-place/quotas", r"/quotas/\d+/edit$"),
    ("/events/une-place/quotas", r"/ticket-types/\d+/edit$"),
    ("/events/grand-opening/partners/", r"/partners/[0-9a-z]{16}$"),
    ("/events/grand-opening/programme/", r"/programme/sessions/[0-9a-z]{16}$"),
    ("/events/grand-opening/programme/", r"/programme/speakers/[0-9a-z]{16}$"),
    ("/series", r"/series/[^/]+/edit$"),
    ("/series", r"/editions/[^/]+/edit$"),
    ("/spaces", r"/spaces/\d+/edit$"),
)
OF_REGISTRATION = ("edit", "cancellation", "revocation", "transfer", "changes/new")
# What this walk leaves out, each with its reason and with where it is seen instead.
ELSEWHERE = {
    "/": "sends on to a language: tests/site",
    "/<any(fr, en):lang>/editions/<slug>.ics": "a file: tests/site",
    "/<any(fr, en):lang>/events/<slug>.ics": "a file: tests/site",
    "/<any(fr, en):lang>/series/<slug>.ics": "a file: tests/site",
    "/<any(fr, en):lang>/registrations/<token>/tickets.pdf": "a file: tests/registration",
    "/<any(fr, en):lang>/registrations/<token>.ics": "a file: tests/registration",
    "/<any(fr, en):lang>/tickets/<code>.pdf": "a file: tests/tickets",
    "/T/<code>": "sends on to the ticket: tests/registration",
    "/api/v1/door/device": "JSON for a phone: tests/api",
    "/api/v1/door/people": "JSON for a phone: tests/api",
    "/api/v1/events": "JSON for a program: tests/api",
    "/api/v1/events/<slug>": "JSON for a program: tests/api",
    "/api/v1/events/<slug>/availability": "JSON for a program: tests/api",
    "/api/v1/openapi.json": "JSON for a program: tests/api",
    "/api/v1/registrations/<public_id>": "JSON for a program: tests/api",
    "/backoffice/events/<slug>/enrolments/<public_id>": "asks for a session with enrolment: tests/registration",
    "/backoffice/events/<slug>/quotas/<int:quota_id>/deficit": "asks for a limit that was lowered: tests/registration",
    "/backoffice/events/<slug>/registrations/<public_id>/rejection": "asks for an application: tests/registration",
    "/backoffice/events/<slug>/registrations.csv": "a file: tests/browser/test_organiser.py",
    "/backoffice/events/<slug>/ticket-types": "sends on to the quotas: tests/registration",
    "/healthz": "JSON for a monitor: tests/site",
    "/readyz": "JSON for a monitor: tests/site",
    "/sitemap.xml": "a file for search engines: tests/site",
    "/media/<name>": "a picture: tests/site",
    "/invitations/<secret>": "behind a single-use secret: tests/people",
    "/password/<secret>": "behind a single-use secret: tests/people",
    "/setup/<secret>": "behind a single-use secret: tests/people",
}


@dataclass(frozen=True)
class Own:
    """Pages behind a link."""

    confirmed: str
    waiting: str
    offered: str
    ticket: str

    def paths(self) -> tuple[str, ...]:
        own = self.confirmed
        return (own, f"{own}/edit", f"{own}/cancellation", f"{own}/not-me", f"{own}/transfer", self.waiting, self.offered, self.ticket)


@pytest.fixture(scope="module")
def own(browser: Browser, venue: Venue) -> Own:
    path = venue.event("une-place", limit=1)
    for title in ("Atelier BIM", "Atelier RFID"):
        venue.slot("une-place", title)
    context = browser.new_context(base_url=venue.origin)
    page = context.new_page()
    confirmed = register(page, path, KARIM)
    page.locator("#sessions form button").first.click()  # a place in one, and the other at the same time
    ticket = page.locator("a[href*='/tickets/']:not([href$='.pdf'])").first.get_attribute("href") or ""
    waiting = register(page, path, LUCIE)
    asked = offered(page, venue.event("une-offre", limit=1), MARC, NORA)
    context.close()
    return Own(confirmed, waiting, asked, ticket.removeprefix(venue.origin))


@pytest.fixture(scope="module")
def found(browser: Browser, venue: Venue, own: Own, signed_in: dict[str, Any]) -> list[str]:
    """Paths of the back office that only its own links know, and the page of an invitation for phones."""
    context = browser.new_context(base_url=venue.origin, storage_state=signed_in, locale="fr-FR")
    page = context.new_page()
    paths = []
    for where, like in FOUND:
        page.goto(f"/backoffice{where}")
        links = [urlsplit(link).path for link in page.locator("#main a").evaluate_all("links => links.map(link => link.href)")]
        matching = [path for path in links if re.search(like, path)]
        assert matching, f"{where} has no link like {like}"
        paths.append(matching[0])
    page.goto("/backoffice/events/une-place/registrations?state=confirmed")
    seated = page.locator("#main .roll__name").first.get_attribute("href") or ""
    paths += [f"{seated}/{deed}" for deed in OF_REGISTRATION]
    page.goto("/backoffice/events/une-place/door")
    page.get_by_role("button", name="Afficher le code").click()
    page.wait_for_url("**/enrolments/*")
    paths.append(urlsplit(page.url).path)
    context.close()
    return paths


def gathered(found: list[str]) -> tuple[str, ...]:
    """Public pages of the series and of the edition that the back office links to."""
    return tuple(
        path.removeprefix("/backoffice").removesuffix("/edit") for path in found if re.search(r"/(series|editions)/[^/]+/edit$", path)
    )


def faults(page: Page, path: str) -> list[str]:
    """What is wrong with this page as it stands."""
    page.goto(path, wait_until="load")
    page.locator("h1").first.wait_for(state="attached")
    if path.startswith("/door"):  # its words come with its script
        page.locator("h1:visible").first.wait_for()
    found = [f"{path}: h1 × {count}" for count in [page.locator("h1:visible").count()] if count != 1]
    if page.locator("html").get_attribute("lang") not in {"fr", "en"}:
        found.append(f"{path}: no lang")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.evaluate(SETTLED)
        violations = AXE.run(page).response["violations"]
        found.extend(f"{path} ({theme}): {fault['id']} at {[node['target'] for node in fault['nodes']][:3]}" for fault in violations)
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > 320:
        found.append(f"{path}: {wide} px wide on a phone of 320")
    page.set_viewport_size({"width": 390, "height": 844})
    return found


def headers(response: Response) -> list[str]:
    """Headers of trust.md that this response lacks."""
    given = response.headers
    wrong = [name for name, value in HEADERS.items() if given.get(name) != value]
    policy = given.get("content-security-policy", "")
    if FOREIGN not in policy or "unsafe-inline" in policy or "'unsafe-eval'" in policy:
        wrong.append("content-security-policy")
    wrong += [name for name in ("referrer-policy", "permissions-policy", "cache-control") if name not in given]
    return [f"{response.status} {urlsplit(response.url).path}: {name}" for name in wrong]


def crawl(browser: Browser, watch: Watch, paths: list[str], **options: Any) -> list[str]:
    context = browser.new_context(base_url=watch.origin, viewport={"width": 390, "height": 844}, bypass_csp=False, **options)
    watch.follow(context)
    context.on("response", lambda response: watch.wrong.extend(headers(response)) if response.request.resource_type == "document" else None)
    page = context.new_page()
    found = [fault for path in paths for fault in faults(page, path)]
    context.close()
    # Chromium itself reports an answer of 404, which this walk asks for on purpose.
    return found + sorted({wrong for wrong in watch.wrong if "status of 404" not in wrong})


@pytest.mark.trust("A2")
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_public_pages_have_no_fault(browser: Browser, venue: Venue, watch: Watch, found: list[str], lang: str) -> None:
    paths = [f"/{lang}{path.format(open=venue.demo['open_event'])}" for path in (*PUBLIC, *gathered(found))]

    wrong = crawl(browser, watch, [*paths, *ACCOUNT], locale=lang)

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_pages_of_a_person_have_no_fault(browser: Browser, venue: Venue, watch: Watch, own: Own, lang: str) -> None:
    paths = [f"/{lang}{path[3:]}" for path in own.paths()]

    found = crawl(browser, watch, paths)

    assert not found, "\n".join(found)


def test_pages_of_the_back_office_have_no_fault(
    browser: Browser, venue: Venue, watch: Watch, signed_in: dict[str, Any], found: list[str]
) -> None:
    paths = ["/backoffice" + path.format(open=venue.demo["open_event"]) for path in OFFICE]

    wrong = crawl(browser, watch, [*paths, *found], storage_state=signed_in)

    assert not wrong, "\n".join(wrong)


def test_every_page_is_walked_or_named_with_its_reason(venue: Venue, own: Own, found: list[str]) -> None:
    rules = [row["path"] for row in json.loads(venue.stage.command("routes", "--json")) if "GET" in row["methods"]]
    public = [f"/fr{path}" for path in (*PUBLIC, *gathered(found))]
    office = ["/backoffice" + path for path in OFFICE]

    walked = {rule_of(path.format(open="x"), rules) for path in (*public, *ACCOUNT, *office, *own.paths(), *found)}

    assert sorted({*rules} - walked - {*ELSEWHERE}) == []
    assert sorted({*ELSEWHERE} - {*rules} | {*ELSEWHERE} & walked) == []


def rule_of(path: str, rules: list[str]) -> str:
    """The route that answers a path: of those that fit, the one with the fewest blanks."""
    fitting = [rule for rule in rules if re.fullmatch(re.sub(r"<[^>]+>", "[^/]+", rule.replace(".", r"\.")), path)]
    assert fitting, f"no route answers {path}"
    return min(fitting, key=lambda rule: rule.count("<"))


def test_a_wide_page_would_be_found(browser: Browser, venue: Venue, watch: Watch) -> None:
    context = browser.new_context(base_url=venue.origin)
    page = context.new_page()
    page.route(
        "**/fr/legal",
        lambda route: route.fulfill(body="<title>x</title><h1>x</h1><h1>y</h1><img src=x width=900>", content_type="text/html"),
    )

    found = faults(page, "/fr/legal")

    assert {fault.split(": ", 1)[1].split(" at ")[0] for fault in found} >= {"h1 × 2", "no lang", "image-alt"}
    context.close()


@pytest.mark.trust("Q-25")
def test_every_response_carries_its_headers(browser: Browser, venue: Venue) -> None:
    context = browser.new_context(base_url=venue.origin)
    seen: list[Response] = []
    context.on("response", lambda answer: seen.append(answer))
    page = context.new_page()

    for path in ("/", "/fr/", "/fr/nothing", "/sign-in", "/door/", "/healthz"):
        page.goto(path)

    # The server's own name cannot be switched off; its version must not be told.
    named = [
        f"{answer.status} {urlsplit(answer.url).path}: server"
        for answer in seen
        if "x-powered-by" in answer.headers or answer.headers.get("server", "granian") != "granian"
    ]
    redirected = [answer for answer in seen if answer.status not in {302, 303, 307}]
    found = sorted({*named, *(wrong for answer in redirected for wrong in headers(answer))})
    context.close()
    assert not found, "\n".join(found)
