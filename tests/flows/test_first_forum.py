"""The first forum, from an empty database to the last scan: everybody uses pages and mails alone, without JavaScript, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO

import icalendar
import pypdfium2
import pytest
from click.testing import CliRunner
from flask import Flask
from PIL import Image

from config import Settings
from eventapp.app import create_app
from eventapp.cli.people import setup
from eventapp.cli.state import verify
from tests.browsing import Typed, Upload
from tests.cast import INES, KARIM, LUCIE, MARC, PAUL, Character
from tests.players import Attendee, Organiser, Post, Volunteer, at, seen_code
from tests.worker.test_mail import Server, server  # noqa: F401 - the fixture

MADE = datetime(2027, 9, 1, 10, 0, tzinfo=UTC)
OPENED = datetime(2027, 9, 2, 7, 30, tzinfo=UTC)
LATER = datetime(2027, 9, 20, 8, 0, tzinfo=UTC)  # in the week before, when free seats are offered
DOORS = datetime(2027, 9, 23, 16, 5, tzinfo=UTC)
FIRST_PASSWORD, NEW_PASSWORD = "trombone vert sous la pluie", "quatre harengs dans un tiroir"
ALMA = Character("Alma", "Gazette")
YANIS = Character("Yanis", "Esquisse")
SLUG = "grand-opening"


@pytest.fixture
def app(database_url: str, settings_for: Callable[..., Settings], server: tuple[Server, int]) -> Iterator[Flask]:  # noqa: F811
    application = create_app(settings_for(database_url, SMTP_URL=f"smtp://127.0.0.1:{server[1]}"))
    yield application
    application.extensions["eventapp"].database.close()


@pytest.fixture
def post(app: Flask, server: tuple[Server, int]) -> Post:  # noqa: F811
    return Post(app, server[0].letters)


@pytest.fixture
def ines(app: Flask, post: Post) -> Organiser:
    return Organiser(app, INES, post, language="en")


def picture(colour: str) -> Upload:
    out = BytesIO()
    Image.new("RGB", (320, 320), colour).save(out, "PNG")
    return Upload(f"{colour}.png", out.getvalue())


def printed(app: Flask, command: object) -> str:
    """What an operator reads after a command."""
    with app.app_context():
        answer = CliRunner().invoke(command)  # type: ignore[arg-type]
    assert answer.exit_code == 0, answer.output
    return answer.output.strip()


def makes_her_account(ines: Organiser) -> None:
    ines.browser.visit(printed(ines.app, setup))
    page = ines.send(
        "Make my account",
        {
            "Name of the organiser": "Medinsoft",
            "Your name": ines.name,
            "Your e-mail": ines.email,
            "New password": FIRST_PASSWORD,
            "Language of the back office": "English",
        },
    )
    assert page.heading == "Organiser"
    ines.send("Sign out")
    assert ines.sign_in(FIRST_PASSWORD).heading == "What needs you now"
    assert ines.kinds == []


def plans(ines: Organiser) -> None:
    """A series, an edition, a space with its safety capacity, a draft with its times."""
    ines.follow("Venues and spaces")
    ines.follow("New space")
    ines.send(
        "Keep the space",
        {
            "Name of the venue": "Hôtel Renaissance",
            "Address": "320 avenue Mozart",
            "City": "Aix-en-Provence",
            "Name of the space": "Parvis",
            "Safety capacity": "40",
            "Document it is read in": "Registre de sécurité, page 4",
            "Author of the document": "Commission de sécurité",
            "Date of the document": "2027-01-15",
            "Gates, one on each line": "Nord\nSud",
        },
    )
    ines.follow("Series and editions")
    ines.follow("New series")
    ines.send("Keep the series", {"Name (French)": "French Tech Weeks"})
    ines.follow("Series and editions")
    ines.follow("New edition")
    ines.send("Keep the edition", {"Year": "2027", "Number": "2"})
    ines.follow("Series and editions")
    ines.follow("New event in this edition")
    page = ines.send(
        "Keep as a draft",
        {
            "Title (French)": "Soirée d’ouverture",
            "Title (English)": "Grand Opening",
            "Address of the page": SLUG,
            "Doors open": "2027-09-23T18:00",
            "Starts": "2027-09-23T18:30",
            "Ends": "2027-09-23T23:00",
        },
    )
    assert "The draft is kept. Only your team sees it." in page.words
    ines.slug = SLUG


def completes(ines: Organiser) -> None:
    """Everything the checklist asks for, each from the link that says so."""
    assert ines.missing() == [
        "Your organisation’s legal details are not complete: the law asks for them on every public page.",
        "There is no address for questions.",
        "The event has no place yet.",
        "There is no ticket type: nobody could register.",
    ]
    ines.browser.follow(ines.missing()[0])
    ines.send(
        "Keep these details",
        {
            "Legal name": "Association Medinsoft",
            "Registered office": "1 rue du Port\n13002 Marseille",
            "Telephone": "+33 4 91 00 00 00",
            "E-mail for the public": "contact@demo.test",
            "RNA or SIREN number": "W131000000",
            "Publication director": "Inès Prototype",
            "E-mail for questions about personal data": "donnees@demo.test",
            "Name of the host": "Hébergeur d’exemple",
            "Address of the host": "2 rue du Disque",
            "Telephone of the host": "+33 4 91 00 00 01",
        },
    )
    ines.browser.follow(ines.missing()[0])
    ines.send("Keep these changes", {"E-mail for questions": "contact@demo.test", "Space": "Hôtel Renaissance, Parvis"})
    ines.browser.follow(ines.missing()[0])
    offers_seats(ines)
    assert ines.missing() == []


def offers_seats(ines: Organiser) -> None:
    """Three seats that two ticket types share; one of them has a quota of its own as well."""
    for name, seats in (("Salle", "3"), ("Presse", "1")):
        ines.open("Tickets and seats", "Add a quota")
        ines.send("Add the quota", {"Name": name, "Number of seats": seats})
    for french, english, quotas in (("Entrée", "Admission", ["Salle, 3 seats"]), ("Presse", "Press", ["Salle, 3 seats", "Presse, 1 seat"])):
        ines.open("Tickets and seats", "Add a ticket type")
        ines.send(
            "Add the ticket type",
            {
                "Name (French)": french,
                "Name (English)": english,
                "Seats are taken from": quotas,
                "Registration opens": "2027-09-02T09:00",
                "Registration closes": "2027-09-23T15:00",
                "Largest party": "1",
            },
        )


def announces(ines: Organiser) -> None:
    """A speaker with a portrait, a sponsor with a logo; then the event is public."""
    ines.open("Speakers", "Add a speaker")
    ines.send(
        "Add this speaker",
        {
            "First and last name": "Ada Démo",
            "Role on the day (French)": "Marraine",
            "Portrait": picture("teal"),
            "Credit of the portrait": "Zoé",
        },
    )
    ines.open("Partners", "Add a partner")
    ines.send(
        "Add this partner",
        {
            "Name of the body": "Brasserie fictive",
            "Heading": "With the support of",
            "Sponsor level (French)": "Or",
            "Logo": picture("orange"),
        },
    )
    ines.open("Publication")
    assert "The event is public" in ines.send("Publish").words


def the_public_sees_it(app: Flask, post: Post) -> None:
    """In both languages: who speaks, who carries it, whether one can come; pictures that really open."""
    words = {
        "fr": ("Soirée d’ouverture", "Les inscriptions ne sont pas encore ouvertes"),
        "en": ("Grand Opening", "Registration is not open yet"),
    }
    for language, (title, state) in words.items():
        visitor = Attendee(app, PAUL, post, language=language)
        page = visitor.look_at(SLUG)
        assert page.heading == title
        assert state in page.words
        assert all(name in page.words for name in ("Ada Démo", "Brasserie fictive", "Hôtel Renaissance, Parvis"))
        for address in page.pictures.values():
            with Image.open(BytesIO(visitor.browser.fetch(address).data)) as image:
                image.load()
        assert len(page.pictures) == 2


def seats_in_words(person: Attendee) -> str:
    """What the event's page says of seats, in one or two words."""
    box = next(each for each in person.look_at(SLUG).root.every("p") if each.at.get("class") == "seats__words")
    return box.words


