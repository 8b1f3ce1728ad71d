"""Accounts, sessions, teams and organisers. Passwords arrive as hashes: argon2 is slow and never runs inside a transaction."""

from eventapp.people.actions.accounts import (
    NewAccount,
    change_password,
    create_account,
    create_setup_link,
    request_reset,
    reset_password,
    set_up,
    update_account,
)
from eventapp.people.actions.organisers import OrganiserValues, create_organiser, update_organiser
from eventapp.people.actions.profiles import create_organisation, create_person, update_organisation, update_person
from eventapp.people.actions.sign_ins import end_sign_in, seen, sign_in, sign_out, sign_out_everywhere, sweep, tell_of_sign_in
from eventapp.people.actions.team import accept_invitation, add_member, change_role, invite, remove_member, withdraw_invitation

__all__ = [
    "NewAccount",
    "OrganiserValues",
    "accept_invitation",
    "add_member",
    "change_password",
    "change_role",
    "create_account",
    "create_organisation",
    "create_organiser",
    "create_person",
    "create_setup_link",
    "end_sign_in",
    "invite",
    "remove_member",
    "request_reset",
    "reset_password",
    "seen",
    "set_up",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "sweep",
    "tell_of_sign_in",
    "update_account",
    "update_organisation",
    "update_organiser",
    "update_person",
    "withdraw_invitation",
]
