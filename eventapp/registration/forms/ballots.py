"""Where the public number of a draw comes from and when it is known; and the number itself."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from eventapp.lib.fields import CleanText, Form, Required, WallTime, pair, required_pair
from eventapp.registration.rules import MAX_NUMBER

MAX_SOURCE = 300


class BallotForm(Form):
    """What is published before registration opens."""

    source_fr, source_en = pair(_("The public number comes from"), limit=MAX_SOURCE)
    draws_at = WallTime(_("The draw takes place on"), [Required()])

    def validate(self, extra_validators: Any = None) -> bool:
        """The fields, and the source in one language at least."""
        valid = super().validate(extra_validators)
        return required_pair(self, "source") and bool(valid)


class DrawForm(Form):
    """The number that is mixed in, as it was published elsewhere."""

    number = CleanText(_("Public number"), [Required()], limit=MAX_NUMBER)
