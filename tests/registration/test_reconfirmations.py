"""Who has a seat is asked whether they still come, where the organiser wishes it: once for each instant, and silence costs nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from eventapp.events.models import Event
from eventapp.journal.models import Entry
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import link_token
from eventapp.messages.models import Message
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import OPERATOR, Role
from eventapp.registration import actions, queries, rules
from eventapp.registration.models import Attendee, Registration
from eventapp.worker.mail import letter_for
from tests import factories
from tests.cast import INES, KARIM, LUCIE, MARC, NORA, PAUL, Character
from tests.factories import KEYS, NOW
from tests.registration.line import DOORS, HOUR, Line

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
FIRST, SECOND_ASK, LAST = DOORS - 5 * DAY, DOORS - 2 * DAY, DOORS - DAY
SOFT = rules.Settings(reconfirm=rules.Reconfirm.SOFT)


class Evening(Line):
    """An evening whose people are asked whether they still come."""

    def set_rules(self, settings: rules.Settings = SOFT, *, now: datetime = NOW) -> None:
        with self.database.writing() as session:
            actions.set_allocation(session, event_id=self.event_id, settings=settings, actor=OPERATOR, now=now)

    def ask(self, *, now: datetime) -> int:
        with self.database.writing() as session:
            return actions.ask(session, event_id=self.event_id, now=now)

    def come(self, registration: Registration, *, now: datetime) -> None:
        self.do(actions.reconfirm, registration, now=now)

    def enter(self, registration: Registration) -> None:
        with self.database.writing() as session:
            session.execute(update(Attendee).where(Attendee.registration_id == registration.id).values(arrived_at=NOW))

    def change(self, **values: Any) -> None:
        with self.database.writing() as session:
            session.execute(update(Event).where(Event.id == self.event_id).values(**values))

    def pass_on(self, registration: Registration, who: Character, *, position: int = 1, now: datetime) -> None:
        wanted = actions.Transfer(
            key=f"{who.email}-{position}",
            public_id=registration.public_id,
            position=position,
            first_name=who.first_name,
            last_name=who.last_name,
            email=who.email,
        )
        with self.database.writing() as session:
            actions.transfer(session, event_id=self.event_id, transfer=wanted, keys=KEYS, actor=OPERATOR, now=now)

    def of(self, who: Character) -> Registration:
        with self.database.reading() as session:
            row = queries.live_registration(session, self.event_id, who.email)
            assert row is not None
            return row

    @property
    def questions(self) -> list[Message]:
        """The mails that ask, oldest first."""
        with self.database.reading() as session:
            return list(session.scalars(select(Message).where(Message.kind == "reconfirm").order_by(Message.id)))

    @property
    def asked(self) -> list[str]:
        """Whom they are to, by first name."""
        return [row.name.split()[0] for row in self.questions]

    @property
    def frozen(self) -> list[tuple[int, int]]:
        """Seats, and people waiting, as each mail keeps them."""
        return [(row.facts["size"], row.facts["persons_waiting"]) for row in self.questions]


@pytest.fixture
def evening(database: Database) -> Evening:
    """Two seats, and an organiser who asks."""
    evening = Evening(database, limit=2)
    evening.set_rules()
    return evening


def refusal(evening: Evening, registration: Registration, *, now: datetime) -> str:
    """By which code an answer is refused; that leaves nothing behind."""
    before = evening.dump()
    with pytest.raises(Refused) as refused:
        evening.come(registration, now=now)
    assert evening.dump() == before
    return refused.value.code


@dataclass(frozen=True)
class Party:
    """A party as the rules see it."""

    state: str
    confirmed_at: datetime | None
    ask_after: datetime | None


instants = st.none() | st.datetimes(min_value=datetime(2027, 9, 1), max_value=datetime(2027, 9, 30))


@given(state=st.sampled_from(sorted(rules.State)), since=instants, after=instants)
def test_whoever_was_asked_for_a_seat_may_answer_and_nobody_else(state: str, since: datetime | None, after: datetime | None) -> None:
    party = Party(state, since, after)
    asked = since is not None and after is not None and since < after
    code = "reconfirm.not_seated" if state != "confirmed" else "" if asked else "reconfirm.not_asked"

    with pytest.raises(Refused) if code else nullcontext() as refused:
        rules.check_reconfirmation(party)

    assert rules.was_asked(party) == asked
    assert refused is None or refused.value.code == code


def test_who_has_a_seat_is_asked_five_two_and_one_days_before_as_long_as_they_are_silent(evening: Evening) -> None:
    evening.join(KARIM, LUCIE, MARC)  # Marc waits

    told = [evening.ask(now=now) for at in (FIRST, SECOND_ASK, LAST) for now in (at - SECOND, at, at + SECOND)]

    assert told == [0, 2, 0, 0, 2, 0, 0, 2, 0]
    assert evening.asked == ["Karim", "Lucie"] * 3
    assert evening.frozen == [(1, 1)] * 6


def test_nobody_is_asked_where_the_organiser_does_not_wish_it(evening: Evening) -> None:
    evening.join(KARIM)
    evening.set_rules(rules.DEFAULTS)

    off = [evening.ask(now=at) for at in (FIRST, SECOND_ASK, LAST)]
    evening.set_rules(now=LAST)

    assert (off, evening.ask(now=LAST)) == ([0, 0, 0], 1)


@pytest.mark.parametrize(("now", "again"), [(SECOND_ASK - SECOND, FIRST), (LAST - SECOND, SECOND_ASK), (DOORS - SECOND, LAST)])
def test_a_worker_that_is_late_asks_once_for_the_latest_instant(evening: Evening, now: datetime, again: datetime) -> None:
    karim = evening.join(KARIM)[0]

    told = [evening.ask(now=now) for _ in range(3)]

    assert (told, evening.asked) == ([1, 0, 0], ["Karim"])
    assert evening.row(karim).ask_after == again


def test_from_doors_on_nobody_is_asked(evening: Evening) -> None:
    evening.join(KARIM)

    assert (evening.ask(now=DOORS), evening.ask(now=DOORS - SECOND)) == (0, 1)


def test_who_says_yes_is_asked_no_more_and_nothing_else_changes(evening: Evening) -> None:
    karim, _lucie = evening.join(KARIM, LUCIE)
    evening.ask(now=FIRST)
    version = evening.row(karim).version

    evening.come(karim, now=FIRST + HOUR)
    mails = evening.mails
    later = [evening.ask(now=at) for at in (SECOND_ASK, LAST)]

    row = evening.row(karim)
    assert (row.state, row.reconfirmed_at, row.version) == ("confirmed", FIRST + HOUR, version)
    assert (later, evening.asked[2:]) == ([1, 1], ["Lucie", "Lucie"])
    assert mails[-1] == ("Lucie", "reconfirm")  # to say yes sends nothing
    with evening.database.reading() as session:
        entry = session.scalars(select(Entry).where(Entry.verb == "reconfirm")).one()
    assert (entry.subject, entry.at) == (f"registration:{karim.public_id}", FIRST + HOUR)


def test_saying_yes_twice_keeps_the_first_answer(evening: Evening) -> None:
    karim = evening.join(KARIM)[0]
    evening.ask(now=FIRST)
    evening.come(karim, now=FIRST + HOUR)
    before = evening.dump()

    evening.come(karim, now=FIRST + 2 * HOUR)

    assert evening.dump() == before


def test_nobody_answers_before_they_were_asked(evening: Evening) -> None:
    karim = evening.join(KARIM)[0]

    assert refusal(evening, karim, now=FIRST) == "reconfirm.not_asked"
    evening.ask(now=FIRST)
    evening.come(karim, now=FIRST)
    assert evening.row(karim).reconfirmed_at == FIRST


def test_who_gave_the_seat_back_has_nothing_to_confirm(evening: Evening) -> None:
    karim = evening.join(KARIM)[0]
    evening.ask(now=FIRST)
    evening.leave(karim, now=FIRST + HOUR)

    assert refusal(evening, karim, now=FIRST + HOUR) == "reconfirm.not_seated"


def test_who_comes_to_a_seat_after_an_ask_is_asked_at_the_next(evening: Evening) -> None:
    karim, _lucie, marc = evening.join(KARIM, LUCIE, MARC, auto_until="last_day")
    evening.ask(now=FIRST)
    evening.leave(karim, now=FIRST + HOUR)
    assert evening.row(marc).state == "confirmed"

    between = evening.ask(now=FIRST + 2 * HOUR)
    unasked = refusal(evening, marc, now=FIRST + 2 * HOUR)
    evening.ask(now=SECOND_ASK)

    assert (between, unasked) == (0, "reconfirm.not_asked")
    assert evening.asked == ["Karim", "Lucie", "Lucie", "Marc"]


def test_who_lost_the_seat_to_a_smaller_hall_waits_and_is_not_asked(evening: Evening) -> None:
    karim, lucie = evening.join(KARIM, LUCIE)
    evening.set_limit(1, now=NOW)
    evening.do(actions.revoke, lucie, now=NOW + HOUR, reason="Salle réduite.")
    assert evening.row(lucie).state == "waitlisted"

    evening.ask(now=FIRST)

    assert (evening.asked, evening.frozen) == (["Karim"], [(1, 1)])
    assert evening.row(karim).ask_after == FIRST


def test_who_had_a_seat_answered_lost_it_and_has_one_again_is_asked_again(evening: Evening) -> None:
    _karim, lucie = evening.join(KARIM, LUCIE, auto_until="freeze")
    evening.ask(now=FIRST)
    evening.come(lucie, now=FIRST)
    evening.set_limit(1, now=FIRST)
    evening.do(actions.revoke, lucie, now=FIRST, reason="Salle réduite.")
    evening.set_limit(2, now=FIRST + HOUR)
    row = evening.row(lucie)

    evening.ask(now=SECOND_ASK)

    assert (row.state, row.confirmed_at, row.reconfirmed_at) == ("confirmed", FIRST + HOUR, None)
    assert evening.asked == ["Karim", "Lucie"] * 2


def test_nobody_is_asked_of_whom_somebody_is_inside(evening: Evening) -> None:
    _karim, lucie = evening.join(KARIM, LUCIE)
    evening.enter(lucie)

    evening.ask(now=FIRST)

    assert evening.asked == ["Karim"]


def test_nobody_is_asked_who_gave_no_address(evening: Evening) -> None:
    evening.join(KARIM)
    nora = evening.join(NORA, email="", source="hand", actor=OPERATOR)[0]

    told = [evening.ask(now=FIRST) for _ in range(2)]

    assert (told, evening.asked) == ([1, 0], ["Karim"])
    assert refusal(evening, nora, now=FIRST) == "reconfirm.not_asked"


@pytest.mark.parametrize("state", ["draft", "postponed", "called_off", "archived"])
def test_nobody_is_asked_about_an_event_that_is_not_published(evening: Evening, state: str) -> None:
    evening.join(KARIM)
    evening.change(state=state)
    before = evening.ask(now=FIRST)
    evening.change(state="published")

    assert (before, evening.ask(now=FIRST)) == (0, 1)


def test_an_answer_holds_for_its_day_and_is_asked_for_anew_when_the_event_moves(evening: Evening) -> None:
    karim = evening.join(KARIM)[0]
    evening.ask(now=FIRST)
    evening.come(karim, now=FIRST)
    evening.change(doors_at=DOORS + 30 * DAY, starts_at=DOORS + 30 * DAY, ends_at=DOORS + 31 * DAY)

    early, due = evening.ask(now=FIRST + DAY), evening.ask(now=FIRST + 30 * DAY)

    assert (early, due, evening.row(karim).reconfirmed_at) == (0, 1, None)


def test_a_hundred_are_asked_in_one_transaction(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    evening.join(KARIM, LUCIE)
    evening.set_limit(3, now=NOW)
    evening.join(MARC)
    monkeypatch.setattr("eventapp.registration.queries.reconfirmations.LINE_CHUNK", 2)

    slices = [evening.ask(now=FIRST) for _ in range(3)]

    assert (slices, evening.asked) == ([2, 1, 0], ["Karim", "Lucie", "Marc"])


@pytest.mark.parametrize("chunk", [1, 100])
def test_the_parts_of_a_party_are_asked_by_one_mail_and_answer_each(evening: Evening, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr("eventapp.registration.queries.reconfirmations.LINE_CHUNK", chunk)
    karim = evening.join(KARIM)[0]
    lucie = evening.join(LUCIE, size=3, accept_partial=True)[0]
    evening.set_limit(4, now=NOW)
    with evening.database.reading() as session:
        (part,) = queries.parts_of(session, lucie)
    assert evening.states == [("Karim", "confirmed", 1), ("Lucie", "confirmed", 1), ("Lucie", "confirmed", 2)]

    while evening.ask(now=FIRST):
        pass
    evening.come(part, now=FIRST)
    while evening.ask(now=SECOND_ASK):
        pass

    assert list(zip(evening.asked, evening.frozen, strict=True)) == [
        *(("Karim", (1, 0)), ("Lucie", (3, 0))),
        *(("Karim", (1, 0)), ("Lucie", (1, 0))),
    ]
    assert [evening.row(one).reconfirmed_at for one in (karim, lucie, part)] == [None, None, FIRST]


def test_a_place_that_passes_on_takes_no_answer_along_and_its_new_holder_is_asked(evening: Evening) -> None:
    karim = evening.join(KARIM)[0]
    evening.ask(now=FIRST)
    evening.come(karim, now=FIRST)

    evening.pass_on(karim, PAUL, now=FIRST + HOUR)
    row = evening.row(karim)
    unasked = refusal(evening, karim, now=FIRST + HOUR)
    evening.ask(now=SECOND_ASK)

    assert (row.first_name, row.reconfirmed_at, row.confirmed_at) == ("Paul", None, FIRST + HOUR)
    assert (unasked, evening.asked) == ("reconfirm.not_asked", ["Karim", "Paul"])


def test_one_place_of_a_party_that_passes_on_is_asked_for_and_the_others_have_answered(evening: Evening) -> None:
    karim = evening.join(KARIM, size=2)[0]
    evening.ask(now=FIRST)
    evening.come(karim, now=FIRST)

    evening.pass_on(karim, PAUL, position=2, now=FIRST + HOUR)
    evening.ask(now=SECOND_ASK)

    assert (evening.row(karim).reconfirmed_at, evening.of(PAUL).reconfirmed_at) == (FIRST, None)
    assert (evening.asked, evening.frozen) == (["Karim", "Paul"], [(2, 0), (1, 0)])


def test_to_ask_a_hundred_costs_as_many_questions_as_to_ask_one(evening: Evening, statements: list[str]) -> None:
    evening.join(KARIM, LUCIE)
    evening.set_limit(40, now=NOW)
    statements.clear()
    evening.ask(now=FIRST)
    two = [statement for statement in statements if statement.startswith("SELECT")]
    for number in range(38):
        evening.house.register(MARC, email=f"marc{number}@demo.test")
    statements.clear()

    evening.ask(now=SECOND_ASK)

    assert len([statement for statement in statements if statement.startswith("SELECT")]) == len(two)
    assert len(evening.asked) == 42


def test_who_is_due_is_found_by_an_index(evening: Evening) -> None:
    evening.join(KARIM)
    with evening.database.reading() as session:
        statement = (
            "SELECT id FROM registration WHERE event_id = 1 AND state = 'confirmed' AND ask_after < '2027-09-18' ORDER BY ask_after, id"
        )
        if session.get_bind().dialect.name == "sqlite":
            plan = str(session.execute(text(f"EXPLAIN QUERY PLAN {statement}")).all())
        else:
            session.execute(text("SET LOCAL enable_seqscan = off"))
            plan = str(session.execute(text(f"EXPLAIN {statement}")).all())

    assert "ix_registration_ask" in plan


def plain(words: str) -> str:
    return " ".join(html.unescape(words).replace("\u00a0", " ").replace("\u202f", " ").split())


def letters(app: Flask, evening: Evening) -> list[tuple[str, str]]:
    """Subject and text of each mail that asks."""
    with app.app_context():
        made = [letter_for(row) for row in evening.questions]
    return [(plain(one["Subject"]), plain(one.get_body(("plain",)).get_content())) for one in made if one is not None]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("size", "waiting", "cost"),
    [
        (1, 0, "Votre absence laisserait une chaise vide. "),
        (1, 1, "Votre absence laisserait une chaise vide : 1 personne attend. "),
        (1, 140, "Votre absence laisserait une chaise vide : 140 personnes attendent. "),
        (2, 0, "Votre absence laisserait 2 chaises vides. "),
        (2, 1, "Votre absence laisserait 2 chaises vides : 1 personne attend. "),
        (2, 140, "Votre absence laisserait 2 chaises vides : 140 personnes attendent. "),
    ],
)
def test_the_mail_names_what_an_empty_chair_costs_as_it_was_at_that_moment(
    app: Flask, evening: Evening, size: int, waiting: int, cost: str
) -> None:
    evening.set_limit(size, now=NOW)
    evening.join(KARIM, size=size)
    if waiting:
        evening.house.queue(waiting)
    evening.ask(now=FIRST)
    evening.join(LUCIE, now=FIRST + HOUR)  # who comes later is not counted

    ((subject, words),) = letters(app, evening)

    assert subject == "Venez-vous toujours jeudi ? Grand Opening"
    assert cost in words
    assert ("Sans réponse, vous gardez votre place." if size == 1 else "Sans réponse, vous gardez vos places.") in words
    assert "Répondre sur ma page : http://127.0.0.1:8000/fr/registrations/" in words


def test_the_mail_is_written_in_the_language_of_its_reader(app: Flask, evening: Evening) -> None:
    evening.join(KARIM, language="en")
    evening.house.queue(2)
    evening.join(LUCIE)
    evening.set_limit(1, now=NOW)
    evening.ask(now=FIRST)

    subject, words = letters(app, evening)[0]

    assert subject == "Still coming on Thursday? Grand Opening"
    assert "Your absence would leave a chair empty: " in words
    assert "If you do not answer, you keep your seat." in words


def path(evening: Evening, registration: Registration, language: str = "fr") -> str:
    with evening.database.reading() as session:
        row = queries.registration_by_id(session, evening.event_id, registration.id)
        assert row is not None
        origin = queries.origin_of(session, row)
    return f"/{language}/registrations/{link_token(KEYS, origin.identity, origin.serial)}"


@pytest.fixture
def at(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock of the pages."""
    return lambda now: monkeypatch.setattr(app.extensions["eventapp"], "clock", lambda: now)


