"""The partners of one event and of its edition, for organisers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from flask import Blueprint, Flask, flash, url_for
from flask_babel import gettext as _

from eventapp.events import queries as events
from eventapp.events.models import Event
from eventapp.journal import actions as journal
from eventapp.lib import pictures, web
from eventapp.lib.db import Session
from eventapp.lib.fields import KeyedForm, both, keyed_button, spread
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, not_found, page, see_other
from eventapp.partners import actions, queries
from eventapp.partners.forms import NewPartnerForm, PartnerForm
from eventapp.partners.models import Partnership
from eventapp.partners.rules import Direction, Owner, PartnerValues

bp = Blueprint("backoffice", __name__)
moves = Blueprint("moves", __name__)
PATH = "/backoffice/events/<slug>/partners"
PartnerFormT = TypeVar("PartnerFormT", bound=PartnerForm)


@bp.get("/", strict_slashes=False)
@access("event.read")
def index(slug: str) -> Answer:
    """Every partner under its heading, in the order in which people see them."""
    with web.database().reading() as session:
        event = _event(session, slug, "event.read")
        headings = queries.partnerships(session, event)
    return page("partners/backoffice/index.html", event=event, headings=headings)


@bp.get("/new")
@access("partner.edit")
def new(slug: str) -> Answer:
    """An empty form."""
    with web.database().reading() as session:
        event = _event(session, slug)
    return page("partners/backoffice/new.html", event=event, form=_offered(NewPartnerForm(), event))


@bp.post("/", strict_slashes=False)
@access("partner.edit")
def create(slug: str) -> Answer:
    """Add a partner; the logo is stored first, outside the transaction."""
    with web.database().reading() as session:
        event = _event(session, slug)
    form = _offered(NewPartnerForm(), event)
    if not form.validate():
        return page("partners/backoffice/new.html", 422, event=event, form=form)
    stored: str | None = None
    try:
        logo = _logo(form, None)
        stored = logo["file"] if logo else None
        owner = _owner(event, of_edition=form.scope.data == "edition")
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.add_partner(session, owner=owner, values=_values(form, logo), actor=web.actor(), now=web.now())
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for("partners.backoffice.index", slug=slug)
                )
                stored = None
    except Refused as refused:
        _forget(stored)
        _say(form, refused)
        return page("partners/backoffice/new.html", 422, event=event, form=form)
    _forget(stored)  # of a form sent again: the first sending has its own
    flash(_("%(name)s has been added.", name=form.organisation.data), "good")
    return see_other(location)


@bp.get("/<public_id>")
@access("partner.edit")
def edit(slug: str, public_id: str) -> Answer:
    """The form, filled in."""
    with web.database().reading() as session:
        event = _event(session, slug)
        row = _partnership(session, event, public_id)
    return page("partners/backoffice/edit.html", event=event, form=_offered(PartnerForm(data=_typed(row)), event), partnership=row)


@bp.post("/<public_id>")
@access("partner.edit")
def update(slug: str, public_id: str) -> Answer:
    """Change a partner; a new logo replaces the one there is. What it carries stays."""
    with web.database().reading() as session:
        event = _event(session, slug)
        row = _partnership(session, event, public_id)
    form = _offered(PartnerForm(), event)
    form.scope.data = _scope(row)
    if not form.validate():
        return page("partners/backoffice/edit.html", 422, event=event, form=form, partnership=row)
    before, stored = row.organisation.logo, None
    try:
        logo = _logo(form, before)
        stored = logo["file"] if logo and logo["file"] != (before or {}).get("file") else None
        owner = _owner(event, of_edition=row.edition_id is not None)
        with web.database().writing() as session:
            actions.update_partner(session, owner=owner, public_id=public_id, values=_values(form, logo), actor=web.actor(), now=web.now())
    except Refused as refused:
        _forget(stored)
        _say(form, refused)
        return page("partners/backoffice/edit.html", 422, event=event, form=form, partnership=row)
    _forget(before["file"] if before and stored else None)
    flash(_("%(name)s has been changed.", name=form.organisation.data), "good")
    return _to_index(slug)


@bp.post("/<public_id>/deletion")
@access("partner.edit")
def delete(slug: str, public_id: str) -> Answer:
    """Take a partner out; the page asked first."""
    with web.database().reading() as session:
        event = _event(session, slug)
        row = _partnership(session, event, public_id)
    with web.database().writing() as session:
        owner = _owner(event, of_edition=row.edition_id is not None)
        actions.remove_partner(session, owner=owner, public_id=public_id, actor=web.actor(), now=web.now())
    flash(_("%(name)s is no longer a partner here.", name=row.organisation.name), "good")
    return _to_index(slug)


@moves.post("/<public_id>/moves/<any(up, down):direction>", endpoint="create")
@access("partner.edit")
def create_move(slug: str, public_id: str, direction: str) -> Answer:
    """One place up or down under the same heading."""
    with web.database().reading() as session:
        event = _event(session, slug)
        row = _partnership(session, event, public_id)
    form = keyed_button()
    with web.database().writing() as session:
        location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
        if location is None:
            owner = _owner(event, of_edition=row.edition_id is not None)
            actions.move_partner(
                session, owner=owner, public_id=public_id, direction=Direction(direction), actor=web.actor(), now=web.now()
            )
            location = journal.led_to(session, form=form, actor=web.actor().label, location=url_for("partners.backoffice.index", slug=slug))
    return see_other(location)


def mount(app: Flask) -> None:
    """Add these pages."""
    app.register_blueprint(bp, name_prefix="partners", url_prefix=PATH)
    app.register_blueprint(moves, name_prefix="partners.backoffice", url_prefix=PATH)


def _to_index(slug: str) -> Answer:
    return see_other(url_for("partners.backoffice.index", slug=slug))


def _event(session: Session, slug: str, permission: str = "partner.edit") -> Event:
    return events.event_for(session, web.actor(), slug, may_=permission) or not_found()


def _partnership(session: Session, event: Event, public_id: str) -> Partnership:
    return queries.partnership_of(session, event, public_id) or not_found()


def _owner(event: Event, *, of_edition: bool) -> Owner:
    if of_edition:
        return Owner(organiser_id=event.organiser_id, edition_id=event.edition_id)
    return Owner(organiser_id=event.organiser_id, event_id=event.id)


def _scope(row: Partnership) -> str:
    return "event" if row.event_id is not None else "edition"


def _offered(form: PartnerFormT, event: Event) -> PartnerFormT:
    form.offer(has_edition=event.edition_id is not None)
    return form


def _typed(row: Partnership) -> dict[str, Any]:
    logo = row.organisation.logo or {}
    alt = web.pick(logo.get("alt"))
    return {
        "organisation": row.organisation.name,
        "type": row.type,
        "scope": _scope(row),
        "website": row.organisation.website,
        "tier_order": row.tier_order,
        "logo_size": row.logo_size,
        "alt": "" if alt == row.organisation.name else alt,
        "credit": logo.get("credit") or "",
        **spread("tier", row.tier),
    }


def _values(form: PartnerForm, logo: Mapping[str, Any] | None) -> PartnerValues:
    return PartnerValues(
        organisation=form.organisation.data or "",
        type=form.type.data,
        website=form.website.data or "",
        tier=both(form, "tier"),
        tier_order=form.tier_order.data or 0,
        logo_size=form.logo_size.data,
        logo=logo,
    )


def _media() -> Path:
    return web.settings().instance_dir / "media"


def _logo(form: PartnerForm, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The logo as a value: the upload, stored now; else the one there is, with its words as typed."""
    words = form.alt.data or form.organisation.data or ""
    told = {"alt": {"fr": words, "en": words}, "credit": form.credit.data or ""}
    if form.logo.data:
        stored = pictures.receive(form.logo.data.stream, _media())
        return {"file": stored.file, "width": stored.width, "height": stored.height, **told}
    return {**before, **told} if before else None


def _forget(file: str | None) -> None:
    if file:
        pictures.remove(_media(), file)


def _say(form: PartnerForm, refused: Refused) -> None:
    """A refusal at the field it is about. Raises it again when it speaks of something gone."""
    if refused.facts.get("status") == 404:
        raise refused
    if refused.code == "command.key_reused" and isinstance(form, KeyedForm):
        form.say_reused(web.words(refused))
        return
    field = form.logo if refused.code.startswith("picture.") else form.organisation
    field.errors = [web.words(refused)]
