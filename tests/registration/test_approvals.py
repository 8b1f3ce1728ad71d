"""A place that the organiser grants: asked for, approved into the line as a newcomer, rejected with a sentence; on real databases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventapp.events.models import Event
from eventapp.journal import queries as journal
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import link_token
from eventapp.messages.models import Message
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import OPERATOR, Role
from eventapp.registration import actions, queries, rules
from eventapp.registration.models import Registration
from eventapp.worker.mail import letter_for
from tests import factories
from tests.cast import INES, KARIM, LUCIE, MARC, NORA, PAUL, Character
from tests.factories import KEYS, NOW
from tests.registration.line import DOORS, FREEZE, HOUR, MORNING, Line

LATE = datetime(2027, 9, 23, 20, 0, tzinfo=UTC)


class Desk(Line):
    """A line before two seats, and a ticket type of the same seats about which the organiser decides."""

    def __init__(self, database: Database, *, limit: int = 2, **values: object) -> None:
        super().__init__(database, limit=limit)
        defaults = {"closes_at": DOORS, **values}
        with database.writing() as session:
            kind = actions.create_ticket_type(
                session,
                event_id=self.event_id,
                slug="atelier",
                name={"fr": "Atelier"},
                quota_ids=[self.house.quota.id],
                approval=True,
                actor=OPERATOR,
                now=NOW,
                **defaults,  # type: ignore[arg-type]
            )
            self.kind_id = kind.id

    def apply(self, *characters: Character, now: datetime = NOW, **more: object) -> list[Registration]:
        return self.join(*characters, now=now, ticket_type_id=self.kind_id, **more)

    def approve(self, *parties: Registration, now: datetime = NOW) -> actions.Approvals:
        with self.database.writing() as session:
            ids: Sequence[int] = [party.id for party in parties]
            return actions.approve(session, event_id=self.event_id, registration_ids=ids, actor=OPERATOR, now=now)

    def settle(self, **settings: object) -> None:
        """Set rules of the line."""
        with self.database.writing() as session:
            event = session.get(Event, self.event_id)
            assert event is not None
            event.line = rules.kept(replace(rules.settings_of(event.line), **settings))  # type: ignore[arg-type]

    def reject(self, party: Registration, *, reason: str = "Complet.", now: datetime = NOW) -> Registration:
        with self.database.writing() as session:
            return actions.reject(session, event_id=self.event_id, registration_id=party.id, reason=reason, actor=OPERATOR, now=now)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_who_applies_takes_no_seat_and_no_place(desk: Desk) -> None:
    paul = desk.apply(PAUL, size=2)[0]

    row = desk.row(paul)
    assert (row.state, row.seq, row.cause, row.size) == ("pending_approval", None, "applied", 2)
    assert desk.books == (0, 0, 0)
    assert desk.mails == [("Paul", "received")]


def test_more_may_apply_than_there_are_seats_and_others_are_seated_meanwhile(desk: Desk) -> None:
    desk.apply(PAUL, NORA, MARC)
    desk.join(KARIM, LUCIE)

    assert desk.states == [
        ("Paul", "pending_approval", 1),
        ("Nora", "pending_approval", 1),
        ("Marc", "pending_approval", 1),
        ("Karim", "confirmed", 1),
        ("Lucie", "confirmed", 1),
    ]
    assert desk.books == (2, 2, 2)


def test_who_applies_is_not_counted_among_those_who_wait(desk: Desk) -> None:
    desk.join(KARIM, LUCIE)
    desk.apply(PAUL)
    desk.join(MARC)

    with desk.database.reading() as session:
        counted = queries.counts(session, [desk.event_id])[desk.event_id]
        assert (counted.waiting, counted.waiting_parties, counted.confirmed) == (1, 1, 2)
        assert queries.waiting_for(session, desk.event_id, [desk.kind_id]) == (0, 0)
    assert desk.order == ["Marc"]


def test_an_address_that_applies_has_one_live_registration(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]

    outcome = desk.house.register(PAUL)

    assert (outcome.kind, outcome.registration.id) == ("exists", paul.id)


def test_an_approved_party_is_seated_where_there_is_room(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]

    done = desk.approve(paul)

    row = desk.row(paul)
    assert ([one.id for one in done.seated], done.waiting, done.refused) == ([paul.id], [], [])
    assert (row.state, row.cause, row.confirmed_at) == ("confirmed", "approved", NOW)
    assert row.seq is not None
    assert desk.books == (1, 1, 1)
    assert desk.mails == [("Paul", "received"), ("Paul", "confirmed")]


def test_an_approved_party_that_does_not_fit_is_told_that_it_waits(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    desk.join(KARIM, LUCIE)

    done = desk.approve(paul)

    assert [one.id for one in done.waiting] == [paul.id]
    assert desk.states[0] == ("Paul", "waitlisted", 1)
    assert desk.mails[-1] == ("Paul", "waitlisted")
    assert desk.books == (2, 2, 2)


def test_an_approved_party_comes_after_all_who_wait(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    desk.join(KARIM, LUCIE, MARC)

    desk.approve(paul)

    assert desk.order == ["Marc", "Paul"]


def test_an_approval_leaves_seats_that_are_due_to_the_line(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    desk.house.queue(2)

    desk.approve(paul)

    assert [(name, state) for name, state, _size in desk.states] == [
        ("Paul", "waitlisted"),
        ("File1", "confirmed"),
        ("File2", "confirmed"),
    ]


def test_a_line_that_is_due_its_seats_is_not_called_full(database: Database) -> None:
    desk = Desk(database, limit=2, waitlist_limit=1)
    paul = desk.apply(PAUL)[0]
    desk.house.queue(1)

    desk.approve(paul)

    assert [(name, state) for name, state, _size in desk.states] == [("Paul", "confirmed"), ("File1", "confirmed")]


def test_an_approved_party_leaves_the_seats_that_a_group_keeps(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    desk.join(KARIM)
    desk.join(LUCIE, size=2)

    desk.approve(paul)

    assert desk.states[0] == ("Paul", "waitlisted", 1)
    assert desk.books == (1, 1, 1)


def test_several_are_approved_in_the_order_in_which_they_applied(desk: Desk) -> None:
    paul, nora, marc = desk.apply(PAUL, NORA, MARC)

    done = desk.approve(marc, nora, paul)

    assert [one.first_name for one in done.seated] == ["Paul", "Nora"]
    assert [one.first_name for one in done.waiting] == ["Marc"]
    assert desk.mails[3:] == [("Paul", "confirmed"), ("Nora", "confirmed"), ("Marc", "waitlisted")]


def test_no_more_than_500_are_approved_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    parties = desk.apply(PAUL, NORA, MARC)
    monkeypatch.setattr("eventapp.registration.rules.MOST_APPROVED", 2)

    desk.approve(*parties)

    assert [state for _name, state, _size in desk.states] == ["confirmed", "confirmed", "pending_approval"]


def test_approving_twice_changes_nothing_more(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    desk.approve(paul)
    before = desk.dump()

    done = desk.approve(paul)

    assert (done.seated, done.waiting, done.refused) == ([], [], [])
    assert desk.dump() == before
    assert desk.books == (1, 1, 1)


def test_a_party_that_takes_a_part_is_parted_when_it_is_approved(desk: Desk) -> None:
    paul = desk.apply(PAUL, size=3, accept_partial=True)[0]

    desk.approve(paul)

    assert desk.states == [("Paul", "confirmed", 2), ("Paul", "waitlisted", 1)]
    assert desk.books == (2, 2, 2)
    with desk.database.reading() as session:
        rows = queries.all_registrations(session, desk.event_id)
        assert [len(queries.attendees_of(session, [row.id])[row.id]) for row in rows] == [2, 1]


def test_the_wish_of_one_who_wished_nothing_is_what_is_usual_on_approval(desk: Desk) -> None:
    paul, nora = (*desk.apply(PAUL), *desk.apply(NORA, auto_until="never"))
    desk.join(KARIM, LUCIE)

    desk.approve(paul, nora, now=MORNING)

    assert [desk.row(one).auto_until for one in (paul, nora)] == ["last_day", "never"]


def test_after_the_freeze_an_approval_needs_a_free_seat(desk: Desk) -> None:
    paul, nora = desk.apply(PAUL, NORA)
    desk.join(KARIM)

    done = desk.approve(paul, nora, now=FREEZE + HOUR)

    assert desk.states == [("Paul", "confirmed", 1), ("Nora", "pending_approval", 1), ("Karim", "confirmed", 1)]
    assert [(one.id, code) for one, code in done.refused] == [(nora.id, "approval.too_late")]
    assert desk.row(nora).seq is None


def test_after_the_freeze_nobody_is_approved_past_those_who_wait(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    karim = desk.join(KARIM, LUCIE, MARC)[0]
    desk.leave(karim, now=FREEZE + HOUR)

    done = desk.approve(paul, now=FREEZE + HOUR)

    assert [code for _one, code in done.refused] == ["approval.too_late"]
    assert desk.states[0] == ("Paul", "pending_approval", 1)


def test_nobody_is_approved_once_the_event_is_closed(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]

    with pytest.raises(Refused) as refused:
        desk.approve(paul, now=LATE + 2 * HOUR)

    assert refused.value.code == "event.closed"
    assert desk.states == [("Paul", "pending_approval", 1)]


def test_where_there_is_no_line_an_approval_needs_a_seat(database: Database) -> None:
    desk = Desk(database, limit=1, waitlist_limit=0)
    paul, nora = desk.apply(PAUL, NORA)

    done = desk.approve(paul, nora)

    assert desk.states == [("Paul", "confirmed", 1), ("Nora", "pending_approval", 1)]
    assert [code for _one, code in done.refused] == ["approval.full"]


def test_where_the_line_takes_no_more_nobody_applies(database: Database) -> None:
    desk = Desk(database, limit=1, waitlist_limit=0)
    desk.join(KARIM)
    before = desk.dump()

    with pytest.raises(Refused) as refused:
        desk.apply(PAUL)

    assert refused.value.code == "registration.full"
    assert desk.dump() == before


def test_an_organiser_who_registers_somebody_by_hand_has_approved_them(desk: Desk) -> None:
    with desk.database.writing() as session:
        _user, ines = factories.member(session, organiser_id=desk.house.organiser.id, character=INES)

    desk.apply(PAUL, source="hand", actor=ines)

    assert desk.states == [("Paul", "confirmed", 1)]


def test_a_rejected_party_is_told_why_and_has_ended(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]

    desk.reject(paul, reason="Réservé aux adhérents.")

    row = desk.row(paul)
    assert (row.state, row.reason, row.seq) == ("rejected", "Réservé aux adhérents.", None)
    assert desk.mails == [("Paul", "received"), ("Paul", "rejected")]
    assert desk.house.register(PAUL).kind == "created"


def test_rejecting_twice_changes_nothing_more(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    desk.reject(paul)
    before = desk.dump()

    desk.reject(paul, reason="Autre.")

    assert desk.dump() == before


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_rejection_without_a_sentence_is_refused(desk: Desk, reason: str) -> None:
    paul = desk.apply(PAUL)[0]

    with pytest.raises(Refused) as refused:
        desk.reject(paul, reason=reason)

    assert refused.value.code == "approval.reason_missing"
    assert desk.row(paul).state == "pending_approval"


def test_who_is_approved_is_not_rejected_any_more(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    desk.approve(paul)

    with pytest.raises(Refused) as refused:
        desk.reject(paul)

    assert refused.value.code == "approval.over"


def test_who_is_rejected_is_not_approved_any_more(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    desk.reject(paul)

    done = desk.approve(paul)

    assert (done.seated, done.waiting, done.refused) == ([], [], [])
    assert desk.row(paul).state == "rejected"


def test_who_applies_may_withdraw_and_frees_nothing(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]

    desk.leave(paul, now=NOW)

    assert desk.states == [("Paul", "cancelled", 1)]
    assert desk.books == (0, 0, 0)
    assert desk.mails[-1] == ("Paul", "cancelled")


def test_an_application_is_disowned_like_a_registration(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]

    desk.do(actions.disown, paul, now=NOW)

    assert desk.states == [("Paul", "cancelled", 1)]
    assert desk.mails == [("Paul", "received")]


def test_where_addresses_are_proved_nobody_is_approved_before(desk: Desk) -> None:
    desk.settle(verify_address=True)
    outcome = desk.house.register(PAUL, ticket_type_id=desk.kind_id, source="form")
    paul = outcome.registration

    before = desk.approve(paul)
    desk.do(actions.verify, paul, now=NOW)
    after = desk.approve(paul)

    assert (outcome.token, outcome.promised) == (None, "pending_approval")
    assert [code for _one, code in before.refused] == ["approval.unproven"]
    assert [one.id for one in after.seated] == [paul.id]
    assert desk.mails == [("Paul", "received"), ("Paul", "confirmed")]


def test_where_addresses_are_proved_a_known_one_is_answered_like_a_stranger(desk: Desk) -> None:
    desk.settle(verify_address=True)
    desk.house.register(PAUL, ticket_type_id=desk.kind_id)

    known, stranger = (desk.house.register(who, ticket_type_id=desk.kind_id) for who in (PAUL, NORA))

    assert (known.kind, stranger.kind) == ("exists", "created")
    assert (known.token, known.promised) == (stranger.token, stranger.promised) == (None, "pending_approval")


def test_the_page_of_an_application_proves_its_address(client: FlaskClient, desk: Desk) -> None:
    desk.settle(verify_address=True)
    paul = desk.house.register(PAUL, ticket_type_id=desk.kind_id).registration
    mine = path_of(desk, paul)

    page = said(client, mine)
    client.post(mine + "/verification", data={"version": _value(page, "version"), "part": ""})

    assert "L’organisateur ne peut pas approuver votre demande avant votre réponse." in page
    assert desk.row(paul).verified_at == NOW
    assert "avant votre réponse" not in said(client, mine)


def test_there_is_no_seat_to_revoke_from_who_applies(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]

    with pytest.raises(Refused) as refused:
        desk.do(actions.revoke, paul, reason="Erreur.", now=NOW)

    assert refused.value.code == "registration.not_seated"


def test_an_event_called_off_ends_applications_and_says_so(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]

    with desk.database.writing() as session:
        actions.call_off(session, event_id=desk.event_id, reason="Orage.", actor=OPERATOR, now=NOW)
    done = desk.approve(paul)

    assert desk.states == [("Paul", "cancelled", 1)]
    assert desk.mails[-1] == ("Paul", "called_off")
    assert (done.seated, done.refused) == ([], [])


def test_while_an_event_is_postponed_nobody_is_approved(desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    with desk.database.writing() as session:
        actions.postpone(session, event_id=desk.event_id, reason="Orage.", actor=OPERATOR, now=NOW)

    done = desk.approve(paul)

    assert [code for _one, code in done.refused] == ["event.not_open"]


@pytest.mark.parametrize("by_organiser", [False, True])
def test_nobody_but_the_organiser_adds_persons_who_were_not_approved(desk: Desk, by_organiser: bool) -> None:
    paul = desk.apply(PAUL)[0]
    desk.approve(paul)
    karim = desk.join(KARIM)[0]
    more: dict[str, object] = {"version": None, "by_organiser": by_organiser, "now": NOW}

    for action, party, what in (
        (actions.enlarge, paul, {"by": 1, "keys": KEYS}),
        (actions.change_type, karim, {"ticket_type_id": desk.kind_id}),
    ):
        if by_organiser:
            desk.do(action, party, **what, **more)  # type: ignore[arg-type]
            continue
        with pytest.raises(Refused) as refused:
            desk.do(action, party, **what, **more)  # type: ignore[arg-type]
        assert refused.value.code == "approval.needed"

    assert (len(desk.states), desk.row(karim).ticket_type_id == desk.kind_id) == ((3, True) if by_organiser else (2, False))


def test_nobody_who_applies_changes_size_or_ticket_type(desk: Desk) -> None:
    paul = desk.apply(PAUL, size=2)[0]
    before = desk.dump()

    for action, what in ((actions.resize, {"size": 3, "keys": KEYS}), (actions.change_type, {"ticket_type_id": desk.house.type.id})):
        with pytest.raises(Refused) as refused:
            desk.do(action, paul, now=NOW, version=None, by_organiser=False, **what)  # type: ignore[arg-type]
        assert refused.value.code == "registration.answer_first"

    assert desk.dump() == before


def test_a_place_taken_out_of_an_application_takes_it_out_of_no_quota(app: Flask, desk: Desk) -> None:
    paul = desk.apply(PAUL, size=2)[0]
    with desk.database.reading() as session:
        second = queries.attendees_of(session, [paul.id])[paul.id][1][0].id

    desk.do(actions.give_back, paul, attendee_ids=[second], by_organiser=False, now=NOW)

    assert desk.states == [("Paul", "pending_approval", 1)]
    assert desk.books == (0, 0, 0)
    assert letters(app, desk)[-1][0].replace("\u00a0", " ").startswith("Vous demandez une place :")


def test_the_journal_says_who_decided_and_why(desk: Desk) -> None:
    paul, nora = desk.apply(PAUL, NORA)

    desk.approve(paul)
    desk.reject(nora, reason="Doublon.")

    with desk.database.reading() as session:
        entries = journal.chain(session, f"event:{desk.event_id}")
        told = [(entry.verb, entry.actor, entry.reason, entry.facts.get("seq")) for entry in list(entries)[-4:]]
    assert [verb for verb, _actor, _reason, _seq in told] == ["apply", "apply", "approve", "reject"]
    assert told[2][1:3] == (OPERATOR.label, "")
    assert told[3] == ("reject", OPERATOR.label, "Doublon.", None)


PAGE = "/backoffice/events/grand-opening/approvals"
PARTY = "/backoffice/events/grand-opening/registrations/{}"


@pytest.fixture
def ines(client: FlaskClient, desk: Desk) -> FlaskClient:
    with desk.database.writing() as session:
        user, _actor = factories.member(session, organiser_id=desk.house.organiser.id, character=INES, role=Role.OWNER)
        user.language = "fr"
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def said(client: FlaskClient, path: str) -> str:
    return unescape(client.get(path).text).replace("\u00a0", " ")


def hidden(client: FlaskClient, path: str) -> dict[str, str]:
    return {"csrf_token": _value(said(client, path), "csrf_token"), "idempotency_key": _value(said(client, path), "idempotency_key")}


def _value(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found is not None
    return found[1]


def path_of(desk: Desk, party: Registration) -> str:
    row = desk.row(party)
    return f"/fr/registrations/{link_token(KEYS, row.identity, row.serial)}"


def letters(app: Flask, desk: Desk) -> list[tuple[str, str]]:
    """Subject and text of each mail, oldest first."""
    with desk.database.reading() as session:
        rows = list(session.scalars(select(Message).order_by(Message.id)))
    with app.app_context():
        made = [letter_for(row) for row in rows]
    return [(str(one["Subject"]), one.get_body(("plain",)).get_content().replace("\u00a0", " ")) for one in made if one is not None]  # type: ignore[union-attr]


def test_the_form_and_the_button_say_that_the_organiser_decides(client: FlaskClient, desk: Desk) -> None:
    with desk.database.writing() as session:
        kind = queries.ticket_type(session, desk.event_id, desk.house.type.id)
        assert kind is not None
        kind.public = False

    event, form = said(client, "/fr/events/grand-opening"), said(client, "/fr/events/grand-opening/registrations/new")

    assert "Demander une place" in event
    assert "Sur demande" in event
    assert '<h1 class="form-title">Demander une place</h1>' in form
    assert "rien n’est promis" in form
    assert "S’inscrire" not in event.split("<main")[1].split("</main>")[0]


def test_beside_another_ticket_type_the_choice_says_about_which_the_organiser_decides(client: FlaskClient, desk: Desk) -> None:
    form = said(client, "/fr/events/grand-opening/registrations/new")

    assert "Atelier (l’organisateur décide)" in form
    assert "Entrée (l’organisateur décide)" not in form


def test_an_application_is_sent_by_the_form_and_its_page_promises_nothing(client: FlaskClient, desk: Desk) -> None:
    key = _value(said(client, "/fr/events/grand-opening/registrations/new"), "idempotency_key")
    data = {
        "idempotency_key": key,
        "ticket_type": str(desk.kind_id),
        "first_name": "Paul",
        "last_name": "I",
        "email": PAUL.email,
        "size": "1",
    }

    answer = client.post("/fr/events/grand-opening/registrations", data=data)

    page = said(client, answer.location)
    assert "Votre demande est bien reçue" in page
    assert "rien n’est promis" in page
    assert "Je retire ma demande" in page
    assert "Corriger mon nom ou mon adresse" in page
    assert desk.states == [("Paul", "pending_approval", 1)]


def test_an_application_is_withdrawn_and_corrected_on_its_page(client: FlaskClient, desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    mine = path_of(desk, paul)

    corrected = client.post(mine, data={"first_name": "Paule", "last_name": "Inconnue", "email": PAUL.email})
    asked = said(client, mine + "/cancellation")
    client.post(mine + "/cancellation", data={"part": ""})

    assert corrected.status_code == 303
    assert "Retirer votre demande ?" in asked
    assert desk.states == [("Paule", "cancelled", 1)]
    assert "Vous avez retiré votre demande" in said(client, mine)


def test_the_list_shows_the_oldest_first_and_finds_by_name(ines: FlaskClient, desk: Desk) -> None:
    desk.apply(PAUL, NORA, MARC)

    everybody, found = said(ines, PAGE), said(ines, PAGE + "?q=nora")

    assert everybody.index(PAUL.email) < everybody.index(NORA.email) < everybody.index(MARC.email)
    assert NORA.email in found
    assert PAUL.email not in found
    assert "3 demandes à examiner" in everybody
    assert "2 places libres en ce moment" in everybody


def test_the_list_goes_on_after_fifty(ines: FlaskClient, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventapp.registration.backoffice.approvals.PAGE", 2)
    desk.apply(PAUL, NORA, MARC)

    first = said(ines, PAGE)
    following = re.search(r'href="(/backoffice/events/grand-opening/approvals\?[^"]*after=\d+)"', first)

    assert following is not None
    assert MARC.email not in first
    second = said(ines, following[1])
    assert MARC.email in second
    assert PAUL.email not in second


def test_the_list_asks_as_much_for_one_as_for_three(ines: FlaskClient, desk: Desk, statements: list[str]) -> None:
    desk.apply(PAUL)
    ines.get(PAGE)
    statements.clear()
    ines.get(PAGE)
    one = len(statements)
    desk.apply(NORA, MARC)
    statements.clear()

    ines.get(PAGE)

    assert len(statements) == one


def test_those_who_are_ticked_are_approved_once_however_often_it_is_sent(ines: FlaskClient, desk: Desk) -> None:
    paul, nora, marc = desk.apply(PAUL, NORA, MARC)
    data = {**hidden(ines, PAGE), "applications": [marc.public_id, paul.public_id], "do": "ticked"}

    for _again in range(2):
        assert ines.post(PAGE, data=data).status_code == 303

    assert desk.states == [("Paul", "confirmed", 1), ("Nora", "pending_approval", 1), ("Marc", "confirmed", 1)]
    assert desk.mails[3:] == [("Paul", "confirmed"), ("Marc", "confirmed")]
    assert NORA.email in said(ines, PAGE)
    assert nora.public_id in said(ines, PAGE)


def test_the_first_ones_are_approved_and_the_page_says_who_waits(ines: FlaskClient, desk: Desk) -> None:
    desk.apply(PAUL, NORA, MARC)

    answer = ines.post(PAGE, data={**hidden(ines, PAGE), "do": "first", "first": "3"}, follow_redirects=True)

    told = unescape(answer.text).replace("\u00a0", " ")
    assert "Approuvées, avec une place : 2." in told
    assert "Approuvées, en attente d’une place : 1." in told
    assert desk.order == ["Marc"]


@pytest.mark.parametrize("data", [{"do": "ticked"}, {"do": "first"}, {"do": "first", "first": "501"}, {"do": "first", "first": "0"}])
def test_an_approval_of_nobody_is_asked_again(ines: FlaskClient, desk: Desk, data: dict[str, str]) -> None:
    desk.apply(PAUL)

    answer = ines.post(PAGE, data={**hidden(ines, PAGE), **data})

    assert answer.status_code == 422
    assert desk.states == [("Paul", "pending_approval", 1)]


def test_what_is_not_of_this_event_is_not_approved(ines: FlaskClient, desk: Desk) -> None:
    desk.apply(PAUL)
    with desk.database.writing() as session:
        elsewhere = factories.event(session, organiser_id=desk.house.organiser.id, slug="second", space_id=desk.house.space.id)
        _quota, kind = factories.quota_and_type(session, event_id=elsewhere.id, approval=True)
        request = actions.Request(key="k" * 16, ticket_type_id=kind.id, first_name="Nora", last_name="N", email=NORA.email, language="fr")
        foreign = actions.register(
            session, event_id=elsewhere.id, request=request, keys=KEYS, actor=OPERATOR, now=NOW
        ).registration.public_id

    ines.post(PAGE, data={**hidden(ines, PAGE), "do": "ticked", "applications": [foreign]})

    with desk.database.reading() as session:
        row = queries.registration_by_public_id(session, foreign)
        assert row is not None
        assert row.state == "pending_approval"


def test_one_is_approved_on_its_own_page(ines: FlaskClient, desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    mine = PARTY.format(paul.public_id)

    page = said(ines, mine)
    keys = re.findall(r'name="idempotency_key" value="([^"]+)"', page)
    answer = ines.post(
        PAGE,
        data={"csrf_token": _value(page, "csrf_token"), "idempotency_key": keys[-1], "applications": paul.public_id, "do": "one"},
    )

    assert (answer.status_code, answer.location) == (303, mine)
    assert desk.states == [("Paul", "confirmed", 1)]
    assert "Il y avait de la place lors de l’approbation" in said(ines, mine)


@pytest.mark.parametrize(("language", "sentence"), [("fr", "Nous ne pouvons pas"), ("en", "We cannot give you a place this time")])
def test_the_sentence_of_a_rejection_stands_written_in_the_language_of_who_reads_it(
    ines: FlaskClient, desk: Desk, language: str, sentence: str
) -> None:
    paul = desk.apply(PAUL, language=language)[0]

    page = said(ines, PARTY.format(paul.public_id) + "/rejection")

    assert sentence in page


def test_a_rejection_is_sent_once_and_its_holder_reads_the_sentence(ines: FlaskClient, desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    path = PARTY.format(paul.public_id) + "/rejection"
    data = {**hidden(ines, path), "reason": "Réservé aux adhérents."}

    for _again in range(2):
        assert (ines.post(path, data=data).status_code, desk.states) == (303, [("Paul", "rejected", 1)])

    assert desk.mails == [("Paul", "received"), ("Paul", "rejected")]
    page = said(ines, path_of(desk, paul))
    assert "Votre demande n’a pas été retenue" in page
    assert "Réservé aux adhérents." in page
    assert ines.get(path).status_code == 303


def test_who_was_approved_meanwhile_is_not_rejected_by_an_old_page(ines: FlaskClient, desk: Desk) -> None:
    paul = desk.apply(PAUL)[0]
    path = PARTY.format(paul.public_id) + "/rejection"
    data = {**hidden(ines, path), "reason": "Complet."}
    desk.approve(paul)

    answer = ines.post(path, data=data)

    assert answer.status_code == 422
    assert "a été approuvée ou a pris fin" in unescape(answer.text)
    assert desk.states == [("Paul", "confirmed", 1)]


def test_each_mail_says_first_whether_there_is_a_seat(app: Flask, desk: Desk) -> None:
    paul, nora, marc = desk.apply(PAUL, NORA, MARC)
    desk.join(KARIM)
    desk.approve(paul, nora)
    desk.reject(marc, reason="Complet.")

    told = letters(app, desk)

    subjects = [subject.replace("\u00a0", " ").split(" :")[0] for subject, _text in told]
    assert subjects[:3] == ["Votre demande est bien reçue"] * 3
    assert subjects[4:] == ["Vous avez une place", "Vous êtes 1re sur la liste d’attente", "Votre demande n’a pas été retenue"]
    assert "rien n’est promis" in told[0][1]
    assert "Je retire ma demande" in told[0][1]
    assert "L’organisateur a approuvé votre demande." in told[4][1]
    assert "vous avez rejoint la fin de la liste d’attente" in told[5][1]
    assert "Complet." in told[6][1]


def test_a_program_is_told_that_the_organiser_decides(client: FlaskClient, desk: Desk) -> None:
    body = {"first_name": "Paul", "last_name": "Inconnu", "email": PAUL.email, "ticket_type": "atelier"}

    answer = client.post("/api/v1/events/grand-opening/registrations", json=body)

    assert answer.json is not None
    assert (answer.status_code, answer.json["state"], answer.json["position"], answer.json["tickets"]) == (
        201,
        "pending_approval",
        None,
        [],
    )
