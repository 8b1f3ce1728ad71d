"""What the buttons of a party's page say about places in sessions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, IntegerField
from wtforms.widgets import HiddenInput

from eventapp.lib.fields import Form, Required


class PlaceForm(Form):
    """About somebody of which part of the party; the place is in the address."""

    part = HiddenField()


class SwapForm(PlaceForm):
    """Whether to be given a place without being asked for the one at the same time."""

    swap = BooleanField(_("Swap without asking me"))


class EnrolmentForm(SwapForm):
    """Who enrols, in which session."""

    slot = HiddenField(validators=[Required()])
    position = IntegerField("", [Required()], widget=HiddenInput())
