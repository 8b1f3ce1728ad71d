"""Note what was done; answer a repeated command once. Both in the transaction of the effect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eventapp.journal import queries, rules
from eventapp.journal.models import CommandKey, Entry
from eventapp.lib.db import Session, insert_row
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import sha256


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
    insert_row(
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
    known = queries.command(session, key)
    if known is None:
        return None
    if known.body_sha256 != sha256(body):
        raise Refused("command.key_reused", status=422)
    return known.subject


def answer(session: Session, *, key: str, body: str, subject: str, now: datetime) -> None:
    """Remember what a command made, so that its repetition gives the same. The key is unique: a race fails and is rolled back."""
    insert_row(session, CommandKey, key=key, body_sha256=sha256(body), subject=subject, at=now)
