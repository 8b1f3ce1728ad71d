"""Making and changing what an organiser plans: nothing of another organiser, one namespace of slugs, every change noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from eventapp.events import actions, queries
from eventapp.events.models import Event
from eventapp.events.rules import EditionValues, EventValues, SeriesValues, SpaceValues, VenueValues
from eventapp.journal import queries as journal
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.people.rules import OPERATOR
from tests import factories
from tests.factories import NOW

EVENING = EventValues(
    title={"fr": "Grand Opening"},
    doors_wall=datetime(2027, 9, 23, 18, 0),
    starts_wall=datetime(2027, 9, 23, 18, 30),
    ends_wall=datetime(2027, 9, 23, 23, 0),
    description={"fr": "**Bienvenue** <script>"},
)
SERIES = SeriesValues(name={"fr": "French Tech Weeks"})
PARVIS = SpaceValues(name="Parvis", safety_capacity=820, safety_source="Registre", safety_author="Inès", safety_on=date(2027, 1, 1))
Do = Callable[..., Any]


class Plan:
    """An organiser who plans, one command a transaction, and a stranger beside them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.writing() as session:
            self.organiser_id = factories.organiser(session).id
            self.other_id = factories.organiser(session, slug="autre").id

    def do(self, verb: Do, **values: Any) -> Any:
        if verb not in {actions.update_event, actions.justify_overbooking, actions.record_counts}:
            values.setdefault("organiser_id", self.organiser_id)
        with self.database.writing() as session:
            return verb(session, **{"actor": OPERATOR, "now": NOW} | values)

    def refused(self, verb: Do, **values: Any) -> str:
        before = self.noted()
        with pytest.raises(Refused) as it:
            self.do(verb, **values)
        assert self.noted() == before
        return it.value.code

    def noted(self, chain: str | None = None) -> list[tuple[str, str, dict[str, Any]]]:
        with self.database.reading() as session:
            entries = journal.chain(session, chain or f"organiser:{self.organiser_id}")
            return [(entry.verb, entry.subject, entry.facts) for entry in entries]

    def space(self, *gates: str, **values: Any) -> Any:
        venue = self.do(actions.create_venue, values=VenueValues(name="Hôtel Renaissance"))
        return self.do(actions.create_space, venue_id=venue.id, values=replace(PARVIS, **values), gates=gates)

    def gates(self, event: Event) -> list[str]:
        with self.database.reading() as session:
            return [used.gate.name for used in queries.event_gates(session, event.id)]


@pytest.fixture
def plan(database: Database) -> Plan:
    return Plan(database)


def test_an_event_begins_as_a_draft_with_instants_from_its_wall_times(plan: Plan) -> None:
    event = plan.do(actions.create_event, values=EVENING)

    assert (event.state, event.slug, event.sequence, event.next_seq) == ("draft", "grand-opening", 0, 1)
    assert [at.isoformat() for at in (event.doors_at, event.starts_at, event.ends_at)] == [
        "2027-09-23T16:00:00+00:00",
        "2027-09-23T16:30:00+00:00",
        "2027-09-23T21:00:00+00:00",
    ]
    assert (event.doors_wall, event.zone) == (EVENING.doors_wall, "Europe/Paris")
    assert plan.noted() == [("create_event", f"event:{event.public_id}", {"slug": "grand-opening"})]


@pytest.mark.trust("OUT-2")
def test_the_description_is_rendered_when_it_is_saved(plan: Plan) -> None:
    event = plan.do(actions.create_event, values=EVENING)

    assert event.description == {"fr": "**Bienvenue** <script>"}
    assert "<strong>Bienvenue</strong>" in event.description_html["fr"]
    assert "<script>" not in event.description_html["fr"]


def test_slugs_are_one_namespace_for_series_editions_and_events(plan: Plan) -> None:
    series = plan.do(actions.create_series, values=replace(SERIES, slug="grand-opening"))
    edition = plan.do(actions.create_edition, series_id=series.id, values=EditionValues(year=2027))
    events = [plan.do(actions.create_event, values=EVENING) for _ in range(2)]
    stranger = plan.do(actions.create_event, values=EVENING, organiser_id=plan.other_id)

    assert edition.slug == "grand-opening-2027"
    assert [event.slug for event in (*events, stranger)] == ["grand-opening-2", "grand-opening-3", "grand-opening-4"]
    assert plan.refused(actions.create_event, values=replace(EVENING, slug="grand-opening-2027")) == "slug.taken"


