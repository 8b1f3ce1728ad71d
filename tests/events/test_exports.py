"""Covers drawn from a slug: always the same, never two alike, harmless under the strictest policy."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as some

from eventapp.events.exports import SAFFRON, cover_svg

SLUGS = ["grand-opening", "atelier-rfid", "rencontre-iot", "job-dating-bim", "forum-smart-city", "aim-2015"]


def test_the_same_slug_gives_the_same_cover() -> None:
    first = cover_svg("grand-opening", "#c2264b")
    cover_svg.cache_clear()

    again = cover_svg("grand-opening", "#c2264b")

    assert first == again


def test_two_events_do_not_wear_the_same_cover() -> None:
    covers = {cover_svg(slug) for slug in SLUGS}

    assert len(covers) == len(SLUGS)


def test_the_colour_of_the_event_is_in_its_cover() -> None:
    cover = cover_svg("grand-opening", "#C2264B")

    assert 'stroke="#c2264b"' in cover


@pytest.mark.parametrize("colour", [None, "", "red", "#12345", "#12345g", '#123456"/><script>', "#123456\n"])
def test_what_is_not_a_colour_falls_back_to_ours(colour: str | None) -> None:
    assert cover_svg("grand-opening", colour) == cover_svg("grand-opening", SAFFRON)


@given(some.text(max_size=60))
def test_any_slug_gives_a_drawing_without_script_style_or_address(slug: str) -> None:
    cover = str(cover_svg(slug))

    tags = {element.tag for element in ElementTree.fromstring(cover).iter()}

    assert tags == {"svg", "rect", "g", "path"}
    assert re.findall(r"style=|href|url\(|on\w+=", cover) == []
