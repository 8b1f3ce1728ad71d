"""What an attendee does over HTTP, with JavaScript off, on both databases."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from eventapp.lib.db import Database
from eventapp.messages.models import Message
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions, queries
from eventapp.registration.actions.letters import KINDS
from eventapp.worker.mail import letter_for
from tests.cast import KARIM, LUCIE, MARC, PAUL, Character
from tests.factories import NOW, House, quota_and_type

FORM = "/fr/events/grand-opening/registrations/new"
POST = "/fr/events/grand-opening/registrations"


@pytest.fixture
def house(database: Database) -> House:
    return House(database, limit=1)


def key_of(page: str) -> str:
    found = re.search(r'name="idempotency_key"[^>]*value="([^"]+)"', page)
    assert found, page
    return found[1]


def sent(client: FlaskClient, character: Character = KARIM, **more: str) -> dict[str, str]:
    """What a browser sends when this person has filled in the form."""
    page = client.get(FORM).get_data(as_text=True)
    names = {"first_name": character.first_name, "last_name": character.last_name, "email": character.email}
    return {"idempotency_key": key_of(page), **names, **more}


def registered(client: FlaskClient, character: Character = KARIM, **more: str) -> str:
    """The path of a registration made through the form."""
    answer = client.post(POST, data=sent(client, character, **more))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def text(answer: object) -> str:
    return html.unescape(answer.get_data(as_text=True))  # type: ignore[attr-defined]


def states(house: House) -> list[tuple[str, str, int]]:
    with house.database.reading() as session:
        return [(row.email, row.state, row.size) for row in queries.all_registrations(session, house.event.id)]


def mails(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(message.kind, message.address) for message in session.scalars(select(Message).order_by(Message.id))]


def test_register_takes_three_fields_and_shows_the_ticket(client: FlaskClient, house: House) -> None:
    page = client.get(FORM).get_data(as_text=True)
    required = re.findall(r"<input[^>]* required[^>]*>", page)

    location = registered(client)
    shown = text(client.get(location))

    assert len(required) == 3
    assert states(house) == [(KARIM.email, "confirmed", 1)]
    assert "Vous avez une place" in shown
    assert re.search(r"[0-9A-HJ-NP-TV-Z]{4}-[0-9A-HJ-NP-TV-Z]{4}", shown)
    assert mails(house.database) == [("confirmed", KARIM.email)]


def test_a_form_sent_twice_is_one_registration(client: FlaskClient, house: House) -> None:
    data = sent(client)

    first, second = client.post(POST, data=data), client.post(POST, data=data)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(states(house)) == 1


def test_a_key_used_for_another_body_gets_a_fresh_one(client: FlaskClient, house: House) -> None:
    data = sent(client)
    client.post(POST, data=data)

    answer = client.post(POST, data={**data, "first_name": "Lucie", "email": LUCIE.email})
    page = text(answer)

    assert answer.status_code == 422
    assert key_of(page) != data["idempotency_key"]
    assert LUCIE.email in page
    assert client.post(POST, data={**data, "first_name": "Lucie", "email": LUCIE.email, "idempotency_key": key_of(page)}).status_code == 303


def test_waiting_tells_the_place_before_and_after(client: FlaskClient, house: House) -> None:
    house.register(KARIM)
    house.register(LUCIE)

    before = text(client.get(FORM))
    after = text(client.get(registered(client, MARC)))

    assert "Vous seriez <strong>2e</strong>" in before
    assert "1 inscription devant vous" in before
    assert re.search(r'place__number">2<sup>e', after)
    assert "Vous n’avez pas encore de place" in after


def test_a_seat_given_back_by_the_page_goes_to_the_first_in_line(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)
    first = registered(client, LUCIE)
    registered(client, MARC)

    looked = client.get(mine + "/cancellation")
    unchanged = states(house)
    answer = client.post(mine + "/cancellation")

    assert looked.status_code == 200
    assert unchanged[0][1] == "confirmed"
    assert answer.status_code == 303
    assert states(house) == [(KARIM.email, "cancelled", 1), (LUCIE.email, "confirmed", 1), (MARC.email, "waitlisted", 1)]
    assert "Vous avez rendu votre place" in text(client.get(mine))
    assert "Vous avez une place" in text(client.get(first))
    assert client.post(mine + "/cancellation").status_code == 303
    assert ("promoted", LUCIE.email) in mails(house.database)


def test_one_of_three_is_given_back_and_the_others_stay(client: FlaskClient, database: Database) -> None:
    house = House(database, limit=3)
    mine = registered(client, KARIM, size="3", **{"companions-0-first_name": "Zoé", "companions-0-last_name": "Exemple"})

    none_ticked = client.post(mine + "/cancellation")
    forged = client.post(mine + "/cancellation", data={"attendees": ["77"]})
    answer = client.post(mine + "/cancellation", data={"attendees": ["2"]})

    assert none_ticked.status_code == 422
    assert forged.status_code == 422
    assert answer.status_code == 303
    assert states(house) == [(KARIM.email, "confirmed", 2)]
    assert "Zoé" not in text(client.get(mine))


def test_whose_places_are_given_back_is_chosen_by_the_party_itself(client: FlaskClient, database: Database) -> None:
    House(database, limit=3)
    mine = registered(client, KARIM, size="3")

    page = text(client.get(mine + "/cancellation"))

    assert re.findall(r'name="attendees"[^>]*>', page) != []
    assert [box for box in re.findall(r"<input[^>]*name=\"attendees\"[^>]*>", page) if "checked" in box] == []
    assert "Les places cochées vont aux personnes suivantes" in page


def test_leaving_the_line_is_not_called_giving_a_seat_back(client: FlaskClient, house: House) -> None:
    registered(client, KARIM)
    waiting = registered(client, LUCIE)

    client.post(waiting + "/cancellation")
    page = text(client.get(waiting))

    assert "<h1>Vous avez quitté la liste d’attente</h1>" in page
    assert "rendu" not in page
    assert "billets" not in page


def test_a_ticket_type_that_was_not_chosen_is_asked_for_in_words(client: FlaskClient, house: House) -> None:
    with house.database.writing() as session:
        quota_and_type(session, event_id=house.event.id, slug="presse", quota_name="presse")

    answer = client.post(POST, data=sent(client))

    assert answer.status_code == 422
    assert text(answer).count("Choisissez à quoi vous vous inscrivez.") == 2


def test_more_names_than_people_is_said_at_the_field(client: FlaskClient, database: Database) -> None:
    House(database, limit=3)

    answer = client.post(POST, data=sent(client, size="1", **{"companions-0-first_name": "Zoé"}))

    assert answer.status_code == 422
    assert "Zoé" in text(answer)
    assert 'id="size-error"' in text(answer)


BAD = [
    ("first_name", "", True),
    ("first_name", "a" * 81, True),
    ("first_name", "a\x00b", True),
    ("first_name", "\u202eabc", True),
    ("first_name", "http://spam.example/x", True),
    ("first_name", "Anne 🎉", False),
    ("last_name", " \u200b ", True),
    ("last_name", "O’Brien-Ñandú", False),
    ("last_name", "عَلِيّ", False),
    ("email", "", True),
    ("email", "karim", True),
    ("email", "karim@demo.test, lucie@demo.test", True),
    ("email", "a" * 250 + "@demo.test", True),
    ("email", "karim@[127.0.0.1]", True),
    ("idempotency_key", "", True),
    ("idempotency_key", "x'; drop table", True),
    ("first_name", "x" * 60_000, True),
]


@pytest.mark.parametrize(("name", "value", "refused"), BAD)
def test_bad_input_is_said_at_its_field_and_kept(client: FlaskClient, house: House, name: str, value: str, refused: bool) -> None:
    answer = client.post(POST, data=sent(client) | {name: value})

    page = text(answer)
    assert answer.status_code == (422 if refused else 303)
    assert len(states(house)) == (0 if refused else 1)
    if refused and name != "idempotency_key":
        assert f'id="{name}-error"' in page
        assert KARIM.last_name in page or name == "last_name"


@pytest.mark.parametrize("field", ["ticket_type", "size"])
@pytest.mark.parametrize("value", ["999999", "-1", "abc", "1 OR 1", "9" * 30])
def test_forged_choices_are_refused(client: FlaskClient, database: Database, field: str, value: str) -> None:
    house = House(database, limit=3)
    with database.writing() as session:
        quota_and_type(session, event_id=house.event.id, slug="presse", quota_name="presse")

    answer = client.post(POST, data=sent(client, ticket_type=str(house.type.id)) | {field: value})

    assert answer.status_code == 422
    assert states(house) == []


def test_a_type_of_another_event_is_refused(client: FlaskClient, database: Database) -> None:
    house = House(database, limit=3)
    with database.writing() as session:
        quota_and_type(session, event_id=house.event.id, slug="presse", quota_name="presse", public=False)
        hidden = [kind.id for kind in queries.ticket_types(session, house.event.id) if not kind.public]

    client.post(POST, data=sent(client, ticket_type=str(hidden[0])))

    with database.reading() as session:
        assert [row.ticket_type_id for row in queries.all_registrations(session, house.event.id)] == [house.type.id]


def test_an_address_registered_before_learns_nothing_at_the_keyboard(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)

    answer = client.post(POST, data=sent(client, KARIM, first_name="Paul", email="KARIM@demo.test"))

    assert answer.status_code == 409
    assert "déjà inscrite" in text(answer)
    assert mine.rsplit("/", 1)[1] not in text(answer)
    assert states(house) == [(KARIM.email, "confirmed", 1)]
    assert mails(house.database) == [("confirmed", KARIM.email), ("link", KARIM.email)]


def test_a_correction_of_the_address_kills_the_old_link(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)
    prefilled = text(client.get(mine + "/edit"))

    answer = client.post(mine, data={"first_name": "Karim", "last_name": "Exemple", "email": "karim.exemple@demo.test"})

    assert KARIM.email in prefilled
    assert answer.status_code == 303
    assert answer.headers["Location"] != mine
    assert client.get(mine).status_code == 404
    assert states(house) == [("karim.exemple@demo.test", "confirmed", 1)]


@pytest.mark.trust("RATE-3")
def test_nobody_is_flooded_by_corrections_to_their_address(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)
    answers = []
    for email in [LUCIE.email, KARIM.email] * 4:
        answer = client.post(mine, data={"first_name": "Karim", "last_name": "Exemple", "email": email})
        mine = answer.headers.get("Location", mine)
        answers.append(answer)

    refused = [answer.status_code for answer in answers].index(429)
    assert refused == 6
    assert int(answers[refused].headers["Retry-After"]) > 0
    assert "Exemple" in text(answers[refused])
    # Each correction is told to the address it takes and to the one it leaves.
    assert [address for _kind, address in mails(house.database)].count(LUCIE.email) == 6
    renamed = client.post(mine, data={"first_name": "Karima", "last_name": "Exemple", "email": KARIM.email})
    assert renamed.status_code == 303


def test_a_correction_to_an_address_already_there_keeps_the_text(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)
    registered(client, LUCIE)

    answer = client.post(mine, data={"first_name": "Karime", "last_name": "Exemple", "email": LUCIE.email})

    assert answer.status_code == 409
    assert "Karime" in text(answer)
    assert states(house)[0] == (KARIM.email, "confirmed", 1)


def test_not_me_frees_the_seat_by_a_button_only(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)
    registered(client, LUCIE)

    client.get(mine + "/not-me")
    before = states(house)
    answer = client.post(mine + "/not-me")

    assert before[0][1] == "confirmed"
    assert answer.status_code == 303
    assert [state for _, state, _ in states(house)] == ["cancelled", "confirmed"]
    assert client.get(answer.headers["Location"]).status_code == 200
    assert mails(house.database) == [("confirmed", KARIM.email), ("waitlisted", LUCIE.email), ("promoted", LUCIE.email)]


def test_find_my_ticket_says_the_same_to_everybody(client: FlaskClient, house: House) -> None:
    registered(client, KARIM)

    known = client.post("/fr/find-my-ticket", data={"email": KARIM.email})
    unknown = client.post("/fr/find-my-ticket", data={"email": PAUL.email})

    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert known.get_data() == unknown.get_data()
    assert mails(house.database) == [("confirmed", KARIM.email), ("link", KARIM.email)]
    assert client.get(known.headers["Location"]).status_code == 200


@pytest.mark.parametrize("address", [KARIM.email, PAUL.email])
def test_find_my_ticket_slows_down_known_and_unknown_alike(client: FlaskClient, house: House, address: str) -> None:
    house.register(KARIM)

    answers = [client.post("/fr/find-my-ticket", data={"email": address}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert int(answers[-1].headers["Retry-After"]) > 60


def test_the_ticket_says_the_name_and_nothing_more(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)
    code = re.search(r"/fr/tickets/(T1[A-Z2-7]{26})", text(client.get(mine)))
    assert code

    page = client.get(code[0])
    again = client.get(f"/T/{code[1]}", headers={"Accept-Language": "en"})

    assert page.status_code == 200
    assert "Karim Exemple" in text(page)
    assert KARIM.email not in text(page)
    assert mine.rsplit("/", 1)[1] not in text(page)
    assert "<form" not in text(page)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert (again.status_code, again.headers["Location"]) == (303, f"/en/tickets/{code[1]}")


def test_the_ticket_on_paper_is_a_pdf(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)
    code = re.search(r"/fr/tickets/(T1[A-Z2-7]{26})", text(client.get(mine)))
    assert code

    answer = client.get(code[0] + ".pdf")

    assert answer.mimetype == "application/pdf"
    assert answer.get_data().startswith(b"%PDF-")


def test_a_ticket_given_back_shows_no_code(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)
    code = re.search(r"/fr/tickets/(T1[A-Z2-7]{26})", text(client.get(mine)))
    assert code
    client.post(mine + "/cancellation")

    page = text(client.get(code[0]))

    assert "n’est plus valable" in page
    assert '<figure class="qr"' not in page
    assert client.get(code[0] + ".pdf").status_code == 303


@pytest.mark.parametrize(
    "path", ["/fr/tickets/T1" + "A" * 26, "/fr/tickets/x", "/T/nothing", "/fr/registrations/" + "A" * 22, "/fr/registrations/x"]
)
def test_unknown_secrets_are_not_found(client: FlaskClient, house: House, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_date_of_a_registration_keeps_its_uid(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)
    first = Calendar.from_ical(client.get(mine + ".ics").get_data()).walk("VEVENT")[0]
    client.post(mine + "/cancellation")
    second = Calendar.from_ical(client.get(mine + ".ics").get_data()).walk("VEVENT")[0]

    assert str(first["UID"]) == str(second["UID"])
    assert (str(first["STATUS"]), str(second["STATUS"])) == ("CONFIRMED", "CANCELLED")
    assert second["SEQUENCE"] > first["SEQUENCE"]


def test_before_the_opening_there_is_no_form(client: FlaskClient, database: Database) -> None:
    house = House(database, limit=3)
    with database.writing() as session:
        actions.update_ticket_type(
            session,
            event_id=house.event.id,
            ticket_type_id=house.type.id,
            name=house.type.name,
            description=house.type.description,
            quota_ids=[house.quota.id],
            opens_at=NOW + timedelta(days=1),
            closes_at=None,
            max_party=4,
            approval=False,
            waitlist_limit=None,
            public=True,
            transferable=True,
            actor=OPERATOR,
            now=NOW,
        )

    page = client.get(FORM)
    forced = client.post(POST, data={"idempotency_key": "k" * 22, "first_name": "a", "last_name": "b", "email": PAUL.email})

    assert "<form" not in text(page)
    assert "ouvrent le jeudi 2 septembre 2027" in text(page)
    assert forced.status_code == 409
    assert states(house) == []


def test_called_off_closes_the_form_and_the_tickets(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)
    with house.database.writing() as session:
        actions.call_off(session, event_id=house.event.id, reason="Tempête annoncée", actor=OPERATOR, now=NOW)

    assert "Tempête annoncée" in text(client.get(mine))
    assert "<form" not in text(client.get(FORM))
    assert "<figure" not in text(client.get(mine))


def test_a_foreign_page_cannot_register_anybody(client: FlaskClient, house: House) -> None:
    data = sent(client)

    crossed = client.post(POST, data=data, headers={"Sec-Fetch-Site": "cross-site"})
    foreign = client.post(POST, data=data, headers={"Origin": "https://elsewhere.example"})

    assert (crossed.status_code, foreign.status_code) == (400, 400)
    assert states(house) == []


def test_pages_with_a_secret_path_act_without_an_origin(client: FlaskClient, house: House) -> None:
    mine = registered(client, KARIM)

    answer = client.post(mine + "/cancellation", headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})

    assert answer.status_code == 303


def test_no_page_of_an_attendee_sets_a_cookie(client: FlaskClient, house: House) -> None:
    answers = [client.get(FORM), client.post(POST, data=sent(client))]
    mine = answers[-1].headers["Location"]
    answers += [client.get(mine + tail) for tail in ("", "/edit", "/cancellation", "/not-me", ".ics")]

    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None] * len(answers)


def test_both_languages_speak(app: Flask, house: House) -> None:
    client = app.test_client()
    mine = registered(client, KARIM)

    english = client.get(mine.replace("/fr/", "/en/"))

    assert "You have a seat" in text(english)
    assert 'lang="en"' in text(english)


AWKWARD = Character("Anne <b>\U0001f389", "{{ 7*7 }} %(x)s")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_says_the_state_first_and_ends_with_the_way_out(app: Flask, house: House, kind: str, language: str) -> None:
    first = house.register(AWKWARD, email="anne@demo.test").registration
    waiting = house.register(LUCIE).registration
    row = waiting if kind == "waitlisted" else first
    facts = {"size": 1, "reason": "Tempête <i>", "cause": "organiser", "position": 1, "parties_before": 0, "persons_before": 0}
    if kind != "waitlisted":
        facts = {name: value for name, value in facts.items() if not name.endswith(("position", "before"))}
    if kind in {"offered", "reminder", "extended"}:
        facts["answer_by"] = "2027-09-22T16:30:00+00:00"
    if kind == "volunteers":
        facts |= {"above": 2, "words": "Tempête <i>"}
    if kind == "entered":
        facts["draws_at"] = "2027-09-13T10:00:00+00:00"
    message = Message(
        public_id="m" * 16,
        room="registration",
        kind=kind,
        address=row.email,
        name="",
        language=language,
        facts=facts,
        subject_id=row.public_id,
        event_id=row.event_id,
        created_at=NOW,
        due_at=NOW,
        state="queued",
        attempts=0,
    )

    with app.app_context():
        letter = letter_for(message)

    assert letter is not None
    plain, page = (letter.get_body((kind_,)).get_content() for kind_ in ("plain", "html"))  # type: ignore[union-attr]
    assert plain.splitlines()[0].split() == str(letter["Subject"]).split()
    assert "<b>" not in page.split("</style>")[-1]
    assert "Tempête <i>" not in page
    assert not re.search(r"\S(http|Grand)", plain)
    assert "!" not in plain.replace(AWKWARD.first_name, "")
    if kind not in {"cancelled", "called_off", "declined", "expired", "rejected"}:
        assert plain.rstrip().endswith("/cancellation")


def test_no_link_of_a_mail_acts_when_it_is_opened(app: Flask, client: FlaskClient, house: House) -> None:
    outcome = house.register(KARIM)
    with house.database.reading() as session:
        message = session.scalars(select(Message)).one()
    with app.app_context():
        letter = letter_for(message)
    assert letter is not None
    links = re.findall(r"http://127\.0\.0\.1:8000(/\S+)", letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]

    answers = [client.get(link).status_code for link in links]

    assert answers == [200] * len(answers)
    assert len(answers) == 4
    assert outcome.token is not None
    assert states(house) == [(KARIM.email, "confirmed", 1)]


def test_a_registration_by_the_form_asks_once_before_the_lock(client: FlaskClient, house: House, asked: list[str]) -> None:
    data = sent(client)
    asked.clear()

    answer = client.post(POST, data=data)

    assert answer.status_code == 303
    assert (
        len([statement for statement in asked if statement != "BEGIN"]) == 13
    )  # one before the lock; the others are named in test_actions
