"""Rich text: whatever is typed, only the listed elements come out."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventapp.lib import markup
from eventapp.lib.markup import ATTRIBUTES, MAX_BYTES, REL, TAGS, printed, rendered

AWKWARD = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![a](https://x.example/a.png)",
    "[a](javascript:alert(1))",
    "[a](//x.example)",
    "[a](/fr/events)",
    "[a](data:text/html,x)",
    "[a](&#106;avascript:alert(1))",
    "[a](java\tscript:alert(1))",
    '<https://x.example/"onclick=alert(1)>',
    '[a](https://x.example "a\\" onclick=alert(1)")',
    "<svg/onload=alert(1)>",
    "<a href='https://x.example' onclick='alert(1)'>x</a>",
    "a\n===\n\nb\n---",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "```html\n<b>x</b>\n```",
    "{{ config }} {% raw %} {name}",
    "<!-- x --><style>*{}</style>",
    "[a]: javascript:alert(1)\n\n[a]",
]


class Listed(HTMLParser):
    """Notes every element and attribute that a reader's browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "a":
            self.links.append(dict(attrs))
        else:
            assert attrs == []


def parsed(html: str) -> Listed:
    reader = Listed()
    reader.feed(html)
    return reader


def assert_only_the_list(html: str) -> None:
    found = parsed(html)
    assert found.tags <= TAGS
    for link in found.links:
        assert set(link) <= ATTRIBUTES["a"] | {"rel"}
        assert link["rel"] == REL
        assert (link.get("href") or "https:").partition(":")[0] in markup.SCHEMES


@pytest.mark.trust("OUT-2")
@pytest.mark.parametrize("source", AWKWARD)
def test_only_the_list_comes_out(source: str) -> None:
    assert_only_the_list(rendered(source))


@pytest.mark.trust("OUT-2")
@given(st.lists(st.sampled_from(AWKWARD) | st.text(max_size=40), max_size=4).map("\n".join))
def test_only_the_list_comes_out_of_anything(source: str) -> None:
    assert_only_the_list(rendered(source))


def test_without_the_sanitiser_and_with_html_the_corpus_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: both guards removed, the same check must fail."""
    monkeypatch.setattr(markup, "_sanitised", lambda html: html)
    monkeypatch.setitem(markup._markdown.options, "html", True)

    with pytest.raises(AssertionError):
        assert_only_the_list(rendered(AWKWARD[1]))


def test_markdown_becomes_html() -> None:
    source = "# Programme\n\n*Un* **deux**\n\n## Matin\n\n- a\n- b\n\n1. c\n\n> d\n\n`e`\n\n---\n\n[f](https://x.example 'g')"

    assert rendered(source) == (
        "<h3>Programme</h3>\n<p><em>Un</em> <strong>deux</strong></p>\n<h4>Matin</h4>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"
        "<ol>\n<li>c</li>\n</ol>\n<blockquote>\n<p>d</p>\n</blockquote>\n<p><code>e</code></p>\n<hr>\n"
        '<p><a href="https://x.example" title="g" rel="nofollow noopener ugc">f</a></p>\n'
    )


def test_headings_keep_their_order_below_those_of_the_page() -> None:
    assert rendered("### a\n\n#### b\n\n##### c") == "<h3>a</h3>\n<h4>b</h4>\n<h4>c</h4>\n"


@pytest.mark.trust("IN-4")
def test_too_long_a_text_is_refused() -> None:
    assert rendered("é" * (MAX_BYTES // 2))
    with pytest.raises(ValueError, match="bytes"):
        rendered("é" * (MAX_BYTES // 2) + "a")


@pytest.mark.trust("OUT-1")
def test_printed_html_is_judged_again() -> None:
    assert printed("<p>a</p><script>b</script>") == "<p>a</p>"
    assert printed(None) == ""
    assert hasattr(printed("<p>a</p>"), "__html__")


@given(st.text(max_size=200))
def test_printing_changes_nothing_that_was_rendered(source: str) -> None:
    html = rendered(source)

    assert printed(html) == html
