"""Who signs in, who works for whom, which links are still good; names are an organiser's own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eventapp.lib.db import Database
from eventapp.lib.signing import Keys
from eventapp.people import queries, rules
from eventapp.people.actions.links import make
from eventapp.people.actions.sign_ins import begin
from eventapp.people.models import Membership, OneTimeLink, Organisation, Person, User
from eventapp.people.rules import ANONYMOUS, Actor, Role
from tests import factories
from tests.cast import INES, KARIM, NORA, PAUL
from tests.factories import NOW

HOUR = timedelta(hours=1)


class Team:
    """Inès owns « nous » and helps « eux »; Nora and Karim work for « nous »; Paul owns « eux »."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.writing() as session:
            self.nous, self.eux = (factories.organiser(session, slug=slug).id for slug in ("nous", "eux"))
            self.ines, _actor = factories.member(session, organiser_id=self.nous, character=INES)
            self.paul, _actor = factories.member(session, organiser_id=self.eux, character=PAUL)
            self.nora, _actor = factories.member(session, organiser_id=self.nous, character=NORA, role=Role.STAFF)
            self.karim, _actor = factories.member(session, organiser_id=self.nous, character=KARIM, role=Role.MANAGER)
            session.add(Membership(user_id=self.ines.id, organiser_id=self.eux, role=Role.STAFF, created_at=NOW))

    def signed_in(self, user: User) -> str:
        with self.database.writing() as session:
            return begin(session, user=user, label="Firefox", now=NOW)

    def actor(self, user: User) -> Actor:
        with self.database.reading() as session:
            return queries.member_of(session, user)


@pytest.fixture
def team(database: Database) -> Team:
    return Team(database)


def test_a_member_has_a_role_for_each_organiser(team: Team) -> None:
    assert team.actor(team.ines).roles == {team.nous: Role.OWNER, team.eux: Role.STAFF}
    assert team.actor(team.nora).roles == {team.nous: Role.STAFF}
    assert team.actor(team.nora).label == f"member:{team.nora.public_id}"


@pytest.mark.trust("SESS-2", "SESS-3")
@pytest.mark.parametrize(
    ("after", "kind"), [(timedelta(0), "member"), (12 * HOUR - timedelta(seconds=1), "member"), (12 * HOUR, "anonymous")]
)
def test_a_session_is_who_signed_in_until_it_has_been_idle_for_twelve_hours(team: Team, after: timedelta, kind: str) -> None:
    secret = team.signed_in(team.ines)

    with team.database.reading() as session:
        assert queries.actor(session, secret, NOW + after).kind == kind
        assert queries.actor(session, secret[:-1], NOW) is ANONYMOUS


@pytest.mark.trust("SESS-3")
def test_a_session_of_a_former_password_or_role_is_nobodys(team: Team) -> None:
    secret = team.signed_in(team.ines)
    with team.database.writing() as session:
        session.get_one(User, team.ines.id).epoch += 1

    with team.database.reading() as session:
        assert queries.actor(session, secret, NOW) is ANONYMOUS
        assert queries.live_sign_in(session, secret, NOW) is None


@pytest.mark.parametrize("written", ["ines@demo.test", "INES@DEMO.TEST", " ines@demo.test ".strip()])
def test_a_mailbox_is_found_however_it_is_written(team: Team, written: str) -> None:
    with team.database.reading() as session:
        found = queries.user_by_address(session, written)
        assert found is not None
        assert found.id == team.ines.id
        assert queries.user_by_address(session, "nobody@demo.test") is None


@pytest.mark.trust("ACL-4")
def test_an_organiser_is_found_by_those_who_may(team: Team) -> None:
    ines, nora, paul = (team.actor(user) for user in (team.ines, team.nora, team.paul))
    with team.database.reading() as session:

        def slug(actor: Actor, wish: str | None, may: str) -> str | None:
            row = queries.organiser_for(session, actor, wish, may_=may)
            return row.slug if row else None

        assert [slug(ines, wish, "organiser.edit") for wish in (None, "nous", "eux", "personne")] == ["nous", "nous", None, None]
        assert [slug(ines, wish, "organiser.read") for wish in (None, "nous", "eux")] == ["eux", "nous", "eux"]
        assert [slug(nora, wish, "organiser.edit") for wish in (None, "nous")] == [None, None]
        assert [slug(paul, wish, "organiser.read") for wish in (None, "nous")] == ["eux", None]
        assert slug(ANONYMOUS, None, "organiser.read") is None
        assert [row.slug for row in queries.organisers_of(session, ines, may_="organiser.read")] == ["eux", "nous"]


def test_a_team_is_told_by_rank_and_then_by_name(team: Team) -> None:
    with team.database.reading() as session:
        assert [(row.user.name, row.role) for row in queries.team(session, team.nous)] == [
            ("Inès Prototype", "owner"),
            ("Karim Exemple", "manager"),
            ("Nora Modèle", "staff"),
        ]
        assert queries.membership(session, team.nous, team.paul.public_id) is None
        assert queries.membership(session, team.eux, team.ines.public_id) is not None


def linked(team: Team, keys: Keys, purpose: str, **values: object) -> tuple[OneTimeLink, str]:
    with team.database.writing() as session:
        row = make(session, purpose=purpose, keys=keys, life=HOUR, now=NOW, **values)  # type: ignore[arg-type]
    return row, rules.one_time_secret(keys, row.identity)


