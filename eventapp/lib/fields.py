"""The shape of input: one field for each kind of thing people type. What is wrong is said at its field; what was typed is kept.

Limits are given by the caller, from the constants of its rules. Lengths are in graphemes (`lib.text`).
"""

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from flask import request
from flask_babel import get_locale, lazy_ngettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import Field, HiddenField, StringField, i18n
from wtforms.fields import ColorField, DateField, DateTimeLocalField, IntegerField
from wtforms.fields import EmailField as PlainEmailField
from wtforms.fields import URLField as PlainUrlField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import TextArea

from eventapp.lib import codes, text
from eventapp.lib.refusal import Refused

TEXT_LIMIT = 200
AREA_LIMIT = 5_000

PROBLEMS: Mapping[str, Any] = {
    "text.surrogate": _("This text contains a damaged character. Please type it again."),
    "text.control": _("This text contains a character that cannot be shown. Please type it again."),
    "text.newline": _("Please write this on a single line."),
    "text.marks": _("This text piles too many accents on one letter."),
    "text.bidi": _("This text contains an invisible mark that turns the direction of writing. Please remove it."),
    "text.link": _("Please write a name only, without a link or a slash."),
    "email.too_long": _("This address is too long: 254 characters at most, 64 before the @."),
    "email.list": _("Please write one address only."),
    "email.quoted": _("Addresses with quotation marks are not supported."),
    "email.address_literal": _("Please write the name of the mail domain after the @, not a number."),
    "email.local_not_ascii": _("Our mail server cannot write to an address with accents before the @."),
    "email.malformed": _("Please write a whole address, such as name@example.org."),
}
"""The sentence for each code of `lib.text`; the API gives the code beside it."""


class Required:
    """Something that can be seen has been typed or chosen."""

    field_flags: ClassVar[dict[str, Any]] = {"required": True}

    def __call__(self, _form: Any, field: Field) -> None:
        """Raises StopValidation."""
        if field.errors:
            raise StopValidation
        if field.data is None or field.data == "" or field.data == []:
            raise StopValidation(_("Please fill in this field."))


class Optional:
    """Nothing typed is fine; what is typed is judged by the validators after this one."""

    field_flags: ClassVar[dict[str, Any]] = {"optional": True}

    def __call__(self, _form: Any, field: Field) -> None:
        """Raises StopValidation."""
        if field.errors or field.data in (None, ""):
            raise StopValidation


class AtMost:
    """No longer than so many graphemes. Gives no `maxlength`: browsers cut at it silently, and count otherwise."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, _form: Any, field: Field) -> None:
        """Raises StopValidation."""
        if not field.data:
            return
        length = text.graphemes(field.data)
        if length > self.limit:
            raise StopValidation(
                lazy_ngettext(
                    "At most %(num)d character; this has %(length)d.",
                    "At most %(num)d characters; this has %(length)d.",
                    self.limit,
                    length=length,
                )
            )


class CleanText(StringField):
    """One line of text, as `text.clean` stores it. `data` is always a string, "" when nothing was typed.

    `title=True` for names of things, `name=True` for names of persons: see `text.clean`.
    """

    multiline = False

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Any] = (),
        *,
        limit: int = TEXT_LIMIT,
        title: bool = False,
        name_of_person: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(label, [*validators, AtMost(limit)], **options)
        self.limit = limit
        self.title = title
        self.name_of_person = name_of_person

    def process_data(self, value: Any) -> None:
        """A missing value is an empty text."""
        self.data = value or ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Raises ValueError: the sentence of what is wrong; `data` is then what was typed."""
        if not valuelist:
            return
        self.data = valuelist[0]
        # Long before a length in graphemes is counted: nothing of ours looks at each letter of a novel.
        if len(valuelist[0]) > self.limit * text.CODE_POINTS_EACH + text.CODE_POINTS_EACH * 1_000:
            raise ValueError(_("This text is far too long."))
        try:
            self.data = text.clean(valuelist[0], multiline=self.multiline, title=self.title, name=self.name_of_person)
        except text.Unclean as problem:
            raise ValueError(PROBLEMS[problem.code]) from None

    def pre_validate(self, _form: Any) -> None:
        """A text that is wrong in itself is not measured as well."""
        if self.process_errors:
            raise StopValidation

    def _value(self) -> str:
        # What was refused is shown again; only what HTML itself cannot carry gets a mark in its place.
        return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "\ufffd", self.data or "")


