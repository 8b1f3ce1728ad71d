"""Everything that is asked about one who registers, under the event's lock, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, exists, select, text

from eventapp.events.models import Event
from eventapp.journal import queries as journal
from eventapp.lib.db import Session
from eventapp.lib.inserts import LOOKED, waiting
from eventapp.registration.models import ONE_EACH, Registration, Ticket
from eventapp.registration.queries.house import HOUSE, Standing, standing, standing_of


@dataclass(frozen=True)
class Arrival:
    """The command that was answered under this key, the live registration of this address, whether a short code is taken; the event's seats."""

    command: journal.Answered | None
    registered_id: int | None
    code_taken: bool
    standing: Standing


# In the very words of the unique index, or SQLite does not see that it may use it.
_REGISTERED = (
    select(Registration.id)
    .where(Registration.event_id == bindparam("event"), Registration.canonical_email == bindparam("address"), text(ONE_EACH))
    .scalar_subquery()
)
_TAKEN = exists().where(Ticket.event_id == bindparam("event"), Ticket.human_sha256.in_(bindparam("digests", expanding=True)))
_ARRIVAL = (
    HOUSE.with_only_columns(journal.BODY_OF_COMMAND, journal.SUBJECT_OF_COMMAND, _REGISTERED, _TAKEN, *HOUSE.selected_columns)
).execution_options(**{LOOKED: True})


def arrival(session: Session, event: Event, *, key: str, address: str, digests: Sequence[bytes]) -> Arrival:
    """What decides about somebody who asks now under this key, with this canonical address ("" for none) and these codes for their tickets."""
    made = journal.command_just_now(session, key)
    taken = any(row["event_id"] == event.id and row["human_sha256"] in digests for row in waiting(session, Ticket))
    values = {"event": event.id, "command": key, "address": address, "digests": list(digests)}
    rows = session.connection().execute(_ARRIVAL, values).all()
    if not rows:  # no seats at all, so that nobody can have asked before
        return Arrival(made, None, taken, standing(session, event))
    body, subject, registered_id, known = rows[0][:4]
    command = made or (journal.Answered(body, subject) if subject is not None else None)
    return Arrival(command, registered_id, taken or bool(known), standing_of(event, [row[4:] for row in rows]))
