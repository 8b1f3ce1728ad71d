"""A browser without JavaScript, for stories: it reads pages as people do (labels, links and buttons by their words), fills forms and sends them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urldefrag, urljoin

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "path", "rect", "source", "use", "wbr"})
INLINE = frozenset({"a", "b", "em", "i", "small", "span", "strong", "sup", "time"})
UNREAD = frozenset({"script", "style", "svg", "template", "title"})
ORIGIN = "http://127.0.0.1:8000"
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(eq=False)
class Element:
    """A part of a page."""

    tag: str
    at: Mapping[str, str] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)

    def every(self, *tags: str) -> Iterator[Element]:
        """The elements of these names, in the order of the page."""
        for one in self.inside:
            if isinstance(one, Element):
                if one.tag in tags:
                    yield one
                yield from one.every(*tags)

    @property
    def words(self) -> str:
        """What is read here, on one line, with plain spaces."""
        return re.sub(r"\s+", " ", self._raw()).strip()

    def _raw(self) -> str:
        if self.tag in UNREAD or "optional" in self.at.get("class", ""):
            return ""
        text = "".join(one if isinstance(one, str) else one._raw() for one in self.inside)
        return text if self.tag in INLINE else f" {text} "


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(one.tag == tag for one in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read(html: str) -> Element:
    """The parts of a page or of the HTML of a mail."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root


def one(found: Iterator[Element], what: str) -> Element:
    """The first of them; says what was looked for when there is none."""
    first = next(found, None)
    assert first is not None, what
    return first


@dataclass
class Upload:
    """A file that somebody chooses."""

    name: str
    content: bytes


Typed = str | bool | list[str] | Upload


class Form:
    """A form of a page, filled in by the words of its labels and sent as a browser sends it."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.values: MultiDict[str, Any] = MultiDict()
        for control in element.every("input", "select", "textarea"):
            self._begin(control)

    def _begin(self, control: Element) -> None:
        name, kind = control.at.get("name", ""), control.at.get("type", "text")
        if not name or "disabled" in control.at:
            return
        if control.tag == "select":
            options = list(control.every("option"))
            chosen = [option for option in options if "selected" in option.at] or options[:1]
            self.values.setlist(name, [option.at.get("value", option.words) for option in chosen])
        elif control.tag == "textarea":
            self.values[name] = "".join(str(part) for part in control.inside).lstrip("\r\n")
        elif kind == "file":
            self.values[name] = (BytesIO(), "")
        elif kind not in {"checkbox", "radio"} or "checked" in control.at:
            self.values.add(name, control.at.get("value", "on" if kind == "checkbox" else ""))

    def fill(self, label: str, typed: Typed) -> None:
        """Type, choose or tick what `label` names: a field's label, or the legend over boxes and buttons."""
        control = self._labelled(label)
        if control.tag == "fieldset":
            wanted = [typed] if isinstance(typed, str) else typed
            assert isinstance(wanted, list), label
            boxes = [(self._by_id(each.at["for"]), each.words) for each in control.every("label")]
            assert set(wanted) <= {words for _, words in boxes}, (label, wanted, boxes)
            self.values.setlist(boxes[0][0].at["name"], [box.at["value"] for box, words in boxes if words in wanted])
        elif control.tag == "select":
            options = {option.words: option.at.get("value", option.words) for option in control.every("option")}
            assert typed in options, (label, typed, list(options))
            self.values[control.at["name"]] = options[str(typed)]
        elif isinstance(typed, Upload):
            self.values[control.at["name"]] = (BytesIO(typed.content), typed.name)
        elif isinstance(typed, bool):
            self.values.setlist(control.at["name"], [control.at.get("value", "on")] if typed else [])
        else:
            self.values[control.at["name"]] = typed

    def _labelled(self, label: str) -> Element:
        for fieldset in self.element.every("fieldset"):
            legend = next(fieldset.every("legend"), None)
            if legend is not None and legend.words == label:
                return fieldset
        found = one((each for each in self.element.every("label") if each.words == label), f"no field is called {label!r}: {self.labels}")
        return self._by_id(found.at["for"])

    def _by_id(self, name: str) -> Element:
        controls = self.element.every("input", "select", "textarea", "fieldset")
        return one((control for control in controls if control.at.get("id") == name), f"a label points at {name!r}, which is not there")

    @property
    def labels(self) -> list[str]:
        """What its fields are called."""
        return [each.words for each in self.element.every("label", "legend")]


