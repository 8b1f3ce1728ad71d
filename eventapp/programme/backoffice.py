"""Speakers and programme of one event, for organisers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, flash, url_for
from flask_babel import gettext as _

from eventapp.events import queries as events
from eventapp.events.models import Event
from eventapp.journal import actions as journal
from eventapp.lib import pictures, web
from eventapp.lib.db import Session
from eventapp.lib.fields import KeyedForm, both, spread
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, not_found, page, see_other
from eventapp.programme import actions, queries
from eventapp.programme.forms import FIELDS, NewProgrammeSessionForm, NewSpeakerForm, ProgrammeSessionForm, SpeakerForm
from eventapp.programme.models import Appearance, ProgrammeSession
from eventapp.programme.rules import KIND_WORDS, SpeakerValues

bp = Blueprint("backoffice", __name__)
speakers = Blueprint("speakers", __name__)
programme_sessions = Blueprint("programme_sessions", __name__)
PATH = "/backoffice/events/<slug>/programme"


@bp.get("/", strict_slashes=False)
@access("event.read")
def index(slug: str) -> Answer:
    """Who speaks and what is on."""
    with web.database().reading() as session:
        event = _event(session, slug, "event.read")
        schedule = queries.schedule(session, event.id)
        at_large = [one for one in queries.appearances(session, event.id) if one.programme_session_id is None]
    return page("programme/backoffice/index.html", event=event, schedule=schedule, at_large=at_large, kinds=KIND_WORDS)


@speakers.get("/speakers/new", endpoint="new")
@access("programme.edit")
def new_speaker(slug: str) -> Answer:
    """An empty form."""
    with web.database().reading() as session:
        event = _event(session, slug)
        form = NewSpeakerForm().offer(queries.programme_sessions(session, event.id))
    return page("programme/backoffice/speakers/new.html", event=event, form=form)


@speakers.post("/speakers", endpoint="create")
@access("programme.edit")
def create_speaker(slug: str) -> Answer:
    """Add a speaker; the portrait is stored first, outside the transaction."""
    with web.database().reading() as session:
        event = _event(session, slug)
        form = NewSpeakerForm().offer(queries.programme_sessions(session, event.id))
    if not form.validate():
        return page("programme/backoffice/speakers/new.html", 422, event=event, form=form)
    stored: str | None = None
    try:
        portrait = _portrait(form, None)
        stored = portrait["file"] if portrait else None
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.add_speaker(session, event_id=event.id, values=_values(form, portrait), actor=web.actor(), now=web.now())
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for("programme.backoffice.index", slug=slug)
                )
                stored = None
    except Refused as refused:
        _forget(stored)
        _say(form, refused, "portrait" if refused.code.startswith("picture.") else "name")
        return page("programme/backoffice/speakers/new.html", 422, event=event, form=form)
    _forget(stored)  # of a form sent again: the first sending has its own
    flash(_("%(name)s has been added.", name=form.name.data), "good")
    return see_other(location)


@speakers.get("/speakers/<public_id>", endpoint="edit")
@access("programme.edit")
def edit_speaker(slug: str, public_id: str) -> Answer:
    """The form, filled in."""
    with web.database().reading() as session:
        event = _event(session, slug)
        row = _appearance(session, event, public_id)
        form = _filled(row, queries.programme_sessions(session, event.id))
    return page("programme/backoffice/speakers/edit.html", event=event, form=form, appearance=row)


@speakers.post("/speakers/<public_id>", endpoint="update")
@access("programme.edit")
def update_speaker(slug: str, public_id: str) -> Answer:
    """Change a speaker; a new portrait replaces the one there is."""
    with web.database().reading() as session:
        event = _event(session, slug)
        row = _appearance(session, event, public_id)
        form = SpeakerForm().offer(queries.programme_sessions(session, event.id))
    if not form.validate():
        return page("programme/backoffice/speakers/edit.html", 422, event=event, form=form, appearance=row)
    before, stored = row.person.portrait, None
    try:
        portrait = _portrait(form, before)
        stored = portrait["file"] if portrait and portrait["file"] != (before or {}).get("file") else None
        values = _values(form, portrait)
        with web.database().writing() as session:
            actions.update_speaker(session, event_id=event.id, public_id=public_id, values=values, actor=web.actor(), now=web.now())
    except Refused as refused:
        _forget(stored)
        _say(form, refused, "portrait" if refused.code.startswith("picture.") else "name")
        return page("programme/backoffice/speakers/edit.html", 422, event=event, form=form, appearance=row)
    _forget(before["file"] if before and stored else None)
    flash(_("%(name)s has been changed.", name=form.name.data), "good")
    return _to_index(slug)


@speakers.post("/speakers/<public_id>/deletion", endpoint="delete")
@access("programme.edit")
def delete_speaker(slug: str, public_id: str) -> Answer:
    """Take a speaker out; the page asked first."""
    with web.database().reading() as session:
        event = _event(session, slug)
        name = _appearance(session, event, public_id).person.name
    with web.database().writing() as session:
        actions.remove_speaker(session, event_id=event.id, public_id=public_id, actor=web.actor(), now=web.now())
    flash(_("%(name)s no longer speaks here.", name=name), "good")
    return _to_index(slug)


@programme_sessions.get("/sessions/new", endpoint="new")
@access("programme.edit")
def new_programme_session(slug: str) -> Answer:
    """An empty form, at the time of the event."""
    with web.database().reading() as session:
        event = _event(session, slug)
        data = {"space": str(event.space_id or ""), "track": str(event.track_id or "")}
        form = _offered(session, event, NewProgrammeSessionForm(data=data))
    return page("programme/backoffice/programme_sessions/new.html", event=event, form=form)


@programme_sessions.post("/sessions", endpoint="create")
@access("programme.edit")
def create_programme_session(slug: str) -> Answer:
    """Add an item to the agenda."""
    with web.database().reading() as session:
        event = _event(session, slug)
        form = _offered(session, event, NewProgrammeSessionForm())
    if not form.validate():
        return page("programme/backoffice/programme_sessions/new.html", 422, event=event, form=form)
    try:
        with web.database().writing() as session:
            location = journal.claim(session, form=form, actor=web.actor().label, now=web.now())
            if location is None:
                actions.add_programme_session(session, event_id=event.id, values=form.values(), actor=web.actor(), now=web.now())
                location = journal.led_to(
                    session, form=form, actor=web.actor().label, location=url_for("programme.backoffice.index", slug=slug)
                )
    except Refused as refused:
        _say(form, refused, "title_fr")
        return page("programme/backoffice/programme_sessions/new.html", 422, event=event, form=form)
    flash(_("The programme session has been added."), "good")
    return see_other(location)


@programme_sessions.get("/sessions/<public_id>", endpoint="edit")
@access("programme.edit")
def edit_programme_session(slug: str, public_id: str) -> Answer:
    """The form, filled in."""
    with web.database().reading() as session:
        event = _event(session, slug)
        row = _programme_session(session, event, public_id)
        present = len(queries.appearances_in(session, event.id, row.id))
        form = _offered(session, event, ProgrammeSessionForm(data=_typed(row)))
    return page("programme/backoffice/programme_sessions/edit.html", event=event, form=form, programme_session=row, present=present)


@programme_sessions.post("/sessions/<public_id>", endpoint="update")
@access("programme.edit")
def update_programme_session(slug: str, public_id: str) -> Answer:
    """Change an item of the agenda."""
    with web.database().reading() as session:
        event = _event(session, slug)
        row = _programme_session(session, event, public_id)
        present = len(queries.appearances_in(session, event.id, row.id))
        form = _offered(session, event, ProgrammeSessionForm())
    template = "programme/backoffice/programme_sessions/edit.html"
    if not form.validate():
        return page(template, 422, event=event, form=form, programme_session=row, present=present)
    try:
        with web.database().writing() as session:
            actions.update_programme_session(
                session, event_id=event.id, public_id=public_id, values=form.values(), actor=web.actor(), now=web.now()
            )
    except Refused as refused:
        _say(form, refused, "title_fr")
        return page(template, 422, event=event, form=form, programme_session=row, present=present)
    flash(_("The programme session has been changed."), "good")
    return _to_index(slug)


@programme_sessions.post("/sessions/<public_id>/deletion", endpoint="delete")
@access("programme.edit")
def delete_programme_session(slug: str, public_id: str) -> Answer:
    """Take an item off the agenda; the page asked first."""
    with web.database().reading() as session:
        event = _event(session, slug)
        _programme_session(session, event, public_id)
    with web.database().writing() as session:
        actions.remove_programme_session(session, event_id=event.id, public_id=public_id, actor=web.actor(), now=web.now())
    flash(_("The programme session has been removed. Its speakers still speak at the event."), "good")
    return _to_index(slug)


def mount(app: Flask) -> None:
    """Add these pages."""
    app.register_blueprint(bp, name_prefix="programme", url_prefix=PATH)
    for blueprint in (speakers, programme_sessions):
        app.register_blueprint(blueprint, name_prefix="programme.backoffice", url_prefix=PATH)


def _to_index(slug: str) -> Answer:
    return see_other(url_for("programme.backoffice.index", slug=slug))


def _event(session: Session, slug: str, permission: str = "programme.edit") -> Event:
    return events.event_for(session, web.actor(), slug, may_=permission) or not_found()


def _appearance(session: Session, event: Event, public_id: str) -> Appearance:
    return queries.appearance(session, event.id, public_id) or not_found()


def _programme_session(session: Session, event: Event, public_id: str) -> ProgrammeSession:
    return queries.programme_session(session, event.id, public_id) or not_found()


def _offered(session: Session, event: Event, form: ProgrammeSessionForm) -> ProgrammeSessionForm:
    tracks = events.tracks(session, event.edition_id) if event.edition_id is not None else []
    return form.offer(events.spaces_of(session, [event.organiser_id]), tracks)


def _filled(row: Appearance, sessions: list[ProgrammeSession]) -> SpeakerForm:
    portrait = row.person.portrait or {}
    own = next((each.public_id for each in sessions if each.id == row.programme_session_id), "")
    alt = web.pick(portrait.get("alt"))
    data = {
        "name": row.person.name,
        "organisation": row.organisation.name if row.organisation else "",
        "programme_session": own,
        "alt": "" if alt == row.person.name else alt,
        "credit": portrait.get("credit") or "",
        **spread("role", row.role),
    }
    return SpeakerForm(data=data).offer(sessions)


def _typed(row: ProgrammeSession) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "starts_wall": row.starts_wall,
        "ends_wall": row.ends_wall,
        "space": str(row.space_id or ""),
        "track": str(row.track_id or ""),
        "language": row.language,
        "capacity": row.capacity,
        "enrolment": row.enrolment,
        **spread("title", row.title),
        **spread("abstract", row.abstract),
    }


def _values(form: SpeakerForm, portrait: Mapping[str, Any] | None) -> SpeakerValues:
    return SpeakerValues(
        name=form.name.data or "",
        role=both(form, "role"),
        organisation=form.organisation.data or "",
        portrait=portrait,
        programme_session=form.programme_session.data,
    )


def _media() -> Path:
    return web.settings().instance_dir / "media"


def _portrait(form: SpeakerForm, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The portrait as a value: the upload, stored now; else the one there is, with its words as typed."""
    words = form.alt.data or form.name.data or ""
    told = {"alt": {"fr": words, "en": words}, "credit": form.credit.data or ""}
    if form.portrait.data:
        stored = pictures.receive(form.portrait.data.stream, _media())
        return {"file": stored.file, "width": stored.width, "height": stored.height, **told}
    return {**before, **told} if before else None


def _forget(file: str | None) -> None:
    if file:
        pictures.remove(_media(), file)


def _say(form: SpeakerForm | ProgrammeSessionForm, refused: Refused, otherwise: str) -> None:
    """A refusal at the field it is about. Raises it again when it speaks of something gone."""
    if refused.facts.get("status") == 404:
        raise refused
    if refused.code == "command.key_reused" and isinstance(form, KeyedForm):
        form.say_reused(web.words(refused))
        return
    field = FIELDS.get(refused.code, otherwise)
    form[field if field in form else otherwise].errors = [web.words(refused)]