@pytest.mark.parametrize("slug", ["Grand", "a b", "é", "a_b", "-a", "a" * 81, "new/"])
def test_a_slug_that_no_address_should_hold_is_refused(plan: Plan, slug: str) -> None:
    assert plan.refused(actions.create_event, values=replace(EVENING, slug=slug)) == "slug.malformed"


def test_no_event_takes_the_word_of_our_own_path(plan: Plan) -> None:
    assert plan.refused(actions.create_event, values=replace(EVENING, slug="new")) == "slug.reserved"
    assert plan.do(actions.create_event, values=replace(EVENING, title={"fr": "New"})).slug == "new-2"


def test_the_slug_moves_in_a_draft_only(plan: Plan) -> None:
    event = plan.do(actions.create_event, values=EVENING)
    moved = plan.do(actions.update_event, event_id=event.id, values=replace(EVENING, slug="ouverture"))
    with plan.database.writing() as session:
        session.merge(moved).state = "published"

    kept = plan.do(actions.update_event, event_id=event.id, values=replace(EVENING, slug="autre-chose"))

    assert (moved.slug, kept.slug) == ("ouverture", "ouverture")


def test_a_change_is_noted_by_name_and_not_by_text(plan: Plan) -> None:
    event = plan.do(actions.create_event, values=EVENING)

    plan.do(actions.update_event, event_id=event.id, values=replace(EVENING, title={"fr": "Canari"}, contact="canari@demo.test"))

    assert plan.noted(f"event:{event.id}") == [("update_event", f"event:{event.public_id}", {"changed": ["title", "contact"]})]


@pytest.mark.parametrize(
    ("change", "versions"),
    [
        ({"title": {"fr": "Autre"}}, 1),
        ({"ends_wall": datetime(2027, 9, 23, 23, 30)}, 1),
        ({"contact": "autre@demo.test"}, 0),
        ({}, 0),
    ],
)
def test_calendars_learn_of_what_they_show_once_the_event_is_public(plan: Plan, change: dict[str, Any], versions: int) -> None:
    draft, public = (plan.do(actions.create_event, values=EVENING) for _ in range(2))
    with plan.database.writing() as session:
        session.merge(public).state = "published"

    changed = [plan.do(actions.update_event, event_id=event.id, values=replace(EVENING, **change)) for event in (draft, public)]

    assert [event.sequence for event in changed] == [0, versions]


@pytest.mark.trust("ACL-4")
def test_nothing_of_another_organiser_can_be_used(plan: Plan) -> None:
    series = plan.do(actions.create_series, values=SERIES)
    edition = plan.do(actions.create_edition, series_id=series.id, values=EditionValues(year=2027))
    other = plan.do(actions.create_edition, series_id=series.id, values=EditionValues(year=2028))
    track = plan.do(actions.create_track, edition_id=other.id, name={"fr": "Scène"})
    space = plan.space("Nord")
    foreign = {"organiser_id": plan.other_id}

    assert plan.refused(actions.create_event, values=replace(EVENING, edition_id=edition.id), **foreign) == "edition.unknown"
    assert plan.refused(actions.create_event, values=replace(EVENING, space_id=space.id), **foreign) == "space.unknown"
    assert plan.refused(actions.create_event, values=replace(EVENING, edition_id=edition.id, track_id=track.id)) == "track.unknown"
    assert plan.refused(actions.update_series, series_id=series.id, values=SERIES, **foreign) == "series.unknown"
    assert plan.refused(actions.create_edition, series_id=series.id, values=EditionValues(year=2030), **foreign) == "series.unknown"
    assert plan.refused(actions.update_edition, edition_id=edition.id, values=EditionValues(year=2030), **foreign) == "edition.unknown"
    assert plan.refused(actions.create_track, edition_id=edition.id, name={"fr": "x"}, **foreign) == "edition.unknown"
    assert plan.refused(actions.update_venue, venue_id=space.venue_id, values=VenueValues(name="x"), **foreign) == "venue.unknown"
    assert plan.refused(actions.create_space, venue_id=space.venue_id, values=PARVIS, **foreign) == "venue.unknown"
    assert plan.refused(actions.update_space, space_id=space.id, values=PARVIS, **foreign) == "space.unknown"
    assert plan.refused(actions.create_gate, space_id=space.id, name="x", direction="in", **foreign) == "space.unknown"
    with plan.database.reading() as session:
        [gate] = queries.gates(session, space.id)
    assert plan.refused(actions.update_gate, space_id=space.id, gate_id=gate.id, name="x", direction="in", **foreign) == "gate.unknown"
    assert plan.refused(actions.delete_gate, space_id=space.id, gate_id=gate.id, **foreign) == "gate.unknown"


