"""Finding events, from the actor's scope; and the one lock of an event's seats."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import count
from typing import NewType

from sqlalchemy import JSON, Select, bindparam, or_, select, type_coerce
from sqlalchemy.orm import joinedload

from eventapp.events.models import Edition, Event, EventGate, Gate, Series, Space, Track, Venue
from eventapp.events.rules import RESERVED_SLUGS
from eventapp.lib import paging
from eventapp.lib.db import Session, hold
from eventapp.people.rules import Actor, may, organisers_where

LockedEvent = NewType("LockedEvent", Event)
SHOWN = ("published", "postponed", "called_off", "archived")


def locked_event(session: Session, event_id: int) -> LockedEvent:
    """The event, held until this transaction ends: nobody else takes or frees one of its seats.

    Raises LookupError: no such event.
    """
    return LockedEvent(hold(session, Event, event_id))


def _whole() -> Select[Event]:
    return select(Event).options(
        joinedload(Event.organiser),
        joinedload(Event.edition).joinedload(Edition.series),
        joinedload(Event.space).joinedload(Space.venue),
        joinedload(Event.track),
    )


# Built once: building it costs as much as running it.
_PUBLISHED = _whole().where(Event.slug == bindparam("slug"), Event.state.in_(SHOWN))


def published_event(session: Session, slug: str) -> Event | None:
    """An event that the public may see, with its organiser, edition, series, space, venue and track loaded."""
    return session.scalars(_PUBLISHED, {"slug": slug}).one_or_none()


def shown_event(session: Session, slug: str) -> Event | None:
    """An event that the public may see, by itself: for a form that was sent, not for a page."""
    return session.scalars(select(Event).where(Event.slug == slug, Event.state.in_(SHOWN))).one_or_none()


def event_for(session: Session, actor: Actor, slug: str, *, may_: str) -> Event | None:
    """The event of this slug if the actor holds the permission for its organiser; None for what is not theirs."""
    event = session.scalars(_whole().where(Event.slug == slug)).one_or_none()
    return event if event is not None and may(actor, may_, event.organiser_id) else None


def event_by_id(session: Session, event_id: int) -> Event | None:
    """An event with everything its page, ticket or mail shows. For callers that already hold one of its rows."""
    return session.scalars(_whole().where(Event.id == event_id)).one_or_none()


def event_by_slug(session: Session, slug: str) -> Event | None:
    """Any event, for the operator's commands."""
    return session.scalars(_whole().where(Event.slug == slug)).one_or_none()


def all_events(session: Session) -> list[Event]:
    """Every event of the instance, for the operator's commands."""
    return list(session.scalars(_whole().order_by(Event.id)))


def events_of(session: Session, actor: Actor) -> list[Event]:
    """All events that the actor may read, the next to come first."""
    statement = _whole().where(Event.organiser_id.in_(organisers_where(actor, "event.read"))).order_by(Event.starts_at, Event.id)
    return list(session.scalars(statement))


def coming_events(session: Session, now: datetime, *, limit: int = 100) -> list[Event]:
    """Public events not over yet, by date."""
    statement = _whole().where(
        Event.state.in_(("published", "postponed", "called_off")), Event.visibility == "public", Event.ends_at >= now
    )
    return list(session.scalars(statement.order_by(Event.starts_at, Event.id).limit(limit)))


def coming_page(session: Session, now: datetime, *, cursor: str | None, limit: int) -> paging.Page[Event]:
    """Public events not over yet, by date, a page at a time, with everything their pages show.

    Raises Refused: paging.cursor.
    """
    statement = _whole().where(
        Event.state.in_(("published", "postponed", "called_off")), Event.visibility == "public", Event.ends_at >= now
    )
    return paging.page(session, statement, key=Event.starts_at, id=Event.id, cursor=cursor, limit=limit)


def live_event_ids(session: Session, now: datetime) -> list[int]:
    """Every event whose line may still move, listed or not."""
    statement = select(Event.id).where(Event.state.in_(("published", "postponed")), Event.ends_at >= now)
    return list(session.scalars(statement.order_by(Event.id)))


def past_events(session: Session, now: datetime, *, limit: int = 20) -> list[Event]:
    """Public events that are over, the latest first."""
    statement = _whole().where(Event.visibility == "public", Event.state.in_(SHOWN), or_(Event.ends_at < now, Event.state == "archived"))
    return list(session.scalars(statement.order_by(Event.starts_at.desc(), Event.id).limit(limit)))


def events_of_edition(session: Session, edition_id: int) -> list[Event]:
    """The public events of an edition, by date."""
    statement = _whole().where(Event.edition_id == edition_id, Event.state.in_(SHOWN), Event.visibility == "public")
    return list(session.scalars(statement.order_by(Event.starts_at, Event.id)))


