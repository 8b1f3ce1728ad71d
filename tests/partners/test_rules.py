"""Headings stand in the order of protocol, in both languages."""

import pytest

from eventapp.partners.rules import HEADINGS, LOGO_SIZE_WORDS, PROTOCOL, LogoSize, Owner, PartnershipType


def test_the_order_of_protocol() -> None:
    assert [HEADINGS[type_]["fr"] for type_ in sorted(PROTOCOL, key=PROTOCOL.__getitem__)] == [
        "Organisé par",
        "Co-organisé par",
        "Porté par",
        "Gouvernance",
        "En partenariat avec",
        "Avec le soutien de",
        "Partenaires médias",
        "Label",
        "Accueilli par",
    ]


def test_everything_is_said_in_both_languages() -> None:
    assert {frozenset(HEADINGS[type_]) for type_ in PartnershipType} == {frozenset({"fr", "en"})}
    assert {frozenset(LOGO_SIZE_WORDS[size]) for size in LogoSize} == {frozenset({"fr", "en"})}


def test_a_partnership_belongs_to_one_of_the_two() -> None:
    with pytest.raises(ValueError, match="an edition or to an event"):
        Owner(organiser_id=1)
    with pytest.raises(ValueError, match="an edition or to an event"):
        Owner(organiser_id=1, edition_id=1, event_id=1)
