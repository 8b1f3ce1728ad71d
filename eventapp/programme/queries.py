"""What is on and who speaks, in the order in which it is shown. The number of statements never depends on how much there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from eventapp.events.models import Event
from eventapp.events.queries import SHOWN
from eventapp.lib.db import Session
from eventapp.programme.models import Appearance, ProgrammeSession
from eventapp.registration.models import Slot


@dataclass(frozen=True)
class Scheduled:
    """A programme session with those who appear in it, in their order: each with `person` and `organisation` loaded."""

    programme_session: ProgrammeSession
    appearances: tuple[Appearance, ...]


def schedule(session: Session, event_id: int) -> list[Scheduled]:
    """The agenda of an event, by time, what has none yet at the end. Two statements; space and track are loaded too."""
    return schedules(session, [event_id])[event_id]


def schedules(session: Session, event_ids: Sequence[int]) -> dict[int, list[Scheduled]]:
    """The agendas of several events. Two statements."""
    rows = session.scalars(_SESSIONS_OF, {"events": list(event_ids)})
    present = _by_session(session.scalars(_APPEARANCES_OF, {"events": list(event_ids)}))
    result: dict[int, list[Scheduled]] = {event_id: [] for event_id in event_ids}
    for row in rows:
        result[row.event_id].append(Scheduled(row, tuple(present.get(row.id, ()))))
    return result


@dataclass(frozen=True)
class Programme:
    """The agenda of an event, and who speaks at it, each person once."""

    schedule: list[Scheduled]
    speakers: list[Appearance]


def programme(session: Session, event_id: int) -> Programme:
    """What the page of an event shows. Two statements."""
    rows = session.scalars(_SESSIONS_OF, {"events": [event_id]})
    present = list(session.scalars(_APPEARANCES_OF, {"events": [event_id]}))
    by_session = _by_session(present)
    return Programme([Scheduled(row, tuple(by_session.get(row.id, ()))) for row in rows], _once(present))


def schedule_of_edition(session: Session, edition_id: int) -> dict[int, list[Scheduled]]:
    """The agendas of the public events of an edition, by event. Three statements."""
    shown = select(Event.id).where(Event.edition_id == edition_id, Event.state.in_(SHOWN), Event.visibility == "public")
    return schedules(session, list(session.scalars(shown)))


def speakers(session: Session, event_id: int) -> list[Appearance]:
    """Who speaks at an event, each person once, by their first appearance; `person` and `organisation` loaded. One statement."""
    return _once(session.scalars(_APPEARANCES_OF, {"events": [event_id]}))


def speakers_of_edition(session: Session, edition_id: int) -> list[Appearance]:
    """Who speaks at the public events of an edition, each person once. One statement."""
    statement = _appearances().join(Event, Event.id == Appearance.event_id)
    statement = statement.where(Event.edition_id == edition_id, Event.state.in_(SHOWN), Event.visibility == "public")
    return _once(session.scalars(statement))


def shows_person(session: Session, person_id: int) -> bool:
    """Whether somebody appears at an event that the public may see."""
    return _shown_where(session, Appearance.person_id == person_id)


def shows_organisation(session: Session, organisation_id: int) -> bool:
    """Whether somebody appears for a body at an event that the public may see."""
    return _shown_where(session, Appearance.organisation_id == organisation_id)


def _shown_where(session: Session, condition: ColumnElement[bool]) -> bool:
    statement = select(Appearance.id).join(Event, Event.id == Appearance.event_id).where(Event.state.in_(SHOWN), condition)
    return session.scalar(statement.limit(1)) is not None


def appearances(session: Session, event_id: int) -> list[Appearance]:
    """Every appearance of an event; `person` and `organisation` loaded."""
    return list(session.scalars(_appearances().where(Appearance.event_id == event_id)))


def appearance(session: Session, event_id: int, public_id: str) -> Appearance | None:
    """One appearance of this event."""
    return session.scalars(_appearances().where(Appearance.event_id == event_id, Appearance.public_id == public_id)).one_or_none()


def programme_session(session: Session, event_id: int, public_id: str) -> ProgrammeSession | None:
    """One programme session of this event."""
    statement = _programme_sessions().where(ProgrammeSession.event_id == event_id, ProgrammeSession.public_id == public_id)
    return session.scalars(statement).one_or_none()


def programme_sessions(session: Session, event_id: int) -> list[ProgrammeSession]:
    """The programme sessions of an event, as its agenda shows them."""
    return list(session.scalars(_programme_sessions().where(ProgrammeSession.event_id == event_id)))


def next_position(session: Session, model: type[Appearance | ProgrammeSession], event_id: int) -> int:
    """The place after the last."""
    return (session.scalar(select(func.max(model.position)).where(model.event_id == event_id)) or 0) + 1


def appearances_in(session: Session, event_id: int, programme_session_id: int) -> list[Appearance]:
    """Those who appear in one programme session."""
    statement = _appearances().where(Appearance.event_id == event_id, Appearance.programme_session_id == programme_session_id)
    return list(session.scalars(statement))


def _programme_sessions() -> Select[ProgrammeSession]:
    loaded = (
        joinedload(ProgrammeSession.space),
        joinedload(ProgrammeSession.track),
        joinedload(ProgrammeSession.slot).joinedload(Slot.quota),
    )
    # No time yet sorts last on both databases.
    order = ProgrammeSession.starts_at.is_(None), ProgrammeSession.starts_at, ProgrammeSession.position, ProgrammeSession.id
    return select(ProgrammeSession).options(*loaded).order_by(*order)


def _appearances() -> Select[Appearance]:
    loaded = joinedload(Appearance.person, innerjoin=True), joinedload(Appearance.organisation)
    return select(Appearance).options(*loaded).order_by(Appearance.event_id, Appearance.position, Appearance.id)


# Built once: building them costs more than running them.
_SESSIONS_OF = _programme_sessions().where(ProgrammeSession.event_id.in_(bindparam("events", expanding=True)))
_APPEARANCES_OF = _appearances().where(Appearance.event_id.in_(bindparam("events", expanding=True)))


def _by_session(rows: Iterable[Appearance]) -> dict[int, list[Appearance]]:
    present: dict[int, list[Appearance]] = {}
    for row in rows:
        if row.programme_session_id is not None:
            present.setdefault(row.programme_session_id, []).append(row)
    return present


def _once(rows: Iterable[Appearance]) -> list[Appearance]:
    first: dict[int, Appearance] = {}
    for row in rows:
        first.setdefault(row.person_id, row)
    return list(first.values())