def events_of_editions(session: Session, edition_ids: Sequence[int]) -> list[Event]:
    """The public events of several editions, by date. One statement."""
    statement = _whole().where(Event.edition_id.in_(edition_ids), Event.state.in_(SHOWN), Event.visibility == "public")
    return list(session.scalars(statement.order_by(Event.starts_at, Event.id)))


def series_by_slug(session: Session, slug: str) -> Series | None:
    """A series with its organiser, if it has a public event; drafts stay unseen."""
    shown = (
        select(Event.id)
        .join(Edition, Edition.id == Event.edition_id)
        .where(Edition.series_id == Series.id, Event.state.in_(SHOWN), Event.visibility == "public")
    )
    return session.scalars(select(Series).options(joinedload(Series.organiser)).where(Series.slug == slug, shown.exists())).one_or_none()


def edition_by_slug(session: Session, slug: str) -> Edition | None:
    """An edition with its series and the series' organiser, if it has a public event."""
    shown = select(Event.id).where(Event.edition_id == Edition.id, Event.state.in_(SHOWN), Event.visibility == "public")
    loaded = joinedload(Edition.series).joinedload(Series.organiser)
    return session.scalars(select(Edition).options(loaded).where(Edition.slug == slug, shown.exists())).one_or_none()


def editions_of_series(session: Session, series_id: int) -> list[Edition]:
    """The editions of a series that have a public event, newest first."""
    shown = select(Event.id).where(Event.edition_id == Edition.id, Event.state.in_(SHOWN), Event.visibility == "public")
    statement = select(Edition).options(joinedload(Edition.series)).where(Edition.series_id == series_id, shown.exists())
    return list(session.scalars(statement.order_by(Edition.year.desc(), Edition.number.desc())))


def tracks(session: Session, edition_id: int) -> list[Track]:
    """The tracks of an edition in their order."""
    return list(session.scalars(select(Track).where(Track.edition_id == edition_id).order_by(Track.position, Track.id)))


def series_of(session: Session, organiser_ids: Sequence[int] | frozenset[int]) -> list[Series]:
    """All series of these organisers."""
    return list(session.scalars(select(Series).where(Series.organiser_id.in_(organiser_ids)).order_by(Series.slug)))


def editions_of(session: Session, organiser_ids: Sequence[int] | frozenset[int]) -> list[Edition]:
    """All editions of these organisers, newest first, with their series."""
    statement = select(Edition).options(joinedload(Edition.series)).where(Edition.organiser_id.in_(organiser_ids))
    return list(session.scalars(statement.order_by(Edition.year.desc(), Edition.id.desc())))


def spaces_of(session: Session, organiser_ids: Sequence[int] | frozenset[int]) -> list[Space]:
    """All spaces of these organisers, with their venue."""
    statement = (
        select(Space).join(Venue, Venue.id == Space.venue_id).options(joinedload(Space.venue)).where(Space.organiser_id.in_(organiser_ids))
    )
    return list(session.scalars(statement.order_by(Venue.name, Space.name)))


def gates(session: Session, space_id: int) -> list[Gate]:
    """The gates of a space in their order."""
    return list(session.scalars(select(Gate).where(Gate.space_id == space_id).order_by(Gate.position, Gate.id)))


def event_gates(session: Session, event_id: int) -> list[EventGate]:
    """The gates an event uses, with their names, in order."""
    statement = (
        select(EventGate).join(Gate, Gate.id == EventGate.gate_id).options(joinedload(EventGate.gate)).where(EventGate.event_id == event_id)
    )
    return list(session.scalars(statement.order_by(Gate.position, Gate.id)))


def slug_is_free(session: Session, slug: str) -> bool:
    """Whether no series, edition or event has this slug, nor a page of ours."""
    return slug not in taken_slugs(session, slug)


def taken_slugs(session: Session, start: str) -> set[str]:
    """The slugs of series, editions and events that begin like this: one namespace for the whole instance, with the words of our own paths."""
    columns = (Series.slug, Edition.slug, Event.slug)
    known = (session.scalars(select(column).where(column.startswith(start, autoescape=True))) for column in columns)
    return set(RESERVED_SLUGS).union(*known)


def free_slug(session: Session, wish: str) -> str:
    """The wished slug, or the first of wish-2, wish-3, … that nothing has."""
    taken = taken_slugs(session, wish)
    if wish not in taken:
        return wish
    return next(slug for number in count(2) if (slug := f"{wish}-{number}") not in taken)


