"""What an attendee types: who comes, a correction, which places to give back, the address to which a lost link is sent."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms import Form as PlainForm
from wtforms.form import BaseForm
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget, NumberInput

from eventapp.lib.fields import CleanText, EmailField, Form, KeyedForm, Required
from eventapp.lib.web.dates import moment
from eventapp.registration.rules import MAX_NAME, AutoUntil, Calendar

MOST_LISTED = 10
"""Up to so many the size of a party is chosen from a list; above, it is typed."""
MOST_NAMED = 5
"""Companions whose names the form asks for; of a larger party the others stay nameless until the day."""


class Companion(PlainForm):
    """Somebody who comes along, if they are known yet."""

    first_name = CleanText(_("First name"), limit=MAX_NAME, name_of_person=True)
    last_name = CleanText(_("Last name"), limit=MAX_NAME, name_of_person=True)


class PartySize(SelectField):
    """How many come: a short list, or a number to type where a class of thirty may come. The same numbers are taken either way."""

    most = 1

    def upto(self, most: int) -> None:
        """Say how many may come."""
        self.most = max(1, most)
        self.choices = [(number, str(number)) for number in range(1, self.most + 1)]
        if most > MOST_LISTED:
            self.widget = NumberInput(step="1", min=1, max=most)

    def _value(self) -> str:
        """What a number field shows."""
        return str(self.raw_data[0]) if self.raw_data else str(self.data or 1)

    def pre_validate(self, form: BaseForm) -> None:
        """Raises ValidationError: a number that is not offered."""
        if not self.process_errors and self.data not in range(1, self.most + 1):
            raise ValidationError(_("Please write a number from 1 to %(most)d.", most=self.most))


class RegistrationForm(KeyedForm):
    """Three fields; a fourth and a fifth where there is something to choose."""

    ticket_type = RadioField(  # type: ignore[call-arg]  # its sentences are newer than its stubs
        _("What do you register for?"),
        [Required()],
        coerce=int,
        invalid_choice_message=_("Please choose what you register for."),
        invalid_value_message=_("Please choose what you register for."),
    )
    first_name = CleanText(_("First name"), [Required()], limit=MAX_NAME, name_of_person=True)
    last_name = CleanText(_("Last name"), [Required()], limit=MAX_NAME, name_of_person=True)
    email = EmailField(_("E-mail address"), [Required()])
    size = PartySize(  # type: ignore[call-arg]  # its sentence is newer than its stubs
        _("How many are you?"), [Required()], coerce=int, default=1, invalid_value_message=_("Please write a whole number.")
    )
    companions = FieldList(FormField(Companion), max_entries=MOST_NAMED)
    accept_partial = BooleanField(_("If there are not enough seats for all of us, seat some of us first"))
    last_moment = BooleanField(_("I can come at the last moment: do not ask me first"))

    def offer(self, *, kinds: Sequence[tuple[int, str]], max_party: int) -> None:
        """Say what there is to choose: the ticket types by id and words, and the largest party. One choice alone is not asked."""
        self.ticket_type.choices = list(kinds)
        if len(kinds) == 1:
            self.ticket_type.data = kinds[0][0]
            self.ticket_type.process_errors = ()
        self.size.upto(max_party)
        if max_party <= 1:
            self.size.data = 1
            self.size.process_errors = ()

    def ask_names(self, *, max_party: int) -> None:
        """Make room for the names of those who come along, on a form that is shown."""
        while len(self.companions) < min(MOST_NAMED, max_party - 1):
            self.companions.append_entry()
        for entry in self.companions:
            entry.form.first_name.flags.quiet = entry.form.last_name.flags.quiet = True  # one sentence above them calls all optional

    def validate_size(self, field: Field) -> None:
        """Raises ValidationError: more names than persons."""
        if isinstance(field.data, int) and len(self.names) > field.data - 1:
            raise ValidationError(_("You have named more people than that. Please choose a larger number, or remove a name."))

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """First and last names of the companions who have been named, in order."""
        pairs = ((entry.form.first_name.data or "", entry.form.last_name.data or "") for entry in self.companions)
        return tuple(pair for pair in pairs if any(pair))


class CorrectionForm(Form):
    """A mistyped name or address."""

    first_name = CleanText(_("First name"), [Required()], limit=MAX_NAME, name_of_person=True)
    last_name = CleanText(_("Last name"), [Required()], limit=MAX_NAME, name_of_person=True)
    email = EmailField(_("E-mail address"), [Required()])


class BoxesField(SelectMultipleField):
    """Several boxes under one legend."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class CancellationForm(Form):
    """Which places of a party are given back. Attendees are named by their position in it."""

    attendees = BoxesField(_("Which places do you give back?"), coerce=int)
    part = HiddenField()

    def offer(self, people: Sequence[tuple[int, str]]) -> None:
        """Say whose places there are. A party of one is not asked."""
        self.attendees.choices = list(people)
        self.attendees.flags.quiet = True  # neither required box by box nor to be called optional
        if len(people) == 1:
            self.attendees.data = [people[0][0]]

    def validate_attendees(self, field: Field) -> None:
        """Raises ValidationError: no box is ticked."""
        if not field.data:
            raise ValidationError(_("Please tick at least one place. Nothing has changed."))


class AnswerForm(Form):
    """The answer to an offer: for whom, and to what the page showed."""

    version = IntegerField("", [Required()], widget=HiddenInput())
    part = HiddenField()


class InvitedForm(AnswerForm):
    """The yes to an invitation, with the name under which one comes."""

    first_name = CleanText(_("First name"), [Required()], limit=MAX_NAME, name_of_person=True)
    last_name = CleanText(_("Last name"), [Required()], limit=MAX_NAME, name_of_person=True)


class WishForm(AnswerForm):
    """How a party that waits wishes to be seated. `whole` comes with the form in which both are asked."""

    auto_until = RadioField(_("When your turn comes"), [Required()], choices=list(AutoUntil), validate_choice=True)
    accept_partial = BooleanField(_("If there are not enough seats for all of us, seat some of us first"))
    whole = HiddenField()

    def offer(self, calendar: Calendar) -> None:
        """Say what there is to choose, with the dates of the event."""
        offers, last_day, freeze = (moment(at, calendar.zone) for at in (calendar.offers_from, calendar.last_day_from, calendar.freeze_at))
        self.auto_until.choices = [
            (AutoUntil.FREEZE, _("Confirm me without asking, even at the last moment (until %(freeze)s)", freeze=freeze)),
            (AutoUntil.LAST_DAY, _("Confirm me without asking until %(last_day)s, then pass me over", last_day=last_day)),
            (AutoUntil.OFFERS, _("Confirm me without asking until %(offers)s, then ask me first", offers=offers)),
            (AutoUntil.NEVER, _("Always ask me first")),
        ]


class LostForm(Form):
    """The address to which the links are sent."""

    email = EmailField(_("E-mail address"), [Required()])


def person(first_name: str, last_name: str) -> str:
    """A name as one writes it; "" for somebody nameless."""
    return f"{first_name} {last_name}".strip()
