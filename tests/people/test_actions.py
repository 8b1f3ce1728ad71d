"""Teams, one-use links and sessions under their locks, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from eventapp.journal import queries as journal
from eventapp.journal import rules as chain
from eventapp.lib import passwords
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys
from eventapp.people import actions, queries
from eventapp.people.actions import NewAccount, OrganiserValues
from eventapp.people.models import OneTimeLink
from eventapp.people.rules import OPERATOR, Actor, Role, one_time_secret
from tests import factories
from tests.cast import INES, NORA
from tests.conftest import NOW


@pytest.fixture
def team(database: Database) -> tuple[int, Actor, Actor]:
    """Inès owns, Nora manages."""
    with database.writing() as session:
        organiser = factories.organiser(session)
        ines = factories.member(session, organiser_id=organiser.id, character=INES)[1]
        nora = factories.member(session, organiser_id=organiser.id, character=NORA, role=Role.MANAGER)[1]
    return organiser.id, ines, nora


def refusal(database: Database, verb: Callable[..., Any], **values: Any) -> str | None:
    try:
        with database.writing() as session:
            verb(session, **values, now=NOW)
    except Refused as refused:
        return refused.code
    return None


def public_id(actor: Actor) -> str:
    return actor.label.removeprefix("member:")


@pytest.mark.trust("ACL-6")
def test_a_manager_makes_no_owner_and_the_last_owner_stays(database: Database, team: tuple[int, Actor, Actor]) -> None:
    organiser_id, ines, nora = team
    to_ines, to_nora = (
        {"organiser_id": organiser_id, "public_id": public_id(ines)},
        {"organiser_id": organiser_id, "public_id": public_id(nora)},
    )

    assert refusal(database, actions.change_role, **to_nora, role=Role.OWNER, actor=nora) == "team.above_your_role"
    assert refusal(database, actions.change_role, **to_ines, role=Role.STAFF, actor=nora) == "team.above_your_role"
    assert refusal(database, actions.change_role, **to_ines, role=Role.STAFF, actor=ines) == "team.last_owner"
    assert refusal(database, actions.remove_member, **to_ines, actor=ines) == "team.last_owner"
    assert refusal(database, actions.change_role, **to_nora, role=Role.OWNER, actor=ines) is None
    assert refusal(database, actions.remove_member, **to_ines, actor=ines) is None


@pytest.mark.trust("SESS-3")
@pytest.mark.parametrize("verb", ["change_role", "remove_member", "sign_out_everywhere", "change_password"])
def test_sessions_end_with_a_role_a_membership_and_a_password(database: Database, team: tuple[int, Actor, Actor], verb: str) -> None:
    organiser_id, ines, nora = team
    with database.writing() as session:
        secret = actions.sign_in(session, user_id=nora.user_id or 0, epoch=0, label="", now=NOW)
        before = queries.actor(session, secret, NOW).kind
    with database.writing() as session:
        if verb == "change_role":
            actions.change_role(session, organiser_id=organiser_id, public_id=public_id(nora), role=Role.STAFF, actor=ines, now=NOW)
        elif verb == "remove_member":
            actions.remove_member(session, organiser_id=organiser_id, public_id=public_id(nora), actor=ines, now=NOW)
        elif verb == "sign_out_everywhere":
            actions.sign_out_everywhere(session, user_id=nora.user_id or 0, now=NOW)
        else:
            fresh = actions.change_password(session, actor=nora, password_hash="kept", label="", now=NOW)
            assert queries.actor(session, fresh, NOW).kind == "member"

    with database.reading() as session:
        assert (before, queries.actor(session, secret, NOW).kind) == ("member", "anonymous")


@pytest.mark.trust("TOK-3")
def test_of_two_people_who_use_a_link_at_once_one_succeeds(database: Database, team: tuple[int, Actor, Actor], keys: Keys) -> None:
    with database.writing() as session:
        actions.request_reset(session, email=INES.email, keys=keys, now=NOW)
    with database.reading() as session:
        (row,) = session.query(OneTimeLink).all()
    secret = one_time_secret(keys, row.identity)

    with ThreadPoolExecutor(4) as pool:
        codes = list(
            pool.map(lambda number: refusal(database, actions.reset_password, secret=secret, password_hash=f"kept {number}"), range(4))
        )

    assert sorted(map(str, codes)) == ["None", "link.spent", "link.spent", "link.spent"]


@pytest.mark.trust("JRN-2")
def test_every_change_is_noted_and_the_chain_holds(database: Database, team: tuple[int, Actor, Actor], keys: Keys) -> None:
    organiser_id, ines, nora = team
    values = OrganiserValues(**{name: f"new {name}" for name in OrganiserValues.__dataclass_fields__})
    with database.writing() as session:
        actions.sign_in(session, user_id=ines.user_id or 0, epoch=0, label="", now=NOW)
        actions.update_organiser(session, organiser_id=organiser_id, values=values, actor=ines, now=NOW)
        actions.invite(
            session, organiser_id=organiser_id, email="x@demo.test", role=Role.STAFF, language="fr", keys=keys, actor=ines, now=NOW
        )
        actions.change_role(session, organiser_id=organiser_id, public_id=public_id(nora), role=Role.STAFF, actor=ines, now=NOW)

    with database.reading() as session:
        entries = journal.chain(session, f"organiser:{organiser_id}")
    assert [entry.verb for entry in entries] == ["sign_in", "update_organiser", "invite", "change_role"]
    assert chain.first_fault(entries) is None
    assert "x@demo.test" not in repr([entry.facts for entry in entries])


def test_a_mailbox_has_one_account_however_it_is_written(database: Database) -> None:
    def account(email: str) -> NewAccount:
        return NewAccount(name="Inès", email=email, language="fr", password_hash=None)

    assert refusal(database, actions.create_account, account=account("ines@demo.test")) is None
    assert refusal(database, actions.create_account, account=account("INES+forum@demo.test")) == "account.exists"


def test_two_organisers_of_one_name_get_two_slugs(database: Database) -> None:
    with database.writing() as session:
        slugs = [actions.create_organiser(session, name="Été & Cie", actor=OPERATOR, now=NOW).slug for _once in range(2)]

    assert slugs == ["ete-cie", "ete-cie-2"]


def test_the_sweep_leaves_what_still_counts(database: Database, team: tuple[int, Actor, Actor], keys: Keys) -> None:
    _organiser_id, ines, _nora = team
    with database.writing() as session:
        actions.sign_in(session, user_id=ines.user_id or 0, epoch=0, label="", now=NOW)
        actions.request_reset(session, email=INES.email, keys=keys, now=NOW)
    left = []
    for later in (timedelta(hours=1), timedelta(days=8)):
        with database.writing() as session:
            actions.sweep(session, now=NOW + later)
            left.append((len(queries.sign_ins(session, ines.user_id or 0)), session.query(OneTimeLink).count()))

    assert left == [(1, 1), (0, 0)]


@pytest.mark.trust("PASS-1")
def test_a_password_is_never_hashed_inside_a_transaction(database: Database) -> None:
    with database.writing(), pytest.raises(RuntimeError):
        passwords.hashed("trombone vert sous la pluie")
