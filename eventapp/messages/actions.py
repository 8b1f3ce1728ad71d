"""Posting a mail: a row in the transaction of its reason; claiming it under a lease; saying what became of it. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from eventapp.lib import codes
from eventapp.lib.db import Session, insert_later
from eventapp.lib.text import canonical_email
from eventapp.messages import queries
from eventapp.messages.models import DutySlot, Message, WorkerBeat

LEASE = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(days=3)


def post(
    session: Session,
    *,
    room: str,
    kind: str,
    address: str,
    language: str,
    name: str = "",
    organiser_id: int | None = None,
    event_id: int | None = None,
    subject_id: str | None = None,
    facts: Mapping[str, Any],
    now: datetime,
) -> None:
    """Leave a mail in the outbox; the worker renders `templates/<room>/mail/<kind>` and sends it after the commit."""
    insert_later(
        session,
        Message,
        public_id=codes.public_id(),
        room=room,
        kind=kind,
        address=address,
        language=language,
        name=name,
        organiser_id=organiser_id,
        event_id=event_id,
        subject_id=subject_id,
        facts=dict(facts),
        state="queued",
        attempts=0,
        due_at=now,
        created_at=now,
        problem="",
    )


def claim(session: Session, *, lease: str, limit: int, now: datetime) -> list[Message]:
    """Take up to `limit` due mails under a lease: a worker that dies gives them back when it ends (60 s)."""
    ids = queries.due_ids(session, now, limit)
    if not ids:
        return []
    taken = (
        update(Message)
        .where(Message.id.in_(ids), Message.state.in_(("queued", "leased")), (Message.lease_until.is_(None)) | (Message.lease_until < now))
        .values(state="leased", lease=lease, lease_until=now + LEASE, attempts=Message.attempts + 1)
        .returning(Message)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(taken).all(), key=lambda message: message.id)


def _settle(session: Session, *, message_id: int, lease: str, **values: Any) -> bool:
    statement = update(Message).where(Message.id == message_id, Message.lease == lease, Message.state == "leased")
    result = session.execute(statement.values(lease=None, lease_until=None, **values).execution_options(synchronize_session=False))
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]  # a CursorResult


def sent(session: Session, *, message_id: int, lease: str, now: datetime) -> bool:
    """The server took the mail. False when the lease had ended and another worker has it."""
    return _settle(session, message_id=message_id, lease=lease, state="sent", sent_at=now, problem="")


def failed(session: Session, *, message_id: int, lease: str, problem: str, now: datetime) -> bool:
    """The mail will never be taken; the reason is shown to the organiser."""
    return _settle(session, message_id=message_id, lease=lease, state="failed", problem=problem[:500])


def later(session: Session, *, message_id: int, lease: str, attempts: int, created_at: datetime, problem: str, now: datetime) -> bool:
    """The server is away or asked for patience: again after 10 s, 20 s, … 1 h, and given up after three days."""
    if now - created_at > GIVE_UP_AFTER:
        return failed(session, message_id=message_id, lease=lease, problem=problem, now=now)
    wait = min(timedelta(hours=1), timedelta(seconds=10) * 2 ** min(attempts - 1, 9))
    return _settle(session, message_id=message_id, lease=lease, state="queued", due_at=now + wait, problem=problem[:500])


def pause(session: Session, *, message_id: int, lease: str, until: datetime, now: datetime) -> bool:
    """Not yet: at that instant, as if it had never been tried, unless it is let go before."""
    return _settle(session, message_id=message_id, lease=lease, state="queued", due_at=until, attempts=0, problem=queries.PAUSED)


def let_go(session: Session, *, address: str, now: datetime) -> int:
    """What was paused for this address (canonical) may leave. Gives the number of mails."""
    paused = session.scalars(select(Message).where(Message.state == "queued", Message.due_at > now, Message.problem == queries.PAUSED))
    mails = [mail for mail in paused if canonical_email(mail.address) == address]
    for mail in mails:
        mail.due_at, mail.problem = now, ""
    return len(mails)


def beat(session: Session, *, name: str, now: datetime) -> None:
    """A worker's proof of life."""
    row = session.get(WorkerBeat, name)
    if row is None:
        session.add(WorkerBeat(name=name, seen_at=now))
    else:
        row.seen_at = now


def try_to_write(session: Session, *, now: datetime) -> None:
    """Write a row to see whether one can be written. For a transaction that its caller takes back."""
    session.add(WorkerBeat(name="nobody", seen_at=now))
    session.flush()  # a disk that is full or read-only shows itself here


def claim_duty(session: Session, *, name: str, every: timedelta, now: datetime) -> bool:
    """Take a recurring duty if it is due: one worker of many gets it. Its next time is set at once, so a crash loses one turn, not all."""
    slot = session.get(DutySlot, name)
    if slot is None:
        session.add(DutySlot(name=name, next_at=now + every, ran_at=now, problem=""))
        return True
    taken = session.execute(
        update(DutySlot)
        .where(DutySlot.name == name, (DutySlot.next_at <= now) | (DutySlot.next_at > now + every))
        .values(next_at=now + every, ran_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]  # a CursorResult


def end_duty(session: Session, *, name: str, problem: str, now: datetime) -> None:
    """Say how the turn of a duty went: `problem` is empty when all went well."""
    session.execute(
        update(DutySlot).where(DutySlot.name == name, DutySlot.problem != problem).values(problem=problem, ran_at=now),
        execution_options={"synchronize_session": False},
    )


def hold_all(session: Session, *, now: datetime) -> int:
    """Hold every mail not sent yet, after a restore: nothing leaves until `resume`. Gives their number."""
    statement = update(Message).where(Message.state.in_(("queued", "leased"))).values(state="held", lease=None, lease_until=None)
    return int(session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def resume(session: Session, *, drop: bool, now: datetime) -> int:
    """Send the held mails after all, or drop them. Gives their number."""
    values = {"state": "failed", "problem": "dropped after a restore"} if drop else {"state": "queued", "due_at": now}
    statement = update(Message).where(Message.state == "held").values(**values)
    return int(session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