def people_register(app: Flask, karim: Attendee, alma: Attendee, yanis: Attendee, lucie: Attendee, marc: Attendee) -> None:
    """Until it is full; then they wait and know where."""
    assert seats_in_words(karim) == "Places disponibles"
    assert karim.register(SLUG, ticket="Entrée").heading == "Vous avez une place"
    assert seats_in_words(alma) == "Places disponibles"
    assert alma.register(SLUG, ticket="Presse").heading == "Vous avez une place"
    assert yanis.register(SLUG, ticket="Entrée").heading == "Vous avez une place"

    assert seats_in_words(lucie) == "Complet"
    assert lucie.register(SLUG, ticket="Entrée").heading == "Vous êtes 1re dans la liste"
    assert lucie.position == "1re"
    assert seats_in_words(marc) == "Full 1 person waiting"
    assert "You would be 2nd" in marc.browser.visit(marc.browser.page.link("Join the waiting list — 1 person")).words
    marc.register(SLUG, ticket="Admission")
    assert marc.position == "2nd"


def a_ticket_arrives(karim: Attendee) -> None:
    """Plain text, HTML, the QR in it, the eight characters, the date."""
    letter = karim.letter
    assert letter.kind == "confirmed"
    assert letter.link("Voir mon inscription").endswith(karim.own_page)
    code = karim.come_back().root
    human = next(each for each in code.every("figcaption")).words
    assert human in letter.text
    assert human in letter.html
    assert karim.ticket.startswith("HTTP://127.0.0.1:8000/T/T1")
    [calendar] = letter.parts("text/calendar")
    [event] = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    assert event["SUMMARY"] == "Soirée d’ouverture"
    assert event["DTSTART"].dt == datetime(2027, 9, 23, 16, 30, tzinfo=UTC)