def forms(page: str, ending: str) -> list[dict[str, str]]:
    """What the forms to an address of this ending would send."""
    found = re.findall(rf'<form[^>]*action="[^"]*{ending}"[^>]*>(.*?)</form>', page, re.DOTALL)
    return [dict(re.findall(r'name="(\w+)" value="([^"]*)"', one)) for one in found]


@pytest.mark.parametrize(
    ("language", "question", "yes", "no", "noted"),
    [
        ("fr", "Venez-vous toujours ?", "Je viens", "Je rends ma place", "Vous avez dit que vous venez : c’est noté."),
        ("en", "Are you still coming?", "I am coming", "I give my seat back", "You said that you are coming: it is noted."),
    ],
)
def test_the_page_asks_with_two_buttons_and_then_says_what_was_answered(
    client: FlaskClient, evening: Evening, at: Callable[[datetime], None], language: str, question: str, yes: str, no: str, noted: str
) -> None:
    karim = evening.join(KARIM)[0]
    own = path(evening, karim, language)
    at(FIRST)
    before = client.get(own).text
    evening.ask(now=FIRST)

    asked = client.get(own).text
    (values,) = forms(asked, "/reconfirmation")
    answers = [client.post(f"{own}/reconfirmation", data=values) for _ in range(2)]
    after = client.get(own).text

    assert question not in plain(before)
    assert all(words in plain(asked) for words in (question, yes, no))
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, own)] * 2
    assert evening.row(karim).reconfirmed_at == FIRST
    assert noted in plain(after)
    assert question not in plain(after)


