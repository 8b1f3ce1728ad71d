"""Roles, permissions and the actor. Deny by default: what is not listed here nobody may do."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys, derived
from eventapp.lib.text import folded, words

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


MAX_LEGAL_NAME = 200
MAX_ADDRESS = 500
MAX_PHONE = 40
MAX_REGISTER_NUMBER = 40
SEEN_EVERY = timedelta(minutes=5)
RANKS: Mapping[Role, int] = {Role.STAFF: 1, Role.MANAGER: 2, Role.OWNER: 3}


def session_lives(*, created_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session still counts: used within 12 hours, begun within 30 days. Source: trust.md SESS-3."""
    return now - seen_at < SESSION_IDLE and now - created_at < SESSION_LIFE


def one_time_secret(keys: Keys, identity: bytes) -> str:
    """The secret of a one-use link: 43 characters, 256 bits, derived so that it is stored nowhere. Source: trust.md TOK-3, TOK-7."""
    return urlsafe_b64encode(derived(keys.link, "one-time-link-1", identity)).rstrip(b"=").decode()


def check_role_change(*, own: Role | None, before: Role | None, after: Role | None, owners: int) -> None:
    """Whether somebody whose role is `own` may give, change or end a role; `owners` counts them before the change.

    Raises Refused: team.above_your_role, team.last_owner. Source: trust.md ACL-6.
    """
    rank = RANKS[own] if own is not None else 0
    if any(role is not None and RANKS[role] > rank for role in (before, after)):
        raise Refused("team.above_your_role", status=403)
    if before is Role.OWNER and after is not Role.OWNER and owners <= 1:
        raise Refused("team.last_owner")


def check_password(password: str, *, names: Iterable[str] = ()) -> None:
    """Judge a new password: long enough, and not made of what everybody tries first. No rule on kinds of characters.

    `names` are those of the organiser, its events and the person, with their address; what they add does not count towards
    the length. Raises Refused: password.too_short, password.too_long, password.common, password.of_names. Source: trust.md PASS-1.
    """
    if len(password) < MIN_PASSWORD:
        raise Refused("password.too_short", least=MIN_PASSWORD, status=422)
    if len(password.encode("utf-8", "surrogatepass")) > MAX_PASSWORD_BYTES:
        raise Refused("password.too_long", most=MAX_PASSWORD_BYTES, status=422)
    if _is_repeated(password.casefold()) or _is_walked(password.casefold()) or _is_made_of(password, COMMON_WORDS):
        raise Refused("password.common", status=422)
    known = {word for name in names for word in (*words(name), folded(name).replace(" ", "")) if len(word) > 2}
    if _is_made_of(password, COMMON_WORDS | known) or len(password) - _letters_of_names(password, known) < MIN_PASSWORD:
        raise Refused("password.of_names", status=422)


# What the most common long passwords are made of, in French and English.
_COMMON = (
    "a abc admin administrateur administrator amour ange anniversaire aout april arsenal august automne autumn avril azerty "
    "azertyuiop baby ballon barcelona baseball batman bebe bienvenue bonjour boss butterfly chelsea cheval chocolat chocolate "
    "chouchou coeur computer coucou daniel de december decembre default demo des dimanche doudou dragon du easy et ete event "
    "eventapp famille family february feelings fevrier flower football forum france freedom friend friends girl google guest "
    "hello hiver home hunter i iloveyou internet is jamais january janvier jesus jetaime jeudi juillet juin july june "
    "juventus killer la le les letmein liverpool login loulou love lundi ma mai maison maman march mardi mars marseille "
    "master may me mercredi mes michael microsoft mon monkey mot motdepasse mustang my naruto nicolas ninja nous november "
    "novembre o october octobre olympique orange ordinateur papa paris pass passe passw passwd password pokemon princess "
    "princesse printemps provence qwerty qwertyuiop qwertz root s samedi samsung secret september septembre shadow soleil "
    "spring star starwars summer sunshine super superman system temp test the thomas toto trustno un une university user "
    "vacances vendredi welcome whatever winter world you "
)
COMMON_WORDS = frozenset(_COMMON.split())
_ROWS = (
    *("012345678901234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"),
    *("qwertzuiop", "yxcvbnm"),
)
_ZIGZAGS = ("1q2w3e4r5t6y7u8i9o0p", "1a2z3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "zaq12wsxcde34rfv")
_WALKS = (*_ROWS, *(row[::-1] for row in _ROWS), *_ZIGZAGS)
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "€": "e"})


_SHORTEST_NAME = 4  # shorter ones stand inside too many other words


def _is_repeated(password: str) -> bool:
    """Whether a piece of up to six characters makes up the whole: aaaaaaaaaaaa, abcabcabcabc, passerpasser."""
    return any((password[:size] * len(password))[: len(password)] == password for size in range(1, min(6, len(password) // 2) + 1))


def _is_walked(password: str) -> bool:
    """Whether it is nothing but walks of three keys or more along the keyboard, the alphabet or the digits."""
    bare = re.sub(r"[^0-9a-z]", "", password)
    if 2 * len(bare) < len(password):
        return False
    place = 0
    while place < len(bare):
        step = next((size for size in range(len(bare) - place, 2, -1) if any(bare[place : place + size] in walk for walk in _WALKS)), 0)
        if not step:
            return False
        place += step
    return True


def _is_made_of(password: str, known: Set[str]) -> bool:
    """Whether its letters, the better part of it, are known words one after the other, digits and signs standing between or for letters."""
    short = password[:256].casefold()
    stem = short.rstrip("0123456789!?.*+-_#@$ ")
    spellings = (re.sub(r"[^a-z]", "", folded(short)), re.sub(r"[^a-z]", "", folded(stem.translate(_LEET))))
    return any(2 * len(spelling) >= len(short) and _splits(spelling, known) for spelling in spellings)


def _letters_of_names(password: str, names: Set[str]) -> int:
    """How many characters of a password are names, however they are written and wherever they stand."""
    squeezed = rest = folded(password[:256]).replace(" ", "")
    for name in sorted((name for name in names if len(name) >= _SHORTEST_NAME), key=len, reverse=True):
        rest = rest.replace(name, " ")
    return len(squeezed) - len(rest.replace(" ", ""))


def _splits(text: str, known: Set[str]) -> bool:
    longest = max((len(word) for word in known), default=0)
    reached = {0}
    for place in range(len(text)):
        if place in reached:
            reached.update(place + size for size in range(1, longest + 1) if text[place : place + size] in known)
    return len(text) in reached


@dataclass(frozen=True)
class SignedIn:
    """A live session as the cookie's library wants it: `get_id` is the secret that the cookie holds."""

    secret: str
    actor: Actor

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.secret
