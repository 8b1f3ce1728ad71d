"""The contrast that the eye needs, computed from the tokens themselves, in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
TEXT, SHAPE = 4.5, 3.0
GROUNDS = ("colour-ground", "colour-surface", "colour-sunken")
TONES = ("good", "wait", "bad", "info", "plain")

TEXT_PAIRS = [
    *(
        (ink, ground)
        for ground in GROUNDS
        for ink in ("colour-text", "colour-quiet", "colour-heading", "colour-number", "colour-link", "colour-link-hover")
    ),
    *((ink, ground) for ground in GROUNDS for ink in ("colour-danger", "colour-good", "colour-wait", "colour-bad", "colour-info")),
    *((f"colour-{tone}", f"colour-{tone}-soft") for tone in TONES),
    ("colour-link", "colour-info-soft"),
    ("colour-link-hover", "colour-info-soft"),
    ("colour-text", "colour-wait-soft"),
    ("colour-on-action", "colour-action"),
    ("colour-on-action", "colour-action-strong"),
    ("colour-on-danger", "colour-danger"),
    ("colour-on-danger", "colour-danger-strong"),
    ("colour-on-structure", "colour-structure"),
    ("colour-on-structure", "colour-structure-raised"),
    ("colour-on-structure-quiet", "colour-structure"),
    ("colour-on-structure-quiet", "colour-structure-raised"),
    ("colour-on-structure", "sea"),
    ("colour-on-structure-quiet", "sea"),
    ("colour-on-structure", "sea-deep"),
    ("colour-on-structure-quiet", "sea-deep"),
    ("saffron-ink", "saffron"),
    ("saffron-ink", "verdict-already"),
    ("colour-on-structure", "verdict-good"),
    ("colour-on-structure", "verdict-bad"),
    ("colour-on-structure", "verdict-other"),
    ("colour-on-structure", "verdict-note"),
    ("night-warning", "sea-deep"),
    ("night-mistake", "sea-deep"),
]

SHAPE_PAIRS = [
    *(
        (shape, ground)
        for ground in ("colour-ground", "colour-surface")
        for shape in ("colour-edge", "colour-focus", "colour-taken", "colour-chance")
    ),
    ("colour-focus", "colour-info-soft"),
    ("colour-focus", "colour-bad-soft"),
    ("saffron", "sea-deep"),
    ("saffron", "colour-structure"),
]


def colours(css: str) -> dict[str, str]:
    """The custom properties of a block that are plain colours."""
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", css))


def themes() -> dict[str, dict[str, str]]:
    """The tokens as each theme sees them: dark repeats only what it changes."""
    css = (CSS / "tokens.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    return {"light": colours(light), "dark": colours(light) | colours(dark)}


def luminance(colour: str) -> float:
    """Relative luminance, from 0 (black) to 1 (white). Source: WCAG 2.2, relative luminance."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """The ratio of two colours, from 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def too_weak(theme: dict[str, str], pairs: list[tuple[str, str]], floor: float) -> list[str]:
    """The pairs below the floor, each as a sentence."""
    ratios = [(ink, ground, contrast(theme[ink], theme[ground])) for ink, ground in pairs]
    return [f"{ink} on {ground}: {ratio:.2f}, {floor} wanted" for ink, ground, ratio in ratios if ratio < floor]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read(name: str) -> None:
    theme = themes()[name]

    weak = too_weak(theme, TEXT_PAIRS, TEXT)

    assert weak == []


@pytest.mark.parametrize("name", ["light", "dark"])
def test_edges_meters_and_focus_can_be_seen(name: str) -> None:
    theme = themes()[name]

    weak = too_weak(theme, SHAPE_PAIRS, SHAPE)

    assert weak == []


def test_a_pale_ink_is_named() -> None:
    theme = themes()["light"] | {"colour-quiet": "#aaaaaa"}

    weak = too_weak(theme, [("colour-quiet", "colour-ground")], TEXT)

    assert weak == ["colour-quiet on colour-ground: 2.10, 4.5 wanted"]


def test_components_name_colours_only_through_tokens() -> None:
    allowed = {"#fff", "#000"}
    sheets = [CSS / "theme.css", CSS / "base.css", *sorted((CSS / "rooms").glob("*.css"))]

    strangers = {
        sheet.name: sorted(set(re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text(encoding="utf-8"))) - allowed) for sheet in sheets
    }

    assert {name: found for name, found in strangers.items() if found} == {}


def test_every_token_used_exists() -> None:
    defined = set(re.findall(r"--([\w-]+):", "".join(sheet.read_text(encoding="utf-8") for sheet in CSS.rglob("*.css"))))
    scripts = "".join(script.read_text(encoding="utf-8") for script in (CSS.parent / "js").rglob("*.js"))
    defined |= set(re.findall(r"[\"']--([\w-]+)[\"']", scripts))
    used = set(re.findall(r"var\(--([\w-]+)\)", "".join(sheet.read_text(encoding="utf-8") for sheet in CSS.rglob("*.css"))))

    assert sorted(used - defined) == []
