"""The state of the schema: nothing at first, then what this code expects."""

from pathlib import Path

import pytest

from eventapp.lib.db import Database
from eventapp.lib.schema import current_revision, head_revision, upgrade_to_head


@pytest.mark.trust("BOOT-3")
def test_an_empty_database_is_brought_to_what_the_code_expects(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'small.db'}")
    before = current_revision(database)

    upgrade_to_head(database)
    upgrade_to_head(database)

    assert before is None
    assert current_revision(database) == head_revision(database)
    assert head_revision(database) is not None
    database.close()
