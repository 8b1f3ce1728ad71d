"""Series, their editions and the tracks of these, under the organiser's lock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eventapp.events import queries
from eventapp.events.actions.rows import any_of, keep, note, slug_for, write
from eventapp.events.models import Edition, Series, Track
from eventapp.events.rules import EditionValues, SeriesValues
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.text import slug as slugged
from eventapp.people import queries as people
from eventapp.people.rules import Actor


def create_series(session: Session, *, organiser_id: int, values: SeriesValues, actor: Actor, now: datetime) -> Series:
    """A new series.

    Raises Refused: slug.taken, slug.malformed, slug.reserved.
    """
    people.locked_organiser(session, organiser_id)
    row = Series(organiser_id=organiser_id, slug=slug_for(session, wish=values.slug, name=values.name, otherwise="serie"), created_at=now)
    write(row, _series_columns(values))
    keep(session, row=row)
    note(
        session, organiser_id=organiser_id, verb="create_series", subject=f"series:{row.id}", facts={"slug": row.slug}, actor=actor, now=now
    )
    return row


def update_series(session: Session, *, organiser_id: int, series_id: int, values: SeriesValues, actor: Actor, now: datetime) -> Series:
    """Change a series; its slug, which is in people's bookmarks, stays.

    Raises Refused: series.unknown.
    """
    people.locked_organiser(session, organiser_id)
    row = queries.series_by_id(session, organiser_id, series_id)
    if row is None:
        raise Refused("series.unknown", status=404)
    changed = write(row, _series_columns(values))
    note(
        session,
        organiser_id=organiser_id,
        verb="update_series",
        subject=f"series:{row.id}",
        facts={"changed": changed},
        actor=actor,
        now=now,
    )
    return row


def create_edition(session: Session, *, organiser_id: int, series_id: int, values: EditionValues, actor: Actor, now: datetime) -> Edition:
    """One more year of a series.

    Raises Refused: series.unknown, edition.exists (same year and number), slug.taken, slug.malformed, slug.reserved.
    """
    people.locked_organiser(session, organiser_id)
    series = queries.series_by_id(session, organiser_id, series_id)
    if series is None:
        raise Refused("series.unknown", status=422)
    _refuse_twin(session, series_id=series_id, values=values, but=None)
    slug = slug_for(session, wish=values.slug, name={"fr": f"{series.slug} {values.year}"}, otherwise="edition")
    row = Edition(series_id=series_id, organiser_id=organiser_id, slug=slug, created_at=now)
    write(row, _edition_columns(values))
    keep(session, row=row)
    note(session, organiser_id=organiser_id, verb="create_edition", subject=f"edition:{row.id}", facts={"slug": slug}, actor=actor, now=now)
    return row


def update_edition(session: Session, *, organiser_id: int, edition_id: int, values: EditionValues, actor: Actor, now: datetime) -> Edition:
    """Change an edition; its slug and series stay.

    Raises Refused: edition.unknown, edition.exists.
    """
    people.locked_organiser(session, organiser_id)
    row = queries.edition_by_id(session, organiser_id, edition_id)
    if row is None:
        raise Refused("edition.unknown", status=404)
    _refuse_twin(session, series_id=row.series_id, values=values, but=row.id)
    changed = write(row, _edition_columns(values))
    note(
        session,
        organiser_id=organiser_id,
        verb="update_edition",
        subject=f"edition:{row.id}",
        facts={"changed": changed},
        actor=actor,
        now=now,
    )
    return row


def create_track(session: Session, *, organiser_id: int, edition_id: int, name: Mapping[str, str], actor: Actor, now: datetime) -> Track:
    """A thread through an edition, after those it has. The same name again gives the track there is.

    Raises Refused: edition.unknown.
    """
    people.locked_organiser(session, organiser_id)
    if queries.edition_by_id(session, organiser_id, edition_id) is None:
        raise Refused("edition.unknown", status=422)
    known = queries.tracks(session, edition_id)
    slug = slugged(any_of(name)) or "theme"
    for track in known:
        if track.slug == slug:
            return track
    row = Track(edition_id=edition_id, slug=slug, name=dict(name), position=len(known))
    keep(session, row=row)
    note(session, organiser_id=organiser_id, verb="create_track", subject=f"track:{row.id}", facts={"slug": slug}, actor=actor, now=now)
    return row


def _series_columns(values: SeriesValues) -> dict[str, Any]:
    if not any_of(values.name):
        raise Refused("title.empty", status=422)
    return {
        "name": dict(values.name),
        "short_name": values.short_name,
        "description": dict(values.description),
        "colour": values.colour,
    }


def _edition_columns(values: EditionValues) -> dict[str, Any]:
    if values.starts_on and values.ends_on and values.ends_on < values.starts_on:
        raise Refused("edition.dates_out_of_order", status=422)
    return {
        "year": values.year,
        "number": values.number,
        "name": dict(values.name),
        "period": dict(values.period),
        "starts_on": values.starts_on,
        "ends_on": values.ends_on,
        "colour": values.colour,
        "figures": [dict(figure) for figure in values.figures],
    }


def _refuse_twin(session: Session, *, series_id: int, values: EditionValues, but: int | None) -> None:
    """SQL takes two empty numbers for different ones; people do not."""
    for other in queries.editions_in(session, series_id):
        if other.id != but and other.year == values.year and other.number == values.number:
            raise Refused("edition.exists", year=values.year, status=422)
