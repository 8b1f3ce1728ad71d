"""Columns that refuse what they cannot mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from eventapp.lib.columns import Utc, Wall

PARIS = timezone(timedelta(hours=2))
NOON = datetime(2027, 9, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("dialect", "kept"), [(sqlite.dialect(), NOON.replace(tzinfo=None)), (postgresql.dialect(), NOON)])
def test_an_instant_is_kept_in_utc(dialect: object, kept: datetime) -> None:
    column = Utc()

    assert column.process_bind_param(NOON.astimezone(PARIS), dialect) == kept  # type: ignore[arg-type]
    assert column.process_result_value(kept, dialect) == NOON  # type: ignore[arg-type]
    assert (column.process_bind_param(None, dialect), column.process_result_value(None, dialect)) == (None, None)  # type: ignore[arg-type]


def test_an_instant_needs_a_zone_and_a_wall_time_has_none() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        Utc().process_bind_param(NOON.replace(tzinfo=None), sqlite.dialect())
    with pytest.raises(ValueError, match="no zone of its own"):
        Wall().process_bind_param(NOON, sqlite.dialect())
