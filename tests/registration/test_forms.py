"""What attendees and organisers type about a registration: as few fields as there is to choose, and a sentence at each mistake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from eventapp.lib.refusal import Refused
from eventapp.registration.forms import attendee, organiser

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEY = {"idempotency_key": "k" * 22}
GUEST = KEY | {"first_name": "Karim", "last_name": "Exemple", "email": "karim@demo.test", "ticket_type": "1", "size": "1"}
TYPE = KEY | {"name_fr": "Presse", "quotas": "1", "max_party": "4"}
QUOTA = KEY | {"name": "salle", "limit": "800", "protects": "0"}


@pytest.fixture(autouse=True)
def in_context(app: Flask) -> Iterator[None]:
    with app.test_request_context("/", method="POST", headers={"Accept-Language": "en"}):
        yield


def said(form: Any) -> set[str]:
    return set() if form.validate() else {name for name, field in form._fields.items() if field.errors}


def guest(typed: dict[str, str], *, kinds: int = 2, max_party: int = 4) -> attendee.RegistrationForm:
    form = attendee.RegistrationForm(MultiDict(typed))
    form.offer(kinds=[(number, f"type {number}") for number in range(1, kinds + 1)], max_party=max_party)
    return form


@pytest.mark.trust("IN-1", "IN-2", "IN-3", "G1")
@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({}, set()),
        ({"first_name": ""}, {"first_name"}),
        ({"last_name": " \u200b"}, {"last_name"}),
        ({"first_name": "www.evil.example"}, {"first_name"}),
        ({"email": "karim"}, {"email"}),
        ({"email": "karim@demo.test\nBcc: x@demo.test"}, {"email"}),
        ({"ticket_type": "9"}, {"ticket_type"}),
        ({"ticket_type": ""}, {"ticket_type"}),
        ({"size": "5"}, {"size"}),
        ({"size": "-1"}, {"size"}),
        ({"size": "٣"}, set()),
    ],
)
def test_what_is_wrong_with_a_registration_is_said_at_its_field(typed: dict[str, str], fields: set[str]) -> None:
    assert said(guest(GUEST | typed)) == fields


def test_one_choice_alone_is_not_asked() -> None:
    three = {name: value for name, value in GUEST.items() if name not in {"ticket_type", "size"}}
    form = guest(three, kinds=1, max_party=1)

    assert (said(form), form.ticket_type.data, form.size.data) == (set(), 1, 1)
    assert "ticket_type" in said(guest(three, kinds=2, max_party=1))


def test_companions_are_named_as_far_as_they_are_known() -> None:
    named = {
        "companions-0-first_name": "Lucie",
        "companions-0-last_name": "Fictif",
        "companions-1-first_name": "",
        "companions-1-last_name": "",
    }
    form = guest(GUEST | named | {"size": "3"})

    assert said(form) == set()
    assert form.names == (("Lucie", "Fictif"),)
    assert said(guest(GUEST | named | {"size": "1"})) == {"size"}


def test_a_form_that_is_shown_makes_room_for_the_names_of_a_party() -> None:
    rooms = []
    for most in (1, 3, 50):
        form = attendee.RegistrationForm(formdata=None)
        form.ask_names(max_party=most)
        rooms.append(len(form.companions))

    assert rooms == [0, 2, attendee.MOST_NAMED]


@pytest.mark.parametrize(("ticked", "fields"), [([], {"attendees"}), (["1"], set()), (["1", "2"], set()), (["9"], {"attendees"})])
def test_whose_places_are_given_back_is_ticked(ticked: list[str], fields: set[str]) -> None:
    form = attendee.CancellationForm(MultiDict([("attendees", one) for one in ticked]))
    form.offer([(1, "Karim"), (2, "Lucie")])

    assert said(form) == fields


def test_a_party_of_one_is_not_asked_whose_place() -> None:
    form = attendee.CancellationForm(MultiDict())
    form.offer([(1, "Karim")])

    assert (said(form), form.attendees.data) == (set(), [1])


def types(typed: dict[str, str]) -> organiser.NewTicketTypeForm:
    form = organiser.NewTicketTypeForm(MultiDict(typed))
    form.offer([(1, "salle"), (2, "presse")])
    return form


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({}, set()),
        ({"name_fr": ""}, {"name_fr"}),
        ({"name_fr": "", "name_en": "Press"}, set()),
        ({"quotas": ""}, {"quotas"}),
        ({"quotas": "3"}, {"quotas"}),
        ({"max_party": "0"}, {"max_party"}),
        ({"max_party": "51"}, {"max_party"}),
        ({"waitlist_limit": "-1"}, {"waitlist_limit"}),
        ({"opens_at": "2027-09-01T10:00", "closes_at": "2027-09-01T10:00"}, {"closes_at"}),
        ({"opens_at": "2027-09-01T10:00", "closes_at": "2027-09-01T10:01"}, set()),
        ({"opens_at": "2027-02-30T10:00"}, {"opens_at"}),
    ],
)
def test_what_is_wrong_with_a_ticket_type_is_said_at_its_field(typed: dict[str, str], fields: set[str]) -> None:
    assert said(types(TYPE | typed)) == fields


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({}, set()),
        ({"limit": "0"}, set()),
        ({"limit": "-1"}, {"limit"}),
        ({"limit": "1e3"}, {"limit"}),
        ({"name": ""}, {"name"}),
        ({"protects": "2"}, {"protected_until"}),
        ({"protected_until": "2027-09-20T18:00"}, {"protected_until"}),
        ({"protects": "2", "protected_until": "2027-09-20T18:00"}, set()),
        ({"protects": "9", "protected_until": "2027-09-20T18:00"}, {"protects"}),
    ],
)
def test_what_is_wrong_with_a_quota_is_said_at_its_field(typed: dict[str, str], fields: set[str]) -> None:
    form = organiser.NewQuotaForm(MultiDict(QUOTA | typed))
    form.offer([(2, "presse")])

    assert said(form) == fields


def test_a_party_by_hand_needs_a_name_and_no_address() -> None:
    typed = {name: value for name, value in GUEST.items() if name != "email"} | {"language": "fr"}
    form, nameless = (organiser.ByHandForm(MultiDict(typed | more)) for more in ({}, {"last_name": "", "size": "51"}))
    for one in (form, nameless):
        one.offer([(1, "Entrée")])

    assert (said(form), said(nameless)) == (set(), {"last_name", "size"})


def test_a_reason_is_a_text_and_not_blanks() -> None:
    assert said(organiser.ReasonForm(MultiDict(KEY | {"reason": "Orage.\nDésolés."}))) == set()
    assert said(organiser.ReasonForm(MultiDict(KEY | {"reason": " \n "}))) == {"reason"}


@pytest.mark.parametrize("code", sorted(organiser.SENTENCES))
def test_each_refusal_has_its_words(code: str) -> None:
    assert organiser.sentence(Refused(code, arrived=3, most=50, above=2))


def test_a_refusal_of_another_room_has_no_words_here() -> None:
    assert organiser.sentence(Refused("slug.taken")) is None
