"""Mails through a real SMTP server: what arrives, what is tried again, what is given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import icalendar
import pytest
import zxingcpp
from aiosmtpd.controller import Controller
from flask import Flask
from PIL import Image
from sqlalchemy import select

from eventapp.app import create_app
from eventapp.lib import web
from eventapp.lib.db import Database
from eventapp.messages.models import Message
from eventapp.people.rules import ANONYMOUS
from eventapp.registration import actions
from eventapp.tickets import rules as tickets
from eventapp.worker import loop, mail
from tests.cast import KARIM, LUCIE, MARC, NORA
from tests.factories import NOW, House
from tools.stage import free_port


class Server:
    """A mail server that keeps what it gets, and answers as told."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        if self.answer.startswith("250"):
            letter = message_from_bytes(envelope.content, policy=policy.default)  # type: ignore[attr-defined]
            self.letters.append(letter)  # type: ignore[arg-type]
        return self.answer


@pytest.fixture
def server() -> Iterator[tuple[Server, int]]:
    handler = Server()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def posted(database_url: str, settings_for: object, server: tuple[Server, int]) -> Iterator[tuple[Flask, Server]]:
    app = create_app(settings_for(database_url, SMTP_URL=f"smtp://127.0.0.1:{server[1]}"))  # type: ignore[operator]
    with app.app_context():
        yield app, server[0]
    app.extensions["eventapp"].database.close()


def states(database: Database) -> list[tuple[str, int]]:
    with database.reading() as session:
        return [(row.state, row.attempts) for row in session.scalars(select(Message).order_by(Message.id))]


def test_a_confirmed_guest_receives_a_ticket_that_scans(posted: tuple[Flask, Server], database: Database) -> None:
    house = House(database)
    outcome = house.register(KARIM)

    loop.run(once=True)

    [letter] = posted[1].letters
    assert (letter["X-Eventapp-Kind"], letter["X-Eventapp-Registration"]) == ("confirmed", outcome.registration.public_id)
    assert letter["To"].addresses[0].addr_spec == KARIM.email
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    with database.reading() as session:
        from eventapp.registration import queries

        [(_attendee, ticket)] = queries.attendees_of(session, [outcome.registration.id])[outcome.registration.id]
    token = tickets.token(house.keys.ticket, ticket.identity, ticket.serial)
    shown = tickets.display_human(tickets.human(token))
    assert shown in text.get_content()
    assert shown in html.get_content()
    assert f"/registrations/{outcome.token}" in text.get_content()
    [picture] = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    from io import BytesIO

    with Image.open(BytesIO(picture.get_payload(decode=True))) as image:  # type: ignore[arg-type]
        read = zxingcpp.read_barcodes(image)
    assert [code.text for code in read] == [f"HTTP://127.0.0.1:8000/T/{tickets.text(token)}"]
    [calendar] = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    [event] = icalendar.Calendar.from_ical(calendar.get_content()).walk("VEVENT")
    assert event["SUMMARY"] == "Grand Opening"
    assert event["DTSTART"].dt == house.event.starts_at


def test_each_kind_of_mail_can_be_rendered_in_both_languages(posted: tuple[Flask, Server], database: Database) -> None:
    house = House(database)
    karim = house.register(KARIM, size=2).registration
    house.register(LUCIE)
    house.register(MARC)
    nora = house.register(NORA).registration
    with database.writing() as session:
        actions.correct(
            session,
            event_id=house.event.id,
            registration_id=nora.id,
            first_name="Nora",
            last_name="Modèle",
            email="nora.modele@demo.test",
            keys=house.keys,
            actor=ANONYMOUS,
            now=NOW,
        )
    with database.reading() as session:
        from eventapp.registration import queries

        second = queries.attendees_of(session, [karim.id])[karim.id][1][0]
    with database.writing() as session:
        actions.give_back(
            session,
            event_id=house.event.id,
            registration_id=karim.id,
            attendee_ids=(second.id,),
            by_organiser=False,
            actor=ANONYMOUS,
            now=NOW,
        )
    with database.writing() as session:
        actions.give_back(
            session, event_id=house.event.id, registration_id=karim.id, reason="Doublon", by_organiser=True, actor=ANONYMOUS, now=NOW
        )
    with database.writing() as session:
        lucie = queries.live_registration(session, house.event.id, LUCIE.email)
        assert lucie is not None
        actions.send_link(session, registration=lucie, event=queries.event_of(session, lucie), now=NOW)
        lucie_id = lucie.id
    with database.writing() as session:
        actions.revoke(session, event_id=house.event.id, registration_id=lucie_id, reason="Erreur de saisie", actor=ANONYMOUS, now=NOW)
    with database.writing() as session:
        actions.postpone(session, event_id=house.event.id, reason="Mistral", actor=ANONYMOUS, now=NOW)
    with database.writing() as session:
        actions.call_off(session, event_id=house.event.id, reason="Mistral", actor=ANONYMOUS, now=NOW)
    with database.reading() as session:
        rows = list(session.scalars(select(Message).order_by(Message.id)))

    kinds = set()
    for row in rows:
        for language in ("fr", "en"):
            row.language = language
            letter = mail.letter_for(row)
            assert letter is not None
            assert letter["Subject"]
            kinds.add(row.kind)
            for part in ("plain", "html"):
                body = letter.get_body((part,))
                assert body is not None
                assert "{{" not in body.get_content()
                assert "None" not in body.get_content()

    assert kinds == {
        "confirmed",
        "waitlisted",
        "promoted",
        "corrected",
        "resized",
        "cancelled",
        "link",
        "revoked",
        "postponed",
        "called_off",
    }


