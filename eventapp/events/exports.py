"""What an event looks like where there is no photograph: a cover drawn from its slug and its colour."""

import hashlib
import re
from functools import lru_cache

from markupsafe import Markup

GROUND = "#082338"
SAFFRON = "#f5a70a"
CURRENTS = (SAFFRON, "#0e8f8f", "#136a9c", "#b8431f", "#e6dfd1")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@lru_cache(maxsize=512)
def cover_svg(slug: str, colour: str | None = None) -> Markup:
    """Three broad currents over the sea, always the same for the same slug and colour.

    Decoration: hidden from screen readers, without text, script, style or a foreign address, so that the strictest
    policy shows it. It fills its box and is cut at the edges. A colour that is not #rrggbb counts as none.
    """
    seed = hashlib.sha256(slug.encode()).digest()
    paths = "".join(
        f'<path d="{_current(seed, place)}" stroke="{shade}" stroke-width="{66 + seed[9 + place] % 30}"/>' for place, shade in enumerate(_shades(seed, colour))
    )
    name = f"shade-{seed[:4].hex()}"
    return Markup(  # noqa: S704 - built from digits and the constants above only
        f'<svg class="cover__art" viewBox="0 0 1200 800" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">'
        f'<defs><linearGradient id="{name}" x1="0" y1="1" x2="0.35" y2="0.1"><stop offset="0.25" stop-color="{GROUND}" stop-opacity="0.86"/>'
        f'<stop offset="0.75" stop-color="{GROUND}" stop-opacity="0"/></linearGradient></defs>'
        f'<rect width="1200" height="800" fill="{GROUND}"/><g fill="none">{paths}</g><rect width="1200" height="800" fill="url(#{name})"/></svg>'
    )


def _shades(seed: bytes, colour: str | None) -> tuple[str, ...]:
    """The event's colour first, then two of ours that differ from it."""
    first = colour.lower() if colour and COLOUR.fullmatch(colour) and colour.lower() != GROUND else SAFFRON
    others = [shade for shade in CURRENTS[:3] if shade != first]
    if seed[0] % 2:
        others.reverse()
    return (first, *others[:2])


def _current(seed: bytes, place: int) -> str:
    """One current from the lower left to the upper right; the three run side by side and never quite alike."""
    start = 470 + seed[1] % 90 + place * 128
    end = -170 + seed[2] % 120 + place * (120 + seed[3] % 40)
    bend = seed[4] % 160
    return (
        f"M-80 {start}"
        f"C{180 + bend} {start - 60 - seed[5 + place] % 40} {300 + bend} {start - 40} {520 + seed[5] % 80} {(start + end) // 2 + 40}"
        f"S{880 + seed[6] % 120} {end + 30 + seed[7] % 60} 1280 {end}"
    )
