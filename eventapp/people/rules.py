"""Roles, permissions and the actor. Deny by default: what is not listed here nobody may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

MAX_NAME = 80
MAX_TITLE = 120
MIN_PASSWORD = 12
MAX_PASSWORD_BYTES = 1024
SESSION_IDLE = timedelta(hours=12)
SESSION_LIFE = timedelta(days=30)
RESET_LIFE = timedelta(minutes=30)
INVITATION_LIFE = timedelta(days=7)
SETUP_LIFE = timedelta(hours=24)


class Role(StrEnum):
    """What a member is to an organiser; each includes those below it."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"


_STAFF = frozenset({"organiser.read", "event.read", "registration.read", "door.read"})
_MANAGER = _STAFF | {
    "event.edit",
    "event.publish",
    "registration.edit",
    "registration.export",
    "quota.edit",
    "programme.edit",
    "partner.edit",
    "door.manage",
    "gauge.edit",
    "messages.read",
    "journal.read",
}
_OWNER = _MANAGER | {"organiser.edit", "team.edit"}
PERMISSIONS: Mapping[Role, frozenset[str]] = {Role.STAFF: _STAFF, Role.MANAGER: _MANAGER, Role.OWNER: _OWNER}
ALL_PERMISSIONS = _OWNER


@dataclass(frozen=True)
class Actor:
    """Who asks. `roles` maps organiser ids to the member's role there; `event_ids` bounds a device or a link."""

    kind: str
    label: str
    user_id: int | None = None
    name: str = ""
    language: str | None = None
    roles: Mapping[int, Role] = field(default_factory=dict)
    event_ids: frozenset[int] = frozenset()
    session_id: int | None = None

    @property
    def is_authenticated(self) -> bool:
        """Whether a person has signed in."""
        return self.kind == "member"


ANONYMOUS = Actor("anonymous", "anonymous")
OPERATOR = Actor("operator", "operator")
WORKER = Actor("worker", "worker")


def link_holder(public_id: str) -> Actor:
    """The person who holds a registration's link."""
    return Actor("link", f"link:{public_id}")


def may(actor: Actor, permission: str, organiser_id: int) -> bool:
    """Whether the actor holds this permission for this organiser. The operator and the worker may all."""
    if actor.kind in {"operator", "worker"}:
        return True
    role = actor.roles.get(organiser_id)
    return role is not None and permission in PERMISSIONS[role]


def organisers_where(actor: Actor, permission: str) -> frozenset[int]:
    """The organisers for which the actor holds this permission."""
    return frozenset(id for id, role in actor.roles.items() if permission in PERMISSIONS[role])
