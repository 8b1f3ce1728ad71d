"""What an organiser sets about the line: said in sentences first, kept with a version, given to whom it seats, and read by everybody."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventapp.events.models import Event
from eventapp.journal.models import Entry
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import link_token
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import OPERATOR, Role
from eventapp.registration import actions, queries
from eventapp.registration.forms.line import LineForm
from eventapp.registration.rules import DEFAULTS, Reconfirm, Settings
from tests import factories
from tests.cast import INES, KARIM, LUCIE, MARC, NORA
from tests.factories import KEYS, NOW
from tests.registration.line import ANSWER_BY, DOORS, FREEZE, HOUR, MORNING, Line

DAY = timedelta(days=1)
PAGE = "/backoffice/events/grand-opening/line"
PUBLIC = "/fr/events/grand-opening/waiting-list"


@pytest.fixture
def line(database: Database) -> Line:
    return Line(database)


def set_line(line: Line, *, now: datetime = NOW, **values: object) -> int:
    with line.database.writing() as session:
        settings = replace(current(line), **values)  # type: ignore[arg-type]
        return actions.set_allocation(session, event_id=line.event_id, settings=settings, actor=OPERATOR, now=now)


def current(line: Line) -> Settings:
    with line.database.reading() as session:
        return queries.calendar(session.get_one(Event, line.event_id)).settings


def test_settings_are_kept_with_a_version_and_noted(line: Line) -> None:
    assert set_line(line, offers_before=10 * DAY, lapses=1) == 2

    assert current(line) == replace(DEFAULTS, offers_before=10 * DAY, lapses=1, version=2)
    with line.database.reading() as session:
        entry = session.scalars(select(Entry).where(Entry.verb == "set_allocation")).one()
    assert entry.facts == {"offers_before": 14_400, "lapses": 1, "version": 2}


def test_the_same_settings_again_change_nothing(line: Line) -> None:
    set_line(line, lapses=1)
    before = line.dump()

    assert set_line(line, lapses=1) == 2
    assert line.dump() == before


def test_a_registration_knows_under_which_rules_it_was_made(line: Line) -> None:
    karim = line.join(KARIM)[0]
    set_line(line, lapses=1)

    lucie = line.join(LUCIE)[0]

    assert (line.row(karim).rules_version, line.row(lucie).rules_version) == (1, 2)


def test_what_the_new_rules_allow_is_given_at_once(database: Database) -> None:
    line = Line(database, limit=2)
    karim, _nora = line.join(KARIM, NORA)
    line.join(LUCIE, size=2)
    line.join(MARC)
    line.leave(karim, now=NOW)
    assert line.order == ["Lucie", "Marc"]  # the pair keeps the seat

    set_line(line, keep_before=None)

    assert line.order == ["Lucie"]


def test_an_offer_keeps_its_hour(line: Line) -> None:
    karim, lucie, _marc = line.join(KARIM, LUCIE, MARC)
    line.leave(karim, now=MORNING)
    line.mailed(lucie, now=MORNING)

    set_line(line, window_percent=1, window_most=2 * HOUR, now=MORNING + HOUR)

    assert (line.row(lucie).answer_by, line.row(lucie).expires_at) == (ANSWER_BY, ANSWER_BY)


def test_the_list_does_not_close_before_an_answer_that_was_asked_for(line: Line) -> None:
    karim, lucie, _marc = line.join(KARIM, LUCIE, MARC)
    line.leave(karim, now=MORNING)
    line.mailed(lucie, now=MORNING)
    before = line.dump()

    with pytest.raises(Refused) as refused:
        set_line(line, last_day_before=4 * DAY, freeze_before=3 * DAY, now=MORNING + HOUR)

    assert (refused.value.code, refused.value.facts["field"]) == ("allocation.offers_out", "freeze_before")
    assert line.dump() == before


def test_an_offer_whose_mail_has_not_left_ends_with_the_new_freeze(line: Line) -> None:
    karim, lucie = line.join(KARIM, LUCIE)
    line.leave(karim, now=MORNING)

    set_line(line, freeze_before=6 * HOUR, now=MORNING)

    assert line.row(lucie).expires_at == FREEZE - 3 * HOUR


def test_settings_that_make_no_calendar_are_refused_without_a_trace(line: Line) -> None:
    before = line.dump()

    with pytest.raises(Refused) as refused:
        set_line(line, last_day_before=8 * DAY)

    assert refused.value.code == "allocation.phases_out_of_order"
    assert line.dump() == before


def test_the_form_shows_every_setting_and_gives_it_back(app: Flask) -> None:
    unusual = Settings(
        offers_before=9 * DAY,
        last_day_before=30 * HOUR,
        freeze_before=2 * HOUR,
        keep_before=None,
        keep_max_party=3,
        early_window=36 * HOUR,
        window_percent=30,
        window_least=3 * HOUR,
        window_most=20 * HOUR,
        quiet_from=time(22),
        quiet_to=time(7),
        lapses=3,
        show_chance=False,
        version=4,
        reconfirm=Reconfirm.SOFT,
    )
    with app.test_request_context():
        for settings in (DEFAULTS, unusual):
            assert LineForm.of(settings).settings(settings) == settings


@pytest.fixture
def ines(client: FlaskClient, line: Line) -> FlaskClient:
    with line.database.writing() as session:
        user, _actor = factories.member(session, organiser_id=line.house.organiser.id, character=INES, role=Role.OWNER)
        user.language = "fr"
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


def filled(client: FlaskClient, **typed: str) -> dict[str, str]:
    page = client.get(PAGE).text
    values = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    chosen = re.findall(r'<select[^>]*name="(\w+)"[^>]*>.*?<option selected value="(\w+)"', page, re.DOTALL)
    del values["verify_address"]  # a box that is not ticked is not sent
    return values | dict(chosen) | {"show_chance": "y"} | typed


def test_the_rules_are_shown_in_sentences_with_their_dates(ines: FlaskClient) -> None:
    page = words(ines.get(PAGE).text)

    for sentence in (
        "Jusqu’au jeudi 16 septembre 2027 à 18 h, une place qui se libère est donnée aussitôt à la première personne de la liste.",
        "Du jeudi 16 septembre 2027 à 18 h au mercredi 22 septembre 2027 à 18 h, elle est proposée à la personne suivante, qui a entre 2",
        "et 24 heures pour répondre ; l’échéance exacte est dans son message.",
        "À partir du mercredi 22 septembre 2027 à 18 h, elle est donnée à la première personne qui a dit pouvoir venir au dernier moment.",
        "À partir du jeudi 23 septembre 2027 à 15 h, plus personne ne reçoit de place en ligne",
        "La nuit, de 21 h à 8 h, le temps pour répondre s’arrête.",
    ):
        assert sentence in page


def test_what_is_typed_is_read_in_sentences_before_it_is_saved(ines: FlaskClient, line: Line) -> None:
    before = line.dump()

    shown = ines.post(PAGE, data=filled(ines, offers_before="10", do="preview"))

    assert shown.status_code == 200
    assert "Jusqu’au lundi 13 septembre 2027 à 18 h" in words(shown.text)
    assert "Rien n’est encore enregistré" in words(shown.text)
    assert line.dump() == before


def test_saving_raises_the_version_that_the_public_reads(ines: FlaskClient, line: Line) -> None:
    answer = ines.post(PAGE, data=filled(ines, offers_before="10", do="save"))

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert current(line) == replace(DEFAULTS, offers_before=10 * DAY, version=2)
    page = words(ines.get(PUBLIC).text)
    assert "Jusqu’au lundi 13 septembre 2027 à 18 h" in page
    assert "Version 2 de ces règles." in page


def test_whether_people_are_asked_if_they_come_is_read_before_it_is_saved(ines: FlaskClient, line: Line) -> None:
    sentence = "si elles viennent toujours, le samedi 18 septembre 2027 à 18 h, puis, tant qu’elles n’ont pas répondu"

    unasked, shown = ines.get(PAGE), ines.post(PAGE, data=filled(ines, reconfirm="soft", do="preview"))
    ines.post(PAGE, data=filled(ines, reconfirm="soft", do="save"))

    assert (sentence in words(unasked.text), sentence in words(shown.text)) == (False, True)
    assert current(line) == replace(DEFAULTS, reconfirm=Reconfirm.SOFT, version=2)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"reconfirm": "hard"}, "reconfirm"),
        ({"offers_before": "1", "last_day_before": "48"}, "last_day_before"),
        ({"freeze_before": "23"}, "freeze_before"),
        ({"window_least": "30"}, "window_most"),
        ({"offers_before": "beaucoup"}, "offers_before"),
        ({"lapses": "9"}, "lapses"),
    ],
)
@pytest.mark.parametrize("do", ["preview", "save"])
def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(
    ines: FlaskClient, line: Line, typed: dict[str, str], field: str, do: str
) -> None:
    before = line.dump()

    answer = ines.post(PAGE, data=filled(ines, **typed, do=do))

    assert answer.status_code == 422
    assert re.findall(r'id="(\w+)-error"', answer.text) == [field]
    assert line.dump() == before


def test_who_waits_is_led_to_the_rules(client: FlaskClient, line: Line) -> None:
    line.join(KARIM)
    outcome = line.house.register(LUCIE)

    assert PUBLIC in client.get(f"/fr/registrations/{outcome.token}").text
    assert DOORS > NOW


def test_every_version_of_the_rules_stays_readable(client: FlaskClient, line: Line) -> None:
    set_line(line, now=NOW + DAY, quiet_from=time(22))
    set_line(line, now=NOW + 2 * DAY, lapses=1)

    first, second, third = (words(client.get(f"{PUBLIC}?version={number}").text) for number in (1, 2, 3))

    assert "de 21 h à 8 h" in first
    assert "Vous lisez la version 1, en vigueur jusqu’au jeudi 2 septembre 2027" in first
    assert "de 22 h à 8 h" in second
    assert "après 2 propositions" in second
    assert "Vous lisez la version 2, en vigueur du jeudi 2 septembre 2027" in second
    assert "quitte la liste" in third
    assert third == words(client.get(PUBLIC).text)
    assert "Vous lisez" not in third


@pytest.mark.parametrize("version", ["0", "4", "-1", "x", "1e2", ""])
def test_a_version_that_never_was_is_not_found(client: FlaskClient, line: Line, version: str) -> None:
    set_line(line, lapses=1)

    assert client.get(f"{PUBLIC}?version={version}").status_code == 404


def test_who_registered_under_other_rules_finds_them(client: FlaskClient, line: Line) -> None:
    line.join(KARIM)
    before = line.join(LUCIE)[0]
    set_line(line, lapses=1)
    after = line.join(MARC)[0]

    pages = [client.get(f"/fr/registrations/{link_token(KEYS, one.identity, 0)}").text for one in (before, after)]

    assert [f"{PUBLIC}?version=1" in page for page in pages] == [True, False]
