"""A draw decides who comes first: nobody before it, everybody by its order, and anybody can recompute it."""

from __future__ import annotations

import html
import re
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from eventapp.cli.state import faults
from eventapp.events.models import Event
from eventapp.journal.models import Entry
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import link_token
from eventapp.people.actions.sign_ins import begin
from eventapp.people.rules import OPERATOR, Role
from eventapp.registration import actions, queries, rules
from eventapp.registration.models import Ballot, Registration
from tests import factories
from tests.cast import INES, KARIM, LUCIE, MARC, NORA, PAUL
from tests.factories import KEYS, NOW
from tests.registration.line import Line

SEED, NUMBER = bytes(range(32)), "07-12-23-31-44-05"
IDS = [f"r-{number:04}" for number in range(1, 6)]
DAY = timedelta(days=1)
OPENS, DRAWS = NOW + DAY, NOW + 5 * DAY
SOURCE = {"fr": "Tirage du loto du 6 septembre", "en": "Lottery of 6 September"}
PAGE, PUBLIC = "/backoffice/events/grand-opening/ballot", "/fr/events/grand-opening/waiting-list"


def test_the_draw_is_the_one_that_anybody_recomputes() -> None:
    assert rules.commitment(SEED).startswith("630dcd29")
    assert rules.ranked(SEED, NUMBER, IDS) == ["r-0002", "r-0004", "r-0001", "r-0003", "r-0005"]
    assert rules.ranked(SEED, NUMBER, reversed(IDS)) == rules.ranked(SEED, NUMBER, IDS)


def test_who_comes_once_the_number_can_be_known_follows_in_the_order_of_arrival() -> None:
    early = [Registration(id=number, public_id=IDS[number], created_at=DRAWS - DAY) for number in range(3)]
    late = [Registration(id=number, public_id=IDS[number], created_at=DRAWS) for number in (3, 4)]

    by_lot, after = rules.drawn([*reversed(late), *early], SEED, NUMBER, draws_at=DRAWS)

    assert [one.public_id for one in by_lot] == ["r-0002", "r-0001", "r-0003"]
    assert after == late


def test_the_recipe_of_the_handbook_gives_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    handbook = (Path(__file__).parents[2] / "docs" / "waitlist.md").read_text(encoding="utf-8")
    recipe = next(block for block in re.findall(r"```python\n(.*?)```", handbook, re.DOTALL) if "hmac" in block)

    exec(recipe, {})  # the words of our own handbook

    assert capsys.readouterr().out.splitlines() == [rules.commitment(SEED), *rules.ranked(SEED, NUMBER, IDS)]


def test_each_of_five_is_first_alike_over_twenty_thousand_seeds() -> None:
    seeds = 20_000
    first = Counter(rules.ranked(number.to_bytes(32, "big"), NUMBER, IDS)[0] for number in range(seeds))

    expected = seeds / len(IDS)
    assert sum((first[public_id] - expected) ** 2 / expected for public_id in IDS) < 18.47  # p = .001 with four degrees


@pytest.fixture
def line(database: Database) -> Line:
    """One seat, nobody may register yet, and a draw is announced."""
    line = Line(database)
    with database.writing() as session:
        session.get_one(type(line.house.type), line.house.type.id).opens_at = OPENS
    set_up(line)
    return line


def set_up(line: Line, *, now: object = NOW, draws_at: object = DRAWS) -> None:
    with line.database.writing() as session:
        actions.set_up_ballot(session, event_id=line.event_id, source=SOURCE, draws_at=draws_at, actor=OPERATOR, now=now)  # type: ignore[arg-type]


def draw(line: Line, *, now: object = DRAWS, number: str = NUMBER) -> None:
    with line.database.writing() as session:
        actions.draw(session, event_id=line.event_id, number=number, actor=OPERATOR, now=now)  # type: ignore[arg-type]


def ballot(line: Line) -> Ballot:
    with line.database.reading() as session:
        return session.scalars(select(Ballot)).one()


def found(line: Line) -> list[str]:
    with line.database.reading() as session:
        return list(faults(session, session.get_one(Event, line.event_id), DRAWS))


def test_before_the_draw_everybody_waits_without_a_place(line: Line) -> None:
    karim, lucie = line.join(KARIM, LUCIE, now=OPENS)
    line.tend(now=OPENS + DAY)
    line.tell(now=OPENS + DAY)

    assert [(line.row(one).state, line.row(one).seq, line.row(one).lot) for one in (karim, lucie)] == [("waitlisted", None, 0)] * 2
    assert line.books == (0, 0, 0)
    assert line.mails == [("Karim", "entered"), ("Lucie", "entered")]
    with line.database.reading() as session:
        assert queries.place(session, lucie) is None
        event = session.get_one(Event, line.event_id)
        assert queries.outlook(session, event, lucie, OPENS) is None
        [known] = queries.availability(session, event, OPENS).values()
    assert (known.opening, known.free) == (rules.Opening.BALLOT, 0)
    assert found(line) == []


