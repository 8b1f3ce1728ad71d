"""Files of a ticket, read back: codes by an independent decoder, calendars by a parser, PDF by a renderer."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from PIL import Image, ImageDraw

from eventapp.tickets import exports, rules

TOKEN = bytes(range(16))
QR = rules.qr_text("https://forum.example", rules.text(TOKEN))
FACE = exports.TicketFace(
    language="fr",
    qr=QR,
    human=rules.display_human(rules.human(TOKEN)),
    event="Grand Opening",
    name="Karim Démonstration",
    when="vendredi 24 septembre 2027, 18\u00a0h\u00a030",
    series="French Tech Weeks, 2e édition",
    organisation="Lycée de l’Exemple",
    type="Entrée générale",
    doors="18\u00a0h\u00a000",
    place="Hôtel Renaissance, parvis",
    address="Aix-en-Provence",
    note="Place garantie jusqu’à 18\u00a0h\u00a045",
)
DATE = exports.CalendarFace(
    uid="abcd@forum.example",
    sequence=3,
    title="Grand Opening",
    starts_at=datetime(2027, 9, 24, 16, 30, tzinfo=UTC),
    ends_at=datetime(2027, 9, 24, 20, 0, tzinfo=UTC),
    stamp_at=datetime(2027, 9, 1, 8, 0, tzinfo=UTC),
    zone="Europe/Paris",
    place="Hôtel Renaissance; parvis",
    description="Portes 18 h\nPièce d’identité, merci",
    url="https://forum.example/fr/events/grand-opening",
)
TYPED = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


def decoded(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image.convert("L"))]


def drawn(svg: str, scale: int = 6) -> Image.Image:
    """The SVG of a code, drawn by its own numbers: squares of one unit, given as `M x y h length v1 h-length z`."""
    side = int(svg.partition('viewBox="0 0 ')[2].partition(" ")[0])
    image = Image.new("L", (side * scale, side * scale), 255)
    pen = ImageDraw.Draw(image)
    for run in svg.partition('fill="#000" d="')[2].partition('"')[0].removesuffix("z").split("z"):
        place, _, rest = run.removeprefix("M").partition("h")
        x, y = map(int, place.split())
        length = int(rest.partition("v")[0])
        pen.rectangle((x * scale, y * scale, (x + length) * scale - 1, (y + 1) * scale - 1), fill=0)
    return image


def rendered(pdf: bytes) -> tuple[Image.Image, str, int]:
    document = pypdfium2.PdfDocument(pdf)
    image = document[0].render(scale=2).to_pil()
    return image, " ".join(document[0].get_textpage().get_text_range().split()), len(document)


@pytest.mark.parametrize("correction", exports.Correction)
def test_the_svg_reads_back(correction: exports.Correction) -> None:
    assert decoded(drawn(exports.qr_svg(QR, correction))) == [QR]


@pytest.mark.parametrize("scale", [2, 5, 8])
def test_the_png_reads_back(scale: int) -> None:
    image = Image.open(io.BytesIO(exports.qr_png(QR, scale)))

    assert image.size == (37 * scale, 37 * scale)
    assert decoded(image) == [QR]


@given(st.binary(min_size=16, max_size=16))
@settings(max_examples=25, deadline=None)
def test_every_token_makes_a_code_that_reads_back(token: bytes) -> None:
    text = rules.qr_text("https://forum.example", rules.text(token))

    assert decoded(drawn(exports.qr_svg(text))) == [text]


def test_the_size_of_a_code_is_the_one_promised() -> None:
    longest = rules.qr_text("https://" + "x" * 14 + ".example", rules.text(TOKEN))
    beyond = rules.qr_text("https://" + "x" * 15 + ".example", rules.text(TOKEN))

    assert len(exports.qr_matrix(longest)) == 29
    assert len(exports.qr_matrix(beyond)) == 33
    assert len(exports.qr_matrix(longest, exports.Correction.PRINT)) == 33


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pdf_is_one_accessible_page_whose_code_reads_back(language: str) -> None:
    pdf = exports.ticket_pdf(replace(FACE, language=language))
    image, text, pages = rendered(pdf)

    assert pages == 1
    assert decoded(image) == [QR]
    assert b"pdfuaid" in pdf
    assert f"/Lang({language})".encode() in pdf.replace(b" ", b"")
    for line in (FACE.event, FACE.name, FACE.human, FACE.organisation, FACE.place, FACE.type):
        assert line in text


def test_the_pdf_is_the_same_whenever_it_is_made() -> None:
    assert exports.ticket_pdf(FACE) == exports.ticket_pdf(FACE)


@pytest.mark.trust("OUT-4")
@pytest.mark.parametrize(
    "typed",
    [
        '#read("/etc/passwd")',
        "$x^2$ *b* _i_ `c` = h",
        "\\u{41} <label> @ref",
        "]#panic()[",
        "https://elsewhere.example/x",
    ],
)
def test_what_was_typed_is_text_and_never_markup(typed: str) -> None:
    _, text, _ = rendered(exports.ticket_pdf(replace(FACE, place=typed)))

    assert typed.replace(" ", "") in text.replace(" ", "").replace("\u200b", "")


@given(TYPED, TYPED)
@settings(max_examples=25, deadline=None)
def test_any_name_and_title_make_one_page_that_reads_back(name: str, event: str) -> None:
    image, _, pages = rendered(exports.ticket_pdf(replace(FACE, name=name, event=event)))

    assert pages == 1
    assert decoded(image) == [QR]


def test_long_words_stay_on_the_page() -> None:
    image, _, pages = rendered(exports.ticket_pdf(replace(FACE, event="x" * 120, name="y" * 80)))
    right_edge = image.convert("L").crop((image.width - 20, int(image.height * 0.4), image.width, image.height))

    assert pages == 1
    assert right_edge.getextrema() == (255, 255)


def test_a_calendar_reads_back() -> None:
    made = Calendar.from_ical(exports.calendar(DATE))
    (event,) = made.walk("VEVENT")

    assert str(made["METHOD"]) == "PUBLISH"
    assert [str(zone["TZID"]) for zone in made.walk("VTIMEZONE")] == ["Europe/Paris"]
    assert (str(event["UID"]), event["SEQUENCE"], str(event["STATUS"])) == (DATE.uid, 3, "CONFIRMED")
    assert event.decoded("DTSTART") == DATE.starts_at
    assert event.decoded("DTEND") == DATE.ends_at
    assert event.decoded("DTSTART").tzinfo.key == "Europe/Paris"
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (DATE.title, DATE.place)
    assert (str(event["DESCRIPTION"]), str(event["URL"])) == (DATE.description, DATE.url)


def test_a_cancelled_date_strikes_itself_out() -> None:
    made = Calendar.from_ical(exports.calendar(replace(DATE, cancelled=True, sequence=4)))
    (event,) = made.walk("VEVENT")

    assert (str(made["METHOD"]), str(event["STATUS"]), event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 4)


@pytest.mark.trust("OUT-4")
@given(TYPED, TYPED, TYPED)
@settings(max_examples=50, deadline=None)
def test_no_text_escapes_its_line_of_a_calendar(title: str, place: str, description: str) -> None:
    bytes_of_it = exports.calendar(replace(DATE, title=title, place=place, description=description))
    (event,) = Calendar.from_ical(bytes_of_it).walk("VEVENT")

    assert all(len(line) <= 75 for line in bytes_of_it.split(b"\r\n"))
    assert (str(event["SUMMARY"]), str(event["LOCATION"]), str(event["DESCRIPTION"])) == (title, place, description)
