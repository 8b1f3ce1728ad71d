"""Kinds have words in both languages; times come in pairs and in order."""

from datetime import UTC, datetime

import pytest

from eventapp.lib.refusal import Refused
from eventapp.programme.rules import KIND_WORDS, Kind, check_times

SIX, EIGHT = datetime(2027, 9, 23, 18, tzinfo=UTC), datetime(2027, 9, 23, 20, tzinfo=UTC)


def test_every_kind_has_words_in_both_languages() -> None:
    assert {kind: set(KIND_WORDS[kind]) for kind in Kind} == {kind: {"fr", "en"} for kind in Kind}


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "code"),
    [(SIX, None, "programme.half_a_time"), (None, SIX, "programme.half_a_time"), (EIGHT, SIX, "programme.dates_out_of_order")],
)
def test_times_that_cannot_be_are_refused(starts_at: datetime | None, ends_at: datetime | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_times(starts_at, ends_at)

    assert refused.value.code == code


def test_times_in_order_and_no_times_at_all_are_fine() -> None:
    check_times(SIX, EIGHT)
    check_times(None, None)
