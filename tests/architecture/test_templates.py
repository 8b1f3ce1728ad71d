"""Templates and endpoints mirror each other; both languages are complete; nothing in a page runs but our own scripts."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from flask import Flask
from jinja2 import nodes

from config import settings
from eventapp.app import create_app
from tests.architecture.tree import PACKAGE, ROOT, TEMPLATES, called, parsed, trees

SHARED = ("parts/", "layouts/", "errors/")
SHOWN = {"index", "show", "new", "edit"}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("instance")
    app = create_app(settings({"INSTANCE_DIR": str(folder), "SECRET_KEY": "s" * 64, "PUBLIC_BASE_URL": "http://127.0.0.1:8000"}))
    yield app
    app.extensions["eventapp"].database.close()


@cache
def sources() -> dict[str, str]:
    """Every template that Jinja renders, by its name."""
    return {
        path.relative_to(TEMPLATES).as_posix(): path.read_text()
        for path in sorted(TEMPLATES.rglob("*"))
        if path.suffix in {".html", ".txt", ".css"}
    }


def syntax(app: Flask, source: str) -> nodes.Template:
    return app.jinja_env.parse(source)


def is_shared(name: str) -> bool:
    return name.startswith(SHARED) or "/mail/" in name or name.rpartition("/")[2].startswith("_")


def endpoint_of(name: str) -> str:
    return name.removesuffix(".html").replace("/", ".")


def rendered_in(tree: ast.AST) -> set[str]:
    """The templates that code names as literals."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w/]+/\w+\.(html|txt|css)", node.value)
    }


@cache
def rendered() -> dict[str, set[str]]:
    return {path: rendered_in(tree) for path, tree in trees().items()}


def test_every_template_that_code_names_exists() -> None:
    assert {(path, name) for path, names in rendered().items() for name in names if name not in sources()} == set()


def test_every_page_is_named_after_an_endpoint_and_rendered(application: Flask) -> None:
    pages = {name for name in sources() if name.endswith(".html") and not is_shared(name)}

    assert {name for name in pages if endpoint_of(name) not in application.view_functions} == set()
    assert pages - {name for names in rendered().values() for name in names} == set()


def views(app: Flask) -> Iterator[tuple[str, ast.AST]]:
    for endpoint, view in app.view_functions.items():
        if view.__module__.startswith("eventapp."):
            yield endpoint, parsed(inspect.cleandoc("\n" + inspect.getsource(inspect.unwrap(view))))


def test_a_view_renders_the_template_of_its_own_name(application: Flask) -> None:
    shown = [(endpoint, rendered_in(source)) for endpoint, source in views(application) if endpoint.rpartition(".")[2] in SHOWN]

    assert [
        (endpoint, names)
        for endpoint, names in shown
        if names and not all(endpoint_of(name) == endpoint or is_shared(name) for name in names)
    ] == []
    assert any(names for _endpoint, names in shown)


def references(app: Flask, source: str) -> set[str]:
    """The templates that a template extends, includes or imports."""
    found: set[str] = set()
    for node in syntax(app, source).find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        named = node.template
        found |= {each.value for each in ([named] if isinstance(named, nodes.Const) else getattr(named, "items", []))}
    return found


def test_no_part_is_an_orphan_and_every_reference_resolves(application: Flask) -> None:
    referred = {name: references(application, source) for name, source in sources().items()}
    named = {one for names in (*referred.values(), *rendered().values()) for one in names}
    code = "".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    orphans = {name for name in sources() if is_shared(name) and "/mail/" not in name and name not in named}

    assert {(name, one) for name, names in referred.items() for one in names if one not in sources()} == set()
    # The pages of errors and the style of mails are found by a name put together in code.
    assert {name for name in orphans if not (name.startswith("errors/") and 'f"errors/' in code) and f'"{name}"' not in code} == set()


def mails() -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for name in sources():
        room, inside, file = name.partition("/mail/")
        if inside and not file.startswith("_"):
            found.setdefault((room, file.rpartition(".")[0]), set()).add(file.rpartition(".")[2])
    return found


def posted_kinds() -> set[str]:
    """The kinds of mail that code posts by a literal."""
    return {
        keyword.value.value
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if called(node) in {"post", "tell"} and isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
    }


def test_every_mail_has_a_reason_and_both_its_forms() -> None:
    words = {
        node.value for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert {mail: forms for mail, forms in mails().items() if forms != {"txt", "html"}} == {}
    assert {kind for _room, kind in mails() if kind not in words} == set()
    assert posted_kinds() - {kind for _room, kind in mails()} == set()
    assert posted_kinds()


def linked(app: Flask) -> Iterator[tuple[str, str]]:
    """Each endpoint that somebody links to by a literal, with the place."""
    for name, source in sources().items():
        for call in syntax(app, source).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "url_for" and call.args and isinstance(call.args[0], nodes.Const):
                yield name, call.args[0].value
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if called(node) == "url_for" and isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                yield path, node.args[0].value


def leads_somewhere(app: Flask, place: str, name: str) -> bool:
    """Whether an endpoint of this name exists; `.show` is one beside a view of the same module."""
    if not name.startswith("."):
        return name in app.view_functions
    module = place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    beside = {endpoint.rpartition(".")[0] for endpoint, view in app.view_functions.items() if view.__module__ == module}
    return any(front + name in app.view_functions for front in beside)


def test_every_link_leads_to_an_endpoint(application: Flask) -> None:
    links = list(linked(application))

    assert [(place, name) for place, name in links if not leads_somewhere(application, place, name)] == []
    assert links


UNSAFE = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']?application/(?:ld\+)?json)", re.IGNORECASE),
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "inline handler": re.compile(r"\son[a-z]+\s*=\s*[\"'{]", re.IGNORECASE),
    "script in a link": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "attribute without quotes": re.compile(r"\s[a-z-]+=\{\{", re.IGNORECASE),
    "test handle": re.compile(r"data-testid"),
    "escaping switched off": re.compile(r"\{%-?\s*autoescape\s+false", re.IGNORECASE),
}