def test_the_other_button_gives_the_seat_to_the_next(client: FlaskClient, evening: Evening, at: Callable[[datetime], None]) -> None:
    karim, _lucie, marc = evening.join(KARIM, LUCIE, MARC, auto_until="last_day")
    evening.ask(now=FIRST)
    at(FIRST)
    own = path(evening, karim)
    (values,) = forms(client.get(own).text, "/cancellation")

    answer = client.post(f"{own}/cancellation", data=values)

    assert (answer.status_code, answer.location) == (303, own)
    assert (evening.row(karim).state, evening.row(marc).state) == ("cancelled", "confirmed")


def test_a_party_of_several_chooses_whose_places_go_back(client: FlaskClient, evening: Evening, at: Callable[[datetime], None]) -> None:
    karim = evening.join(KARIM, size=2)[0]
    evening.ask(now=FIRST)
    at(FIRST)

    page = client.get(path(evening, karim)).text

    assert "Nous venons" in plain(page)
    assert (len(forms(page, "/reconfirmation")), forms(page, "/cancellation")) == (1, [])
    assert page.count(f'href="{path(evening, karim)}/cancellation"') == 2  # beside the question, and below as ever


def test_each_part_of_a_party_is_asked_on_the_page_of_its_holder(
    client: FlaskClient, evening: Evening, at: Callable[[datetime], None]
) -> None:
    evening.join(KARIM)
    lucie = evening.join(LUCIE, size=2, accept_partial=True)[0]
    evening.set_limit(3, now=NOW)
    with evening.database.reading() as session:
        (part,) = queries.parts_of(session, lucie)
    evening.ask(now=FIRST)
    at(FIRST)
    own = path(evening, lucie)

    both = forms(client.get(own).text, "/reconfirmation")
    client.post(f"{own}/reconfirmation", data=both[0])
    left = forms(client.get(own).text, "/reconfirmation")
    client.post(f"{own}/reconfirmation", data=left[0])

    assert [one["part"] for one in both] == ["", part.public_id]
    assert [one["part"] for one in left] == [part.public_id]
    assert [evening.row(one).reconfirmed_at for one in (lucie, part)] == [FIRST, FIRST]
    assert plain(client.get(own).text).count("Vous avez dit que vous venez") == 2