@pytest.mark.trust("TOK-3")
def test_a_link_is_good_for_its_purpose_and_its_time_until_it_is_used(team: Team, keys: Keys) -> None:
    row, secret = linked(team, keys, "invitation", organiser_id=team.nous, email="x@demo.test", role="staff")

    with team.database.reading() as session:

        def opens(*, purpose: str = "invitation", now: timedelta = timedelta(0), text: str = secret) -> bool:
            return queries.open_link(session, text, purpose=purpose, now=NOW + now) is not None

        assert [opens(), opens(now=HOUR - timedelta(seconds=1)), opens(now=HOUR)] == [True, True, False]
        assert [opens(purpose="reset"), opens(text=secret[:-1]), opens(text="")] == [False, False, False]
        assert queries.links_of_mail(session, {"link": row.id}, keys) == {"secret": secret}
        assert [link.id for link in queries.invitations(session, team.nous, NOW)] == [row.id]
        assert queries.invitations(session, team.eux, NOW) == []
    with team.database.writing() as session:
        session.get_one(OneTimeLink, row.id).used_at = NOW
    with team.database.reading() as session:
        assert queries.open_link(session, secret, purpose="invitation", now=NOW) is None
        assert queries.links_of_mail(session, {"link": row.id}, keys) == queries.links_of_mail(session, {}, keys) == {}
        assert queries.invitations(session, team.nous, NOW) == []


@pytest.mark.trust("TOK-3")
def test_a_reset_link_ends_with_the_password_it_was_made_for(team: Team, keys: Keys) -> None:
    _row, secret = linked(team, keys, "reset", user_id=team.ines.id, epoch=0)
    _lost, unknown = linked(team, keys, "reset")
    with team.database.reading() as session:
        before = queries.open_link(session, secret, purpose="reset", now=NOW)
        assert queries.open_link(session, unknown, purpose="reset", now=NOW) is None
    with team.database.writing() as session:
        session.get_one(User, team.ines.id).epoch += 1

    with team.database.reading() as session:
        assert before is not None
        assert queries.open_link(session, secret, purpose="reset", now=NOW) is None


@pytest.mark.trust("PASS-1")
def test_the_names_behind_a_link_are_those_of_its_person_and_organisers(team: Team, keys: Keys) -> None:
    reset, _secret = linked(team, keys, "reset", user_id=team.ines.id, epoch=0)
    invitation, _secret = linked(team, keys, "invitation", organiser_id=team.nous, email="x@demo.test", role="staff")

    with team.database.reading() as session:
        assert queries.names_around(session, reset) == ["Inès Prototype", INES.email]
        assert sorted(queries.organisers_around(session, reset)) == sorted([team.nous, team.eux])
        assert queries.names_around(session, invitation) == ["x@demo.test"]
        assert queries.organisers_around(session, invitation) == [team.nous]
        assert queries.names_of(session, [team.nous]) == ["Nous", "legal_name of nous"]


@pytest.mark.trust("ACL-4", "UP-2")
def test_persons_and_bodies_are_an_organisers_own(team: Team) -> None:
    portrait = {"file": "a" * 16, "width": 1, "height": 1}
    with team.database.writing() as session:
        for organiser_id in (team.nous, team.eux):
            session.add(Person(organiser_id=organiser_id, slug="anne", name="Anne Modèle", portrait=portrait, created_at=NOW))
            session.add(Organisation(organiser_id=organiser_id, slug="ville", name="La Ville", logo=portrait, created_at=NOW))
        session.add(Person(organiser_id=team.nous, slug="abel", name="Abel", created_at=NOW))

    with team.database.reading() as session:
        anne, ville = queries.person_named(session, team.nous, "Anne Modèle"), queries.organisation_named(session, team.nous, "La Ville")
        assert anne is not None
        assert ville is not None
        assert (anne.organiser_id, ville.organiser_id) == (team.nous, team.nous)
        assert queries.person_named(session, team.nous, "anne modèle") is None
        assert queries.person_by_id(session, team.eux, anne.id) is None
        assert queries.organisation_by_id(session, team.eux, ville.id) is None
        assert [row.name for row in queries.persons(session, team.nous)] == ["Abel", "Anne Modèle"]
        assert (queries.person_slugs(session, team.nous), queries.organisation_slugs(session, team.eux)) == ({"anne", "abel"}, {"ville"})
        assert [row.organiser_id for row in queries.persons_with_portrait(session, "a" * 16)] == [team.nous, team.eux]
        assert [row.organiser_id for row in queries.organisations_with_logo(session, "a" * 16)] == [team.nous, team.eux]
        assert queries.persons_with_portrait(session, "b" * 16) == []


def test_an_instance_knows_whether_anybody_has_an_account(database: Database) -> None:
    with database.reading() as session:
        assert queries.has_account(session) is False
    Team(database)
    with database.reading() as session:
        assert queries.has_account(session) is True
        assert [row.slug for row in queries.organisers(session)] == ["nous", "eux"]
        assert queries.organiser_slugs(session) == {"nous", "eux"}


def test_the_lock_of_an_unknown_organiser_is_a_bug(database: Database) -> None:
    with database.writing() as session, pytest.raises(LookupError):
        queries.locked_organiser(session, 10_000)


def test_sessions_of_a_user_are_told_latest_first(team: Team) -> None:
    for _ in range(2):
        team.signed_in(team.ines)
    team.signed_in(team.nora)

    with team.database.reading() as session:
        rows = queries.sign_ins(session, team.ines.id)
    assert [row.id for row in rows] == sorted((row.id for row in rows), reverse=True)
    assert len(rows) == 2
