"""What an organiser says to those who have asked for a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from eventapp.lib.fields import Amount, CleanTextArea, KeyedForm, Required
from eventapp.registration.forms.attendee import BoxesField
from eventapp.registration.rules import MAX_REASON, MOST_APPROVED

NO: Mapping[str, str] = {
    "fr": "Nous ne pouvons pas vous donner de place cette fois\u00a0: les demandes sont plus nombreuses que les places. Merci de votre intérêt.",
    "en": "We cannot give you a place this time: more people have asked than there are seats. Thank you for your interest.",
}
"""The sentence that an organiser finds written, in the language of who reads it, and may change."""


class ApprovalForm(KeyedForm):
    """Whom to approve: those who are ticked, or the first so many."""

    applications = BoxesField(_("Applications"), validate_choice=False)
    first = Amount(_("How many"), least=1, most=MOST_APPROVED)
    do = HiddenField()

    def validate(self, extra_validators: Mapping[str, Sequence[object]] | None = None) -> bool:
        """Somebody is meant."""
        fine = super().validate(extra_validators)
        if self.do.data == "first" and not self.first.data and not self.first.errors:
            self.first.errors = [_("Please write a number from 1 to %(most)d.", most=MOST_APPROVED)]
            return False
        if self.do.data != "first" and not self.applications.data:
            self.form_errors.append(_("Please tick at least one application. Nothing has changed."))
            return False
        return bool(fine)


class RejectionForm(KeyedForm):
    """Why not: read by the person."""

    reason = CleanTextArea(_("What the person will read"), [Required()], limit=MAX_REASON)
