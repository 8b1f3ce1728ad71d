"""What organisers type about series, editions, places and events; and the words for what is refused.

`EventTimes`, `SpaceForm` and `VenueFields` serve other forms too, that make an event together with its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from eventapp.events import rules
from eventapp.events.rules import (
    Direction,
    EditionValues,
    EventKind,
    EventValues,
    SeriesValues,
    SpaceKind,
    SpaceValues,
    VenueValues,
    Visibility,
)
from eventapp.lib import web
from eventapp.lib.fields import (
    Amount,
    CleanText,
    CleanTextArea,
    Colour,
    Day,
    EmailField,
    Form,
    KeyedForm,
    MarkdownArea,
    PictureField,
    Required,
    WallTime,
    both,
    choices,
    pair,
    required_pair,
    spread,
)
from eventapp.lib.languages import NAMES
from eventapp.lib.refusal import Refused

SENTENCES: Mapping[str, Any] = {
    "time.does_not_exist": _("The clocks jump over this time that night: it does not exist in this time zone."),
    "time.twice": _("The clocks go back that night, so this time comes twice. Please say which one you mean."),
    "zone.unknown": _("This time zone is not known."),
    "event.dates_out_of_order": _("Doors open first, then the event starts, then it ends."),
    "event.too_long": _("An event lasts 31 days at most."),
    "edition.dates_out_of_order": _("The last day cannot come before the first."),
    "edition.exists": _("This series has an edition of this year and number already."),
    "edition.unknown": _("Please choose one of your editions."),
    "series.unknown": _("Please choose one of your series."),
    "space.unknown": _("Please choose one of your spaces."),
    "space.exists": _("This venue has a space of this name already."),
    "space.safety_unsourced": _(
        "Please name the document, its author and its date: a safety capacity is copied from a document, never guessed."
    ),
    "venue.unknown": _("Please choose one of your venues."),
    "gate.exists": _("There is a gate of this name already."),
    "gate.too_many": _("At most %(most)d gates."),
    "track.unknown": _("Please choose a track of this edition."),
    "slug.taken": _("This address is taken already. Please choose another."),
    "slug.reserved": _("This word is the address of one of our own pages. Please choose another."),
    "slug.malformed": _("Small letters without accents, digits and hyphens only."),
    "title.empty": _("Please fill in at least one language."),
    "picture.too_large": _("This picture is too large: 5 MB at most."),
    "picture.kind": _("Please send a PNG, JPEG or WebP picture."),
    "picture.too_many_pixels": _("This picture has too many pixels: 25 million at most."),
    "picture.unreadable": _("This picture cannot be read. Please save it again as PNG or JPEG."),
}
FIELDS: Mapping[str, str] = {
    "event.dates_out_of_order": "starts",
    "event.too_long": "ends",
    "edition.dates_out_of_order": "ends_on",
    "edition.exists": "number",
    "edition.unknown": "edition",
    "series.unknown": "series",
    "space.unknown": "space",
    "space.exists": "name",
    "space.safety_unsourced": "safety_source",
    "venue.unknown": "venue",
    "gate.exists": "gates",
    "gate.too_many": "gates",
    "track.unknown": "track",
    "slug.taken": "slug",
    "slug.reserved": "slug",
    "slug.malformed": "slug",
    "title.empty": "title_fr",
    "picture.too_large": "cover",
    "picture.kind": "cover",
    "picture.too_many_pixels": "cover",
    "picture.unreadable": "cover",
}
KINDS = (
    (EventKind.FORUM.value, _("Forum")),
    (EventKind.OPENING.value, _("Opening evening")),
    (EventKind.CONFERENCE.value, _("Conference")),
    (EventKind.WORKSHOP.value, _("Workshop")),
    (EventKind.PRESS.value, _("Press point")),
    (EventKind.HACKATHON.value, _("Hackathon")),
    (EventKind.JOB_FAIR.value, _("Job fair")),
    (EventKind.ONLINE.value, _("Online event")),
)
VISIBILITIES = (
    (Visibility.PUBLIC.value, _("Public: listed and found by search engines")),
    (Visibility.UNLISTED.value, _("Unlisted: seen by whoever has the link")),
    (Visibility.INVITATION.value, _("By invitation only")),
)
SPACE_KINDS = (
    (SpaceKind.ROOM.value, _("Room")),
    (SpaceKind.OPEN_AIR.value, _("Open air")),
    (SpaceKind.STADIUM.value, _("Stadium")),
    (SpaceKind.OFFICE.value, _("Company premises")),
    (SpaceKind.ONLINE.value, _("Online")),
)
DIRECTIONS = ((Direction.BOTH.value, _("In and out")), (Direction.IN.value, _("In only")), (Direction.OUT.value, _("Out only")))
TURNS = (("first", _("The first time, before the clocks go back")), ("second", _("The second time, after the clocks have gone back")))


def sentence(refused: Refused) -> str | None:
    """The words for a refusal that a form of this room shows at a field; None for any other."""
    words = SENTENCES.get(refused.code)
    return None if words is None else str(words) % refused.facts


def blame(form: Form, refused: Refused, *, otherwise: str = "") -> bool:
    """Say a refusal at the field it is about, or at the one named; False when this form has none for it."""
    if refused.code == "command.key_reused" and isinstance(form, KeyedForm):
        form.say_reused(web.words(refused))
        return True
    name = refused.facts.get("field") or FIELDS.get(refused.code, "")
    words = sentence(refused)
    name = str(name) if name in form else otherwise
    if words is None or name not in form:
        return False
    form[name].errors = [words]
    return True


def _chosen(value: str | None) -> int | None:
    return int(value) if value else None


def _turn(label: Any) -> RadioField:
    return RadioField(label, choices=choices(TURNS), validate_choice=False)


class EventTimes(Form):
    """Doors, start and end on the wall clock of a zone. A time the clocks jump over is refused; for one that comes twice, which is asked."""

    zone = SelectField(_("Time zone"), choices=choices((zone, zone) for zone in rules.ZONES), default=rules.ZONES[0])
    doors = WallTime(_("Doors open"), [Required()])
    doors_turn = _turn(_("Which of the two (doors)"))
    starts = WallTime(_("Starts"), [Required()])
    starts_turn = _turn(_("Which of the two (start)"))
    ends = WallTime(_("Ends"), [Required()])
    ends_turn = _turn(_("Which of the two (end)"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Each time by itself, then their order."""
        fields_are_good = bool(super().validate(extra_validators))
        if self.zone.errors or self.doors.errors or self.starts.errors or self.ends.errors:
            return False
        judged = [self._exists_once(name) for name in ("doors", "starts", "ends")]
        return all(judged) and self._in_order() and fields_are_good

    def times(self) -> dict[str, Any]:
        """The part of `EventValues` that this form holds."""
        walls = {f"{name}_wall": self[name].data for name in ("doors", "starts", "ends")}
        return {"zone": self.zone.data, **walls, **{f"{name}_second": self.is_second(name) for name in ("doors", "starts", "ends")}}

    def is_second(self, name: str) -> bool:
        """Whether the later of two equal times is meant."""
        return bool(self[f"{name}_turn"].data == "second")

    def asks_turn(self, name: str) -> bool:
        """Whether the page must ask which of two equal times is meant."""
        field = self[name]
        return bool(field.data is not None and self.zone.data in rules.ZONES and rules.exists_twice(field.data, self.zone.data))

    def _exists_once(self, name: str) -> bool:
        field = self[name]
        try:
            rules.instant(field.data, str(self.zone.data), second=self.is_second(name))
        except Refused as refused:
            field.errors = [sentence(refused)]
            return False
        if self.asks_turn(name) and self[f"{name}_turn"].data not in ("first", "second"):
            self[f"{name}_turn"].errors = [SENTENCES["time.twice"]]
            return False
        return True

    def _in_order(self) -> bool:
        instants = [
            rules.instant(self[name].data, str(self.zone.data), second=self.is_second(name)) for name in ("doors", "starts", "ends")
        ]
        try:
            rules.check_dates(*instants)
        except Refused as refused:
            return not blame(self, refused)
        return True


