"""Who signs in, who works for whom, which one-use links are still good; and the organiser's lock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NewType

from sqlalchemy import JSON, func, select, type_coerce
from sqlalchemy.orm import joinedload

from eventapp.lib.db import Session, hold
from eventapp.lib.signing import Keys, sha256
from eventapp.lib.text import canonical_email
from eventapp.people import rules
from eventapp.people.models import Membership, OneTimeLink, Organisation, Organiser, Person, SignIn, User
from eventapp.people.rules import ANONYMOUS, Actor, Role

LockedOrganiser = NewType("LockedOrganiser", Organiser)


def locked_organiser(session: Session, organiser_id: int) -> LockedOrganiser:
    """The organiser, held until this transaction ends: its journal, team and places are changed by nobody else.

    Raises LookupError: no such organiser.
    """
    return LockedOrganiser(hold(session, Organiser, organiser_id))


def live_sign_in(session: Session, secret: str, now: datetime) -> SignIn | None:
    """The session of this secret with its user, unless it has ended: idle for 12 h, 30 days old, or of a former password or role."""
    statement = select(SignIn).options(joinedload(SignIn.user)).where(SignIn.secret_sha256 == sha256(secret))
    row = session.scalars(statement).one_or_none()
    if row is None or not rules.session_lives(created_at=row.created_at, seen_at=row.seen_at, now=now):
        return None
    return row if row.epoch == row.user.epoch else None


def member(session: Session, row: SignIn) -> Actor:
    """The actor of a live session, with a role for each organiser."""
    return member_of(session, row.user, session_id=row.id)


def member_of(session: Session, user: User, *, session_id: int | None = None) -> Actor:
    """A user as an actor."""
    statement = select(Membership.organiser_id, Membership.role).where(Membership.user_id == user.id)
    return Actor(
        "member",
        f"member:{user.public_id}",
        user_id=user.id,
        name=user.name,
        language=user.language,
        roles={organiser_id: Role(role) for organiser_id, role in session.execute(statement)},
        session_id=session_id,
    )


def actor(session: Session, secret: str, now: datetime) -> Actor:
    """Who holds this session secret; anonymous when it is unknown or has ended."""
    row = live_sign_in(session, secret, now)
    return ANONYMOUS if row is None else member(session, row)


def user_by_address(session: Session, email: str) -> User | None:
    """The account of this mailbox, however it is written."""
    return session.scalars(select(User).where(User.canonical_email == canonical_email(email))).one_or_none()


def user_by_id(session: Session, user_id: int) -> User | None:
    """An account."""
    return session.get(User, user_id)


def has_account(session: Session) -> bool:
    """Whether anybody at all has an account: after the first, set-up is over."""
    return session.scalar(select(func.count(User.id))) != 0


def organisers(session: Session) -> list[Organiser]:
    """Every organiser of the instance."""
    return list(session.scalars(select(Organiser).order_by(Organiser.id)))


def organiser_by_slug(session: Session, slug: str) -> Organiser | None:
    """An organiser, for the operator's commands."""
    return session.scalars(select(Organiser).where(Organiser.slug == slug)).one_or_none()


def organisers_of(session: Session, actor: Actor, *, may_: str) -> list[Organiser]:
    """The organisers for which the actor holds the permission."""
    statement = select(Organiser).where(Organiser.id.in_(rules.organisers_where(actor, may_))).order_by(Organiser.name, Organiser.id)
    return list(session.scalars(statement))


def organiser_for(session: Session, actor: Actor, slug: str | None, *, may_: str) -> Organiser | None:
    """The organiser of this slug, or the actor's first when none is named; None for what is not theirs."""
    own = organisers_of(session, actor, may_=may_)
    if slug is None:
        return own[0] if own else None
    return next((row for row in own if row.slug == slug), None)


def organiser_slugs(session: Session) -> set[str]:
    """The slugs in use."""
    return set(session.scalars(select(Organiser.slug)))


def team(session: Session, organiser_id: int) -> list[Membership]:
    """The members of an organiser with their user, owners first, then by name."""
    statement = select(Membership).join(User, User.id == Membership.user_id).options(joinedload(Membership.user))
    rows = session.scalars(statement.where(Membership.organiser_id == organiser_id).order_by(User.name, User.id))
    return sorted(rows, key=lambda row: rules.RANKS[Role(row.role)], reverse=True)


def membership(session: Session, organiser_id: int, public_id: str) -> Membership | None:
    """The membership of the user with this public id."""
    statement = select(Membership).join(User, User.id == Membership.user_id).options(joinedload(Membership.user))
    return session.scalars(statement.where(Membership.organiser_id == organiser_id, User.public_id == public_id)).one_or_none()


def invitations(session: Session, organiser_id: int, now: datetime) -> list[OneTimeLink]:
    """Invitations still open, newest first."""
    statement = select(OneTimeLink).where(
        OneTimeLink.purpose == "invitation",
        OneTimeLink.organiser_id == organiser_id,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now,
    )
    return list(session.scalars(statement.order_by(OneTimeLink.id.desc())))


