"""One statement, whatever the number of partners."""

from eventapp.lib.db import Database
from eventapp.partners import queries
from tests.factories import House
from tests.partners.test_actions import add, of_event


def test_partners_take_one_statement(database: Database, statements: list[str]) -> None:
    house = House(database)
    counted = []
    for turn in range(3):
        add(database, of_event(house), f"Organisme {turn}")
        statements.clear()
        with database.reading() as session:
            queries.partnerships(session, house.event)
        counted.append(len([one for one in statements if one.startswith("SELECT")]))

    assert counted == [1, 1, 1]
