"""Languages: which one a browser asks for, which text of a pair is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventapp.lib.languages import LANGUAGES, chosen, preferred


@pytest.mark.parametrize(
    ("values", "language", "shown"),
    [
        ({"fr": "Forum", "en": "Fair"}, "en", ("Fair", "en")),
        ({"fr": "Forum"}, "en", ("Forum", "fr")),
        ({"fr": "", "en": "Fair"}, "fr", ("Fair", "en")),
        ({}, "fr", ("", "fr")),
        (None, "en", ("", "en")),
    ],
)
def test_the_other_language_stands_in(values: dict[str, str] | None, language: str, shown: tuple[str, str]) -> None:
    assert chosen(values, language) == shown


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("de", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("de,en;q=0.5", "en"),
        ("en;q=0.1,fr;q=0.2", "fr"),
        ("en;q=no", "en"),
    ],
)
def test_french_unless_english_is_asked_for_first(accept: str | None, language: str) -> None:
    assert preferred(accept) == language


@given(st.text())
def test_any_header_gives_one_of_our_languages(accept: str) -> None:
    assert preferred(accept) in LANGUAGES
