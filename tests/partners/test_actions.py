"""Bodies are told, moved and taken back, on real databases."""

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from eventapp.events import actions as events
from eventapp.events.rules import EditionValues, SeriesValues
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.partners import actions, queries
from eventapp.partners.models import Partnership
from eventapp.partners.rules import Direction, Owner, PartnershipType, PartnerValues
from eventapp.people.rules import OPERATOR
from tests.factories import NOW, House, event


def add(database: Database, owner: Owner, name: str, type_: PartnershipType = PartnershipType.CARRIER) -> str:
    with database.writing() as session:
        values = PartnerValues(organisation=name, type=type_)
        return actions.add_partner(session, owner=owner, values=values, actor=OPERATOR, now=NOW).public_id


def shown(database: Database, house: House) -> list[tuple[str, list[str]]]:
    with database.reading() as session:
        return [
            (heading.words["fr"], [one.organisation.name for one in heading.partners])
            for heading in queries.partnerships(session, house.event)
        ]


def of_event(house: House) -> Owner:
    return Owner(organiser_id=house.organiser.id, event_id=house.event.id)


def of_edition(database: Database, house: House) -> Owner:
    """An edition, to which the house's event then belongs."""
    who = {"organiser_id": house.organiser.id, "actor": OPERATOR, "now": NOW}
    with database.writing() as session:
        series = events.create_series(session, values=SeriesValues(name={"fr": "Semaines"}), **who)  # type: ignore[arg-type]
        edition = events.create_edition(session, series_id=series.id, values=EditionValues(year=2027), **who)  # type: ignore[arg-type]
        house.event = event(session, organiser_id=house.organiser.id, slug="autre", edition_id=edition.id)
    return Owner(organiser_id=house.organiser.id, edition_id=edition.id)


def test_headings_follow_protocol_whatever_the_order_of_typing(database: Database) -> None:
    house = House(database)
    for name, type_ in (
        ("Le Journal", PartnershipType.MEDIA),
        ("La Ville", PartnershipType.CARRIER),
        ("Medinsoft", PartnershipType.ORGANISER),
    ):
        add(database, of_event(house), name, type_)

    assert shown(database, house) == [("Organisé par", ["Medinsoft"]), ("Porté par", ["La Ville"]), ("Partenaires médias", ["Le Journal"])]


def test_an_event_shows_its_own_and_its_editions_partners_once(database: Database) -> None:
    house = House(database)
    edition = of_edition(database, house)
    add(database, edition, "La Ville")
    add(database, of_event(house), "La Région")
    add(database, of_event(house), "La Ville")

    assert shown(database, house) == [("Porté par", ["La Région", "La Ville"])]


def test_a_partner_moves_within_its_heading_and_stops_at_its_end(database: Database) -> None:
    house = House(database)
    owner = of_event(house)
    ids = [add(database, owner, name) for name in ("Un", "Deux", "Trois")]

    for _ in range(3):
        with database.writing() as session:
            actions.move_partner(session, owner=owner, public_id=ids[2], direction=Direction.UP, actor=OPERATOR, now=NOW)

    assert shown(database, house) == [("Porté par", ["Trois", "Un", "Deux"])]


def test_the_same_body_twice_under_one_heading_is_refused(database: Database) -> None:
    house = House(database)
    add(database, of_event(house), "La Ville")

    with pytest.raises(Refused) as refused:
        add(database, of_event(house), "La Ville")

    assert refused.value.code == "partner.twice"


def test_a_changed_and_a_removed_partner(database: Database) -> None:
    house = House(database)
    owner = of_event(house)
    kept, gone = add(database, owner, "La Ville"), add(database, owner, "La Région")

    with database.writing() as session:
        values = PartnerValues(organisation="La Commune", type=PartnershipType.HOST)
        actions.update_partner(session, owner=owner, public_id=kept, values=values, actor=OPERATOR, now=NOW)
    with database.writing() as session:
        actions.remove_partner(session, owner=owner, public_id=gone, actor=OPERATOR, now=NOW)

    assert shown(database, house) == [("Accueilli par", ["La Commune"])]


@pytest.mark.trust("ACL-4")
def test_an_event_of_another_organiser_is_unknown(database: Database) -> None:
    house = House(database)
    public_id = add(database, of_event(house), "La Ville")

    owner = Owner(organiser_id=house.organiser.id, edition_id=999)

    with pytest.raises(Refused) as refused, database.writing() as session:
        actions.remove_partner(session, owner=owner, public_id=public_id, actor=OPERATOR, now=NOW)

    assert refused.value.code == "edition.unknown"


def test_sql_itself_refuses_a_partnership_of_nothing(database: Database) -> None:
    house = House(database)
    add(database, of_event(house), "La Ville")

    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(update(Partnership).values(event_id=None))
