"""Is the process alive; is it ready to serve. JSON without secrets, for whoever watches over it."""

from __future__ import annotations

import functools
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, jsonify

from eventapp.lib import web
from eventapp.lib.db import Unavailable
from eventapp.lib.schema import current_revision, head_revision
from eventapp.messages import queries as messages

health = Blueprint("health", __name__)
readiness = Blueprint("readiness", __name__)

BEAT_WITHIN = timedelta(minutes=2)
MAIL_WITHIN = timedelta(minutes=15)
MIN_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True)
class Check:
    """One thing looked at. `vital` ones decide whether requests may be sent here."""

    name: str
    ok: bool
    vital: bool
    detail: str


@health.get("/healthz")
@web.access("public")
def show() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@readiness.get("/readyz", endpoint="show")
@web.access("public")
def show_readiness() -> Response:
    """503 while the database cannot be written to or its schema is not ours; late mail or a silent worker is said, and served."""
    checks = [_database(), _schema(), _disk(), *_worker(web.now())]
    ready = all(check.ok for check in checks if check.vital)
    worst = "ok" if all(check.ok for check in checks) else "degraded" if ready else "unavailable"
    answer = jsonify(
        status=worst, now=web.now().isoformat(), checks={check.name: {"ok": check.ok, "detail": check.detail} for check in checks}
    )
    answer.status_code = 200 if ready else 503
    return answer


def _database() -> Check:
    try:
        with web.database().writing() as session:
            messages.last_beat(session)
    except Unavailable:
        return Check("database", False, True, "cannot be written to")
    return Check("database", True, True, "writable")


@functools.cache
def _expected() -> str | None:
    # The migrations of a running process do not change.
    return head_revision(web.database())


def _schema() -> Check:
    database = web.database()
    try:
        here, expected = current_revision(database), _expected()
    except Exception:  # noqa: BLE001 - whatever keeps us from the schema is the answer
        return Check("schema", False, True, "cannot be read")
    return Check(
        "schema", here == expected, True, f"at {here or 'nothing'}" + ("" if here == expected else f", the code expects {expected}")
    )


def _disk() -> Check:
    folder = web.settings().instance_dir
    free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
    return Check("disk", free >= MIN_FREE_BYTES, False, f"{free // 1024 // 1024} MiB free")


def _worker(now: datetime) -> list[Check]:
    try:
        with web.database().reading() as session:
            beat, oldest = messages.last_beat(session), messages.oldest_unsent(session)
    except Unavailable:
        return []
    alive = beat is not None and now - beat <= BEAT_WITHIN
    waiting = now - oldest if oldest else timedelta(0)
    return [
        Check("worker", alive, False, f"last seen {beat.isoformat()}" if beat else "never seen"),
        Check("mail", waiting <= MAIL_WITHIN, False, f"oldest undelivered for {int(waiting.total_seconds())} s"),
    ]
