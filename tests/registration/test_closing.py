"""An hour after the end what still waits ends, each party is told once, and seats change no more; on real databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventapp.events.models import Event
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import link_token
from eventapp.messages.models import Message
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions, queries
from eventapp.registration.models import Registration
from eventapp.worker.mail import letter_for
from tests.cast import KARIM, LUCIE, MARC, NORA, PAUL
from tests.factories import KEYS, NOW
from tests.registration.line import DOORS, HOUR, MORNING, Line

SECOND = timedelta(seconds=1)
END = DOORS + 5 * HOUR
CLOSE = END + HOUR


class Evening(Line):
    """A line before one seat, and what the worker does when the evening is over."""

    def close(self, *, now: Any = CLOSE) -> int:
        with self.database.writing() as session:
            return actions.close(session, event_id=self.event_id, now=now)

    def change(self, **values: Any) -> None:
        """What an organiser has changed about the event."""
        with self.database.writing() as session:
            event = session.get_one(Event, self.event_id)
            for name, value in values.items():
                setattr(event, name, value)

    def decide(self) -> int:
        """A ticket type of the same seats about which the organiser decides."""
        with self.database.writing() as session:
            more = {"event_id": self.event_id, "quota_ids": [self.house.quota.id], "approval": True, "actor": OPERATOR, "now": NOW}
            return actions.create_ticket_type(session, slug="atelier", name={"fr": "Atelier"}, **more).id

    def telling(self) -> list[tuple[str, str]]:
        """First name and who is spoken to, of each mail that tells of the end."""
        with self.database.reading() as session:
            rows = session.scalars(select(Message).where(Message.kind == "expired").order_by(Message.id))
            return [(row.name.split()[0], row.facts.get("who", "")) for row in rows]


@pytest.fixture
def evening(database: Database) -> Evening:
    return Evening(database)


def test_what_waits_ends_an_hour_after_the_end_and_each_is_told_once(evening: Evening) -> None:
    _karim, lucie, _marc = evening.join(KARIM, LUCIE, MARC)

    early = evening.close(now=CLOSE - SECOND)
    before = evening.states
    ended = evening.close()

    assert (early, ended) == (0, 2)
    assert [state for _name, state, _size in before] == ["confirmed", "waitlisted", "waitlisted"]
    assert evening.states == [("Karim", "confirmed", 1), ("Lucie", "expired", 1), ("Marc", "expired", 1)]
    assert evening.telling() == [("Lucie", "party"), ("Marc", "party")]
    assert (evening.row(lucie).cause, evening.row(lucie).changed_at) == ("closed", CLOSE)
    assert evening.books == (1, 1, 1)
    with evening.database.reading() as session:
        assert queries.shapes(session, evening.event_id) == {}


def test_closing_again_or_late_changes_nothing(evening: Evening) -> None:
    evening.join(KARIM, LUCIE)
    evening.close(now=CLOSE + 3 * HOUR)
    before = evening.dump()

    again = [evening.close(now=now) for now in (CLOSE, CLOSE + 3 * HOUR, CLOSE + timedelta(days=9))]
    evening.tend(now=CLOSE + 3 * HOUR)

    assert again == [0, 0, 0]
    assert evening.dump() == before


def test_who_was_not_decided_about_is_told_so(evening: Evening) -> None:
    kind_id = evening.decide()
    evening.join(PAUL, ticket_type_id=kind_id)

    evening.close()

    assert evening.states == [("Paul", "expired", 1)]
    assert evening.telling() == [("Paul", "applied")]


def test_an_offer_whose_hour_the_event_has_overtaken_ends_and_frees_its_seat(evening: Evening) -> None:
    karim = evening.join(KARIM, LUCIE)[0]
    evening.leave(karim, now=MORNING)
    evening.change(doors_at=MORNING - 5 * HOUR, starts_at=MORNING - 4 * HOUR, ends_at=MORNING - HOUR)

    evening.close(now=MORNING)

    assert evening.states == [("Karim", "cancelled", 1), ("Lucie", "expired", 1)]
    assert evening.books == (0, 0, 0)


def test_an_offer_that_nobody_ended_in_time_brings_one_mail(evening: Evening) -> None:
    """The worker stood still: who is to be told of the end is not told first of a place in a line that is gone."""
    karim, lucie = evening.join(KARIM, LUCIE)
    evening.leave(karim, now=MORNING)
    evening.mailed(lucie, now=MORNING)

    evening.tend(now=CLOSE)
    evening.close()

    assert evening.mails[-2:] == [("Lucie", "offered"), ("Lucie", "expired")]
    assert evening.telling() == [("Lucie", "party")]
    assert evening.row(lucie).cause == "closed"


def test_those_of_a_party_who_still_wait_are_spoken_of_apart(evening: Evening) -> None:
    karim = evening.join(KARIM)[0]
    evening.join(LUCIE, size=3, accept_partial=True)
    evening.leave(karim, now=NOW + HOUR)

    evening.close()

    assert sorted(evening.states) == [("Karim", "cancelled", 1), ("Lucie", "confirmed", 1), ("Lucie", "expired", 2)]
    assert evening.telling() == [("Lucie", "part")]


def test_a_party_all_of_whose_parts_wait_is_told_once(evening: Evening) -> None:
    karim = evening.join(KARIM)[0]
    lucie = evening.join(LUCIE, size=2, accept_partial=True)[0]
    evening.leave(karim, now=NOW + HOUR)
    evening.set_limit(0, now=NOW + 2 * HOUR)
    evening.do(actions.revoke, lucie, now=NOW + 3 * HOUR, reason="Salle réduite.")

    evening.close()

    assert sorted(evening.states) == [("Karim", "cancelled", 1), ("Lucie", "expired", 1), ("Lucie", "expired", 1)]
    assert evening.telling() == [("Lucie", "party")]


@pytest.mark.parametrize(("after", "told"), [(timedelta(days=1), 1), (timedelta(days=1) + SECOND, 0)])
def test_days_after_the_end_nobody_is_written_to(evening: Evening, after: timedelta, told: int) -> None:
    evening.join(KARIM, LUCIE)

    ended = evening.close(now=END + after)

    assert (ended, len(evening.telling())) == (1, told)


def test_what_waits_for_an_event_in_the_archive_ends_too(evening: Evening) -> None:
    evening.join(KARIM, LUCIE)
    evening.change(state="archived")

    evening.close(now=END + timedelta(days=400))

    assert evening.states[1] == ("Lucie", "expired", 1)
    assert evening.telling() == []


@pytest.mark.parametrize("state", ["draft", "postponed"])
def test_an_event_that_is_not_taking_place_is_not_closed(evening: Evening, state: str) -> None:
    lucie = evening.join(KARIM, LUCIE)[1]
    evening.change(state=state)

    ended = evening.close()
    evening.leave(lucie, now=CLOSE)

    assert ended == 0
    assert evening.states[1] == ("Lucie", "cancelled", 1)


def test_five_hundred_end_in_one_transaction(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    evening.join(KARIM, LUCIE, MARC, NORA)
    monkeypatch.setattr("eventapp.registration.queries.closing.DUE_AT_ONCE", 2)

    slices = [evening.close() for _ in range(3)]

    assert slices == [2, 1, 0]
    assert evening.telling() == [("Lucie", "party"), ("Marc", "party"), ("Nora", "party")]


def give_back(evening: Evening, karim: Registration, lucie: Registration, now: Any) -> None:
    evening.leave(karim, now=now)


def leave_the_line(evening: Evening, karim: Registration, lucie: Registration, now: Any) -> None:
    evening.leave(lucie, now=now)


def wish(evening: Evening, karim: Registration, lucie: Registration, now: Any) -> None:
    evening.do(actions.wish, lucie, now=now, auto_until="freeze", accept_partial=False)


def revoke(evening: Evening, karim: Registration, lucie: Registration, now: Any) -> None:
    evening.do(actions.revoke, karim, now=now, reason="Erreur.")


def set_limit(evening: Evening, karim: Registration, lucie: Registration, now: Any) -> None:
    evening.set_limit(9, now=now)


def call_off(evening: Evening, karim: Registration, lucie: Registration, now: Any) -> None:
    with evening.database.writing() as session:
        actions.call_off(session, event_id=evening.event_id, reason="Tempête.", actor=OPERATOR, now=now)


COMMANDS = (give_back, leave_the_line, wish, revoke, set_limit, call_off)


@pytest.mark.parametrize("command", COMMANDS)
def test_from_then_on_no_command_changes_seats(evening: Evening, command: Callable[..., None]) -> None:
    """The clock alone decides: the worker has not come by."""
    karim, lucie = evening.join(KARIM, LUCIE)

    with pytest.raises(Refused) as refused:
        command(evening, karim, lucie, CLOSE)
    seats, states = evening.books, evening.states
    command(evening, karim, lucie, CLOSE - SECOND)

    assert refused.value.code == "event.closed"
    assert states[0] == ("Karim", "confirmed", 1)
    assert seats == (1, 1, 1)


def test_from_then_on_nobody_is_registered_by_hand_either(evening: Evening) -> None:
    by_hand = {"source": "hand", "actor": OPERATOR}
    evening.join(KARIM, now=CLOSE - SECOND, **by_hand)
    evening.set_limit(2, now=CLOSE - SECOND)

    with pytest.raises(Refused) as refused:
        evening.join(LUCIE, now=CLOSE, **by_hand)

    assert refused.value.code == "event.closed"
    assert evening.states == [("Karim", "confirmed", 1)]


def test_a_name_is_still_mended_and_an_event_that_did_not_take_place_is_postponed(evening: Evening) -> None:
    karim = evening.join(KARIM)[0]

    evening.do(actions.correct, karim, now=CLOSE, first_name="Karima", last_name="Exemple", email=KARIM.email, keys=KEYS)
    with evening.database.writing() as session:
        actions.postpone(session, event_id=evening.event_id, reason="Tempête.", actor=OPERATOR, now=CLOSE)

    assert evening.states == [("Karima", "confirmed", 1)]
    assert evening.mails[-1] == ("Karima", "postponed")


def plain(text: str) -> str:
    return " ".join(str(text).replace("\u00a0", " ").replace("\u202f", " ").split())


def letters(app: Flask, evening: Evening) -> list[tuple[str, str]]:
    """Subject and text of each mail that tells of the end."""
    with evening.database.reading() as session:
        rows = list(session.scalars(select(Message).where(Message.kind == "expired").order_by(Message.id)))
    with app.app_context():
        made = [letter_for(row) for row in rows]
    return [(plain(one["Subject"]), plain(one.get_body(("plain",)).get_content())) for one in made if one is not None]  # type: ignore[union-attr]


def test_the_mail_says_that_it_is_over_and_asks_for_nothing(app: Flask, evening: Evening) -> None:
    kind_id = evening.decide()
    karim = evening.join(KARIM)[0]
    evening.join(LUCIE, size=2, accept_partial=True)
    evening.leave(karim, now=NOW + HOUR)
    evening.join(MARC)
    evening.join(PAUL, ticket_type_id=kind_id)

    evening.close()

    (part, of_part), (party, of_party), (applied, of_applied) = letters(app, evening)
    assert (part, party) == ("La liste d’attente est close : Grand Opening",) * 2
    assert applied == "Votre inscription a pris fin : Grand Opening"
    assert "Aucune place n’est revenue aux personnes de votre groupe qui attendaient encore" in of_part
    assert "Aucune place ne vous est revenue, et votre inscription a pris fin : vous n’avez rien à faire." in of_party
    assert "Votre demande est restée sans réponse" in of_applied
    assert not any("à la fin de la liste" in text for text in (of_part, of_party, of_applied))


def page(client: FlaskClient, evening: Evening, registration: Registration) -> str:
    row = evening.row(registration)
    answer = client.get(f"/en/registrations/{link_token(KEYS, row.identity, row.serial)}")
    assert answer.status_code == 200
    return unescape(answer.text)


def test_the_pages_say_so_and_offer_nothing_that_would_be_refused(
    client: FlaskClient, evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    karim, lucie = evening.join(KARIM, LUCIE)
    open_page = page(client, evening, karim)
    evening.close()
    monkeypatch.setattr("eventapp.lib.web.now", lambda: CLOSE)

    seated, ended = page(client, evening, karim), page(client, evening, lucie)

    assert "I give my seat back" in open_page
    assert "I give my seat back" not in seated
    assert "Correct my name" in seated
    assert "The waiting list is closed" in ended
    assert "No seat came to you" in ended
    assert "register again" not in ended
