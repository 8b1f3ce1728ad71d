"""A refusal carries its code and its facts, and shows both to a developer."""

from eventapp.lib.refusal import Refused


def test_a_refusal_keeps_its_facts_apart_from_its_code() -> None:
    refusal = Refused("picture.too_large", code=7, max_bytes=5)

    assert (refusal.code, refusal.facts) == ("picture.too_large", {"code": 7, "max_bytes": 5})
    assert str(refusal) == "picture.too_large"
    assert repr(refusal) == "Refused('picture.too_large', {'code': 7, 'max_bytes': 5})"