def test_a_part_that_is_all_that_is_left_of_a_party_is_asked_on_its_holders_page(
    client: FlaskClient, app: Flask, evening: Evening, at: Callable[[datetime], None]
) -> None:
    evening.join(KARIM)
    lucie = evening.join(LUCIE, size=2, accept_partial=True)[0]
    evening.set_limit(3, now=NOW)
    with evening.database.reading() as session:
        (part,) = queries.parts_of(session, lucie)
    evening.leave(lucie, now=NOW)
    evening.ask(now=FIRST)
    at(FIRST)
    own = path(evening, lucie)

    (values,) = forms(client.get(own).text, "/reconfirmation")
    client.post(f"{own}/reconfirmation", data=values)

    assert evening.asked == ["Karim", "Lucie"]
    assert f"Répondre sur ma page : http://127.0.0.1:8000{own}" in letters(app, evening)[1][1]
    assert evening.row(part).reconfirmed_at == FIRST


def test_a_page_asks_nothing_of_who_is_inside_nor_from_doors_on_nor_of_an_event_put_off(
    client: FlaskClient, evening: Evening, at: Callable[[datetime], None]
) -> None:
    karim, lucie = evening.join(KARIM, LUCIE)
    evening.ask(now=FIRST)
    evening.enter(lucie)
    at(FIRST)

    def asks(registration: Registration) -> bool:
        return "Venez-vous toujours" in plain(client.get(path(evening, registration)).text)

    seen = [asks(karim), asks(lucie)]
    at(DOORS)
    seen.append(asks(karim))
    at(FIRST)
    evening.change(state="postponed")
    seen.append(asks(karim))

    assert seen == [True, False, False, False]


