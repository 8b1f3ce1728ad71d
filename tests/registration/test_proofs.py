"""An address is to be proved before a seat is given: a seat is held meanwhile, a place in line is kept, on real databases."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventapp.cli.state import faults
from eventapp.events.queries import event_by_id
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import link_token
from eventapp.messages.models import Message
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import ANONYMOUS, OPERATOR, Role
from eventapp.registration import actions, queries, rules
from eventapp.registration.models import Registration, TicketType
from eventapp.tickets import rules as tickets
from eventapp.worker.mail import letter_for
from tests import factories
from tests.cast import INES, KARIM, LUCIE, MARC, NORA, PAUL, Character
from tests.factories import KEYS, NOW, House
from tests.registration.line import DOORS, FREEZE, HOUR, Line

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
HALF = 30 * MINUTE
ASKING = rules.Settings(verify_address=True)


def ask(line: Line, settings: rules.Settings = ASKING, *, now: datetime = NOW) -> None:
    with line.database.writing() as session:
        actions.set_allocation(session, event_id=line.event_id, settings=settings, actor=OPERATOR, now=now)


@pytest.fixture
def line(database: Database) -> Line:
    """One seat, and every address to be proved."""
    result = Line(database, limit=1)
    ask(result)
    return result


def change_type(line: Line, *, closes_at: datetime | None = None, waitlist_limit: int | None = None) -> None:
    with line.database.writing() as session:
        actions.update_ticket_type(
            session,
            event_id=line.event_id,
            ticket_type_id=line.house.type.id,
            name={"fr": "Entrée"},
            quota_ids=[line.house.quota.id],
            opens_at=None,
            closes_at=closes_at,
            max_party=4,
            approval=False,
            waitlist_limit=waitlist_limit,
            public=True,
            transferable=True,
            actor=OPERATOR,
            now=NOW,
        )


def clocks(line: Line, registration: Registration) -> tuple[datetime | None, datetime | None, datetime | None]:
    row = line.row(registration)
    return row.started_at, row.answer_by, row.expires_at


def token_of(line: Line, registration: Registration) -> str:
    row = line.row(registration)
    return link_token(KEYS, row.identity, row.serial)


def letters(line: Line, app: Flask) -> list[tuple[str, str]]:
    """Subject and text of each mail, oldest first."""
    with line.database.reading() as session:
        messages = list(session.scalars(select(Message).order_by(Message.id)))
    with app.app_context():
        made = [letter for letter in (letter_for(message) for message in messages) if letter is not None]
    return [(str(letter["Subject"]), letter.get_body(("plain",)).get_content()) for letter in made]  # type: ignore[union-attr]


def sound(line: Line) -> None:
    with line.database.reading() as session:
        event = event_by_id(session, line.event_id)
        assert event is not None
        assert list(faults(session, event, NOW)) == []


@pytest.mark.parametrize(
    ("state", "expires_at", "expected"),
    [("held", NOW, True), ("waitlisted", NOW, True), ("waitlisted", None, False), ("offered", NOW, False), ("confirmed", None, False)],
)
def test_who_still_owes_a_proof(state: str, expires_at: datetime | None, expected: bool) -> None:
    class Party:
        def __init__(self) -> None:
            self.state, self.expires_at = state, expires_at

    assert rules.unproven(Party()) is expected


@pytest.mark.parametrize(
    ("verify", "hasty", "now", "expected"),
    [(True, False, NOW, True), (False, True, NOW, True), (False, False, NOW, False), (True, True, DOORS, False)],
)
def test_whom_proof_is_asked_of(verify: bool, hasty: bool, now: datetime, expected: bool) -> None:
    calendar = rules.calendar_of(DOORS, "Europe/Paris", rules.Settings(verify_address=verify))

    assert rules.asks_proof(calendar, hasty=hasty, now=now) is expected


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("hold", 9 * MINUTE),
        ("hold", 25 * HOUR),
        ("unverified_after", HOUR),
        ("unverified_after", 8 * DAY),
        ("velocity", -1),
    ],
)
def test_what_may_be_set_has_bounds(name: str, wrong: object) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_settings(replace(rules.DEFAULTS, **{name: wrong}), DOORS, "Europe/Paris")  # type: ignore[arg-type]

    assert (refused.value.code, refused.value.facts["field"]) == ("allocation.out_of_bounds", name)


def test_a_seat_is_held_until_the_address_is_proved(line: Line) -> None:
    outcome = line.house.register(KARIM)

    assert (outcome.kind, outcome.token, outcome.promised) == ("created", None, "held")
    assert line.states == [("Karim", "held", 1)]
    assert line.row(outcome.registration).verified_at is None
    assert clocks(line, outcome.registration) == (None, NOW + HALF, DOORS)
    assert line.books == (1, 1, 1)
    assert line.mails == [("Karim", "verify")]
    sound(line)


def test_its_time_runs_from_the_moment_the_mail_has_left(line: Line) -> None:
    (karim,) = line.join(KARIM)
    line.tend(now=NOW + 3 * HOUR)

    line.mailed(karim, now=NOW + 3 * HOUR)

    assert clocks(line, karim) == (NOW + 3 * HOUR, NOW + 3 * HOUR + HALF, NOW + 3 * HOUR + HALF)
    assert line.row(karim).remind_at is None


def test_a_hold_never_outlives_doors(line: Line) -> None:
    change_type(line, closes_at=DOORS + HOUR)
    karim = line.join(KARIM, now=DOORS - 10 * MINUTE)[0]
    line.mailed(karim, now=DOORS - 5 * MINUTE)

    assert clocks(line, karim) == (DOORS - 5 * MINUTE, DOORS, DOORS)
    line.tend(now=DOORS)
    line.join(LUCIE, now=DOORS)
    assert line.states == [("Karim", "expired", 1), ("Lucie", "confirmed", 1)]


def test_a_hold_whose_mail_never_left_ends_at_doors(line: Line) -> None:
    (karim,) = line.join(KARIM)

    line.tend(now=DOORS - MINUTE)
    before = line.row(karim).state
    line.tend(now=DOORS)

    assert (before, line.row(karim).state) == ("held", "expired")


def test_the_button_makes_the_seat_theirs(line: Line) -> None:
    (karim,) = line.join(KARIM)
    line.mailed(karim, now=NOW)

    line.do(actions.verify, karim, now=NOW + HALF - MINUTE)
    line.do(actions.verify, karim, now=NOW + HOUR)

    row = line.row(karim)
    assert (row.state, row.verified_at, row.confirmed_at) == ("confirmed", NOW + HALF - MINUTE, NOW + HALF - MINUTE)
    assert clocks(line, karim) == (None, None, None)
    assert line.mails == [("Karim", "verify"), ("Karim", "confirmed")]
    assert line.books == (1, 1, 1)


def test_a_seat_that_nobody_confirms_goes_to_the_next_in_line(line: Line) -> None:
    karim, lucie = line.join(KARIM, LUCIE)
    line.mailed(karim, now=NOW)
    line.mailed(lucie, now=NOW)
    line.do(actions.verify, lucie, now=NOW + MINUTE)

    line.tend(now=NOW + HALF)

    assert line.states == [("Karim", "expired", 1), ("Lucie", "confirmed", 1)]
    assert line.row(karim).cause == "unproven"
    assert line.mails == [("Karim", "verify"), ("Lucie", "verify"), ("Karim", "expired"), ("Lucie", "promoted")]
    with pytest.raises(Refused) as refused:
        line.do(actions.verify, karim, now=NOW + HALF)
    assert refused.value.code == "proof.over"
    sound(line)


def test_the_hour_counts_while_the_event_stands_still(line: Line) -> None:
    (karim,) = line.join(KARIM)
    line.mailed(karim, now=NOW)
    with line.database.writing() as session:
        actions.postpone(session, event_id=line.event_id, reason="tempête", actor=OPERATOR, now=NOW + MINUTE)

    with pytest.raises(Refused) as refused:
        line.do(actions.verify, karim, now=NOW + HALF)

    assert refused.value.code == "proof.over"
    line.do(actions.verify, karim, now=NOW + HALF - MINUTE)
    assert line.row(karim).state == "confirmed"


def test_who_waits_without_a_proof_counts_in_the_line_and_is_given_nothing(line: Line) -> None:
    karim, lucie, marc = line.join(KARIM, LUCIE, MARC)
    line.do(actions.verify, karim, now=NOW)
    line.do(actions.verify, marc, now=NOW)

    with line.database.reading() as session:
        place = queries.place(session, line.row(marc))
    line.leave(karim, now=NOW + HOUR)

    assert place == rules.Place(2, 1, 1)
    assert clocks(line, lucie) == (None, NOW + 48 * HOUR, DOORS)
    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "waitlisted", 1), ("Marc", "confirmed", 1)]
    sound(line)


def test_who_proves_the_address_in_line_is_seated_in_the_order_of_the_line(line: Line) -> None:
    karim, lucie, marc = line.join(KARIM, LUCIE, MARC)
    line.do(actions.verify, karim, now=NOW)
    line.do(actions.verify, lucie, now=NOW)
    line.do(actions.verify, marc, now=NOW)

    line.leave(karim, now=NOW + HOUR)

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "confirmed", 1), ("Marc", "waitlisted", 1)]
    assert line.mails[3:] == [("Karim", "confirmed"), ("Karim", "cancelled"), ("Lucie", "promoted")]


def test_who_proves_the_address_beside_a_free_seat_has_it_at_once(line: Line) -> None:
    karim, lucie = line.join(KARIM, LUCIE)
    line.leave(karim, now=NOW)

    line.do(actions.verify, lucie, now=NOW + MINUTE)

    assert line.states == [("Karim", "cancelled", 1), ("Lucie", "confirmed", 1)]
    assert line.mails[-1] == ("Lucie", "promoted")


def test_a_place_without_a_proof_ends_after_two_days(line: Line) -> None:
    _karim, lucie = line.join(KARIM, LUCIE)
    line.mailed(lucie, now=NOW + HOUR)

    line.tend(now=NOW + 49 * HOUR - MINUTE)
    before = line.row(lucie).state
    line.tend(now=NOW + 49 * HOUR)

    assert (before, line.row(lucie).state, line.row(lucie).cause) == ("waitlisted", "expired", "unproven")
    assert line.mails[-1] == ("Lucie", "expired")
    sound(line)


def test_nobody_is_told_of_the_last_day_who_has_proved_nothing(line: Line) -> None:
    karim, lucie, marc = line.join(KARIM, LUCIE, MARC, now=FREEZE - 10 * HOUR)
    line.do(actions.verify, karim, now=FREEZE - 10 * HOUR)
    line.do(actions.verify, marc, now=FREEZE - 10 * HOUR)

    told = line.tell(now=FREEZE - 9 * HOUR)

    assert (told, line.row(lucie).notice, line.row(marc).notice) == (1, "", "last_day")


def test_a_held_seat_is_kept_half_an_hour_longer_once(line: Line) -> None:
    (karim,) = line.join(KARIM)
    line.mailed(karim, now=NOW)
    version = line.row(karim).version

    line.do(actions.extend, karim, version=version, by_organiser=False, now=NOW + MINUTE)
    line.do(actions.extend, karim, version=version, by_organiser=False, now=NOW + MINUTE)

    assert clocks(line, karim) == (NOW, NOW + 2 * HALF, NOW + 2 * HALF)
    assert line.mails == [("Karim", "verify"), ("Karim", "verify")]
    for by_organiser in (False, True):
        with pytest.raises(Refused) as refused:
            line.do(actions.extend, karim, version=version + 1, by_organiser=by_organiser, now=NOW + MINUTE)
        assert refused.value.code == "offer.extended_already"


def test_a_held_seat_is_not_kept_longer_in_a_deficit(line: Line) -> None:
    (karim,) = line.join(KARIM)
    line.set_limit(0, now=NOW)

    with pytest.raises(Refused) as refused:
        line.do(actions.extend, karim, version=1, by_organiser=False, now=NOW + MINUTE)

    assert refused.value.code == "offer.deficit"


def test_the_parts_of_a_party_are_proved_and_end_together(database: Database) -> None:
    line = Line(database, limit=1)
    ask(line)
    (karim,) = line.join(KARIM, size=3, accept_partial=True)
    line.mailed(karim, now=NOW + MINUTE)
    with line.database.reading() as session:
        parts = [(part.state, part.size, part.expires_at) for part in queries.parts_of(session, line.row(karim))]

    line.do(actions.verify, karim, now=NOW + HALF)

    with line.database.reading() as session:
        after = [(part.state, part.size, part.expires_at) for part in queries.parts_of(session, line.row(karim))]
    assert parts == [("waitlisted", 2, NOW + MINUTE + HALF)]
    assert after == [("waitlisted", 2, None)]
    assert line.states == [("Karim", "confirmed", 1), ("Karim", "waitlisted", 2)]
    sound(line)


def test_a_party_that_never_proved_its_address_is_told_once(database: Database) -> None:
    line = Line(database, limit=1)
    ask(line)
    (karim,) = line.join(KARIM, size=3, accept_partial=True)
    line.mailed(karim, now=NOW)

    line.tend(now=NOW + HALF)

    assert line.states == [("Karim", "expired", 1), ("Karim", "expired", 2)]
    assert line.mails == [("Karim", "verify"), ("Karim", "expired")]
    assert line.books == (0, 0, 0)
    sound(line)


def test_a_held_seat_withdrawn_in_a_deficit_still_waits_for_the_proof(line: Line) -> None:
    (karim,) = line.join(KARIM)
    line.set_limit(0, now=NOW)

    line.do(actions.revoke, karim, reason="salle plus petite", now=NOW)
    line.set_limit(1, now=NOW)
    before = line.row(karim).state
    line.do(actions.verify, karim, now=NOW + HOUR)

    assert (before, line.row(karim).state) == ("waitlisted", "confirmed")


def test_who_is_added_by_hand_or_invited_is_never_held(line: Line) -> None:
    line.set_limit(3, now=NOW)
    line.join(KARIM, source="hand")
    invitation = actions.Invitation("k", line.house.type.id, "Paul", "Passant", PAUL.email, "fr")
    with line.database.writing() as session:
        actions.invite(session, event_id=line.event_id, invitation=invitation, keys=KEYS, actor=OPERATOR, now=NOW)

    assert line.states == [("Karim", "confirmed", 1), ("Paul", "offered", 1)]


def test_a_request_repeated_never_gives_the_link_away(line: Line) -> None:
    first = line.house.register(KARIM, key="k1")
    line.do(actions.verify, first.registration, now=NOW + MINUTE)

    again = line.house.register(KARIM, key="k1")

    assert (again.kind, again.token, again.promised) == ("known", None, "held")
    assert line.mails == [("Karim", "verify"), ("Karim", "confirmed")]


def test_a_mended_address_is_the_one_to_be_proved(line: Line) -> None:
    (karim,) = line.join(KARIM)

    with line.database.writing() as session:
        actions.correct(
            session,
            event_id=line.event_id,
            registration_id=karim.id,
            first_name="Karim",
            last_name="Exemple",
            email="karim.exemple@demo.test",
            keys=KEYS,
            actor=OPERATOR,
            now=NOW,
        )

    assert line.mails == [("Karim", "verify"), ("Karim", "verify"), ("Karim", "corrected")]
    assert line.row(karim).state == "held"


def test_once_it_is_switched_off_newcomers_are_seated_at_once(line: Line) -> None:
    (karim,) = line.join(KARIM)
    line.set_limit(2, now=NOW)
    ask(line, rules.DEFAULTS)

    line.join(LUCIE)

    assert line.states == [("Karim", "held", 1), ("Lucie", "confirmed", 1)]
    line.do(actions.verify, karim, now=NOW)
    assert line.row(karim).state == "confirmed"


# --- pages

NEW = "/fr/events/grand-opening/registrations"


def typed(client: FlaskClient, who: Character, **more: str) -> dict[str, str]:
    hidden = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', client.get(f"{NEW}/new").text))
    return {**hidden, "first_name": who.first_name, "last_name": who.last_name, "email": who.email, "size": "1", **more}


def answer(client: FlaskClient, who: Character, **more: str) -> tuple[int, str | None, int, int]:
    """Status, address of the next page, size of both."""
    sent = client.post(NEW, data=typed(client, who, **more))
    shown = client.get(sent.location or NEW)
    return sent.status_code, sent.location, len(sent.data), len(shown.data)


def text(answered: Any) -> str:
    return html.unescape(answered.text).replace("\u00a0", " ").replace("\u202f", " ")


def test_the_form_says_that_a_mail_will_ask(client: FlaskClient, line: Line) -> None:
    asked = text(client.get(f"{NEW}/new"))
    ask(line, rules.DEFAULTS)

    assert "Un message vous demande ensuite de confirmer votre adresse" in asked
    assert "confirmer votre adresse" not in text(client.get(f"{NEW}/new"))


@pytest.mark.trust("RATE-5")
def test_a_stranger_and_a_known_address_are_answered_alike(client: FlaskClient, line: Line) -> None:
    line.set_limit(5, now=NOW)
    line.join(LUCIE)

    stranger, known, again = (answer(client, who) for who in (MARC, LUCIE, MARC))

    assert stranger[:2] == (303, "/fr/events/grand-opening/registrations/sent")
    assert stranger == known == again
    assert line.mails == [("Lucie", "verify"), ("Marc", "verify"), ("Lucie", "verify"), ("Marc", "verify")]
    assert line.states == [("Lucie", "held", 1), ("Marc", "held", 1)]


def test_a_known_address_is_told_that_the_line_is_full_like_a_stranger(client: FlaskClient, line: Line) -> None:
    line.join(KARIM)
    change_type(line, waitlist_limit=0)
    data = typed(client, MARC) | {"idempotency_key": "k" * 22, "ticket_type": str(line.house.type.id)}

    stranger = client.post(NEW, data=data)
    known = client.post(NEW, data=data | {"email": KARIM.email})

    assert (stranger.status_code, known.status_code) == (409, 409)
    assert abs(len(stranger.data) - len(known.data)) <= 64


def test_the_mail_leads_to_the_button_and_the_button_to_the_ticket(client: FlaskClient, app: Flask, line: Line) -> None:
    client.post(NEW, data=typed(client, KARIM))
    with line.database.reading() as session:
        karim = session.scalars(select(Registration)).one()
    ((subject, mail),) = letters(line, app)
    path = f"/fr/registrations/{token_of(line, karim)}"
    before = line.dump()

    page = client.get(path)
    calm = line.dump()
    pressed = client.post(f"{path}/verification", data={"version": "1", "part": ""})

    assert subject == "Confirmez votre adresse pour garder votre place\u00a0: Grand Opening"
    assert "mercredi 1er septembre 2027 à 12 h 30" in mail.replace("\u00a0", " ").replace("\u202f", " ")
    assert path in mail
    assert "T1" not in mail
    assert "Confirmez votre adresse pour garder votre place" in text(page)
    assert 'class="ticket' not in page.text
    assert calm == before
    assert (pressed.status_code, pressed.location) == (303, path)
    assert line.states == [("Karim", "confirmed", 1)]
    assert "Vous avez une place" in text(client.get(path))


def test_the_button_pressed_too_late_says_how_things_stand(
    client: FlaskClient, app: Flask, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    (karim,) = line.join(KARIM)
    line.mailed(karim, now=NOW)
    monkeypatch.setattr(app.extensions["eventapp"], "clock", lambda: NOW + HALF)

    late = client.post(f"/fr/registrations/{token_of(line, karim)}/verification", data={"version": "1", "part": ""})

    assert late.status_code == 409
    assert "Le délai pour confirmer votre adresse est passé." in text(late)
    assert "Votre inscription est terminée" in text(late)
    assert line.states == [("Karim", "expired", 1)]


def test_the_page_of_a_place_in_line_asks_for_the_proof(client: FlaskClient, app: Flask, line: Line) -> None:
    _karim, lucie = line.join(KARIM, LUCIE)
    path = f"/fr/registrations/{token_of(line, lucie)}"

    page = text(client.get(path))
    (_first, (subject, mail)) = letters(line, app)
    pressed = client.post(f"{path}/verification", data={"version": "1", "part": ""})

    assert "Confirmez votre adresse pour garder votre rang" in page
    assert subject == "Confirmez votre adresse pour garder votre rang\u00a0: Grand Opening"
    assert "Aucune place ne vous est donnée avant votre confirmation." in mail
    assert pressed.status_code == 303
    assert "Confirmez votre adresse" not in text(client.get(path))
    assert line.states == [("Karim", "held", 1), ("Lucie", "waitlisted", 1)]


def test_the_ticket_of_a_held_seat_is_not_shown(client: FlaskClient, line: Line) -> None:
    (karim,) = line.join(KARIM)
    with line.database.reading() as session:
        ((_attendee, ticket),) = queries.attendees_of(session, [karim.id])[karim.id]
    code = tickets.text(tickets.token(KEYS.ticket, ticket.identity, ticket.serial))

    page = client.get(f"/fr/tickets/{code}")

    assert "Pas encore valable" in text(page)
    assert client.get(f"/fr/tickets/{code}.pdf").status_code == 303


@pytest.mark.trust("RATE-4")
def test_above_the_velocity_newcomers_from_one_network_prove_their_address(client: FlaskClient, database: Database) -> None:
    line = Line(database, limit=9)
    ask(line, rules.Settings(velocity=2))

    places = [answer(client, who)[1] for who in (KARIM, LUCIE, MARC)]
    elsewhere = client.post(NEW, data=typed(client, NORA), environ_overrides={"REMOTE_ADDR": "198.51.100.7"})

    assert [place == f"{NEW}/sent" for place in places] == [False, False, True]
    assert elsewhere.location != f"{NEW}/sent"
    assert [state for _name, state, _size in line.states] == ["confirmed", "confirmed", "held", "confirmed"]


@pytest.mark.trust("RATE-5")
def test_a_program_is_told_of_a_stranger_what_it_is_told_of_a_known_address(client: FlaskClient, line: Line) -> None:
    line.set_limit(2, now=NOW)
    line.join(LUCIE)
    url = "/api/v1/events/grand-opening/registrations"

    def send(who: Character, key: str) -> tuple[int, dict[str, Any]]:
        names = {"first_name": "Camille", "last_name": "Exemple", "email": who.email, "ticket_type": "entree"}
        made = client.post(url, json=names, headers={"Idempotency-Key": key})
        return made.status_code, dict(made.json or {})

    known, known_again = send(LUCIE, "key-of-known-000000001"), send(LUCIE, "key-of-known-000000001")
    stranger, stranger_again = send(MARC, "key-of-stranger-000001"), send(MARC, "key-of-stranger-000001")

    assert (stranger[0], stranger[1]["state"], stranger[1]["token"], stranger[1]["tickets"]) == (201, "held", None, [])
    assert known == known_again
    assert stranger == stranger_again
    told = {"email": "", "id": ""}
    assert (known[0], known[1] | told) == (stranger[0], stranger[1] | told)
    assert len(known[1]["id"]) == len(stranger[1]["id"]) == 16
    assert line.states == [("Lucie", "held", 1), ("Camille", "held", 1)]


def test_a_program_is_told_the_place_in_line_alike(client: FlaskClient, line: Line) -> None:
    line.join(KARIM, LUCIE)
    url = "/api/v1/events/grand-opening/registrations"
    names = {"first_name": "Camille", "last_name": "Exemple", "ticket_type": "entree"}

    known = client.post(url, json=names | {"email": LUCIE.email}).json or {}
    stranger = client.post(url, json=names | {"email": MARC.email}).json or {}

    assert (known["state"], known["position"]) == ("waitlisted", 2)
    assert (stranger["state"], stranger["position"]) == ("waitlisted", 2)


@pytest.fixture
def ines(client: FlaskClient, database: Database) -> FlaskClient:
    house = House(database, limit=1)
    with database.writing() as session:
        user, _actor = factories.member(session, organiser_id=house.organiser.id, character=INES, role=Role.OWNER)
        user.language = "fr"
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def test_an_organiser_asks_for_it_on_the_page_of_the_rules(ines: FlaskClient, database: Database) -> None:
    path = "/backoffice/events/grand-opening/line"
    page = ines.get(path).text
    data = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    chosen = {
        name: re.search(r'selected value="(\w+)"', body)[1]
        for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL)
    }  # type: ignore[index]
    data |= chosen | {"do": "save", "verify_address": "y", "hold": "20", "unverified_after": "24", "velocity": "300"}

    saved = ines.post(path, data=data)

    assert saved.status_code == 303, text(saved)
    with database.reading() as session:
        event = event_by_id(session, 1)
        assert event is not None
        settings = queries.calendar(event).settings
    assert (settings.verify_address, settings.hold, settings.unverified_after, settings.velocity) == (True, 20 * MINUTE, DAY, 300)
    assert "une place est gardée 20 minutes" in text(ines.get("/fr/events/grand-opening/waiting-list"))


def test_the_checklist_proposes_it_where_more_are_expected_than_seats(ines: FlaskClient, database: Database) -> None:
    path = "/backoffice/events/grand-opening/publication"
    with database.writing() as session:
        event = event_by_id(session, 1)
        assert event is not None
        event.state, event.expected = "draft", 1
    quiet = text(ines.get(path))
    with database.writing() as session:
        event = event_by_id(session, 1)
        assert event is not None
        event.expected = 1500

    proposed = text(ines.get(path))

    assert "Plus de personnes sont attendues" not in quiet
    assert "1 500 personnes pour 1 places" in proposed
    assert "/backoffice/events/grand-opening/line" in proposed


def test_the_list_says_who_has_not_confirmed_the_address(ines: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        event = event_by_id(session, 1)
        assert event is not None
        actions.set_allocation(session, event_id=event.id, settings=ASKING, actor=OPERATOR, now=NOW)
        kind = queries.ticket_types(session, event.id)[0].id
    for who in (KARIM, LUCIE):
        request = actions.Request(who.email, kind, who.first_name, who.last_name, who.email, "fr")
        with database.writing() as session:
            actions.register(session, event_id=1, request=request, keys=KEYS, actor=ANONYMOUS, now=NOW)

    page = text(ines.get("/backoffice/events/grand-opening/registrations"))

    assert "Place gardée" in page
    assert "Son adresse n’est pas encore confirmée" in page


def test_the_part_of_a_party_proves_it_as_a_whole(database: Database) -> None:
    line = Line(database, limit=1)
    ask(line)
    (karim,) = line.join(KARIM, size=3, accept_partial=True)
    with line.database.reading() as session:
        (part,) = queries.parts_of(session, line.row(karim))

    line.do(actions.verify, part, now=NOW + MINUTE)

    assert line.states == [("Karim", "confirmed", 1), ("Karim", "waitlisted", 2)]
    assert (line.row(part).verified_at, line.row(part).expires_at) == (NOW + MINUTE, None)


def test_the_parts_of_a_held_party_withdrawn_in_a_deficit_wait_for_the_proof_with_it(database: Database) -> None:
    line = Line(database, limit=1)
    ask(line)
    (karim,) = line.join(KARIM, size=3, accept_partial=True)
    line.set_limit(0, now=NOW)

    line.do(actions.revoke, karim, reason="salle plus petite", now=NOW)

    with line.database.reading() as session:
        (part,) = queries.parts_of(session, line.row(karim))
    assert clocks(line, karim) == clocks(line, part) == (NOW, NOW + 48 * HOUR, NOW + 48 * HOUR)


def test_a_program_proves_the_address_with_the_token_of_the_mail(client: FlaskClient, line: Line) -> None:
    (karim,) = line.join(KARIM)
    url = f"/api/v1/registrations/{karim.public_id}/verification"
    bearer = {"Authorization": f"Bearer {token_of(line, karim)}"}

    made = client.post(url, json={}, headers=bearer)
    again = client.post(url, json={}, headers=bearer)

    assert (made.status_code, (made.json or {})["state"]) == (200, "confirmed")
    assert again.json == made.json


def test_a_program_is_told_that_it_is_too_late(client: FlaskClient, app: Flask, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    (karim,) = line.join(KARIM)
    line.mailed(karim, now=NOW)
    monkeypatch.setattr(app.extensions["eventapp"], "clock", lambda: NOW + HALF)

    late = client.post(
        f"/api/v1/registrations/{karim.public_id}/verification",
        json={},
        headers={"Authorization": f"Bearer {token_of(line, karim)}"},
    )

    assert (late.status_code, (late.json or {})["code"]) == (409, "proof.over")


def test_a_mended_address_gets_its_link_by_mail_alone(client: FlaskClient, line: Line) -> None:
    (karim,) = line.join(KARIM)
    path = f"/fr/registrations/{token_of(line, karim)}"

    sent = client.post(path, data={"first_name": "Karim", "last_name": "Exemple", "email": "karim.exemple@demo.test"})

    assert (sent.status_code, sent.location) == (303, f"{NEW}/sent")
    assert client.get(path).status_code == 404
    assert line.mails == [("Karim", "verify"), ("Karim", "verify"), ("Karim", "corrected")]


def test_a_program_that_mends_an_address_is_given_no_token_for_it(client: FlaskClient, line: Line) -> None:
    (karim,) = line.join(KARIM)
    url = f"/api/v1/registrations/{karim.public_id}"
    headers = {"Authorization": f"Bearer {token_of(line, karim)}", "Idempotency-Key": "mends-an-address-00001"}

    mended = client.patch(url, json={"email": "karim.exemple@demo.test"}, headers=headers)
    again = client.patch(url, json={"email": "karim.exemple@demo.test"}, headers=headers)
    line.do(actions.verify, karim, now=NOW + MINUTE)
    stranger = client.patch(url, json={"email": "karim.exemple@demo.test"}, headers=headers)

    assert (mended.status_code, (mended.json or {})["token"], (mended.json or {})["url"]) == (200, None, None)
    assert again.json == mended.json
    assert stranger.status_code == 404


def test_who_mends_a_name_alone_keeps_the_link(client: FlaskClient, line: Line) -> None:
    (karim,) = line.join(KARIM)
    path = f"/fr/registrations/{token_of(line, karim)}"

    sent = client.post(path, data={"first_name": "Karime", "last_name": "Exemple", "email": KARIM.email})

    assert (sent.status_code, sent.location) == (303, path)


def test_an_application_is_asked_for_the_proof_in_its_own_words(line: Line) -> None:
    with line.database.writing() as session:
        session.get_one(TicketType, line.house.type.id).approval = True
    (karim,) = line.join(KARIM)

    with line.database.writing() as session:
        event = event_by_id(session, line.event_id)
        assert event is not None
        actions.send_link(session, registration=line.row(karim), event=event, now=NOW)

    assert line.mails == [("Karim", "received"), ("Karim", "received")]


def test_who_was_passed_a_seat_brings_more_without_a_proof(database: Database) -> None:
    line = Line(database, limit=3)
    with database.writing() as session:
        session.get_one(TicketType, line.house.type.id).transferable = True
    (karim,) = line.join(KARIM)
    wanted = actions.Transfer("k" * 22, karim.public_id, 1, PAUL.first_name, PAUL.last_name, PAUL.email)
    with database.writing() as session:
        actions.transfer(session, event_id=line.event_id, transfer=wanted, keys=KEYS, actor=OPERATOR, now=NOW)

    line.do(actions.enlarge, karim, by=1, version=None, by_organiser=False, keys=KEYS, now=NOW)

    assert line.states == [("Paul", "confirmed", 1), ("Paul", "confirmed", 1)]
    sound(line)
