"""Who a program is: a bearer credential, and nothing else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from eventapp.api import auth
from eventapp.api.problems import Problem
from eventapp.door.models import Device
from eventapp.door.rules import Role, Task
from eventapp.lib.signing import sha256
from tests import phones
from tests.factories import House

SECRET = "a" * 43


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        f"Basic {SECRET}",
        f"Bearer {SECRET}a",
        f"Bearer {SECRET[1:]}",
        f"Bearer {SECRET} ",
        f"Bearer  {SECRET}",
        f"Bearer {'é' * 43}",
    ],
)
def test_what_is_no_bearer_credential_is_unknown(app: Flask, header: str) -> None:
    with app.test_request_context(headers={"Authorization": header}), pytest.raises(Problem) as raised:
        auth.credential()

    assert (raised.value.status, raised.value.code) == (401, "device.unknown")


def test_a_credential_is_known_by_its_hash_and_a_cookie_is_none(app: Flask) -> None:
    with app.test_request_context(headers={"Authorization": f"bearer {SECRET}"}):
        assert auth.credential() == sha256(SECRET)
    with app.test_request_context(headers={"Cookie": f"session={SECRET}"}), pytest.raises(Problem):
        auth.credential()


@pytest.mark.parametrize(("state", "code"), [("ended", "device.ended"), ("revoked", "device.revoked")])
def test_a_phone_that_is_ended_or_revoked_is_told_which(app: Flask, state: str, code: str) -> None:
    house = House(app.extensions["eventapp"].database)
    _public_id, secret = phones.credential(house)
    with house.database.writing() as session:
        session.execute(update(Device).values(state=state))

    for look in (auth.device, auth.phone):
        with app.test_request_context(), house.database.reading() as session, pytest.raises(Problem) as raised:
            look(session, sha256(secret))
        assert (raised.value.status, raised.value.code) == (401, code)


def test_a_role_must_include_the_task(app: Flask) -> None:
    house = House(app.extensions["eventapp"].database)
    _public_id, secret = phones.credential(house, role=Role.DESK)

    with app.test_request_context(), house.database.reading() as session:
        device = auth.device(session, sha256(secret))
        auth.require(device, Task.SEARCH)
        with pytest.raises(Problem) as raised:
            auth.require(device, Task.OVERRIDE)

    assert (raised.value.status, raised.value.code) == (403, "device.role")
