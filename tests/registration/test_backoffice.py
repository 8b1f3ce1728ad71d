"""Organisers' pages about registrations, over HTTP: found, added, corrected, ended; seats raised and lowered; published; taken as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from eventapp.events import queries as events
from eventapp.journal.models import Entry
from eventapp.lib import codes
from eventapp.lib.db import Database
from eventapp.messages.models import Message
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import ANONYMOUS, OPERATOR, Role
from eventapp.registration import actions, queries
from eventapp.registration.models import Quota, Registration, Slot, TicketType
from eventapp.registration.rules import Settings, kept
from tests import factories
from tests.cast import INES, KARIM, LUCIE, MARC, NORA, PAUL, Character
from tests.factories import NOW, House

EVENT = "/backoffice/events/grand-opening"
Visit = Callable[..., FlaskClient]


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.fixture
def visit(client: FlaskClient, database: Database, house: House) -> Visit:
    """Sign somebody in as a member of the house, or of another organiser."""

    def signed(character: Character, role: Role = Role.OWNER, organiser_id: int | None = None) -> FlaskClient:
        with database.writing() as session:
            user, _actor = factories.member(session, organiser_id=organiser_id or house.organiser.id, character=character, role=role)
            user.language = "en"
            secret = begin(session, user=user, label="test", now=NOW)
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        return client

    return signed


@pytest.fixture
def ines(visit: Visit) -> FlaskClient:
    return visit(INES)


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/backoffice").text)
    assert found
    return found[1]


def key(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="idempotency_key" type="hidden" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def post(client: FlaskClient, path: str, **values: Any) -> Any:
    return client.post(path, data={"csrf_token": token(client), "idempotency_key": codes.key(), **values})


def names_listed(client: FlaskClient, query: str = "") -> list[str]:
    return re.findall(r'class="roll__name" href="[^"]+">([^<]+)</a>', client.get(f"{EVENT}/registrations{query}").text)


def rows(database: Database) -> dict[str, Registration]:
    with database.reading() as session:
        return {row.first_name: row for row in session.scalars(select(Registration).order_by(Registration.id))}


def states(database: Database) -> dict[str, str]:
    return {name: row.state for name, row in rows(database).items()}


def entries(database: Database, verb: str) -> list[Entry]:
    with database.reading() as session:
        return list(session.scalars(select(Entry).where(Entry.verb == verb).order_by(Entry.id)))


def letters(database: Database, kind: str) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Message.address).where(Message.kind == kind).order_by(Message.id)))


def by_hand(client: FlaskClient, house: House, **values: Any) -> dict[str, Any]:
    usual = {"ticket_type": house.type.id, "first_name": "Nora", "last_name": "Modèle", "email": NORA.email, "size": 1, "language": "fr"}
    return {"csrf_token": token(client), "idempotency_key": key(client, f"{EVENT}/registrations/new"), **usual, **values}


def test_list_shows_newest_first_and_search_forgives_accents(ines: FlaskClient, house: House) -> None:
    for one in (KARIM, LUCIE, MARC):
        house.register(one)

    assert names_listed(ines) == ["Marc Inventé", "Lucie Fictif", "Karim Exemple"]
    assert names_listed(ines, "?q=INVENTE+marc") == ["Marc Inventé"]
    assert names_listed(ines, "?q=lucie@demo") == ["Lucie Fictif"]
    assert names_listed(ines, "?q=personne") == []


def test_list_filters_by_state_with_counts(ines: FlaskClient, house: House) -> None:
    house.register(KARIM, size=2)
    house.register(LUCIE)
    house.register(MARC)

    answer = ines.get(f"{EVENT}/registrations?state=waitlisted")

    assert names_listed(ines, "?state=waitlisted") == ["Marc Inventé"]
    assert names_listed(ines, "?state=confirmed") == ["Lucie Fictif", "Karim Exemple"]
    assert re.findall(r'<a class="filter"[^>]*>([A-Za-z ]+) <span>(\d+)</span>', answer.text) == [
        ("All", "3"),
        ("With a seat", "2"),
        ("Waiting", "1"),
        ("Over", "0"),
    ]


def test_list_filters_by_ticket_type(ines: FlaskClient, house: House, database: Database) -> None:
    with database.writing() as session:
        _quota, press = factories.quota_and_type(session, event_id=house.event.id, slug="presse", quota_name="presse")
    house.register(KARIM)
    house.register(LUCIE, ticket_type_id=press.id)

    assert names_listed(ines, f"?type={press.number}") == ["Lucie Fictif"]


def test_list_costs_the_same_for_one_row_and_three(ines: FlaskClient, house: House, app: Any) -> None:
    from sqlalchemy import event

    seen: list[str] = []
    event.listen(app.extensions["eventapp"].database.engine, "before_cursor_execute", lambda _c, _u, statement, *_r: seen.append(statement))
    house.register(KARIM)
    ines.get(f"{EVENT}/registrations")
    with_one = len(seen)
    house.register(LUCIE)
    house.register(MARC)
    seen.clear()

    ines.get(f"{EVENT}/registrations")

    assert len(seen) == with_one


def test_list_is_read_page_by_page(ines: FlaskClient, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventapp.registration.backoffice.registrations.PAGE", 2)
    for one in (KARIM, LUCIE, MARC):
        house.register(one)

    first = ines.get(f"{EVENT}/registrations").text
    after = re.search(r'rel="next" href="[^"]*after=(\d+)', first)

    assert after
    assert names_listed(ines, f"?after={after[1]}") == ["Karim Exemple"]
    assert len(names_listed(ines, "?after=99999999999999999999999")) == 2


def test_one_registration_tells_its_story(ines: FlaskClient, house: House) -> None:
    made = house.register(KARIM).registration

    page = ines.get(f"{EVENT}/registrations/{made.public_id}")

    assert page.status_code == 200
    assert re.findall(r"<h1>([^<]+)</h1>", page.text) == ["Karim Exemple"]
    assert [words in page.text for words in (KARIM.email, "You have a seat", "online, by the person")] == [True, True, True]


def why(client: FlaskClient, registration: Registration) -> list[tuple[str, str]]:
    page = client.get(f"{EVENT}/registrations/{registration.public_id}").text
    return re.findall(r"<dt>(Why it [a-z ]+)</dt><dd>([^<]+)</dd>", page)


def test_each_party_says_why_it_waits_or_why_it_has_a_seat(ines: FlaskClient, house: House) -> None:
    karim, lucie = (house.register(one, size=size).registration for one, size in ((KARIM, 2), (LUCIE, 2)))

    assert why(ines, karim) == [("Why it has a seat", "There was room when it registered, and nobody who waited could have had it.")]
    assert why(ines, lucie) == [("Why it waits", "salle has 1 free seat, fewer than this party needs.")]
    listed = re.findall(r'<span class="roll__more">([^<@]+)</span>', ines.get(f"{EVENT}/registrations").text)
    assert listed == ["salle has 1 free seat, fewer than this party needs."]


def test_on_the_last_day_the_unchecked_box_is_the_reason(ines: FlaskClient, house: House, database: Database) -> None:
    _karim, lucie = (house.register(one, size=size).registration for one, size in ((KARIM, 3), (LUCIE, 1)))
    with database.writing() as session:
        event = events.locked_event(session, house.event.id)
        days = (event.doors_at - NOW).days + 2
        event.line = kept(Settings(last_day_before=timedelta(days=days), offers_before=timedelta(days=days + 1)))

    ((title, words),) = why(ines, lucie)

    assert title == "Why it waits"
    assert words.startswith("Passed over: this party has not said that it can come at the last moment.")


def test_party_added_by_hand_before_opening_gets_a_seat(ines: FlaskClient, house: House, database: Database) -> None:
    values = by_hand(ines, house)

    answer = ines.post(f"{EVENT}/registrations", data=values)
    again = ines.post(f"{EVENT}/registrations", data=values)

    assert (answer.status_code, again.location) == (303, answer.location)
    assert {name: (row.state, row.source) for name, row in rows(database).items()} == {"Nora": ("confirmed", "hand")}
    assert letters(database, "confirmed") == [NORA.email]


def test_a_class_added_by_hand_is_seated_in_part_where_its_organiser_says_so(ines: FlaskClient, house: House, database: Database) -> None:
    house.register(KARIM)
    values = by_hand(ines, house, size="30", accept_partial="y")

    answer = ines.post(f"{EVENT}/registrations", data=values)

    assert answer.status_code == 303
    with database.reading() as session:
        made = [(row.first_name, row.state, row.size) for row in queries.all_registrations(session, house.event.id)]
    assert made == [("Karim", "confirmed", 1), ("Nora", "confirmed", 2), ("Nora", "waitlisted", 28)]


def test_party_added_by_hand_to_a_full_event_waits_behind_the_others(ines: FlaskClient, house: House, database: Database) -> None:
    house.register(KARIM, size=3)
    house.register(LUCIE)

    ines.post(f"{EVENT}/registrations", data=by_hand(ines, house))

    assert states(database) == {"Karim": "confirmed", "Lucie": "waitlisted", "Nora": "waitlisted"}


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("first_name", "", "Please fill in this field."),
        ("last_name", "x" * 81, "80"),
        ("email", "nora at home", "Please write a whole address"),
        ("size", "51", "Please write 50 or less."),
        ("size", "two", "Please write a whole number."),
        ("ticket_type", "999999", "Not a valid choice"),
        ("first_name", "http://evil.test", "Please write a name only"),
    ],
)
def test_mistake_is_named_at_its_field_and_text_is_kept(
    ines: FlaskClient, house: House, database: Database, field: str, typed: str, sentence: str
) -> None:
    answer = ines.post(f"{EVENT}/registrations", data=by_hand(ines, house, organisation="Lycée de l’Exemple", **{field: typed}))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'href="#{field}"' in answer.text
    assert 'value="Lycée de l’Exemple"' in answer.text
    assert rows(database) == {}


def test_correction_is_saved_and_told(ines: FlaskClient, house: House, database: Database) -> None:
    made = house.register(KARIM).registration
    values = {"first_name": "Karima", "last_name": "Exemple", "email": "karima@demo.test"}

    answer = post(ines, f"{EVENT}/registrations/{made.public_id}", **values)

    assert answer.status_code == 303
    assert [(row.first_name, row.email) for row in rows(database).values()] == [("Karima", "karima@demo.test")]
    assert letters(database, "corrected") == ["karima@demo.test", KARIM.email]


def test_correction_to_an_address_in_use_is_refused_at_the_field(ines: FlaskClient, house: House, database: Database) -> None:
    made = house.register(KARIM).registration
    house.register(LUCIE)

    answer = post(ines, f"{EVENT}/registrations/{made.public_id}", first_name="Karim", last_name="Exemple", email=LUCIE.email)

    assert answer.status_code == 422
    assert "This address already has a live registration" in answer.text
    assert rows(database)["Karim"].email == KARIM.email


def test_cancellation_needs_a_reason_and_seats_the_next(ines: FlaskClient, house: House, database: Database) -> None:
    made = house.register(KARIM, size=3).registration
    house.register(LUCIE)
    path = f"{EVENT}/registrations/{made.public_id}/cancellation"

    asked = ines.get(path)
    without = post(ines, path, reason="  ")
    before = states(database)
    answer = post(ines, path, reason="Doublon")

    assert (asked.status_code, without.status_code, answer.status_code) == (200, 422, 303)
    assert before == {"Karim": "confirmed", "Lucie": "waitlisted"}
    assert states(database) == {"Karim": "cancelled", "Lucie": "confirmed"}
    assert [entry.reason for entry in entries(database, "give_back")] == ["Doublon"]
    assert letters(database, "cancelled") == [KARIM.email]


def test_cancellation_of_somebody_inside_is_refused_in_words(ines: FlaskClient, house: House, database: Database) -> None:
    made = house.register(KARIM).registration
    with database.writing() as session:
        from eventapp.registration import queries

        for attendee, _ticket in queries.attendees_of(session, [made.id])[made.id]:
            attendee.arrived_at = NOW

    answer = post(ines, f"{EVENT}/registrations/{made.public_id}/cancellation", reason="Trop tard")

    assert answer.status_code == 422
    assert "already inside" in answer.text
    assert states(database) == {"Karim": "confirmed"}


def test_revocation_in_a_deficit_leads_to_the_head_of_the_line(ines: FlaskClient, house: House, database: Database) -> None:
    house.register(KARIM, size=2)
    made = house.register(LUCIE).registration
    house.register(MARC)
    post(ines, f"{EVENT}/quotas/{house.quota.id}", name="salle", limit=2, protects=0, confirmed=2)

    answer = post(ines, f"{EVENT}/registrations/{made.public_id}/revocation", reason="La salle a rétréci")

    assert answer.status_code == 303
    assert {name: (row.state, row.line_class) for name, row in rows(database).items()} == {
        "Karim": ("confirmed", 5),
        "Lucie": ("waitlisted", 0),
        "Marc": ("waitlisted", 5),
    }
    assert rows(database)["Lucie"].reason == "La salle a rétréci"


def test_link_is_mailed_again(ines: FlaskClient, house: House, database: Database) -> None:
    made = house.register(KARIM).registration

    answer = post(ines, f"{EVENT}/registrations/{made.public_id}/links")

    assert answer.status_code == 303
    assert letters(database, "link") == [KARIM.email]


def test_raised_limit_seats_the_next_and_says_how_many(ines: FlaskClient, house: House, database: Database) -> None:
    for one in (KARIM, LUCIE, MARC, NORA, PAUL):
        house.register(one)

    answer = post(ines, f"{EVENT}/quotas/{house.quota.id}", name="salle", limit=5, protects=0)
    page = ines.get(answer.location)

    assert "2 registrations came off the waiting list" in page.text
    assert set(states(database).values()) == {"confirmed"}


def test_lowered_limit_is_explained_before_it_is_saved(ines: FlaskClient, house: House, database: Database) -> None:
    house.register(KARIM, size=3)
    path = f"{EVENT}/quotas/{house.quota.id}"

    asked = post(ines, path, name="salle", limit=1, protects=0)
    before = _limit(database, house)
    answer = post(ines, path, name="salle", limit=1, protects=0, confirmed=1)

    assert (asked.status_code, before, answer.status_code, _limit(database, house)) == (200, 3, 303, 1)
    assert "2 people would be above the limit of 1" in asked.text
    assert "2 people are above the limit" in ines.get(answer.location).text
    assert states(database) == {"Karim": "confirmed"}


def _limit(database: Database, house: House) -> int:
    with database.reading() as session:
        return session.scalars(select(Quota.limit).where(Quota.id == house.quota.id)).one()


def test_reason_for_more_seats_than_the_safety_capacity_opens_the_way_to_publication(
    ines: FlaskClient, house: House, database: Database
) -> None:
    post(ines, f"{EVENT}/quotas/{house.quota.id}", name="salle", limit=1140, protects=0, reason="Un inscrit sur quatre ne vient pas")

    with database.reading() as session:
        row = events.event_by_slug(session, "grand-opening")
    assert row is not None
    assert row.overbooking_reason == "Un inscrit sur quatre ne vient pas"


def test_quota_and_ticket_type_are_added_with_wall_times_of_the_event(ines: FlaskClient, house: House, database: Database) -> None:
    post(ines, f"{EVENT}/quotas", name="atelier", limit=30, protects=0)
    with database.reading() as session:
        workshop = session.scalars(select(Quota).where(Quota.name == "atelier")).one()

    answer = post(
        ines,
        f"{EVENT}/ticket-types",
        name_fr="Atelier BIM",
        name_en="",
        quotas=[house.quota.id, workshop.id],
        opens_at="2027-09-02T09:00",
        closes_at="2027-09-20T18:00",
        max_party=2,
        waitlist_limit="",
        public="y",
    )

    assert answer.status_code == 303
    with database.reading() as session:
        kind = session.scalars(select(TicketType).where(TicketType.slug == "atelier-bim")).one()
    assert (kind.name, kind.max_party, kind.waitlist_limit, kind.public) == ({"fr": "Atelier BIM"}, 2, None, True)
    assert (kind.opens_at.isoformat(), kind.closes_at.isoformat()) == ("2027-09-02T07:00:00+00:00", "2027-09-20T16:00:00+00:00")
    assert ines.get(f"{EVENT}/quotas").status_code == 200


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name_fr": ""}, "Please fill in at least one language."),
        ({"quotas": []}, "Please fill in this field."),
        ({"opens_at": "2027-09-20T18:00", "closes_at": "2027-09-02T09:00"}, "Closing comes before opening"),
        ({"opens_at": "2027-03-28T02:30"}, "the clocks jump over this hour"),
        ({"closes_at": "demain"}, "Please write a day and an hour"),
        ({"max_party": "0"}, "Please write 1 or more."),
    ],
)
def test_ticket_type_with_a_mistake_is_not_saved(
    ines: FlaskClient, house: House, database: Database, values: dict[str, Any], sentence: str
) -> None:
    usual = {
        "name_fr": "Presse",
        "name_en": "",
        "quotas": [house.quota.id],
        "opens_at": "",
        "closes_at": "",
        "max_party": 1,
        "waitlist_limit": "",
    }

    answer = post(ines, f"{EVENT}/ticket-types", **(usual | values))

    assert answer.status_code == 422
    assert sentence in answer.text
    with database.reading() as session:
        assert [kind.slug for kind in session.scalars(select(TicketType))] == ["entree"]


def test_ticket_type_in_use_is_not_removed(ines: FlaskClient, house: House, database: Database) -> None:
    house.register(KARIM)

    answer = post(ines, f"{EVENT}/ticket-types/{house.type.number}/deletion")

    assert "Somebody has registered for this ticket type" in ines.get(answer.location).text


def test_draft_is_published_once_nothing_is_missing(visit: Visit, database: Database, house: House) -> None:
    with database.writing() as session:
        factories.event(session, organiser_id=house.organiser.id, slug="atelier", state="draft", space_id=house.space.id, contact="")
    ines = visit(INES)
    path = "/backoffice/events/atelier/publication"

    before = ines.get(path)
    refused = post(ines, path)

    assert refused.status_code == 422
    assert "2 things are missing" in before.text
    assert "There is no address for questions." in before.text
    assert "There is no ticket type: nobody could register." in before.text


def test_complete_draft_is_published(client: FlaskClient, visit: Visit, database: Database, house: House) -> None:
    with database.writing() as session:
        draft = factories.event(session, organiser_id=house.organiser.id, slug="atelier", state="draft", space_id=house.space.id)
        factories.quota_and_type(session, event_id=draft.id)
    ines = visit(INES)

    answer = post(ines, "/backoffice/events/atelier/publication")

    assert answer.status_code == 303
    assert "The event is public" in ines.get(answer.location).text
    assert [entry.facts for entry in entries(database, "publish")] == [{"from": "draft", "to": "published"}]


def test_event_is_called_off_with_a_reason_and_everyone_is_told(ines: FlaskClient, house: House, database: Database) -> None:
    house.register(KARIM, size=3)
    house.register(LUCIE)

    without = post(ines, f"{EVENT}/calling-off", reason="")
    answer = post(ines, f"{EVENT}/calling-off", reason="Mistral")

    assert (without.status_code, answer.status_code) == (422, 303)
    assert states(database) == {"Karim": "cancelled", "Lucie": "cancelled"}
    assert letters(database, "called_off") == [KARIM.email, LUCIE.email]


def test_event_is_postponed_and_everyone_keeps_their_place(ines: FlaskClient, house: House, database: Database) -> None:
    house.register(KARIM, size=3)
    house.register(LUCIE)

    answer = post(ines, f"{EVENT}/postponement", reason="Mistral")

    assert answer.status_code == 303
    assert states(database) == {"Karim": "confirmed", "Lucie": "waitlisted"}
    assert letters(database, "postponed") == [KARIM.email, LUCIE.email]


@pytest.mark.trust("OUT-3")
def test_download_holds_everyone_and_guards_formulas(ines: FlaskClient, house: House, database: Database) -> None:
    house.register(Character("=cmd", "Exemple"), email="a@demo.test", organisation="@SUM(A1)", size=2)
    house.register(LUCIE)

    answer = ines.get(f"{EVENT}/registrations.csv")
    table = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))

    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="grand-opening-registrations.csv"'
    assert [(row[1], row[5], row[6], row[8], row[9]) for row in table[1:]] == [
        ("confirmed", "1", "'=cmd", "'@SUM(A1)", "a@demo.test"),
        ("confirmed", "2", "", "", "a@demo.test"),
        ("confirmed", "1", "Lucie", "", LUCIE.email),
    ]
    assert [(entry.facts, entry.actor[:7]) for entry in entries(database, "export_registrations")] == [({"registrations": 2}, "member:")]


PAGES = [
    "registrations",
    "registrations/new",
    "registrations/{party}",
    "registrations/{party}/edit",
    "registrations/{party}/cancellation",
    "registrations/{party}/revocation",
    "registrations.csv",
    "quotas",
    "quotas/new",
    "quotas/{quota}/edit",
    "quotas/{quota}/deficit",
    "enrolments/{slot}",
    "ticket-types",
    "ticket-types/new",
    "ticket-types/1/edit",
    "publication",
    "calling-off",
    "postponement",
]
DEEDS = [
    "registrations",
    "registrations/{party}",
    "registrations/{party}/cancellation",
    "registrations/{party}/revocation",
    "registrations/{party}/links",
    "quotas",
    "quotas/{quota}",
    "quotas/{quota}/deletion",
    "ticket-types",
    "ticket-types/1",
    "ticket-types/1/deletion",
    "publication",
    "calling-off",
    "postponement",
]


def opened(house: House) -> Slot:
    """A session with one place, for which people enrol."""
    begins = house.event.starts_at
    with house.database.writing() as session:
        return actions.open_slot(
            session,
            event_id=house.event.id,
            title={"fr": "Atelier BIM"},
            starts_at=begins,
            ends_at=begins + timedelta(hours=1),
            places=1,
            actor=OPERATOR,
            now=NOW,
        )


def test_the_people_of_a_session_are_listed_with_those_who_wait_last(visit: Visit, house: House) -> None:
    slot = opened(house)
    for character in (KARIM, LUCIE):
        party = house.register(character).registration
        with house.database.writing() as session:
            actions.enrol(
                session,
                event_id=house.event.id,
                registration_id=party.id,
                position=1,
                slot_public_id=slot.public_id,
                swap=character is LUCIE,
                actor=ANONYMOUS,
                now=NOW,
            )

    page = unescape(visit(NORA, role=Role.STAFF).get(f"{EVENT}/enrolments/{slot.public_id}").text)
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())

    assert re.search(r"Karim Exemple karim@demo\.test \S+ Lucie Fictif lucie@demo\.test", words)
    assert ("Swaps without being asked" in words or "Échange sans être consulté" in words) is True


@pytest.mark.trust("ACL-3")
def test_stranger_finds_nothing(visit: Visit, house: House, database: Database) -> None:
    made = house.register(KARIM).registration
    with database.writing() as session:
        elsewhere = factories.organiser(session, slug="elsewhere").id
    paul = visit(PAUL, organiser_id=elsewhere)
    facts = {"party": made.public_id, "quota": house.quota.id, "slot": opened(house).public_id}
    valid = {"reason": "x", "first_name": "x", "last_name": "y", "email": "x@demo.test", "name": "x", "limit": 1, "protects": 0}

    seen = {path: paul.get(f"{EVENT}/{path.format(**facts)}").status_code for path in PAGES}
    done = {path: post(paul, f"{EVENT}/{path.format(**facts)}", **valid).status_code for path in DEEDS}

    assert (seen, done) == (dict.fromkeys(PAGES, 404), dict.fromkeys(DEEDS, 404))
    assert states(database) == {"Karim": "confirmed"}


@pytest.mark.trust("ACL-4")
def test_owner_reaches_every_page_but_nothing_of_another_event(ines: FlaskClient, house: House, database: Database) -> None:
    made = house.register(KARIM).registration
    with database.writing() as session:
        factories.event(session, organiser_id=house.organiser.id, slug="autre", state="published", space_id=house.space.id)
    facts = {"party": made.public_id, "quota": house.quota.id, "slot": opened(house).public_id}

    own = {path: ines.get(f"{EVENT}/{path.format(**facts)}").status_code for path in PAGES}
    other = {path: ines.get(f"/backoffice/events/autre/{path.format(**facts)}").status_code for path in PAGES if "{" in path or "1" in path}

    assert own == {path: 303 if path == "ticket-types" else 200 for path in PAGES}
    assert set(other.values()) == {404}


def test_volunteer_reads_but_changes_nothing(visit: Visit, house: House, database: Database) -> None:
    made = house.register(KARIM).registration
    nora = visit(NORA, role=Role.STAFF)

    page = nora.get(f"{EVENT}/registrations/{made.public_id}")
    answer = post(nora, f"{EVENT}/registrations/{made.public_id}/cancellation", reason="x")

    assert (page.status_code, answer.status_code) == (200, 404)
    assert "cancellation" not in page.text
    assert nora.get(f"{EVENT}/registrations.csv").status_code == 404


def test_nobody_signed_in_is_led_to_the_sign_in(client: FlaskClient, house: House) -> None:
    answer = client.get(f"{EVENT}/registrations")

    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in")
