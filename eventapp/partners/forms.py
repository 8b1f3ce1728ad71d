"""What organisers type about a partner."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField

from eventapp.lib.fields import Amount, AtMost, CleanText, Form, KeyedForm, PictureField, Required, UrlField, pair
from eventapp.lib.web import pick
from eventapp.partners import rules
from eventapp.partners.rules import HEADINGS, LOGO_SIZE_WORDS, LogoSize, PartnershipType


class PartnerForm(Form):
    """A body, under which heading, and how its logo is shown."""

    organisation = CleanText(_("Name of the body"), [Required()], limit=rules.MAX_ORGANISATION, title=True)
    type = SelectField(_("Heading"))
    scope = RadioField(_("Carries"), default="event")
    website = UrlField(_("Website"), [AtMost(rules.MAX_WEBSITE)])
    tier_fr, tier_en = pair(_("Sponsor level"), limit=rules.MAX_TIER, title=True)
    tier_order = Amount(_("Rank of the level"), least=0, most=rules.MAX_TIER_ORDER, default=0)
    logo_size = SelectField(_("Size of the logo"), default=LogoSize.MEDIUM.value)
    logo = PictureField(_("Logo"))
    alt = CleanText(_("What the logo shows, in words"), limit=rules.MAX_ALT)
    credit = CleanText(_("Rights of the logo"), limit=rules.MAX_CREDIT)

    def offer(self, *, has_edition: bool) -> PartnerForm:
        """What there is to choose from: a whole edition only where there is one."""
        self.type.choices = [(type_.value, pick(HEADINGS[type_])) for type_ in PartnershipType]
        self.logo_size.choices = [(size.value, pick(LOGO_SIZE_WORDS[size])) for size in LogoSize]
        self.scope.choices = [("event", _("This event")), *([("edition", _("The whole edition"))] if has_edition else [])]
        return self


class NewPartnerForm(PartnerForm, KeyedForm):
    """One more."""
