"""Claim, run, sleep: mails and duties, until asked to stop."""

from __future__ import annotations

import os
import signal
import socket
import threading
from types import FrameType

from flask import current_app

from eventapp.lib import web
from eventapp.lib.clock import monotonic
from eventapp.lib.db import Unavailable, repeatable
from eventapp.messages import actions as messages
from eventapp.worker import mail
from eventapp.worker.duties import DUTIES, Unfinished

IDLE_SECONDS = 0.5
AWAY_SECONDS = 2.0
BEAT_SECONDS = 10.0
POLITENESS = 10  # in a rush the processors belong to those who answer people; the mail follows a moment later


def run(*, once: bool) -> int:
    """Work until SIGTERM or SIGINT, or with `once` until nothing is due. Gives the number of mails handled.

    A database that is away is waited for: nothing needs a restart.
    """
    stop = threading.Event()
    if not once:
        _on_signals(stop)
        os.nice(POLITENESS)
    name = f"{socket.gethostname()}:{os.getpid()}"
    handled, beaten = 0, -BEAT_SECONDS
    while not stop.is_set():
        try:
            now = web.edge().clock()
            if once or monotonic() - beaten >= BEAT_SECONDS:
                with web.database().writing() as session:
                    messages.beat(session, name=name, now=now)
                _run_duties()
                beaten = monotonic()
            sent = mail.deliver_due(now=now)
        except Exception as error:
            if once or not (isinstance(error, Unavailable) or repeatable(error)):
                raise
            current_app.logger.warning("worker waits: %s", type(error).__name__)
            sent = 0
            stop.wait(AWAY_SECONDS)
        handled += sent
        if not sent:
            if once:
                return handled
            stop.wait(IDLE_SECONDS)
    return handled


def _run_duties() -> None:
    for duty in DUTIES:
        now = web.edge().clock()
        with web.database().writing() as session:
            mine = messages.claim_duty(session, name=duty.name, every=duty.every, now=now)
        if mine:
            problem = ""
            try:
                duty.run(now)
            except Unavailable:
                raise
            except Exception as error:
                current_app.logger.exception("duty %s failed; it runs again in %s", duty.name, duty.every)
                problem = f"{type(error).__name__}: {error}" if isinstance(error, Unfinished) else type(error).__name__
            with web.database().writing() as session:
                messages.end_duty(session, name=duty.name, problem=problem, now=now)


def _on_signals(stop: threading.Event) -> None:
    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
