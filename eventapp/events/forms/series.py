"""What organisers type about series and their editions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import SelectField

from eventapp.events import rules
from eventapp.events.rules import (
    EditionValues,
    SeriesValues,
)
from eventapp.lib.fields import (
    Amount,
    CleanText,
    CleanTextArea,
    Colour,
    Day,
    Form,
    KeyedForm,
    Required,
    both,
    pair,
    required_pair,
)


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
