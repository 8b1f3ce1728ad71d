"""Sessions of the back office: a row for each, deleted when it ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update

from eventapp.journal import actions as journal
from eventapp.lib import codes
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import sha256
from eventapp.messages import actions as messages
from eventapp.people import queries, rules
from eventapp.people.models import OneTimeLink, SignIn, User

KEPT_AFTER = timedelta(days=7)


def sign_in(session: Session, *, user_id: int, epoch: int, label: str, password_hash: str | None = None, now: datetime) -> str:
    """Begin a session for a user whose password was found right at this epoch; gives the secret for the cookie.

    `password_hash` replaces the kept one when that was outdated. Noted for each of the user's organisers.
    Raises Refused: sign_in.wrong, the password or a role changed in between.
    """
    user = queries.user_by_id(session, user_id)
    if user is None or user.epoch != epoch:
        raise Refused("sign_in.wrong", status=422)
    if password_hash is not None:
        user.password_hash = password_hash
    note(session, user=user, verb="sign_in", now=now)
    return begin(session, user=user, label=label, now=now)


def tell_of_sign_in(session: Session, *, user_id: int, label: str, now: datetime) -> None:
    """Write to a user that a device we had not seen before has signed in."""
    user = queries.user_by_id(session, user_id)
    if user is not None:
        facts = {"label": label}
        messages.post(
            session, room="people", kind="new_sign_in", address=user.email, name=user.name, language=user.language, facts=facts, now=now
        )


def sign_out(session: Session, *, session_id: int, now: datetime) -> None:
    """End one session. Harmless when it has ended already."""
    session.execute(delete(SignIn).where(SignIn.id == session_id))


def end_sign_in(session: Session, *, user_id: int, session_id: int, now: datetime) -> None:
    """End one of a user's sessions, from another. Harmless when it has ended already or is somebody else's."""
    session.execute(delete(SignIn).where(SignIn.id == session_id, SignIn.user_id == user_id))


def sign_out_everywhere(session: Session, *, user_id: int, now: datetime) -> None:
    """End all sessions of a user, this one too."""
    end_all(session, user_id=user_id)


def seen(session: Session, *, session_id: int, now: datetime) -> None:
    """Note that a session is in use, at most every five minutes."""
    old = SignIn.seen_at < now - rules.SEEN_EVERY
    session.execute(update(SignIn).where(SignIn.id == session_id, old).values(seen_at=now).execution_options(synchronize_session=False))


def sweep(session: Session, *, now: datetime) -> None:
    """Delete sessions that have ended, and one-use links a week after they were good."""
    ended = or_(SignIn.seen_at <= now - rules.SESSION_IDLE, SignIn.created_at <= now - rules.SESSION_LIFE)
    session.execute(delete(SignIn).where(ended).execution_options(synchronize_session=False))
    session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < now - KEPT_AFTER).execution_options(synchronize_session=False))


def begin(session: Session, *, user: User, label: str, now: datetime) -> str:
    """A new session row; gives its secret, of which only the hash is kept."""
    secret = codes.secret()
    session.add(
        SignIn(secret_sha256=sha256(secret), user_id=user.id, epoch=user.epoch, label=label[:120], created_at=now, seen_at=now),
    )
    session.flush()  # the next request reads it
    return secret


def end_all(session: Session, *, user_id: int) -> None:
    """Delete every session of a user."""
    session.execute(delete(SignIn).where(SignIn.user_id == user_id))


def note(session: Session, *, user: User, verb: str, now: datetime) -> None:
    """Note what a user did to their own account, in the journal of each of their organisers."""
    for organiser_id in sorted(queries.member_of(session, user).roles):
        queries.locked_organiser(session, organiser_id)
        label = f"member:{user.public_id}"
        journal.note(session, chain=f"organiser:{organiser_id}", actor=label, verb=verb, subject=f"user:{user.public_id}", now=now)
