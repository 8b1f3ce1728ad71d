"""A place passes on to another person: the seat does not move, and what its holder had opens nothing any more. On real databases."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import link_token
from eventapp.messages.models import Message
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import ANONYMOUS, OPERATOR, Actor, Role
from eventapp.registration import actions, queries
from eventapp.registration.models import Attendee, Registration, SeatEntry, Ticket
from eventapp.tickets import rules as tickets
from tests import factories
from tests.cast import INES, KARIM, LUCIE, MARC, NORA, PAUL, Character
from tests.factories import KEYS, NOW
from tests.registration.line import DOORS, HOUR, MORNING, Line


@pytest.fixture
def line(database: Database) -> Line:
    return Line(database, limit=3)


def passed(
    line: Line,
    registration: Registration,
    who: Character,
    *,
    position: int = 1,
    key: str | None = None,
    email: str | None = None,
    actor: Actor = ANONYMOUS,
    now: datetime = MORNING,
) -> Registration:
    """Pass a place on to somebody; gives the party that it was passed on from."""
    wanted = actions.Transfer(
        key=key or f"{who.email}-{position}",
        public_id=registration.public_id,
        position=position,
        first_name=who.first_name,
        last_name=who.last_name,
        email=email or who.email,
    )
    with line.database.writing() as session:
        return actions.transfer(session, event_id=line.event_id, transfer=wanted, keys=KEYS, actor=actor, now=now)


def refusal(line: Line, registration: Registration, who: Character, **more: object) -> str:
    """By which code passing a place on is refused; that leaves nothing behind."""
    before = line.dump()
    with pytest.raises(Refused) as refused:
        passed(line, registration, who, **more)  # type: ignore[arg-type]
    assert line.dump() == before
    return refused.value.code


def of(line: Line, who: Character) -> Registration:
    """The live registration of somebody."""
    with line.database.reading() as session:
        row = queries.live_registration(session, line.event_id, who.email)
        assert row is not None
        return row


def opens(line: Line, registration: Registration, serial: int) -> bool:
    """Whether the link of this serial opens something."""
    with line.database.reading() as session:
        return queries.registration_by_token(session, link_token(KEYS, registration.identity, serial)) is not None


def ledger(line: Line) -> list[tuple[str, int, str]]:
    """Whose seats were counted, by how many, and why: in order."""
    with line.database.reading() as session:
        rows = session.execute(
            select(Registration.first_name, SeatEntry.delta, SeatEntry.cause)
            .join(Registration, Registration.id == SeatEntry.registration_id)
            .order_by(SeatEntry.id)
        )
        return [(name, delta, cause) for name, delta, cause in rows]


def people(line: Line, registration: Registration) -> list[tuple[int, str, str, int]]:
    """Position, names and serial of the code of each person of a party."""
    with line.database.reading() as session:
        pairs = queries.attendees_of(session, [registration.id])[registration.id]
        return [(one.position, one.first_name, one.last_name, ticket.serial) for one, ticket in pairs]


def test_the_only_seat_of_a_party_takes_its_registration_along(line: Line) -> None:
    karim = line.join(KARIM, organisation="Chantiers du Sud")[0]

    passed(line, karim, PAUL)

    row = line.row(karim)
    assert (row.first_name, row.last_name, row.email, row.canonical_email) == ("Paul", "Inconnu", PAUL.email, PAUL.email)
    assert (row.state, row.size, row.serial, row.cause, row.source, row.verified_at) == ("confirmed", 1, 1, "transferred", "transfer", None)
    assert (opens(line, karim, 0), opens(line, karim, 1)) == (False, True)
    assert people(line, karim) == [(1, "Paul", "Inconnu", 1)]
    assert line.books == (1, 1, 1)


def test_who_got_a_place_brings_more_persons_without_being_asked_for_a_proof(line: Line) -> None:
    karim = line.join(KARIM)[0]
    passed(line, karim, PAUL)

    line.do(actions.enlarge, karim, by=1, version=None, by_organiser=False, keys=KEYS, now=MORNING)

    assert line.states == [("Paul", "confirmed", 1), ("Paul", "confirmed", 1)]


def test_what_is_known_of_the_giver_goes_with_them(line: Line) -> None:
    karim = line.join(KARIM, organisation="Chantiers du Sud")[0]

    passed(line, karim, PAUL)

    row = line.row(karim)
    with line.database.reading() as session:
        attendee = session.scalars(select(Attendee)).one()
    assert row.search == "paul inconnu paul demo test"
    assert (attendee.organisation, attendee.search) == ("", "paul inconnu")


def test_the_old_code_is_closed_and_the_new_one_is_another(line: Line) -> None:
    karim = line.join(KARIM)[0]

    passed(line, karim, PAUL)

    with line.database.reading() as session:
        old, new = session.scalars(select(Ticket).order_by(Ticket.serial)).all()
    assert (old.replaced_at, new.replaced_at, new.issued_at) == (MORNING, None, MORNING)
    assert old.attendee_id == new.attendee_id
    assert old.code_sha256 != new.code_sha256
    assert old.human_sha256 != new.human_sha256


def test_one_of_several_moves_to_a_registration_of_its_own(line: Line) -> None:
    karim = line.join(KARIM, size=3)[0]

    passed(line, karim, PAUL, position=2)

    paul = of(line, PAUL)
    assert (paul.state, paul.size, paul.source, paul.transferred_from_id) == ("confirmed", 1, "transfer", karim.id)
    assert (paul.seq, paul.split_from_id, paul.confirmed_at) == (None, None, MORNING)
    assert people(line, paul) == [(1, "Paul", "Inconnu", 1)]
    assert [position for position, *_rest in people(line, karim)] == [1, 3]
    assert (line.row(karim).size, line.row(karim).serial) == (2, 0)
    assert (opens(line, karim, 0), opens(line, paul, 0)) == (True, True)
    assert line.books == (3, 3, 3)


def test_the_seat_is_at_no_instant_free(line: Line) -> None:
    karim = line.join(KARIM, size=3)[0]
    line.join(LUCIE)

    passed(line, karim, PAUL, position=2)

    assert line.order == ["Lucie"]
    assert ledger(line) == [("Karim", 3, "registered"), ("Karim", -1, "transferred"), ("Paul", 1, "transferred")]
    assert line.books == (3, 3, 3)


def test_nobody_who_waits_is_seated_in_a_place_that_passes_on(line: Line) -> None:
    karim = line.join(KARIM, size=3)[0]
    lucie = line.join(LUCIE)[0]

    passed(line, karim, PAUL, position=1)
    passed(line, karim, NORA, position=3)
    passed(line, karim, MARC, position=2)

    assert line.row(lucie).state == "waitlisted"
    assert sorted(line.states) == [
        *(("Lucie", "waitlisted", 1), ("Marc", "confirmed", 1), ("Nora", "confirmed", 1), ("Paul", "confirmed", 1)),
    ]
    assert line.books == (3, 3, 3)


def test_places_pass_on_while_fewer_seats_are_left_than_were_given(line: Line) -> None:
    karim = line.join(KARIM, size=3)[0]
    line.set_limit(1, now=NOW)

    passed(line, karim, PAUL, position=2)

    assert line.books == (3, 3, 3)
    with line.database.reading() as session:
        assert [quota.ceiling for quota in queries.quotas(session, line.event_id)] == [3]


def test_a_nameless_companion_gets_a_name(line: Line) -> None:
    karim = line.join(KARIM, size=2)[0]

    passed(line, karim, PAUL, position=2)

    assert [name for _position, name, *_rest in people(line, karim)] == ["Karim"]
    assert people(line, of(line, PAUL)) == [(1, "Paul", "Inconnu", 1)]


def test_who_was_waiting_waits_no_more_and_is_told_once(line: Line) -> None:
    karim = line.join(KARIM, size=3)[0]
    paul, lucie = line.join(PAUL, size=2)[0], line.join(LUCIE)[0]

    passed(line, karim, PAUL, position=3)

    assert (line.row(paul).state, line.row(paul).cause) == ("cancelled", "transferred")
    assert line.order == ["Lucie"]
    assert line.mails[-2:] == [("Karim", "transferred"), ("Paul", "transferred")]
    assert [kind for name, kind in line.mails if name == "Paul"] == ["waitlisted", "transferred"]
    line.leave(of(line, PAUL), now=MORNING)
    assert line.row(lucie).state == "offered"


@pytest.mark.parametrize("size", [1, 2])
def test_both_are_told_and_the_giver_to_whom_by_first_name(line: Line, size: int) -> None:
    karim = line.join(KARIM, size=size)[0]

    passed(line, karim, PAUL)

    with line.database.reading() as session:
        giver, taker = session.scalars(select(Message).order_by(Message.id)).all()[-2:]
    assert (giver.address, giver.name, taker.address, taker.name) == (KARIM.email, "Karim Exemple", PAUL.email, "Paul Inconnu")
    assert {name: giver.facts[name] for name in ("given", "old", "to", "size")} == {
        "given": True,
        "old": size == 1,
        "to": "Paul",
        "size": size - 1,
    }
    assert "Inconnu" not in str(giver.facts)
    assert "Karim" not in str(taker.facts)


def test_the_same_command_again_changes_nothing(line: Line) -> None:
    karim = line.join(KARIM, size=2)[0]
    passed(line, karim, PAUL, position=2)
    before = line.dump()

    passed(line, karim, PAUL, position=2)

    assert line.dump() == before


def test_who_sends_their_registration_again_is_not_given_the_new_holders_link(line: Line) -> None:
    karim = line.join(KARIM, key="r" * 22)[0]

    passed(line, karim, PAUL)

    again = line.house.register(KARIM, key="r" * 22)
    assert (again.kind, again.registration.id, again.token) == ("known", karim.id, None)


def test_the_same_key_for_somebody_else_is_refused(line: Line) -> None:
    karim = line.join(KARIM, size=2)[0]
    passed(line, karim, PAUL, position=2, key="k" * 22)

    assert refusal(line, karim, NORA, position=1, key="k" * 22) == "command.key_reused"


def test_a_place_in_line_is_nobodys_to_pass_on(line: Line) -> None:
    line.join(KARIM, size=3)
    lucie = line.join(LUCIE)[0]

    assert refusal(line, lucie, PAUL) == "transfer.waiting"


def test_who_has_come_in_stays_who_they_are(line: Line) -> None:
    karim = line.join(KARIM)[0]
    with line.database.writing() as session:
        ids = [attendee.id for attendee, _ticket in queries.attendees_of(session, [karim.id])[karim.id]]
        actions.arrive(session, attendee_ids=ids, now=MORNING)

    assert refusal(line, karim, PAUL) == "transfer.arrived"


def test_until_doors_open_and_no_later(line: Line) -> None:
    karim = line.join(KARIM)[0]

    assert refusal(line, karim, PAUL, now=DOORS) == "transfer.too_late"
    passed(line, karim, PAUL, now=DOORS - timedelta(seconds=1))
    assert line.row(karim).first_name == "Paul"


def change_type(line: Line, **more: bool) -> None:
    values = {"approval": False, "public": True, "transferable": True, **more}
    with line.database.writing() as session:
        actions.update_ticket_type(
            session,
            event_id=line.event_id,
            ticket_type_id=line.house.type.id,
            name=line.house.type.name,
            quota_ids=[line.house.quota.id],
            opens_at=None,
            closes_at=None,
            max_party=4,
            waitlist_limit=None,
            **values,
            actor=OPERATOR,
            now=NOW,
        )


def test_a_type_may_keep_its_tickets_to_their_names(line: Line) -> None:
    karim = line.join(KARIM)[0]
    change_type(line, transferable=False)

    assert refusal(line, karim, PAUL) == "transfer.not_allowed"


def test_where_an_organiser_decides_who_comes_they_alone_pass_places_on(line: Line) -> None:
    karim = line.join(KARIM)[0]
    change_type(line, approval=True)

    assert refusal(line, karim, PAUL) == "approval.needed"
    passed(line, karim, PAUL, actor=OPERATOR)
    assert line.row(karim).first_name == "Paul"


def test_an_event_that_is_called_off_has_no_places_to_pass_on(line: Line) -> None:
    karim = line.join(KARIM)[0]
    with line.database.writing() as session:
        actions.call_off(session, event_id=line.event_id, reason="Orage.", actor=OPERATOR, now=NOW + HOUR)

    assert refusal(line, karim, PAUL) == "event.not_open"


def test_a_place_that_is_not_there_is_nobodys(line: Line) -> None:
    karim = line.join(KARIM)[0]

    assert refusal(line, karim, PAUL, position=2) == "registration.attendee_unknown"


@pytest.mark.parametrize("email", ["nora@demo.test", "NORA+amis@demo.test"])
def test_nobody_holds_two_seats(line: Line, email: str) -> None:
    karim = line.join(KARIM)[0]
    line.join(NORA)

    assert refusal(line, karim, NORA, email=email) == "transfer.recipient"


def test_a_holder_passes_no_place_on_to_themselves(line: Line) -> None:
    karim = line.join(KARIM, size=2)[0]

    assert refusal(line, karim, KARIM, position=2) == "transfer.recipient"


def test_who_is_offered_a_seat_holds_it(line: Line) -> None:
    karim = line.join(KARIM, size=3)[0]
    lucie = line.join(LUCIE, auto_until="never")[0]
    line.set_limit(4, now=MORNING)
    assert line.row(lucie).state == "offered"

    assert refusal(line, karim, LUCIE, position=2) == "transfer.recipient"


def test_the_rest_of_a_party_that_waits_keeps_its_holder(line: Line) -> None:
    line.join(KARIM, size=2)
    lucie = line.join(LUCIE, size=2, accept_partial=True)[0]
    assert (line.row(lucie).state, line.row(lucie).size) == ("confirmed", 1)

    assert refusal(line, lucie, PAUL) == "transfer.rest"


def test_a_seat_that_came_to_a_part_of_a_party_becomes_a_registration(line: Line) -> None:
    karim = line.join(KARIM, size=2)[0]
    lucie = line.join(LUCIE, size=2, accept_partial=True)[0]
    line.leave(karim, now=NOW + HOUR)
    with line.database.reading() as session:
        (part,) = queries.parts_of(session, lucie)
    assert part.state == "confirmed"

    passed(line, part, PAUL, position=people(line, part)[0][0])

    paul = line.row(part)
    assert (paul.first_name, paul.split_from_id, paul.transferred_from_id, paul.seq) == ("Paul", None, lucie.id, None)
    assert opens(line, part, 1)
    with line.database.reading() as session:
        assert queries.parts_of(session, lucie) == []
    assert line.books == (2, 2, 2)


def token_of(line: Line, registration: Registration) -> str:
    row = line.row(registration)
    return link_token(KEYS, row.identity, row.serial)


def typed(client: FlaskClient, path: str, who: Character, **more: str) -> dict[str, str]:
    """The form of a page, filled in for somebody."""
    hidden = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', client.get(path).text))
    return {**hidden, "first_name": who.first_name, "last_name": who.last_name, "email": who.email, **more}


def confirmed(client: FlaskClient, path: str, values: dict[str, str]) -> dict[str, str]:
    """The form of the page that says what will happen."""
    page = client.post(path, data=values)
    assert page.status_code == 200
    return {**values, **dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page.text))}


def test_nothing_happens_before_what_it_means_was_read(client: FlaskClient, line: Line) -> None:
    karim = line.join(KARIM)[0]
    path = f"/fr/registrations/{token_of(line, karim)}/transfer"
    before = line.dump()

    page = client.post(path, data=typed(client, path, PAUL))

    assert line.dump() == before
    assert "Paul Inconnu vient à la place de Karim Exemple." in html.unescape(page.text)
    assert "Votre billet cesse d’être valable" in html.unescape(page.text)


def test_a_holder_passes_their_seat_on_and_is_led_to_where_it_is_said(client: FlaskClient, line: Line) -> None:
    karim = line.join(KARIM)[0]
    path = f"/fr/registrations/{token_of(line, karim)}/transfer"
    assert 'href="' + path in client.get(path.removesuffix("/transfer")).text
    values = confirmed(client, path, typed(client, path, PAUL))

    first, again = client.post(path, data=values), client.post(path, data=values)

    assert [(answer.status_code, answer.location) for answer in (first, again)] == [(303, "/fr/transfer/done")] * 2
    assert "La place est cédée" in client.get("/fr/transfer/done").text
    assert client.get(path.removesuffix("/transfer")).status_code == 404
    assert line.row(karim).first_name == "Paul"
    assert [kind for _name, kind in line.mails] == ["confirmed", "transferred", "transferred"]


def test_the_key_of_a_transfer_opens_nothing_to_another_link(client: FlaskClient, line: Line) -> None:
    karim = line.join(KARIM)[0]
    path = f"/fr/registrations/{token_of(line, karim)}/transfer"
    values = confirmed(client, path, typed(client, path, PAUL))
    client.post(path, data=values)

    assert client.post("/fr/registrations/" + "A" * 22 + "/transfer", data=values).status_code == 404
    assert client.post(path, data={**values, "email": NORA.email}).status_code == 404


def test_a_party_chooses_whose_place_passes_on_and_keeps_its_page(client: FlaskClient, line: Line) -> None:
    karim = line.join(KARIM, size=2)[0]
    path = f"/fr/registrations/{token_of(line, karim)}/transfer"
    unchosen = {name: value for name, value in typed(client, path, PAUL).items() if name != "place"}

    nobody = client.post(path, data=unchosen)
    values = confirmed(client, path, {**unchosen, "place": f"{karim.public_id}.2"})
    answers = [client.post(path, data=values) for _again in range(2)]

    assert nobody.status_code == 422
    assert "Choisissez la place à céder." in html.unescape(nobody.text)
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, path.removesuffix("/transfer"))}
    assert (line.row(karim).size, of(line, PAUL).size) == (1, 1)


def test_no_place_of_another_party_passes_on(client: FlaskClient, line: Line) -> None:
    karim, nora = line.join(KARIM, NORA)
    path = f"/fr/registrations/{token_of(line, karim)}/transfer"
    values = typed(client, path, PAUL, place=f"{nora.public_id}.1", confirmed="yes")
    before = line.dump()

    assert client.post(path, data=values).status_code == 422
    assert {name: rows for name, rows in line.dump().items() if name != "limit_counter"} == {
        name: rows for name, rows in before.items() if name != "limit_counter"
    }


def test_the_form_does_not_say_whether_somebody_comes(client: FlaskClient, line: Line) -> None:
    karim, _nora = line.join(KARIM, NORA, size=1)
    path = f"/fr/registrations/{token_of(line, karim)}/transfer"
    said = []

    for who in (NORA, KARIM):  # somebody who comes, and the holder
        answer = client.post(path, data=typed(client, path, who, confirmed="yes"))
        said.append((answer.status_code, re.findall(r'role="alert"[^§]*?</p>', answer.text)))

    assert said[0] == said[1]
    assert said[0][0] == 409
    assert "ne peut pas être cédée à cette adresse" in html.unescape(said[0][1][0])
    assert line.row(karim).first_name == "Karim"


def test_one_address_is_tried_three_times_an_hour(client: FlaskClient, line: Line) -> None:
    karim, _nora = line.join(KARIM, NORA)
    path = f"/fr/registrations/{token_of(line, karim)}/transfer"

    statuses = [client.post(path, data=typed(client, path, NORA, confirmed="yes")).status_code for _ in range(4)]

    assert statuses == [409, 409, 409, 429]


def test_a_page_says_why_no_place_passes_on(client: FlaskClient, line: Line) -> None:
    line.join(KARIM, size=3)
    lucie = line.join(LUCIE)[0]
    page = f"/fr/registrations/{token_of(line, lucie)}"

    asked, sent = client.get(f"{page}/transfer"), client.post(f"{page}/transfer", data={"confirmed": "yes"})

    assert (asked.status_code, sent.status_code) == (200, 409)
    assert "Une place sur la liste d’attente ne le peut pas." in html.unescape(asked.text)
    assert "transfer" not in client.get(page).text


def test_the_old_page_of_who_waited_leads_to_the_seat(client: FlaskClient, line: Line) -> None:
    karim = line.join(KARIM, size=3)[0]
    paul = line.join(PAUL)[0]

    passed(line, karim, PAUL, position=3, now=NOW)

    assert "Vous avez maintenant une place" in client.get(f"/fr/registrations/{token_of(line, paul)}").text


def test_the_page_of_the_old_ticket_names_nobody(client: FlaskClient, line: Line) -> None:
    karim = line.join(KARIM)[0]
    with line.database.reading() as session:
        ticket = queries.attendees_of(session, [karim.id])[karim.id][0][1]
    code = tickets.text(tickets.token(KEYS.ticket, ticket.identity, 0))

    passed(line, karim, PAUL, now=NOW)

    page = client.get(f"/fr/tickets/{code}").text
    assert "Ce billet a été remplacé" in html.unescape(page)
    assert re.findall("Paul|Inconnu|Karim", page) == []


@pytest.fixture
def ines(client: FlaskClient, line: Line) -> FlaskClient:
    with line.database.writing() as session:
        user, _actor = factories.member(session, organiser_id=line.house.organiser.id, character=INES, role=Role.OWNER)
        user.language = "fr"
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


OFFICE = "/backoffice/events/grand-opening/registrations"


def test_an_organiser_passes_a_place_on_for_its_holder(ines: FlaskClient, line: Line) -> None:
    karim = line.join(KARIM, size=2)[0]
    own = f"{OFFICE}/{karim.public_id}"
    assert f'href="{own}/transfer"' in ines.get(own).text
    values = typed(ines, f"{own}/transfer", PAUL, place=f"{karim.public_id}.2")

    answers = [ines.post(f"{own}/transfer", data=values) for _again in range(2)]

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, own)}
    assert (of(line, PAUL).transferred_from_id, line.row(karim).size) == (karim.id, 1)
    assert "Place cédée" in ines.get(own).text
    assert "une place cédée" in ines.get(f"{OFFICE}/{of(line, PAUL).public_id}").text


def test_an_organiser_is_told_why_an_address_is_refused(ines: FlaskClient, line: Line) -> None:
    karim, _nora = line.join(KARIM, NORA)
    path = f"{OFFICE}/{karim.public_id}/transfer"

    answer = ines.post(path, data=typed(ines, path, NORA))

    assert answer.status_code == 422
    assert "Cette adresse a déjà une place pour cet événement" in html.unescape(answer.text)
    assert line.row(karim).first_name == "Karim"


def test_a_type_says_whether_its_places_pass_on(ines: FlaskClient, line: Line) -> None:
    path = "/backoffice/events/grand-opening/ticket-types/1"
    form = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', ines.get(f"{path}/edit").text))
    values = {name: value for name, value in form.items() if name != "transferable"}
    assert form["transferable"] == "y"

    assert ines.post(path, data={**values, "max_party": "4"}).status_code == 303

    with line.database.reading() as session:
        kind = queries.ticket_types(session, line.event_id)[0]
    assert (kind.transferable, kind.public) == (False, True)
