"""Rich text: Markdown in, a short list of HTML elements out. The only place that vouches for HTML.

Rendered when it is saved, beside its source and VERSION; rendered again from the source when VERSION has moved.
"""

from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

__all__ = ["MAX_BYTES", "VERSION", "Markup", "drawn", "printed", "rendered"]

VERSION = 1
"""Of the list below. Raise it with any change of it, so that stored HTML is rendered again."""

MAX_BYTES = 10_000
"""Of the source, in UTF-8. Source: trust.md IN-4; some texts of 20 kB take the parser two seconds."""

TAGS = frozenset({"p", "a", "em", "strong", "ul", "ol", "li", "h3", "h4", "blockquote", "code", "pre", "br", "hr"})
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = frozenset({"http", "https", "mailto"})
REL = "nofollow noopener ugc"

_markdown = MarkdownIt("commonmark", {"html": False}).disable("image")


def rendered(text: str) -> str:
    """The HTML of a Markdown text: safe to print inside any block of a page. Headings become h3, and h4 below them.

    Raises ValueError: more than MAX_BYTES; fields refuse such a text before it comes here. Source: trust.md OUT-2.
    """
    if len(text.encode()) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES} bytes of Markdown")
    tokens = _markdown.parse(text)
    _lower_headings(tokens)
    return _sanitised(_markdown.renderer.render(tokens, _markdown.options, {}))


def printed(html: str | None) -> Markup:
    """What `rendered` once made, for a template. Judged again, so that nothing slips in by another way than `rendered`."""
    return Markup(_sanitised(html or ""))  # noqa: S704 - the one place, straight from the sanitiser


def drawn(svg: str) -> Markup:
    """An SVG of our own making, for a template. Nothing that anybody typed may be part of it, colours judged by pattern excepted."""
    return Markup(svg)  # noqa: S704 - see above; test_imports keeps Markup in this module


def _sanitised(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes=set(SCHEMES),
        url_relative="deny",
        link_rel=REL,
    )


def _lower_headings(tokens: Sequence[Token]) -> None:
    """The page has its own h1 and h2: the highest level used becomes h3, every other h4."""
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((token.tag for token in headings), default="")
    for token in headings:
        token.tag = "h3" if token.tag == highest else "h4"
