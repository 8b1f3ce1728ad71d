"""Styles, elements and scripts: nothing used that does not exist, nothing kept that is not used, nothing of others' tracked."""

import json
import re
import subprocess
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from tests.architecture.tree import PACKAGE, ROOT, STATIC, TEMPLATES

VENDORED = ("bootstrap/bootstrap.css",)
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
ATTRIBUTE = re.compile(r"""\bclass=(?:"((?:\{\{.*?\}\}|\{%.*?%\}|[^"{]|\{)*)"|'((?:\{\{.*?\}\}|\{%.*?%\}|[^'{]|\{)*)')""", re.DOTALL)
PIECES = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
JINJA = Environment(extensions=["jinja2.ext.i18n"])
QUOTED = re.compile(r""""([^"\n]*)"|'([^'\n]*)'|`([^`]*)`""")
HOLE = "\0"
# Classes that htmx itself gives while it works.
GIVEN_BY_HTMX = frozenset({"htmx-request", "htmx-indicator", "htmx-swapping", "htmx-settling", "htmx-added"})


def classes_of(css: str) -> set[str]:
    """Every class that a style sheet has a rule for."""
    bare = re.sub(r"/\*.*?\*/|url\([^)]*\)|\"[^\"]*\"|'[^']*'", "", css, flags=re.DOTALL)
    return set(CLASS.findall(bare))


def used_in(html: str) -> set[str]:
    """Every class that a template gives; one that ends in HOLE is completed by what nobody can read beforehand."""
    bare = re.sub(r"\{#.*?#\}", "", html, flags=re.DOTALL)
    values = [match[1] or match[2] or "" for match in ATTRIBUTE.finditer(bare)]
    return {name for value in values for name in names_in(value)}


def names_in(value: str) -> set[str]:
    """The classes of one attribute, each possible one for an expression that chooses."""
    found: set[str] = set()
    unfinished = {""}
    for piece in PIECES.split(value):
        choices = possible(piece) if piece.startswith("{{") else {""} if piece.startswith("{%") else {piece}
        grown = [re.split(r"\s+", start + end) for start in unfinished for end in choices]
        found |= {name for words in grown for name in words[:-1]}
        unfinished = {words[-1] for words in grown}
    names = found | unfinished
    return {name[: name.index(HOLE) + 1] if HOLE in name else name for name in names if name and not name.startswith(HOLE)}


def possible(expression: str) -> set[str]:
    output = JINJA.parse(expression).body[0]
    assert isinstance(output, nodes.Output)
    return values_of(output.nodes[0])


def values_of(node: nodes.Node | None) -> set[str]:
    """The texts that an expression can become."""
    if node is None:
        return {""}
    if isinstance(node, nodes.Const | nodes.TemplateData):
        return {str(node.value if isinstance(node, nodes.Const) else node.data)}
    if isinstance(node, nodes.CondExpr):
        return values_of(node.expr1) | values_of(node.expr2)
    if isinstance(node, nodes.Or | nodes.And):
        return values_of(node.left) | values_of(node.right)
    if isinstance(node, nodes.Filter):
        return values_of(node.node)
    if isinstance(node, nodes.Getitem) and isinstance(node.node, nodes.Dict):
        return {value for pair in node.node.items for value in values_of(pair.value)}
    if isinstance(node, nodes.Concat):
        return {"".join(parts) for parts in product(*(values_of(each) for each in node.nodes))}
    if isinstance(node, nodes.Add):
        return {one + other for one in values_of(node.left) for other in values_of(node.right)}
    return {HOLE}


def words_of(code: str) -> set[str]:
    """The words of every string in a piece of Jinja, JavaScript or Python."""
    return {word for match in QUOTED.finditer(code) for word in (match[1] or match[2] or match[3] or "").split()}


@cache
def templates() -> dict[str, str]:
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted(TEMPLATES.rglob("*.html"))}


@cache
def scripts() -> dict[str, str]:
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted((STATIC / "js").rglob("*.js"))}


def sheets() -> list[Path]:
    """The style sheets of ours, that of mails included."""
    return sorted([*(STATIC / "css").rglob("*.css"), *TEMPLATES.rglob("*.css")])


@cache
def ours() -> dict[str, set[str]]:
    return {path.relative_to(ROOT).as_posix(): classes_of(path.read_text()) for path in sheets()}


@cache
def vendored() -> set[str]:
    """The classes of Bootstrap as the asset step has made it (`make setup`)."""
    return {name for sheet in VENDORED for name in classes_of((STATIC / "vendor" / sheet).read_text())}


@cache
def used() -> set[str]:
    return {name for html in templates().values() for name in used_in(html)}


def exists(name: str, known: set[str]) -> bool:
    return any(one.startswith(name[:-1]) for one in known) if name.endswith(HOLE) else name in known


def is_used(name: str, given: set[str], elsewhere: set[str]) -> bool:
    return name in given or name in elsewhere or any(one.endswith(HOLE) and name.startswith(one[:-1]) for one in given)


def unknown_classes(html: dict[str, str], known: set[str]) -> list[str]:
    return [
        f"{path}: {name.replace(HOLE, '…')}" for path, source in html.items() for name in sorted(used_in(source)) if not exists(name, known)
    ]


def test_every_class_of_a_template_is_drawn_by_a_sheet() -> None:
    known = set().union(vendored(), *ours().values())

    assert unknown_classes(templates(), known) == []


