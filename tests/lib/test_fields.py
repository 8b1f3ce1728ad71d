"""Fields: what is refused says so at its field, and what was typed is shown again."""

from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from eventapp.lib import fields
from eventapp.lib.fields import (
    Amount,
    AtMost,
    CleanText,
    CleanTextArea,
    Colour,
    Day,
    EmailField,
    KeyedForm,
    MarkdownArea,
    Optional,
    PictureField,
    Required,
    UrlField,
    WallTime,
    both,
    pair,
    required_pair,
    spread,
)


class Sample(KeyedForm):
    person = CleanText("Name", [Required()], limit=10, name_of_person=True)
    about = CleanTextArea("About", limit=20)
    story = MarkdownArea("Story", max_bytes=30)
    email = EmailField("E-mail", [Required()])
    website = UrlField("Website", [Optional()])
    doors_at = WallTime("Doors")
    read_on = Day("Read on")
    seats = Amount("Seats", [Required()], least=1, most=500)
    colour = Colour("Colour")
    cover = PictureField("Cover")
    title_fr, title_en = pair("Title", limit=12, title=True)

    def validate(self, extra_validators: Any = None) -> bool:
        return bool(super().validate(extra_validators)) & required_pair(self, "title")


RIGHT = {"person": "Inès", "email": "ines@forum.example", "seats": "3", "title_fr": "Forum", "idempotency_key": "0123456789abcdef"}


@pytest.fixture(scope="module")
def small() -> Flask:
    application = Flask("small")
    application.config.update(SECRET_KEY="not a secret", TESTING=True)
    Babel(application)
    return application


def sent(small: Flask, **typed: str) -> Sample:
    with small.test_request_context("/", method="POST"):
        form = Sample(formdata=MultiDict({**RIGHT, **typed}))
        form.validate()
        form.errors  # noqa: B018 - evaluated while a request is there to translate for
        return form


def messages(small: Flask, form: Sample) -> dict[str, list[str]]:
    with small.test_request_context("/"):
        return {name: [str(message) for message in found] for name, found in form.errors.items()}


def test_a_right_form_has_no_errors(small: Flask) -> None:
    form = sent(small)

    assert messages(small, form) == {}
    assert form.person.data == "Inès"
    assert form.about.data == ""
    assert form.seats.data == 3
    assert form.doors_at.data is None
    assert form.cover.data is None


@pytest.mark.trust("IN-1")
@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("person", "", "Please fill in this field."),
        ("person", "\u200b \u3164", "Please fill in this field."),
        ("person", "a\x00b", "This text contains a character that cannot be shown. Please type it again."),
        ("person", "a\nb", "Please write this on a single line."),
        ("person", "a\u202eb", "This text contains an invisible mark that turns the direction of writing. Please remove it."),
        ("person", "www.a.fr", "Please write a name only, without a link or a slash."),
        ("person", "abcdefghijk", "At most 10 characters; this has 11."),
        ("person", "a" * 9_000, "This text is far too long."),
        ("about", "a\tb", "This text contains a character that cannot be shown. Please type it again."),
        ("about", "b" * 21, "At most 20 characters; this has 21."),
        ("story", "é" * 16, "This text is too long: 30 bytes at most."),
        ("email", "", "Please fill in this field."),
        ("email", "ines", "Please write a whole address, such as name@example.org."),
        ("email", "é@forum.example", "Our mail server cannot write to an address with accents before the @."),
        ("website", "javascript:alert(1)", "Please write a whole address that begins with https://"),
        ("doors_at", "24/09/2027", "Please write a day and an hour, such as 2027-09-24T18:30."),
        ("doors_at", "2027-02-30T10:00", "Please write a day and an hour, such as 2027-09-24T18:30."),
        ("doors_at", "9999-01-01T10:00", "Please write a day and an hour, such as 2027-09-24T18:30."),
        ("read_on", "24/09/2027", "Please write a day, such as 2027-09-24."),
        ("read_on", "2027-02-30", "Please write a day, such as 2027-09-24."),
        ("read_on", "0001-01-01", "Please write a day, such as 2027-09-24."),
        ("seats", "", "Please fill in this field."),
        ("seats", "trois", "Please write a whole number."),
        ("seats", "1_0", "Please write a whole number."),
        ("seats", "9" * 5_000, "Please write a whole number."),
        ("seats", "0", "Please write 1 or more."),
        ("seats", "501", "Please write 500 or less."),
        ("colour", "red", "Please write a colour as # and six digits, such as #0b4f7a."),
        ("title_en", "a\u2066b", "This text contains an invisible mark that turns the direction of writing. Please remove it."),
        ("idempotency_key", "<script>", "This form had lost its key. Please send it again."),
    ],
)
def test_a_mistake_is_named_once_at_its_field(small: Flask, field: str, typed: str, message: str) -> None:
    form = sent(small, **{field: typed})

    assert messages(small, form) == {field: [message]}