def test_the_draw_gives_places_then_seats_and_tells_each_once(line: Line) -> None:
    joined = {one.public_id: one for one in line.join(KARIM, LUCIE, MARC, NORA, now=OPENS)}
    line.leave(joined[next(iter(joined))], now=OPENS + DAY)  # Karim does not want to any more
    waiting = list(joined)[1:]
    (late,) = line.join(PAUL, now=DRAWS)
    draw(line)
    told = 1
    while told:
        told = line.tell(now=DRAWS)

    order = rules.ranked(ballot(line).seed, NUMBER, waiting)
    names = [joined[public_id].first_name for public_id in order]
    assert [(line.row(joined[id]).lot, line.row(joined[id]).seq) for id in order] == [(1, 1), (2, 2), (3, 3)]
    assert line.row(joined[order[0]]).state == "confirmed"
    assert (line.order, line.row(late).lot) == ([*names[1:], "Paul"], None)
    results = line.mails[6:]
    assert results[0] == (names[0], "promoted")
    assert sorted(results[1:]) == sorted([(names[1], "waitlisted"), (names[2], "waitlisted"), ("Paul", "waitlisted")])
    assert (line.row(next(iter(joined.values()))).state, line.row(next(iter(joined.values()))).lot) == ("cancelled", 0)
    assert found(line) == []


def test_a_draw_is_held_once(line: Line) -> None:
    line.join(KARIM, LUCIE, now=OPENS)
    draw(line)
    before = line.dump()

    draw(line, now=DRAWS + DAY)
    after = line.dump()
    assert [after[name] for name in ("registration", "ballot", "journal_entry")] == [
        before[name] for name in ("registration", "ballot", "journal_entry")
    ]
    with pytest.raises(Refused) as refused:
        draw(line, number="1-2-3")
    assert refused.value.code == "ballot.drawn"


def test_nobody_draws_before_the_announced_instant(line: Line) -> None:
    with pytest.raises(Refused) as refused:
        draw(line, now=DRAWS - timedelta(seconds=1))

    assert refused.value.code == "ballot.too_early"


def test_source_and_date_may_change_until_the_opening_and_the_seed_never(line: Line) -> None:
    seed = ballot(line).seed
    set_up(line, draws_at=DRAWS + DAY)
    assert (ballot(line).seed, ballot(line).draws_at) == (seed, DRAWS + DAY)

    for change in (lambda: set_up(line, now=OPENS), lambda: drop(line, now=OPENS)):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.code == "ballot.too_late"


def drop(line: Line, *, now: object = NOW) -> None:
    with line.database.writing() as session:
        actions.drop_ballot(session, event_id=line.event_id, actor=OPERATOR, now=now)  # type: ignore[arg-type]


def test_a_draw_that_is_dropped_leaves_first_come_first_served(line: Line) -> None:
    drop(line)

    assert [one.state for one in line.join(KARIM, LUCIE, now=OPENS)] == ["confirmed", "waitlisted"]
    assert found(line) == []


def test_the_date_leaves_days_to_give_seats(line: Line) -> None:
    with pytest.raises(Refused) as refused:
        set_up(line, draws_at=NOW + 60 * DAY)

    assert refused.value.code == "ballot.date"


def test_a_draw_is_refused_where_registration_is_open(database: Database) -> None:
    with pytest.raises(Refused) as refused:
        set_up(Line(database))

    assert refused.value.code == "ballot.too_late"


def test_a_larger_party_has_one_chance_and_keeps_it_when_it_changes(line: Line) -> None:
    [marc] = line.join(MARC, size=3, now=OPENS)
    line.do(actions.resize, marc, size=4, version=None, by_organiser=False, keys=KEYS, now=OPENS + DAY)

    row = line.row(marc)
    assert (row.size, row.seq, row.lot) == (4, None, 0)
    with line.database.reading() as session:
        assert [one.public_id for one in queries.entrants(session, line.event_id)] == [marc.public_id]


def test_a_planted_swap_is_found(line: Line) -> None:
    line.join(KARIM, LUCIE, MARC, now=OPENS)
    draw(line)
    with line.database.writing() as session:
        second, third = [one.public_id for one in queries.lots(session, line.event_id)][1:]
        for public_id, seq in ((second, 1000), (third, 2), (second, 3)):
            session.execute(update(Registration).where(Registration.public_id == public_id).values(seq=seq))

    assert [fault.split("registration ")[1].split(":")[0] for fault in found(line) if "the draw gives" in fault] == [second, third]


def test_a_seed_that_was_exchanged_is_found(line: Line) -> None:
    line.join(KARIM, now=OPENS)
    draw(line)
    with line.database.writing() as session:
        session.execute(update(Ballot).values(seed=SEED))

    assert any("committed" in fault for fault in found(line))


