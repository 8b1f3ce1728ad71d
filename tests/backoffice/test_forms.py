"""Every refusal that creating a whole event may raise has words, and a field that exists."""

from eventapp.backoffice.forms import FIELDS, SENTENCES, WholeEventForm


def test_refusals_with_a_field_have_words_and_the_field_exists() -> None:
    assert set(FIELDS) - set(SENTENCES) == set()
    assert {name for name in FIELDS.values() if not hasattr(WholeEventForm, name)} == set()
