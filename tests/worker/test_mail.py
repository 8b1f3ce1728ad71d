"""Mails through a real SMTP server: what arrives, what is tried again, what is given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import icalendar
import pytest
import zxingcpp
from aiosmtpd.controller import Controller
from flask import Flask
from PIL import Image
from sqlalchemy import select, update

from eventapp.app import create_app
from eventapp.lib import web
from eventapp.lib.db import Database
from eventapp.messages import queries as messages
from eventapp.messages.models import Message
from eventapp.people.rules import ANONYMOUS, OPERATOR
from eventapp.registration import actions, queries, rules
from eventapp.registration.models import Registration
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


def test_each_mail_speaks_the_language_of_its_reader_whoever_was_written_to_before(
    posted: tuple[Flask, Server], database: Database
) -> None:
    house = House(database)
    for language, who in (("fr", KARIM), ("en", LUCIE), ("fr", MARC)):
        house.register(who, language=language)

    loop.run(once=True)

    assert sorted(str(letter["Subject"]) for letter in posted[1].letters) == [
        "Vous avez une place\u00a0: Grand Opening",
        "Vous avez une place\u00a0: Grand Opening",
        "You have a seat: Grand Opening",
    ]


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
            if row.address == NORA.email and not row.facts.get("old"):  # the registration is not this address's any more
                assert letter is None
                continue
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


def offered(house: House) -> Registration:
    """Lucie is offered the seat that Karim gives back on the Sunday before, at noon in Paris: by Monday 21 h."""
    karim = house.register(KARIM).registration
    lucie = house.register(LUCIE).registration
    with house.database.writing() as session:
        actions.give_back(session, event_id=house.event.id, registration_id=karim.id, by_organiser=False, actor=ANONYMOUS, now=SUNDAY)
    return known(house.database, lucie.public_id)


def known(database: Database, public_id: str) -> Registration:
    with database.reading() as session:
        row = queries.registration_by_public_id(session, public_id)
    assert row is not None
    return row


def paced(monkeypatch: pytest.MonkeyPatch, app: Flask, now: datetime) -> None:
    """Let the clock of this process stand here."""
    with app.app_context():
        monkeypatch.setattr(web.edge(), "clock", lambda: now)


SUNDAY = datetime(2027, 9, 19, 8, 0, tzinfo=UTC)
LATE = SUNDAY + timedelta(hours=6)


@pytest.fixture
def offer(posted: tuple[Flask, Server], database: Database) -> Registration:
    """An offer whose mail, the last of the outbox, has not left."""
    row = offered(House(database, limit=1))
    with database.writing() as session:
        session.execute(update(Message).where(Message.kind != "offered").values(state="sent"))
    return row


@pytest.mark.trust("F-10")
def test_the_clock_of_an_invitation_starts_when_its_mail_has_left(
    posted: tuple[Flask, Server], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(database)
    asked = actions.Invitation(
        key="1",
        ticket_type_id=house.type.id,
        first_name=LUCIE.first_name,
        last_name=LUCIE.last_name,
        email=LUCIE.email,
        language="fr",
        days=1,
    )
    with database.writing() as session:
        made = actions.invite(session, event_id=house.event.id, invitation=asked, keys=house.keys, actor=ANONYMOUS, now=SUNDAY)
    paced(monkeypatch, posted[0], LATE)

    mail.deliver_due(now=LATE)

    [letter] = posted[1].letters
    row = known(database, made.registration.public_id)
    assert (row.started_at, row.expires_at) == (LATE, LATE + timedelta(days=1))
    assert letter["X-Eventapp-Kind"] == "invited"
    body = letter.get_body(("plain",))
    assert body is not None
    assert "jusqu’au lundi 20 septembre 2027 à 16\u00a0h, heure du lieu" in body.get_content()


@pytest.mark.trust("F-10")
def test_the_clock_of_an_offer_starts_when_its_mail_has_left(
    posted: tuple[Flask, Server], database: Database, offer: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = offer.answer_by
    paced(monkeypatch, posted[0], LATE)

    mail.deliver_due(now=LATE)

    [letter] = posted[1].letters
    row = known(database, offer.public_id)
    assert (offer.state, offer.started_at) == ("offered", None)
    assert (row.started_at, row.expires_at) == (LATE, row.answer_by)
    assert printed is not None
    assert row.answer_by is not None
    assert row.answer_by > printed  # the mail waited for six hours: so did the clock
    assert letter["X-Eventapp-Kind"] == "offered"
    body = letter.get_body(("plain",))
    assert body is not None
    hour = row.answer_by.astimezone(ZoneInfo("Europe/Paris"))
    shown = f"{hour.hour}\u00a0h" + (f"\u00a0{hour.minute:02}" if hour.minute else "")
    assert f"{hour.day} septembre 2027 à {shown}, heure du lieu" in body.get_content()


@pytest.mark.trust("F-10")
def test_an_offer_whose_mail_is_refused_for_good_starts_as_well(
    posted: tuple[Flask, Server], database: Database, offer: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    paced(monkeypatch, posted[0], LATE)
    posted[1].answer = "550 no such user"

    mail.deliver_due(now=LATE)

    assert states(database)[-1] == ("failed", 1)
    assert known(database, offer.public_id).started_at == LATE


@pytest.mark.trust("F-10")
def test_an_offer_does_not_start_while_its_mail_waits_for_the_server(
    posted: tuple[Flask, Server], database: Database, offer: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    paced(monkeypatch, posted[0], LATE)
    posted[1].answer = "451 later"

    mail.deliver_due(now=LATE)
    waiting = known(database, offer.public_id)
    posted[1].answer = "250 OK"
    paced(monkeypatch, posted[0], LATE + timedelta(hours=1))
    mail.deliver_due(now=LATE + timedelta(hours=1))

    assert (waiting.state, waiting.started_at) == ("offered", None)
    assert known(database, offer.public_id).started_at == LATE + timedelta(hours=1)


@pytest.mark.trust("F-10")
def test_a_worker_that_dies_before_it_settles_leaves_the_offer_unstarted(
    posted: tuple[Flask, Server], database: Database, offer: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail may have arrived; it is sent again, with the same Message-ID, and the clock starts then."""
    paced(monkeypatch, posted[0], LATE)

    def dies(*_args: object, **_values: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mail.registration_actions, "started", dies)
        with pytest.raises(KeyboardInterrupt):
            mail.deliver_due(now=LATE)
    died = known(database, offer.public_id)
    mail.deliver_due(now=LATE + timedelta(minutes=2))

    assert died.started_at is None
    assert states(database)[-1] == ("sent", 2)
    assert known(database, offer.public_id).started_at == LATE
    assert len({letter["Message-ID"] for letter in posted[1].letters}) == 1


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


