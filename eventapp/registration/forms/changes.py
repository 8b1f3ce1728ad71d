"""What is typed to change a party: how many, how many more, for what. The action judges what may be."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, ValidationError
from wtforms.widgets import HiddenInput

from eventapp.lib.fields import Amount, KeyedForm, Required
from eventapp.registration.rules import MAX_PARTY


class ChangeForm(KeyedForm):
    """A change of what a page shows: `version` says which."""

    version = IntegerField("", [Required()], widget=HiddenInput())
    asked = ""

    def say_at_its_field(self, sentence: str) -> None:
        """What was asked for cannot be."""
        self[self.asked].errors = [sentence]


class SizeForm(ChangeForm):
    """How many a party that waits shall be."""

    asked = "size"
    size = Amount(_("How many are you?"), [Required()], least=1, most=MAX_PARTY)


class PartySizeForm(SizeForm):
    """The same, of a party that is somebody else's."""

    size = Amount(_("Number of people"), [Required()], least=1, most=MAX_PARTY)


class MoreForm(ChangeForm):
    """How many come beside those who have seats."""

    asked = "by"
    by = Amount(_("How many more persons?"), [Required()], least=1, most=MAX_PARTY)


class KindForm(ChangeForm):
    """Another ticket type."""

    asked = "ticket_type"
    ticket_type = SelectField(_("Another ticket type"), [Required()], coerce=int, validate_choice=False)

    def offer(self, kinds: Sequence[tuple[int, str]]) -> None:
        """Say what there is to choose."""
        self.ticket_type.choices = list(kinds)

    def validate_ticket_type(self, field: SelectField) -> None:
        """Raises ValidationError: the event has no such ticket type."""
        if field.data not in {choice[0] for choice in field.choices or []}:
            raise ValidationError(_("This kind of ticket no longer exists. Please choose another."))