class CleanTextArea(CleanText):
    """Several lines of text."""

    widget = TextArea()
    multiline = True

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), *, limit: int = AREA_LIMIT, **options: Any) -> None:
        super().__init__(label, validators, limit=limit, **options)


class MarkdownArea(CleanTextArea):
    """Rich text as typed, at most `lib.markup.MAX_BYTES`; the action renders it."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), *, max_bytes: int = 10_000, **options: Any) -> None:
        super().__init__(label, validators, limit=max_bytes, **options)
        self.max_bytes = max_bytes

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Raises ValueError: too many bytes."""
        super().process_formdata(valuelist)
        if valuelist and len((self.data or "").encode()) > self.max_bytes:
            raise ValueError(_("This text is too long: %(limit)d bytes at most.", limit=self.max_bytes))


class EmailField(PlainEmailField, CleanText):
    """One address that can be written to, as typed. `text.canonical_email` compares, this does not change it."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), **options: Any) -> None:
        options.setdefault("render_kw", {"autocomplete": "email"})
        CleanText.__init__(self, label, validators, limit=text.EMAIL_MAX, **options)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Raises ValueError: the sentence of what is wrong."""
        super().process_formdata(valuelist)
        problem = text.email_problem(self.data) if self.data else None
        if problem is not None:
            raise ValueError(PROBLEMS[problem])


class UrlField(PlainUrlField, CleanText):
    """The address of a web page, whole."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), **options: Any) -> None:
        CleanText.__init__(self, label, validators, limit=text.URL_MAX, **options)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Raises ValueError: no http or https address."""
        super().process_formdata(valuelist)
        if self.data and text.safe_url(self.data, schemes=("http", "https")) is None:
            raise ValueError(_("Please write a whole address that begins with https://"))


class WallTime(DateTimeLocalField):
    """A day and an hour as read on a wall clock; `data` is naive, or None. Its zone is the event's."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), **options: Any) -> None:
        options.setdefault("render_kw", {"step": 60})
        super().__init__(label, list(validators), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **options)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Raises ValueError: no such time, or one that no event of ours has."""
        if not valuelist:
            return
        self.data = None
        if not valuelist[0].strip():
            return
        self.data = self._read(valuelist[0].strip())
        if self.data is None or not 1970 <= self.data.year <= 2199:
            self.data = None
            raise ValueError(_("Please write a day and an hour, such as 2027-09-24T18:30."))

    def _read(self, typed: str) -> datetime | None:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?", typed):
            return None
        try:
            return datetime.fromisoformat(typed).replace(second=0)
        except ValueError:
            return None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.strftime("%Y-%m-%dT%H:%M") if self.data else ""


class Day(DateField):
    """A day of the calendar; None when nothing was typed: browsers send an empty field too."""

    data: date | None

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Raises ValueError: no such day, or one that no document and no event of ours has."""
        if not valuelist:
            return
        self.data = None
        typed = valuelist[0].strip()
        if not typed:
            return
        self.data = self._read(typed)
        if self.data is None or not 1900 <= self.data.year <= 2199:
            self.data = None
            raise ValueError(_("Please write a day, such as 2027-09-24."))

    def _read(self, typed: str) -> date | None:
        try:
            return date.fromisoformat(typed) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed) else None
        except ValueError:
            return None


class Amount(IntegerField):
    """A whole number between two bounds, both allowed; None when nothing was typed."""

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Any] = (),
        *,
        least: int = 0,
        most: int = 1_000_000,
        **options: Any,
    ) -> None:
        options["render_kw"] = {"inputmode": "numeric", "min": least, "max": most, **(options.get("render_kw") or {})}
        super().__init__(label, list(validators), **options)
        self.least = least
        self.most = most

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Raises ValueError: no whole number, or one out of bounds."""
        if not valuelist:
            return
        self.data = None
        # People group thousands with spaces, narrow ones included.
        typed = re.sub("[ \u00a0\u202f]", "", valuelist[0])
        if not typed:
            return
        if not re.fullmatch(r"-?[0-9]{1,12}", typed):
            raise ValueError(_("Please write a whole number."))
        if int(typed) < self.least:
            raise ValueError(_("Please write %(least)d or more.", least=self.least))
        if int(typed) > self.most:
            raise ValueError(_("Please write %(most)d or less.", most=self.most))
        self.data = int(typed)


