"""What an invitation of phones may say: gates that exist, roles that can be given, one to fifty phones."""

from __future__ import annotations

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from eventapp.door.forms import EnrolmentForm
from eventapp.door.queries import GateFacts
from eventapp.lib import codes

GATES = [GateFacts("Nord", "in"), GateFacts("Sud", "both", frozenset({2}))]


def mistakes(app: Flask, **values: str) -> dict[str, bool]:
    """The fields that are refused."""
    sent = {"idempotency_key": codes.key(), "gate": "Nord", "role": "scan", "uses": "1"} | values
    with app.test_request_context("/backoffice/events/grand-opening/door/enrolments", method="POST"):
        form = EnrolmentForm(MultiDict(sent))
        form.offer(GATES)
        form.validate()
        return {name: True for name in form.errors if name is not None}


def test_a_whole_invitation_has_no_mistake(app: Flask) -> None:
    assert [mistakes(app, gate=gate, role=role) for gate in ("Nord", "Sud") for role in ("scan", "desk", "supervisor")] == [{}] * 6


def test_gates_of_other_places_roles_that_nobody_gives_and_numbers_of_phones_are_refused(app: Flask) -> None:
    assert [mistakes(app, gate=gate) for gate in ("Ouest", "", "\x00", "nord")] == [{"gate": True}] * 4
    assert [mistakes(app, role=role) for role in ("screen", "owner", "", "\u202escan")] == [{"role": True}] * 4
    assert [mistakes(app, uses=uses) for uses in ("0", "51", "-1", "", "1.5", "many", "9" * 5000)] == [{"uses": True}] * 7
    assert mistakes(app, idempotency_key="") == {"idempotency_key": True}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(gate=st.text(max_size=30), role=st.text(max_size=30), uses=st.text(max_size=30))
def test_nothing_that_is_typed_breaks_it(app: Flask, gate: str, role: str, uses: str) -> None:
    assert mistakes(app, gate=gate, role=role, uses=uses).keys() <= {"gate", "role", "uses"}
