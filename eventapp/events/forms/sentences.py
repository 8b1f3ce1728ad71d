"""The words for what is refused in this room, and the field each is said at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from eventapp.lib import web
from eventapp.lib.fields import (
    Form,
    KeyedForm,
)
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
