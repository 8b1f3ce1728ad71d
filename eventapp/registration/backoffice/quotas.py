"""How many seats: quotas, raised and lowered. Raising seats the next in line; lowering cancels nobody and says so first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from eventapp.events.models import Event
from eventapp.journal import actions as journal
from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.registration import actions, queries
from eventapp.registration.backoffice import found
from eventapp.registration.forms.organiser import NewQuotaForm, QuotaForm, sentence
from eventapp.registration.models import Quota

bp = Blueprint("quotas", __name__)

FIELDS: Mapping[str, str] = {
    "quota.name_taken": "name",
    "quota.below_arrived": "limit",
    "quota.limit_negative": "limit",
    "quota.protection_incomplete": "protected_until",
    "quota.protects_itself": "protects",
    "quota.unknown": "protects",
    "time.does_not_exist": "protected_until",
}


@bp.get("/quotas")
@access("event.read")
def index(slug: str) -> Answer:
    """Every quota with what is taken, and every ticket type with what it charges."""
    with web.database().reading() as session:
        event = found.event(session, slug, "event.read")
        quotas = queries.quotas(session, event.id)
        kinds = queries.ticket_types(session, event.id)
        charged = queries.charges(session, event.id)
        availability = queries.availability(session, event, web.now())
        guards = queries.guards(session, [event.id], web.now()).get(event.id, [])
    return page(
        "registration/backoffice/quotas/index.html",
        event=event,
        quotas=quotas,
        kinds=kinds,
        charged=charged,
        availability=availability,
        names={quota.id: quota.name for quota in quotas},
        guarded={guard.main_id: sum(one.seats for one in guards) for guard in guards},
        may_edit=found.may("quota.edit", event.organiser_id),
    )


@bp.get("/quotas/new")
@access("quota.edit")
def new(slug: str) -> Answer:
    """The form for one more quota."""
    with web.database().reading() as session:
        event = found.event(session, slug, "quota.edit")
        form = _form(session, event)
    return page("registration/backoffice/quotas/new.html", event=event, form=form)


@bp.post("/quotas")
@access("quota.edit")
def create(slug: str) -> Answer:
    """Add a quota."""
    with web.database().reading() as session:
        event = found.event(session, slug, "quota.edit")
        form = _form(session, event)
    if not form.validate():
        return page("registration/backoffice/quotas/new.html", 422, event=event, form=form)
    try:
        until = found.instant(form.protected_until.data, event.zone)
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.create_quota(
                    session,
                    event_id=event.id,
                    name=form.name.data,
                    limit=form.limit.data,
                    protects_id=form.protects.data or None,
                    protected_until=until,
                    actor=web.actor(),
                    now=web.now(),
                )
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for("registration.backoffice.quotas.index", slug=slug)
                )
    except Refused as refused:
        return _refused(refused, "registration/backoffice/quotas/new.html", form=form, event=event)
    flash(_("Quota added."), "good")
    return see_other(location)


@bp.get("/quotas/<int:quota_id>/edit")
@access("quota.edit")
def edit(slug: str, quota_id: int) -> Answer:
    """The form for a quota."""
    with web.database().reading() as session:
        event = found.event(session, slug, "quota.edit")
        quota = found.quota(session, event.id, quota_id)
        form = _form(session, event, quota)
    return page("registration/backoffice/quotas/edit.html", event=event, quota=quota, form=form, above=None)


@bp.post("/quotas/<int:quota_id>")
@access("quota.edit")
def update(slug: str, quota_id: int) -> Answer:
    """Change a quota. A limit below what is taken is first explained, then, sent again, kept."""
    with web.database().reading() as session:
        event = found.event(session, slug, "quota.edit")
        quota = found.quota(session, event.id, quota_id)
        form = _form(session, event, quota)
    if not form.validate():
        return page("registration/backoffice/quotas/edit.html", 422, event=event, quota=quota, form=form, above=None)
    if form.limit.data < min(quota.used, quota.limit) and form.confirmed.data != str(form.limit.data):
        form.confirmed.data = str(form.limit.data)
        above = quota.used - form.limit.data
        with web.database().reading() as session:
            deficit = queries.deficit(session, event.id, quota_id=quota.id, above=above)
        return page("registration/backoffice/quotas/edit.html", event=event, quota=quota, form=form, above=above, deficit=deficit)
    try:
        until = found.instant(form.protected_until.data, event.zone)
        with web.database().writing() as session:
            promoted = 0
            if form.limit.data != quota.limit or form.reason.data:
                promoted = len(
                    actions.set_limit(
                        session,
                        event_id=event.id,
                        quota_id=quota_id,
                        limit=form.limit.data,
                        reason=form.reason.data,
                        actor=web.actor(),
                        now=web.now(),
                    )
                )
            if (form.name.data, form.protects.data or None, until) != (quota.name, quota.protects_id, quota.protected_until):
                actions.update_quota(
                    session,
                    event_id=event.id,
                    quota_id=quota_id,
                    name=form.name.data,
                    protects_id=form.protects.data or None,
                    protected_until=until,
                    actor=web.actor(),
                    now=web.now(),
                )
    except Refused as refused:
        return _refused(refused, "registration/backoffice/quotas/edit.html", form=form, event=event, quota=quota, above=None)
    flash(_said(quota, form, promoted), "good")
    return see_other(url_for(".index", slug=slug))


@bp.post("/quotas/<int:quota_id>/deletion")
@access("quota.edit")
def delete(slug: str, quota_id: int) -> Answer:
    """Remove a quota that nothing uses."""
    try:
        with web.database().writing() as session:
            event = found.event(session, slug, "quota.edit")
            quota = found.quota(session, event.id, quota_id)
            actions.delete_quota(session, event_id=event.id, quota_id=quota.id, actor=web.actor(), now=web.now())
    except Refused as refused:
        words = sentence(refused)
        if words is None:
            raise
        flash(words, "bad")
        return see_other(url_for(".edit", slug=slug, quota_id=quota_id))
    flash(_("Quota removed."), "good")
    return see_other(url_for(".index", slug=slug))


def _said(quota: Quota, form: Any, promoted: int) -> str:
    if promoted:
        return str(
            ngettext(
                "Saved. %(num)d registration came off the waiting list and has been told.",
                "Saved. %(num)d registrations came off the waiting list and have been told.",
                promoted,
            )
        )
    above = quota.used - form.limit.data
    if above > 0:
        return str(
            ngettext(
                "Saved. %(num)d person is above the limit: nobody was cancelled, and no seat is given until it is below again.",
                "Saved. %(num)d people are above the limit: nobody was cancelled, and no seat is given until it is below again.",
                above,
            )
        )
    return str(_("Saved."))


def _form(session: Session, event: Event, quota: Quota | None = None) -> Any:
    values: dict[str, Any] = {}
    if quota is not None:
        values = {"name": quota.name, "limit": quota.limit, "protects": quota.protects_id or 0}
        values["protected_until"] = found.wall(quota.protected_until, event.zone)
    form = NewQuotaForm() if quota is None else QuotaForm(data=values)
    form.offer([(other.id, other.name) for other in queries.quotas(session, event.id) if quota is None or other.id != quota.id])
    return form


def _refused(refused: Refused, template: str, *, form: Any, **values: Any) -> Answer:
    words = sentence(refused)
    if words is None:
        raise refused
    if refused.code == "command.key_reused":
        form.say_reused(words)
    elif refused.code in FIELDS:
        form[FIELDS[refused.code]].errors = [words]
    else:
        form.form_errors.append(words)
    return page(template, 422, form=form, **values)
