"""The phone application's one page: public, the same for everybody, its parts where its scripts look for them."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from eventapp.door import rules

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shell(client: FlaskClient) -> str:
    answer = client.get("/door/")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return answer.text


def test_it_needs_nobody_is_kept_by_nobody_and_may_use_the_camera(client: FlaskClient) -> None:
    answer = client.get("/door/")

    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert "'wasm-unsafe-eval'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


def test_it_names_its_release_and_files_that_are_served(client: FlaskClient, shell: str) -> None:
    block = re.search(r'id="door-config">(.*?)</script>', shell, re.DOTALL)
    assert block is not None
    config = json.loads(unescape(block[1]))
    files = [config["words"], config["verdicts"], config["worker"], *config["places"].values()]

    assert (config["api"], config["app"]) == ("/api/v1/door", rules.APP)
    assert {served(client, file) for file in files} == {200}


def served(client: FlaskClient, file: str) -> int:
    with client.get(file) as answer:
        return answer.status_code


def test_every_sentence_that_the_page_names_has_words_in_both_languages(shell: str) -> None:
    words = json.loads((ROOT / "static" / "js" / "door" / "words.json").read_text())

    named = set(re.findall(r'data-say="([^"]+)"', shell))

    assert named != set()
    assert {language: named - set(words[language]) for language in ("fr", "en")} == {"fr": set(), "en": set()}


def test_both_languages_say_the_same_things() -> None:
    words = json.loads((ROOT / "static" / "js" / "door" / "words.json").read_text())

    assert words["fr"].keys() == words["en"].keys()


def test_every_verdict_has_a_shape_of_its_own_family_and_words_in_both_languages(shell: str) -> None:
    verdicts = json.loads((ROOT / "static" / "js" / "door" / "verdicts.json").read_text())
    shapes = set(re.findall(r'id="shape-([\w-]+)"', shell))

    assert verdicts["verdicts"].keys() == set(rules.Verdict)
    for verdict in verdicts["verdicts"].values():
        assert verdict["shape"] in shapes
        assert verdict["family"] in verdicts["families"]
        assert [language for language in ("fr", "en") if not verdict["word"][language][-1]] == []
        assert {role for button in verdict["buttons"] for role in button["roles"] or ()} <= set(rules.Role)


def test_colours_of_verdicts_are_legible_at_three_metres() -> None:
    """Source: door.md §5, contrast of seven at least."""
    families = json.loads((ROOT / "static" / "js" / "door" / "verdicts.json").read_text())["families"]

    contrasts = {name: contrast(family["ground"], family["ink"]) for name, family in families.items()}

    assert {name: ratio for name, ratio in contrasts.items() if ratio < 7} == {}


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, 1.4.6."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
