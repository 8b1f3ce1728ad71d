"""What organisers type about events and places: a sentence at the field where something is missing, and values as rules want them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from eventapp.events import forms, rules
from eventapp.events.forms import sentences
from eventapp.events.rules import EventValues
from eventapp.lib.fields import Form
from eventapp.lib.refusal import Refused

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EVENING = {
    "zone": "Europe/Paris",
    "doors": "2027-09-23T18:00",
    "starts": "2027-09-23T18:30",
    "ends": "2027-09-23T23:00",
    "title_fr": "Grand Opening",
    "kind": "opening",
    "visibility": "public",
    "idempotency_key": "k" * 22,
}
SPACE = {"name": "Parvis", "kind": "room", "venue_name": "Renaissance", "idempotency_key": "k" * 22}


@pytest.fixture(autouse=True)
def in_context(app: Flask) -> Iterator[None]:
    with app.test_request_context("/", method="POST", headers={"Accept-Language": "en"}):
        yield


def filled(kind: type[Form], typed: dict[str, str], *, offer: bool = True) -> Any:
    form = kind(MultiDict(typed))
    if offer and isinstance(form, forms.EventForm):
        form.offer(editions=[(1, "2027")], tracks=[(2, "Scène")], spaces=[(3, "Parvis")])
    if isinstance(form, forms.NewSpaceForm):
        form.venue.choices = [("", "new"), ("7", "Renaissance")]
    return form


def wrong(kind: type[Form], typed: dict[str, str]) -> set[str]:
    """The fields at which something is said."""
    form = filled(kind, typed)
    return set() if form.validate() else {name for name, field in form._fields.items() if field.errors}


def test_an_event_is_handed_over_as_values() -> None:
    more = {
        "title_en": "Opening night",
        "edition": "1",
        "track": "2",
        "space": "3",
        "expected": "800",
        "contact": "c@demo.test",
        "spoken": "fr",
    }
    form = filled(forms.EventForm, EVENING | more)

    assert form.validate(), form.errors
    assert form.values(cover=None) == EventValues(
        title={"fr": "Grand Opening", "en": "Opening night"},
        doors_wall=datetime(2027, 9, 23, 18, 0),
        starts_wall=datetime(2027, 9, 23, 18, 30),
        ends_wall=datetime(2027, 9, 23, 23, 0),
        kind="opening",
        edition_id=1,
        track_id=2,
        space_id=3,
        expected=800,
        contact="c@demo.test",
        spoken=("fr",),
        photo_notice=False,
    )


@pytest.mark.trust("F-14")
@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({}, set()),
        ({"title_fr": ""}, {"title_fr"}),
        ({"title_fr": "", "title_en": "Opening"}, set()),
        ({"title_fr": "x" * 121}, {"title_fr"}),
        ({"doors": ""}, {"doors"}),
        ({"doors": "2027-02-30T18:00"}, {"doors"}),
        ({"zone": "Mars/Olympus"}, {"zone"}),
        ({"doors": "2027-03-28T02:30", "starts": "2027-03-28T03:30", "ends": "2027-03-28T08:00"}, {"doors"}),
        ({"doors": "2027-10-31T01:00", "starts": "2027-10-31T02:30", "ends": "2027-10-31T08:00"}, {"starts_turn"}),
        ({"doors": "2027-10-31T01:00", "starts": "2027-10-31T02:30", "ends": "2027-10-31T08:00", "starts_turn": "second"}, set()),
        ({"starts": "2027-09-23T17:00"}, {"starts"}),
        ({"ends": "2027-12-23T17:00"}, {"ends"}),
        ({"edition": "9"}, {"edition"}),
        ({"kind": "party"}, {"kind"}),
        ({"visibility": "secret"}, {"visibility"}),
        ({"spoken": "klingon"}, {"spoken"}),
        ({"contact": "nobody"}, {"contact"}),
        ({"expected": "0"}, {"expected"}),
        ({"expected": "200001"}, {"expected"}),
        ({"colour": "red"}, {"colour"}),
    ],
)
def test_what_is_wrong_with_an_event_is_said_at_its_field(typed: dict[str, str], fields: set[str]) -> None:
    assert wrong(forms.EventForm, EVENING | typed) == fields


@pytest.mark.trust("F-14")
def test_an_event_comes_back_as_it_was_typed_even_in_the_double_hour() -> None:
    typed = EVENING | {"doors": "2027-10-31T01:00", "starts": "2027-10-31T02:30", "starts_turn": "second", "ends": "2027-10-31T08:00"}
    form = filled(forms.EventForm, typed)
    assert form.validate(), form.errors
    values = form.values(cover=None)
    doors_at, starts_at, ends_at = rules.instants(values)
    event = SimpleNamespace(
        **{name: getattr(values, name) for name in values.__dataclass_fields__}, doors_at=doors_at, starts_at=starts_at, ends_at=ends_at
    )
    event.slug = "nuit"

    shown = forms.typed_event(event)

    assert (shown["doors"], shown["starts"], shown["ends"]) == (values.doors_wall, values.starts_wall, values.ends_wall)
    assert [shown[f"{name}_turn"] for name in ("doors", "starts", "ends")] == ["first", "second", "first"]
    assert (shown["title_fr"], shown["edition"], shown["cover_credit"]) == ("Grand Opening", "", "")


@pytest.mark.trust("S1")
@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({}, set()),
        ({"name": ""}, {"name"}),
        ({"safety_capacity": "820"}, {"safety_source"}),
        ({"safety_capacity": "820", "safety_source": "R", "safety_author": "I", "safety_on": "2027-01-04"}, set()),
        ({"safety_capacity": "many"}, {"safety_capacity"}),
        ({"venue_name": ""}, {"venue_name"}),
        ({"venue_name": "", "venue": "7"}, set()),
        ({"venue": "8"}, {"venue"}),
        ({"gates": "Nord\n" + "S" * 81}, {"gates"}),
    ],
)
def test_what_is_wrong_with_a_space_is_said_at_its_field(typed: dict[str, str], fields: set[str]) -> None:
    assert wrong(forms.NewSpaceForm, SPACE | typed) == fields


@pytest.mark.parametrize(
    ("kind", "typed", "fields"),
    [
        (forms.SeriesForm, {"name_en": "Weeks"}, set()),
        (forms.SeriesForm, {}, {"name_fr"}),
        (forms.EditionForm, {"year": "2027"}, set()),
        (forms.EditionForm, {"year": "1969"}, {"year"}),
        (forms.EditionForm, {"year": "2027", "starts_on": "soon"}, {"starts_on"}),
        (forms.GateForm, {"name": "Nord", "direction": "in"}, set()),
        (forms.GateForm, {"name": " ", "direction": "up"}, {"name", "direction"}),
    ],
)
def test_small_forms_say_what_they_miss(kind: type[Form], typed: dict[str, str], fields: set[str]) -> None:
    assert wrong(kind, typed) == fields


def test_an_edition_is_handed_over_as_values() -> None:
    form = filled(forms.EditionForm, {"year": "2027", "number": "2", "starts_on": "2027-09-21", "tracks": "Santé\n\n Mer \nSanté"})

    assert form.validate()
    values = form.values(figures=[{"n": "800"}])
    assert (values.year, values.number, values.starts_on, values.figures) == (2027, 2, date(2027, 9, 21), ({"n": "800"},))
    assert forms.lines(form.tracks.data) == ["Santé", "Mer"]


@pytest.mark.parametrize("code", sorted(sentences.FIELDS))
def test_every_refusal_is_said_at_a_field_in_words(code: str) -> None:
    facts = {"most": 40}
    kinds: list[Callable[[], Any]] = [
        lambda: filled(forms.NewEventForm, EVENING),
        lambda: filled(forms.NewSpaceForm, SPACE),
        lambda: filled(forms.NewEditionForm, {"year": "2027"}),
        lambda: filled(forms.NewSeriesForm, {}),
    ]

    assert any(forms.blame(kind(), Refused(code, **facts)) for kind in kinds)
    assert forms.sentence(Refused(code, **facts))


def test_a_refusal_of_another_room_has_no_words_here() -> None:
    assert forms.sentence(Refused("registration.closed")) is None
    assert forms.blame(filled(forms.SeriesForm, {}), Refused("registration.closed")) is False
    assert forms.blame(filled(forms.SeriesForm, {}), Refused("slug.taken"), otherwise="name_fr") is True
