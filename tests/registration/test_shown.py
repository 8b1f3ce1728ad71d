"""The page of a party that waits or is offered a seat, and what its buttons do, on both databases, with JavaScript off."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventapp.lib.db import Database
from eventapp.messages.models import Message
from eventapp.people.rules import ANONYMOUS, OPERATOR
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration
from eventapp.worker.mail import letter_for
from tests.cast import KARIM, LUCIE, MARC, NORA, PAUL, Character
from tests.factories import NOW, House

DOORS = datetime(2027, 9, 23, 16, 0, tzinfo=UTC)
LAST_DAY = DOORS - timedelta(hours=9)


@pytest.fixture
def house(database: Database) -> House:
    return House(database, limit=1)


def text(answer: object) -> str:
    return html.unescape(answer.get_data(as_text=True))  # type: ignore[attr-defined]


def heading(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    assert found, page
    return " ".join(found[1].split())


def rows(house: House) -> list[tuple[str, str, int]]:
    with house.database.reading() as session:
        return [(row.first_name, row.state, row.size) for row in queries.all_registrations(session, house.event.id)]


def row_of(house: House, registration: Registration) -> Registration:
    with house.database.reading() as session:
        row = queries.registration_by_id(session, house.event.id, registration.id)
        assert row is not None
        return row


def give_back(house: House, registration: Registration, *, now: datetime = NOW) -> None:
    with house.database.writing() as session:
        actions.give_back(session, event_id=house.event.id, registration_id=registration.id, by_organiser=False, actor=ANONYMOUS, now=now)


def clock(app: Flask, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(app.extensions["eventapp"], "clock", lambda: now)


def page_of(outcome: actions.Outcome) -> str:
    return f"/fr/registrations/{outcome.token}"


def offered(house: House, character: Character = LUCIE, **more: object) -> actions.Outcome:
    """Lucie wishes to be asked, and is: until 3 September, 12 h in Paris."""
    karim = house.register(KARIM).registration
    asked = house.register(character, auto_until="never", **more)
    give_back(house, karim)
    return asked


def answer_of(client: FlaskClient, path: str, button: str, **more: object) -> tuple[str, dict[str, object]]:
    """Where this button posts to, and what it sends."""
    page = client.get(path).get_data(as_text=True)
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if button in html.unescape(one))
    action = re.search(r'action="([^"]+)"', form)
    assert action
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return html.unescape(action[1]), fields | more


def press(client: FlaskClient, path: str, button: str, **more: object) -> object:
    action, data = answer_of(client, path, button, **more)
    return client.post(action, data=data)


def test_an_offer_is_shown_with_its_hour_and_opening_it_does_nothing(client: FlaskClient, house: House) -> None:
    lucie = offered(house)

    page = text(client.get(page_of(lucie)))

    assert heading(page) == "Une place pour vous"
    assert "vendredi 3 septembre 2027 à 12\u00a0h</time></strong>, heure du lieu" in page
    assert "vous allez en fin de liste" in page
    assert re.findall(r'action="[^"]*/(\w+)"', page) == ["acceptance", "refusal", "extension"]
    assert row_of(house, lucie.registration).state == "offered"


def test_accepting_gives_the_ticket_and_doing_so_twice_changes_nothing(client: FlaskClient, house: House) -> None:
    lucie = offered(house)
    action, data = answer_of(client, page_of(lucie), "J’accepte")

    first, second = client.post(action, data=data), client.post(action, data=data)

    assert [first.status_code, second.status_code] == [303, 303]
    assert first.location == page_of(lucie)
    assert heading(text(client.get(page_of(lucie)))) == "Vous avez une place"
    with house.database.reading() as session:
        kinds = list(session.scalars(select(Message.kind).where(Message.address == LUCIE.email).order_by(Message.id)))
    assert kinds == ["waitlisted", "offered", "confirmed"]


def test_nobody_is_called_next_whose_turn_is_passed_over(
    app: Flask, client: FlaskClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.register(KARIM)
    lucie = house.register(LUCIE)
    said = {}

    for when in (NOW, LAST_DAY, DOORS):
        clock(app, monkeypatch, when)
        page = text(client.get(page_of(lucie)))
        said[when] = [
            words
            for words in ("Vous êtes la personne suivante", "Personne n’est devant vous", "votre tour est passé", "Quelle chance")
            if words in page
        ]

    assert said == {
        NOW: ["Vous êtes la personne suivante", "Quelle chance"],
        LAST_DAY: ["Personne n’est devant vous", "votre tour est passé"],
        DOORS: ["Personne n’est devant vous"],
    }


def test_the_wish_that_was_saved_stands_on_the_page(client: FlaskClient, house: House) -> None:
    house.register(KARIM)
    lucie = house.register(LUCIE)
    before = wish_shown(text(client.get(page_of(lucie))))

    press(client, page_of(lucie), "Toujours", auto_until="never")

    assert before.startswith("Me confirmer sans demander jusqu’au")
    assert wish_shown(text(client.get(page_of(lucie)))) == "Toujours me demander d’abord"


def wish_shown(page: str) -> str:
    found = re.search(r'folded__now">([^<]+)<', page)
    assert found
    return found[1]


def test_declining_ends_the_registration_and_shows_the_way_back(client: FlaskClient, house: House) -> None:
    lucie = offered(house)
    marc = house.register(MARC)

    answer = press(client, page_of(lucie), "Je refuse")
    page = text(client.get(page_of(lucie)))

    assert answer.status_code == 303  # type: ignore[attr-defined]
    assert heading(page) == "Vous avez refusé la place"
    assert "S’inscrire à nouveau" in page
    assert row_of(house, marc.registration).state == "confirmed"


def test_two_hours_more_are_given_once(client: FlaskClient, house: House) -> None:
    lucie = offered(house)
    action, data = answer_of(client, page_of(lucie), "Deux heures de plus")

    answers = [client.post(action, data=data).status_code for _ in range(2)]
    page = text(client.get(page_of(lucie)))

    assert answers == [303, 303]
    assert "3 septembre 2027 à 14\u00a0h" in page
    assert "Deux heures de plus" not in page
    again = client.post(action, data=data | {"version": row_of(house, lucie.registration).version})
    assert (again.status_code, heading(text(again))) == (409, "Une place pour vous")


def test_an_answer_that_comes_too_late_shows_how_things_stand(
    app: Flask, client: FlaskClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has not looked yet: the page once said that the offer was over and showed it in the same breath."""
    lucie = offered(house)
    marc = house.register(MARC)
    action, data = answer_of(client, page_of(lucie), "J’accepte")
    with house.database.writing() as session:
        actions.started(session, event_id=house.event.id, public_id=lucie.registration.public_id, now=NOW)
    clock(app, monkeypatch, NOW + timedelta(hours=48))

    answer = client.post(action, data=data)

    assert answer.status_code == 409
    assert "Plus rien ne vous est proposé" in text(answer)
    assert "Votre place est passée à la personne suivante" in text(answer)
    assert (row_of(house, lucie.registration).state, row_of(house, marc.registration).state) == ("waitlisted", "confirmed")


