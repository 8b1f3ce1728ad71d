"""Inviting phones."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField

from eventapp.door import rules
from eventapp.door.queries import GateFacts
from eventapp.door.rules import Role
from eventapp.lib.fields import Amount, KeyedForm, Required, choices


class EnrolmentForm(KeyedForm):
    """Where the phones will stand, what they may do, and how many may use this one code."""

    gate = SelectField(_("Gate"), [Required()])
    role = RadioField(
        _("What these phones may do"),
        [Required()],
        choices=choices(
            [
                (Role.SCAN.value, _("Scan tickets")),
                (Role.DESK.value, _("Scan tickets and find people by name")),
                (Role.SUPERVISOR.value, _("All of this, and let somebody in with a reason")),
            ]
        ),
        default=Role.SCAN.value,
    )
    uses = Amount(_("Number of phones"), [Required()], least=1, most=rules.MAX_USES, default=1)

    def offer(self, gates: Sequence[GateFacts]) -> None:
        """The gates to choose from."""
        self.gate.choices = [(gate.name, gate.name) for gate in gates]
