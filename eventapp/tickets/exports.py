"""Tickets and dates as files: QR (SVG, PNG), PDF, calendar. Drawn from plain values; no tables, no clock, no network.

What people typed goes in as data and is never markup. Source: trust.md OUT-4.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst
from icalendar import Calendar, Event, vUri
from qrcode import constants
from qrcode.main import QRCode

TEMPLATE = Path(__file__).resolve().parents[2] / "templates" / "tickets" / "ticket.typ"
SHEET = TEMPLATE.with_name("sheet.typ")
QUIET_MODULES = 4
"""White modules around the code. Source: ISO/IEC 18004, 6.3.8."""

MASK = 3
"""Trying the eight masks is four fifths of the making, and any of them reads."""


class Correction(IntEnum):
    """How much of a code may be lost: SCREEN 15 % (level M), PRINT 25 % (level Q)."""

    SCREEN = constants.ERROR_CORRECT_M
    PRINT = constants.ERROR_CORRECT_Q


@dataclass(frozen=True)
class TicketFace:
    """What a ticket on paper says, in words of its `language` ("fr" or "en"); "" leaves a line out.

    `qr` is the text in the code (tickets.rules.qr_text), `human` as shown (tickets.rules.display_human).
    """

    language: str
    qr: str
    human: str
    event: str
    name: str
    when: str
    series: str = ""
    organisation: str = ""
    type: str = ""
    doors: str = ""
    place: str = ""
    address: str = ""
    note: str = ""


@dataclass(frozen=True)
class CalendarFace:
    """A date for a calendar. `uid` stays the same for ever, `sequence` grows with every change.

    Instants are aware; `zone` is the IANA name in which they are shown.
    """

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    stamp_at: datetime
    zone: str
    place: str = ""
    description: str = ""
    url: str = ""
    cancelled: bool = False


_WORDS = {
    "fr": {
        "title": "Billet",
        "tickets": "Billets",
        "cut": "À découper\u00a0: un billet par personne, à montrer à l’entrée.",
        "alt": "Code QR du billet",
        "human": "Code à dire si le QR ne se lit pas",
        "type": "Billet",
        "doors": "Ouverture des portes",
        "place": "Lieu",
        "advice": "Présentez ce code à l’entrée, sur papier ou à l’écran. Il vaut pour une personne. "
        "Si vous ne pouvez pas venir, rendez votre place\u00a0: quelqu’un l’attend.",
    },
    "en": {
        "title": "Ticket",
        "tickets": "Tickets",
        "cut": "To be cut apart: one ticket for each person, to be shown at the entrance.",
        "alt": "QR code of the ticket",
        "human": "Code to say if the QR cannot be read",
        "type": "Ticket",
        "doors": "Doors open",
        "place": "Place",
        "advice": "Show this code at the entrance, on paper or on a screen. It admits one person. "
        "If you cannot come, give your seat back: someone is waiting for it.",
    },
}


def qr_matrix(text: str, correction: Correction = Correction.SCREEN) -> list[list[bool]]:
    """The dark modules of the code of this text, row by row, without the white around it."""
    code = QRCode(error_correction=correction, border=0, mask_pattern=MASK)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def qr_svg(text: str, correction: Correction = Correction.SCREEN) -> str:
    """The code as one SVG path on white, one unit a module; sized by whoever shows it. Holds nothing of the text."""
    matrix = qr_matrix(text, correction)
    side = len(matrix) + 2 * QUIET_MODULES
    path = "".join(f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h{length}v1h-{length}z" for x, y, length in _runs(matrix))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def qr_png(text: str, scale: int, correction: Correction = Correction.SCREEN) -> bytes:
    """The code as a PNG of one bit a pixel, `scale` pixels a module: for mails, which show no SVG."""
    matrix = qr_matrix(text, correction)
    side = (len(matrix) + 2 * QUIET_MODULES) * scale
    blank = _packed([False] * side)
    rows = [blank] * (QUIET_MODULES * scale)
    margin = [False] * (QUIET_MODULES * scale)
    for row in matrix:
        pixels = margin + [module for module in row for _ in range(scale)] + margin
        rows += [_packed(pixels)] * scale
    rows += [blank] * (QUIET_MODULES * scale)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, body) for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    )


def ticket_pdf(face: TicketFace) -> bytes:
    """The ticket on one A4 page, tagged, PDF/UA-1 wherever our fonts have every letter of it."""
    words = _WORDS[face.language]
    values = {
        **vars(face),
        "title": f"{words['title']} {face.human} – {face.event}",
        "svg": qr_svg(face.qr, Correction.PRINT),
        "words": words,
    }
    return _printed(TEMPLATE, values)


def sheet_pdf(faces: Sequence[TicketFace]) -> bytes:
    """The tickets of a party on A4, eight a page, to be cut apart; each with its code. `faces` are of one event and language.

    Tagged like `ticket_pdf`. Raises ValueError: no ticket.
    """
    if not faces:
        raise ValueError("no ticket")
    first, words = faces[0], _WORDS[faces[0].language]
    cards = [{"name": face.name, "human": face.human, "svg": qr_svg(face.qr, Correction.PRINT)} for face in faces]
    return _printed(SHEET, {**vars(first), "title": f"{words['tickets']} – {first.event}", "cards": cards, "words": words})


def _printed(template: Path, values: dict[str, Any]) -> bytes:
    inputs = {"ticket": json.dumps(values)}
    try:
        return _compiled(template, inputs, "ua-1")
    except typst.TypstError as error:
        # PDF/UA forbids a letter that no font has; the guest needs the ticket all the same, tagged but without the badge.
        if "font" not in error.message:
            raise
        return _compiled(template, inputs, "1.7")


def calendar(face: CalendarFace) -> bytes:
    """One event as an .ics file: a request to note it, or, when cancelled, to strike it out.

    A calendar that knows the `uid` replaces what it has when `sequence` is higher. Source: RFC 5545, RFC 5546.
    """
    event = Event()
    event.add("uid", face.uid)
    event.add("sequence", face.sequence)
    event.add("dtstamp", face.stamp_at.astimezone(UTC))
    event.add("dtstart", face.starts_at.astimezone(ZoneInfo(face.zone)))
    event.add("dtend", face.ends_at.astimezone(ZoneInfo(face.zone)))
    event.add("summary", face.title)
    for name, value in (("location", face.place), ("description", face.description)):
        if value:
            event.add(name, value)
    if face.url:
        event.add("url", vUri(face.url))
    event.add("status", "CANCELLED" if face.cancelled else "CONFIRMED")
    result = Calendar()
    result.add("prodid", "-//eventapp//tickets//EN")
    result.add("version", "2.0")
    result.add("method", "CANCEL" if face.cancelled else "PUBLISH")
    result.add_component(event)
    year = timedelta(days=366)
    result.add_missing_timezones(first_date=(face.starts_at - year).date(), last_date=(face.ends_at + year).date())
    return bytes(result.to_ical())


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts()  # reads the machine's fonts: once a process


def _compiled(template: Path, inputs: dict[str, str], standard: typst.PDFStandard) -> bytes:
    compiler = typst.Compiler(template, root=template.parent, font_paths=_fonts())
    result = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=standard)
    if not isinstance(result, bytes):
        raise TypeError("a ticket is one file")
    return result


def _runs(matrix: list[list[bool]]) -> Iterator[tuple[int, int, int]]:
    """Each row's dark stretches as (x, y, length)."""
    for y, row in enumerate(matrix):
        x = 0
        for dark, modules in groupby(row):
            length = len(list(modules))
            if dark:
                yield x, y, length
            x += length


def _packed(pixels: list[bool]) -> bytes:
    """One row of a PNG of one bit: no filter, white is 1."""
    bits = "".join("0" if dark else "1" for dark in pixels)
    bits += "0" * (-len(bits) % 8)
    return b"\0" + int(bits, 2).to_bytes(len(bits) // 8)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