def test_an_answer_that_nobody_asked_for_is_refused_with_a_sentence(
    client: FlaskClient, evening: Evening, at: Callable[[datetime], None]
) -> None:
    karim = evening.join(KARIM)[0]
    at(FIRST)

    answer = client.post(f"{path(evening, karim)}/reconfirmation", data={"version": "1", "part": ""})
    nonsense = client.post(f"{path(evening, karim)}/reconfirmation", data={"version": "x"})

    assert (answer.status_code, nonsense.status_code) == (409, 422)
    assert "On ne vous a pas encore demandé si vous venez toujours" in plain(answer.text)


@pytest.fixture
def ines(client: FlaskClient, evening: Evening) -> FlaskClient:
    with evening.database.writing() as session:
        user, _actor = factories.member(session, organiser_id=evening.house.organiser.id, character=INES, role=Role.OWNER)
        user.language = "fr"
        secret = begin(session, user=user, label="test", now=FIRST)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def test_the_control_room_says_how_many_come_and_how_many_are_silent(
    ines: FlaskClient, evening: Evening, at: Callable[[datetime], None], statements: list[str]
) -> None:
    evening.set_limit(4, now=NOW)
    karim = evening.join(KARIM, size=2)[0]
    evening.join(LUCIE, MARC)
    at(FIRST)

    def said() -> str:
        statements.clear()
        return plain(ines.get("/backoffice/events/grand-opening").text)

    unasked, cost = said(), len(statements)
    evening.ask(now=FIRST)
    silent = said()
    evening.come(karim, now=FIRST)
    answered = said()

    assert "Venez-vous toujours" not in unasked
    assert "« Venez-vous toujours ? » 0 personne a dit oui. 4 personnes n’ont pas répondu." in silent
    assert "« Venez-vous toujours ? » 2 personnes ont dit oui. 2 personnes n’ont pas répondu." in answered
    assert len(statements) <= cost + 1  # the name of who answered, in the journal
    with evening.database.reading() as session:
        counts = queries.counts(session, [evening.event_id])[evening.event_id]
    assert (counts.confirmed, counts.reconfirmed, counts.silent) == (4, 2, 2)