def asking(house: House) -> House:
    with house.database.writing() as session:
        settings = rules.Settings(verify_address=True)
        actions.set_allocation(session, event_id=house.event.id, settings=settings, actor=OPERATOR, now=NOW)
    return house


@pytest.mark.trust("RATE-3")
def test_five_mails_a_day_reach_an_address_that_never_gave_a_proof(
    posted: tuple[Flask, Server], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    houses = [asking(House(database, slug=f"soir-{number}")) for number in range(7)]
    parties = [house.register(LUCIE, email=f"lucie+{house.event.slug}@demo.test").registration for house in houses]

    loop.run(once=True)
    loop.run(once=True)
    first_day = len(posted[1].letters)
    with database.reading() as session:
        started = [session.get_one(Registration, party.id).started_at for party in parties]
        health = messages.oldest_unsent(session)
    monkeypatch.setattr(posted[0].extensions["eventapp"], "clock", lambda: NOW + timedelta(days=1, minutes=1))
    loop.run(once=True)

    assert first_day == 5
    assert [at is None for at in started] == [False] * 5 + [True] * 2
    assert health is None
    assert [letter["X-Eventapp-Kind"] for letter in posted[1].letters].count("verify") == 7


@pytest.mark.trust("RATE-3")
def test_once_the_address_has_been_proved_all_its_mails_leave(posted: tuple[Flask, Server], database: Database) -> None:
    houses = [asking(House(database, slug=f"soir-{number}")) for number in range(6)]
    first, *_others = [house.register(LUCIE).registration for house in houses]
    stranger = asking(House(database)).register(MARC).registration
    loop.run(once=True)
    before = len(posted[1].letters)

    with database.writing() as session:
        later = NOW + timedelta(minutes=1)
        actions.verify(session, event_id=houses[0].event.id, registration_id=first.id, actor=ANONYMOUS, now=later)
    with database.writing() as session:
        session.execute(update(Message).where(Message.due_at == later).values(due_at=NOW))
    loop.run(once=True)

    kinds = [(letter["To"].addresses[0].addr_spec, letter["X-Eventapp-Kind"]) for letter in posted[1].letters]
    assert before == 6
    assert sorted(kinds[6:]) == [(LUCIE.email, "confirmed"), (LUCIE.email, "verify")]
    assert kinds.count((stranger.email, "verify")) == 1


def passed_on(house: House, registration: Registration, *, position: int) -> None:
    """Paul comes in a place of this party."""
    wanted = actions.Transfer(
        key="k" * 22, public_id=registration.public_id, position=position, first_name="Paul", last_name="Inconnu", email="paul@demo.test"
    )
    with house.database.writing() as session:
        actions.transfer(session, event_id=house.event.id, transfer=wanted, keys=house.keys, actor=ANONYMOUS, now=NOW)


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.trust("TOK-1", "OUT-6")
def test_who_gets_a_place_has_its_ticket_and_who_gave_it_has_no_link(posted: tuple[Flask, Server], database: Database) -> None:
    house = House(database)
    karim = house.register(KARIM).registration
    mail.deliver_due(now=NOW)
    posted[1].letters.clear()

    passed_on(house, karim, position=1)
    mail.deliver_due(now=NOW)

    letters = {str(letter["To"]): letter for letter in posted[1].letters}
    giver, taker = letters["Karim Exemple <karim@demo.test>"], letters["Paul Inconnu <paul@demo.test>"]
    assert (giver["Subject"], taker["Subject"]) == ("La place est cédée\u00a0: Grand Opening", "Vous avez une place\u00a0: Grand Opening")
    assert "Paul vient à la place" in text_of(giver)
    assert "Inconnu" not in text_of(giver)
    assert "http" not in text_of(giver)
    assert [part.get_content_type() for part in giver.walk() if not part.is_multipart()] == ["text/plain", "text/html"]
    assert "/not-me" in text_of(taker)
    assert "Karim" not in text_of(taker)
    assert {"image/png", "text/calendar"} <= {part.get_content_type() for part in taker.walk()}


def test_who_gave_one_of_several_places_keeps_the_link_to_the_others(posted: tuple[Flask, Server], database: Database) -> None:
    house = House(database)
    karim = house.register(KARIM, size=2).registration
    mail.deliver_due(now=NOW)
    posted[1].letters.clear()

    passed_on(house, karim, position=2)
    mail.deliver_due(now=NOW)

    giver = next(letter for letter in posted[1].letters if "karim" in str(letter["To"]))
    assert "Une place reste la vôtre." in text_of(giver)
    assert "/registrations/" in text_of(giver)
    assert "text/calendar" not in {part.get_content_type() for part in giver.walk()}


def test_a_mail_that_was_late_shows_nobody_the_ticket_of_another(posted: tuple[Flask, Server], database: Database) -> None:
    house = House(database)
    karim = house.register(KARIM).registration  # its mail has not left

    passed_on(house, karim, position=1)
    mail.deliver_due(now=NOW)

    assert sorted((str(letter["To"]), letter["X-Eventapp-Kind"]) for letter in posted[1].letters) == [
        ("Karim Exemple <karim@demo.test>", "transferred"),
        ("Paul Inconnu <paul@demo.test>", "transferred"),
    ]
