"""The control room: will it hold?"""

from __future__ import annotations

from flask import Blueprint

from eventapp.backoffice import exports, rules
from eventapp.door import queries as door
from eventapp.events import queries as events
from eventapp.events import rules as event_rules
from eventapp.journal import queries as journal
from eventapp.lib import web
from eventapp.lib.web import Answer, access, not_found, page
from eventapp.messages import queries as messages
from eventapp.people import queries as people
from eventapp.people.rules import may
from eventapp.registration import queries as registration
from eventapp.registration import rules as registration_rules

bp = Blueprint("control", __name__)

LINES = 6
ENTRIES = 100
SHAPES = 12
BESIDE_FREE = frozenset({registration_rules.Cause.GUARDED, registration_rules.Cause.TOO_LARGE, registration_rules.Cause.KEPT})


@bp.get("/events/<slug>")
@access("event.read")
def show(slug: str) -> Answer:
    """Seats of the limit, the line and why it waits, who came, what was done last."""
    now = web.now()
    with web.database().reading() as session:
        event = events.event_for(session, web.actor(), slug, may_="event.read")
        if event is None:
            not_found()
        counts = registration.counts(session, [event.id])[event.id]
        quotas = registration.quotas(session, event.id)
        kinds = registration.ticket_types(session, event.id)
        guards = registration.guards(session, [event.id], now).get(event.id, [])
        inside = door.counters(session, event.id).occupancy
        curve = rules.arrivals(door.first_entries(session, event.id))
        house = registration.house(session, event)
        heads = [party for parties in registration.line(session, event.id).values() for party in [next(parties, None)] if party is not None]
        entries = (
            journal.recent(session, [f"event:{event.id}"], limit=ENTRIES) if may(web.actor(), "journal.read", event.organiser_id) else []
        )
        names = {f"member:{row.user.public_id}": row.user.name for row in people.team(session, event.organiser_id)}
        mails = messages.by_state(session, [event.id])
    guarded = sum(guard.seats for guard in guards)
    gauge = event.space.safety_capacity if event.space else None
    told, times = rules.told_once(entries, LINES)
    heads = heads if event.state == event_rules.EventState.PUBLISHED else []  # elsewhere nobody is seated, whatever is free
    whys = registration_rules.explanations(heads, house, now)  # type: ignore[arg-type,unused-ignore]  # mapped columns
    return page(
        "backoffice/control/show.html",
        event=event,
        counts=counts,
        quotas=quotas,
        quota_names={quota.id: quota.name for quota in quotas},
        type_names={kind.id: kind.name for kind in kinds},
        whys=[why for why in whys if not (guards and why.cause == registration_rules.Cause.GUARDED)][:SHAPES],
        beside_free=any(why.cause in BESIDE_FREE for why in whys),
        step=rules.next_step(
            event, freeze_at=house.freeze_at, used=counts.used, limit=counts.limit, waiting=counts.waiting, guarded=guarded, now=now
        ),
        guards=guards,
        guarded=guarded,
        curve=curve,
        picture=exports.picture(curve, gauge) if curve else None,
        gauge=gauge,
        tonight=rules.Tonight(inside, max(0, counts.confirmed - counts.arrived), gauge) if curve else None,
        after=rules.after(confirmed=counts.confirmed, arrived=counts.arrived, recorded=event.counts),
        deficits=[quota for quota in quotas if quota.used > quota.limit],
        freeze_at=house.freeze_at,
        is_frozen=now >= house.freeze_at,
        is_over=event_rules.is_over(event, now),
        is_running=event_rules.is_running(event, now),
        arrived_share=round(100 * counts.arrived / counts.confirmed) if counts.confirmed else 0,
        entries=told,
        times=times,
        names=names,
        mails=mails,
        now=now,
        may_read_messages=may(web.actor(), "messages.read", event.organiser_id),
        may_edit=may(web.actor(), "registration.edit", event.organiser_id),
    )