FRENCH = (
    "Un courriel demande aux personnes qui ont une place si elles viennent toujours, le samedi 18 septembre 2027 à 18 h, puis, tant"
    " qu’elles n’ont pas répondu, le mardi 21 septembre 2027 à 18 h et le mercredi 22 septembre 2027 à 18 h."
)
ENGLISH = (
    "Whoever has a seat is asked by mail whether they still come on Saturday 18 September 2027, 18:00, and again, as long as they have"
    " not answered, on Tuesday 21 September 2027, 18:00 and Wednesday 22 September 2027, 18:00."
)


@pytest.mark.parametrize(("language", "sentence"), [("fr", FRENCH), ("en", ENGLISH)])
def test_the_public_reads_when_it_is_asked(client: FlaskClient, evening: Evening, language: str, sentence: str) -> None:
    page = f"/{language}/events/grand-opening/waiting-list"

    asking = plain(re.sub(r"<[^>]+>", " ", client.get(page).text))
    evening.set_rules(rules.DEFAULTS)
    silent = plain(re.sub(r"<[^>]+>", " ", client.get(page).text))

    assert sentence in asking
    assert sentence[:24] not in silent


STRICT = rules.Settings(reconfirm=rules.Reconfirm.STRICT)
CUT = DOORS - 3 * DAY


