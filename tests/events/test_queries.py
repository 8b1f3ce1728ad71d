"""Which events whom: the public sees no draft, an organiser nothing of another, and whole lists cost one statement."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eventapp.events import queries
from eventapp.events.models import Edition, Event, Series, Venue
from eventapp.events.rules import EventState
from eventapp.lib.db import Database
from eventapp.people.rules import ANONYMOUS, OPERATOR, Actor, Role
from tests import factories
from tests.cast import INES, PAUL
from tests.factories import NOW

STATES = [state.value for state in EventState]
DOORS = NOW + timedelta(days=10)


class Year:
    """Two organisers, each with a series, an edition and one event in every state; the first one's also unlisted."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ids: dict[str, int] = {}
        with database.writing() as session:
            for slug, character in (("nous", INES), ("eux", PAUL)):
                organiser = factories.organiser(session, slug=slug)
                _user, actor = factories.member(session, organiser_id=organiser.id, character=character, role=Role.STAFF)
                setattr(self, slug, actor)
                self.ids[slug] = organiser.id
                series = Series(organiser_id=organiser.id, slug=f"serie-{slug}", name={"fr": slug}, created_at=NOW)
                session.add(series)
                session.flush()
                edition = Edition(
                    series_id=series.id, organiser_id=organiser.id, slug=f"edition-{slug}", year=2027, name={}, created_at=NOW
                )
                session.add(edition)
                session.flush()
                self.ids |= {f"serie-{slug}": series.id, f"edition-{slug}": edition.id}
                space = factories.space(session, organiser_id=organiser.id)
                self.ids[f"space-{slug}"] = space.id
                for number, state in enumerate(STATES):
                    values = {"doors_at": DOORS + timedelta(days=number), "edition_id": edition.id, "space_id": space.id}
                    factories.event(session, organiser_id=organiser.id, slug=f"{slug}-{state}", state=state, **values)
            hidden = {"doors_at": DOORS, "edition_id": self.ids["edition-nous"], "visibility": "unlisted"}
            factories.event(session, organiser_id=self.ids["nous"], slug="nous-unlisted", **hidden)

    nous: Actor
    eux: Actor


@pytest.fixture
def year(database: Database) -> Year:
    return Year(database)


def slugs(rows: list[Event]) -> list[str]:
    return [row.slug for row in rows]


@pytest.mark.trust("ACL-8")
def test_the_public_finds_everything_but_drafts_by_its_address(year: Year) -> None:
    with year.database.reading() as session:
        for find in (queries.published_event, queries.shown_event):
            found = [state for state in STATES if find(session, f"nous-{state}") is not None]
            assert found == ["published", "postponed", "called_off", "archived"]
            assert find(session, "nous-unlisted") is not None
            assert find(session, "nothing") is None


@pytest.mark.trust("ACL-8")
def test_lists_for_the_public_hold_neither_drafts_nor_what_is_unlisted(year: Year) -> None:
    edition = year.ids["edition-nous"]
    with year.database.reading() as session:
        coming, past = queries.coming_events(session, NOW), queries.past_events(session, NOW)
        in_edition = queries.events_of_edition(session, edition)
        in_editions = queries.events_of_editions(session, [edition, year.ids["edition-eux"]])

        assert slugs(coming) == [f"{who}-{state}" for state in ("published", "postponed", "called_off") for who in ("nous", "eux")]
        assert slugs(past) == ["nous-archived", "eux-archived"]
        assert slugs(in_edition) == [f"nous-{state}" for state in ("published", "postponed", "called_off", "archived")]
        assert len(in_editions) == 8
        assert slugs(queries.coming_events(session, NOW, limit=1)) == ["nous-published"]


def test_what_is_over_moves_from_coming_to_past(year: Year) -> None:
    after = DOORS + timedelta(days=1, hours=6)
    with year.database.reading() as session:
        assert "nous-published" not in slugs(queries.coming_events(session, after))
        assert slugs(queries.past_events(session, after))[-2:] == ["nous-published", "eux-published"]


@pytest.mark.trust("ACL-3", "ACL-4")
def test_a_member_finds_what_is_theirs_and_nothing_else(year: Year) -> None:
    with year.database.reading() as session:
        for actor, own, other in ((year.nous, "nous", "eux"), (year.eux, "eux", "nous")):
            assert queries.event_for(session, actor, f"{own}-draft", may_="event.read") is not None
            assert queries.event_for(session, actor, f"{other}-published", may_="event.read") is None
            assert queries.event_for(session, actor, f"{own}-draft", may_="event.edit") is None
            assert queries.series_for(session, actor, f"serie-{own}", may_="event.read") is not None
            assert queries.series_for(session, actor, f"serie-{other}", may_="event.read") is None
            assert queries.edition_for(session, actor, f"edition-{other}", may_="event.read") is None
            assert queries.space_for(session, actor, year.ids[f"space-{own}"], may_="event.read") is not None
            assert queries.space_for(session, actor, year.ids[f"space-{other}"], may_="event.read") is None
            assert {slug.partition("-")[0] for slug in slugs(queries.events_of(session, actor))} == {own}
        assert len(queries.events_of(session, year.nous)) == len(STATES) + 1
        assert queries.events_of(session, ANONYMOUS) == []
        assert queries.event_for(session, ANONYMOUS, "nous-published", may_="event.read") is None
        assert queries.event_for(session, OPERATOR, "eux-draft", may_="event.edit") is not None


