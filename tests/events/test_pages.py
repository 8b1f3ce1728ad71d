"""A stored picture as templates show it: the smallest first for small screens, in proportion, with words in the page's language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, g

from eventapp.events.pages import picture_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FILE = "a" * 16


@pytest.fixture(autouse=True)
def in_context(app: Flask) -> Iterator[None]:
    with app.test_request_context("/en/"):
        g.lang = "en"
        yield


def picture(**values: Any) -> dict[str, Any]:
    shown = picture_of({"file": FILE, "width": 1280, "height": 640, "alt": {"fr": "Le parvis", "en": "The square"}} | values)
    assert shown is not None
    return shown


def test_a_picture_comes_in_each_of_its_widths() -> None:
    assert picture() == {
        "src": f"/media/{FILE}-1280.jpg",
        "small": f"/media/{FILE}-320.webp",
        "srcset": ", ".join(f"/media/{FILE}-{width}.webp {width}w" for width in (320, 640, 1280)),
        "width": 1280,
        "height": 640,
        "alt": "The square",
        "credit": "",
    }


def test_a_small_picture_comes_in_its_own_width_alone() -> None:
    shown = picture(width=200, height=333, credit="Inès")

    assert (shown["src"], shown["small"], shown["srcset"]) == (
        f"/media/{FILE}-200.jpg",
        f"/media/{FILE}-200.webp",
        f"/media/{FILE}-200.webp 200w",
    )
    assert (shown["width"], shown["height"], shown["credit"]) == (200, 333, "Inès")


@pytest.mark.parametrize(("alt", "words"), [({"fr": "Le parvis"}, "Le parvis"), ({}, ""), (None, "")])
def test_words_are_those_there_are(alt: Any, words: str) -> None:
    assert picture(alt=alt)["alt"] == words


@pytest.mark.parametrize("nothing", [None, {}])
def test_no_picture_is_none(nothing: Any) -> None:
    assert picture_of(nothing) is None


def test_templates_know_it(app: Flask) -> None:
    assert app.jinja_env.globals["picture_of"] is picture_of
