"""What an organiser types: a party by hand, a correction, a reason, seats and ticket types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Field, HiddenField, SelectField
from wtforms.validators import ValidationError

from eventapp.events.rules import MAX_CAPACITY
from eventapp.lib.fields import (
    Amount,
    CleanText,
    CleanTextArea,
    EmailField,
    Form,
    KeyedForm,
    Required,
    WallTime,
    choices,
    pair,
    required_pair,
)
from eventapp.lib.languages import NAMES
from eventapp.lib.refusal import Refused
from eventapp.registration.forms.attendee import BoxesField
from eventapp.registration.rules import MAX_NAME, MAX_ORGANISATION, MAX_PARTY, MAX_REASON

MAX_DESCRIPTION = 300
SENTENCES: Mapping[str, Any] = {
    "quota.name_taken": _("Another quota of this event has this name."),
    "quota.below_arrived": _("%(arrived)d people of this quota are already inside: the limit cannot go below that."),
    "quota.limit_negative": _("Please write 0 or more."),
    "quota.protection_incomplete": _("Please give both the protected quota and the date, or neither."),
    "quota.protects_itself": _("A quota cannot protect itself."),
    "quota.unknown": _("This quota does not exist any more."),
    "quota.in_use": _("This quota is used by a ticket type or has seats in its ledger: it stays."),
    "ticket_type.closes_before_opening": _("Closing comes before opening: please check both."),
    "ticket_type.without_quota": _("Please choose at least one quota: that is where the seats come from."),
    "ticket_type.max_party": _("Please write a number from 1 to %(most)d."),
    "ticket_type.slug_taken": _("Another ticket type of this event has this name."),
    "ticket_type.quotas_in_use": _("People already hold or await seats of this ticket type: its quotas stay as they are."),
    "ticket_type.in_use": _("Somebody has registered for this ticket type: it stays. Make it private instead."),
    "time.does_not_exist": _("On that day the clocks jump over this hour. Please choose another."),
    "event.reason_missing": _("Please say why: everyone registered will read it."),
    "event.not_published": _("This event is not public: nobody needs to be told."),
    "event.not_open": _("This event is not published: nobody can register yet. Publish it first."),
    "deficit.asked_already": _("They were asked less than a day ago. Nobody is asked more than once a day."),
    "deficit.nobody": _("Please tick at least one registration. Nothing has changed."),
    "deficit.over": _(
        "The limit is no longer exceeded: seats have come back meanwhile, and no more need to be taken. Nothing has changed."
    ),
    "deficit.too_many": _("Fewer registrations make up for the %(above)s seats above the limit. Please untick some. Nothing has changed."),
    "deficit.changed": _(
        "One of those who are ticked has no seat here any more, or has come in. The list below is of this moment. Nothing has changed."
    ),
    "registration.reason_missing": _("Please say why: the person will read it."),
    "registration.party_too_large": _("This party is too large: 50 people at most."),
    "registration.full": _("The event is full and its waiting list is closed."),
    "registration.type_unknown": _("This ticket type does not exist any more."),
    "registration.over": _("This registration is over: it cannot be changed any more."),
    "registration.address_taken": _("This address already has a live registration for this event."),
    "registration.arrived": _("Somebody of this party is already inside: the seat is taken for good."),
    "registration.not_seated": _("This registration holds no seat: there is nothing to take back."),
    "registration.attendee_unknown": _("This place is no longer part of the registration."),
    "transfer.waiting": _("Only a confirmed seat can be passed on. A place on the waiting list cannot."),
    "transfer.not_allowed": _("Tickets of this type stay with the name they were given to: change that in the ticket type first."),
    "transfer.too_late": _("Doors are open: from now on a seat is passed on at the desk on site."),
    "transfer.arrived": _("This person is already inside: their seat can no longer be passed on."),
    "transfer.rest": _("Others of this party wait or sit with this seat: it cannot leave them."),
    "transfer.recipient": _("This address already holds a seat for this event, or is offered one."),
    "command.key_reused": _("This form was already sent with other words. Please check the list before sending it again."),
    "checklist.incomplete": _("Something is still missing: see the list below."),
    "event.called_off": _("This event was called off: nothing brings it back."),
}


def sentence(refused: Refused) -> str | None:
    """The words for a refusal that an organiser's page shows where it happened; None for any other."""
    words = SENTENCES.get(refused.code)
    return None if words is None else str(words) % refused.facts


