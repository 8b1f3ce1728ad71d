"""One's own account and devices, the team, and the organiser's legal details."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, request, url_for
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from werkzeug.exceptions import TooManyRequests
from wtforms import Field

from eventapp.journal import actions as journal
from eventapp.lib import limits, passwords, web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, not_found, page, see_other
from eventapp.people import actions, queries, rules
from eventapp.people.actions import OrganiserValues
from eventapp.people.forms import ChangePasswordForm, InviteForm, NameForm, OrganiserForm, RoleForm, sentence
from eventapp.people.models import Organiser, User
from eventapp.people.rules import Actor, Role, SignedIn, may

account = Blueprint("account", __name__)
password = Blueprint("password", __name__)
sign_ins = Blueprint("sign_ins", __name__)
departure = Blueprint("departure", __name__)
team = Blueprint("team", __name__)
invitations = Blueprint("invitations", __name__)
organiser = Blueprint("organiser", __name__)


@account.get("/account", endpoint="show")
@access("session")
def show_account() -> Answer:
    """Name, language, password and devices of who is signed in."""
    with web.database().reading() as session:
        user = _own(session)
    return _account(NameForm(data={"name": user.name, "language": user.language}))


@account.post("/account", endpoint="update")
@access("session")
def update_account() -> Answer:
    """Change name and language."""
    form = NameForm()
    if not form.validate():
        return _account(form, 422)
    with web.database().writing() as session:
        actions.update_account(
            session, user_id=_actor().user_id or 0, name=_typed(form.name), language=_typed(form.language), now=web.now()
        )
    flash(_("Your account has been changed."), "good")
    return see_other(url_for("people.backoffice.account.show"))


@password.get("/account/password", endpoint="edit")
@access("session")
def edit_password() -> Answer:
    """A new password, under the one there is."""
    return page("people/backoffice/password/edit.html", form=ChangePasswordForm())


@password.post("/account/password", endpoint="update")
@access("session")
def update_password() -> Answer:
    """Change the password; every other device has to sign in again."""
    form = ChangePasswordForm()
    with web.database().reading() as session:
        user = _own(session)
        ids = _actor().roles
        names = [user.name, user.email, *queries.names_of(session, ids), *web.edge().event_names(session, ids)]
    if not (form.validate() and _current_is_right(form, user) and _new_is_good(form, names)):
        return page("people/backoffice/password/edit.html", 422, form=form)
    kept = passwords.hashed(_typed(form.password))
    with web.database().reading() as session:
        label = next((row.label for row in queries.sign_ins(session, user.id) if row.id == _actor().session_id), "")
    with web.database().writing() as session:
        secret = actions.change_password(session, actor=_actor(), password_hash=kept, label=label, now=web.now())
        actor = queries.actor(session, secret, web.now())
    login_user(SignedIn(secret, actor))
    flash(_("Your password has been changed. Every other device has to sign in again."), "good")
    return see_other(url_for("people.backoffice.account.show"))


@sign_ins.post("/account/devices/<int:session_id>/deletion", endpoint="delete")
@access("session")
def delete_sign_in(session_id: int) -> Answer:
    """Sign one device out."""
    with web.database().writing() as session:
        actions.end_sign_in(session, user_id=_actor().user_id or 0, session_id=session_id, now=web.now())
    flash(_("This device has been signed out."), "good")
    return see_other(url_for("people.backoffice.account.show"))


@departure.post("/account/departure", endpoint="create")
@access("session")
def create_departure() -> Answer:
    """Sign out everywhere, here too."""
    with web.database().writing() as session:
        actions.sign_out_everywhere(session, user_id=_actor().user_id or 0, now=web.now())
    logout_user()
    return see_other(url_for("people.sign_in.new"))


@team.get("/team", endpoint="index")
@access("organiser.read")
def index_team() -> Answer:
    """Who works for the organiser, and who is invited."""
    return _team(InviteForm())


@team.post("/team/<public_id>", endpoint="update")
@access("team.edit")
def update_member(public_id: str) -> Answer:
    """Give a member another role."""
    form = RoleForm()
    if not form.validate():
        return not_found()
    with web.database().reading() as session:
        row = _organiser(session, "team.edit")
    try:
        with web.database().writing() as session:
            actions.change_role(
                session, organiser_id=row.id, public_id=public_id, role=Role(_typed(form.role)), actor=_actor(), now=web.now()
            )
    except Refused as refused:
        return _said(refused, row)
    flash(_("The role has been changed; this person has to sign in again."), "good")
    return see_other(url_for("people.backoffice.team.index", organiser=row.slug))


@team.post("/team/<public_id>/deletion", endpoint="delete")
@access("organiser.read")
def delete_member(public_id: str) -> Answer:
    """Take a member out of the team, or leave it."""
    with web.database().reading() as session:
        leaving = public_id == _own(session).public_id
        row = _organiser(session, "organiser.read" if leaving else "team.edit")
    try:
        with web.database().writing() as session:
            actions.remove_member(session, organiser_id=row.id, public_id=public_id, actor=_actor(), now=web.now())
    except Refused as refused:
        return _said(refused, row)
    flash(_("This person is no longer in the team."), "good")
    return see_other(url_for("people.backoffice.team.index", organiser=row.slug))


@invitations.post("/team/invitations", endpoint="create")
@access("team.edit")
def create_invitation() -> Answer:
    """Mail an invitation."""
    form = InviteForm()
    with web.database().reading() as session:
        row = _organiser(session, "team.edit")
    if not form.validate():
        return _team(form, 422)
    _count_mail(_typed(form.email))
    try:
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.invite(
                    session,
                    organiser_id=row.id,
                    email=_typed(form.email),
                    role=Role(_typed(form.role)),
                    language=web.language(),
                    keys=web.keys(),
                    actor=_actor(),
                    now=web.now(),
                )
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for("people.backoffice.team.index", organiser=row.slug)
                )
    except Refused as refused:
        if refused.code == "command.key_reused":
            form.say_reused(web.words(refused))
        else:
            form.email.errors = [sentence(refused) or web.words(refused)]
        return _team(form, 422)
    flash(_("The invitation is on its way. It is good for seven days."), "good")
    return see_other(location)


@invitations.post("/team/invitations/<int:link_id>/deletion", endpoint="delete")
@access("team.edit")
def delete_invitation(link_id: int) -> Answer:
    """Withdraw an invitation."""
    with web.database().reading() as session:
        row = _organiser(session, "team.edit")
    with web.database().writing() as session:
        actions.withdraw_invitation(session, organiser_id=row.id, link_id=link_id, actor=_actor(), now=web.now())
    flash(_("The invitation has been withdrawn."), "good")
    return see_other(url_for("people.backoffice.team.index", organiser=row.slug))


@organiser.get("/organiser", endpoint="edit")
@access("organiser.read")
def edit_organiser() -> Answer:
    """The legal details: read by every member, changed by owners."""
    with web.database().reading() as session:
        row = _organiser(session, "organiser.read")
    return _details(OrganiserForm(obj=row), row)


@organiser.post("/organiser", endpoint="update")
@access("organiser.edit")
def update_organiser() -> Answer:
    """Change them. What is still empty only stands in the way of publishing; who came from an event's checklist goes back to it."""
    with web.database().reading() as session:
        row = _organiser(session, "organiser.edit")
    form = OrganiserForm()
    if not form.validate():
        return _details(form, row, 422)
    values = OrganiserValues(**form.data)
    with web.database().writing() as session:
        row = actions.update_organiser(session, organiser_id=row.id, values=values, actor=_actor(), now=web.now())
        missing = len(row.legal_missing)
    if missing:
        flash(_("Kept. %(n)d details are still missing before an event can be published.", n=missing), "wait")
    else:
        flash(_("Kept. Nothing is missing here any more."), "good")
    event = request.args.get("event")
    if event and not missing:
        return see_other(url_for("registration.backoffice.publication.show", slug=event))
    return see_other(url_for("people.backoffice.organiser.edit", organiser=row.slug, event=event))


