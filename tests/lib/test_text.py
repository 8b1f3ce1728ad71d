"""Text: one stored form, lengths as readers count, addresses and links that may be followed."""

import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventapp.lib import text
from eventapp.lib.text import (
    CODE_POINTS_EACH,
    Unclean,
    canonical_email,
    clean,
    email_problem,
    folded,
    graphemes,
    safe_next,
    safe_url,
    slug,
    wire_email,
    words,
)

ANY = st.text(st.characters(exclude_categories=()))


@pytest.mark.trust("IN-1")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Inès\u00a0 ", "Inès"),
        ("e\u0301", "é"),
        ("\n\tInès\r\n", "Inès"),
        ("\u200b\u200d\ufeff", ""),
        ("\u3164", ""),
        ("\u2800 \u00ad", ""),
        ("\ufe0f", ""),
        ("👍🏽", "👍🏽"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_clean_keeps_one_form(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@pytest.mark.trust("IN-1")
@pytest.mark.parametrize(
    ("typed", "options", "code"),
    [
        ("a\x00", {}, "text.control"),
        ("a\x1f ", {}, "text.control"),
        ("\x85a", {}, "text.control"),
        ("a\tb", {"multiline": True}, "text.control"),
        ("a\ufffe", {}, "text.control"),
        ("a\nb", {}, "text.newline"),
        ("a\u2028b", {}, "text.newline"),
        ("\ud800", {}, "text.surrogate"),
        ("a" + "\u0301" * 31, {}, "text.marks"),
        ("a\u202eb", {"title": True}, "text.bidi"),
        ("a\u200fb", {"name": True}, "text.bidi"),
        ("http://x", {"name": True}, "text.link"),
        ("WWW.x", {"name": True}, "text.link"),
        ("a/b", {"name": True}, "text.link"),
    ],
)
def test_clean_refuses(typed: str, options: dict[str, bool], code: str) -> None:
    with pytest.raises(Unclean) as refusal:
        clean(typed, **options)

    assert refusal.value.code == code


def test_line_ends_become_lf_in_text_areas() -> None:
    assert clean("a\r\nb\rc\u2028d\n", multiline=True) == "a\nb\nc\nd"


@given(ANY)
def test_clean_refuses_or_is_idempotent(typed: str) -> None:
    try:
        kept = clean(typed, multiline=True)
    except Unclean:
        return

    assert clean(kept, multiline=True) == kept
    assert unicodedata.is_normalized("NFC", kept)
    assert not any(unicodedata.category(character) == "Cs" for character in kept)
    assert not any(unicodedata.category(character) == "Cc" and character != "\n" for character in kept)


@pytest.mark.trust("IN-2")
@pytest.mark.parametrize(
    ("value", "length"),
    [
        ("", 0),
        ("abc", 3),
        ("e\u0301", 1),
        ("\u1100\u1161\u11a8", 1),
        ("🇫🇷🇬🇧", 2),
        ("👍🏽", 1),
        ("❤️", 1),
        ("👨‍👩‍👧‍👦", 2),
        ("a" + "\u0301" * 7, 2),
        ("a" + "\u0301" * 8, 3),
    ],
)
def test_graphemes_are_what_a_reader_counts(value: str, length: int) -> None:
    assert graphemes(value) == length


@pytest.mark.trust("IN-2")
@given(ANY)
def test_no_text_is_longer_than_its_column(value: str) -> None:
    assert len(value) <= graphemes(value) * CODE_POINTS_EACH
    assert graphemes(value) <= len(value)


@pytest.mark.trust("IN-3")
@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("ines@forum.example", None),
        ("Ines.O'Neil+forum@sub.forum.example", None),
        ("ines@bücher.example", None),
        ("ines@xn--bcher-kva.example", None),
        ("a" * 64 + "@forum.example", None),
        ("a" * 65 + "@forum.example", "email.too_long"),
        ("a@" + "b" * 250 + ".example", "email.too_long"),
        ("a@" + ".".join(["é" * 30] * 7) + ".example", "email.too_long"),
        ("ines@forum.example, karim@forum.example", "email.list"),
        ("ines@forum.example;karim@forum.example", "email.list"),
        ("ines@karim@forum.example", "email.list"),
        ('"ines o"@forum.example', "email.quoted"),
        ("ines@127.0.0.1", "email.address_literal"),
        ("ines@[127.0.0.1]", "email.address_literal"),
        ("ines@[IPv6:::1]", "email.address_literal"),
        ("inès@forum.example", "email.local_not_ascii"),
        ("", "email.malformed"),
        ("ines", "email.malformed"),
        ("@forum.example", "email.malformed"),
        ("ines@", "email.malformed"),
        ("ines@forum", "email.malformed"),
        ("ines@forum..example", "email.malformed"),
        ("ines@-forum.example", "email.malformed"),
        ("ines@forum.123", "email.malformed"),
        ("in es@forum.example", "email.malformed"),
        ("ines..o@forum.example", "email.malformed"),
        (".ines@forum.example", "email.malformed"),
        ("Inès <ines@forum.example>", "email.malformed"),
        ("ines@forum.example\nBcc: x", "email.malformed"),
        ("ines@forum.example\u200b", "email.malformed"),
    ],
)
def test_email_table(address: str, problem: str | None) -> None:
    assert email_problem(address) == problem


