"""A limit below what is taken: who is named, in which order, and that to look at it changes nothing; on real databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from eventapp.lib import codes
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.messages.models import Message
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import OPERATOR, Role
from eventapp.registration import actions, queries, rules
from eventapp.registration.models import Attendee, Registration
from eventapp.registration.queries.deficits import MOST_NAMED, Deficit
from eventapp.worker.mail import letter_for
from tests import factories
from tests.cast import INES, KARIM, LUCIE, MARC, NORA, PAUL
from tests.factories import NOW
from tests.registration.line import DOORS, Line

EVENT = "/backoffice/events/grand-opening"


@dataclass(frozen=True)
class Party:
    size: int


class Hall(Line):
    """A hall of four seats, all taken, about to become smaller."""

    def look(self, above: int) -> Deficit:
        with self.database.reading() as session:
            return queries.deficit(session, self.event_id, quota_id=self.house.quota.id, above=above)

    def named(self, above: int) -> list[str]:
        return [party.first_name for party in self.look(above).parties]

    def change(self, registration: Registration, **values: object) -> None:
        with self.database.writing() as session:
            session.execute(update(Registration).where(Registration.id == registration.id).values(**values))

    @property
    def page(self) -> str:
        return f"{EVENT}/quotas/{self.house.quota.id}/deficit"


@pytest.fixture
def hall(database: Database) -> Hall:
    return Hall(database, limit=4)


def _signed(client: FlaskClient, hall: Hall, role: Role, language: str) -> FlaskClient:
    with hall.database.writing() as session:
        user, _actor = factories.member(session, organiser_id=hall.house.organiser.id, character=INES, role=role)
        user.language = language
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


@pytest.fixture
def ines(client: FlaskClient, hall: Hall) -> FlaskClient:
    return _signed(client, hall, Role.OWNER, "fr")


def said(client: FlaskClient, path: str) -> str:
    return unescape(client.get(path).text).replace("\u00a0", " ")


def lower(client: FlaskClient, hall: Hall, limit: int) -> str:
    """The form for the quota, sent once: what is said before anything is saved."""
    from tests.registration.test_backoffice import token

    values = {"csrf_token": token(client), "idempotency_key": codes.key(), "name": "salle", "limit": limit, "protects": 0}
    return unescape(client.post(f"{EVENT}/quotas/{hall.house.quota.id}", data=values).text).replace("\u00a0", " ")


@pytest.mark.parametrize(("above", "sizes"), [(-1, []), (0, []), (1, [2]), (2, [2]), (3, [2, 3]), (9, [2, 3, 1])])
def test_parties_are_taken_until_they_make_up_for_what_is_above(above: int, sizes: list[int]) -> None:
    parties = [Party(2), Party(3), Party(1)]

    assert [party.size for party in rules.covering(parties, above)] == sizes


def test_only_as_many_are_named_as_make_up_for_what_is_above(hall: Hall) -> None:
    hall.join(KARIM, LUCIE)
    hall.join(MARC, size=2)
    hall.join(PAUL)  # who waits has no seat to lose

    assert {above: hall.named(above) for above in (0, 1, 2, 3)} == {
        0: [],
        1: ["Marc"],
        2: ["Marc"],
        3: ["Marc", "Lucie"],
    }
    assert (hall.look(3).seats, dict(hall.look(3).people)) == (3, {"confirmed": 4})


def test_who_is_inside_is_not_named(hall: Hall) -> None:
    _karim, lucie = hall.join(KARIM, LUCIE)
    with hall.database.writing() as session:
        session.execute(update(Attendee).where(Attendee.registration_id == lucie.id).values(arrived_at=NOW))

    assert hall.named(2) == ["Karim"]


def test_a_guest_comes_after_those_with_a_place_in_line(hall: Hall) -> None:
    _karim, lucie = hall.join(KARIM, LUCIE)
    hall.change(lucie, seq=None)

    assert hall.named(2) == ["Karim", "Lucie"]


def test_who_was_harmed_before_comes_after_the_others(hall: Hall) -> None:
    _karim, lucie = hall.join(KARIM, LUCIE)
    hall.change(lucie, line_class=rules.HARMED)

    assert hall.named(2) == ["Karim", "Lucie"]


def test_no_more_are_read_than_are_shown(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventapp.registration.queries.deficits.MOST_NAMED", 2)
    hall.join(KARIM, LUCIE, MARC, NORA)

    assert (hall.named(4), MOST_NAMED) == (["Nora", "Marc"], 50)


def test_before_a_limit_is_lowered_one_sees_who_came_last_and_nothing_changes(ines: FlaskClient, hall: Hall) -> None:
    hall.join(KARIM, LUCIE, MARC, NORA)
    before = hall.dump()

    page = lower(ines, hall, 2)

    assert "Qui serait au-dessus de la limite" in page
    assert "Les 2 dernières inscriptions, qui ont 2 de ces places" in page
    assert page.index("Nora ") < page.index("Marc ")
    assert "Lucie " not in page
    assert 'name="parties"' not in page  # no seat is above the limit yet
    assert hall.dump() == before


def test_a_quota_above_its_limit_leads_to_those_who_came_last(ines: FlaskClient, hall: Hall) -> None:
    _karim, _lucie, marc, nora = hall.join(KARIM, LUCIE, MARC, NORA)
    hall.set_limit(2, now=NOW)

    listed, control, page = said(ines, EVENT + "/quotas"), said(ines, EVENT), said(ines, hall.page)

    assert hall.page in listed
    assert hall.page in control
    assert "2 au-dessus de la limite" in page
    assert [party.public_id in page for party in (marc, nora)] == [True, True]
    assert f'value="{nora.public_id}"' in page
    assert "Lucie " not in page


def test_a_quota_within_its_limit_has_nothing_to_show(ines: FlaskClient, hall: Hall) -> None:
    hall.join(KARIM)

    page = said(ines, hall.page)

    assert "Il n’y a rien à faire ici" in page
    assert "Karim " not in page


def test_staff_are_not_shown_the_way_nor_the_page(client: FlaskClient, hall: Hall) -> None:
    hall.join(KARIM, LUCIE)
    hall.set_limit(1, now=NOW)
    staff = _signed(client, hall, Role.STAFF, "fr")

    assert staff.get(hall.page).status_code in (403, 404)
    assert hall.page not in said(staff, EVENT + "/quotas")
    assert hall.page not in said(staff, EVENT)


def test_the_page_asks_as_much_for_one_as_for_three(ines: FlaskClient, hall: Hall, statements: list[str]) -> None:
    hall.join(KARIM, LUCIE, MARC, NORA)
    hall.set_limit(3, now=NOW)
    ines.get(hall.page)
    statements.clear()
    ines.get(hall.page)
    one = len(statements)
    hall.set_limit(1, now=NOW)
    statements.clear()

    ines.get(hall.page)

    assert len(statements) == one


def take(hall: Hall, *chosen: Registration, reason: str = "Salle plus petite") -> list[str]:
    with hall.database.writing() as session:
        done = actions.revoke_several(
            session,
            event_id=hall.event_id,
            quota_id=hall.house.quota.id,
            registration_ids=[party.id for party in chosen],
            reason=reason,
            actor=OPERATOR,
            now=NOW,
        )
        return [party.first_name for party in done]


def refused(hall: Hall, *chosen: Registration, reason: str = "Salle plus petite") -> str:
    """By which code; that leaves nothing behind."""
    before = hall.dump()
    with pytest.raises(Refused) as refusal:
        take(hall, *chosen, reason=reason)
    assert hall.dump() == before
    return refusal.value.code


def test_several_lose_their_seats_at_once_and_go_to_the_head_of_the_line(hall: Hall) -> None:
    karim, lucie, marc, nora = hall.join(KARIM, LUCIE, MARC, NORA)
    (paul,) = hall.join(PAUL)
    hall.set_limit(2, now=NOW)

    assert take(hall, nora, marc) == ["Marc", "Nora"]

    assert hall.states == [
        *(("Karim", "confirmed", 1), ("Lucie", "confirmed", 1), ("Marc", "waitlisted", 1)),
        *(("Nora", "waitlisted", 1), ("Paul", "waitlisted", 1)),
    ]
    assert hall.order == ["Marc", "Nora", "Paul"]
    assert [hall.row(party).line_class for party in (marc, nora, paul)] == [rules.HARMED, rules.HARMED, rules.EVERYONE]
    assert hall.books == (2, 2, 2)
    assert hall.mails[-2:] == [("Marc", "revoked"), ("Nora", "revoked")]
    hall.leave(karim, now=NOW)
    assert hall.row(marc).state == "confirmed"
    assert hall.row(lucie).state == "confirmed"


def test_no_more_seats_are_taken_back_than_are_above_the_limit(hall: Hall) -> None:
    _karim, lucie, marc, nora = hall.join(KARIM, LUCIE, MARC, NORA)
    hall.set_limit(2, now=NOW)

    assert refused(hall, lucie, marc, nora) == "deficit.too_many"


def test_a_limit_that_holds_takes_nobodys_seat(hall: Hall) -> None:
    (karim,) = hall.join(KARIM)

    assert refused(hall, karim) == "deficit.over"


def test_nobody_is_ticked_or_no_reason_is_given(hall: Hall) -> None:
    karim, _lucie = hall.join(KARIM, LUCIE)
    hall.set_limit(1, now=NOW)

    assert [refused(hall), refused(hall, karim, reason=" ")] == ["deficit.nobody", "registration.reason_missing"]


def test_who_has_come_in_or_has_no_seat_any_more_spares_everybody(hall: Hall) -> None:
    _karim, lucie, marc, nora = hall.join(KARIM, LUCIE, MARC, NORA)
    hall.set_limit(1, now=NOW)
    with hall.database.writing() as session:
        session.execute(update(Attendee).where(Attendee.registration_id == lucie.id).values(arrived_at=NOW))
    assert refused(hall, lucie, marc) == "deficit.changed"
    hall.leave(nora, now=NOW)

    assert refused(hall, marc, nora) == "deficit.changed"


@given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=6), above=st.integers(1, 12))
def test_a_choice_is_refused_only_if_one_of_it_could_be_spared(sizes: list[int], above: int) -> None:
    spared = [sum(sizes) - size >= above for size in sizes]
    try:
        rules.check_revocations([Party(size) for size in sizes], above)
        allowed = True
    except Refused:
        allowed = False

    assert allowed == (not any(spared))


def test_those_who_are_ticked_lose_their_seats_by_one_button(ines: FlaskClient, hall: Hall) -> None:
    from tests.registration.test_backoffice import token

    _karim, _lucie, marc, nora = hall.join(KARIM, LUCIE, MARC, NORA)
    hall.set_limit(2, now=NOW)
    key = codes.key()
    form = {"csrf_token": token(ines), "idempotency_key": key, "parties": [marc.public_id, nora.public_id], "reason": "Salle plus petite"}

    empty = ines.post(hall.page, data={**form, "parties": []})
    first, again = ines.post(hall.page, data=form), ines.post(hall.page, data=form)

    assert (empty.status_code, "Cochez au moins une inscription" in unescape(empty.text)) == (422, True)
    assert [(one.status_code, one.headers["Location"]) for one in (first, again)] == [(303, hall.page)] * 2
    assert hall.mails[-2:] == [("Marc", "revoked"), ("Nora", "revoked")]
    assert [hall.row(party).reason for party in (marc, nora)] == ["Salle plus petite"] * 2


def ask(hall: Hall, words: str = "", *, now: datetime = NOW) -> None:
    with hall.database.writing() as session:
        actions.ask_for_volunteers(session, event_id=hall.event_id, quota_id=hall.house.quota.id, words=words, actor=OPERATOR, now=now)


def tell(hall: Hall, *, now: datetime = NOW) -> int:
    with hall.database.writing() as session:
        return actions.tell_volunteers(session, event_id=hall.event_id, now=now)


def asked_back(hall: Hall) -> list[str]:
    """Who was asked for their seat, by name."""
    return sorted(name for name, kind in hall.mails if kind == "volunteers")


def test_everybody_with_a_seat_is_asked_once_and_loses_nothing(hall: Hall) -> None:
    hall.join(KARIM, LUCIE, MARC, NORA, PAUL)
    hall.set_limit(2, now=NOW)
    states = hall.states

    ask(hall, "La salle est en travaux.")
    told = [tell(hall), tell(hall)]

    assert (told, asked_back(hall)) == ([4, 0], ["Karim", "Lucie", "Marc", "Nora"])
    assert hall.states == states
    with hall.database.reading() as session:
        facts = [row.facts for row in session.scalars(select(Message)) if row.kind == "volunteers"]
        quota = queries.quotas(session, hall.event_id)[0]
        assert queries.told_of(session, quota) == 4
    assert {(one["above"], one["words"]) for one in facts} == {(2, "La salle est en travaux.")}


def test_who_is_inside_is_not_asked_for_the_seat(hall: Hall) -> None:
    _karim, lucie = hall.join(KARIM, LUCIE)
    with hall.database.writing() as session:
        session.execute(update(Attendee).where(Attendee.registration_id == lucie.id).values(arrived_at=NOW))
    hall.set_limit(1, now=NOW)

    ask(hall)
    tell(hall)

    assert asked_back(hall) == ["Karim"]


def test_nobody_is_asked_any_more_once_the_limit_holds_or_doors_are_open(hall: Hall) -> None:
    karim, _lucie = hall.join(KARIM, LUCIE)
    hall.set_limit(1, now=NOW)
    ask(hall)

    assert tell(hall, now=DOORS) == 0
    hall.leave(karim, now=NOW)
    assert tell(hall) == 0
    assert asked_back(hall) == []


def test_the_question_is_put_again_after_a_day_at_the_earliest(hall: Hall) -> None:
    hall.join(KARIM, LUCIE)
    hall.set_limit(1, now=NOW)
    ask(hall)
    tell(hall)

    with pytest.raises(Refused, match=r"deficit\.asked_already"):
        ask(hall, now=NOW + timedelta(hours=24) - timedelta(seconds=1))
    ask(hall, now=NOW + timedelta(hours=24))
    tell(hall, now=NOW + timedelta(hours=24))

    assert asked_back(hall) == ["Karim", "Karim", "Lucie", "Lucie"]


def test_where_the_limit_holds_nobody_is_asked(hall: Hall) -> None:
    hall.join(KARIM)

    with pytest.raises(Refused, match=r"deficit\.over"):
        ask(hall)


def test_volunteers_are_asked_for_by_one_button_and_the_page_says_what_came_of_it(ines: FlaskClient, app: Flask, hall: Hall) -> None:
    from tests.registration.test_backoffice import token

    karim, _lucie, _marc = hall.join(KARIM, LUCIE, MARC)
    hall.set_limit(1, now=NOW)
    form = {"csrf_token": token(ines), "idempotency_key": codes.key(), "words": "La salle est en <travaux>."}
    path = hall.page.replace("/deficit", "/volunteers")

    first, again = ines.post(path, data=form), ines.post(path, data=form)
    late = ines.post(path, data=form | {"idempotency_key": codes.key()})
    tell(hall)
    hall.leave(karim, now=NOW)

    assert [(one.status_code, one.location) for one in (first, again)] == [(303, hall.page)] * 2
    assert (late.status_code, "il y a moins d’un jour" in unescape(late.text), "&lt;travaux&gt;" in late.text) == (422, True, True)
    assert "1 place est revenue depuis." in " ".join(said(ines, hall.page).split())
    with hall.database.reading() as session:
        row = next(row for row in session.scalars(select(Message)) if row.kind == "volunteers" and row.name.startswith("Lucie"))
    with app.app_context():
        letter = letter_for(row)
    assert letter is not None
    text = letter.get_body(("plain",))
    assert text is not None
    assert str(letter["Subject"]).replace("\u00a0", " ").startswith("Pouvez-vous rendre votre place ?")
    assert "La salle est en <travaux>." in text.get_content()
    assert "2 places de trop ont été données" in text.get_content().replace("\u00a0", " ")