@pytest.fixture
def strict(database: Database) -> Evening:
    """Two seats, and an organiser who takes them from those who do not answer."""
    evening = Evening(database, limit=2)
    evening.set_rules(STRICT)
    return evening


def all_mailed(evening: Evening, *, at: datetime) -> None:
    """Every mail that asks has left."""
    with evening.database.writing() as session:
        session.execute(update(Message).where(Message.kind == "reconfirm").values(state="sent", sent_at=at))


def test_who_is_asked_strictly_and_does_not_answer_loses_the_seat_to_the_next_in_line(strict: Evening) -> None:
    karim, _lucie, _marc = strict.join(KARIM, LUCIE, MARC)
    asks = [strict.ask(now=DOORS - before * DAY) for before in (8, 6)]
    strict.come(karim, now=DOORS - 5 * DAY)
    asks.append(strict.ask(now=DOORS - 4 * DAY))
    all_mailed(strict, at=DOORS - 4 * DAY)

    strict.tend(now=CUT - SECOND)
    assert strict.states == [("Karim", "confirmed", 1), ("Lucie", "confirmed", 1), ("Marc", "waitlisted", 1)]
    strict.tend(now=CUT)
    strict.tend(now=CUT)

    assert asks == [2, 2, 1]
    assert strict.states == [("Karim", "confirmed", 1), ("Lucie", "expired", 1), ("Marc", "offered", 1)]
    assert strict.mails[-2:] == [("Lucie", "expired"), ("Marc", "offered")]
    assert [one.facts.get("cut_at") for one in strict.questions] == [CUT.isoformat()] * 5
    assert strict.books == (2, 2, 2)