@given(ANY)
def test_no_address_makes_the_judgement_crash(address: str) -> None:
    email_problem(address)
    email_problem(f"a@{address}.example")
    canonical_email(address)


def test_canonical_email_joins_what_is_one_mailbox() -> None:
    same = ["Ines+forum@Forum.example", "ines@forum.example", " INES@FORUM.EXAMPLE"]

    assert {canonical_email(address) for address in same} == {"ines@forum.example"}
    assert canonical_email("ines@Bücher.example") == canonical_email("ines@xn--bcher-kva.example")
    assert canonical_email("+x@forum.example") == "+x@forum.example"


def test_wire_email_is_ascii_behind_the_at() -> None:
    assert wire_email("Ines@bücher.example") == "Ines@xn--bcher-kva.example"


def found(query: str, *, in_text: str) -> bool:
    return all(word in folded(in_text) for word in words(query))


@pytest.mark.parametrize("query", ["ines o'neil", "O’NEIL inès", "oneil", "neil ines", "  Inés "])
def test_search_forgives_accents_case_and_apostrophes(query: str) -> None:
    assert found(query, in_text="O'Neil, Inès")
    assert not found(query, in_text="Lucie Martin")


def test_search_forgives_hyphens() -> None:
    assert found("jean pierre", in_text="Jean-Pierre Œuvrard")
    assert found("jean-pierre oeuvrard", in_text="Jean Pierre Œuvrard")


@given(ANY)
def test_folding_twice_changes_nothing(value: str) -> None:
    assert folded(folded(value)) == folded(value)


@pytest.mark.parametrize(
    ("title", "segment"),
    [
        ("L’été des Œuvres & l'IA !", "l-ete-des-oeuvres-l-ia"),
        ("Forum 2027", "forum-2027"),
        ("日本語", ""),
        ("a" * 100, "a" * 80),
        ("Forum " + "x" * 90, "forum"),
    ],
)
def test_slug(title: str, segment: str) -> None:
    assert slug(title) == segment


@given(ANY)
def test_slug_is_one_plain_segment(title: str) -> None:
    segment = slug(title)

    assert set(segment) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(segment) <= 80
    assert segment == segment.strip("-")


@pytest.mark.trust("HOST-4")
@pytest.mark.parametrize("path", ["/", "/fr/events/forum?page=2#seats", "/fr/search?q=jean%20pierre", "/fr/événements"])
def test_safe_next_keeps_our_paths(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.trust("HOST-4")
@pytest.mark.parametrize(
    "path",
    [None, "", "fr", "//x.example", "/\\x.example", "/%2fx.example", "/%5cx", "/a@x", "/a%0d%0aX", "/a\tb", "https://x", "/%09/x", "\t/x"],
)
def test_safe_next_goes_home_otherwise(path: str | None) -> None:
    assert safe_next(path) == "/"


@pytest.mark.trust("HOST-4")
@given(st.text(st.sampled_from("/\\:@%25fFcC09dDaA.x\t\n ?#&\u2028é")) | ANY)
def test_safe_next_stays_on_our_origin(path: str) -> None:
    ours = "https://forum.example/"

    parts = urlsplit(urljoin(ours, safe_next(path)))

    assert (parts.scheme, parts.netloc) == ("https", "forum.example")


@pytest.mark.trust("OUT-1")
@pytest.mark.parametrize(
    "url",
    [
        "https://forum.example/a?b=c#d",
        "http://forum.example:8080",
        "mailto:ines@forum.example",
        "tel:+33123456789",
        "HTTPS://forum.example",
    ],
)
def test_safe_url_passes(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.trust("OUT-1")
@pytest.mark.parametrize(
    "url",
    [
        "",
        "/fr",
        "//x.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "https:///x",
        "https://user@x.example",
        "https://x.example\\@y",
        "https://[::1",
        "https://x.example:port",
        "https://x y",
        'https://x"onclick=',
        "tel:",
        "https://x.example/" + "a" * 2_000,
    ],
)
def test_safe_url_refuses(url: str) -> None:
    assert safe_url(url) is None


def test_schemes_can_be_narrowed() -> None:
    assert safe_url("tel:+33", schemes=("https",)) is None


@pytest.mark.trust("IN-5")
@pytest.mark.parametrize("judge", [clean, graphemes, email_problem, canonical_email, folded, slug, safe_next, safe_url])
@pytest.mark.parametrize("unit", ["\u0301\u0327", "a", "[", "é@", "🇫🇷", "\u200d", " ", "a.", "%25", "ﷺ"])
def test_the_longest_form_text_is_judged_at_once(judge: Callable[[str], object], unit: str) -> None:
    body = unit * (65_536 // len(unit))
    started = time.perf_counter()

    with suppress(Unclean):
        judge(body)

    assert time.perf_counter() - started < 1.5


def test_without_its_guard_a_pile_of_marks_would_be_quadratic(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of text.marks: with the guard removed such a text is accepted."""
    monkeypatch.setattr(text, "MARKS_IN_A_ROW", 10**9)

    assert clean("a" + "\u0301" * 31)