def sign_ins(session: Session, user_id: int) -> list[SignIn]:
    """The sessions of a user, the one used last first."""
    return list(session.scalars(select(SignIn).where(SignIn.user_id == user_id).order_by(SignIn.seen_at.desc(), SignIn.id.desc())))


def open_link(session: Session, secret: str, *, purpose: str, now: datetime) -> OneTimeLink | None:
    """The unused, unexpired link of this secret; None for any other, whatever the reason."""
    statement = select(OneTimeLink).where(
        OneTimeLink.secret_sha256 == sha256(secret),
        OneTimeLink.purpose == purpose,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now,
    )
    row = session.scalars(statement).one_or_none()
    if row is None or purpose != "reset":
        return row
    user = session.get(User, row.user_id) if row.user_id is not None else None
    return row if user is not None and user.epoch == row.epoch else None


def links_of_mail(session: Session, facts: Mapping[str, Any], keys: Keys) -> dict[str, str]:
    """The secret that a mail of this room leads to, derived anew from the row its facts name; nothing once it is used or gone."""
    row = session.get(OneTimeLink, facts["link"]) if "link" in facts else None
    if row is None or row.used_at is not None:
        return {}
    return {"secret": rules.one_time_secret(keys, row.identity)}


def names_around(session: Session, link: OneTimeLink) -> list[str]:
    """What the person behind a link is called, and under which address."""
    user = session.get(User, link.user_id) if link.user_id is not None else None
    return [user.name, user.email] if user is not None else [link.email or ""]


def organisers_around(session: Session, link: OneTimeLink) -> list[int]:
    """The organisers that a link leads to: who invites, and whom the user works for."""
    user = session.get(User, link.user_id) if link.user_id is not None else None
    invites = [link.organiser_id] if link.organiser_id is not None else []
    return [*invites, *(member_of(session, user).roles if user is not None else ())]


def names_of(session: Session, organiser_ids: Collection[int]) -> list[str]:
    """Names of organisers."""
    rows = session.execute(select(Organiser.name, Organiser.legal_name).where(Organiser.id.in_(organiser_ids)))
    return [name for row in rows for name in row if name]


def organiser_by_id(session: Session, organiser_id: int) -> Organiser | None:
    """An organiser."""
    return session.get(Organiser, organiser_id)


def person_named(session: Session, organiser_id: int, name: str) -> Person | None:
    """The person of exactly this name, the first told of them."""
    statement = select(Person).where(Person.organiser_id == organiser_id, Person.name == name).order_by(Person.id).limit(1)
    return session.scalars(statement).one_or_none()


def person_by_id(session: Session, organiser_id: int, person_id: int) -> Person | None:
    """A person of this organiser."""
    return session.scalars(select(Person).where(Person.id == person_id, Person.organiser_id == organiser_id)).one_or_none()


def persons(session: Session, organiser_id: int) -> list[Person]:
    """The persons an organiser has told of, by name."""
    return list(session.scalars(select(Person).where(Person.organiser_id == organiser_id).order_by(Person.name, Person.id)))


def person_slugs(session: Session, organiser_id: int) -> set[str]:
    """The slugs of an organiser's persons."""
    return set(session.scalars(select(Person.slug).where(Person.organiser_id == organiser_id)))


def persons_with_portrait(session: Session, file: str) -> list[Person]:
    """The persons whose portrait is this picture."""
    return list(session.scalars(select(Person).where(type_coerce(Person.portrait, JSON)["file"].as_string() == file)))


def organisations_with_logo(session: Session, file: str) -> list[Organisation]:
    """The bodies whose logo is this picture."""
    return list(session.scalars(select(Organisation).where(type_coerce(Organisation.logo, JSON)["file"].as_string() == file)))


def organisation_named(session: Session, organiser_id: int, name: str) -> Organisation | None:
    """The body of exactly this name, the first told of it."""
    statement = select(Organisation).where(Organisation.organiser_id == organiser_id, Organisation.name == name)
    return session.scalars(statement.order_by(Organisation.id).limit(1)).one_or_none()


def organisation_by_id(session: Session, organiser_id: int, organisation_id: int) -> Organisation | None:
    """A body of this organiser."""
    statement = select(Organisation).where(Organisation.id == organisation_id, Organisation.organiser_id == organiser_id)
    return session.scalars(statement).one_or_none()


def organisations(session: Session, organiser_id: int) -> list[Organisation]:
    """The bodies an organiser has told of, by name."""
    return list(session.scalars(select(Organisation).where(Organisation.organiser_id == organiser_id).order_by(Organisation.name)))


def organisation_slugs(session: Session, organiser_id: int) -> set[str]:
    """The slugs of an organiser's bodies."""
    return set(session.scalars(select(Organisation.slug).where(Organisation.organiser_id == organiser_id)))