def mount(app: Flask) -> None:
    """Add these pages."""
    for blueprint in (account, password, sign_ins, departure, team, invitations, organiser):
        app.register_blueprint(blueprint, name_prefix="people.backoffice", url_prefix="/backoffice")


def _actor() -> Actor:
    actor: Actor = web.actor()
    return actor


def _typed(field: Field) -> str:
    return field.data or ""


def _own(session: Session) -> User:
    return queries.user_by_id(session, _actor().user_id or 0) or not_found()


def _organiser(session: Session, permission: str) -> Organiser:
    """The organiser that the address names, else the first; what is not theirs is a 404."""
    return queries.organiser_for(session, _actor(), request.args.get("organiser"), may_=permission) or not_found()


def _account(form: NameForm, status: int = 200) -> Answer:
    with web.database().reading() as session:
        user = _own(session)
        devices = queries.sign_ins(session, user.id)
    return page("people/backoffice/account/show.html", status, form=form, user=user, devices=devices, here=_actor().session_id)


def _team(form: InviteForm, status: int = 200) -> Answer:
    with web.database().reading() as session:
        row = _organiser(session, "organiser.read")
        values = {
            "organiser": row,
            "organisers": queries.organisers_of(session, _actor(), may_="organiser.read"),
            "members": queries.team(session, row.id),
            "invitations": queries.invitations(session, row.id, web.now()),
            "me": _own(session).public_id,
            "may_edit": may(_actor(), "team.edit", row.id),
            "roles": tuple(Role),
        }
    return page("people/backoffice/team/index.html", status, form=form, **values)


def _details(form: OrganiserForm, row: Organiser, status: int = 200) -> Answer:
    with web.database().reading() as session:
        others = queries.organisers_of(session, _actor(), may_="organiser.read")
    values = {
        "organiser": row,
        "organisers": others,
        "may_edit": may(_actor(), "organiser.edit", row.id),
        "back": request.args.get("event"),
    }
    return page("people/backoffice/organiser/edit.html", status, form=form, **values)


def _said(refused: Refused, row: Organiser) -> Answer:
    """A refusal that needs no form: said at the head of the list."""
    words = sentence(refused)
    if words is None or refused.code == "team.unknown":
        return not_found()
    flash(words, "bad")
    return see_other(url_for("people.backoffice.team.index", organiser=row.slug))


def _count_mail(address: str) -> None:
    verdict = limits.hit(web.database(), limits.RESEND_ADDRESS, "invitation", address, now=web.now())
    if not verdict.ok:
        raise TooManyRequests(retry_after=verdict.retry_after)


def _current_is_right(form: ChangePasswordForm, user: User) -> bool:
    verdict = limits.hit(web.database(), limits.SIGN_IN_ACCOUNT, "change", user.public_id, now=web.now())
    if not verdict.ok:
        raise TooManyRequests(retry_after=verdict.retry_after)
    typed = _typed(form.current_password)[: rules.MAX_PASSWORD_BYTES]
    if passwords.matches(typed, user.password_hash):
        limits.forgive(web.database(), limits.SIGN_IN_ACCOUNT, "change", user.public_id, now=web.now())
        return True
    form.current_password.errors = [_("This is not your current password.")]
    return False


def _new_is_good(form: ChangePasswordForm, names: list[str]) -> bool:
    try:
        rules.check_password(_typed(form.password), names=names)
    except Refused as refused:
        form.password.errors = [sentence(refused) or ""]
        return False
    return True
