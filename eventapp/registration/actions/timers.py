"""What the clock does to the line: offers and holds end, guards and keeps end. Every command begins with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventapp.events.actions import next_place
from eventapp.events.queries import LockedEvent, locked_event
from eventapp.events.rules import EventState
from eventapp.lib.db import Session
from eventapp.people.rules import WORKER
from eventapp.registration import queries, rules
from eventapp.registration.actions import letters, seats, sessions
from eventapp.registration.actions.allocation import allocate
from eventapp.registration.actions.parties import follow, note, to_the_end
from eventapp.registration.models import Enrolment, Registration
from eventapp.registration.rules import State


def settled_event(session: Session, *, event_id: int, closed_too: bool = False, now: datetime) -> LockedEvent:
    """The event, held until this transaction ends, with everything done that the clock has brought since the last command.

    Raises LookupError: no such event; Refused: event.closed, unless the command changes no seat (`closed_too`).
    """
    event = locked_event(session, event_id)
    if not closed_too:
        rules.check_not_closed(event, now)
    settle(session, event=event, standing=queries.standing(session, event), now=now)
    return event


def settle(session: Session, *, event: LockedEvent, standing: queries.Standing, now: datetime) -> queries.Standing:
    """Do what is due, each at its own instant and in the order of instants, whenever this is called: late is as good as in time.

    Gives the standing afterwards. Everybody concerned gets one mail, of their state in the end. An event that is not published, or is
    closed, stands still.
    """
    if _stands_still(event, now):
        return standing
    bag = letters.Bag()
    while (at := _next_instant(session, event=event, standing=standing, now=now)) is not None:
        due, swaps = queries.due(session, event.id, at), queries.due_enrolments(session, event.id, at)
        cut = _silent(session, event=event, calendar=standing.house.calendar, now=now) if at == standing.house.calendar.cut_at else []
        if not due and not swaps and not cut and at not in rules.turns(standing.house):
            raise RuntimeError(f"event {event.id}: nothing is due at {at}")  # rather than ask for ever
        for registration in due:
            _end(session, event=event, registration=registration, house=standing.house, bag=bag, now=at)
        for registration in cut:
            _cut(session, event=event, registration=registration, house=standing.house, bag=bag, now=at)
        for enrolment in swaps:
            _end_swap(session, event=event, enrolment=enrolment, settings=standing.house.calendar.settings, bag=bag, now=at)
        if at in rules.turns(standing.house):
            event.settled_at = at
        allocate(session, event=event, bag=bag, now=at)
        standing = queries.standing(session, event)
    bag.post(session, event=event, now=now)
    return standing


def _next_instant(session: Session, *, event: LockedEvent, standing: queries.Standing, now: datetime) -> datetime | None:
    """The first instant up to now at which something is to be done, the loss of the seats of those who were asked and are silent too."""
    at = rules.next_instant(standing.next_due, standing.house, since=event.settled_at, now=now)
    cut_at = standing.house.calendar.cut_at
    if cut_at is None or (at is not None and at <= cut_at) or not _silent(session, event=event, calendar=standing.house.calendar, now=now):
        return at
    return cut_at


def _silent(session: Session, *, event: LockedEvent, calendar: rules.Calendar, now: datetime) -> list[Registration]:
    if calendar.cut_at is None or now < calendar.cut_at:
        return []
    return queries.silent(session, event.id, since=calendar.settings.strict_since, at=calendar.cut_at)


def _cut(session: Session, *, event: LockedEvent, registration: Registration, house: rules.House, bag: letters.Bag, now: datetime) -> None:
    """Nobody said that they come: the seats are free again, as was published before they registered."""
    quota_ids = house.charged[registration.ticket_type_id]
    seats.change_state(session, event=event, registration=registration, quota_ids=quota_ids, state=State.EXPIRED, cause="silent", now=now)
    note(session, event=event, actor=WORKER, verb="cut", registration=registration, now=now)
    bag.put(registration, "expired", cause="silent")
    session.flush()


def _stands_still(event: LockedEvent, now: datetime) -> bool:
    """Whether the clock brings nothing: the event is not published, or it is closed."""
    return event.state != EventState.PUBLISHED or rules.is_closed(event, now)


def _end(session: Session, *, event: LockedEvent, registration: Registration, house: rules.House, bag: letters.Bag, now: datetime) -> None:
    """Nobody answered in time: the seat is free again."""
    quota_ids = house.charged[registration.ticket_type_id]
    state, cause, mail = State.EXPIRED, "unproven", "expired"
    if registration.state == State.OFFERED:
        state = rules.after_lapse(seq=registration.seq, lapses=registration.lapses, settings=house.calendar.settings)
        cause, mail = "unanswered", "lapsed" if state == State.WAITLISTED else "expired"
        registration.lapses += 1
    if state == State.WAITLISTED:
        to_the_end(session, event=event, registration=registration)
    seats.change_state(session, event=event, registration=registration, quota_ids=quota_ids, state=state, cause=cause, now=now)
    note(session, event=event, actor=WORKER, verb="lapse", registration=registration, now=now)
    if cause == "unanswered" or registration.split_from_id is None:  # who never proved an address is told once, for all of the party
        bag.put(registration, mail, cause=cause)
    session.flush()


def _end_swap(
    session: Session, *, event: LockedEvent, enrolment: Enrolment, settings: rules.Settings, bag: letters.Bag, now: datetime
) -> None:
    """Nobody chose in time: the place that was offered is free again, and the one at the same time stays with its holder."""
    over = now >= rules.enrolment_closes(enrolment.slot)
    state = State.EXPIRED if over else rules.after_lapse(seq=enrolment.seq, lapses=enrolment.lapses, settings=settings)
    enrolment.lapses += 1
    if state == State.WAITLISTED:
        enrolment.seq = next_place(session, event=event)
    sessions.move(session, event=event, enrolment=enrolment, state=state, cause="unanswered", now=now)
    holder = sessions.holder_of(session, event=event, enrolment=enrolment)
    bag.put_news(holder, enrolment, "lapsed" if state == State.WAITLISTED else "expired")


def tend(session: Session, *, event_id: int, now: datetime) -> None:
    """What the worker does each minute: whatever is due, a pass over the line, reminders. Safe at any time, any number of times."""
    event = settled_event(session, event_id=event_id, closed_too=True, now=now)
    allocate(session, event=event, now=now)
    if _stands_still(event, now):
        return
    for registration in queries.reminders(session, event.id, now):
        registration.remind_at = None
        facts = {"answer_by": rules.plain(registration.expires_at)}
        letters.tell(session, event=event, registration=registration, kind="reminder", facts=facts, now=now)


def tell_the_line(session: Session, *, event_id: int, now: datetime) -> int:
    """Tell those who wait, once each, that only who can come at short notice is seated now, or that the list is closed.

    100 at a time, apart from the commands, which need not wait for a long line. Gives how many were told.
    """
    event = locked_event(session, event_id)
    if event.ballot_at is not None:
        return 0
    undrawn = queries.untold_of_the_draw(session, event.id)
    if undrawn:
        return _tell_of_the_draw(session, event=event, waiting=undrawn, now=now)
    notice = rules.notice(queries.calendar(event), now)
    if event.state != EventState.PUBLISHED or notice is None:
        return 0
    told = queries.untold(session, event.id, notice)
    for registration in told:
        registration.notice = notice
        if notice == "last_day" and registration.auto_until == rules.AutoUntil.FREEZE:
            continue  # they said so already
        place = queries.place(session, registration)
        letters.tell(session, event=event, registration=registration, kind=notice, place=place, now=now)
    return len(told)


def _tell_of_the_draw(session: Session, *, event: LockedEvent, waiting: Sequence[Registration], now: datetime) -> int:
    """Tell those whom the draw gave no seat where they stand: once nobody else is given one, so that each hears one result."""
    given = allocate(session, event=event, now=now)
    if given.more:
        return len(given.promoted)
    for registration in waiting:
        registration.notice = ""
        if registration.state == State.WAITLISTED and not rules.unproven(registration):
            place = queries.place(session, registration)
            letters.tell(session, event=event, registration=registration, kind="waitlisted", place=place, facts={"drawn": True}, now=now)
    return len(waiting)


def started(session: Session, *, event_id: int, public_id: str, now: datetime) -> None:
    """The mail that asks something has left, or failed for good: its clock runs from now, and ends no sooner than was printed.

    Nothing happens to one that is running or over.
    """
    event = settled_event(session, event_id=event_id, closed_too=True, now=now)
    registration = queries.registration_for(session, event.id, public_id)
    if registration is None:
        return
    for enrolment in queries.unstarted_swaps(session, registration):
        enrolment.started_at = now
        counted = rules.swap_by(enrolment.slot, event.zone, queries.calendar(event).settings, offered_at=now)
        enrolment.answer_by = enrolment.expires_at = max(enrolment.answer_by or counted, counted)
    if registration.started_at is not None:
        return
    if registration.state != State.OFFERED and not rules.unproven(registration):
        return
    if registration.asked_at is None or registration.answer_by is None:
        raise RuntimeError(f"registration {registration.id} was asked nothing")
    calendar = queries.calendar(event)
    registration.started_at = now
    registration.answer_by = rules.answer_by(registration, calendar, counted_from=now)
    registration.expires_at = registration.answer_by
    if registration.state == State.OFFERED:
        registration.remind_at = rules.remind_at(now, registration.answer_by)
        return
    for part in queries.parts_of(session, registration):
        if rules.unproven(part):
            follow(registration, part)
