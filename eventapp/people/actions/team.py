"""Who works for an organiser: invited by mail, with a role nobody gives above their own. Under the organiser's lock.

Source: trust.md ACL-6.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from eventapp.journal import actions as journal
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys
from eventapp.lib.text import canonical_email
from eventapp.messages import actions as messages
from eventapp.people import queries, rules
from eventapp.people.actions import accounts, links, sign_ins
from eventapp.people.actions.accounts import NewAccount
from eventapp.people.models import Membership, User
from eventapp.people.rules import Actor, Role


def invite(session: Session, *, organiser_id: int, email: str, role: Role, language: str, keys: Keys, actor: Actor, now: datetime) -> None:
    """Mail an invitation: one address, one use, seven days; an older one to the same address ends.

    Raises Refused: team.above_your_role, team.member_already.
    """
    organiser = queries.locked_organiser(session, organiser_id)
    _check(session, organiser_id=organiser_id, before=None, after=role, actor=actor)
    user = queries.user_by_address(session, email)
    if user is not None and queries.membership(session, organiser_id, user.public_id) is not None:
        raise Refused("team.member_already", status=422)
    links.kill(session, purpose="invitation", organiser_id=organiser_id, email=email, now=now)
    row = links.make(
        session,
        purpose="invitation",
        keys=keys,
        life=rules.INVITATION_LIFE,
        organiser_id=organiser_id,
        email=email,
        role=role,
        now=now,
    )
    facts = {"link": row.id, "organiser": organiser.name, "inviter": actor.name, "role": str(role)}
    messages.post(
        session,
        room="people",
        kind="invitation",
        address=email,
        language=user.language if user is not None else language,
        organiser_id=organiser_id,
        facts=facts,
        now=now,
    )
    _note(session, organiser_id=organiser_id, verb="invite", subject=f"link:{row.id}", facts={"role": role}, actor=actor, now=now)


def withdraw_invitation(session: Session, *, organiser_id: int, link_id: int, actor: Actor, now: datetime) -> None:
    """End an open invitation. Harmless when it has been used or is somebody else's."""
    queries.locked_organiser(session, organiser_id)
    for row in queries.invitations(session, organiser_id, now):
        if row.id == link_id:
            row.used_at = now
            _note(session, organiser_id=organiser_id, verb="withdraw_invitation", subject=f"link:{row.id}", facts={}, actor=actor, now=now)


def accept_invitation(session: Session, *, secret: str, account: NewAccount | None, now: datetime) -> User:
    """Join the team under the invited address: `account` for a person who has none yet.

    Raises Refused: link.spent; account.missing, no account was given and the address has none.
    """
    row = links.spend(session, secret=secret, purpose="invitation", now=now)
    assert row.organiser_id is not None
    assert row.email is not None
    assert row.role is not None
    user = queries.user_by_address(session, row.email)
    if user is None:
        if account is None or canonical_email(account.email) != canonical_email(row.email):
            raise Refused("account.missing", status=422)
        user = accounts.create_account(session, account=account, now=now)
    actor = queries.member_of(session, user)
    add_member(session, organiser_id=row.organiser_id, user_id=user.id, role=Role(row.role), actor=actor, now=now)
    return user


def add_member(session: Session, *, organiser_id: int, user_id: int, role: Role, actor: Actor, now: datetime) -> None:
    """Give a user a role for an organiser, once whoever invited them was judged. Nothing changes for a member."""
    queries.locked_organiser(session, organiser_id)
    user = queries.user_by_id(session, user_id)
    if user is None or queries.membership(session, organiser_id, user.public_id) is not None:
        return
    session.add(Membership(user_id=user_id, organiser_id=organiser_id, role=role, created_at=now))
    session.flush()  # the next look at the team must see it
    subject = f"user:{user.public_id}"
    _note(session, organiser_id=organiser_id, verb="join", subject=subject, facts={"role": role}, actor=actor, now=now)


def change_role(session: Session, *, organiser_id: int, public_id: str, role: Role, actor: Actor, now: datetime) -> None:
    """Give a member another role; their sessions end.

    Raises Refused: team.unknown, team.above_your_role, team.last_owner.
    """
    row = _member(session, organiser_id=organiser_id, public_id=public_id)
    before = Role(row.role)
    if before is role:
        return
    _check(session, organiser_id=organiser_id, before=before, after=role, actor=actor)
    row.role = role
    _end_sessions(session, row.user)
    facts = {"before": before, "after": role}
    _note(session, organiser_id=organiser_id, verb="change_role", subject=f"user:{public_id}", facts=facts, actor=actor, now=now)


def remove_member(session: Session, *, organiser_id: int, public_id: str, actor: Actor, now: datetime) -> None:
    """End a membership, somebody's or one's own; the sessions of the account end.

    Raises Refused: team.unknown, team.above_your_role, team.last_owner.
    """
    row = _member(session, organiser_id=organiser_id, public_id=public_id)
    before = Role(row.role)
    _check(session, organiser_id=organiser_id, before=before, after=None, actor=actor)
    session.delete(row)
    _end_sessions(session, row.user)
    facts = {"role": before}
    _note(session, organiser_id=organiser_id, verb="remove_member", subject=f"user:{public_id}", facts=facts, actor=actor, now=now)


def _member(session: Session, *, organiser_id: int, public_id: str) -> Membership:
    queries.locked_organiser(session, organiser_id)
    row = queries.membership(session, organiser_id, public_id)
    if row is None:
        raise Refused("team.unknown", status=404)
    return row


def _check(session: Session, *, organiser_id: int, before: Role | None, after: Role | None, actor: Actor) -> None:
    """Judge by the roles as they are under the lock, not as they were when the request came in."""
    team = queries.team(session, organiser_id)
    own = next((Role(row.role) for row in team if row.user_id == actor.user_id), None)
    owners = sum(row.role == Role.OWNER for row in team)
    rules.check_role_change(
        own=Role.OWNER if actor.kind in {"operator", "worker"} else own,
        before=before,
        after=after,
        owners=owners,
    )


def _end_sessions(session: Session, user: User) -> None:
    user.epoch += 1
    sign_ins.end_all(session, user_id=user.id)


def _note(
    session: Session, *, organiser_id: int, verb: str, subject: str, facts: Mapping[str, object], actor: Actor, now: datetime
) -> None:
    plain = {name: str(value) for name, value in facts.items()}
    journal.note(session, chain=f"organiser:{organiser_id}", actor=actor.label, verb=verb, subject=subject, facts=plain, now=now)
