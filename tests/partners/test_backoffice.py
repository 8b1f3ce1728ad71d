"""Organisers' pages for partners."""

from __future__ import annotations

import re

from flask import Flask

from eventapp.lib import codes
from eventapp.lib.db import Database
from eventapp.partners import queries
from eventapp.people import actions as people
from tests import factories
from tests.cast import INES
from tests.factories import NOW, House

BASE = "/backoffice/events/grand-opening/partners/"


def test_a_partner_is_added_once(app: Flask) -> None:
    database: Database = app.extensions["eventapp"].database
    house = House(database)
    with database.writing() as session:
        user, _actor = factories.member(session, organiser_id=house.organiser.id, character=INES)
        secret = people.sign_in(session, user_id=user.id, epoch=0, label="", now=NOW)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = secret
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(BASE + "new").text)
    assert token is not None
    form = {
        "csrf_token": token.group(1),
        "organisation": "La Ville",
        "type": "carrier",
        "scope": "event",
        "logo_size": "medium",
        "tier_order": "0",
    }

    answers = [client.post(BASE, data=form | {"idempotency_key": key}).status_code for key in (codes.key(), codes.key())]

    assert answers == [303, 422]
    with database.reading() as session:
        assert [len(heading.partners) for heading in queries.partnerships(session, house.event)] == [1]
    assert client.get(BASE).status_code == 200
