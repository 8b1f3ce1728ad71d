"""`eventapp setup`: the one way to the first account, and a way that ends with it."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select

from eventapp.lib.db import Database
from eventapp.people.models import User
from tests.cast import INES
from tests.cli.conftest import Run

LINK = re.compile(r"\Ahttp://127\.0\.0\.1:8000(/setup/([\w-]{43}))\n\Z")
ACCOUNT = {
    "organiser": "Medinsoft",
    "name": f"{INES.first_name} {INES.last_name}",
    "email": INES.email,
    "language": "fr",
    "password": "lentement mais posément",
}


def link(run: Run) -> tuple[str, str]:
    answer = run("setup")
    found = LINK.match(answer.stdout)
    assert (answer.exit_code, answer.stderr, bool(found)) == (0, "", True), answer.output
    assert found
    return found[1], found[2]


@pytest.mark.trust("BOOT-5")
def test_setup_prints_a_link_that_makes_the_first_account_once(run: Run, client: FlaskClient, database: Database) -> None:
    path, _secret = link(run)

    first = client.post(path, data=ACCOUNT)
    second = client.post(path, data=ACCOUNT | {"email": "paul@demo.test"})

    assert (first.status_code, first.location) == (303, "/backoffice/organiser")
    assert (second.status_code, client.get(path).status_code) == (404, 404)
    with database.reading() as session:
        assert [user.email for user in session.scalars(select(User))] == [INES.email]


@pytest.mark.trust("BOOT-5")
def test_after_the_first_account_setup_is_refused_with_a_sentence(run: Run, client: FlaskClient) -> None:
    client.post(link(run)[0], data=ACCOUNT)

    answer = run("setup")

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == "Error: there is an account already: invite people from the back office instead\n"


@pytest.mark.trust("TOK-3")
def test_a_second_setup_ends_the_link_of_the_first(run: Run, client: FlaskClient) -> None:
    older, newer = link(run)[0], link(run)[0]

    assert (client.get(older).status_code, client.get(newer).status_code) == (404, 200)


@pytest.mark.trust("TOK-7")
def test_the_printed_secret_is_kept_nowhere(run: Run, database: Database, tables: MetaData) -> None:
    _path, secret = link(run)

    with database.reading() as session:
        rows = {name: session.execute(select(table)).all() for name, table in tables.tables.items()}
    assert [name for name, found in rows.items() if secret in repr(found)] == []
    assert len(rows["one_time_link"]) == 1


def test_setup_takes_no_argument(run: Run) -> None:
    answer = run("setup", "ines@demo.test")

    assert (answer.exit_code, answer.stdout) == (2, "")