def a_seat_goes_to_the_next(yanis: Attendee, lucie: Attendee, marc: Attendee) -> None:
    """In the very request that gives it back: nobody but web pages has done anything yet."""
    assert yanis.give_back().heading == "Vous avez rendu votre place"
    assert lucie.come_back().heading == "Vous avez une place"
    assert (lucie.position, marc.position) == ("", "1st")
    assert lucie.kinds == ["waitlisted", "promoted"]
    assert marc.kinds == ["waitlisted"]
    assert yanis.kinds == ["confirmed", "cancelled"]


def mistakes_are_mended(karim: Attendee, alma: Attendee) -> None:
    """A lost link, a mistyped name, a mistyped address, a ticket on paper."""
    karim.browser.visit("/fr/")
    karim.follow("Find my ticket")
    assert karim.send("Send me my links", {"E-mail address": karim.email.upper()}).heading == "Regardez vos courriels"
    assert karim.letter.kind == "link"
    karim.own_page = karim.browser.visit(karim.letter.link("Voir mon inscription")).path
    karim.correct(first_name=KARIM.first_name)
    assert next(karim.come_back().root.every("h2")).words == "Karim Exemple"

    before, old_page, old_address = alma.ticket, alma.own_page, alma.email
    alma.correct(email=ALMA.email)
    assert (alma.letter.kind, alma.ticket == before) == ("corrected", True)
    farewell = alma.post.last(old_address)
    assert (farewell.kind, farewell.parts("image/png")) == ("corrected", [])
    assert alma.own_page not in farewell.message.as_string()
    alma.browser.visit(old_page, status=404)
    assert alma.come_back().heading == "Vous avez une place"

    karim.come_back()
    document = pypdfium2.PdfDocument(karim.browser.download("PDF").data)
    page = document[0]
    text = page.get_textpage()
    assert "Karim Exemple" in text.get_text_range()
    drawn = BytesIO()
    page.render(scale=3).to_pil().save(drawn, "PNG")
    assert seen_code(drawn.getvalue()) == karim.ticket
    for each in (text, page, document):
        each.close()


def she_forgot_her_password(ines: Organiser) -> None:
    """Three weeks later the session has ended; a mailed link opens the account again, once."""
    assert ines.browser.visit("/backoffice").heading == "Sign in"
    ines.follow("I have forgotten my password")
    ines.send("Send me the link", {"E-mail": ines.email})
    link = ines.letter.link("Choose a new password")
    ines.browser.visit(link)
    assert ines.send("Change my password", {"New password": NEW_PASSWORD}).heading == "Sign in"
    ines.browser.visit(link, status=404)
    ines.browser.visit("/sign-in")
    ines.send("Sign in", {"E-mail": ines.email, "Password": FIRST_PASSWORD}, status=422)
    assert ines.sign_in(NEW_PASSWORD).heading == "What needs you now"


def the_file_equals_the_list(ines: Organiser) -> None:
    words = {"confirmed": "Confirmed", "waitlisted": "On the waiting list", "cancelled": "Cancelled"}
    rows = [(f"{row['First name']} {row['Last name']}", row["Address"], words[row["State"]], row["Ticket"]) for row in ines.csv()]
    assert rows == [
        ("Karim Exemple", KARIM.email, "Confirmed", "Admission"),
        ("Alma Gazette", ALMA.email, "Confirmed", "Press"),
        ("Yanis Esquisse", YANIS.email, "Cancelled", "Admission"),
        ("Lucie Fictif", LUCIE.email, "Confirmed", "Admission"),
        ("Marc Inventé", MARC.email, "On the waiting list", "Admission"),
    ]
    why = {"On the waiting list": "Salle is full: 3 of 3."}  # said under the state
    assert ines.listed() == [(f"{name}{email}", state + why.get(state, ""), ticket) for name, email, state, ticket in reversed(rows)]


