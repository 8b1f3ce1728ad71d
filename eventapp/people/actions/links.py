"""One-use links: made, and spent by an UPDATE that must change exactly one row, so that of two clicks one counts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from eventapp.lib import codes
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys, sha256
from eventapp.people import queries, rules
from eventapp.people.models import OneTimeLink


def make(
    session: Session,
    *,
    purpose: str,
    keys: Keys,
    life: timedelta,
    user_id: int | None = None,
    organiser_id: int | None = None,
    email: str | None = None,
    role: str | None = None,
    epoch: int | None = None,
    now: datetime,
) -> OneTimeLink:
    """A link good for `life`."""
    identity = codes.identity()
    row = OneTimeLink(
        identity=identity,
        secret_sha256=sha256(rules.one_time_secret(keys, identity)),
        purpose=purpose,
        user_id=user_id,
        organiser_id=organiser_id,
        email=email,
        role=role,
        epoch=epoch,
        created_at=now,
        expires_at=now + life,
    )
    session.add(row)
    session.flush()  # mails name the row by its id
    return row


def spend(session: Session, *, secret: str, purpose: str, now: datetime) -> OneTimeLink:
    """Use a link up.

    Raises Refused: link.spent, unknown, used, expired or replaced, which nobody can tell apart.
    """
    row = queries.open_link(session, secret, purpose=purpose, now=now)
    if row is None or not _mine(session, row.id, now):
        raise Refused("link.spent", status=404)
    return row


def _mine(session: Session, id: int, now: datetime) -> bool:
    statement = update(OneTimeLink).where(OneTimeLink.id == id, OneTimeLink.used_at.is_(None)).values(used_at=now).returning(OneTimeLink.id)
    return session.scalar(statement.execution_options(synchronize_session=False)) is not None


def kill(
    session: Session, *, purpose: str, user_id: int | None = None, organiser_id: int | None = None, email: str | None = None, now: datetime
) -> None:
    """End the unused links of this purpose for this user or this address: a new one replaces them."""
    older = [OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None)]
    older += [OneTimeLink.user_id == user_id] if user_id is not None else []
    older += [OneTimeLink.organiser_id == organiser_id] if organiser_id is not None else []
    older += [OneTimeLink.email == email] if email is not None else []
    session.execute(update(OneTimeLink).where(*older).values(used_at=now).execution_options(synchronize_session=False))
