"""An organiser's events: list, make, change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _

from eventapp.events import actions, forms, queries
from eventapp.events.forms import EventForm, NewEventForm
from eventapp.events.models import Event
from eventapp.journal import actions as journal
from eventapp.lib import pictures, web
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, not_found, page, see_other
from eventapp.people import queries as people
from eventapp.people.models import Organiser

backoffice = Blueprint("backoffice", __name__)


@backoffice.get("/events")
@access("event.read")
def index() -> Answer:
    """Every event the member may read: those to come first, then those that are over, the latest first."""
    with web.database().reading() as session:
        events = queries.events_of(session, web.actor())
    coming = [event for event in events if event.ends_at >= web.now()]
    past = [event for event in reversed(events) if event.ends_at < web.now()]
    return page("events/backoffice/index.html", coming=coming, past=past)


@backoffice.get("/drafts/new")
@access("event.edit")
def new() -> Answer:
    """The form of a new event, contact and place proposed."""
    organiser = _organiser()
    form = NewEventForm(
        data={"contact": organiser.email, "spoken": ["fr"], "photo_notice": True, "edition": request.args.get("edition", "")}
    )
    return _new(form, organiser)


@backoffice.post("/drafts")
@access("event.edit")
def create() -> Answer:
    """Make a draft."""
    organiser = _organiser()
    form = NewEventForm()
    _offer(form, organiser.id)
    if not form.validate():
        return _new(form, organiser, 422)
    received: list[str] = []
    try:
        values = form.values(cover=_received(form, None, received))
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                event = actions.create_event(session, organiser_id=organiser.id, values=values, actor=web.actor(), now=web.now())
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for("events.backoffice.edit", slug=event.slug)
                )
                received.clear()  # it is the event's now; a form sent again leaves a second copy of the picture, which goes
    except Refused as refused:
        _forget(received)
        if not forms.blame(form, refused):
            raise
        return _new(form, organiser, 422)
    _forget(received)
    flash(_("The draft is kept. Only your team sees it."), "good")
    return see_other(location)


@backoffice.get("/events/<slug>/edit")
@access("event.edit")
def edit(slug: str) -> Answer:
    """The form of an event."""
    event = _event(slug, "event.edit")
    return _edit(EventForm(data=forms.typed_event(event)), event)


@backoffice.post("/events/<slug>/edit")
@access("event.edit")
def update(slug: str) -> Answer:
    """Change an event."""
    event = _event(slug, "event.edit")
    form = EventForm()
    _offer(form, event.organiser_id)
    if not form.validate():
        return _edit(form, event, 422)
    received: list[str] = []
    try:
        cover = _received(form, event.cover, received)
        with web.database().writing() as session:
            changed = actions.update_event(session, event_id=event.id, values=form.values(cover=cover), actor=web.actor(), now=web.now())
    except Refused as refused:
        _forget(received)
        if not forms.blame(form, refused):
            raise
        return _edit(form, event, 422)
    if event.cover and (cover is None or cover["file"] != event.cover["file"]):
        _forget([event.cover["file"]])
    flash(_("Your changes are kept."), "good")
    return see_other(url_for("events.backoffice.edit", slug=changed.slug))


def _event(slug: str, permission: str) -> Event:
    with web.database().reading() as session:
        return queries.event_for(session, web.actor(), slug, may_=permission) or not_found()


def _organiser() -> Organiser:
    with web.database().reading() as session:
        return people.organiser_for(session, web.actor(), request.args.get("organiser"), may_="event.edit") or not_found()


def _new(form: EventForm, organiser: Organiser, status: int = 200) -> Answer:
    _offer(form, organiser.id)
    return page("events/backoffice/new.html", status, form=form, organiser=organiser)


def _edit(form: EventForm, event: Event, status: int = 200) -> Answer:
    _offer(form, event.organiser_id)
    return page("events/backoffice/edit.html", status, form=form, event=event)


def _offer(form: EventForm, organiser_id: int) -> None:
    """What may be chosen: what the organiser has."""
    with web.database().reading() as session:
        editions = queries.editions_of(session, [organiser_id])
        tracks = {edition.id: queries.tracks(session, edition.id) for edition in editions}
        spaces = queries.spaces_of(session, [organiser_id])
    form.offer(
        editions=[(row.id, f"{web.pick(row.name) or web.pick(row.series.name)} {row.year}") for row in editions],
        tracks=[(track.id, f"{web.pick(track.name)} ({row.year})") for row in editions for track in tracks[row.id]],
        spaces=[(row.id, f"{row.venue.name}, {row.name}") for row in spaces],
    )


def _received(form: EventForm, kept: Mapping[str, Any] | None, received: list[str]) -> Mapping[str, Any] | None:
    """The picture to keep: the one just sent, taken in outside of any transaction, else the one there is unless it shall go."""
    upload = form.cover.data
    if not upload:
        return None if form.cover_remove.data else kept
    stored = pictures.receive(upload.stream, web.settings().instance_dir / "media")
    received.append(stored.file)
    return {"file": stored.file, "width": stored.width, "height": stored.height}


def _forget(files: list[str]) -> None:
    for file in files:
        pictures.remove(web.settings().instance_dir / "media", file)
