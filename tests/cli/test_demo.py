"""The demo loads once, never beside somebody else's data, and adds up."""

from __future__ import annotations

import json
import re

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask

from eventapp.cli.demo import demo
from eventapp.events import queries as events
from eventapp.registration import queries as registration
from tests import factories
from tests.cast import INES, KARIM, LUCIE
from tests.conftest import ROOT
from tests.players import Attendee, Organiser, Post


def load(app: Flask, *options: str) -> Result:
    with app.app_context():
        return CliRunner().invoke(demo, ["load", "--json", *options])


def test_the_demo_is_told_as_json_and_loads_once(app: Flask) -> None:
    first, second = load(app), load(app, "--attendees", "3")

    told, again = json.loads(first.output), json.loads(second.output)
    assert told["events"] == again["events"]
    assert told["open_event"] == "grand-opening-2027"
    assert set(told) == {"organiser", "open_event", "events", "door"}
    with app.extensions["eventapp"].database.reading() as session:
        past, open_event = (events.event_by_slug(session, slug) for slug in ("grand-opening", told["open_event"]))
        assert past is not None
        assert open_event is not None
        counts = registration.counts(session, [past.id, open_event.id])
    assert (past.state, counts[past.id].confirmed, counts[past.id].arrived) == ("archived", 1140, 800)
    assert open_event.state == "published"
    assert counts[open_event.id].confirmed > 0


@pytest.mark.trust("BOOT-5")
def test_the_demo_never_stands_beside_another_organiser(app: Flask) -> None:
    with app.extensions["eventapp"].database.writing() as session:
        factories.organiser(session)

    answer = load(app)

    assert answer.exit_code == 1
    assert isinstance(answer.exception, SystemExit | click.ClickException)


def test_the_tour_of_the_readme_goes_as_it_is_told(app: Flask) -> None:
    told = json.loads(load(app).output)
    [(limit, kept)] = re.findall(
        r"“salle” to (\d+), which is your seat and the (\d+) that are kept", (ROOT / "README.md").read_text("utf-8")
    )
    post, slug = Post(app, []), told["open_event"]
    karim, lucie = Attendee(app, KARIM, post), Attendee(app, LUCIE, post)
    ines = Organiser(app, INES, post, email=told["organiser"]["email"])
    ines.slug = slug

    seated = karim.register(slug).heading
    ines.sign_in(told["organiser"]["password"])
    ines.open("Tickets and seats")
    ines.browser.follow("Modifier salle")
    ines.send("Save", {"Number of seats": limit})
    waits = lucie.register(slug).heading
    karim.give_back()

    assert (seated, waits) == ("Vous avez une place", "Vous êtes 1re dans la liste")
    assert lucie.come_back().heading == "Vous avez une place"
    assert int(limit) == int(kept) + 1