class ByHandForm(KeyedForm):
    """A party that an organiser registers: also before opening, after closing, or for a ticket type that is not public."""

    ticket_type = SelectField(_("Ticket type"), [Required()], coerce=int)
    first_name = CleanText(_("First name"), [Required()], limit=MAX_NAME, name_of_person=True)
    last_name = CleanText(_("Last name"), [Required()], limit=MAX_NAME, name_of_person=True)
    email = EmailField(_("E-mail address"))
    organisation = CleanText(_("Organisation"), limit=MAX_ORGANISATION)
    size = Amount(_("Number of people"), [Required()], least=1, most=MAX_PARTY, default=1)
    accept_partial = BooleanField(_("If there are not enough seats for the whole party, seat a part of it first"))
    language = SelectField(_("Language of the mails"), [Required()], choices=choices(NAMES.items()))

    def offer(self, kinds: Sequence[tuple[int, str]]) -> None:
        """Say what there is to register for."""
        self.ticket_type.choices = list(kinds)


class PartyForm(Form):
    """A mistyped name or address, mended by the organiser."""

    first_name = CleanText(_("First name"), [Required()], limit=MAX_NAME, name_of_person=True)
    last_name = CleanText(_("Last name"), [Required()], limit=MAX_NAME, name_of_person=True)
    email = EmailField(_("E-mail address"))


class ReasonForm(KeyedForm):
    """Why something is done to somebody: typed, kept in the journal, shown to whom it concerns."""

    reason = CleanTextArea(_("Reason, as the person will read it"), [Required()], limit=MAX_REASON)


class QuotaForm(Form):
    """A number of seats."""

    name = CleanText(_("Name"), [Required()], limit=MAX_NAME, title=True)
    limit = Amount(_("Number of seats"), [Required()], least=0, most=MAX_CAPACITY)
    protects = SelectField(_("Keeps its unused seats out of"), coerce=int, default=0)
    protected_until = WallTime(_("Until"))
    reason = CleanText(_("Reason for the change"), limit=MAX_REASON)
    confirmed = HiddenField()

    def offer(self, quotas: Sequence[tuple[int, str]]) -> None:
        """Say which quotas this one may keep seats out of."""
        self.protects.choices = [(0, _("No other quota")), *quotas]

    def validate_protected_until(self, field: Field) -> None:
        """Raises ValidationError: one half of a protection."""
        if bool(self.protects.data) != bool(field.data):
            raise ValidationError(SENTENCES["quota.protection_incomplete"])


class NewQuotaForm(QuotaForm, KeyedForm):
    """One more."""


class TicketTypeForm(Form):
    """A way to register."""

    name_fr, name_en = pair(_("Name"), limit=MAX_NAME, title=True)
    description_fr, description_en = pair(_("What it gives right to"), limit=MAX_DESCRIPTION)
    quotas = BoxesField(_("Seats are taken from"), [Required()], coerce=int)
    opens_at = WallTime(_("Registration opens"))
    closes_at = WallTime(_("Registration closes"))
    max_party = Amount(_("Largest party"), [Required()], least=1, most=MAX_PARTY, default=4)
    waitlist_limit = Amount(_("Longest waiting list, in registrations"), least=0, most=MAX_CAPACITY)
    public = BooleanField(_("Shown on the public page"), default=True)
    approval = BooleanField(_("I decide about each registration"))
    transferable = BooleanField(_("A place may be passed on to somebody else"), default=True)

    def offer(self, quotas: Sequence[tuple[int, str]]) -> None:
        """Say which quotas there are."""
        self.quotas.choices = list(quotas)

    def validate(self, extra_validators: Mapping[str, Sequence[object]] | None = None) -> bool:
        """At least one language of the name; closing after opening."""
        fine = super().validate(extra_validators)
        if self.opens_at.data and self.closes_at.data and self.closes_at.data <= self.opens_at.data:
            self.closes_at.errors = [SENTENCES["ticket_type.closes_before_opening"]]
            fine = False
        return required_pair(self, "name") and bool(fine)


class NewTicketTypeForm(TicketTypeForm, KeyedForm):
    """One more."""
