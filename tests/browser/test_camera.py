"""The door through a real browser and its camera, which films our own QR codes, against the real server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Playwright, expect

from eventapp.door import actions as door
from eventapp.door import queries as doors
from eventapp.door.rules import Role
from eventapp.lib import clock, links
from eventapp.lib.db import Database
from eventapp.lib.signing import Keys
from eventapp.people.rules import OPERATOR
from eventapp.registration import queries
from eventapp.tickets import exports
from eventapp.tickets import rules as tickets
from tests import factories
from tests.browser.conftest import ARGUMENTS, PHONE
from tests.cast import KARIM, LUCIE, MARC, NORA, PAUL
from tools.setup import chromium
from tools.stage import Stage, postgres, stage

SHOWN_FRAMES, BLANK_FRAMES = 75, 10
HEX = {"TICKET_KEY": (b"t" * 64).hex(), "LINK_KEY": (b"l" * 64).hex()}


def film(file: Path, texts: list[str]) -> None:
    """JPEG frames one after another: each code for two and a half seconds on a grey wall."""
    wall = Image.new("RGB", (640, 480), (196, 190, 180))
    blank = BytesIO()
    wall.save(blank, "JPEG", quality=80)
    with file.open("wb") as out:
        out.write(blank.getvalue() * BLANK_FRAMES)
        for text in texts:
            frame = wall.copy()
            code = Image.open(BytesIO(exports.qr_png(text, 9))).convert("RGB")
            frame.paste(code, ((640 - code.width) // 2, (480 - code.height) // 2))
            shown = BytesIO()
            frame.save(shown, "JPEG", quality=80)
            out.write(shown.getvalue() * SHOWN_FRAMES + blank.getvalue() * BLANK_FRAMES)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def evening(request: pytest.FixtureRequest) -> Iterator[tuple[Stage, factories.House]]:
    with ExitStack() as stack:
        url = stack.enter_context(postgres()) if request.param == "postgresql" else ""
        it = stack.enter_context(stage(url, **HEX))
        database = Database(url.replace("postgresql://", "postgresql+psycopg://") or f"sqlite:///{it.folder / 'eventapp.db'}")
        house = factories.House(database, limit=10, keys=Keys(b"t" * 64, b"l" * 64))
        for character in (KARIM, LUCIE, MARC, NORA, PAUL):
            house.register(character)
        it.start_web(workers=1)
        yield it, house
        database.close()


def codes_of(house: factories.House) -> list[str]:
    with house.database.reading() as session:
        rows = queries.all_registrations(session, house.event.id)
        pairs = queries.attendees_of(session, [row.id for row in rows])
    return [tickets.text(tickets.token(house.keys.ticket, t.identity, t.serial)) for row in rows for _, t in pairs[row.id]]


def invitation(it: Stage, house: factories.House, role: Role) -> str:
    with house.database.writing() as session:
        _row, secret = door.create_enrolment(
            session, event_id=house.event.id, gate="Nord", role=role, uses=1, actor=OPERATOR, now=clock.running()
        )
    return f"http://{it.host}/door/#e={secret}"


def enrolled(playwright: Playwright, link: str, footage: Path) -> Page:
    """A volunteer's phone: the link, a name, the camera."""
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={footage}",
    ]
    browser = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, *camera])
    page = browser.new_context(viewport=PHONE, locale="fr-FR").new_page()
    page.goto(link)
    page.locator("#door-label").fill("Porte A – Nora")
    page.locator("form[data-step=label] button").click()
    assert "#e=" not in page.url
    # The fake camera is allowed at once, so the screen that asks for it does not stay.
    expect(page.locator("#door-code")).to_be_visible(timeout=10_000)
    return page


def inside(house: factories.House) -> int:
    with house.database.reading() as session:
        return doors.passage_count(session, house.event.id)


def test_five_tickets_are_read_by_the_camera(playwright: Playwright, evening: tuple[Stage, factories.House], tmp_path: Path) -> None:
    it, house = evening
    footage = tmp_path / "queue.mjpeg"
    film(footage, [links.ticket_link(f"http://{it.host}", text) for text in codes_of(house)])

    page = enrolled(playwright, invitation(it, house, Role.SCAN), footage)

    expect(page.get_by_text("Bienvenue").first).to_be_visible(timeout=15_000)
    for _ in range(120):
        if inside(house) == 5:
            break
        page.wait_for_timeout(500)
    assert inside(house) == 5
    assert page.context.browser is not None
    page.context.browser.close()


def test_a_code_is_typed_and_the_second_time_is_said_with_gate_and_hour(
    playwright: Playwright, evening: tuple[Stage, factories.House], tmp_path: Path
) -> None:
    it, house = evening
    zoe = house.register(type(KARIM)("Zoé", "Esquisse")).registration
    with house.database.reading() as session:
        [(_attendee, ticket)] = queries.attendees_of(session, [zoe.id])[zoe.id]
    human = tickets.display_human(tickets.human(tickets.token(house.keys.ticket, ticket.identity, ticket.serial)))
    footage = tmp_path / "wall.mjpeg"
    film(footage, [])
    page = enrolled(playwright, invitation(it, house, Role.DESK), footage)
    before = inside(house)

    page.locator("#door-code").fill(human.lower())
    page.locator(".door__typed button").click()
    expect(page.get_by_text("Bienvenue").first).to_be_visible(timeout=10_000)
    page.locator("#door-code").fill(human)
    page.locator(".door__typed button").click()

    expect(page.get_by_text("Déjà entré").first).to_be_visible(timeout=10_000)
    expect(page.get_by_text("Nord").first).to_be_visible()
    assert inside(house) == before + 1
    assert page.context.browser is not None
    page.context.browser.close()


def test_a_revoked_phone_knows_it_within_five_seconds(
    playwright: Playwright, evening: tuple[Stage, factories.House], tmp_path: Path
) -> None:
    it, house = evening
    footage = tmp_path / "wall.mjpeg"
    film(footage, [])
    page = enrolled(playwright, invitation(it, house, Role.SCAN), footage)
    with house.database.reading() as session:
        phone = next(row for row in doors.devices(session, house.event.id) if row.state == "active")

    with house.database.writing() as session:
        door.revoke_device(session, event_id=house.event.id, public_id=phone.public_id, actor=OPERATOR, now=clock.running())

    expect(page.get_by_text("Téléphone arrêté").first).to_be_visible(timeout=5_000)
    assert page.evaluate("Object.keys(localStorage).filter((key) => localStorage.getItem(key).includes('credential'))") == []
    assert page.context.browser is not None
    page.context.browser.close()
