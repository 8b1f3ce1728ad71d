"""Every form of the product against awkward values, on both databases: a sentence and the text kept, nothing stored, never a 500."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventapp.lib.db import Base, Database
from eventapp.people.actions.sign_ins import begin
from tests import factories
from tests.cast import INES, KARIM
from tests.factories import NOW, House

# Werkzeug's test client leaves the spool of a large body to the collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
MARK = "Cassis"
TEXTS = {
    "empty": "",
    "blank": " \t\u00a0\u200b",
    "too long": MARK * 20_000,
    "NUL": f"{MARK}\x00b",
    "emoji": "👩🏽\u200d🚀" * 30,
    "right to left": f"{MARK}\u202etxt.exe",
    "combining flood": "e" + "\u0301" * 400,
    "lone surrogate": f"{MARK}%ED%A0%80",
    "impossible date": "2027-02-30T25:61",
    "distant date": "99999-01-01T00:00",
    "first date": "0001-01-01T00:00",
    "negative": "-1",
    "huge number": "9" * 400,
    "just too big": str(2**63),
    "infinite": "1e999",
    "other digits": "٣",
    "markup": "<script>alert(1)</script>{{ 7 * 7 }}",
    "markdown bomb": "[" * 2_000,
    "nested quotes": "> " * 900 + "x",
    "forged": "' OR 1=1 --",
}
WORST = ("NUL", "huge number", "too long")
REFUSALS = {400, 403, 404, 409, 413, 422, 429}
# These end the visit itself, or need nothing to be typed.
LEFT_OUT = ("/sign-out", "/account/departure", "/devices/", "/language", "/deletion", "/moves/", "/revocation", "/links")


@dataclass
class FormOnPage:
    """A form as a browser would send it."""

    page: str
    action: str
    values: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Finds the forms and the links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page, self.forms, self.links = page, [], []  # type: ignore[var-annotated]
        self.form: FormOnPage | None = None
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(at.get("href", ""))
        if tag == "form":
            self.form = FormOnPage(self.page, at.get("action") or self.page)
            if at.get("method", "").lower() == "post":
                self.forms.append(self.form)
        name = at.get("name", "")
        if self.form is None:
            return
        if tag == "input" and name:
            self._input(name, at)
        elif tag == "textarea":
            self.area = name
            self.form.values[name], self.form.typed[name] = "", "text"
        elif tag == "select":
            self.select = name
            self.form.values[name], self.form.typed[name] = "", "select"
        elif tag == "option" and self.select and ("selected" in at or not self.form.values[self.select]):
            self.form.values[self.select] = at.get("value", "")

    def _input(self, name: str, at: dict[str, str]) -> None:
        assert self.form is not None
        kind = at.get("type", "text")
        if kind in {"checkbox", "radio"} and "checked" not in at:
            self.form.typed.setdefault(name, kind)
            return
        self.form.values[name] = at.get("value", "")
        if name != "csrf_token":
            self.form.typed[name] = kind

    def handle_data(self, data: str) -> None:
        if self.area and self.form is not None:
            self.form.values[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.area = ""


def read(page: str, text: str) -> _Reader:
    reader = _Reader(page)
    reader.feed(text)
    return reader


def crawled(client: FlaskClient, *starts: str) -> Iterator[FormOnPage]:
    """Every form that can be reached by links from these pages, once per address."""
    todo, seen, known = list(starts), set(starts), set()
    while todo:
        page = todo.pop(0)
        answer = client.get(page)
        assert answer.status_code < 500, page
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        reader = read(page, answer.text)
        for form in reader.forms:
            if form.action not in known and not any(part in form.action for part in LEFT_OUT):
                known.add(form.action)
                yield form
        for link in (each.partition("#")[0] for each in reader.links):
            if link.startswith("/") and link not in seen and "?" not in link and not link.endswith((".csv", ".pdf", ".ics")):
                seen.add(link)
                todo.append(link)


def amounts(database: Database) -> dict[str, int]:
    """Rows per table; counters of attempts are meant to grow."""
    with database.reading() as session:
        names = [table for table in Base.metadata.sorted_tables if "limit" not in table.name and "attempt" not in table.name]
        counts = session.execute(select(*(select(func.count()).select_from(table).scalar_subquery() for table in names))).one()
        return {table.name: number for table, number in zip(names, counts, strict=True)}


def empty_png(side: int) -> bytes:
    """A PNG that claims `side`² points and carries next to nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.fixture
