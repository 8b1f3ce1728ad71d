"""The sessions for which the people of a party may enrol, as the party's page shows them: read once, with who has a place where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.registration import queries
from eventapp.registration.models import Enrolment, Registration, Slot
from eventapp.registration.rules import Settings, State, enrolment_closes, overlap, swap_by


@dataclass(frozen=True)
class Chooser:
    """One person of a party, and where they stand in one session. `elsewhere` is what they have at the same time."""

    part: str
    position: int
    enrolment: Enrolment | None
    place: int | None  # in the line of the session, from 1
    answer_by: datetime | None
    elsewhere: Sequence[Slot]

    @property
    def state(self) -> str:
        """In which state their enrolment is; "" for none."""
        return self.enrolment.state if self.enrolment else ""


@dataclass(frozen=True)
class Choice:
    """One session: how many places are free for who asks now, how many wait, and each person of the party."""

    slot: Slot
    free: int
    waiting: int
    people: Sequence[Chooser]

    @property
    def takes(self) -> bool:
        """Whether somebody may still be given a place in it."""
        return web.now() < enrolment_closes(self.slot)

    @property
    def chosen(self) -> int:
        """How many of the party have a place in it, are offered one or wait."""
        return sum(one.enrolment is not None for one in self.people)


def choices(session: Session, parties: Sequence[tuple[str, Registration, Sequence[int]]], *, zone: str) -> list[Choice]:
    """The sessions of an event for those of a party who have seats: for each part its public id ("" for the party itself), its
    registration and the positions of its people. The number of statements depends neither on people nor on sessions.
    """
    seated = [(part, row, positions) for part, row, positions in parties if row.state == State.CONFIRMED]
    if not seated:
        return []
    event_id = seated[0][1].event_id
    slots = queries.slots(session, event_id)
    if not slots:
        return []
    settings = queries.calendar(queries.event_of(session, seated[0][1])).settings
    live = queries.live_enrolments(session, [row.id for _part, row, _positions in seated])
    places, lengths = queries.queue_positions(session, live), queries.queue_lengths(session, event_id)
    of_person: dict[tuple[int, int], list[Enrolment]] = {}
    for one in live:
        of_person.setdefault((one.attendee.registration_id, one.attendee.position), []).append(one)

    def chooser(slot: Slot, part: str, row: Registration, position: int) -> Chooser:
        own = of_person.get((row.id, position), [])
        mine = next((one for one in own if one.slot_id == slot.id), None)
        elsewhere = [one.slot for one in own if one.state == State.CONFIRMED and one.slot_id != slot.id and overlap(one.slot, slot)]
        return Chooser(part, position, mine, places.get(mine.id) if mine else None, _answer_by(mine, slot, zone, settings), elsewhere)

    return [
        Choice(
            slot,
            free=0 if lengths.get(slot.id) else max(0, slot.quota.limit - slot.quota.used),
            waiting=lengths.get(slot.id, 0),
            people=[chooser(slot, part, row, position) for part, row, positions in seated for position in positions],
        )
        for slot in slots
    ]


def _answer_by(mine: Enrolment | None, slot: Slot, zone: str, settings: Settings) -> datetime | None:
    """Until when they may choose. While its mail has not left, its clock begins now at the earliest."""
    if mine is None or mine.answer_by is None or mine.started_at is not None:
        return mine.answer_by if mine else None
    return max(mine.answer_by, swap_by(slot, zone, settings, offered_at=web.now()))