def events_with_cover(session: Session, file: str) -> list[Event]:
    """The events, drafts included, whose cover is this picture."""
    return list(session.scalars(select(Event).where(type_coerce(Event.cover, JSON)["file"].as_string() == file)))


def names_of(session: Session, organiser_ids: Collection[int]) -> list[str]:
    """What the series and events of these organisers are called, in each language."""
    statements = (
        select(Series.name).where(Series.organiser_id.in_(organiser_ids)),
        select(Event.title).where(Event.organiser_id.in_(organiser_ids)),
    )
    return [text for statement in statements for texts in session.scalars(statement) for text in texts.values()]


def series_for(session: Session, actor: Actor, slug: str, *, may_: str) -> Series | None:
    """The series of this slug if the actor holds the permission for its organiser."""
    row = session.scalars(select(Series).options(joinedload(Series.organiser)).where(Series.slug == slug)).one_or_none()
    return row if row is not None and may(actor, may_, row.organiser_id) else None


def edition_for(session: Session, actor: Actor, slug: str, *, may_: str) -> Edition | None:
    """The edition of this slug, with its series, if the actor holds the permission for its organiser."""
    row = session.scalars(select(Edition).options(joinedload(Edition.series)).where(Edition.slug == slug)).one_or_none()
    return row if row is not None and may(actor, may_, row.organiser_id) else None


def space_for(session: Session, actor: Actor, space_id: int, *, may_: str) -> Space | None:
    """The space, with its venue, if the actor holds the permission for its organiser."""
    row = session.scalars(select(Space).options(joinedload(Space.venue)).where(Space.id == space_id)).one_or_none()
    return row if row is not None and may(actor, may_, row.organiser_id) else None


def series_by_id(session: Session, organiser_id: int, series_id: int) -> Series | None:
    """A series of this organiser."""
    return session.scalars(select(Series).where(Series.id == series_id, Series.organiser_id == organiser_id)).one_or_none()


def edition_by_id(session: Session, organiser_id: int, edition_id: int) -> Edition | None:
    """An edition of this organiser, with its series."""
    statement = select(Edition).options(joinedload(Edition.series)).where(Edition.id == edition_id, Edition.organiser_id == organiser_id)
    return session.scalars(statement).one_or_none()


def space_by_id(session: Session, organiser_id: int, space_id: int) -> Space | None:
    """A space of this organiser, with its venue."""
    statement = select(Space).options(joinedload(Space.venue)).where(Space.id == space_id, Space.organiser_id == organiser_id)
    return session.scalars(statement).one_or_none()


def venue_by_id(session: Session, organiser_id: int, venue_id: int) -> Venue | None:
    """A venue of this organiser."""
    return session.scalars(select(Venue).where(Venue.id == venue_id, Venue.organiser_id == organiser_id)).one_or_none()


def venues_of(session: Session, organiser_ids: Sequence[int] | frozenset[int]) -> list[Venue]:
    """All venues of these organisers."""
    return list(session.scalars(select(Venue).where(Venue.organiser_id.in_(organiser_ids)).order_by(Venue.name, Venue.id)))


def venue_slugs(session: Session, organiser_id: int) -> set[str]:
    """The slugs of an organiser's venues."""
    return set(session.scalars(select(Venue.slug).where(Venue.organiser_id == organiser_id)))


def gate_by_id(session: Session, space_id: int, gate_id: int) -> Gate | None:
    """A gate of this space."""
    return session.scalars(select(Gate).where(Gate.id == gate_id, Gate.space_id == space_id)).one_or_none()


def gates_of(session: Session, space_ids: Sequence[int]) -> dict[int, list[Gate]]:
    """The gates of several spaces, each in their order."""
    result: dict[int, list[Gate]] = {id: [] for id in space_ids}
    for gate in session.scalars(select(Gate).where(Gate.space_id.in_(space_ids)).order_by(Gate.position, Gate.id)):
        result[gate.space_id].append(gate)
    return result


def unfinished_event_ids(session: Session, space_id: int) -> list[int]:
    """The events planned in a space that are neither archived nor called off."""
    statement = select(Event.id).where(Event.space_id == space_id, Event.state.in_(("draft", "published", "postponed")))
    return list(session.scalars(statement.order_by(Event.id)))


def editions_in(session: Session, series_id: int) -> list[Edition]:
    """Every edition of a series, drafts included."""
    return list(session.scalars(select(Edition).where(Edition.series_id == series_id).order_by(Edition.year, Edition.id)))


def uses_of_gate(session: Session, gate_id: int) -> list[EventGate]:
    """The events that use a gate."""
    return list(session.scalars(select(EventGate).where(EventGate.gate_id == gate_id)))
