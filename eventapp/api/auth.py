"""Who a program is: a bearer credential and nothing else. Cookies are not looked at.

A phone shows its credential; whoever has registered shows the token that registering answered.
"""

from __future__ import annotations

import re

from flask import request

from eventapp.api.problems import Problem
from eventapp.door import actions, queries
from eventapp.door.models import Device
from eventapp.door.queries import Phone
from eventapp.door.rules import Role, Task, role_may
from eventapp.lib import limits
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import link_token as derived
from eventapp.lib.signing import same, sha256
from eventapp.lib.web import database, keys, now
from eventapp.registration import queries as registrations
from eventapp.registration.models import Registration

_BEARER = re.compile(r"[Bb]earer ([A-Za-z0-9_-]{43})")
_LINK_TOKEN = re.compile(r"[Bb]earer ([A-Za-z0-9_-]{22})")


def credential() -> bytes:
    """The hash of this request's credential, before any database is asked.

    Raises Problem: device.unknown (401).
    """
    match = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        raise _unknown()
    return sha256(match.group(1))


def device(session: Session, credential_sha256: bytes) -> Device:
    """The row of the phone that asks, at work.

    Raises Problem: device.unknown, device.ended, device.revoked (401).
    """
    row = queries.device_by_credential(session, credential_sha256)
    if row is None:
        raise _unknown()
    _refuse_idle(row)
    return row


def phone(session: Session, credential_sha256: bytes) -> Phone:
    """What a phone at work needs to be known to scan: cheaper than its row.

    Raises Problem: device.unknown, device.ended, device.revoked (401).
    """
    row = queries.phone(session, credential_sha256)
    if row is None:
        raise _unknown()
    _refuse_idle(row)
    return row


def turned_away(refused: Refused) -> Problem:
    """What a phone is told that the door does not listen to."""
    return _unknown() if refused.code == "device.unknown" else Problem(401, refused.code, "This phone no longer works at the door.")


def _refuse_idle(row: Device | Phone) -> None:
    try:
        actions.refuse_idle(row.state, row.until_at, now())
    except Refused as refused:
        raise turned_away(refused) from None


def require(row: Device, task: Task) -> None:
    """Raises Problem: device.role (403), this phone's role does not include the task."""
    if not role_may(Role(row.role), task):
        raise Problem(403, "device.role", "The role of this phone does not include this.")


def _unknown() -> Problem:
    return Problem(401, "device.unknown", "Send the credential of an enrolled phone as a bearer token.")


def link_token() -> str:
    """The token of a registration, as this request shows it, before any database is asked.

    Raises Problem: registration.token_missing (401).
    """
    match = _LINK_TOKEN.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        raise Problem(401, "registration.token_missing", "Send the token of the registration as a bearer token.")
    return match.group(1)


def held(session: Session, public_id: str, token: str) -> Registration | None:
    """The registration of this id, with its ticket type, if this is its token."""
    registration = registrations.registration_by_token(session, token)
    return registration if registration is not None and registration.public_id == public_id else None


def formerly_held(session: Session, public_id: str, token: str) -> Registration | None:
    """The registration of this id, if this was its token until it got its present one: good for the answer that was lost with it, alone."""
    row = registrations.registration_by_public_id(session, public_id)
    if row is None or row.serial == 0 or not same(token, derived(keys(), row.identity, row.serial - 1)):
        return None
    return row


def nobodys() -> Problem:
    """What is told of an id that is unknown, or not the token's: the same for both. Outside of any transaction, for each counts as a guess.

    Raises Problem: limit.reached (429).
    """
    verdict = limits.hit(database(), limits.UNKNOWN_CODES, "registration", limits.prefix(request.remote_addr), now=now())
    if not verdict.ok:
        raise Problem(429, "limit.reached", "Too many tokens that are nobody's.", retry_after=verdict.retry_after)
    return Problem(404, "not_found", "There is no such registration.")