def unsafe(html: str) -> list[str]:
    bare = re.sub(r"\{#.*?#\}", "", html, flags=re.DOTALL)
    return [fault for fault, pattern in UNSAFE.items() if pattern.search(bare)]


@pytest.mark.trust("OUT-1")
def test_pages_hold_no_inline_code() -> None:
    # Mails have no policy of ours around them: their styles are put inline when they are sent.
    faults = {name: unsafe(source) for name, source in sources().items() if name.endswith(".html") and "mail" not in name}

    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.trust("P-9")
@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<script>x</script>", "inline script"),
        ('<script nonce="{{ nonce() }}">x</script>', "inline script"),
        ('<p style="color: red">', "inline style"),
        ("<style>p {}</style>", "inline style"),
        ('<a onclick="x()">', "inline handler"),
        ('<a href="javascript:x">', "script in a link"),
        ("<a href={{ x }}>", "attribute without quotes"),
        ('<a data-testid="x">', "test handle"),
        ("{% autoescape false %}", "escaping switched off"),
    ],
)
def test_planted_inline_code_is_noticed(html: str, fault: str) -> None:
    assert unsafe(html) == [fault]


def test_blocks_of_data_are_no_code() -> None:
    assert unsafe('<script type="application/ld+json">{}</script><script type="module" src="x.js"></script>{# style="x" #}') == []


def trusting(app: Flask, source: str) -> bool:
    return any(one.name in {"safe", "forceescape"} for one in syntax(app, source).find_all(nodes.Filter))


@pytest.mark.trust("OUT-1")
def test_html_is_trusted_in_one_macro_at_most(application: Flask) -> None:
    trusted = [name for name, source in sources().items() if trusting(application, source)]

    assert len(trusted) <= 1
    assert all(name.startswith("parts/") for name in trusted)
    assert trusting(application, "{{ x | safe }}")


def test_a_planted_link_and_reference_are_read(application: Flask) -> None:
    assert references(application, '{% extends "a.html" %}{% from "b.html" import c %}{% include ["d.html"] %}') == {
        "a.html",
        "b.html",
        "d.html",
    }
    assert rendered_in(parsed('web.page("events/show.html", event=event)')) == {"events/show.html"}


@cache
def spoken() -> dict[str, set[str]]:
    """Every msgid of templates and code, with the files that say it."""
    found: dict[str, set[str]] = {}
    for path in [*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt"), *PACKAGE.rglob("*.py")]:
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        options = {"trimmed": "true", "silent": "false"} if method != "python" else {}
        keywords = dict.fromkeys(("_", "gettext", "lazy_gettext")) | dict.fromkeys(("ngettext", "lazy_ngettext"), (1, 2))
        for _line, message, _comments, _context in extract(method, BytesIO(path.read_bytes()), keywords, (), options):
            found.setdefault(message if isinstance(message, str) else message[0], set()).add(path.relative_to(ROOT).as_posix())
    return found


def catalogue(language: str) -> Catalog:
    with (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def test_every_sentence_is_said_in_french() -> None:
    french = catalogue("fr")

    assert {msgid: sorted(places) for msgid, places in spoken().items() if not is_said(french, msgid)} == {}
    assert len(spoken()) > 100


def is_said(catalogue: Catalog, msgid: str) -> bool:
    message = catalogue.get(msgid)
    strings = [] if message is None else [message.string] if isinstance(message.string, str) else list(message.string)
    return bool(strings) and all(strings) and not (message is not None and message.fuzzy)


def test_the_catalogue_says_nothing_that_nobody_asks_for() -> None:
    idle = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue("fr") if message.id} - set(spoken())

    assert idle == set()


PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def test_translations_keep_their_placeholders_and_french_its_spaces() -> None:
    faults = [
        (message.id, string)
        for message in catalogue("fr")
        if message.id
        for string in ([message.string] if isinstance(message.string, str) else message.string)
        if string and not fits(message.id if isinstance(message.id, str) else message.id[-1], string)
    ]

    assert faults == []
    assert not fits("%(limit)d places", "des places")
    assert not fits("Why?", "Pourquoi ?")
    assert fits("Why?", "Pourquoi\u202f?")


def fits(msgid: str, string: str) -> bool:
    wanted, kept = set(PLACEHOLDER.findall(msgid)), set(PLACEHOLDER.findall(string))
    # A singular may do without its number.
    complete = kept <= wanted and wanted - kept <= {"num", "n", "count"}
    return complete and not re.search(r" [?!;:»]|« |[a-zéè][?!;»]", string)


def test_pages_are_templates_alone(application: Flask) -> None:
    """Only files that Jinja escapes by their name are pages."""
    assert {path.suffix for path in map(Path, sources()) if path.name.endswith(".html")} == {".html"}
    assert application.jinja_env.autoescape is not False