@pytest.mark.trust("F-14")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": {}}, "title.empty"),
        ({"title": {"fr": ""}}, "title.empty"),
        ({"doors_wall": datetime(2027, 3, 28, 2, 30)}, "time.does_not_exist"),
        ({"zone": "Mars/Olympus"}, "zone.unknown"),
        ({"doors_wall": datetime(2027, 9, 24, 18, 0)}, "event.dates_out_of_order"),
        ({"ends_wall": datetime(2027, 12, 23, 18, 0)}, "event.too_long"),
    ],
)
def test_what_makes_no_sense_is_refused_in_making_and_in_changing(plan: Plan, change: dict[str, Any], code: str) -> None:
    event = plan.do(actions.create_event, values=EVENING)

    assert plan.refused(actions.create_event, values=replace(EVENING, **change)) == code
    assert plan.refused(actions.update_event, event_id=event.id, values=replace(EVENING, **change)) == code
    with plan.database.reading() as session:
        assert [(row.title, row.doors_wall) for row in session.scalars(select(Event))] == [(EVENING.title, EVENING.doors_wall)]


def test_what_is_expected_carries_the_time_at_which_it_was_said(plan: Plan) -> None:
    event = plan.do(actions.create_event, values=replace(EVENING, expected=800))
    later = {"event_id": event.id, "now": NOW + timedelta(days=1)}
    same = plan.do(actions.update_event, values=replace(EVENING, expected=800), **later).expected_at
    other = plan.do(actions.update_event, values=replace(EVENING, expected=900), **later).expected_at
    none = plan.do(actions.update_event, values=EVENING, **later).expected_at

    assert (event.expected_at, same, other, none) == (NOW, NOW, NOW + timedelta(days=1), None)


def test_an_event_uses_the_gates_of_its_space_as_they_come_and_go(plan: Plan) -> None:
    space, other = plan.space("Nord", "Sud"), plan.space("Quai")
    event = plan.do(actions.create_event, values=replace(EVENING, space_id=space.id))
    over = plan.do(actions.create_event, values=replace(EVENING, space_id=space.id))
    with plan.database.writing() as session:
        session.merge(over).state = "archived"
        south = next(gate.id for gate in queries.gates(session, space.id) if gate.name == "Sud")

    first = plan.gates(event)
    plan.do(actions.create_gate, space_id=space.id, name="Est", direction="in")
    plan.do(actions.delete_gate, space_id=space.id, gate_id=south)
    second = plan.gates(event)
    plan.do(actions.update_event, event_id=event.id, values=replace(EVENING, space_id=other.id))

    assert (first, second, plan.gates(event)) == (["Nord", "Sud"], ["Nord", "Est"], ["Quai"])
    assert plan.gates(over) == ["Nord"]


def test_a_gate_has_a_name_of_its_own_and_there_is_an_end_to_gates(plan: Plan) -> None:
    space = plan.space(*(f"P{number}" for number in range(40)))
    with plan.database.reading() as session:
        first = queries.gates(session, space.id)[0]

    assert plan.refused(actions.create_gate, space_id=space.id, name="P1", direction="in") == "gate.exists"
    assert plan.refused(actions.create_gate, space_id=space.id, name="P41", direction="in") == "gate.too_many"
    assert plan.refused(actions.update_gate, space_id=space.id, gate_id=first.id, name="P1", direction="in") == "gate.exists"
    renamed = plan.do(actions.update_gate, space_id=space.id, gate_id=first.id, name="P0", direction="out")
    assert (renamed.name, renamed.direction) == ("P0", "out")


