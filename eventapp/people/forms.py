"""What people type about themselves, their team and their organiser; and the words for what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, SelectField

from eventapp.lib.fields import CleanText, CleanTextArea, EmailField, Form, KeyedForm, Required, choices
from eventapp.lib.languages import NAMES
from eventapp.lib.refusal import Refused
from eventapp.people import rules
from eventapp.people.rules import Role

SENTENCES: Mapping[str, Any] = {
    "password.too_short": _("Please choose at least %(least)d characters: three or four words that do not belong together are good."),
    "password.too_long": _("This password is too long: %(most)d bytes at most."),
    "password.common": _("This password is among the first that are tried. Please choose words that do not belong together."),
    "password.of_names": _("This password is made of names that people can guess: yours, the organiser's or the event's."),
    "sign_in.wrong": _("This address and this password do not go together."),
    "account.exists": _("There is an account for this address already."),
    "account.missing": _("Please fill in your name and a password."),
    "team.above_your_role": _("You cannot give or take a role above your own."),
    "team.last_owner": _("An organiser needs at least one owner: make somebody else an owner first."),
    "team.member_already": _("This person is in the team already."),
    "team.unknown": _("This person is no longer in the team."),
}
ROLES = (
    (Role.STAFF.value, _("Staff: looks at everything, changes nothing")),
    (Role.MANAGER.value, _("Manager: runs events, registrations and doors")),
    (Role.OWNER.value, _("Owner: all of it, the team and the legal details too")),
)
LANGUAGES = tuple(NAMES.items())


def sentence(refused: Refused) -> str | None:
    """The words for a refusal that a form of this room shows at a field; None for any other."""
    words = SENTENCES.get(refused.code)
    return None if words is None else str(words) % refused.facts


class SignInForm(Form):
    """Address and password."""

    email = EmailField(_("E-mail"), [Required()], render_kw={"autocomplete": "username"})
    password = PasswordField(_("Password"), [Required()], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class ResetForm(Form):
    """The address of an account whose password is forgotten."""

    email = EmailField(_("E-mail"), [Required()], render_kw={"autocomplete": "username"})


class NewPasswordForm(Form):
    """A new password, typed once: it can be shown, pasted and mailed anew."""

    password = PasswordField(_("New password"), [Required()], render_kw={"autocomplete": "new-password"})


class ChangePasswordForm(NewPasswordForm):
    """A new password, under the one there is."""

    current_password = PasswordField(_("Current password"), [Required()], render_kw={"autocomplete": "current-password"})


class NameForm(Form):
    """How a person is called and spoken to."""

    name = CleanText(_("Your name"), [Required()], limit=rules.MAX_NAME, name_of_person=True, render_kw={"autocomplete": "name"})
    language = SelectField(_("Language of the back office"), choices=choices(LANGUAGES))


class JoinForm(NameForm, NewPasswordForm):
    """A new account under an invited address."""


class SetupForm(JoinForm):
    """The first organiser and its owner."""

    organiser = CleanText(
        _("Name of the organiser"), [Required()], limit=rules.MAX_NAME, title=True, render_kw={"autocomplete": "organization"}
    )
    email = EmailField(_("Your e-mail"), [Required()], render_kw={"autocomplete": "username"})


class InviteForm(KeyedForm):
    """Whom to invite, as what."""

    email = EmailField(_("E-mail"), [Required()], render_kw={"autocomplete": "off"})
    role = SelectField(_("Role"), choices=choices(ROLES), default=Role.STAFF.value)


class RoleForm(Form):
    """Another role."""

    role = SelectField(_("Role"), choices=choices(ROLES))


class OrganiserForm(Form):
    """Who publishes and who hosts, as the law wants it said on every site."""

    name = CleanText(_("Name, as the public knows it"), [Required()], limit=rules.MAX_NAME, title=True)
    legal_name = CleanText(_("Legal name"), limit=rules.MAX_LEGAL_NAME, title=True)
    address = CleanTextArea(_("Registered office"), limit=rules.MAX_ADDRESS)
    phone = CleanText(_("Telephone"), limit=rules.MAX_PHONE, render_kw={"type": "tel"})
    email = EmailField(_("E-mail for the public"))
    register_number = CleanText(_("RNA or SIREN number"), limit=rules.MAX_REGISTER_NUMBER)
    publication_director = CleanText(_("Publication director"), limit=rules.MAX_NAME, name_of_person=True)
    data_protection_contact = EmailField(_("E-mail for questions about personal data"))
    host_name = CleanText(_("Name of the host"), limit=rules.MAX_LEGAL_NAME, title=True)
    host_address = CleanTextArea(_("Address of the host"), limit=rules.MAX_ADDRESS)
    host_phone = CleanText(_("Telephone of the host"), limit=rules.MAX_PHONE, render_kw={"type": "tel"})
