"""Accounts: the first one, a forgotten password, a changed one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from eventapp.lib import codes
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys
from eventapp.lib.text import canonical_email
from eventapp.messages import actions as messages
from eventapp.people import queries, rules
from eventapp.people.actions import links, organisers, sign_ins
from eventapp.people.models import Membership, User
from eventapp.people.rules import OPERATOR, Actor, Role


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """What a person gives for an account. The password is hashed already."""

    name: str
    email: str
    language: str
    password_hash: str | None


def create_account(session: Session, *, account: NewAccount, now: datetime) -> User:
    """An account without any role.

    Raises Refused: account.exists, the mailbox has one.
    """
    row = User(
        public_id=codes.public_id(),
        name=account.name,
        email=account.email,
        canonical_email=canonical_email(account.email),
        language=account.language,
        password_hash=account.password_hash,
        epoch=0,
        created_at=now,
    )
    session.add(row)
    try:
        session.flush()  # the mailbox is unique: a second account shows itself here
    except IntegrityError:
        raise Refused("account.exists", status=422) from None
    return row


def update_account(session: Session, *, user_id: int, name: str, language: str, now: datetime) -> None:
    """Change how a user is called and which language the back office speaks to them."""
    row = queries.user_by_id(session, user_id)
    if row is None:
        raise Refused("account.unknown", status=404)
    row.name, row.language = name, language


def create_setup_link(session: Session, *, keys: Keys, now: datetime) -> str:
    """The secret with which the first organiser makes their account, good for 24 hours; older ones end.

    Raises Refused: setup.over, there is an account.
    """
    if queries.has_account(session):
        raise Refused("setup.over")
    links.kill(session, purpose="setup", now=now)
    row = links.make(session, purpose="setup", keys=keys, life=rules.SETUP_LIFE, now=now)
    return rules.one_time_secret(keys, row.identity)


def set_up(session: Session, *, secret: str, organiser_name: str, account: NewAccount, now: datetime) -> User:
    """The first organiser and its owner.

    Raises Refused: link.spent.
    """
    links.spend(session, secret=secret, purpose="setup", now=now)
    if queries.has_account(session):
        raise Refused("link.spent", status=404)
    user = create_account(session, account=account, now=now)
    organiser = organisers.create_organiser(session, name=organiser_name, actor=OPERATOR, now=now)
    session.add(Membership(user_id=user.id, organiser_id=organiser.id, role=Role.OWNER, created_at=now))
    session.flush()  # the session that follows is noted for this organiser
    return user


def request_reset(session: Session, *, email: str, keys: Keys, now: datetime) -> None:
    """Mail a link for a new password, good for 30 minutes; older ones end.

    For an address without account a link that opens nothing is kept, so that both answers take the same time.
    """
    user = queries.user_by_address(session, email)
    if user is None:
        links.make(session, purpose="reset", keys=keys, life=rules.RESET_LIFE, now=now)
        return
    links.kill(session, purpose="reset", user_id=user.id, now=now)
    row = links.make(session, purpose="reset", keys=keys, life=rules.RESET_LIFE, user_id=user.id, epoch=user.epoch, now=now)
    _write_to(session, user=user, kind="reset", facts={"link": row.id}, now=now)


def reset_password(session: Session, *, secret: str, password_hash: str, now: datetime) -> User:
    """A new password through a mailed link. Every session of the account ends.

    Raises Refused: link.spent.
    """
    row = links.spend(session, secret=secret, purpose="reset", now=now)
    user = queries.user_by_id(session, row.user_id) if row.user_id is not None else None
    if user is None:
        raise Refused("link.spent", status=404)
    _renew(session, user=user, password_hash=password_hash, verb="reset_password", now=now)
    return user


def change_password(session: Session, *, password_hash: str, label: str, actor: Actor, now: datetime) -> str:
    """A new password for who is signed in. Every session ends; gives the secret of a fresh one for this device."""
    user = queries.user_by_id(session, actor.user_id) if actor.user_id is not None else None
    if user is None:
        raise Refused("account.unknown", status=404)
    _renew(session, user=user, password_hash=password_hash, verb="change_password", now=now)
    return sign_ins.begin(session, user=user, label=label, now=now)


def _renew(session: Session, *, user: User, password_hash: str, verb: str, now: datetime) -> None:
    sign_ins.note(session, user=user, verb=verb, now=now)
    user.password_hash = password_hash
    user.epoch += 1
    sign_ins.end_all(session, user_id=user.id)
    links.kill(session, purpose="reset", user_id=user.id, now=now)
    _write_to(session, user=user, kind="password_changed", facts={}, now=now)


def _write_to(session: Session, *, user: User, kind: str, facts: dict[str, int], now: datetime) -> None:
    messages.post(session, room="people", kind=kind, address=user.email, name=user.name, language=user.language, facts=facts, now=now)
