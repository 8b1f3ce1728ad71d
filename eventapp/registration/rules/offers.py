"""What an offer asks of the one who has it, and what becomes of one that nobody answers. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from eventapp.lib.refusal import Refused
from eventapp.registration.rules.calendar import Calendar, Phase
from eventapp.registration.rules.line import House
from eventapp.registration.rules.settings import Settings
from eventapp.registration.rules.states import State

EXTENSIONS = 1
"""How often a holder may ask for more time."""
MOST_EXTENSIONS = 9
"""How often an organiser may give more, the holder's own included."""
REMIND_FROM = timedelta(hours=12)


def after_lapse(*, seq: int | None, lapses: int, settings: Settings) -> State:
    """What an unanswered offer leads to: the end of the line, and after `settings.lapses` of them, or outside the line, the end.

    `lapses` counts those before this one.
    """
    return State.EXPIRED if seq is None or lapses + 1 >= settings.lapses else State.WAITLISTED


def remind_at(counted_from: datetime, answer_by: datetime) -> datetime | None:
    """When to remind somebody of an offer: at half time; never of one shorter than 12 hours."""
    length = answer_by - counted_from
    return counted_from + length / 2 if length >= REMIND_FROM else None


def check_extension(*, extensions: int, by_organiser: bool, in_deficit: bool, answer_by: datetime, latest: datetime) -> None:
    """Whether an offer or a hold may last longer. `latest` is the end of all of them: the freeze, or doors for a hold.

    Raises Refused: offer.extended_already, offer.deficit (the seat is needed back), offer.no_later.
    """
    if extensions >= (MOST_EXTENSIONS if by_organiser else EXTENSIONS):
        raise Refused("offer.extended_already")
    if in_deficit:
        raise Refused("offer.deficit")
    if answer_by >= latest:
        raise Refused("offer.no_later")


def plain(moment: datetime | None) -> str:
    """An instant as a mail keeps it among its facts."""
    return moment.isoformat() if moment is not None else ""


def turns(house: House) -> list[datetime]:
    """Instants at which seats that were kept become free, in order: an allotment's guard ends, groups keep no more."""
    ends = [quota.protected_until for quota in house.quotas.values()] + [house.calendar.keep_until]
    return sorted({end for end in ends if end is not None})


def next_instant(next_due: datetime | None, house: House, *, since: datetime | None, now: datetime) -> datetime | None:
    """The first instant, up to now, at which something is to be done: an offer or a hold ends, or kept seats become free.

    `since` is the last of the latter that was done; where nobody knows, the pass that follows sees to it.
    """
    coming = [turn for turn in turns(house) if since is not None and since < turn <= now]
    if next_due is not None and next_due <= now:
        coming.append(next_due)
    return min(coming, default=None)


def notice(calendar: Calendar, now: datetime) -> str | None:
    """What all who wait are to be told in this phase, if anything."""
    return {Phase.LAST_DAY: "last_day", Phase.FROZEN: "frozen"}.get(calendar.phase(now))
