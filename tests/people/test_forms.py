"""What people type about themselves, their team and their organiser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from eventapp.lib.fields import Form
from eventapp.lib.refusal import Refused
from eventapp.people import forms

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NAME = {"name": "Inès Prototype", "language": "fr"}
JOIN = NAME | {"password": "trombone vert sous la pluie"}
SETUP = JOIN | {"organiser": "Medinsoft", "email": "ines@demo.test"}


@pytest.fixture(autouse=True)
def in_context(app: Flask) -> Iterator[None]:
    with app.test_request_context("/", method="POST"):
        yield


@pytest.mark.trust("IN-1", "IN-3")
@pytest.mark.parametrize(
    ("kind", "typed", "fields"),
    [
        (forms.SignInForm, {"email": "ines@demo.test", "password": "x"}, set()),
        (forms.SignInForm, {}, {"email", "password"}),
        (forms.SignInForm, {"email": "ines", "password": "x"}, {"email"}),
        (forms.ResetForm, {"email": "ines@demo.test, paul@demo.test"}, {"email"}),
        (forms.NewPasswordForm, {"password": ""}, {"password"}),
        (forms.ChangePasswordForm, {"password": "x"}, {"current_password"}),
        (forms.NameForm, NAME, set()),
        (forms.NameForm, NAME | {"name": "https://evil.example"}, {"name"}),
        (forms.NameForm, NAME | {"name": "I\u202enès"}, {"name"}),
        (forms.NameForm, NAME | {"name": "\u200b \u00a0"}, {"name"}),
        (forms.NameForm, NAME | {"name": "x" * 81}, {"name"}),
        (forms.NameForm, NAME | {"language": "de"}, {"language"}),
        (forms.JoinForm, JOIN, set()),
        (forms.SetupForm, SETUP, set()),
        (forms.SetupForm, SETUP | {"organiser": ""}, {"organiser"}),
        (forms.InviteForm, {"email": "nora@demo.test", "role": "staff", "idempotency_key": "k" * 22}, set()),
        (forms.InviteForm, {"email": "nora@demo.test", "role": "emperor", "idempotency_key": "k" * 22}, {"role"}),
        (forms.RoleForm, {"role": ""}, {"role"}),
        (forms.OrganiserForm, {"name": "Medinsoft"}, set()),
        (forms.OrganiserForm, {"name": "Medinsoft", "email": "nobody", "phone": "0" * 41}, {"email", "phone"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(kind: type[Form], typed: dict[str, str], fields: set[str]) -> None:
    form = kind(MultiDict(typed))

    said = set() if form.validate() else {name for name, field in form._fields.items() if field.errors}
    assert said == fields


def test_a_password_is_taken_as_it_was_typed() -> None:
    form = forms.NewPasswordForm(MultiDict({"password": "  two spaces around  "}))

    assert form.validate()
    assert form.password.data == "  two spaces around  "


def test_passwords_are_never_written_back_into_the_page() -> None:
    form = forms.SetupForm(MultiDict(SETUP | {"email": "nobody"}))
    form.validate()

    assert JOIN["password"] not in str(form.password())
    assert "Medinsoft" in str(form.organiser())


@pytest.mark.parametrize("code", sorted(forms.SENTENCES))
def test_each_refusal_has_its_words(code: str) -> None:
    assert forms.sentence(Refused(code, least=12, most=1024))


def test_a_refusal_of_another_room_has_no_words_here() -> None:
    assert forms.sentence(Refused("registration.closed")) is None
