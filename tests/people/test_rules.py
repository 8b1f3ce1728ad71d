"""Passwords, roles, the life of a session: decisions alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eventapp.lib.refusal import Refused
from eventapp.lib.signing import Keys
from eventapp.people import rules
from eventapp.people.rules import Actor, Role, may

KEYS = Keys(ticket=b"t" * 64, link=b"l" * 64)


def code(password: str, *names: str) -> str | None:
    try:
        rules.check_password(password, names=names)
    except Refused as refused:
        return refused.code
    return None


@pytest.mark.trust("PASS-1")
@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("elevenchars", "password.too_short"),
        ("é" * 513, "password.too_long"),
        ("aaaaaaaaaaaa", "password.common"),
        ("abcabcabcabc", "password.common"),
        ("123456789012", "password.common"),
        ("azertyuiop123", "password.common"),
        ("1q2w3e4r5t6y", "password.common"),
        ("motdepasse2027", "password.common"),
        ("P@ssw0rd1234!", "password.common"),
        ("Bonjour-Marseille-13", "password.common"),
        ("medinsoft2027", "password.of_names"),
        ("Grand Opening 2027", "password.of_names"),
        ("Inès Prototype!", "password.of_names"),
        ("trombone vert sous la pluie", None),
        ("fenêtre à douze carreaux", None),
        ("839201748362", None),
        ("🎺🎻🥁🎷🎸🎹🪕🪗🪘🎤🎧📯", None),
        ("xK9#mQ2$vL7!", None),
    ],
)
def test_a_password_is_judged_by_length_and_by_what_is_tried_first(password: str, expected: str | None) -> None:
    assert code(password, "Medinsoft", "Grand Opening", "Inès Prototype") == expected


@pytest.mark.trust("PASS-1")
@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("ines.prototype@forum.example", "password.of_names"),
        ("Ines.Prototype@forum.example!", "password.of_names"),
        ("!!INÈS**PROTOTYPE!!", "password.of_names"),
        ("xK9#Inès Prototype", "password.of_names"),
        ("zut-Grand Opening-42", "password.of_names"),
        ("xK9#mQ2$ Inès Prototype", "password.of_names"),
        ("xK9#mQ2$vL7! Inès Prototype", None),
        ("finesse et raffinement", None),
    ],
)
def test_what_names_add_does_not_count_towards_the_length(password: str, expected: str | None) -> None:
    assert code(password, "Medinsoft", "Grand Opening", "Inès Prototype", "ines.prototype@forum.example") == expected


@given(
    st.text("abcé XY9#-", min_size=30, max_size=60),
    st.sampled_from(["Karim Exemple", "karim.exemple@forum.example", "Ouverture solennelle"]),
)
def test_a_password_that_stands_without_a_name_stands_with_it(password: str, name: str) -> None:
    assume(code(password) is None)

    assert code(f"{password}|{name}", name) is None


@given(st.text(max_size=1200))
def test_any_text_is_judged_without_an_error(password: str) -> None:
    assert code(password, password) in {None, *(f"password.{each}" for each in ("too_short", "too_long", "common", "of_names"))}


@pytest.mark.trust("ACL-6")
@pytest.mark.parametrize(("own", "before", "after", "owners"), list(product([None, *Role], [None, *Role], [None, *Role], [1, 2])))
def test_nobody_touches_a_role_above_their_own_and_one_owner_remains(
    own: Role | None, before: Role | None, after: Role | None, owners: int
) -> None:
    rank = {None: 0, Role.STAFF: 1, Role.MANAGER: 2, Role.OWNER: 3}
    above = max(rank[before], rank[after]) > rank[own]
    last = before is Role.OWNER and after is not Role.OWNER and owners == 1

    try:
        rules.check_role_change(own=own, before=before, after=after, owners=owners)
        refused = None
    except Refused as error:
        refused = error.code

    assert refused == ("team.above_your_role" if above else "team.last_owner" if last else None)


@pytest.mark.trust("SESS-3")
@pytest.mark.parametrize(
    ("created", "seen", "lives"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(hours=12), timedelta(hours=11, minutes=59), True),
        (timedelta(hours=12), timedelta(hours=12), False),
        (timedelta(days=30), timedelta(0), False),
    ],
)
def test_a_session_lives_twelve_idle_hours_and_thirty_days(created: timedelta, seen: timedelta, lives: bool) -> None:
    now = datetime(2027, 9, 1, tzinfo=UTC)

    assert rules.session_lives(created_at=now - created, seen_at=now - seen, now=now) is lives


@pytest.mark.trust("TOK-3")
def test_a_one_time_secret_is_256_bits_of_its_row_and_key() -> None:
    one = rules.one_time_secret(KEYS, b"a" * 16)
    others = {rules.one_time_secret(KEYS, b"b" * 16), rules.one_time_secret(Keys(ticket=b"t" * 64, link=b"x" * 64), b"a" * 16)}

    assert len(one) == 43
    assert one not in others


def test_roles_include_those_below_and_hold_for_their_organiser_alone() -> None:
    held = [rules.PERMISSIONS[role] for role in (Role.STAFF, Role.MANAGER, Role.OWNER)]
    staff = Actor("member", "member:x", roles={1: Role.STAFF})

    assert held[0] < held[1] < held[2]
    assert [may(staff, "event.read", 1), may(staff, "event.edit", 1), may(staff, "event.read", 2)] == [True, False, False]
