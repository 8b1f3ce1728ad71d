"""The people of an event: found, shown, added by hand, corrected, taken away as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from eventapp.events import queries as events
from eventapp.events import rules as event_rules
from eventapp.events.models import Event
from eventapp.journal import actions as journal
from eventapp.journal import queries as entries
from eventapp.lib import spreadsheets, text, web
from eventapp.lib.db import Database, Session
from eventapp.lib.refusal import Refused
from eventapp.lib.web import Answer, access, page, see_other
from eventapp.messages import queries as messages
from eventapp.people import queries as people
from eventapp.registration import actions, exports, queries
from eventapp.registration.backoffice import found, transfers
from eventapp.registration.forms.organiser import ByHandForm, PartyForm, sentence
from eventapp.registration.models import Registration
from eventapp.registration.rules import SEATED, TERMINAL, State, Why, explanation, to_be_proved, unproven

bp = Blueprint("backoffice", __name__)

PAGE = 50
MAX_SEARCH = 120
FILTERS: Mapping[str, tuple[str, ...]] = {
    "": (),
    "confirmed": (State.CONFIRMED, State.HELD, State.OFFERED),
    "waitlisted": (State.WAITLISTED,),
    "over": tuple(sorted(TERMINAL)),
}
FIELDS = {
    "registration.party_too_large": "size",
    "registration.type_unknown": "ticket_type",
    "registration.full": "ticket_type",
    "registration.address_taken": "email",
}


@bp.get("/registrations")
@access("registration.read")
def index(slug: str) -> Answer:
    """Find a person: any words of name or address, accents or not; by state; by ticket type."""
    state = request.args.get("state", "")
    state = state if state in FILTERS else ""
    search = request.args.get("q", "")[:MAX_SEARCH].strip()
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.read")
        kinds = queries.ticket_types(session, event.id)
        chosen = next((kind for kind in kinds if str(kind.number) == request.args.get("type")), None)
        rows = queries.registrations_page(
            session,
            event.id,
            words=text.words(search),
            states=FILTERS[state],
            ticket_type_id=chosen.id if chosen else None,
            after_id=found.cursor(request.args.get("after")),
            limit=PAGE + 1,
        )
        parties = queries.attendees_of(session, [row.id for row in rows[:PAGE]])
        numbers = queries.state_counts(session, event.id)
        whys = _whys(session, event, rows[:PAGE])
        quota_names = {quota.id: quota.name for quota in queries.quotas(session, event.id)}
        over = event_rules.is_over(event, web.now())
        counts = queries.counts(session, [event.id])[event.id] if over else None
    kept: dict[str, Any] = {name: value for name, value in (("q", search), ("type", str(chosen.number) if chosen else "")) if value}
    return page(
        "registration/backoffice/index.html",
        event=event,
        kinds=kinds,
        chosen=chosen,
        rows=rows[:PAGE],
        inside={id: sum(attendee.arrived_at is not None for attendee, _ticket in pairs) for id, pairs in parties.items()},
        over=over,
        counts=counts,
        seated=SEATED,
        whys=whys,
        quota_names=quota_names,
        search=search,
        state=state,
        kept=kept,
        totals={key: sum(numbers.get(one, 0) for one in states) if states else sum(numbers.values()) for key, states in FILTERS.items()},
        next_page=url_for(".index", slug=slug, state=state or None, after=rows[PAGE - 1].id, **kept) if len(rows) > PAGE else None,
        first_page=url_for(".index", slug=slug, state=state or None, **kept) if request.args.get("after") else None,
        may_edit=found.may("registration.edit", event.organiser_id),
        asks=any(kind.approval for kind in kinds) or bool(numbers.get(State.PENDING_APPROVAL)),
        pending=numbers.get(State.PENDING_APPROVAL, 0),
        may_export=found.may("registration.export", event.organiser_id),
    )


@bp.get("/registrations/new")
@access("registration.edit")
def new(slug: str) -> Answer:
    """The form for a party added by hand."""
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        form = _by_hand(session, event)
    form.language.data = web.language()
    return page("registration/backoffice/new.html", event=event, form=form)


@bp.post("/registrations")
@access("registration.edit")
def create(slug: str) -> Answer:
    """Register a party by hand: seated if there is room, else at the end of the line, like everybody."""
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        form = _by_hand(session, event)
    if not form.validate():
        return page("registration/backoffice/new.html", 422, event=event, form=form)
    asked = actions.Request(
        key=form.idempotency_key.data,
        ticket_type_id=form.ticket_type.data,
        first_name=form.first_name.data,
        last_name=form.last_name.data,
        email=form.email.data,
        language=form.language.data,
        size=form.size.data,
        organisation=form.organisation.data,
        source="hand",
        accept_partial=form.accept_partial.data and form.size.data > 1,
    )
    try:
        with web.database().writing() as session:
            outcome = actions.register(session, event_id=event.id, request=asked, keys=web.keys(), actor=web.actor(), now=web.now())
            kind, made, state = outcome.kind, outcome.registration.public_id, outcome.registration.state
    except Refused as refused:
        return _refused(refused, "registration/backoffice/new.html", form=form, event=event)
    if kind == "exists":
        flash(_("This address was already registered: here is its registration. Nothing was added."), "wait")
    elif state == State.CONFIRMED:
        flash(_("Registered, with a seat."), "good")
    else:
        flash(_("No seat was free: the party is at the end of the waiting list."), "wait")
    return see_other(url_for(".show", slug=slug, public_id=made))


@bp.get("/registrations/<public_id>")
@access("registration.read")
def show(slug: str, public_id: str) -> Answer:
    """One party: who comes, where they stand, what happened, which mails they got."""
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.read")
        registration = found.registration(session, event.id, public_id)
        values: dict[str, Any] = {
            "people": queries.attendees_of(session, [registration.id])[registration.id],
            "place": queries.place(session, registration),
            "may_change": queries.changeable(session, event, registration, by_organiser=True, now=web.now()).anything,
            "others": [one for one in queries.whole_party(session, registration) if one.id != registration.id],
            "why": _whys(session, event, [registration]).get(registration.id),
            "quota_names": {quota.id: quota.name for quota in queries.quotas(session, event.id)},
            "mails": messages.of_subject(session, event.id, public_id),
            "history": entries.about(session, f"event:{event.id}", f"registration:{public_id}"),
            "names": names(session, event.organiser_id),
        }
    return page(
        "registration/backoffice/show.html",
        event=event,
        registration=registration,
        is_live=registration.state not in TERMINAL,
        is_seated=registration.state in SEATED,
        may_transfer=transfers.is_possible(event, registration),
        may_edit=found.may("registration.edit", event.organiser_id),
        **values,
    )


@bp.get("/registrations/<public_id>/edit")
@access("registration.edit")
def edit(slug: str, public_id: str) -> Answer:
    """The form for a mistyped name or address."""
    event, registration = _party(slug, public_id)
    form = PartyForm(first_name=registration.first_name, last_name=registration.last_name, email=registration.email)
    return page("registration/backoffice/edit.html", event=event, registration=registration, form=form)


@bp.post("/registrations/<public_id>")
@access("registration.edit")
def update(slug: str, public_id: str) -> Answer:
    """Correct a name or an address; the holder is told, at the old address too."""
    event, registration = _party(slug, public_id)
    form: Any = PartyForm()
    fine = form.validate()
    if registration.email and not form.email.data and not form.email.errors:
        form.email.errors = [_("Please write an address: mails about this seat go there.")]
        fine = False
    if not fine:
        return page("registration/backoffice/edit.html", 422, event=event, registration=registration, form=form)
    try:
        with web.database().writing() as session:
            actions.correct(
                session,
                event_id=event.id,
                registration_id=registration.id,
                first_name=form.first_name.data,
                last_name=form.last_name.data,
                email=form.email.data,
                keys=web.keys(),
                actor=web.actor(),
                now=web.now(),
            )
    except Refused as refused:
        return _refused(refused, "registration/backoffice/edit.html", form=form, event=event, registration=registration)
    flash(_("Corrected."), "good")
    return see_other(url_for(".show", slug=slug, public_id=public_id))


@bp.get("/registrations.csv")
@access("registration.export")
def export(slug: str) -> Answer:
    """Every attendee as CSV, streamed; who took it, and how many, is in the journal before the first byte leaves."""
    with web.database().writing() as session:
        event_id = found.event(session, slug, "registration.export").id
        locked = events.locked_event(session, event_id)
        journal.note(
            session,
            chain=f"event:{event_id}",
            actor=web.actor().label,
            verb="export_registrations",
            subject=f"event:{locked.public_id}",
            facts={"registrations": sum(queries.state_counts(session, event_id).values())},
            now=web.now(),
        )
        event = events.event_by_id(session, event_id)
    if event is None:
        return web.not_found()
    answer = Response(_streamed(web.database(), event, web.language()), content_type=spreadsheets.CONTENT_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{event.slug}-registrations.csv"'
    return answer


def _streamed(database: Database, event: Event, language: str) -> Iterator[bytes]:
    with database.reading() as session:
        yield from exports.registrations_csv(session, event, language=language)


def _whys(session: Session, event: Event, rows: Sequence[Registration]) -> dict[int, Why]:
    """Why each of these that waits has no seat, where the rule decides at all: in an event that is published."""
    if event.state != event_rules.EventState.PUBLISHED:
        return {}
    house = queries.house(session, event)
    return {
        row.id: to_be_proved(row, row.answer_by) if unproven(row) else explanation(row, house, web.now())  # type: ignore[arg-type,unused-ignore]  # mapped columns
        for row in rows
        if row.state == State.WAITLISTED
    }


def names(session: Session, organiser_id: int) -> dict[str, str]:
    """Names for the labels of the journal."""
    return {f"member:{row.user.public_id}": row.user.name for row in people.team(session, organiser_id)}


def _party(slug: str, public_id: str) -> tuple[Event, Registration]:
    with web.database().reading() as session:
        event = found.event(session, slug, "registration.edit")
        return event, found.registration(session, event.id, public_id)


def _by_hand(session: Session, event: Event) -> Any:
    form = ByHandForm()
    form.offer([(kind.id, web.pick(kind.name)) for kind in queries.ticket_types(session, event.id)])
    return form


def _refused(refused: Refused, template: str, *, form: Any, **values: Any) -> Answer:
    words = sentence(refused)
    if words is None:
        raise refused
    if refused.code in FIELDS and FIELDS[refused.code] in form:
        form[FIELDS[refused.code]].errors = [words]
    else:
        form.form_errors.append(words)
    if refused.code == "command.key_reused":
        form.renew_key()
    return page(template, 422, form=form, **values)
