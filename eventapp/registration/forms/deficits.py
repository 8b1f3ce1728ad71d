"""Whose seats an organiser takes back where more were given than a limit allows."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from eventapp.lib.fields import CleanTextArea, KeyedForm, Required
from eventapp.registration.forms.attendee import BoxesField
from eventapp.registration.rules import MAX_REASON


class DeficitForm(KeyedForm):
    """Parties, and why: read by each of their holders."""

    parties = BoxesField(_("Registrations"), validate_choice=False)
    reason = CleanTextArea(_("Reason, as each of them will read it"), [Required()], limit=MAX_REASON)


class VolunteersForm(KeyedForm):
    """What everybody with a seat is told beside the question."""

    words = CleanTextArea(_("Why, in your own words (optional)"), limit=MAX_REASON)