def she_changes_things(ines: Organiser, alma: Attendee, marc: Attendee, paul: Attendee) -> None:
    """One cancelled with a reason, one added by hand, more seats and fewer."""
    ines.registration_of(alma)
    ines.follow("Cancel this registration")
    ines.send("Cancel the registration", {"Reason, as the person will read it": "Accréditation retirée."})
    assert "Accréditation retirée." in alma.letter.text
    assert "Accréditation retirée." in alma.come_back().words
    assert marc.come_back().heading == "A seat for you"
    assert (marc.accept().heading, marc.kinds) == ("You have a seat", ["waitlisted", "offered", "confirmed"])

    ines.open("Registrations", "Add by hand")
    names: dict[str, Typed] = {"First name": PAUL.first_name, "Last name": PAUL.last_name, "E-mail address": PAUL.email}
    ines.send("Register", names | {"Ticket type": "Admission", "Language of the mails": "Français"})
    paul.own_page = paul.browser.visit(paul.letter.link("Voir mon inscription")).path
    assert (paul.kinds, paul.position) == (["waitlisted"], "1re")

    assert "Saved. 1 registration came off the waiting list and has been told." in ines.set_limit("Salle", 5).words
    assert paul.kinds == ["waitlisted", "promoted"]  # who joins so late is confirmed without being asked
    ines.set_limit("Salle", 3)
    assert "Nobody would be cancelled." in ines.browser.page.words
    assert "Saved. 1 person is above the limit" in ines.send("Lower the limit all the same").words
    assert paul.come_back().heading == "Vous avez une place"


def the_evening(ines: Organiser, karim: Attendee, lucie: Attendee, marc: Attendee, yanis: Attendee) -> None:
    """A phone enrolled by a link, tickets read from the pictures of delivered mails, and one truth about who is inside."""
    ines.sign_in(NEW_PASSWORD)
    nora = Volunteer(ines.app, ines.invite_phone("Nord"), label="Porte A – Nora")

    assert [nora.scan(person.ticket)["verdict"] for person in (lucie, marc, yanis)] == ["OK", "OK", "CANCELLED"]
    at(ines.app, DOORS + timedelta(minutes=37))
    again = nora.scan(lucie.ticket)
    assert (again["verdict"], again["ref"]) == ("ALREADY", {"at": "2027-09-23T16:05:00.000Z", "gate": "Nord", "device": "Porte A – Nora"})
    assert nora.counters == {"gauge": 40, "occupancy": 2, "arrived": 2}
    assert karim.come_back().heading == "Vous avez une place"

    figures = ines.open().figures
    assert figures == {
        "confirmed, of the seats to give": "4 / 3",
        "waiting": "0",
        "checked in": "2",
        "cancelled": "2",
        "safety capacity": "40",
    }
    page = ines.open("Doors")
    assert page.figures == {"inside": "2 / 40", "have come in": "2", "phones at work": "1"}
    assert page.rows[0] == ["Nord", "2", "2", "0"]
    inside = [name for name, state, _ in ines.listed() if "Checked in" in state]
    assert inside == [f"{marc.name}{marc.email}", f"{lucie.name}{lucie.email}"]


@pytest.mark.slow
def test_the_first_forum(app: Flask, ines: Organiser, post: Post) -> None:
    makes_her_account(ines)
    plans(ines)
    completes(ines)
    announces(ines)
    the_public_sees_it(app, post)

    at(app, OPENED)
    karim = Attendee(app, Character("Karmi", KARIM.last_name), post, email=KARIM.email)
    alma = Attendee(app, ALMA, post, email="alma@dmeo.test")
    yanis, lucie, paul = (Attendee(app, who, post) for who in (YANIS, LUCIE, PAUL))
    marc = Attendee(app, MARC, post, language="en")
    people_register(app, karim, alma, yanis, lucie, marc)
    a_ticket_arrives(karim)
    a_seat_goes_to_the_next(yanis, lucie, marc)
    mistakes_are_mended(karim, alma)

    at(app, LATER)
    she_forgot_her_password(ines)
    the_file_equals_the_list(ines)
    she_changes_things(ines, alma, marc, paul)

    at(app, DOORS)
    the_evening(ines, karim, lucie, marc, yanis)
    assert printed(app, verify).splitlines()[-1] == "1 events, 0 faults"
