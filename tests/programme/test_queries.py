"""The number of statements does not depend on how much there is."""

from eventapp.lib.db import Database
from eventapp.programme import queries
from tests.factories import House
from tests.programme.test_actions import add, add_session


def test_the_agenda_takes_as_many_statements_for_three_as_for_one(database: Database, statements: list[str]) -> None:
    house = House(database)
    counted = []
    for turn in range(3):
        add(database, house, f"Personne {turn}", programme_session=add_session(database, house, f"Séance {turn}"))
        statements.clear()
        with database.reading() as session:
            queries.schedule(session, house.event.id)
            queries.speakers(session, house.event.id)
        counted.append(len([one for one in statements if one.startswith("SELECT")]))

    assert counted == [3, 3, 3]
