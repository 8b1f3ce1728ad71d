"""Note what was done; answer a repeated command once. Both in the transaction of the effect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, LargeBinary, bindparam, delete, text, update

from eventapp.journal import queries, rules
from eventapp.journal.models import CommandKey, Entry, FormKey
from eventapp.journal.rules import Sending
from eventapp.lib.db import Session, Utc, insert_later
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import sha256

# A second sending waits here until the first has been committed or rolled back, before either has taken any lock.
_CLAIM = text(
    "INSERT INTO form_key (key, body_sha256, location, at) VALUES (:key, :body_sha256, '', :at) ON CONFLICT (key) DO NOTHING RETURNING key"
).bindparams(bindparam("body_sha256", type_=LargeBinary), bindparam("at", type_=Utc))


def note(
    session: Session,
    *,
    chain: str,
    actor: str,
    verb: str,
    subject: str,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Append an entry to a chain whose lock the caller holds (the event's, else the organiser's).

    `facts` hold plain values and no personal data: the chained text can never be erased.
    """
    position, previous = queries.last_entry(session, chain) or (0, rules.START)
    values = dict(facts or {})
    hash_ = rules.digest(
        chain=chain, position=position + 1, at=now, actor=actor, verb=verb, subject=subject, reason=reason, facts=values, previous=previous
    )
    insert_later(
        session,
        Entry,
        chain=chain,
        position=position + 1,
        at=now,
        actor=actor,
        verb=verb,
        subject=subject,
        reason=reason,
        facts=values,
        previous=previous,
        hash=hash_,
    )


def answered(session: Session, *, key: str, body: str) -> str | None:
    """What an earlier command under this key made; None when the key is new. Ask under the lock.

    Raises Refused: command.key_reused, the key was used for something else (422).
    """
    return answer_again(queries.command(session, key), body=body)


def answer_again(known: queries.Answered | None, *, body: str) -> str | None:
    """What the known command made; None where none is known.

    Raises Refused: command.key_reused, the key was used for something else (422).
    """
    if known is None:
        return None
    if known.body_sha256 != sha256(body):
        raise Refused("command.key_reused", status=422)
    return known.subject


def answer(session: Session, *, key: str, body: str, subject: str, now: datetime) -> None:
    """Remember what a command made, so that its repetition gives the same. The key is unique: a race fails and is rolled back."""
    insert_later(session, CommandKey, key=key, body_sha256=sha256(body), subject=subject, at=now)


def claim(session: Session, *, form: Sending, actor: str, now: datetime) -> str | None:
    """Where this form led when it was sent before; None when it is new, and the caller carries it out and then says `led_to`.

    The first thing of its transaction, so that two sendings at once make one: the later one waits, and is answered like the first.
    Raises Refused: command.key_reused, the key was used for something else (422).
    """
    key = _form_key(form, actor)
    values = {"key": key, "body_sha256": sha256(form.sent_body), "at": now}
    if session.execute(_CLAIM, values).scalar_one_or_none() is not None:
        return None
    known = queries.form_key(session, key)
    if known is None or known.body_sha256 != values["body_sha256"]:
        raise Refused("command.key_reused", status=422)
    return known.location


def led_to(session: Session, *, form: Sending, actor: str, location: str) -> str:
    """Remember the page to which a claimed form leads, and give it back."""
    session.execute(update(FormKey).where(FormKey.key == _form_key(form, actor)).values(location=location))
    return location


def forget_forms(session: Session, *, now: datetime) -> int:
    """Delete the keys of forms that no browser will send again. Gives their number."""
    result = session.execute(delete(FormKey).where(FormKey.at < now - rules.FORM_KEYS_KEPT))
    return result.rowcount if isinstance(result, CursorResult) else 0


def _form_key(form: Sending, actor: str) -> str:
    """Keys belong to who sends them: nobody learns anything from somebody else's."""
    return f"{actor}:{form.sent_key}"