@dataclass
class Page:
    """What a browser shows."""

    path: str
    answer: TestResponse
    root: Element

    @property
    def heading(self) -> str:
        """Its one h1."""
        return next(self.root.every("h1")).words

    @property
    def words(self) -> str:
        """All that is read on it."""
        return one(self.root.every("body"), "no page").words

    @property
    def pictures(self) -> dict[str, str]:
        """Address of each picture by what is read out for it."""
        return {picture.at.get("alt", ""): picture.at["src"] for picture in self.root.every("img")}

    @property
    def figures(self) -> dict[str, str]:
        """The figures of a page of the back office by their labels."""
        boxes = [box for box in self.root.every("div") if box.at.get("class") == "figure"]
        return {next(box.every("dt")).words: next(box.every("dd")).words for box in boxes}

    @property
    def rows(self) -> list[list[str]]:
        """The cells of every row of its tables, heads left out."""
        bodies = self.root.every("tbody")
        return [[cell.words for cell in row.every("th", "td")] for body in bodies for row in body.every("tr")]

    def link(self, words: str) -> str:
        """Where the first link of these words leads."""
        known = [(link.words, link.at.get("href", "")) for link in self.root.every("a")]
        found = [href for said, href in known if said == words or said.startswith(f"{words} ")]
        assert found, f"no link says {words!r}: {known}"
        return found[0]

    def form(self, button: str) -> Form:
        """The form that this button sends."""
        forms = list(self.root.every("form"))
        for form in forms:
            if any(each.words == button or each.at.get("aria-label") == button for each in form.every("button")):
                return Form(form)
        known = [each.words for form in forms for each in form.every("button")]
        raise AssertionError(f"no button says {button!r} on {self.path}: {known}")


class Browser:
    """One person's browser: cookies, the page it shows, no scripts."""

    def __init__(self, app: Flask, *, language: str = "fr") -> None:
        self.client = app.test_client()
        self.language = language
        self.page: Page

    def visit(self, address: str, *, status: int = 200) -> Page:
        """Type an address, or tap it in a mail."""
        return self._open("GET", address, status=status)

    def follow(self, words: str) -> Page:
        """Tap a link by its words."""
        return self.visit(self.page.link(words))

    def download(self, words: str) -> TestResponse:
        """The file behind a link; the page stays."""
        return self.fetch(self.page.link(words))

    def fetch(self, address: str) -> TestResponse:
        """What a page needs beside itself: a picture, a file."""
        answer = self._ask("GET", urljoin(self.page.path, address))
        assert answer.status_code == 200, (address, answer.status_code)
        return answer

    def send(self, button: str, typed: Mapping[str, Typed] | None = None, *, status: int = 200) -> Page:
        """Fill in the form of this button and press it; gives the page that it leads to."""
        form = self.page.form(button)
        for label, value in (typed or {}).items():
            form.fill(label, value)
        at = form.element.at
        action = urljoin(self.page.path, at.get("action", "") or self.page.path)
        if at.get("method", "get").lower() == "get":
            return self._open("GET", action, status=status, query_string=form.values)
        if at.get("enctype") != "multipart/form-data":
            assert not any(isinstance(value, tuple) for value in form.values.values()), "a picture in a form that cannot carry it"
        return self._open("POST", action, status=status, data=form.values, headers=self._of_own_page())

    def _of_own_page(self) -> dict[str, str]:
        """A page that sends no referrer posts with Origin: null, as browsers do."""
        secretive = self.page.answer.headers.get("Referrer-Policy") == "no-referrer"
        return {"Origin": "null" if secretive else ORIGIN, "Sec-Fetch-Site": "same-origin"}

    def _open(self, method: str, address: str, *, status: int, **sent: Any) -> Page:
        path = urldefrag(address)[0].removeprefix(ORIGIN)
        answer = self._ask(method, path, **sent)
        for _ in range(5):
            if answer.status_code not in REDIRECTS:
                break
            assert method == "GET" or answer.status_code == 303, f"{path} answers a POST with {answer.status_code}"
            path = urljoin(path, answer.headers["Location"]).removeprefix(ORIGIN)
            answer = self._ask("GET", path)
        self.page = Page(path, answer, read(answer.text) if answer.mimetype == "text/html" else Element("document"))
        assert answer.status_code == status, f"{method} {address} → {answer.status_code}: {self.page.root.words[:1500]}"
        return self.page

    def _ask(self, method: str, path: str, **sent: Any) -> TestResponse:
        assert path.startswith("/"), f"{path} leaves our site"
        headers = {"Accept-Language": self.language, **sent.pop("headers", {})}
        return self.client.open(path, method=method, base_url=ORIGIN, headers=headers, buffered=True, **sent)
