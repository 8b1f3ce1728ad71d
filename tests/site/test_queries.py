"""What the notice must name: every purpose that a column declares. Pictures: test_media."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from eventapp.lib.db import Base
from eventapp.site.queries import purposes


def test_every_purpose_that_a_column_declares_is_named() -> None:
    declared = {column.info["personal"] for table in Base.metadata.tables.values() for column in table.columns if "personal" in column.info}

    assert purposes() == declared
    assert purposes() >= {"registration", "delivery", "programme"}


def test_a_new_purpose_shows_itself() -> None:
    before = purposes()
    table = Table("planted", Base.metadata, Column("name", String(1), info={"personal": "planted"}))
    try:
        assert purposes() == before | {"planted"}
    finally:
        Base.metadata.remove(table)
