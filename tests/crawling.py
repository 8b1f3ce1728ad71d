"""The forms of pages, read as a browser reads them, and every form that links lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient


@dataclass
class FormOnPage:
    """A form as a browser would send it."""

    page: str
    action: str
    values: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    invalid: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def wanted(self) -> bool:
        """Whether there is anything to type or to choose."""
        return any(kind != "hidden" for kind in self.typed.values())


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
        if tag in {"input", "textarea", "select"} and name:
            if "required" in at:
                self.form.required.add(name)
            if at.get("aria-invalid") == "true":
                self.form.invalid[name] = tuple(id for id in at.get("aria-describedby", "").split() if id.endswith("-error"))
        if tag == "input" and name:
            self._input(name, at)
        elif tag == "textarea":
            self.area = name
            self.form.values[name], self.form.typed[name] = "", "textarea"
        elif tag == "select":
            self.select = name
            self.form.typed[name] = "select"
        elif tag == "option" and self.select and ("selected" in at or self.select not in self.form.values):
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
            # A newline right after the tag is not part of the text.
            self.form.values[self.area] += data if self.form.values[self.area] else data.removeprefix("\r").removeprefix("\n")

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
            if form.action not in known:
                known.add(form.action)
                yield form
        for link in (each.partition("#")[0] for each in reader.links):
            if (
                link.startswith("/")
                and link not in seen
                and "?" not in link
                and not link.endswith((".csv", ".pdf", ".ics", ".svg", ".png"))
            ):
                seen.add(link)
                todo.append(link)
