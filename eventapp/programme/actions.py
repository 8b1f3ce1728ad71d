"""Who speaks and what is on, changed under the event's lock. Pictures arrive as values: they were stored before the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eventapp.events import queries as events
from eventapp.events import rules as event_rules
from eventapp.events.queries import LockedEvent
from eventapp.journal import actions as journal
from eventapp.lib import codes
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.people import actions as people
from eventapp.people.rules import Actor
from eventapp.programme import queries, rules
from eventapp.programme.models import Appearance, ProgrammeSession
from eventapp.programme.rules import Kind, ProgrammeValues, SpeakerValues
from eventapp.registration import actions as registration


def add_speaker(session: Session, *, event_id: int, values: SpeakerValues, actor: Actor, now: datetime) -> Appearance:
    """Somebody speaks, at the event or in one of its programme sessions. Holds the organiser, then the event.

    A person or body of the same name that the organiser knows is that one. Raises Refused: programme.session_unknown,
    programme.speaker_twice, programme.too_many_speakers.
    """
    organiser_id = _organiser_id(session, event_id)
    person = people.create_person(
        session,
        organiser_id=organiser_id,
        name=values.name,
        portrait=values.portrait,
        fictional=values.fictional,
        actor=actor,
        now=now,
    )
    organisation_id = _organisation_id(session, organiser_id=organiser_id, name=values.organisation, actor=actor, now=now)
    event = events.locked_event(session, event_id)
    known = queries.appearances(session, event.id)
    if len(known) >= rules.MAX_APPEARANCES:
        raise Refused("programme.too_many_speakers", most=rules.MAX_APPEARANCES, status=422)
    row = Appearance(
        event_id=event.id,
        public_id=codes.public_id(),
        programme_session_id=_programme_session_id(session, event, values.programme_session),
        person_id=person.id,
        organisation_id=organisation_id,
        role=dict(values.role),
        position=queries.next_position(session, Appearance, event.id),
        created_at=now,
    )
    _refuse_twice(session, row)
    session.add(row)
    session.flush()  # the next reader of the event must see it
    _note(session, event=event, verb="add_speaker", subject=f"appearance:{row.public_id}", facts={}, actor=actor, now=now)
    return row


def update_speaker(session: Session, *, event_id: int, public_id: str, values: SpeakerValues, actor: Actor, now: datetime) -> Appearance:
    """Change an appearance; name and portrait change the person, everywhere. Holds the organiser, then the event.

    Raises Refused: programme.speaker_unknown, programme.session_unknown, programme.speaker_twice.
    """
    organiser_id = _organiser_id(session, event_id)
    row = _appearance(session, event_id=event_id, public_id=public_id)
    people.update_person(
        session,
        organiser_id=organiser_id,
        person_id=row.person_id,
        name=values.name,
        portrait=values.portrait,
        actor=actor,
        now=now,
    )
    organisation_id = _organisation_id(session, organiser_id=organiser_id, name=values.organisation, actor=actor, now=now)
    event = events.locked_event(session, event_id)
    row = _appearance(session, event_id=event.id, public_id=public_id)
    row.role = dict(values.role)
    row.organisation_id = organisation_id
    row.programme_session_id = _programme_session_id(session, event, values.programme_session)
    _refuse_twice(session, row)
    _note(session, event=event, verb="update_speaker", subject=f"appearance:{row.public_id}", facts={}, actor=actor, now=now)
    return row


def remove_speaker(session: Session, *, event_id: int, public_id: str, actor: Actor, now: datetime) -> None:
    """End one appearance. The person stays, with every other appearance.

    Raises Refused: programme.speaker_unknown.
    """
    event = events.locked_event(session, event_id)
    row = _appearance(session, event_id=event.id, public_id=public_id)
    session.delete(row)
    _note(session, event=event, verb="remove_speaker", subject=f"appearance:{public_id}", facts={}, actor=actor, now=now)


def add_programme_session(session: Session, *, event_id: int, values: ProgrammeValues, actor: Actor, now: datetime) -> ProgrammeSession:
    """One more item of the agenda.

    Raises Refused: title.empty, programme.half_a_time, programme.dates_out_of_order, time.does_not_exist, space.unknown,
    track.unknown, programme.too_many_sessions, programme.enrolment_without_time, programme.enrolment_without_places.
    """
    event = events.locked_event(session, event_id)
    if len(queries.programme_sessions(session, event.id)) >= rules.MAX_PROGRAMME_SESSIONS:
        raise Refused("programme.too_many_sessions", most=rules.MAX_PROGRAMME_SESSIONS, status=422)
    row = ProgrammeSession(
        event_id=event.id,
        public_id=codes.public_id(),
        position=queries.next_position(session, ProgrammeSession, event.id),
        created_at=now,
        **_columns(session, event, values),
    )
    _open_for_enrolment(session, event=event, row=row, values=values, actor=actor, now=now)
    session.add(row)
    session.flush()  # appearances point at it
    _note(session, event=event, verb="add_programme_session", subject=_name(row), facts={}, actor=actor, now=now)
    return row


def update_programme_session(
    session: Session, *, event_id: int, public_id: str, values: ProgrammeValues, actor: Actor, now: datetime
) -> ProgrammeSession:
    """Change an item of the agenda. Where people enrol for it, more places go to the next in line at once.

    Raises Refused: programme.session_unknown, slot.in_use, and what add_programme_session raises.
    """
    event = events.locked_event(session, event_id)
    row = _programme_session(session, event_id=event.id, public_id=public_id)
    columns = _columns(session, event, values)
    changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, columns[name])
    _open_for_enrolment(session, event=event, row=row, values=values, actor=actor, now=now)
    _note(session, event=event, verb="update_programme_session", subject=_name(row), facts={"changed": changed}, actor=actor, now=now)
    return row


def remove_programme_session(session: Session, *, event_id: int, public_id: str, actor: Actor, now: datetime) -> int:
    """Take an item off the agenda. Who spoke in it still speaks at the event; gives their number.

    Raises Refused: programme.session_unknown; slot.in_use, people are enrolled for it.
    """
    event = events.locked_event(session, event_id)
    row = _programme_session(session, event_id=event.id, public_id=public_id)
    if row.slot_id is not None:
        registration.withdraw_slot(session, event_id=event.id, slot_id=row.slot_id, actor=actor, now=now)
    left = queries.appearances_in(session, event.id, row.id)
    at_large = {one.person_id for one in queries.appearances(session, event.id) if one.programme_session_id is None}
    for appearance in left:
        if appearance.person_id in at_large:
            session.delete(appearance)
        else:
            appearance.programme_session_id = None
    session.flush()  # nobody may point at the row when it goes
    session.delete(row)
    _note(session, event=event, verb="remove_programme_session", subject=_name(row), facts={"speakers": len(left)}, actor=actor, now=now)
    return len(left)


def _columns(session: Session, event: LockedEvent, values: ProgrammeValues) -> dict[str, Any]:
    if not any(text.strip() for text in values.title.values()):
        raise Refused("title.empty", status=422)
    starts_at = event_rules.instant(values.starts_wall, event.zone) if values.starts_wall is not None else None
    ends_at = event_rules.instant(values.ends_wall, event.zone) if values.ends_wall is not None else None
    rules.check_times(starts_at, ends_at)
    rules.check_enrolment(enrolment=values.enrolment, starts_at=starts_at, capacity=values.capacity)
    if values.space_id is not None and events.space_by_id(session, event.organiser_id, values.space_id) is None:
        raise Refused("space.unknown", status=422)
    tracks = events.tracks(session, event.edition_id) if event.edition_id is not None else []
    if values.track_id is not None and values.track_id not in {track.id for track in tracks}:
        raise Refused("track.unknown", status=422)
    return {
        "title": dict(values.title),
        "kind": Kind(values.kind).value,
        "starts_wall": values.starts_wall,
        "ends_wall": values.ends_wall,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "space_id": values.space_id,
        "track_id": values.track_id,
        "language": values.language,
        "abstract": dict(values.abstract),
        "capacity": values.capacity,
    }


def _open_for_enrolment(
    session: Session, *, event: LockedEvent, row: ProgrammeSession, values: ProgrammeValues, actor: Actor, now: datetime
) -> None:
    """Tell registration what this session is, or that nobody enrols for it any more."""
    if values.enrolment and row.starts_at is not None and row.ends_at is not None and row.capacity is not None:
        told: dict[str, Any] = {
            "event_id": event.id,
            "title": row.title,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "places": row.capacity,
        }
        if row.slot_id is None:
            row.slot_id = registration.open_slot(session, **told, actor=actor, now=now).id
        else:
            registration.change_slot(session, slot_id=row.slot_id, **told, actor=actor, now=now)
    elif row.slot_id is not None:
        registration.withdraw_slot(session, event_id=event.id, slot_id=row.slot_id, actor=actor, now=now)


def _organiser_id(session: Session, event_id: int) -> int:
    event = events.event_by_id(session, event_id)
    if event is None:
        raise LookupError(f"event {event_id}")
    return event.organiser_id


def _organisation_id(session: Session, *, organiser_id: int, name: str, actor: Actor, now: datetime) -> int | None:
    if not name:
        return None
    return people.create_organisation(session, organiser_id=organiser_id, name=name, actor=actor, now=now).id


def _programme_session_id(session: Session, event: LockedEvent, public_id: str) -> int | None:
    if not public_id:
        return None
    row = queries.programme_session(session, event.id, public_id)
    if row is None:
        raise Refused("programme.session_unknown", status=422)
    return row.id


def _programme_session(session: Session, *, event_id: int, public_id: str) -> ProgrammeSession:
    row = queries.programme_session(session, event_id, public_id)
    if row is None:
        raise Refused("programme.session_unknown", status=404)
    return row


def _appearance(session: Session, *, event_id: int, public_id: str) -> Appearance:
    row = queries.appearance(session, event_id, public_id)
    if row is None:
        raise Refused("programme.speaker_unknown", status=404)
    return row


def _refuse_twice(session: Session, row: Appearance) -> None:
    """One person speaks once in one programme session, and once at the event as a whole."""
    with session.no_autoflush:
        known = queries.appearances(session, row.event_id)
    place = row.person_id, row.programme_session_id
    if any((other.person_id, other.programme_session_id) == place and other.public_id != row.public_id for other in known):
        raise Refused("programme.speaker_twice", status=422)


def _name(row: ProgrammeSession) -> str:
    return f"programme_session:{row.public_id}"


def _note(session: Session, *, event: LockedEvent, verb: str, subject: str, facts: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    journal.note(session, chain=f"event:{event.id}", actor=actor.label, verb=verb, subject=subject, facts=facts, now=now)
