"""What needs me now: each coming event, how full it is, and the next thing to do."""

from __future__ import annotations

from flask import Blueprint

from eventapp.backoffice import rules
from eventapp.events import queries as events
from eventapp.events import rules as event_rules
from eventapp.events.rules import EventState
from eventapp.lib import web
from eventapp.lib.web import Answer, access, page
from eventapp.messages import queries as messages
from eventapp.people import queries as people
from eventapp.people.rules import organisers_where
from eventapp.registration import queries as registration

bp = Blueprint("backoffice", __name__)

PAST = 12
URGENCY = (
    *(rules.Step.MEND, rules.Step.DOOR, rules.Step.POSTPONED, rules.Step.PUBLISH, rules.Step.RAISE, rules.Step.GUARDED),
    *(rules.Step.CLOSE, rules.Step.WATCH, rules.Step.NOTHING),
)


@bp.get("")
@access("session")
def show() -> Answer:
    """Coming events with their numbers; those over below. As many statements for thirty events as for one."""
    now = web.now()
    with web.database().reading() as session:
        mine = events.events_of(session, web.actor())
        counts = registration.counts(session, [event.id for event in mine])
        guards = registration.guards(session, [event.id for event in mine], now)
        organisers = people.organisers_of(session, web.actor(), may_="event.read")
        failed = messages.by_state(session, [event.id for event in mine]).get("failed", 0)
    guarded = {event.id: sum(guard.seats for guard in guards.get(event.id, [])) for event in mine}
    steps = {
        event.id: rules.next_step(
            event,
            freeze_at=registration.calendar(event).freeze_at,
            used=counts[event.id].used,
            limit=counts[event.id].limit,
            waiting=counts[event.id].waiting,
            guarded=guarded[event.id],
            now=now,
        )
        for event in mine
    }
    done = {EventState.ARCHIVED, EventState.CALLED_OFF}
    coming = [event for event in mine if event.state not in done and not event_rules.is_over(event, now)]
    past = [event for event in reversed(mine) if event not in coming]
    return page(
        "backoffice/show.html",
        coming=coming,
        past=past[:PAST],
        counts=counts,
        guarded=guarded,
        after={
            event.id: rules.after(confirmed=counts[event.id].confirmed, arrived=counts[event.id].arrived, recorded=event.counts)
            for event in past
        },
        steps=steps,
        first=min(coming, key=lambda event: (URGENCY.index(steps[event.id]), event.starts_at), default=None),
        organisers=organisers,
        unfinished=[row for row in organisers if row.legal_missing],
        failed=failed,
        may_create=bool(organisers_where(web.actor(), "event.edit")),
    )
