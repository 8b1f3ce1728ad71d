"""Whom an organiser invites: one guest a line, as it comes out of a spreadsheet or an address book."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from eventapp.lib.fields import PROBLEMS, Amount, CleanTextArea, Form, KeyedForm, Required, choices
from eventapp.lib.languages import NAMES
from eventapp.lib.text import canonical_email, email_problem
from eventapp.registration.rules import INVITATION_DAYS, MAX_NAME, MOST_INVITATION_DAYS

MOST_GUESTS = 100
_BREAK = re.compile(r"[,;\t]")


@dataclass(frozen=True)
class Guest:
    """One line that could be read; `number` counts from 1."""

    number: int
    first_name: str
    last_name: str
    email: str
    language: str


def read(text: str, *, language: str) -> tuple[list[Guest], list[str]]:
    """The guests of a list, and a sentence for each line that is none: name, address and, if another is wished, language."""
    guests: list[Guest] = []
    wrong: list[str] = []
    seen: set[str] = set()
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    for number, line in lines:
        parts = [part.strip() for part in _BREAK.split(line)]
        name, email, chosen = [*parts, "", "", ""][:3]
        first, _space, last = name.partition(" ")
        problem = _problem(parts, first=first, last=last.strip(), email=email, language=chosen, seen=seen)
        if problem:
            wrong.append(gettext("Line %(number)d: %(problem)s", number=number, problem=problem))
        else:
            seen.add(canonical_email(email))
            guests.append(Guest(number, first, last.strip(), email, chosen.lower() or language))
    if len(lines) > MOST_GUESTS:
        wrong.append(gettext("A list holds %(most)d lines at most.", most=MOST_GUESTS))
    return guests, wrong


def _problem(parts: Sequence[str], *, first: str, last: str, email: str, language: str, seen: set[str]) -> str:
    """What is wrong with a line, "" for nothing."""
    if len(parts) > 3 or not (first and last and email):
        return str(gettext("please write first and last name, then the address, with a comma between."))
    if max(len(first), len(last)) > MAX_NAME:
        return str(gettext("this name is too long."))
    problem = email_problem(email)
    if problem is not None:
        return str(PROBLEMS[problem])
    if language and language.lower() not in NAMES:
        return str(gettext("the language is fr or en."))
    return str(gettext("this address stands twice in the list.")) if canonical_email(email) in seen else ""


class InvitationsForm(KeyedForm):
    """Whom to invite, to what, for how long."""

    ticket_type = SelectField(_("Ticket type"), [Required()], coerce=int)
    guests = CleanTextArea(_("Guests, one a line"), [Required()], limit=20_000)
    language = SelectField(_("Language of the mails"), [Required()], choices=choices(NAMES.items()))
    days = Amount(_("Days to answer"), [Required()], least=1, most=MOST_INVITATION_DAYS, default=INVITATION_DAYS)

    def offer(self, kinds: Sequence[tuple[int, str]]) -> None:
        """Say what there is to invite to."""
        self.ticket_type.choices = list(kinds)

    def validate_guests(self, field: CleanTextArea) -> None:
        """Raises ValidationError: a sentence for the lines that cannot be read."""
        _guests, wrong = read(field.data or "", language="fr")
        if wrong:
            field.errors = [*field.errors, *wrong[1:]]
            raise ValidationError(wrong[0])


class LongerForm(Form):
    """More time for an invitation, asked from a page that showed this version."""

    version = IntegerField("", [Required()], widget=HiddenInput())
