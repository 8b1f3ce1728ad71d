"""A picture is public with what it shows, and until then its organiser's alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventapp.events.models import Edition, Event, Series
from eventapp.lib.db import Database
from eventapp.partners.models import Partnership
from eventapp.people.models import Organisation, Person
from eventapp.people.rules import ANONYMOUS, Actor, Role
from eventapp.programme.models import Appearance
from eventapp.site import queries
from eventapp.site.queries import Use
from tests import factories
from tests.cast import INES, PAUL
from tests.factories import NOW

COVER, PORTRAIT, LOGO, FOREIGN = (letter * 16 for letter in "abcd")
SHOWN = ["published", "postponed", "called_off", "archived"]


def picture(file: str) -> dict[str, Any]:
    return {"file": file, "width": 320, "height": 200}


class Stage:
    """A draft with a cover, somebody who speaks at it for a body, and a picture of another organiser's draft."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app, self.database = app, database
        with database.writing() as session:
            self.organiser_id, self.other_id = (factories.organiser(session, slug=slug).id for slug in ("nous", "eux"))
            self.ines, self.paul = (
                factories.member(session, organiser_id=id, character=character, role=Role.STAFF)[1]
                for id, character in ((self.organiser_id, INES), (self.other_id, PAUL))
            )
            series = Series(organiser_id=self.organiser_id, slug="serie", name={"fr": "Série"}, created_at=NOW)
            session.add(series)
            session.flush()
            edition = Edition(series_id=series.id, organiser_id=self.organiser_id, slug="serie-2027", year=2027, name={}, created_at=NOW)
            person = Person(organiser_id=self.organiser_id, slug="p", name="Nora Modèle", portrait=picture(PORTRAIT), created_at=NOW)
            body = Organisation(organiser_id=self.organiser_id, slug="o", name="Démo", logo=picture(LOGO), created_at=NOW)
            session.add_all([edition, person, body])
            session.flush()
            event = factories.event(
                session, organiser_id=self.organiser_id, slug="soir", state="draft", edition_id=edition.id, cover=picture(COVER)
            )
            factories.event(session, organiser_id=self.other_id, slug="autre", state="draft", cover=picture(FOREIGN))
            self.event_id, self.edition_id, self.person_id, self.body_id = event.id, edition.id, person.id, body.id
        folder: Path = app.extensions["eventapp"].settings.instance_dir / "media"
        folder.mkdir(parents=True)
        for file in (COVER, PORTRAIT, LOGO, FOREIGN, "e" * 16):
            (folder / f"{file}-320.webp").write_bytes(b"picture")

    def add(self, row: Any) -> None:
        with self.database.writing() as session:
            session.add(row)

    def speaks(self, *, for_body: bool = False) -> None:
        body_id = self.body_id if for_body else None
        self.add(Appearance(event_id=self.event_id, public_id="s" * 16, person_id=self.person_id, organisation_id=body_id, created_at=NOW))

    def state(self, state: str) -> None:
        with self.database.writing() as session:
            session.get_one(Event, self.event_id).state = state

    def status(self, file: str, actor: Actor = ANONYMOUS) -> tuple[int, str]:
        self.app.extensions["eventapp"].load_actor = lambda: actor
        answer = self.app.test_client().get(f"/media/{file}-320.webp")
        answer.close()
        return answer.status_code, answer.headers["Cache-Control"]


@pytest.fixture
def stage(app: Flask, database: Database) -> Stage:
    return Stage(app, database)


FOR_ALL, FOR_SOME, FOR_NOBODY = (200, "public, max-age=31536000, immutable"), (200, "no-store"), (404, "no-store")


@pytest.mark.trust("UP-2", "ACL-8")
@pytest.mark.parametrize("file", [COVER, PORTRAIT, LOGO])
def test_what_is_not_published_is_seen_by_its_organiser_alone(stage: Stage, file: str) -> None:
    stage.speaks(for_body=True)

    assert [stage.status(file, actor) for actor in (ANONYMOUS, stage.paul, stage.ines)] == [FOR_NOBODY, FOR_NOBODY, FOR_SOME]


@pytest.mark.trust("UP-2")
@pytest.mark.parametrize("state", SHOWN)
def test_once_the_event_is_public_its_pictures_are_everybodys(stage: Stage, state: str) -> None:
    stage.speaks(for_body=True)
    stage.state(state)

    assert [stage.status(file) for file in (COVER, PORTRAIT, LOGO)] == [FOR_ALL] * 3
    assert stage.status(FOREIGN) == FOR_NOBODY


@pytest.mark.trust("UP-2")
def test_a_person_told_of_without_appearing_stays_unseen_beside_a_public_event(stage: Stage) -> None:
    stage.state("published")

    assert [stage.status(file) for file in (COVER, PORTRAIT, LOGO)] == [FOR_ALL, FOR_NOBODY, FOR_NOBODY]


@pytest.mark.trust("UP-2")
@pytest.mark.parametrize("owner", ["event_id", "edition_id"])
def test_a_logo_is_public_with_the_event_or_the_edition_that_its_body_carries(stage: Stage, owner: str) -> None:
    stage.add(
        Partnership(public_id="x" * 16, organisation_id=stage.body_id, type="media", created_at=NOW, **{owner: getattr(stage, owner)})
    )
    before = stage.status(LOGO)
    stage.state("published")

    assert (before, stage.status(LOGO)) == (FOR_NOBODY, FOR_ALL)


@pytest.mark.trust("UP-2")
def test_a_file_that_nothing_shows_is_served_to_nobody(stage: Stage) -> None:
    stage.state("published")

    assert [stage.status("e" * 16, actor) for actor in (ANONYMOUS, stage.ines)] == [FOR_NOBODY] * 2


@pytest.mark.trust("UP-2")
def test_a_picture_is_served_as_a_picture_and_as_nothing_else(stage: Stage) -> None:
    stage.state("published")
    answer = stage.app.test_client().get(f"/media/{COVER}-320.webp")
    answer.close()

    assert answer.mimetype == "image/webp"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["../secret_key", "..%2fsecret_key", f"{COVER}-320.png", f"{COVER}", f"{COVER}-320.webp.gz", f"{COVER}-640.webp"]
)
def test_no_other_name_leads_anywhere(stage: Stage, client: FlaskClient, name: str) -> None:
    stage.state("published")

    assert client.get(f"/media/{name}").status_code == 404


def test_one_picture_may_be_shown_by_several_things(stage: Stage, database: Database) -> None:
    with database.writing() as session:
        factories.event(session, organiser_id=stage.other_id, slug="encore", cover=picture(COVER))

    with database.reading() as session:
        assert queries.uses_of_picture(session, COVER) == [Use(stage.organiser_id, shown=False), Use(stage.other_id, shown=True)]
        assert queries.uses_of_picture(session, "e" * 16) == []
