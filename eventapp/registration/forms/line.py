"""When a free seat goes to whom, in the units in which people think: days, hours and shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField
from wtforms.validators import Optional

from eventapp.lib.fields import Amount, Form, Required, choices
from eventapp.registration.rules import DEFAULTS, Reconfirm, Settings

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UNITS: Mapping[str, timedelta] = {
    "offers_before": DAY,
    "last_day_before": HOUR,
    "freeze_before": HOUR,
    "early_window": HOUR,
    "window_least": HOUR,
    "window_most": HOUR,
    "hold": MINUTE,
    "unverified_after": HOUR,
}
PLAIN = ("window_percent", "lapses", "keep_max_party", "show_chance", "verify_address", "velocity", "reconfirm")
"""Settings that are typed as they are kept."""
HOURS = choices((hour, f"{hour}:00") for hour in range(24))


class LineForm(Form):
    """The settings of an event's line; what is left out of it keeps its value."""

    offers_before = Amount(_("Free seats are offered first, this many days before doors"), [Required()], least=1, most=60)
    last_day_before = Amount(
        _("Only who can come at the last moment is seated, this many hours before doors"), [Required()], least=1, most=720
    )
    freeze_before = Amount(_("The list closes, this many hours before doors"), [Required()], least=0, most=720)
    early_window = Amount(_("Hours to answer an early offer"), [Required()], least=12, most=168)
    window_percent = Amount(_("Per cent of the time that is left, to answer"), [Required()], least=1, most=100)
    window_least = Amount(_("Hours to answer, at the least"), [Required()], least=1, most=168)
    window_most = Amount(_("Hours to answer, at the most"), [Required()], least=1, most=168)
    quiet_from = SelectField(_("The time to answer stands still from"), [Required()], coerce=int, choices=HOURS)
    quiet_to = SelectField(_("until"), [Required()], coerce=int, choices=HOURS)
    lapses = SelectField(
        _("Offers without an answer that end a registration"), [Required()], coerce=int, choices=choices((n, str(n)) for n in (1, 2, 3))
    )
    keep_before = Amount(_("Seats are kept for groups until this many days before doors"), [Optional()], least=1, most=60)
    keep_max_party = SelectField(_("for groups of up to"), [Required()], coerce=int, choices=choices((n, str(n)) for n in (2, 3, 4)))
    show_chance = BooleanField(_("Tell those who wait how likely a seat is"))
    verify_address = BooleanField(_("Ask everybody to confirm their address before they have a seat"))
    hold = Amount(_("Minutes for which a seat is held"), [Required()], least=10, most=1440)
    unverified_after = Amount(_("Hours for which a place in line waits for it"), [Required()], least=2, most=168)
    velocity = Amount(
        _("Ask for it all the same above so many registrations from one network in 10 minutes"), [Required()], least=0, most=100_000
    )
    reconfirm = SelectField(
        _("Ask those who have a seat whether they still come"),
        [Required()],
        coerce=Reconfirm,
        choices=choices(
            [
                (Reconfirm.OFF, _("No")),
                (Reconfirm.SOFT, _("Five, two and one days before; who does not answer keeps the seat")),
                (Reconfirm.STRICT, _("Eight, six and four days before; who has not answered three days before loses the seat")),
            ]
        ),
    )

    @classmethod
    def of(cls, settings: Settings, formdata: Any = None) -> LineForm:
        """The form that shows these settings, filled with what was sent, if anything."""
        values: dict[str, Any] = {name: getattr(settings, name) // unit for name, unit in UNITS.items()}
        values |= {"keep_before": settings.keep_before // DAY if settings.keep_before is not None else None}
        values |= {name: getattr(settings, name).hour for name in ("quiet_from", "quiet_to")}
        values |= {name: getattr(settings, name) for name in PLAIN}
        return cls(data=values) if formdata is None else cls(formdata, data=values)

    def settings(self, before: Settings = DEFAULTS) -> Settings:
        """What was typed, upon what was set before."""
        return replace(
            before,
            **{name: self[name].data * unit for name, unit in UNITS.items()},
            keep_before=self.keep_before.data * DAY if self.keep_before.data is not None else None,
            quiet_from=time(self.quiet_from.data),
            quiet_to=time(self.quiet_to.data),
            **{name: self[name].data for name in PLAIN},
        )
