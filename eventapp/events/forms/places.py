"""What organisers type about venues, spaces and gates."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import SelectField

from eventapp.events import rules
from eventapp.events.forms.sentences import blame
from eventapp.events.rules import (
    Direction,
    SpaceKind,
    SpaceValues,
    VenueValues,
)
from eventapp.lib.fields import (
    Amount,
    CleanText,
    CleanTextArea,
    Day,
    Form,
    KeyedForm,
    Required,
    both,
    choices,
    pair,
)
from eventapp.lib.refusal import Refused

SPACE_KINDS = (
    (SpaceKind.ROOM.value, _("Room")),
    (SpaceKind.OPEN_AIR.value, _("Open air")),
    (SpaceKind.STADIUM.value, _("Stadium")),
    (SpaceKind.OFFICE.value, _("Company premises")),
    (SpaceKind.ONLINE.value, _("Online")),
)
DIRECTIONS = ((Direction.BOTH.value, _("In and out")), (Direction.IN.value, _("In only")), (Direction.OUT.value, _("Out only")))


def lines(text: str | None) -> list[str]:
    """What was typed one on each line, empty and repeated ones left out."""
    return list(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))


class SpaceForm(Form):
    """A room or ground. Its safety capacity comes with the document it was read in."""

    name = CleanText(_("Name of the space"), [Required()], limit=rules.MAX_NAME, title=True)
    kind = SelectField(_("Kind"), choices=choices(SPACE_KINDS), default=SpaceKind.ROOM.value)
    ticket_capacity = Amount(_("Seats you usually give out"), least=1, most=rules.MAX_CAPACITY)
    safety_capacity = Amount(_("Safety capacity"), least=1, most=rules.MAX_CAPACITY)
    safety_source = CleanText(_("Document it is read in"), limit=rules.MAX_SOURCE, title=True)
    safety_author = CleanText(_("Author of the document"), limit=rules.MAX_NAME, title=True)
    safety_on = Day(_("Date of the document"))

    def validate(self, extra_validators: Any = None) -> bool:
        """A number without its source is refused at the source."""
        if not super().validate(extra_validators):
            return False
        try:
            rules.check_space(self.space_values())
        except Refused as refused:
            return not blame(self, refused)
        return True

    def space_values(self) -> SpaceValues:
        """What the action is given."""
        return SpaceValues(
            name=self.name.data or "",
            kind=str(self.kind.data),
            ticket_capacity=self.ticket_capacity.data,
            safety_capacity=self.safety_capacity.data,
            safety_source=self.safety_source.data or "",
            safety_author=self.safety_author.data or "",
            safety_on=self.safety_on.data,
        )


class VenueFields(Form):
    """A place with an address."""

    venue_name = CleanText(_("Name of the venue"), limit=rules.MAX_NAME, title=True)
    address = CleanTextArea(_("Address"), limit=rules.MAX_ADDRESS)
    city = CleanText(_("City"), limit=rules.MAX_CITY, title=True)
    venue_access_fr, venue_access_en = pair(_("How to get there"), field=CleanTextArea, limit=rules.MAX_ACCESS)

    def venue_values(self) -> VenueValues:
        """What the action is given."""
        return VenueValues(
            name=self.venue_name.data or "",
            address=self.address.data or "",
            city=self.city.data or "",
            access=both(self, "venue_access"),
        )


class NewSpaceForm(SpaceForm, VenueFields, KeyedForm):
    """A space in a venue there is, or in a new one, with its gates."""

    venue = SelectField(_("Venue"), choices=[], default="")
    gates = CleanTextArea(_("Gates, one on each line"), limit=1_000)

    def validate(self, extra_validators: Any = None) -> bool:
        """A new venue needs its name."""
        is_good = super().validate(extra_validators)
        if not self.venue.data and not self.venue_name.data and not self.venue_name.errors:
            self.venue_name.errors = [_("Please choose a venue above or name a new one.")]
            return False
        if any(len(name) > rules.MAX_GATE for name in lines(self.gates.data)):
            self.gates.errors = [_("The name of a gate is too long.")]
            return False
        return is_good


class EditSpaceForm(SpaceForm, VenueFields):
    """A space and the venue around it."""


class GateForm(Form):
    """A way in or out."""

    name = CleanText(_("Name of the gate"), [Required()], limit=rules.MAX_GATE, title=True)
    direction = SelectField(_("Direction"), choices=choices(DIRECTIONS), default=Direction.BOTH.value)


class NewGateForm(GateForm, KeyedForm):
    """One more."""