@pytest.mark.trust("S1", "JRN-2")
def test_a_safety_capacity_is_noted_before_and_after_with_its_source(plan: Plan) -> None:
    space = plan.space()

    plan.do(actions.update_space, space_id=space.id, values=replace(PARVIS, safety_capacity=700, safety_source="Arrêté"))

    assert plan.noted()[-1] == (
        "update_space",
        f"space:{space.id}",
        {"changed": ["safety_capacity", "safety_source"], "safety_capacity": [820, 700], "source": "Arrêté"},
    )
    assert plan.refused(actions.update_space, space_id=space.id, values=replace(PARVIS, safety_source="")) == "space.safety_unsourced"


def test_two_spaces_of_a_venue_have_two_names(plan: Plan) -> None:
    space = plan.space()
    plan.do(actions.create_space, venue_id=space.venue_id, values=replace(PARVIS, name="Salle"))

    assert plan.refused(actions.create_space, venue_id=space.venue_id, values=PARVIS) == "space.exists"
    assert plan.refused(actions.update_space, space_id=space.id, values=replace(PARVIS, name="Salle")) == "space.exists"


def test_a_series_has_one_edition_a_year_and_number(plan: Plan) -> None:
    series = plan.do(actions.create_series, values=SERIES)
    first = plan.do(actions.create_edition, series_id=series.id, values=EditionValues(year=2027))
    second = plan.do(actions.create_edition, series_id=series.id, values=EditionValues(year=2027, number=2))

    assert (first.slug, second.slug) == ("french-tech-weeks-2027", "french-tech-weeks-2027-2")
    assert plan.refused(actions.create_edition, series_id=series.id, values=EditionValues(year=2027)) == "edition.exists"
    assert plan.refused(actions.update_edition, edition_id=second.id, values=EditionValues(year=2027)) == "edition.exists"
    changed = plan.do(actions.update_edition, edition_id=first.id, values=EditionValues(year=2027, name={"fr": "2027"}))
    assert (changed.slug, changed.name) == (first.slug, {"fr": "2027"})
    backwards = EditionValues(year=2029, starts_on=date(2029, 2, 1), ends_on=date(2029, 1, 1))
    assert plan.refused(actions.create_edition, series_id=series.id, values=backwards) == "edition.dates_out_of_order"


def test_a_track_of_the_same_name_is_the_same_track(plan: Plan) -> None:
    series = plan.do(actions.create_series, values=SERIES)
    edition = plan.do(actions.create_edition, series_id=series.id, values=EditionValues(year=2027))

    tracks = [plan.do(actions.create_track, edition_id=edition.id, name={"fr": name}) for name in ("Scène", "Ateliers", "SCENE")]

    assert [(track.slug, track.position) for track in tracks] == [("scene", 0), ("ateliers", 1), ("scene", 0)]


def test_places_in_line_are_given_once_each_in_order(plan: Plan) -> None:
    event = plan.do(actions.create_event, values=EVENING)
    places = []
    for _ in range(2):
        with plan.database.writing() as session:
            held = queries.locked_event(session, event.id)
            places += [actions.next_place(session, event=held) for _ in range(2)]

    with plan.database.reading() as session:
        assert (places, session.scalars(select(Event.next_seq)).one()) == ([1, 2, 3, 4], 5)


@pytest.mark.trust("JRN-2")
def test_a_reason_for_more_seats_than_bodies_and_figures_told_are_noted(plan: Plan) -> None:
    event = plan.do(actions.create_event, values=EVENING)

    plan.do(actions.justify_overbooking, event_id=event.id, reason="30 % ne viennent pas")
    plan.do(actions.record_counts, event_id=event.id, counts={"came": 800, "source": "presse"})

    with plan.database.reading() as session:
        row = session.scalars(select(Event)).one()
        entries = journal.chain(session, f"event:{event.id}")
    assert (row.overbooking_reason, row.counts) == ("30 % ne viennent pas", {"came": 800, "source": "presse"})
    assert [(entry.verb, entry.reason, entry.actor) for entry in entries] == [
        ("justify_overbooking", "30 % ne viennent pas", "operator"),
        ("record_counts", "", "operator"),
    ]
