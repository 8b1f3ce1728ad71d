"""A seat kept for somebody who is invited: counted, limited in time, answered by its page, on real databases."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import link_token
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import OPERATOR, Role
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration
from tests import factories
from tests.cast import INES, KARIM, LUCIE, MARC, NORA, PAUL, Character
from tests.factories import KEYS, NOW
from tests.registration.line import FREEZE, HOUR, MORNING, Line

DAY = timedelta(days=1)
SUMMER = datetime(2027, 8, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def line(database: Database) -> Line:
    return Line(database, limit=2)


def invite(line: Line, who: Character, *, now: datetime = SUMMER, key: str | None = None, **more: object) -> Registration:
    values = {"ticket_type_id": line.house.type.id, "language": "fr", "email": who.email, **more}
    invitation = actions.Invitation(key=key or who.email, first_name=who.first_name, last_name=who.last_name, **values)  # type: ignore[arg-type]
    with line.database.writing() as session:
        outcome = actions.invite(session, event_id=line.event_id, invitation=invitation, keys=KEYS, actor=OPERATOR, now=now)
        return outcome.registration


def token_of(line: Line, registration: Registration) -> str:
    row = line.row(registration)
    return link_token(KEYS, row.identity, row.serial)


def test_an_invitation_keeps_its_seat_for_two_weeks_outside_the_line(line: Line) -> None:
    paul = invite(line, PAUL)

    row = line.row(paul)
    assert (row.state, row.seq, row.verified_at, row.source) == ("offered", None, None, "invite")
    assert (row.asked_at, row.answer_by, row.expires_at) == (SUMMER, SUMMER + 14 * DAY, FREEZE)
    assert line.books == (1, 1, 1)
    assert line.mails == [("Paul", "invited")]


def test_its_time_runs_from_the_moment_its_mail_has_left(line: Line) -> None:
    paul = invite(line, PAUL)

    line.mailed(paul, now=SUMMER + DAY)

    row = line.row(paul)
    assert (row.answer_by, row.expires_at, row.remind_at) == (SUMMER + 15 * DAY, SUMMER + 15 * DAY, SUMMER + 8 * DAY)


def test_it_never_outlives_the_freeze(line: Line) -> None:
    paul = invite(line, PAUL, now=MORNING)

    line.mailed(paul, now=MORNING + HOUR)

    assert line.row(paul).expires_at == FREEZE


def test_it_never_outlives_the_protection_of_its_quota(line: Line) -> None:
    until = SUMMER + 3 * DAY
    with line.database.writing() as session:
        quota = actions.create_quota(
            session,
            event_id=line.event_id,
            name="partenaires",
            limit=1,
            protects_id=line.house.quota.id,
            protected_until=until,
            actor=OPERATOR,
            now=NOW,
        )
        kind = actions.create_ticket_type(
            session,
            event_id=line.event_id,
            slug="partenaire",
            name={"fr": "Partenaire"},
            quota_ids=[line.house.quota.id, quota.id],
            actor=OPERATOR,
            now=NOW,
        )
        kind_id = kind.id

    paul = invite(line, PAUL, ticket_type_id=kind_id)
    line.mailed(paul, now=SUMMER + DAY)

    assert line.row(paul).expires_at == until
    with pytest.raises(Refused) as refused:
        invite(line, NORA, ticket_type_id=kind_id)
    assert (refused.value.code, refused.value.facts) == ("invitation.full", {"quota": "partenaires"})


def test_seats_guarded_for_others_are_not_for_invitations(line: Line) -> None:
    with line.database.writing() as session:
        actions.create_quota(
            session,
            event_id=line.event_id,
            name="presse",
            limit=2,
            protects_id=line.house.quota.id,
            protected_until=MORNING,
            actor=OPERATOR,
            now=NOW,
        )

    with pytest.raises(Refused) as refused:
        invite(line, PAUL)

    assert (refused.value.code, refused.value.facts) == ("invitation.full", {"quota": "salle"})


def test_seats_that_a_group_keeps_are_not_for_invitations(line: Line) -> None:
    line.join(KARIM)
    line.join(LUCIE, size=2)

    with pytest.raises(Refused) as refused:
        invite(line, PAUL)

    assert refused.value.code == "invitation.full"


def test_a_full_house_invites_nobody_and_changes_nothing(line: Line) -> None:
    line.join(KARIM, LUCIE)
    before = line.dump()

    with pytest.raises(Refused) as refused:
        invite(line, PAUL)

    assert (refused.value.code, refused.value.facts) == ("invitation.full", {"quota": "salle"})
    assert line.dump() == before


def test_the_same_invitation_again_changes_nothing(line: Line) -> None:
    first = invite(line, PAUL)
    before = line.dump()

    again = invite(line, PAUL)

    assert again.id == first.id
    assert line.dump() == before


def test_who_is_registered_already_is_not_invited_as_well(line: Line) -> None:
    karim = line.join(KARIM)[0]

    assert invite(line, KARIM).id == karim.id
    assert line.mails == [("Karim", "confirmed")]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"now": FREEZE}, "invitation.too_late"),
        ({"days": 0}, "invitation.days"),
        ({"days": 61}, "invitation.days"),
        ({"size": 51}, "registration.party_too_large"),
        ({"ticket_type_id": 999}, "registration.type_unknown"),
    ],
)
def test_what_cannot_be_is_refused(line: Line, more: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        invite(line, PAUL, **more)  # type: ignore[arg-type]

    assert refused.value.code == code


def test_accepting_gives_the_name_and_proves_the_address(line: Line) -> None:
    paul = invite(line, PAUL)
    line.mailed(paul, now=SUMMER)

    line.do(actions.accept_invitation, paul, now=SUMMER + DAY, first_name="Paule", last_name="Martin")

    row = line.row(paul)
    assert (row.state, row.first_name, row.last_name, row.verified_at) == ("confirmed", "Paule", "Martin", SUMMER + DAY)
    assert line.mails[-1] == ("Paule", "confirmed")
    assert line.books == (1, 1, 1)


def test_an_invitation_that_ends_frees_its_seat_for_the_line(line: Line) -> None:
    paul = invite(line, PAUL)
    line.mailed(paul, now=SUMMER)
    line.join(KARIM, LUCIE, now=SUMMER + HOUR)

    line.tend(now=SUMMER + 14 * DAY)

    assert line.states == [("Paul", "expired", 1), ("Karim", "confirmed", 1), ("Lucie", "confirmed", 1)]
    assert line.mails[-2:] == [("Paul", "expired"), ("Lucie", "promoted")]
    assert line.books == (2, 2, 2)


@pytest.mark.parametrize(("end", "state"), [("decline", "declined"), ("withdraw", "revoked")])
def test_a_seat_declined_or_withdrawn_goes_to_the_line(line: Line, end: str, state: str) -> None:
    paul = invite(line, PAUL)
    line.join(KARIM, LUCIE, now=SUMMER + HOUR)

    if end == "decline":
        line.do(actions.decline, paul, now=SUMMER + DAY)
    else:
        line.do(actions.revoke, paul, reason="Erreur.", now=SUMMER + DAY)

    assert line.states == [("Paul", state, 1), ("Karim", "confirmed", 1), ("Lucie", "confirmed", 1)]


def test_one_reminder_goes_out_at_half_time(line: Line) -> None:
    paul = invite(line, PAUL)
    line.mailed(paul, now=SUMMER)

    for days in (6, 7, 8, 9):
        line.tend(now=SUMMER + days * DAY)

    assert line.mails == [("Paul", "invited"), ("Paul", "reminder")]


def test_its_organiser_makes_it_two_days_longer_nine_times_at_most(line: Line) -> None:
    paul = invite(line, PAUL)
    line.mailed(paul, now=SUMMER)

    for version in range(1, 10):
        line.do(actions.extend, paul, version=version, by_organiser=True, now=SUMMER + HOUR)

    assert line.row(paul).expires_at == SUMMER + 32 * DAY
    with pytest.raises(Refused) as refused:
        line.do(actions.extend, paul, version=10, by_organiser=True, now=SUMMER + HOUR)
    assert refused.value.code == "offer.extended_already"


def test_the_line_comes_before_an_invitation(line: Line) -> None:
    line.join(KARIM, LUCIE, MARC)
    with line.database.writing() as session:
        actions.set_limit(session, event_id=line.event_id, quota_id=line.house.quota.id, limit=4, actor=OPERATOR, now=SUMMER)

    invite(line, PAUL)

    with pytest.raises(Refused):
        invite(line, INES)
    assert line.states == [("Karim", "confirmed", 1), ("Lucie", "confirmed", 1), ("Marc", "confirmed", 1), ("Paul", "offered", 1)]


def test_seats_that_are_due_to_the_line_are_given_first(line: Line) -> None:
    line.house.queue(1)

    invite(line, PAUL)

    assert line.states == [("File1", "confirmed", 1), ("Paul", "offered", 1)]


def test_the_page_of_an_invitation_asks_for_the_name(client: FlaskClient, line: Line) -> None:
    paul = invite(line, PAUL, now=NOW)
    path = f"/fr/registrations/{token_of(line, paul)}"

    page = client.get(path).text
    empty = client.post(f"{path}/acceptance", data={"version": "1", "part": "", "first_name": "", "last_name": "Martin"})
    answer = client.post(f"{path}/acceptance", data={"version": "1", "part": "", "first_name": "Paule", "last_name": "Martin"})

    assert 'name="first_name"' in page
    assert "Vous avez une invitation" in page
    assert empty.status_code == 422
    assert answer.status_code == 303
    assert (line.row(paul).state, line.row(paul).first_name) == ("confirmed", "Paule")


PAGE = "/backoffice/events/grand-opening/invitations"


@pytest.fixture
def ines(client: FlaskClient, line: Line) -> FlaskClient:
    with line.database.writing() as session:
        user, _actor = factories.member(session, organiser_id=line.house.organiser.id, character=INES, role=Role.OWNER)
        user.language = "fr"
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def hidden(client: FlaskClient, path: str) -> dict[str, str]:
    return dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', client.get(path).text))


def filled(client: FlaskClient, line: Line, guests: str) -> dict[str, str]:
    return {**hidden(client, f"{PAGE}/new"), "ticket_type": str(line.house.type.id), "guests": guests, "language": "fr", "days": "14"}


def test_a_list_is_pasted_and_everybody_on_it_is_invited(ines: FlaskClient, line: Line) -> None:
    guests = "Paul Passant, paul@demo.test\n\nNora Nocturne; nora@demo.test; EN"

    answer = ines.post(PAGE, data=filled(ines, line, guests))

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert line.states == [("Paul", "offered", 1), ("Nora", "offered", 1)]
    assert "nora@demo.test" in ines.get(PAGE).text
    with line.database.reading() as session:
        assert [row.language for row in queries.all_registrations(session, line.event_id)] == ["fr", "en"]


@pytest.mark.parametrize(
    ("guests", "said"),
    [
        ("Paul, paul@demo.test", "Ligne 1 : écrivez prénom et nom"),
        ("Paul Passant, paul", "Ligne 1 : "),
        ("Paul Passant, paul@demo.test, de", "Ligne 1 : la langue est fr ou en."),
        ("Paul Passant, paul@demo.test\nPaul Bis, PAUL@demo.test", "Ligne 2 : cette adresse figure deux fois"),
        ("A B, a@demo.test\nC D, c@demo.test\nE F, e@demo.test", "Ligne 3 : Le quota « salle » n’a plus de place"),
        ("\n".join(f"A B, a{number}@demo.test" for number in range(101)), "Une liste compte 100 lignes au plus."),
    ],
)
def test_a_line_that_cannot_be_invited_is_reported_and_nothing_is_sent(ines: FlaskClient, line: Line, guests: str, said: str) -> None:
    before = line.dump()

    answer = ines.post(PAGE, data=filled(ines, line, guests))

    assert answer.status_code == 422
    assert said in html.unescape(answer.text).replace("\u00a0", " ")
    assert line.dump() == before


def test_who_is_invited_already_is_not_written_to_again(ines: FlaskClient, line: Line) -> None:
    invite(line, PAUL, now=NOW)

    answer = ines.post(PAGE, data=filled(ines, line, f"Paul Passant, {PAUL.email}"), follow_redirects=True)

    assert "sans nouveau message" in answer.text
    assert line.mails == [("Paul", "invited")]


def test_more_time_is_given_once_from_one_page(ines: FlaskClient, line: Line) -> None:
    paul = invite(line, PAUL, now=NOW)
    by = line.row(paul).answer_by
    assert by is not None

    sent = hidden(ines, PAGE)

    for _again in range(2):
        assert ines.post(f"{PAGE}/{paul.public_id}", data=sent).status_code == 303

    assert line.row(paul).answer_by == by + 2 * DAY
    assert line.mails == [("Paul", "invited"), ("Paul", "extended")]
