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

COMPANY = ((LAGOON, SEA), (SEA, LAGOON), (SEA, LIMESTONE), (LAGOON, CORAL), (CORAL, SEA), (LIMESTONE, LAGOON))


@lru_cache(maxsize=512)
def cover_svg(slug: str, colour: str | None = None) -> markup.Markup:
    """Three broad currents over the sea, always the same for the same slug and colour.

    Decoration: hidden from screen readers, without text, script, style or a foreign address, so that the strictest
    policy shows it. It fills its box and is cut at the edges. A colour that is not #rrggbb counts as none.
    """
    seed = hashlib.sha256(slug.encode()).digest()
    first = colour.lower() if colour and COLOUR.fullmatch(colour) and colour.lower() != GROUND else SAFFRON
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


def _swell(seed: bytes, place: int) -> str:
    """Side by side, rising from the lower left to the upper right."""
    start = 430 + seed[5] % 110 + place * 138
    end = -150 + seed[6] % 160 + place * (118 + seed[7] % 40)
    bend = seed[8] % 170
    middle = (520 + seed[9] % 90, (start + end) // 2 + 30)
    leave = ((170 + bend, start - 70), (300 + bend, start - 50))
    arrive = (870 + seed[10] % 130, end + 30 + seed[11] % 70)
    return _path((-80, start), leave, middle, arrive, (1280, end))


def _delta(seed: bytes, place: int) -> str:
    """From one mouth at the upper right, spreading over the plain."""
    mouth = 40 + seed[5] % 120 + place * 64
    reach = 220 + seed[6] % 100 + place * (210 + seed[7] % 50)
    turn = 560 + seed[8] % 160
    leave = ((turn + 320, mouth - 20), (turn + 140, mouth + 20))
    arrive = (190 + seed[9] % 120, reach)
    return _path((1280, mouth - 90), leave, (turn, (mouth + reach) // 2), arrive, (-80, reach + 40 - seed[10] % 80))


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