class Colour(ColorField):
    """A colour as #rrggbb, small letters."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Raises ValueError: another way of writing a colour."""
        if not valuelist:
            return
        self.data = valuelist[0].strip().lower()
        if self.data and not re.fullmatch(r"#[0-9a-f]{6}", self.data):
            raise ValueError(_("Please write a colour as # and six digits, such as #0b4f7a."))


class PictureField(FileField):  # type: ignore[misc]  # Flask-WTF has no types
    """A picture to upload; `data` is the upload or None. The page hands its stream to `pictures.receive` outside of any transaction."""

    data: FileStorage | None

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), **options: Any) -> None:
        options["render_kw"] = {"accept": "image/png,image/jpeg,image/webp", **(options.get("render_kw") or {})}
        super().__init__(label, list(validators), **options)


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
    """What a SelectField or RadioField offers, from values and their labels."""
    return [SelectChoice(value, label) for value, label in pairs]


def pair(label: Any, *, field: type[CleanText] = CleanText, validators: Sequence[Any] = (), **options: Any) -> tuple[CleanText, CleanText]:
    """The two fields of one translated text, French first: `title_fr, title_en = pair(_("Title"), limit=120, title=True)`.

    A form that has them calls `required_pair(self, "title")` in its `validate` when one of the two must be there.
    """
    french = field(_("%(label)s (French)", label=label), validators, **options)
    english = field(_("%(label)s (English)", label=label), validators, **options)
    return french, english


def both(form: FlaskForm, name: str) -> dict[str, str]:
    """The translated value of a `pair`: {"fr": …, "en": …} without what is empty."""
    values = {language: form[f"{name}_{language}"].data for language in ("fr", "en")}
    return {language: value for language, value in values.items() if value}


def spread(name: str, value: Mapping[str, str] | None) -> dict[str, str]:
    """A translated value as the data of its `pair`: `EventForm(data=spread("title", event.title))`."""
    return {f"{name}_{language}": (value or {}).get(language, "") for language in ("fr", "en")}


def required_pair(form: FlaskForm, name: str) -> bool:
    """Whether at least one language of a `pair` is filled in; says so at the French field when none is."""
    if both(form, name) or form[f"{name}_fr"].errors or form[f"{name}_en"].errors:
        return True
    form[f"{name}_fr"].errors = [_("Please fill in at least one language.")]
    return False


@functools.cache
def _sentences(language: str) -> Any:
    return i18n.get_translations([language])


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Every form of ours. Its token against foreign sites is checked by the edge before any view (`lib.web`)."""

    class Meta:
        """Read by WTForms."""

        csrf = False

        def get_translations(self, _form: Any) -> Any:
            """The sentences of WTForms itself, read once for each language."""
            return _sentences(str(get_locale() or "fr"))


class KeyedForm(Form):
    """A form whose sending twice is one command: it carries an idempotency key. As it stands, a button with nothing to type."""

    idempotency_key = HiddenField(default=codes.key)

    def validate_idempotency_key(self, field: Field) -> None:
        """Raises ValidationError: no key, or one that no page of ours has made."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", (field.raw_data or [""])[0]):
            self.renew_key()
            raise ValidationError(_("This form had lost its key. Please send it again."))

    def renew_key(self) -> None:
        """A fresh key for a page shown again after a refusal. Source: trust.md P-3."""
        self.idempotency_key.data = codes.key()

    @property
    def sent_key(self) -> str:
        """The key of the page that was sent."""
        return str(self.idempotency_key.data)

    @property
    def sent_body(self) -> str:
        """What must be the same when the key comes again: where it is sent, and all that it says."""
        said = {name: _said(value) for name, value in self.data.items() if name != "idempotency_key"}
        return json.dumps([request.full_path, said], ensure_ascii=False, sort_keys=True, default=str)

    def say_reused(self, sentence: str) -> None:
        """The key was used for something else: say so at the head of the form, under a fresh key."""
        self.form_errors.append(sentence)
        self.renew_key()


def keyed_button() -> KeyedForm:
    """The form of a button with nothing to type, as it was sent.

    Raises Refused: command.key_missing (422).
    """
    form = KeyedForm()
    if not form.validate():
        raise Refused("command.key_missing", status=422)
    return form


def _said(value: Any) -> Any:
    """A value of a form; of a file what is in it."""
    if not isinstance(value, FileStorage):
        return value
    value.stream.seek(0)  # it may have been read already
    digest = hashlib.file_digest(value.stream, "sha256").hexdigest()  # type: ignore[arg-type]  # reads like a file
    value.stream.seek(0)
    return digest