@pytest.mark.trust("ACL-4")
def test_lookups_by_number_stay_with_their_organiser(year: Year) -> None:
    ours, theirs = year.ids["nous"], year.ids["eux"]
    with year.database.reading() as session:
        for find, name in (
            (queries.series_by_id, "serie-nous"),
            (queries.edition_by_id, "edition-nous"),
            (queries.space_by_id, "space-nous"),
        ):
            assert find(session, ours, year.ids[name]) is not None  # type: ignore[operator]
            assert find(session, theirs, year.ids[name]) is None  # type: ignore[operator]
        [venue] = queries.venues_of(session, [ours])
        assert queries.venue_by_id(session, theirs, venue.id) is None
        gate = queries.gates(session, year.ids["space-nous"])[0]
        assert queries.gate_by_id(session, year.ids["space-eux"], gate.id) is None
        assert [row.id for row in queries.series_of(session, [ours])] == [year.ids["serie-nous"]]
        assert [row.id for row in queries.editions_of(session, [ours])] == [year.ids["edition-nous"]]
        assert [row.id for row in queries.spaces_of(session, [ours])] == [year.ids["space-nous"]]
        assert queries.series_of(session, []) == []


@pytest.mark.trust("ACL-8")
def test_a_series_and_an_edition_are_known_once_they_have_a_public_event(year: Year) -> None:
    with year.database.writing() as session:
        for row in queries.all_events(session):
            if row.organiser_id == year.ids["nous"] and row.visibility == "public":
                row.state = "draft"

    with year.database.reading() as session:
        assert queries.series_by_slug(session, "serie-nous") is None
        assert queries.edition_by_slug(session, "edition-nous") is None
        assert queries.editions_of_series(session, year.ids["serie-nous"]) == []
        assert queries.series_by_slug(session, "serie-eux") is not None
        assert queries.edition_by_slug(session, "edition-eux") is not None
        assert [row.slug for row in queries.editions_of_series(session, year.ids["serie-eux"])] == ["edition-eux"]
        assert [row.slug for row in queries.editions_in(session, year.ids["serie-nous"])] == ["edition-nous"]


def test_a_list_costs_one_statement_however_long(year: Year, statements: list[str]) -> None:
    with year.database.reading() as session:
        for row in queries.coming_events(session, NOW):
            assert all((row.organiser.name, row.edition.series.slug, row.space.venue.city))

    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_slugs_are_free_or_counted_on(year: Year) -> None:
    with year.database.reading() as session:
        assert queries.free_slug(session, "nous-draft") == "nous-draft-2"
        assert queries.free_slug(session, "serie-nous") == "serie-nous-2"
        assert queries.free_slug(session, "edition-eux") == "edition-eux-2"
        assert queries.free_slug(session, "new") == "new-2"
        assert queries.free_slug(session, "libre") == "libre"
        assert queries.free_slug(session, "nous_draft") == "nous_draft"
        assert (queries.slug_is_free(session, "libre"), queries.slug_is_free(session, "nous-draft")) == (True, False)


def test_gates_of_several_spaces_come_each_in_their_order(year: Year) -> None:
    ids = [year.ids["space-nous"], year.ids["space-eux"]]
    with year.database.reading() as session:
        found = queries.gates_of(session, [*ids, 999])

        assert {id: [gate.name for gate in gates] for id, gates in found.items()} == {
            ids[0]: ["Nord", "Sud"],
            ids[1]: ["Nord", "Sud"],
            999: [],
        }


def test_an_event_that_is_over_follows_its_space_no_more(year: Year) -> None:
    with year.database.reading() as session:
        unfinished = queries.unfinished_event_ids(session, year.ids["space-nous"])

        assert [queries.event_by_id(session, id).slug for id in unfinished] == ["nous-draft", "nous-published", "nous-postponed"]  # type: ignore[union-attr]


def test_what_waits_for_a_seat_is_looked_after_whoever_may_find_its_page(year: Year) -> None:
    with year.database.reading() as session:
        ids = queries.live_event_ids(session, NOW)

        assert [queries.event_by_id(session, id).slug for id in ids] == [  # type: ignore[union-attr]
            *("nous-published", "nous-postponed", "eux-published", "eux-postponed", "nous-unlisted")
        ]
        assert queries.live_event_ids(session, NOW + timedelta(days=99)) == []


@pytest.mark.trust("DB-2")
def test_the_lock_is_of_one_event_and_an_unknown_one_is_a_bug(year: Year) -> None:
    with year.database.writing() as session:
        event = queries.event_by_slug(session, "nous-draft")
        assert event is not None
        assert queries.locked_event(session, event.id).slug == "nous-draft"
    with year.database.writing() as session, pytest.raises(LookupError):
        queries.locked_event(session, 10_000)


def test_venues_are_told_by_name(year: Year) -> None:
    with year.database.writing() as session:
        session.add(Venue(organiser_id=year.ids["nous"], slug="abbaye", name="Abbaye", created_at=NOW))

    with year.database.reading() as session:
        assert [row.name for row in queries.venues_of(session, [year.ids["nous"]])] == ["Abbaye", "Hôtel Renaissance"]
        assert "abbaye" in queries.venue_slugs(session, year.ids["nous"])
        assert "abbaye" not in queries.venue_slugs(session, year.ids["eux"])
