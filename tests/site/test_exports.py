"""The public side for machines: read back by the libraries that others use, text as text, each page with its twins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from eventapp.site import exports
from eventapp.tickets.exports import CalendarFace

STARTS = datetime(2027, 9, 23, 16, 30, tzinfo=UTC)
SITE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
VENUE = SimpleNamespace(name="Hôtel Renaissance", address="320 avenue Mozart", city="Aix-en-Provence")


def event(**values: Any) -> Any:
    told = {
        "public_id": "e" * 16,
        "title": {"fr": "Ouverture", "en": "Opening"},
        "summary": {"fr": "Une soirée."},
        "kind": "opening",
        "state": "published",
        "zone": "Europe/Paris",
        "doors_at": STARTS - timedelta(minutes=30),
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=4),
        "sequence": 3,
        "spoken": ["fr", "en"],
        "organiser": SimpleNamespace(name="Medinsoft"),
        "space": SimpleNamespace(name="Parvis", venue=VENUE),
        "edition": SimpleNamespace(series=SimpleNamespace(name={"fr": "French Tech Weeks"})),
    }
    return SimpleNamespace(**(told | values))


def described(**values: Any) -> dict[str, Any]:
    return exports.schema_event(
        event(**values), language="en", url="https://forum.example/en/events/o", open_seats=values.get("open_seats")
    )


def test_an_event_is_described_in_its_own_time_and_in_the_language_asked_for() -> None:
    told = described()

    assert (told["name"], told["description"]) == ("Opening", "Une soirée.")
    assert (told["doorTime"], told["startDate"], told["endDate"]) == (
        "2027-09-23T18:00+02:00",
        "2027-09-23T18:30+02:00",
        "2027-09-23T22:30+02:00",
    )
    assert told["location"] == {
        "@type": "Place",
        "name": "Hôtel Renaissance, Parvis",
        "address": {"@type": "PostalAddress", "streetAddress": "320 avenue Mozart", "addressLocality": "Aix-en-Provence"},
    }
    assert (told["superEvent"]["name"], told["organizer"]["name"], told["inLanguage"]) == ("French Tech Weeks", "Medinsoft", ["fr", "en"])


@pytest.mark.parametrize(
    ("state", "word"),
    [("published", "Scheduled"), ("archived", "Scheduled"), ("postponed", "Postponed"), ("called_off", "Cancelled")],
)
def test_machines_learn_what_became_of_it(state: str, word: str) -> None:
    assert described(state=state)["eventStatus"] == f"https://schema.org/Event{word}"


@pytest.mark.parametrize(("seats", "word"), [(True, "InStock"), (False, "SoldOut")])
def test_seats_are_free_and_there_or_gone(seats: bool, word: str) -> None:
    offer = exports.schema_event(event(), language="fr", url="u", open_seats=seats)["offers"]

    assert (offer["price"], offer["availability"]) == (0, f"https://schema.org/{word}")


def test_what_nobody_knows_is_left_out() -> None:
    told = described(space=None, edition=None, summary={}, spoken=[])

    assert {"location", "superEvent", "description", "offers", "image"} & set(told) == set()
    assert told["inLanguage"] == ["fr"]
    assert exports.place_words(event(space=None)) == ""


def test_an_event_on_line_has_no_street() -> None:
    told = described(kind="online")

    assert told["location"] == {"@type": "VirtualLocation", "name": "Hôtel Renaissance"}
    assert told["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"


def face(**values: Any) -> CalendarFace:
    made = exports.calendar_face(event(), language="fr", host="forum.example", url="https://forum.example/fr/events/o", stamp=STARTS)
    return replace(made, **values)


def test_a_date_keeps_its_name_and_counts_its_versions() -> None:
    made = face()

    assert (made.uid, made.sequence, made.title, made.place) == (
        f"{'e' * 16}@forum.example",
        3,
        "Ouverture",
        "Hôtel Renaissance, Parvis, Aix-en-Provence",
    )
    called_off = exports.calendar_face(event(state="called_off"), language="fr", host="h", url="u", stamp=STARTS)
    assert (made.cancelled, called_off.cancelled) == (False, True)


@pytest.mark.trust("OUT-4", "F-14")
def test_a_feed_holds_each_date_once_and_each_zone_once() -> None:
    faces = [face(), face(uid="b@h", zone="Indian/Reunion"), face(uid="c@h")]

    read = Calendar.from_ical(exports.feed(faces, name="French Tech Weeks"))

    assert [str(one["UID"]) for one in read.walk("VEVENT")] == [f"{'e' * 16}@forum.example", "b@h", "c@h"]
    assert sorted(str(one["TZID"]) for one in read.walk("VTIMEZONE")) == ["Europe/Paris", "Indian/Reunion"]
    assert {one["DTSTART"].dt for one in read.walk("VEVENT")} == {STARTS}
    assert str(read["X-WR-CALNAME"]) == "French Tech Weeks"
    assert list(Calendar.from_ical(exports.feed([], name="vide")).walk("VEVENT")) == []


@pytest.mark.trust("OUT-4")
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), max_size=200).map(str.strip))
def test_a_title_comes_back_as_it_was_typed(title: str) -> None:
    [entry] = Calendar.from_ical(exports.feed([face(title=title)], name="x")).walk("VEVENT")

    assert str(entry.get("SUMMARY", "")) == title


def test_the_sitemap_names_each_page_in_each_language_with_its_twins() -> None:
    pages = [{"fr": "/fr/", "en": "/en/"}, {"fr": "/fr/events/a&b", "en": "/en/events/a&b"}]

    root = ElementTree.fromstring(exports.sitemap(pages, "https://forum.example{}".format))

    assert [one.text for one in root.iter(f"{SITE}loc")] == [
        "https://forum.example/fr/",
        "https://forum.example/en/",
        "https://forum.example/fr/events/a&b",
        "https://forum.example/en/events/a&b",
    ]
    twins = [[(link.get("hreflang"), link.get("href")) for link in url if "link" in link.tag] for url in root]
    assert (
        twins[2]
        == twins[3]
        == [
            ("fr", "https://forum.example/fr/events/a&b"),
            ("en", "https://forum.example/en/events/a&b"),
        ]
    )
