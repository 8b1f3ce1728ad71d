"""What organisers type about speakers and programme sessions."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField

from eventapp.events.models import Space, Track
from eventapp.lib.fields import (
    Amount,
    AtMost,
    CleanText,
    CleanTextArea,
    Form,
    KeyedForm,
    Optional,
    PictureField,
    Required,
    WallTime,
    both,
    pair,
    required_pair,
)
from eventapp.lib.web import pick
from eventapp.programme import rules
from eventapp.programme.models import ProgrammeSession
from eventapp.programme.rules import KIND_WORDS, Kind, ProgrammeValues

FIELDS = {
    "programme.session_unknown": "programme_session",
    "programme.half_a_time": "ends_wall",
    "programme.dates_out_of_order": "ends_wall",
    "programme.enrolment_without_time": "starts_wall",
    "programme.enrolment_without_places": "capacity",
    "slot.in_use": "enrolment",
    "time.does_not_exist": "starts_wall",
    "space.unknown": "space",
    "track.unknown": "track",
    "title.empty": "title_fr",
}
"""At which field a refusal is said; the others are said at the first."""


class SpeakerForm(Form):
    """A person, in which role, for which body, where in the programme."""

    name = CleanText(_("First and last name"), [Required(), AtMost(rules.MAX_NAME)], limit=rules.MAX_NAME, name_of_person=True)
    role_fr, role_en = pair(_("Role on the day"), limit=rules.MAX_ROLE, title=True)
    organisation = CleanText(_("Organisation"), limit=rules.MAX_ORGANISATION, title=True)
    programme_session = SelectField(_("Speaks in"), validate_choice=True)
    portrait = PictureField(_("Portrait"))
    alt = CleanText(_("What the portrait shows, in words"), limit=rules.MAX_ALT)
    credit = CleanText(_("Credit of the portrait"), limit=rules.MAX_CREDIT)

    def offer(self, sessions: Sequence[ProgrammeSession]) -> SpeakerForm:
        """The programme sessions to choose from."""
        self.programme_session.choices = [("", _("The event as a whole")), *((row.public_id, pick(row.title)) for row in sessions)]
        return self


class NewSpeakerForm(SpeakerForm, KeyedForm):
    """One more."""


class ProgrammeSessionForm(Form):
    """One item of the agenda."""

    title_fr, title_en = pair(_("Title"), limit=rules.MAX_TITLE, title=True)
    kind = SelectField(_("Kind"))
    starts_wall = WallTime(_("Starts"), [Optional()])
    ends_wall = WallTime(_("Ends"), [Optional()])
    space = SelectField(_("Space"))
    track = SelectField(_("Track"))
    language = SelectField(_("Language spoken"))
    abstract_fr, abstract_en = pair(_("What it is about"), field=CleanTextArea, limit=rules.MAX_ABSTRACT)
    capacity = Amount(_("Number of places"), [Optional()], least=1, most=rules.MAX_CAPACITY)
    enrolment = BooleanField(_("People enrol for this session"))

    def offer(self, spaces: Sequence[Space], tracks: Sequence[Track]) -> ProgrammeSessionForm:
        """What there is to choose from."""
        self.kind.choices = [(kind.value, pick(KIND_WORDS[kind])) for kind in Kind]
        self.space.choices = [("", _("Not said")), *((str(space.id), f"{space.venue.name}, {space.name}") for space in spaces)]
        self.track.choices = [("", _("Not said")), *((str(track.id), pick(track.name)) for track in tracks)]
        self.language.choices = [("", _("Not said")), ("fr", _("French")), ("en", _("English"))]
        return self

    def validate(self, extra_validators: object = None) -> bool:
        """A title in one language at least."""
        valid = super().validate(extra_validators)
        return required_pair(self, "title") and bool(valid)

    def values(self) -> ProgrammeValues:
        """What was typed, for the action."""
        return ProgrammeValues(
            title=both(self, "title"),
            kind=self.kind.data,
            starts_wall=self.starts_wall.data,
            ends_wall=self.ends_wall.data,
            space_id=int(self.space.data) if self.space.data else None,
            track_id=int(self.track.data) if self.track.data else None,
            language=self.language.data,
            abstract=both(self, "abstract"),
            capacity=self.capacity.data,
            enrolment=bool(self.enrolment.data),
        )


class NewProgrammeSessionForm(ProgrammeSessionForm, KeyedForm):
    """One more."""
