"""Recurring duties, one line each. Every duty is safe at any time, any number of times, by any number of workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from eventapp.events import queries as events
from eventapp.journal import actions as journal
from eventapp.lib import limits, web
from eventapp.lib.db import Session, Unavailable
from eventapp.people import actions as people
from eventapp.registration import actions as registration
from eventapp.registration import queries as lines


@dataclass(frozen=True)
class Duty:
    """What recurs, and how often."""

    name: str
    every: timedelta
    run: Callable[[datetime], None]


class Unfinished(Exception):
    """A duty could not be done for some events; it was done for all others."""


def _for_each_event(find: Callable[[Session, datetime], list[int]], now: datetime, work: Callable[[int], None]) -> None:
    """Do it for each event that is found. One that fails keeps no other from its turn.

    Raises Unfinished: which of them failed, by their numbers; Unavailable.
    """
    with web.database().reading() as session:
        ids = find(session, now)
    failed = []
    for event_id in ids:
        try:
            work(event_id)
        except Unavailable:
            raise
        except Exception:
            current_app.logger.exception("event %s could not be tended", event_id)
            failed.append(str(event_id))
    if failed:
        raise Unfinished(f"not done for events {', '.join(failed)}")


def allocate_everywhere(now: datetime) -> None:
    """Do what the clock brings and seat whoever could be seated: what was missed for any reason repairs itself within a minute."""

    def tend(event_id: int) -> None:
        with web.database().writing() as session:
            registration.tend(session, event_id=event_id, now=now)

    _for_each_event(events.live_event_ids, now, tend)


def tell_the_lines(now: datetime) -> None:
    """Tell those who wait, in slices, when only short notice is left and when the list is closed."""

    def tell(event_id: int) -> None:
        told = 1
        while told:
            with web.database().writing() as session:
                told = registration.tell_the_line(session, event_id=event_id, now=now)

    _for_each_event(events.live_event_ids, now, tell)


def ask_who_comes(now: datetime) -> None:
    """Ask those who have a seat, in slices, whether they still come: some days before, and again while they have not answered."""

    def ask(event_id: int) -> None:
        asked = 1
        while asked:
            with web.database().writing() as session:
                asked = registration.ask(session, event_id=event_id, now=now)

    _for_each_event(events.live_event_ids, now, ask)


def ask_for_volunteers(now: datetime) -> None:
    """Ask those who have seats of a quota above its limit, in slices, who could give theirs back, where the organiser wishes it."""

    def tell(event_id: int) -> None:
        told = 1
        while told:
            with web.database().writing() as session:
                told = registration.tell_volunteers(session, event_id=event_id, now=now)

    _for_each_event(events.live_event_ids, now, tell)


def close_lines(now: datetime) -> None:
    """An hour after the end of an event, end what still waits for it, in slices."""

    def close(event_id: int) -> None:
        ended = 1
        while ended:
            with web.database().writing() as session:
                ended = registration.close(session, event_id=event_id, now=now)

    _for_each_event(lines.unclosed_event_ids, now, close)


def sweep_limits(now: datetime) -> None:
    """Forget the counters of limits whose time is over."""
    limits.sweep(web.database(), now=now)


def sweep_sign_ins(now: datetime) -> None:
    """Forget sessions and one-use links whose time is over."""
    with web.database().writing() as session:
        people.sweep(session, now=now)


def sweep_forms(now: datetime) -> None:
    """Forget the keys of forms that no browser will send again."""
    with web.database().writing() as session:
        journal.forget_forms(session, now=now)


DUTIES = (
    Duty("allocate", timedelta(minutes=1), allocate_everywhere),
    Duty("lines", timedelta(minutes=1), tell_the_lines),
    Duty("reconfirmation", timedelta(minutes=1), ask_who_comes),
    Duty("volunteers", timedelta(minutes=1), ask_for_volunteers),
    Duty("closing", timedelta(minutes=1), close_lines),
    Duty("limits", timedelta(minutes=10), sweep_limits),
    Duty("sign-ins", timedelta(hours=1), sweep_sign_ins),
    Duty("forms", timedelta(days=1), sweep_forms),
)
