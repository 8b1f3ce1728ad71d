"""When a free seat goes to whom: the phases of an event, counted back from doors on the venue's wall clock.

Source: docs/waitlist.md, the calendar. A change of clocks moves nothing: durations are added to wall times.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

from eventapp.events.rules import same_wall_clock_before
from eventapp.lib.refusal import Refused
from eventapp.registration.rules.settings import BOUNDS, DAY, DEFAULTS, HOUR, Reconfirm, Settings
from eventapp.registration.rules.states import AutoUntil

EXTENSION = 2 * HOUR
ASKS_BEFORE = (5 * DAY, 2 * DAY, DAY)
"""When those who have a seat are asked whether they still come, and reminded twice: so long before doors."""
STRICT_ASKS_BEFORE = (8 * DAY, 6 * DAY, 4 * DAY)
CUT_BEFORE = 3 * DAY
"""The same where silence costs the seat, and when it does."""


class Phase(StrEnum):
    """What happens to a seat that becomes free."""

    CONFIRMING = "confirming"  # A: to the first in line, at once
    OFFERING = "offering"  # B: asked first, unless they said otherwise
    LAST_DAY = "last_day"  # C: to the first of those who can come at short notice
    FROZEN = "frozen"  # D: to nobody online
    DOOR = "door"  # E: to those who stand there


def waking_between(settings: Settings, first: datetime, last: datetime) -> timedelta:
    """Time outside quiet hours between two wall times."""
    total, at = timedelta(0), first
    while at < last:
        opens, closes = _waking_day(settings, at)
        total += max(timedelta(0), min(closes, last) - max(opens, at))
        at = opens + DAY
    return total


def _waking_day(settings: Settings, wall: datetime) -> tuple[datetime, datetime]:
    """The waking hours of the day of a wall time."""
    if settings.quiet_from == settings.quiet_to:
        return datetime.combine(wall.date(), time(0)), datetime.combine(wall.date() + DAY, time(0))
    if settings.quiet_to < settings.quiet_from:
        return datetime.combine(wall.date(), settings.quiet_to), datetime.combine(wall.date(), settings.quiet_from)
    # Quiet hours within one day are as good as a day that begins when they end.
    begin = datetime.combine(wall.date(), settings.quiet_to)
    if wall <= datetime.combine(wall.date(), settings.quiet_from):
        begin -= DAY
    return begin, datetime.combine(begin.date() + DAY, settings.quiet_from)


def is_quiet(settings: Settings, wall: datetime) -> bool:
    """Whether a wall time lies strictly within quiet hours: both ends are still awake."""
    opens, closes = _waking_day(settings, wall)
    return not opens <= wall <= closes


def next_waking(settings: Settings, wall: datetime) -> datetime:
    """This wall time, or the end of the quiet hours it lies in."""
    opens, closes = _waking_day(settings, wall)
    if wall < opens:
        return opens
    return wall if wall <= closes else opens + DAY


def after_waking(settings: Settings, wall: datetime, length: timedelta) -> datetime:
    """The wall time at which this much waking time has gone by."""
    left, at = length, wall
    while True:
        opens, closes = _waking_day(settings, at)
        begin = max(opens, at)
        if begin < closes and left <= closes - begin:
            return begin + left
        left -= max(timedelta(0), closes - begin)
        at = opens + DAY


@dataclass(frozen=True)
class Calendar:
    """The phases of one event as instants, and the settings they come from. `keep_until` is None where no seats are kept."""

    doors_at: datetime
    offers_from: datetime
    last_day_from: datetime
    freeze_at: datetime
    keep_until: datetime | None
    zone: str
    settings: Settings = DEFAULTS

    def phase(self, now: datetime) -> Phase:
        """In which phase an instant lies."""
        if now >= self.doors_at:
            return Phase.DOOR
        if now >= self.freeze_at:
            return Phase.FROZEN
        if now >= self.last_day_from:
            return Phase.LAST_DAY
        return Phase.OFFERING if now >= self.offers_from else Phase.CONFIRMING

    def confirms_until(self, auto_until: str) -> datetime | None:
        """Until when a party with this wish is confirmed without being asked; None: it is always asked."""
        return {AutoUntil.OFFERS: self.offers_from, AutoUntil.LAST_DAY: self.last_day_from, AutoUntil.FREEZE: self.freeze_at}.get(
            AutoUntil(auto_until)
        )

    def usual_wish(self, now: datetime) -> AutoUntil:
        """What somebody who says nothing is taken to wish who joins the line now."""
        return AutoUntil.OFFERS if now < self.offers_from else AutoUntil.LAST_DAY

    def answer_by(self, offered_at: datetime, *, counted_from: datetime | None = None) -> datetime:
        """Until when an offer of this instant may be answered; its window may begin later, when its mail has left.

        Before `offers_from` the window is plain time, and an end in quiet hours moves to their end. After it, the window is a share
        of the wall time left to doors, within bounds, and its clock stands still in quiet hours. It never outlives the freeze.
        """
        wall, begin = self._wall(offered_at), self._wall(counted_from or offered_at)
        settings = self.settings
        if offered_at < self.offers_from:
            end = next_waking(settings, begin + settings.early_window)
        else:
            share = (self._wall(self.doors_at) - wall) * settings.window_percent / 100
            end = after_waking(settings, begin, min(settings.window_most, max(settings.window_least, share)))
        return min(self._instant(end), self.freeze_at)

    def extended(self, answer_by: datetime) -> datetime:
        """Two waking hours more, never beyond the freeze."""
        return min(self._instant(after_waking(self.settings, self._wall(answer_by), EXTENSION)), self.freeze_at)

    @property
    def asks(self) -> tuple[datetime, ...]:
        """The instants at which those who have a seat are asked whether they still come, first to last; none where nobody is asked."""
        if self.settings.reconfirm == Reconfirm.OFF:
            return ()
        asks = STRICT_ASKS_BEFORE if self.settings.reconfirm == Reconfirm.STRICT else ASKS_BEFORE
        return tuple(same_wall_clock_before(self.doors_at, before, self.zone) for before in asks)

    @property
    def cut_at(self) -> datetime | None:
        """When those who were asked and have not answered lose their seats; None where silence costs nothing."""
        if self.settings.reconfirm != Reconfirm.STRICT:
            return None
        return same_wall_clock_before(self.doors_at, CUT_BEFORE, self.zone)

    def ask_due(self, now: datetime) -> datetime | None:
        """The latest of these instants that has come: who missed the earlier ones is asked once. None before the first, and from doors on."""
        if now >= self.doors_at:
            return None
        return max((at for at in self.asks if at <= now), default=None)

    def _wall(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def _instant(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


def calendar_of(doors_at: datetime, zone: str, settings: Settings = DEFAULTS) -> Calendar:
    """The phases of an event whose doors open at this instant."""
    before = partial(same_wall_clock_before, doors_at, zone=zone)
    return Calendar(
        doors_at=doors_at,
        offers_from=before(settings.offers_before),
        last_day_from=before(settings.last_day_before),
        freeze_at=before(settings.freeze_before),
        keep_until=before(settings.keep_before) if settings.keep_before is not None else None,
        zone=zone,
        settings=settings,
    )


def check_settings(settings: Settings, doors_at: datetime, zone: str) -> None:
    """Whether these settings make a calendar that can be kept: phases in order, time awake to answer in the last of them.

    Raises Refused: allocation.out_of_bounds, .phases_out_of_order, .too_little_time, .keep_too_long, .window_reversed.
    """
    for one in fields(settings):
        least, most = BOUNDS.get(one.name, (None, None))
        if least is not None and not least <= getattr(settings, one.name) <= most:
            raise Refused("allocation.out_of_bounds", field=one.name, status=422)
    if not settings.offers_before > settings.last_day_before > settings.freeze_before >= timedelta(0):
        raise Refused("allocation.phases_out_of_order", field="last_day_before", status=422)
    if settings.keep_before is not None and settings.keep_before < settings.last_day_before:
        raise Refused("allocation.keep_too_long", field="keep_before", status=422)
    if settings.window_least > settings.window_most:
        raise Refused("allocation.window_reversed", field="window_most", status=422)
    wall = doors_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if waking_between(settings, wall - settings.last_day_before, wall - settings.freeze_before) < EXTENSION:
        raise Refused("allocation.too_little_time", field="freeze_before", status=422)
