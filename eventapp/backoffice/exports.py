"""Pictures of figures, as values that a page draws: the arrivals of an event as a curve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, log10

from eventapp.backoffice.rules import Curve

QUARTERS = 4
ROUND = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Bar:
    """One step of time: its place from the left, its top edge and its height."""

    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Picture:
    """A curve in units of its own: one step of time to the right, one person downwards. Stretched to its box by the page.

    `people` are the evenly spaced numbers of the axis from the highest down to zero, `marks` the evenly spaced instants.
    """

    width: int
    height: int
    people: tuple[int, ...]
    marks: tuple[datetime, ...]
    grid: tuple[int, ...]
    line: str
    bars: tuple[Bar, ...]
    gauge: int | None


def picture(curve: Curve, gauge: int | None) -> Picture:
    """Round numbers that hold the curve and the gauge, and as many steps of time as four equal parts need."""
    highest = max(curve.slots[-1].total, gauge or 0, QUARTERS)
    power = 10 ** int(log10(highest / QUARTERS))
    part = next(int(one * power) for one in ROUND if one * power * QUARTERS >= highest and one * power == int(one * power))
    people = tuple(part * place for place in range(QUARTERS, -1, -1))
    top, width = people[0], ceil(len(curve.slots) / QUARTERS) * QUARTERS
    apart = timedelta(minutes=curve.step_minutes) * width / QUARTERS
    return Picture(
        width=width,
        height=top,
        people=people,
        marks=tuple(curve.slots[0].begins_at + apart * place for place in range(QUARTERS + 1)),
        grid=tuple(top - value for value in people),
        line=f"M0 {top}" + "".join(f"L{place} {top - slot.total}" for place, slot in enumerate(curve.slots, start=1)),
        bars=tuple(Bar(place, top - slot.came, slot.came) for place, slot in enumerate(curve.slots) if slot.came),
        gauge=top - gauge if gauge else None,
    )
