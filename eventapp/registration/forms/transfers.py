"""Who comes instead, in whose place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField

from eventapp.lib.fields import CleanText, EmailField, KeyedForm, Required
from eventapp.registration.rules import MAX_NAME

_PLACE = re.compile(r"([a-z0-9]{16})\.([1-9][0-9]?)")


class TransferForm(KeyedForm):
    """A place, as public id of its party and position in it, and the person it is passed on to; `confirmed` once what happens was read."""

    place = RadioField(  # type: ignore[call-arg]  # its sentences are newer than its stubs
        _("Whose place is passed on?"),
        [Required()],
        coerce=str,
        invalid_choice_message=_("Please choose whose place is passed on."),
        invalid_value_message=_("Please choose whose place is passed on."),
    )
    first_name = CleanText(_("First name"), [Required()], limit=MAX_NAME, name_of_person=True)
    last_name = CleanText(_("Last name"), [Required()], limit=MAX_NAME, name_of_person=True)
    email = EmailField(_("E-mail address"), [Required()])
    confirmed = HiddenField()

    def offer(self, places: Sequence[tuple[str, str]]) -> None:
        """Say whose places there are. One alone is not asked."""
        self.place.choices = list(places)
        if len(places) == 1 and not self.place.data:
            self.place.data = places[0][0]
            self.place.process_errors = ()

    @property
    def named_place(self) -> tuple[str, int]:
        """Public id and position of the place that was sent; those of nobody when it cannot be read."""
        match = _PLACE.fullmatch(self.place.data or "")
        return (match[1], int(match[2])) if match else ("", 0)