def test_a_server_that_asks_for_patience_gets_the_same_mail_later(posted: tuple[Flask, Server], database: Database) -> None:
    House(database).register(KARIM)
    posted[1].answer = "451 later"
    mail.deliver_due(now=NOW)
    assert states(database) == [("queued", 1)]

    posted[1].answer = "250 OK"
    assert mail.deliver_due(now=NOW + timedelta(seconds=9)) == 0
    assert mail.deliver_due(now=NOW + timedelta(seconds=11)) == 1

    assert states(database) == [("sent", 2)]
    with database.reading() as session:
        [row] = session.scalars(select(Message))
    assert [letter["Message-ID"] for letter in posted[1].letters] == [f"<{row.public_id}@{web.settings().host}>"]


def test_a_mail_refused_for_good_is_shown_and_not_tried_again(posted: tuple[Flask, Server], database: Database) -> None:
    House(database).register(KARIM)
    posted[1].answer = "550 no such user"

    loop.run(once=True)

    assert states(database) == [("failed", 1)]
    assert posted[1].letters == []


def test_a_lease_of_a_dead_worker_ends_after_a_minute(posted: tuple[Flask, Server], database: Database) -> None:
    from eventapp.messages import actions as messages

    House(database).register(KARIM)
    with database.writing() as session:
        [taken] = messages.claim(session, lease="dead", limit=10, now=NOW)

    assert mail.deliver_due(now=NOW + timedelta(seconds=59)) == 0
    assert mail.deliver_due(now=NOW + timedelta(seconds=61)) == 1

    assert states(database) == [("sent", 2)]
    with database.writing() as session:  # the dead one wakes up: its word counts no more
        assert messages.sent(session, message_id=taken.id, lease="dead", now=NOW) is False


def test_two_workers_never_take_the_same_mail(database: Database) -> None:
    from eventapp.messages import actions as messages

    house = House(database)
    for character in (KARIM, LUCIE, MARC):
        house.register(character)

    with database.writing() as session:
        first = messages.claim(session, lease="a", limit=2, now=NOW)
    with database.writing() as session:
        second = messages.claim(session, lease="b", limit=10, now=NOW)

    assert ([row.id for row in first], [row.id for row in second]) == ([1, 2], [3])


@pytest.mark.trust("F-8")
def test_a_mail_server_that_is_away_is_asked_once_a_batch(
    posted: tuple[Flask, Server], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of twenty mails once waited ten seconds for a server that said nothing, past the end of their lease."""
    house = House(database)
    for character in (KARIM, LUCIE, MARC):
        house.register(character)
    asked = []

    def away(_url: str, _letter: EmailMessage) -> None:
        asked.append(1)
        raise mail.smtp.Unreachable("the mail server cannot be reached: TimeoutError")

    with monkeypatch.context() as patch:
        patch.setattr(mail.smtp, "deliver", away)
        claimed = mail.deliver_due(now=NOW)

    assert (claimed, len(asked), states(database)) == (3, 1, [("queued", 1)] * 3)
    assert mail.deliver_due(now=NOW + timedelta(seconds=11)) == 3
    assert states(database) == [("sent", 2)] * 3


@pytest.mark.trust("F-2")
def test_a_slow_batch_leaves_the_rest_to_another_lease(
    posted: tuple[Flask, Server], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(database)
    for character in (KARIM, LUCIE, MARC):
        house.register(character)
    times = iter([0.0, 0.0, 31.0])

    with monkeypatch.context() as patch:
        patch.setattr(mail, "monotonic", lambda: next(times))
        mail.deliver_due(now=NOW)

    assert states(database) == [("sent", 1), ("leased", 1), ("leased", 1)]
    assert mail.deliver_due(now=NOW + timedelta(seconds=61)) == 2
    assert states(database) == [("sent", 1), ("sent", 2), ("sent", 2)]
