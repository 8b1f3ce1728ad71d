"""What whoever watches over the server is told, each part broken in turn."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from eventapp.lib.db import Database
from tests.cast import KARIM
from tests.factories import House


@pytest.mark.trust("OPS-1")
def test_a_schema_of_another_release_takes_no_requests(client: FlaskClient, database: Database) -> None:
    assert client.get("/readyz").status_code == 200
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'older'"))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"]["schema"]["ok"] is False  # type: ignore[index]
    assert answer.json["status"] == "unavailable"  # type: ignore[index]
    assert client.get("/healthz").json == {"status": "ok"}


@pytest.mark.trust("OPS-1")
def test_a_silent_worker_is_said_and_served(client: FlaskClient, database: Database) -> None:
    House(database).register(KARIM)

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"  # type: ignore[index]
    assert answer.json["checks"]["worker"] == {"ok": False, "detail": "never seen"}  # type: ignore[index]
    assert KARIM.email not in answer.text
