"""A programme session needs a title in one language at least."""

from flask import Flask
from werkzeug.datastructures import MultiDict

from eventapp.programme.forms import ProgrammeSessionForm

CHOICES = {"kind": "workshop", "space": "", "track": "", "language": "fr"}


def form(**typed: str) -> ProgrammeSessionForm:
    return ProgrammeSessionForm(MultiDict(CHOICES | typed)).offer([], [])


def test_a_title_in_one_language_is_enough(app: Flask) -> None:
    with app.test_request_context("/"):
        typed = form(title_en="Workshop")

        assert typed.validate()
        assert typed.values().title == {"en": "Workshop"}
        assert not form().validate()