def ines(client: FlaskClient, database: Database, house: House) -> FlaskClient:
    with database.writing() as session:
        user, _actor = factories.member(session, organiser_id=house.organiser.id, character=INES)
        user.language = "en"
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def attempts(form: FormOnPage) -> Iterator[tuple[str, dict[str, str]]]:
    """Each awkward value in all fields that are typed into at once; and the worst, field by field, in selects and hidden fields too."""
    typed = [name for name, kind in form.typed.items() if kind not in {"hidden", "select", "checkbox", "radio", "file"}]
    for what, value in TEXTS.items():
        yield f"everywhere {what}", dict.fromkeys(typed, value)
    for name in form.typed:
        for what in WORST:
            yield f"{name} {what}", {name: TEXTS[what]}


def fault(client: FlaskClient, database: Database, form: FormOnPage, what: str, values: dict[str, str]) -> str:
    """What was wrong with the answer, in one line."""
    sent = {**form.values, **values}
    for name in (name for name, kind in form.typed.items() if kind == "file"):
        value = io.BytesIO(values[name].encode()[:10_000]) if name in values else io.BytesIO()
        sent[name] = (value, "a.png" if name in values else "")  # type: ignore[assignment]
    before = amounts(database)
    answer = client.post(form.action, data=sent)
    where = f"{form.action} {what}: {answer.status_code}"
    if answer.status_code not in REFUSALS | {200, 303}:
        return where
    if answer.status_code in REFUSALS and amounts(database) != before:
        return f"{where} stored something"
    if answer.status_code == 422 and "aria-invalid" not in answer.text and 'role="alert"' not in answer.text:
        return f"{where} says nothing"
    return ""


def attacked(client: FlaskClient, database: Database, forms: list[FormOnPage]) -> list[str]:
    """Send every attempt to every form; the faults."""
    found = [fault(client, database, form, what, values) for form in forms for what, values in attempts(form)]
    return [line for line in found if line]


def test_forms_of_the_public_pages_bear_anything(client: FlaskClient, database: Database, house: House) -> None:
    mine = house.register(KARIM).token
    pages = (
        "/fr/",
        "/en/events/grand-opening",
        "/en/events/grand-opening/registrations/new",
        "/en/find-my-ticket",
        "/sign-in",
        "/password",
    )

    forms = list(crawled(client, *pages, f"/fr/registrations/{mine}/edit"))

    assert len(forms) >= 5
    assert attacked(client, database, forms) == []


def test_forms_of_the_back_office_bear_anything(ines: FlaskClient, database: Database, house: House) -> None:
    house.register(KARIM)

    forms = list(crawled(ines, "/backoffice", "/backoffice/events/grand-opening"))

    assert len(forms) >= 15
    assert attacked(ines, database, [form for form in forms if "calling-off" not in form.action]) == []


@pytest.mark.parametrize("page", ["programme/speakers/new", "partners/new"])
@pytest.mark.parametrize("upload", [empty_png(13_000), b"\0" * 40_000_000, b"", b"<svg onload=alert(1)>", b"GIF89a"])
def test_pictures_that_are_none_are_refused_with_a_sentence(
    ines: FlaskClient, database: Database, house: House, page: str, upload: bytes
) -> None:
    path = f"/backoffice/events/grand-opening/{page}"
    form = next(form for form in read(path, ines.get(path).text).forms if "file" in form.typed.values())
    picture = next(name for name, kind in form.typed.items() if kind == "file")
    name = "name" if "name" in form.values else "organisation"
    before = amounts(database)

    answer = ines.post(form.action, data={**form.values, name: MARK, picture: (io.BytesIO(upload), "a.png"), "alt": "Portrait"})

    if upload:
        assert answer.status_code in {413, 422}
        assert amounts(database) == before
        assert answer.status_code == 413 or (MARK in answer.text and "aria-invalid" in answer.text)
    else:
        assert answer.status_code in {303, 422}
