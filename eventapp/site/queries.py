"""What the public pages ask that belongs to no single room."""

from __future__ import annotations

from eventapp.lib.db import Base


def purposes() -> frozenset[str]:
    """Why personal data are kept here: the purposes that the columns themselves declare, so that the notice forgets none."""
    return frozenset(
        column.info["personal"] for table in Base.metadata.tables.values() for column in table.columns if "personal" in column.info
    )
