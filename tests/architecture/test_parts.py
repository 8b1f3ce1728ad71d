"""What the shared macros promise: labels, hints and mistakes tied to their fields, states in words, meters with a text twin."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


class Asked(Form):  # type: ignore[misc]
    idempotency_key = HiddenField(default="once")
    first_name = StringField("First name", [InputRequired("Write your first name.")])
    email = EmailField("Address", [InputRequired("Write your address."), Length(max=5, message="This is too long.")])
    company = StringField("Company")
    kind = RadioField("Ticket", [InputRequired("Choose a ticket.")], choices=[SelectChoice("a", "General"), SelectChoice("b", "Press")])
    size = SelectField("Party", choices=[SelectChoice("1", "1"), SelectChoice("2", "2")], default="1")
    note = TextAreaField("Note")
    portrait = FileField("Portrait")
    news = BooleanField("Send me news.")


class Read(HTMLParser):
    """Every tag with its attributes, in order, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += " " + data

    def by_id(self, name: str) -> dict[str, str | None]:
        return next(attributes for _tag, attributes in self.tags if attributes.get("id") == name)

    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _tag, attributes in self.tags if "id" in attributes]


def rendered(source: str, language: str = "en", **values: object) -> Read:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, extensions=["jinja2.ext.i18n"])
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    environment.globals.update(asset=lambda path: f"/static/{path}", csrf_token=lambda: "token", language=lambda: language)
    environment.filters.update(number=str, ordinal_suffix=lambda place: "e" if language == "fr" else "th")
    page = Read()
    page.feed(environment.from_string(source).render(**values))
    return page


def form_page(form: Form) -> Read:
    return rendered(
        '{% from "parts/forms.html" import errors, field, key, submit %}{{ errors(form) }}{{ key(form) }}'
        '{% for f in form if f.name != "idempotency_key" %}{{ field(f, hint="A hint.") }}{% endfor %}{{ submit("Send") }}',
        form=form,
    )


def test_every_field_has_its_label_and_its_hint() -> None:
    page = form_page(Asked())

    labelled = {attributes["for"] for tag, attributes in page.tags if tag == "label"}
    assert labelled == {"first_name", "email", "company", "kind-0", "kind-1", "size", "note", "portrait", "news"}
    assert {name: page.by_id(name)["aria-describedby"] for name in ("first_name", "kind", "size", "note", "portrait", "news")} == {
        name: f"{name}-hint" for name in ("first_name", "kind", "size", "note", "portrait", "news")
    }


def test_a_form_without_mistakes_says_none() -> None:
    page = form_page(Asked())

    assert [attributes for _tag, attributes in page.tags if attributes.get("role") == "alert" or "aria-invalid" in attributes] == []


def test_mistakes_are_tied_to_their_fields_and_listed_at_the_head() -> None:
    form = Asked(MultiDict({"first_name": "", "email": "too long", "size": "1"}))
    form.validate()

    page = form_page(form)

    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == ["#first_name", "#email", "#kind-0"]
    assert {link[1:] for link in links if link} <= set(page.ids())
    assert page.by_id("email")["aria-describedby"] == "email-hint email-error"
    assert page.by_id("email")["aria-invalid"] == "true"
    assert page.by_id("email")["value"] == "too long"
    assert page.by_id("kind")["aria-describedby"] == "kind-hint kind-error"
    assert len(page.ids()) == len(set(page.ids()))


def test_what_may_stay_empty_says_so() -> None:
    page = rendered('{% from "parts/forms.html" import field %}{{ field(form.company) }}{{ field(form.first_name) }}', form=Asked())

    assert page.words.count("(optional)") == 1


class Boxes(Form):  # type: ignore[misc]
    quotas = SelectMultipleField(
        "Seats are taken from",
        [InputRequired("Choose one.")],
        choices=[SelectChoice("1", "Room"), SelectChoice("2", "Press")],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def test_of_several_boxes_none_is_called_required_and_of_several_buttons_each_is() -> None:
    both = '{% from "parts/forms.html" import field %}{{ field(boxes.quotas) }}{{ field(asked.kind) }}'

    page = rendered(both, boxes=Boxes(), asked=Asked())

    assert {name: "required" in page.by_id(name) for name in ("quotas-0", "quotas-1", "kind-0", "kind-1")} == {
        "quotas-0": False,
        "quotas-1": False,
        "kind-0": True,
        "kind-1": True,
    }


def test_what_people_typed_is_escaped() -> None:
    form = Asked(MultiDict({"company": '"><script>alert(1)</script>'}))

    page = rendered('{% from "parts/forms.html" import field %}{{ field(form.company) }}', form=form)

    assert [tag for tag, _attributes in page.tags] == ["div", "label", "span", "input"]


def test_a_full_house_says_how_many_wait() -> None:
    page = rendered('{% from "parts/states.html" import seats %}{{ seats(800, 800, 340) }}')

    assert page.words.split() == ["Full", "340", "people", "waiting"]


def test_seats_left_are_said_in_words() -> None:
    page = rendered('{% from "parts/states.html" import seats %}{{ seats(819, 820) }}')

    assert page.words.split() == ["1", "seat", "left", "819", "of", "820", "taken"]


@pytest.mark.parametrize(("language", "wanted"), [("fr", "37e"), ("en", "37th")])
def test_a_place_in_line_is_an_ordinal(language: str, wanted: str) -> None:
    page = rendered('{% from "parts/states.html" import place %}{{ place(37) }}', language=language)

    assert page.words.replace(" ", "") == f"Yourplaceinline{wanted}"


def test_a_state_is_a_word_and_a_tone() -> None:
    page = rendered('{% from "parts/states.html" import pill %}{{ pill("waitlisted") }}{{ pill("never heard of") }}')

    assert page.words.split() == ["On", "the", "waiting", "list", "never", "heard", "of"]
    assert [attributes["data-tone"] for _tag, attributes in page.tags] == ["wait", "plain"]
