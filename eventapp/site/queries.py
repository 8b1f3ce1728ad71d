"""What the public pages ask that belongs to no single room."""

from __future__ import annotations

from dataclasses import dataclass

from eventapp.events import queries as events
from eventapp.lib.db import Base, Session
from eventapp.partners import queries as partners
from eventapp.people import queries as people
from eventapp.programme import queries as programme


def purposes() -> frozenset[str]:
    """Why personal data are kept here: the purposes that the columns themselves declare, so that the notice forgets none."""
    return frozenset(
        column.info["personal"] for table in Base.metadata.tables.values() for column in table.columns if "personal" in column.info
    )


@dataclass(frozen=True)
class Use:
    """Where a picture stands: whose it is, and whether the public may see what it shows."""

    organiser_id: int
    shown: bool


def uses_of_picture(session: Session, file: str) -> list[Use]:
    """Each thing that shows this picture: an event's cover, the portrait of a person, the logo of a body.

    A person or a body is public with any event that is, a logo with any event of an edition that it carries. Source: trust.md UP-2.
    """
    covers = [Use(row.organiser_id, row.state in events.SHOWN) for row in events.events_with_cover(session, file)]
    portraits = [Use(row.organiser_id, programme.shows_person(session, row.id)) for row in people.persons_with_portrait(session, file)]
    logos = [
        Use(row.organiser_id, programme.shows_organisation(session, row.id) or partners.shows_organisation(session, row.id))
        for row in people.organisations_with_logo(session, file)
    ]
    return [*covers, *portraits, *logos]