def test_every_class_of_ours_is_used() -> None:
    # Scripts, forms and drawings give classes too; Bootstrap's are restyled where a sheet says so.
    elsewhere = GIVEN_BY_HTMX | {word for source in scripts().values() for word in words_of(source)}
    # A macro may be handed a class as an argument.
    elsewhere |= {word for html in templates().values() for piece in PIECES.findall(html) for word in words_of(piece)}
    elsewhere |= {word for path in PACKAGE.rglob("*.py") for word in words_of(path.read_text())}
    idle = {path: sorted(name for name in names - vendored() if not is_used(name, used(), elsewhere)) for path, names in ours().items()}

    assert {path: names for path, names in idle.items() if names} == {}


def test_classes_are_read_as_a_browser_reads_them() -> None:
    html = """
        <p class="a {{ 'b' if x == "y" else "c" }} d-{{ y }}{% if z %} e{% endif %}">{# <p class="f"> #}<i class='g'></i>
        {{ field(f, class="h") }}<b class="i{{ ' i-' ~ (j or 'k') if l }} {{ {"m": "n"}[o] }} p-{{ 'q' if r else 's' }}-t"></b>
    """
    css = '.a > .b:not(.c) { margin: 0.5em; background: url("d.png") } /* .e */ .f { &.g { color: red } }'

    assert used_in(html) == {"a", "b", "c", f"d-{HOLE}", "e", "g", "h", "i", "i-k", f"i-{HOLE}", "n", "p-q-t", "p-s-t"}
    assert classes_of(css) == {"a", "b", "c", "f", "g"}


def test_a_planted_class_is_noticed() -> None:
    assert unknown_classes({"x.html": '<p class="known novel known-{{ x }} new-{{ y }}">'}, {"known", "known-a"}) == [
        "x.html: new-…",
        "x.html: novel",
    ]
    assert not is_used("idle", {"idl", "idler"}, set())


def elements() -> set[str]:
    return {Path(path).stem for path in scripts() if path.startswith("static/js/elements/")}


def named_elements(html: dict[str, str]) -> set[str]:
    return {name for source in html.values() for name in re.findall(r"<([a-z]+(?:-[a-z]+)+)[\s>]", source)}


def test_every_element_is_defined_under_its_own_name_and_has_a_page() -> None:
    files = {Path(path).stem: source for path, source in scripts().items() if path.startswith("static/js/elements/")}
    defined = {name: re.findall(r"customElements\.define\(\s*[\"']([^\"']+)", source) for name, source in files.items()}
    loaded = {name for html in templates().values() for name in re.findall(r"js/elements/([\w-]+)\.js", html)}

    # A file that defines nothing brings the elements of one page together; that page loads it.
    assert {name: found for name, found in defined.items() if found != [name] and not (found == [] and name in loaded)} == {}
    assert {name for name, found in defined.items() if found} == named_elements(templates())
    assert elements() <= loaded | {
        name for source in scripts().values() for name in re.findall(r"[\"']\.{1,2}/(?:elements/)?([\w-]+)\.js", source)
    }


def test_every_script_that_a_page_names_exists() -> None:
    named = {path for html in templates().values() for path in re.findall(r"asset\(\s*[\"']([^\"'~]+)[\"']\s*\)", html)}

    assert {path for path in named if not (STATIC / path).is_file()} == set()


UNSAFE = (
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "new Function",
    "createContextualFragment",
    "setHTMLUnsafe",
)


@pytest.mark.trust("OUT-1")
def test_scripts_write_text_only() -> None:
    assert [(path, word) for path, source in scripts().items() for word in UNSAFE if word in without_comments(source)] == []


def without_comments(source: str) -> str:
    return re.sub(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", "", source, flags=re.DOTALL)


def test_a_planted_write_of_html_is_noticed() -> None:
    assert "innerHTML" in without_comments("out.innerHTML = name // never innerHTML")
    assert "innerHTML" not in without_comments("/* never innerHTML */ // innerHTML")


FOREIGN = re.compile(
    r"""(?:<(?:script|img|iframe|link|source|video|audio|object|embed)\b[^>]*(?:src|href|data)=["']?(?:https?:)?//)|@import|url\(\s*["']?(?:https?:)?//"""
)


@pytest.mark.trust("G10")
@pytest.mark.trust("SUP-1")
def test_pages_and_sheets_load_nothing_from_elsewhere() -> None:
    styles = {path: (ROOT / path).read_text() for path in ours()}

    assert [path for path, source in {**templates(), **styles, **scripts()}.items() if FOREIGN.search(source)] == []
    assert FOREIGN.search('<script async src="https://cdn.example/x.js">')
    assert FOREIGN.search("a { background: url(//cdn.example/x.png) }")


def tracked() -> list[str]:
    return subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")[:-1]


def foreign_files(paths: list[str]) -> list[str]:
    names = re.compile(
        r"(^|/)(node_modules|vendor|site-packages|dist)/|\.min\.(js|css)$|\.(woff2?|ttf|otf|eot|wasm|whl|jar|so|dll)$|bootstrap[^/]*\.(css|js)$"
    )
    return [path for path in paths if names.search(path)]


@pytest.mark.trust("SUP-1")
def test_nothing_third_party_is_tracked() -> None:
    assert foreign_files(tracked()) == []
    assert foreign_files(["static/vendor/x.js", "static/js/htmx.min.js", "static/fonts/a.woff2"]) == [
        "static/vendor/x.js",
        "static/js/htmx.min.js",
        "static/fonts/a.woff2",
    ]


@pytest.mark.trust("SUP-1")
def test_locks_name_hashes_and_no_address() -> None:
    npm = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    python = [(ROOT / name).read_text() for name in ("requirements.lock", "requirements-dev.lock")]

    assert [name for name, package in npm.items() if name and ("resolved" in package or "integrity" not in package)] == []
    assert [
        lock[:40]
        for lock in python
        if re.search(r"^--?(index|extra-index|find-links|i\b)", lock, re.MULTILINE) or "--hash=sha256:" not in lock
    ] == []