def test_a_late_worker_cuts_at_the_hour_that_was_printed(strict: Evening) -> None:
    strict.join(KARIM, LUCIE)
    strict.ask(now=DOORS - 4 * DAY)
    all_mailed(strict, at=DOORS - 4 * DAY)

    strict.tend(now=CUT + 5 * HOUR)

    with strict.database.reading() as session:
        rows = queries.all_registrations(session, strict.event_id)
    assert [(row.state, row.cause, row.changed_at) for row in rows] == [("expired", "silent", CUT)] * 2


def test_an_answer_after_the_cut_comes_too_late_and_one_may_register_again(strict: Evening) -> None:
    karim, _lucie, _marc = strict.join(KARIM, LUCIE, MARC)
    strict.ask(now=DOORS - 4 * DAY)
    all_mailed(strict, at=DOORS - 4 * DAY)

    with pytest.raises(Refused, match=r"reconfirm\.not_seated"):
        strict.come(karim, now=CUT)
    strict.tend(now=CUT)

    (again,) = strict.join(KARIM, now=CUT + HOUR)
    assert strict.row(karim).state == "expired"
    assert again.state == "confirmed"  # Lucie's seat: Marc has been offered the other


def test_silence_costs_nothing_to_who_registered_before_that_was_published(evening: Evening) -> None:
    evening.join(KARIM)
    evening.set_rules(STRICT, now=NOW + HOUR)
    evening.join(LUCIE, now=NOW + 2 * HOUR)
    evening.ask(now=DOORS - 4 * DAY)
    all_mailed(evening, at=DOORS - 4 * DAY)

    evening.tend(now=CUT)

    assert evening.states == [("Karim", "confirmed", 1), ("Lucie", "expired", 1)]
    assert [(one.name.split()[0], "cut_at" in one.facts) for one in evening.questions] == [("Karim", False), ("Lucie", True)]


def test_silence_costs_nothing_where_it_was_never_strict_or_is_no_more(evening: Evening) -> None:
    evening.join(KARIM)
    evening.set_rules(STRICT, now=NOW + HOUR)
    evening.join(LUCIE, now=NOW + 2 * HOUR)
    evening.set_rules(SOFT, now=NOW + 3 * HOUR)
    evening.ask(now=DOORS - 5 * DAY)
    all_mailed(evening, at=DOORS - 5 * DAY)

    evening.tend(now=CUT)

    assert evening.states == [("Karim", "confirmed", 1), ("Lucie", "confirmed", 1)]


def test_who_was_not_asked_whose_mail_has_not_left_or_who_is_inside_keeps_the_seat(database: Database) -> None:
    evening = Evening(database, limit=4)
    evening.set_rules(STRICT)
    karim, _lucie = evening.join(KARIM, LUCIE)
    evening.ask(now=DOORS - 4 * DAY)
    all_mailed(evening, at=DOORS - 4 * DAY)
    evening.enter(karim)
    evening.join(MARC, now=DOORS - 4 * DAY + HOUR)  # after the last question
    with evening.database.writing() as session:  # and one whose mail is still with us
        session.execute(update(Message).where(Message.name.startswith("Lucie")).values(state="queued", sent_at=None))

    evening.tend(now=CUT)

    assert evening.states == [("Karim", "confirmed", 1), ("Lucie", "confirmed", 1), ("Marc", "confirmed", 1)]


def test_the_mail_and_the_page_say_when_silence_costs_the_seat(app: Flask, client: FlaskClient, strict: Evening) -> None:
    (karim,) = strict.join(KARIM)
    strict.ask(now=DOORS - 8 * DAY)
    [asked] = strict.questions
    with app.app_context():
        letter = letter_for(asked)
    assert letter is not None
    body = letter.get_body(("plain",))
    assert body is not None
    sentence = "Sans réponse de votre part avant le lundi 20 septembre 2027 à 18 h, heure locale, votre place passe à la personne suivante."

    page = html.unescape(client.get(f"/fr/registrations/{link_token(KEYS, karim.identity, karim.serial)}").text)

    assert sentence in " ".join(body.get_content().replace("\u00a0", " ").split())
    assert sentence in " ".join(page.replace("\u00a0", " ").split())
    rules_page = html.unescape(client.get("/fr/events/grand-opening/waiting-list").text).replace("\u00a0", " ")
    assert "Sans réponse le lundi 20 septembre 2027 à 18 h, la place est perdue" in rules_page