def test_the_journal_never_holds_the_seed(line: Line) -> None:
    line.join(KARIM, now=OPENS)
    draw(line)

    with line.database.reading() as session:
        entries = session.scalars(select(Entry).where(Entry.verb.in_(("set_up_ballot", "draw"))).order_by(Entry.position)).all()
    assert [entry.verb for entry in entries] == ["set_up_ballot", "draw"]
    assert ballot(line).seed.hex() not in str([entry.facts for entry in entries])


def test_a_thousand_parties_are_drawn_and_told_in_slices(line: Line) -> None:
    line.set_limit(600, now=NOW)
    line.house.queue(1000)
    with line.database.writing() as session:
        session.execute(update(Registration).values(seq=None, lot=0, notice="undrawn", created_at=OPENS))
    draw(line)
    told = 1
    while told:
        told = line.tell(now=DRAWS)

    kinds = Counter(kind for _name, kind in line.mails)
    assert kinds == {"promoted": 600, "waitlisted": 400}
    with line.database.reading() as session:
        seqs = [one.seq or 0 for one in queries.lots(session, line.event_id)]
    assert all(after == before + 1 for before, after in pairwise(seqs))
    assert len(seqs) == 1000


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.fixture
def ines(client: FlaskClient, line: Line) -> FlaskClient:
    with line.database.writing() as session:
        user, _actor = factories.member(session, organiser_id=line.house.organiser.id, character=INES, role=Role.OWNER)
        user.language = "fr"
        secret = begin(session, user=user, label="test", now=NOW)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def hidden(client: FlaskClient) -> dict[str, str]:
    return dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="(\w+)"[^>]*value="([^"]*)"', client.get(PAGE).text))


def send(client: FlaskClient, **typed: str) -> int:
    return client.post(PAGE, data=hidden(client) | typed).status_code


def test_an_organiser_changes_what_is_published_and_the_public_reads_it(ines: FlaskClient, line: Line) -> None:
    typed = {"source_fr": "Loto du 8 septembre", "draws_at": "2027-09-08T22:00", "do": "save"}

    assert send(ines, **typed) == 303

    public = words(ines.get(PUBLIC).text)
    assert "Loto du 8 septembre" in public
    assert ballot(line).commitment in public
    assert ballot(line).seed.hex() not in public
    assert send(ines, draws_at="2027-09-08T22:00", do="save") == 422


def test_a_date_that_cannot_be_is_said_at_its_field(ines: FlaskClient, line: Line) -> None:
    answer = ines.post(PAGE, data=hidden(ines) | {"source_fr": "Loto", "draws_at": "2028-09-08T22:00", "do": "save"})

    assert (answer.status_code, re.findall(r'<a href="#(\w+)">', answer.text)) == (422, ["draws_at"])
    assert ballot(line).draws_at == DRAWS


def test_where_registration_is_open_no_draw_can_be_asked_for(ines: FlaskClient, line: Line) -> None:
    typed = {"source_fr": "Loto", "draws_at": "2027-09-08T22:00", "do": "save"}
    typed |= hidden(ines)
    drop(line)
    with line.database.writing() as session:
        session.get_one(type(line.house.type), line.house.type.id).opens_at = NOW - DAY

    shown, sent = ines.get(PAGE), ines.post(PAGE, data=typed)

    assert 'name="draws_at"' not in shown.text
    assert "Cet événement n’a pas de tirage au sort" in words(shown.text)
    assert (sent.status_code, "restent tels qu’ils ont été publiés" in words(sent.text)) == (409, True)


def test_pages_before_the_draw_show_no_place(ines: FlaskClient, line: Line) -> None:
    with line.database.writing() as session:
        session.get_one(type(line.house.type), line.house.type.id).opens_at = NOW - DAY
    _karim, lucie = line.join(KARIM, LUCIE)
    token = link_token(KEYS, lucie.identity, 0)

    page = words(ines.get(f"/fr/registrations/{token}").text)
    assert "Vous participez au tirage" in page
    assert lucie.public_id in page
    for path in (f"/fr/registrations/{token}", "/fr/events/grand-opening/registrations/new", "/fr/events/grand-opening"):
        shown = words(ines.get(path).text)
        assert "2e" not in shown.split()
        assert "devant vous" not in shown.lower()
    assert "Participer au tirage" in words(ines.get("/fr/events/grand-opening").text)
    assert send(ines, number=NUMBER, do="draw") == 409


def test_after_the_draw_everything_is_published(client: FlaskClient, line: Line) -> None:
    line.join(KARIM, LUCIE, MARC, now=OPENS)
    draw(line)

    public = words(client.get(PUBLIC).text)
    with line.database.reading() as session:
        ids = queries.drawn_ids(session, line.event_id)
    assert ids == rules.ranked(ballot(line).seed, NUMBER, ids)
    assert " ".join(ids) in public
    assert ballot(line).seed.hex() in public
    assert NUMBER in public
