"""French and English: which one a person reads, and which text of a pair to show."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("fr", "en")
NAMES = {"fr": "Français", "en": "English"}


def chosen(values: Mapping[str, str] | None, language: str) -> tuple[str, str]:
    """The text to show and its language: the one asked for, else the other one, else nothing."""
    for candidate in (language, *LANGUAGES):
        text = (values or {}).get(candidate, "")
        if text:
            return text, candidate
    return "", language


def preferred(accept: str | None) -> str:
    """The better of our languages for an Accept-Language header; French unless English is asked for first."""
    ranked: list[tuple[float, str]] = []
    for part in (accept or "")[:200].split(","):
        tag, _, quality = part.strip().partition(";q=")
        base = tag.split("-")[0].lower()
        if base in LANGUAGES:
            ranked.append((_weight(quality), base))
    return max(ranked, key=lambda entry: entry[0])[1] if ranked else "fr"


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