class EventForm(EventTimes):
    """Everything an organiser says of an event."""

    title_fr, title_en = pair(_("Title"), limit=rules.MAX_TITLE, title=True)
    slug = CleanText(_("Address of the page"), limit=rules.MAX_SLUG, title=True)
    kind = SelectField(_("Kind"), choices=choices(KINDS), default=EventKind.CONFERENCE.value)
    edition = SelectField(_("Edition"), choices=[], default="")
    track = SelectField(_("Track"), choices=[], default="")
    space = SelectField(_("Space"), choices=[], default="")
    summary_fr, summary_en = pair(_("Summary"), field=CleanTextArea, limit=rules.MAX_SUMMARY)
    description_fr, description_en = pair(_("Description"), field=MarkdownArea)
    bring_fr, bring_en = pair(_("What to bring"), field=CleanTextArea, limit=rules.MAX_ACCESS)
    access_fr, access_en = pair(_("Access"), field=CleanTextArea, limit=rules.MAX_ACCESS)
    contact = EmailField(_("E-mail for questions"))
    spoken = SelectMultipleField(
        _("Languages spoken"), choices=choices(NAMES.items()), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    visibility = SelectField(_("Who finds it"), choices=choices(VISIBILITIES), default=Visibility.PUBLIC.value)
    flagship = BooleanField(_("The main event of its edition"))
    photo_notice = BooleanField(_("Say that photographs are taken"), default=True)
    expected = Amount(_("How many people you expect"), least=1, most=rules.MAX_CAPACITY)
    colour = Colour(_("Colour"), default=rules.COLOUR)
    cover = PictureField(_("Cover picture"))
    cover_alt_fr, cover_alt_en = pair(_("What the picture shows"), limit=rules.MAX_SUMMARY)
    cover_credit = CleanText(_("Credit"), limit=rules.MAX_NAME)
    cover_remove = BooleanField(_("Remove the picture"))

    def offer(self, *, editions: Iterable[Any], tracks: Iterable[Any], spaces: Iterable[Any]) -> None:
        """What may be chosen: pairs of id and words."""
        for field, pairs, none in (
            (self.edition, editions, _("No edition")),
            (self.track, tracks, _("No track")),
            (self.space, spaces, _("Not known yet")),
        ):
            field.choices = choices([("", none), *((str(id), words) for id, words in pairs)])

    def validate(self, extra_validators: Any = None) -> bool:
        """A title in one language at least."""
        return all([super().validate(extra_validators), required_pair(self, "title")])

    def values(self, *, cover: Mapping[str, Any] | None) -> EventValues:
        """What the action is given; `cover` is the picture to keep."""
        return EventValues(
            title=both(self, "title"),
            slug=self.slug.data or "",
            kind=str(self.kind.data),
            edition_id=_chosen(self.edition.data),
            track_id=_chosen(self.track.data),
            space_id=_chosen(self.space.data),
            summary=both(self, "summary"),
            description=both(self, "description"),
            bring=both(self, "bring"),
            access=both(self, "access"),
            contact=self.contact.data or "",
            spoken=tuple(self.spoken.data or ()),
            visibility=str(self.visibility.data),
            flagship=bool(self.flagship.data),
            photo_notice=bool(self.photo_notice.data),
            expected=self.expected.data,
            colour=self.colour.data or rules.COLOUR,
            cover=self.described(cover),
            **self.times(),
        )

    def described(self, cover: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The picture with the words that this form holds for it."""
        if cover is None:
            return None
        kept = {name: cover[name] for name in ("file", "width", "height")}
        return {**kept, "alt": both(self, "cover_alt"), "credit": self.cover_credit.data or ""}


def typed_event(event: Any) -> dict[str, Any]:
    """An event as the data of its form."""
    cover = event.cover or {}
    turns = {
        f"{name}_turn": "second"
        for name in ("doors", "starts", "ends")
        if rules.exists_twice(getattr(event, f"{name}_wall"), event.zone)
        and rules.instant(getattr(event, f"{name}_wall"), event.zone) != getattr(event, f"{name}_at")
    }
    return {
        **{name: getattr(event, name) for name in ("slug", "kind", "contact", "spoken", "visibility", "flagship", "photo_notice")},
        **{name: getattr(event, name) for name in ("expected", "colour", "zone")},
        **{name: str(getattr(event, f"{name}_id") or "") for name in ("edition", "track", "space")},
        **{name: getattr(event, f"{name}_wall") for name in ("doors", "starts", "ends")},
        **{f"{name}_turn": "first" for name in ("doors", "starts", "ends")},
        **turns,
        **{
            key: text
            for name in ("title", "summary", "description", "bring", "access")
            for key, text in spread(name, getattr(event, name)).items()
        },
        **spread("cover_alt", cover.get("alt")),
        "cover_credit": cover.get("credit", ""),
    }


class NewEventForm(EventForm, KeyedForm):
    """One more."""


class SeriesForm(Form):
    """What comes back under one name."""

    name_fr, name_en = pair(_("Name"), limit=rules.MAX_NAME, title=True)
    short_name = CleanText(_("Short name"), limit=rules.MAX_SHORT_NAME, title=True)
    description_fr, description_en = pair(_("Description"), field=CleanTextArea, limit=rules.MAX_ACCESS)
    colour = Colour(_("Colour"), default=rules.COLOUR)

    def validate(self, extra_validators: Any = None) -> bool:
        """A name in one language at least."""
        return all([super().validate(extra_validators), required_pair(self, "name")])

    def values(self) -> SeriesValues:
        """What the action is given."""
        return SeriesValues(
            name=both(self, "name"),
            short_name=self.short_name.data or "",
            description=both(self, "description"),
            colour=self.colour.data or rules.COLOUR,
        )


class NewSeriesForm(SeriesForm, KeyedForm):
    """One more."""


class EditionForm(Form):
    """One year of a series."""

    year = Amount(_("Year"), [Required()], least=1970, most=2199)
    number = Amount(_("Number"), least=1, most=999)
    name_fr, name_en = pair(_("Name, if it has one of its own"), limit=rules.MAX_NAME, title=True)
    period_fr, period_en = pair(_("When, in words"), limit=rules.MAX_NAME)
    starts_on = Day(_("First day"))
    ends_on = Day(_("Last day"))
    colour = Colour(_("Colour"), default=rules.COLOUR)
    tracks = CleanTextArea(_("Tracks to add, one on each line"), limit=1_000)

    def values(self, *, figures: Iterable[Mapping[str, str]]) -> EditionValues:
        """What the action is given; key figures are kept as they are."""
        return EditionValues(
            year=self.year.data or 0,
            number=self.number.data,
            name=both(self, "name"),
            period=both(self, "period"),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            colour=self.colour.data or rules.COLOUR,
            figures=tuple(figures),
        )


class NewEditionForm(EditionForm, KeyedForm):
    """With the series it belongs to."""

    series = SelectField(_("Series"), choices=[])


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
