"""What an event looks like where there is no photograph: a cover drawn from its slug and its colour."""

import hashlib
import re
from functools import lru_cache

from eventapp.lib import markup

GROUND = "#082338"
SAFFRON = "#f5a70a"
LAGOON = "#0e8f8f"
SEA = "#136a9c"
CORAL = "#d9653f"
LIMESTONE = "#e6dfd1"
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

Point = tuple[int, int]

DARK = 64
"""Sum of weighted channels (0 to 255) below which a colour drowns in the ground."""

COMPANY = ((LAGOON, SEA), (SEA, LAGOON), (SEA, LIMESTONE), (LAGOON, CORAL), (CORAL, SEA), (LIMESTONE, LAGOON))


@lru_cache(maxsize=512)
def cover_svg(slug: str, colour: str | None = None) -> markup.Markup:
    """Three broad currents over the sea, always the same for the same slug and colour.

    Decoration: hidden from screen readers, without text, script, style or a foreign address, so that the strictest
    policy shows it. It fills its box and is cut at the edges. A colour that is not #rrggbb, or that drowns in the ground,
    counts as none.
    """
    seed = hashlib.sha256(slug.encode()).digest()
    first = colour.lower() if colour and COLOUR.fullmatch(colour) and _light(colour) >= DARK else SAFFRON
    others = tuple(shade for shade in COMPANY[seed[0] % len(COMPANY)] if shade != first)
    shades = (first, *others)
    order = shades[seed[1] % len(shades) :] + shades[: seed[1] % len(shades)]
    draw = (_swell, _delta, _bay)[seed[2] % 3]
    paths = "".join(
        f'<path d="{draw(seed, place)}" stroke="{shade}" stroke-width="{(58, 84, 112)[(seed[3] + place) % 3] + seed[4] % 16}"/>'
        for place, shade in enumerate(order)
    )
    return markup.drawn(
        '<svg class="cover__art" viewBox="0 0 1200 800" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">'
        f'<rect width="1200" height="800" fill="{GROUND}"/><g fill="none">{paths}</g></svg>'
    )


def _light(colour: str) -> float:
    """How light a #rrggbb is, from 0 to 255. Source: ITU-R BT.601, luma."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _swell(seed: bytes, place: int) -> str:
    """Side by side, in one long S from the left to the upper right."""
    start = 400 + seed[5] % 90 + place * 132
    end = -60 + seed[6] % 90 + place * (120 + seed[7] % 30)
    return f"M-80 {start}C{430 + seed[8] % 90} {start + 40} {590 + seed[9] % 90} {end - 40} 1280 {end}"


def _delta(seed: bytes, place: int) -> str:
    """From one mouth at the upper right, spreading over the plain."""
    mouth = 20 + seed[5] % 90 + place * 66
    reach = 260 + seed[6] % 90 + place * (190 + seed[7] % 40)
    return f"M1280 {mouth - 60}C{860 - seed[8] % 90} {mouth - 20} {640 - seed[9] % 90} {reach} -80 {reach - 10 + seed[10] % 50}"


def _bay(seed: bytes, place: int) -> str:
    """Shores of one bay around the upper right corner."""
    radius = 330 + seed[5] % 90 + place * (150 + seed[6] % 24)
    x, y = 930 + seed[7] % 130, 40 + seed[8] % 110
    dip = y + radius + seed[9] % 50
    leave = ((x - radius - 20 - seed[10] % 60, y + radius // 2), (x - radius // 2, dip))
    return _path((x - radius - 40, -90), leave, (x + 40, dip - 20), (1240, y + radius - 90), (1300, y + radius - 190 - seed[11] % 60))


def _path(start: Point, leave: tuple[Point, Point], middle: Point, arrive: Point, end: Point) -> str:
    """Two joined curves; the first leaves by two handles, the second arrives by one and mirrors the other."""
    curve = " ".join(f"{x} {y}" for x, y in (*leave, middle))
    return f"M{start[0]} {start[1]}C{curve}S{arrive[0]} {arrive[1]} {end[0]} {end[1]}"