def test_an_answer_from_a_page_that_is_out_of_date_changes_nothing(client: FlaskClient, house: House) -> None:
    lucie = offered(house)
    action, data = answer_of(client, page_of(lucie), "J’accepte")
    press(client, page_of(lucie), "Deux heures de plus")

    answers = [client.post(action, data=sent) for sent in (data, data | {"version": "x"}, {})]

    assert [answer.status_code for answer in answers] == [409, 422, 422]
    assert [heading(text(answer)) for answer in answers] == ["Une place pour vous"] * 3
    assert row_of(house, lucie.registration).state == "offered"


def test_a_second_silence_ends_the_registration_and_says_how_to_come_back(
    app: Flask, client: FlaskClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lucie = offered(house)
    pages = []
    for days in (3, 6):
        with house.database.writing() as session:
            actions.started(
                session, event_id=house.event.id, public_id=lucie.registration.public_id, now=NOW + timedelta(days=days - 3, hours=1)
            )
        clock(app, monkeypatch, NOW + timedelta(days=days))
        with house.database.writing() as session:
            actions.tend(session, event_id=house.event.id, now=NOW + timedelta(days=days))
        pages.append(heading(text(client.get(page_of(lucie)))))

    assert pages == ["Une place pour vous", "Votre place est passée à la personne suivante"]
    assert row_of(house, lucie.registration).state == "expired"


def test_whoever_waits_is_told_what_comes_and_says_with_one_button_that_they_can_come_late(client: FlaskClient, house: House) -> None:
    house.register(KARIM)
    lucie = house.register(LUCIE)

    before = text(client.get(page_of(lucie)))
    answer = press(client, page_of(lucie), "Votre place est alors confirmée")
    after = text(client.get(page_of(lucie)))

    assert len(re.findall(r"<li>(?:Jusqu’au jeudi|Ensuite|À partir du)", before)) == 4
    assert "Jusqu’au jeudi 16 septembre 2027 à 18\u00a0h, une place" in before
    assert "Ensuite, jusqu’au mercredi 22 septembre 2027 à 18\u00a0h, on vous demande d’abord" in before
    assert "À partir du jeudi 23 septembre 2027 à 15\u00a0h, plus personne" in before
    assert answer.status_code == 303  # type: ignore[attr-defined]
    row = row_of(house, lucie.registration)
    assert (row.auto_until, row.seq) == ("freeze", lucie.registration.seq)
    assert "c’est noté" in after
    assert "Jusqu’au jeudi 23 septembre 2027 à 15\u00a0h, une place" in after


def test_wishes_are_chosen_on_the_page_and_only_while_waiting(client: FlaskClient, house: House) -> None:
    karim = house.register(KARIM)
    lucie = house.register(LUCIE, size=2)
    path = page_of(lucie)

    action, data = answer_of(client, path, "Toujours me demander")
    saved = client.post(action, data=data | {"auto_until": "never", "accept_partial": "y"})
    row = row_of(house, lucie.registration)
    odd = client.post(action, data=data | {"auto_until": "tomorrow"})
    seated = client.post(f"{page_of(karim)}/wishes", data={"version": 0, "auto_until": "freeze"})

    assert saved.status_code == 303
    assert (row.auto_until, row.accept_partial) == ("never", True)
    assert odd.status_code == 422
    assert seated.status_code == 409
    assert heading(text(seated)) == "Vous avez une place"


def parted(house: House) -> tuple[actions.Outcome, Registration]:
    """Lucie comes with two others; one seat was free: two of the party wait on, and have one registration together."""
    lucie = house.register(LUCIE, size=3, accept_partial=True)
    with house.database.reading() as session:
        [part] = queries.parts_of(session, row_of(house, lucie.registration))
    return lucie, part


def test_those_of_a_party_who_wait_are_on_its_page(client: FlaskClient, house: House) -> None:
    lucie, _part = parted(house)

    page = text(client.get(page_of(lucie)))

    assert heading(page) == "Vous avez une place"
    assert "2 autres personnes de votre groupe" in page
    assert rows(house) == [(LUCIE.first_name, "confirmed", 1), (LUCIE.first_name, "waitlisted", 2)]


def test_a_part_leaves_the_line_alone(client: FlaskClient, house: House) -> None:
    lucie, part = parted(house)
    path = f"{page_of(lucie)}/cancellation"

    shown = client.get(f"{path}?part={part.public_id}").get_data(as_text=True)
    answer = client.post(path, data={"part": part.public_id, "attendees": re.findall(r'name="attendees"[^>]*value="(\d+)"', shown)})

    assert answer.status_code == 303
    assert rows(house) == [(LUCIE.first_name, "confirmed", 1), (LUCIE.first_name, "cancelled", 2)]


def test_a_part_is_answered_for_on_the_page_of_its_party_and_on_no_other(client: FlaskClient, house: House) -> None:
    lucie, part = parted(house)
    stranger = house.register(PAUL)
    with house.database.writing() as session:
        actions.wish(
            session,
            event_id=house.event.id,
            registration_id=part.id,
            auto_until="never",
            accept_partial=False,
            actor=ANONYMOUS,
            now=NOW,
        )
    with house.database.writing() as session:
        actions.set_limit(session, event_id=house.event.id, quota_id=house.quota.id, limit=3, reason="", actor=OPERATOR, now=NOW)
    action, data = answer_of(client, page_of(lucie), "J’accepte")

    foreign = client.post(f"{page_of(stranger)}/acceptance", data=data)
    unchanged = row_of(house, part).state
    answer = client.post(action, data=data)

    assert (foreign.status_code, unchanged) == (404, "offered")
    assert answer.status_code == 303
    assert row_of(house, part).state == "confirmed"
    assert len(re.findall(r'class="ticket mb-4"', client.get(page_of(lucie)).get_data(as_text=True))) == 3


def test_giving_all_back_ends_those_who_wait_for_it_too(client: FlaskClient, house: House) -> None:
    lucie, _part = parted(house)
    nora = house.register(NORA)

    answer = client.post(f"{page_of(lucie)}/cancellation", data={"attendees": "1"})

    assert answer.status_code == 303
    assert rows(house)[:2] == [(LUCIE.first_name, "cancelled", 1), (LUCIE.first_name, "cancelled", 2)]
    assert row_of(house, nora.registration).state == "confirmed"


def test_what_was_never_asked_for_ends_in_all_its_parts(client: FlaskClient, house: House) -> None:
    lucie, _part = parted(house)

    client.post(f"{page_of(lucie)}/not-me")

    assert [state for _name, state, _size in rows(house)] == ["cancelled", "cancelled"]


@pytest.mark.parametrize("through", ["party", "part"])
def test_the_mail_of_a_part_leads_to_the_page_of_its_party_and_to_its_present_address(app: Flask, house: House, through: str) -> None:
    lucie, part = parted(house)
    with house.database.writing() as session:
        row, token = actions.correct(
            session,
            event_id=house.event.id,
            registration_id=part.id if through == "part" else lucie.registration.id,
            first_name="Lucie",
            last_name="Autrement",
            email="lucie.autrement@demo.test",
            keys=house.keys,
            actor=ANONYMOUS,
            now=NOW,
        )
        assert row.id == lucie.registration.id
    with house.database.writing() as session:
        actions.set_limit(session, event_id=house.event.id, quota_id=house.quota.id, limit=3, reason="", actor=OPERATOR, now=NOW)
    with house.database.reading() as session:
        [message] = session.scalars(select(Message).where(Message.subject_id == part.public_id))

    with app.app_context():
        letter = letter_for(message)

    assert letter is not None
    plain = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (message.kind, message.address) == ("promoted", "lucie.autrement@demo.test")
    assert f"/fr/registrations/{token}\n" in plain
    assert f"/fr/registrations/{token}/cancellation?part={part.public_id}" in plain
    assert lucie.token not in plain


def test_the_form_offers_to_come_late_and_to_come_in_parts(
    app: Flask, client: FlaskClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.register(KARIM)
    path = "/fr/events/grand-opening/registrations"
    early = text(client.get(f"{path}/new"))
    clock(app, monkeypatch, LAST_DAY)

    late = text(client.get(f"{path}/new"))
    key = re.search(r'name="idempotency_key"[^>]*value="([^"]+)"', late)
    assert key
    names = {"first_name": MARC.first_name, "last_name": MARC.last_name, "email": MARC.email, "size": "2"}
    answer = client.post(path, data={"idempotency_key": key[1], **names, "accept_partial": "y", "last_moment": "y"})

    assert "acceptez aussi une partie du groupe" in early
    assert "Je peux venir au dernier moment" not in early
    assert "Je peux venir au dernier moment" in late
    assert len(re.findall(r"<input[^>]* required[^>]*>", late)) == 3
    assert answer.status_code == 303
    with house.database.reading() as session:
        marc = queries.live_registration(session, house.event.id, MARC.email)
    assert marc is not None
    assert (marc.auto_until, marc.accept_partial, marc.state) == ("freeze", True, "waitlisted")


def likely(page: str) -> str:
    """What is said under the question of the chance."""
    found = re.search(r"<h3>Quelle chance.*?</h3>(.*?)<p>Dans tous les cas", page, re.DOTALL)
    assert found, page
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def test_who_waits_is_told_how_likely_a_seat_is_once_something_is_known(client: FlaskClient, house: House) -> None:
    for number in range(20):
        give_back(house, house.register(Character(f"Inconnu{number}", "Démo")).registration)
    house.register(KARIM)
    lucie = house.register(LUCIE)

    assert likely(text(client.get(page_of(lucie)))) == (
        "Incertain, environ 40 %. Estimé d’après celles et ceux qui vous précèdent et d’après les places rendues : 20 jusqu’ici. "
        "Ce n’est pas une promesse, et cela ne décide jamais de l’ordre."
    )


def test_nothing_is_said_about_the_chance_before_anything_is_known(client: FlaskClient, house: House) -> None:
    house.register(KARIM)
    lucie = house.register(LUCIE)

    assert likely(text(client.get(page_of(lucie)))) == "Pas encore assez de données pour le dire."
