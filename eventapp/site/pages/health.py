"""Is the process alive; has it all that it needs. JSON without secrets, for whoever watches over it."""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from flask import Blueprint, Response, jsonify

from eventapp.lib import smtp, web
from eventapp.lib.db import Unavailable
from eventapp.lib.schema import current_revision, head_revision
from eventapp.messages import actions, queries
from eventapp.messages.models import DutySlot

health = Blueprint("health", __name__)
readiness = Blueprint("readiness", __name__)

# Source: trust.md OPS-1, OPS-3, F-11, F-13.
BEAT_WITHIN = timedelta(seconds=60)
MAIL_WITHIN = timedelta(minutes=5)
DUTY_LATE = timedelta(minutes=5)
CLOCKS_AGREE_WITHIN = timedelta(minutes=5)
MIN_FREE_BYTES = 500 * 1024 * 1024


@dataclass(frozen=True)
class Check:
    """One thing looked at: well, not well, or unknown because something else is not (None)."""

    name: str
    ok: bool | None
    detail: str


class _Undone(Exception):
    """Takes a transaction back that has shown what it should."""


@health.get("/healthz")
@web.access("public")
def show() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@readiness.get("/readyz", endpoint="show")
@web.access("public")
def show_readiness() -> Response:
    """503 as soon as one part is not well, and which: `unavailable` without the database, else `degraded`."""
    now = web.now()
    ground = [_database(now), _schema()]
    rests_on = all(check.ok for check in ground)
    checks = [*ground, *(_told(now) if rests_on else _UNTOLD), _disk()]
    well = all(check.ok for check in checks)
    answer = jsonify(
        status="ok" if well else "degraded" if rests_on else "unavailable",
        now=now.isoformat(),
        checks={check.name: {"ok": check.ok, "detail": check.detail} for check in checks},
    )
    if not well:
        answer.status_code = 503
        answer.headers["Retry-After"] = "10"
    return answer


_UNTOLD = [Check(name, None, "only the database could tell") for name in ("worker", "duties", "mail", "clock")]


def _told(now: datetime) -> list[Check]:
    try:
        return [*_worker_and_mail(now), _clock(now)]
    except Unavailable:
        return _UNTOLD


def _database(now: datetime) -> Check:
    try:
        _write_and_undo(now)
    except _Undone:
        return Check("database", True, "writable")
    except Unavailable as error:
        return Check("database", False, str(error))
    except Exception:  # noqa: BLE001 - whatever keeps us from writing is the answer
        return Check("database", False, "cannot be written to")


def _write_and_undo(now: datetime) -> NoReturn:
    with web.database().writing() as session:
        actions.try_to_write(session, now=now)
        raise _Undone


@functools.cache
def _expected() -> str | None:
    # The migrations of a running process do not change.
    return head_revision(web.database())


def _schema() -> Check:
    try:
        here, expected = current_revision(web.database()), _expected()
    except Unavailable:
        return Check("schema", None, "only the database could tell")
    return Check("schema", here == expected, f"at {here or 'nothing'}" + ("" if here == expected else f", the code expects {expected}"))


def _disk() -> Check:
    folder = web.settings().instance_dir
    try:
        free = shutil.disk_usage(folder).free
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"written")
    except OSError as error:
        return Check("disk", False, f"the instance folder cannot be written: {error.strerror}")
    return Check("disk", free >= MIN_FREE_BYTES, f"{free // 1024 // 1024} MiB free")


def _worker_and_mail(now: datetime) -> list[Check]:
    with web.database().reading() as session:
        beat, oldest = queries.last_beat(session), queries.oldest_unsent(session, but_for=smtp.ANSWERED)
        duties = queries.duties(session)
    waiting = now - oldest if oldest else timedelta(0)
    return [
        Check("worker", beat is not None and now - beat <= BEAT_WITHIN, f"last seen {beat.isoformat()}" if beat else "never seen"),
        _duties(duties, now),
        Check("mail", waiting <= MAIL_WITHIN, f"oldest undelivered for {int(waiting.total_seconds())} s"),
    ]


def _duties(slots: Sequence[DutySlot], now: datetime) -> Check:
    """Each recurring duty: whether its last turn went well, and its next one is not overdue."""
    faults = [f"{slot.name}: {slot.problem}" for slot in slots if slot.problem]
    faults += [f"{slot.name} is {int((now - slot.next_at).total_seconds())} s late" for slot in slots if now - slot.next_at > DUTY_LATE]
    return Check("duties", not faults, "; ".join(faults) or (f"{len(slots)} in time" if slots else "none has run yet"))


def _clock(now: datetime) -> Check:
    """Ours beside the database's, and beside what a worker has written: a clock that stepped back finds that in the future."""
    with web.database().reading() as session:
        theirs, beat = queries.clock(session), queries.last_beat(session)
    if beat is not None and beat - now > CLOCKS_AGREE_WITHIN:
        return Check("clock", False, f"{int((beat - now).total_seconds())} s behind the worker's")
    set_by_hand = web.settings().origin.get("EVENTAPP_NOW") == "environment"
    apart = timedelta(0) if set_by_hand else abs(theirs - now)
    return Check("clock", apart <= CLOCKS_AGREE_WITHIN, f"{int(apart.total_seconds())} s from the database's")
