"""Ways to register: name, the quotas they charge, when they open and close, how large a party, how long a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from eventapp.events.models import Event
from eventapp.journal import actions as journal
from eventapp.lib import codes, web
from eventapp.lib.db import Session
from eventapp.lib.fields import both, spread
from eventapp.lib.refusal import Refused
from eventapp.lib.text import slug as slugged
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries
from eventapp.registration.backoffice import found
from eventapp.registration.forms.organiser import NewTicketTypeForm, TicketTypeForm, sentence
from eventapp.registration.models import TicketType

bp = Blueprint("ticket_types", __name__)

FIELDS: Mapping[str, str] = {
    "ticket_type.closes_before_opening": "closes_at",
    "ticket_type.without_quota": "quotas",
    "ticket_type.quotas_in_use": "quotas",
    "ticket_type.max_party": "max_party",
    "ticket_type.slug_taken": "name_fr",
}


@bp.get("/ticket-types")
@access("event.read")
def index(slug: str) -> Answer:
    """Ticket types and quotas are read on one page."""
    with web.database().reading() as session:
        found.event(session, slug, "event.read")
    return see_other(url_for("registration.backoffice.quotas.index", slug=slug) + "#ticket-types")


@bp.get("/ticket-types/new")
@access("quota.edit")
def new(slug: str) -> Answer:
    """The form for one more way to register."""
    with web.database().reading() as session:
        event = found.event(session, slug, "quota.edit")
        form = _form(session, event)
    return page("registration/backoffice/ticket_types/new.html", event=event, form=form)


@bp.post("/ticket-types")
@access("quota.edit")
def create(slug: str) -> Answer:
    """Add a ticket type."""
    with web.database().reading() as session:
        event = found.event(session, slug, "quota.edit")
        form = _form(session, event)
        taken = {kind.slug for kind in queries.ticket_types(session, event.id)}
    if not form.validate():
        return page("registration/backoffice/ticket_types/new.html", 422, event=event, form=form)
    name = both(form, "name")
    wish = slugged(next(iter(name.values()))) or "billet"
    try:
        values = _values(form, event)
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.create_ticket_type(
                    session,
                    event_id=event.id,
                    slug=wish if wish not in taken else f"{wish[:60]}-{codes.public_id()[:6]}",
                    **values,
                    actor=web.actor(),
                    now=web.now(),
                )
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for("registration.backoffice.quotas.index", slug=slug)
                )
    except Refused as refused:
        return _refused(refused, "registration/backoffice/ticket_types/new.html", form=form, event=event)
    flash(_("Ticket type added."), "good")
    return see_other(location)


@bp.get("/ticket-types/<int:number>/edit")
@access("quota.edit")
def edit(slug: str, number: int) -> Answer:
    """The form for a ticket type."""
    with web.database().reading() as session:
        event = found.event(session, slug, "quota.edit")
        kind = found.ticket_type(session, event.id, number)
        form = _form(session, event, kind)
    return page("registration/backoffice/ticket_types/edit.html", event=event, kind=kind, form=form)


@bp.post("/ticket-types/<int:number>")
@access("quota.edit")
def update(slug: str, number: int) -> Answer:
    """Change a ticket type."""
    with web.database().reading() as session:
        event = found.event(session, slug, "quota.edit")
        kind = found.ticket_type(session, event.id, number)
        form = _form(session, event, kind)
    if not form.validate():
        return page("registration/backoffice/ticket_types/edit.html", 422, event=event, kind=kind, form=form)
    try:
        values = _values(form, event)
        with web.database().writing() as session:
            actions.update_ticket_type(session, event_id=event.id, ticket_type_id=kind.id, **values, actor=web.actor(), now=web.now())
    except Refused as refused:
        return _refused(refused, "registration/backoffice/ticket_types/edit.html", form=form, event=event, kind=kind)
    flash(_("Saved."), "good")
    return see_other(url_for("registration.backoffice.quotas.index", slug=slug))


@bp.post("/ticket-types/<int:number>/deletion")
@access("quota.edit")
def delete(slug: str, number: int) -> Answer:
    """Remove a ticket type for which nobody ever registered."""
    try:
        with web.database().writing() as session:
            event = found.event(session, slug, "quota.edit")
            kind = found.ticket_type(session, event.id, number)
            actions.delete_ticket_type(session, event_id=event.id, ticket_type_id=kind.id, actor=web.actor(), now=web.now())
    except Refused as refused:
        words = sentence(refused)
        if words is None:
            raise
        flash(words, "bad")
        return see_other(url_for(".edit", slug=slug, number=number))
    flash(_("Ticket type removed."), "good")
    return see_other(url_for("registration.backoffice.quotas.index", slug=slug))


def _form(session: Session, event: Event, kind: TicketType | None = None) -> Any:
    quotas = queries.quotas(session, event.id)
    values: dict[str, Any] = {"quotas": [quotas[0].id] if len(quotas) == 1 else []}
    if kind is not None:
        values = {
            **spread("name", kind.name),
            **spread("description", kind.description),
            "quotas": queries.charges(session, event.id).get(kind.id, []),
            "opens_at": found.wall(kind.opens_at, event.zone),
            "closes_at": found.wall(kind.closes_at, event.zone),
            "max_party": kind.max_party,
            "approval": kind.approval,
            "waitlist_limit": kind.waitlist_limit,
            "public": kind.public,
            "transferable": kind.transferable,
        }
    form = NewTicketTypeForm(data=values) if kind is None else TicketTypeForm(data=values)
    form.offer(
        [(quota.id, ngettext("%(name)s, %(num)d seat", "%(name)s, %(num)d seats", quota.limit, name=quota.name)) for quota in quotas]
    )
    return form


def _values(form: Any, event: Event) -> dict[str, Any]:
    try:
        opens_at = found.instant(form.opens_at.data, event.zone)
    except Refused as refused:
        raise Refused(refused.code, field="opens_at", **refused.facts) from None
    try:
        closes_at = found.instant(form.closes_at.data, event.zone)
    except Refused as refused:
        raise Refused(refused.code, field="closes_at", **refused.facts) from None
    return {
        "name": both(form, "name"),
        "description": both(form, "description"),
        "quota_ids": form.quotas.data,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "max_party": form.max_party.data,
        "approval": form.approval.data,
        "waitlist_limit": form.waitlist_limit.data,
        "public": form.public.data,
        "transferable": form.transferable.data,
    }


def _refused(refused: Refused, template: str, *, form: Any, **values: Any) -> Answer:
    words = sentence(refused)
    if words is None:
        raise refused
    place = refused.facts.get("field") or FIELDS.get(refused.code)
    if refused.code == "command.key_reused":
        form.say_reused(words)
    elif place:
        form[str(place)].errors = [words]
    else:
        form.form_errors.append(words)
    return page(template, 422, form=form, **values)
