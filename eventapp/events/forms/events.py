"""What organisers type about an event: `EventTimes` its clock, `EventForm` everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from eventapp.events import rules
from eventapp.events.forms.sentences import SENTENCES, blame, sentence
from eventapp.events.rules import (
    EventKind,
    EventValues,
    Visibility,
)
from eventapp.lib.fields import (
    Amount,
    CleanText,
    CleanTextArea,
    Colour,
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
TURNS = (("first", _("The first time, before the clocks go back")), ("second", _("The second time, after the clocks have gone back")))


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
