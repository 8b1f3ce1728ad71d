"""A party registers, sees where it stands, mends a name or an address, notes the date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests

from eventapp.events import queries as events
from eventapp.events import rules as event_rules
from eventapp.events.models import Event
from eventapp.lib import limits, web
from eventapp.lib.refusal import Refused
from eventapp.lib.text import canonical_email
from eventapp.people.rules import link_holder
from eventapp.registration import actions, queries
from eventapp.registration.forms.attendee import CorrectionForm, RegistrationForm
from eventapp.registration.models import Registration, TicketType
from eventapp.registration.pages import found, shown
from eventapp.registration.rules import AutoUntil, Availability, Opening, Phase
from eventapp.tickets import exports

bp = Blueprint("registration", __name__)

ASKABLE = frozenset({Opening.OPEN, Opening.LAST_SEATS, Opening.WAITLIST, Opening.BALLOT})
"""Openings in which a form may be sent."""


@dataclass(frozen=True)
class Offer:
    """What an event offers to the public now: its open ticket types, with what a visitor is told about each."""

    event: Event
    kinds: Sequence[TicketType]
    availability: Mapping[int, Availability]

    @property
    def askable(self) -> list[TicketType]:
        """Ticket types for which a form may be sent."""
        return [kind for kind in self.kinds if self.availability[kind.id].opening in ASKABLE]

    @property
    def max_party(self) -> int:
        """The largest party that one of them takes."""
        return max((kind.max_party for kind in self.askable), default=1)

    @property
    def only_line(self) -> Availability | None:
        """The line that everybody would join who registers now; None where somebody would be seated."""
        open_ones = [self.availability[kind.id] for kind in self.askable]
        if not open_ones or any(one.opening != Opening.WAITLIST or one.approval for one in open_ones):
            return None
        return min(open_ones, key=lambda one: one.waiting_parties)

    @property
    def only_applications(self) -> bool:
        """Whether the organiser decides about everybody who asks now."""
        return bool(self.askable) and all(kind.approval for kind in self.askable)

    @property
    def opens_at(self) -> Availability | None:
        """The next ticket type to open, where none is open yet."""
        later = [one for one in self.availability.values() if one.opening == Opening.NOT_YET and one.opens_at]
        return min(later, key=lambda one: one.opens_at or self.event.starts_at, default=None)


def _offer(slug: str) -> Offer:
    with web.database().reading() as session:
        event = events.published_event(session, slug)
        if event is None:
            web.not_found()
        known = queries.availability(session, event, web.now())
        kinds = [kind for kind in queries.ticket_types(session, event.id) if kind.public and kind.id in known]
        return Offer(event, kinds, {kind.id: known[kind.id] for kind in kinds})


def _form(offer: Offer) -> RegistrationForm:
    form = RegistrationForm()
    _say_choices(form, offer)
    return form


def _say_choices(form: RegistrationForm, offer: Offer) -> None:
    form.offer(kinds=[(kind.id, _kind_words(offer, kind)) for kind in offer.askable], max_party=offer.max_party)
    form.ask_names(max_party=offer.max_party)


def _kind_words(offer: Offer, kind: TicketType) -> str:
    name = web.pick(kind.name)
    if kind.approval:
        return name if offer.only_applications else str(_("%(name)s (the organiser decides)", name=name))
    waits = offer.only_line is None and offer.availability[kind.id].opening == Opening.WAITLIST
    return str(_("%(name)s (full: waiting list)", name=name)) if waits else name


def _shown(offer: Offer, form: RegistrationForm | None, status: int = 200, sentence: str = "") -> Response:
    calendar = queries.calendar(offer.event)
    phase = calendar.phase(web.now())
    late = phase if offer.only_line is not None and phase in {Phase.OFFERING, Phase.LAST_DAY} else ""
    return web.page(
        "registration/new.html", status, event=offer.event, offer=offer, form=form, sentence=sentence, calendar=calendar, late=late
    )


def _is_open(offer: Offer) -> bool:
    return offer.event.state == "published" and not event_rules.is_over(offer.event, web.now()) and bool(offer.askable)


@bp.get("/events/<slug>/registrations/new")
@web.access("public")
def new(slug: str) -> Response:
    """The form; where nothing can be asked now, why not and until when."""
    offer = _offer(slug)
    return _shown(offer, _form(offer) if _is_open(offer) else None)


@bp.post("/events/<slug>/registrations")
@web.access("public")
def create(slug: str) -> web.Answer:
    """Register once, however often it is sent."""
    asked = _asked(slug)
    form = RegistrationForm()
    form.offer(kinds=[(kind_id, "") for kind_id in asked.kinds], max_party=max(asked.kinds.values(), default=1))
    closed = asked.state != "published" or event_rules.is_over(asked, web.now()) or not asked.kinds
    if closed and not _answers_again(form):
        return _shown(_offer(slug), None, 409)
    if not form.validate():
        return _answer_no(slug, form, 422)
    command = {
        "event_id": asked.event_id,
        "request": _request(form, hasty=_is_hasty(asked)),
        "keys": web.keys(),
        "actor": web.actor(),
        "now": web.now(),
    }
    try:
        outcome = web.together(Event, asked.event_id, lambda session: actions.register(session, **command))
        token, promised, registration_id = outcome.token, outcome.promised, outcome.registration.id
        known = outcome.kind == "exists"
    except Refused as refused:
        form.renew_key()
        return _answer_no(slug, form, 422 if refused.facts.get("status") == 422 else 409, web.words(refused))
    if known:
        _mail_link(slug, registration_id, form.email.data or "")
    if promised is not None:
        return web.see_other(url_for("registration.proofs.sent", slug=slug))
    if token is None:
        return web.page("registration/_exists.html", 409, event=_offer(slug).event)
    return web.see_other(url_for("registration.show", token=token))


def _asked(slug: str) -> queries.AskedOf:
    with web.database().reading() as session:
        return queries.asked_of(session, slug) or web.not_found()


def _answer_no(slug: str, form: RegistrationForm, status: int, sentence: str = "") -> Response:
    """The form again with what was typed; where nothing can be asked any more, why not."""
    offer = _offer(slug)
    if not _is_open(offer):
        return _shown(offer, None, 409)
    _say_choices(form, offer)
    return _shown(offer, form, status, sentence)


def _answers_again(form: RegistrationForm) -> bool:
    """Whether this may be the repetition of a request that was answered before registration closed."""
    return bool(form.idempotency_key.data and form.ticket_type.data)


def _is_hasty(asked: queries.AskedOf) -> bool:
    """Whether more have registered from this network than the organiser takes unproved. Nobody is turned away. Source: trust.md RATE-4."""
    if not asked.velocity:
        return False
    network = limits.prefix(request.remote_addr)
    return not limits.hit(web.database(), limits.registrations(asked.velocity), str(asked.event_id), network, now=web.now()).ok


def _request(form: RegistrationForm, *, hasty: bool) -> actions.Request:
    return actions.Request(
        key=form.idempotency_key.data or "",
        ticket_type_id=form.ticket_type.data,
        size=form.size.data,
        first_name=form.first_name.data or "",
        last_name=form.last_name.data or "",
        email=form.email.data or "",
        language=web.language(),
        names=form.names,
        auto_until=AutoUntil.FREEZE if form.last_moment.data else None,
        accept_partial=bool(form.accept_partial.data) and (form.size.data or 1) > 1,
        hasty=hasty,
    )


def _mail_link(slug: str, registration_id: int, email: str) -> None:
    """Write to the holder, not to the person at the keyboard; no oftener than a resend."""
    now = web.now()
    if not limits.hit(web.database(), limits.RESEND_ADDRESS, canonical_email(email), now=now).ok:
        return
    with web.database().writing() as session:
        event = events.shown_event(session, slug)
        registration = queries.registration_by_id(session, event.id, registration_id) if event else None
        if event is not None and registration is not None:
            actions.send_link(session, registration=registration, event=event, now=now)


@bp.get("/registrations/<token>")
@web.access("link")
def show(token: str) -> Response:
    """Where a party stands: its tickets, or its place in line, or how it ended."""
    return shown.registration(token)


@bp.get("/registrations/<token>/edit")
@web.access("link")
def edit(token: str) -> Response:
    """A mistyped name or address, with a button."""
    party = found.party(token)
    registration = party.registration
    known = {"first_name": registration.first_name, "last_name": registration.last_name, "email": registration.email}
    return _correction(party, CorrectionForm(formdata=None, data=known) if party.live else None)


def _correction(party: found.Party, form: CorrectionForm | None, status: int = 200, sentence: str = "") -> Response:
    return web.page("registration/edit.html", status, party=party, event=party.event, form=form, sentence=sentence)


@bp.post("/registrations/<token>")
@web.access("link")
def update(token: str) -> web.Answer:
    """Mend a name or an address; a new address gets a new link."""
    party = found.party(token)
    if not party.live:
        return _correction(party, None, 409)
    form = CorrectionForm()
    if not form.validate():
        return _correction(party, form, 422)
    _slow_down(party.registration, form.email.data or "")
    try:
        with web.database().writing() as session:
            registration = found.identified(session, token)
            _row, renewed = actions.correct(
                session,
                event_id=registration.event_id,
                registration_id=registration.id,
                first_name=form.first_name.data or "",
                last_name=form.last_name.data or "",
                email=form.email.data or "",
                keys=web.keys(),
                actor=link_holder(registration.public_id),
                now=web.now(),
            )
    except Refused as refused:
        return _correction(party, form, 409, web.words(refused))
    if renewed is None:
        return web.see_other(url_for("registration.proofs.sent", slug=party.event.slug))
    return web.see_other(url_for("registration.show", token=renewed))


def _slow_down(registration: Registration, email: str) -> None:
    """Raises TooManyRequests: nobody is written to by one correction after the other to their address. Source: trust.md RATE-3."""
    address = canonical_email(email)
    if address == registration.canonical_email:
        return
    verdict = limits.hit(web.database(), limits.RESEND_ADDRESS, address, now=web.now())
    if not verdict.ok:
        raise TooManyRequests(retry_after=verdict.retry_after)


@bp.get("/registrations/<token>.ics")
@web.access("link")
def calendar(token: str) -> Response:
    """The date for a calendar."""
    party = found.party(token)
    url = web.absolute(url_for("registration.show", token=token))
    face = found.calendar_face(party.event, party.registration, url=url, stamp=web.now())
    answer = Response(exports.calendar(face), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{party.event.slug}.ics"'
    return answer
