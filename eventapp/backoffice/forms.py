"""A whole event in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Field, SelectField

from eventapp.events import rules as events
from eventapp.lib.fields import Amount, CleanText, Day, EmailField, KeyedForm, Required, WallTime, both, pair, required_pair
from eventapp.registration.rules import MAX_PARTY

NEW_PLACE = 0
SENTENCES: Mapping[str, Any] = {
    "time.does_not_exist": _("On that day the clocks jump over this hour. Please choose another."),
    "event.dates_out_of_order": _("Doors open first, then the event starts, then it ends: please check the three times."),
    "event.too_long": _("An event lasts 31 days at most."),
    "event.closes_late": _("Registration closes before the event ends."),
    "ticket_type.closes_before_opening": _("Closing comes before opening: please check both."),
    "space.safety_unsourced": _("A safety capacity comes with its document, author and date: they are read in an emergency."),
    "space.unknown": _("This place does not exist any more. Please choose another."),
    "space.exists": _("This venue already has a space of that name."),
    "title.empty": _("Please fill in at least one language."),
    "slug.taken": _("This address is taken. Please change the title a little."),
    "slug.malformed": _("This title makes no address. Please use some letters."),
    "command.key_reused": _("This form was already sent with other words. Please check your events before sending it again."),
}
FIELDS: Mapping[str, str] = {
    "time.does_not_exist": "doors",
    "event.dates_out_of_order": "ends",
    "event.too_long": "ends",
    "event.closes_late": "closes",
    "ticket_type.closes_before_opening": "closes",
    "space.safety_unsourced": "safety_source",
    "space.unknown": "space",
    "space.exists": "space_name",
    "title.empty": "title_fr",
    "slug.taken": "title_fr",
    "slug.malformed": "title_fr",
}


class WholeEventForm(KeyedForm):
    """Title, day, place, seats, registration: enough to publish. The rest is in the event's settings."""

    organiser = SelectField(_("Organiser"), [Required()], coerce=int)
    title_fr, title_en = pair(_("Title"), limit=events.MAX_TITLE, title=True)
    summary_fr, summary_en = pair(_("In one sentence"), limit=events.MAX_SUMMARY)
    contact = EmailField(_("Address for questions"), [Required()])
    doors = WallTime(_("Doors open"), [Required()])
    starts = WallTime(_("Starts"), [Required()])
    ends = WallTime(_("Ends"), [Required()])
    space = SelectField(_("Place"), coerce=int, default=NEW_PLACE)
    venue_name = CleanText(_("Venue"), limit=events.MAX_NAME, title=True)
    venue_address = CleanText(_("Street and number"), limit=events.MAX_ADDRESS)
    venue_city = CleanText(_("City"), limit=events.MAX_CITY)
    space_name = CleanText(_("Room or ground"), limit=events.MAX_NAME, title=True)
    safety_capacity = Amount(_("Safety capacity"), least=1, most=events.MAX_CAPACITY)
    safety_source = CleanText(_("Document it was read in"), limit=events.MAX_SOURCE)
    safety_author = CleanText(_("Author of the document"), limit=events.MAX_NAME)
    safety_on = Day(_("Date of the document"))
    capacity = Amount(_("Seats to give"), [Required()], least=1, most=events.MAX_CAPACITY)
    max_party = Amount(_("Largest party"), [Required()], least=1, most=MAX_PARTY, default=4)
    opens = WallTime(_("Registration opens"))
    closes = WallTime(_("Registration closes"))

    def offer(self, *, organisers: Sequence[tuple[int, str]], spaces: Sequence[tuple[int, str]]) -> None:
        """Say for whom and where an event may be made."""
        self.organiser.choices = list(organisers)
        if len(organisers) == 1:
            self.organiser.data, self.organiser.process_errors = organisers[0][0], ()
        self.space.choices = [*spaces, (NEW_PLACE, _("A new place, described below"))]

    @property
    def is_new_place(self) -> bool:
        """Whether a venue and a space are made as well."""
        return bool(self.space.data == NEW_PLACE)

    def validate(self, extra_validators: Mapping[str, Sequence[object]] | None = None) -> bool:
        """A title; the three times in order; a new place whole, or none."""
        fine = bool(super().validate(extra_validators))
        fine = required_pair(self, "title") and fine
        fine = self._in_order() and fine
        if self.is_new_place:
            needed: tuple[Field, ...] = (self.venue_name, self.space_name, self.safety_capacity)
            if self.safety_capacity.data is not None:
                needed = (*needed, self.safety_source, self.safety_author, self.safety_on)
            for field in needed:
                if not field.data and not field.errors:
                    field.errors = [_("Please fill in this field.")]
                    fine = False
        return fine

    def _in_order(self) -> bool:
        if self.doors.data and self.starts.data and self.starts.data < self.doors.data:
            self.starts.errors = [_("The event starts when doors are open: this is earlier.")]
            return False
        if self.starts.data and self.ends.data and self.ends.data <= self.starts.data:
            self.ends.errors = [_("The event ends after it starts: this is earlier.")]
            return False
        if self.opens.data and self.closes.data and self.closes.data <= self.opens.data:
            self.closes.errors = [SENTENCES["ticket_type.closes_before_opening"]]
            return False
        return True

    @property
    def title(self) -> dict[str, str]:
        """The title in its languages."""
        return both(self, "title")

    @property
    def summary(self) -> dict[str, str]:
        """The sentence in its languages."""
        return both(self, "summary")