@pytest.mark.parametrize("typed", ["a\nb", "🎟️" * 11, "שלום עולם שלום", "x" * 5_000])
def test_refused_text_is_shown_again(small: Flask, typed: str) -> None:
    form = sent(small, person=typed)

    assert form.errors
    assert form.person._value() == typed


def test_what_html_cannot_carry_is_marked_when_shown_again(small: Flask) -> None:
    form = sent(small, person="a\x00\ud800b")

    assert form.person._value() == "a\ufffd\ufffdb"
    assert form.person().encode()


@pytest.mark.parametrize("typed", ["Inès 🎉", "שלום", "O’Neil", "e\u0301"])
def test_unusual_names_are_kept(small: Flask, typed: str) -> None:
    form = sent(small, person=typed)

    assert messages(small, form) == {}


def test_wall_time_is_naive_and_shown_as_typed(small: Flask) -> None:
    form = sent(small, doors_at="2027-09-24T18:30")

    assert form.doors_at.data == datetime(2027, 9, 24, 18, 30)
    assert sent(small, doors_at="tomorrow").doors_at._value() == "tomorrow"


@pytest.mark.parametrize(("typed", "read"), [("", None), (" ", None), ("2027-09-24", date(2027, 9, 24))])
def test_a_day_left_empty_by_a_browser_is_none(small: Flask, typed: str, read: date | None) -> None:
    form = sent(small, read_on=typed)

    assert messages(small, form) == {}
    assert form.read_on.data == read


@pytest.mark.parametrize(("typed", "read"), [("1 00", 100), ("1\u202f00", 100), (" 42 ", 42)])
def test_amounts_may_be_grouped(small: Flask, typed: str, read: int) -> None:
    assert sent(small, seats=typed).seats.data == read


def test_a_pair_needs_one_language(small: Flask) -> None:
    neither = sent(small, title_fr="", title_en=" ")
    english = sent(small, title_fr="", title_en="Forum")

    assert messages(small, neither) == {"title_fr": ["Please fill in at least one language."]}
    assert both(english, "title") == {"en": "Forum"}


def test_a_pair_is_filled_from_a_translated_value(small: Flask) -> None:
    with small.test_request_context("/"):
        form = Sample(formdata=None, data=spread("title", {"fr": "Forum"}))

    assert (form.title_fr.data, form.title_en.data) == ("Forum", "")
    assert spread("title", None) == {"title_fr": "", "title_en": ""}


@pytest.mark.trust("P-2")
def test_a_keyed_form_without_its_key_is_refused_and_gets_a_new_one(small: Flask) -> None:
    without = {name: value for name, value in RIGHT.items() if name != "idempotency_key"}
    with small.test_request_context("/", method="POST", data=without):
        form = Sample()
        form.validate()

        assert messages(small, form) == {"idempotency_key": ["This form had lost its key. Please send it again."]}
        assert form.person.data == "Inès"
        assert len(form.idempotency_key.data) == 22


@pytest.mark.trust("P-3")
@pytest.mark.parametrize(("more", "is_same"), [({}, True), ({"person": "Karim"}, False), ({"path": "/elsewhere"}, False)])
def test_what_a_form_says_is_the_same_only_when_all_of_it_is(small: Flask, more: dict[str, str], is_same: bool) -> None:
    bodies = []
    for values in (dict(RIGHT), RIGHT | more):
        with small.test_request_context(values.pop("path", "/"), method="POST", data=values):
            bodies.append(Sample().sent_body)

    assert (bodies[0] == bodies[1]) is is_same


@pytest.mark.trust("P-2")
def test_a_keyed_form_has_a_new_key_each_time_and_keeps_the_one_sent(small: Flask) -> None:
    with small.test_request_context("/"):
        first, second = Sample(formdata=None), Sample(formdata=None)

    assert first.idempotency_key.data != second.idempotency_key.data
    assert sent(small).idempotency_key.data == "0123456789abcdef"


@pytest.mark.trust("P-3")
def test_a_key_is_renewed_on_request(small: Flask) -> None:
    form = sent(small)

    form.renew_key()

    assert form.idempotency_key.data != "0123456789abcdef"


@pytest.mark.trust("IN-2")
@given(st.text(max_size=60))
def test_text_is_stored_exactly_or_refused(small: Flask, typed: str) -> None:
    form = sent(small, about=typed)

    assert "about" in form.errors or form.about.data == fields.text.clean(typed, multiline=True)


def test_without_the_limit_a_long_text_would_pass(small: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the limit: with AtMost removed, the mistake above is not noticed."""
    monkeypatch.setattr(AtMost, "__call__", lambda *_arguments: None)

    assert messages(small, sent(small, about="b" * 21)) == {}
