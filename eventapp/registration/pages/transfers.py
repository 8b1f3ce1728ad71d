"""A holder lets somebody else come in a place of theirs: who, then what it means, then a button."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests

from eventapp.lib import limits, web
from eventapp.lib.db import Session
from eventapp.lib.refusal import Refused
from eventapp.lib.signing import link_token, same
from eventapp.lib.text import canonical_email
from eventapp.people.rules import link_holder
from eventapp.registration import actions, queries
from eventapp.registration.forms.transfers import TransferForm
from eventapp.registration.models import Registration
from eventapp.registration.pages import found

bp = Blueprint("transfers", __name__)


@bp.get("/registrations/<token>/transfer")
@web.access("link")
def new(token: str) -> Response:
    """Who comes instead; or why nobody can."""
    party = found.party(token)
    return _asked(party, _offered(TransferForm(formdata=None), party))


@bp.post("/registrations/<token>/transfer")
@web.access("link")
def create(token: str) -> web.Answer:
    """First say what will happen; sent again from there, pass the place on. Sent twice, it changes nothing more."""
    form = TransferForm()
    before = _done_before(token, form)
    if before is not None:
        return before
    party = found.party(token)
    form = _offered(form, party)
    if not party.to_pass_on:
        return _asked(party, form, 409)
    if not form.validate():
        return _asked(party, form, 422)
    if form.confirmed.data != "yes":
        return _to_confirm(party, form)
    _slow_down(form.email.data or "")
    try:
        with web.database().writing() as session:
            registration = found.identified(session, token)
            actions.transfer(
                session,
                event_id=registration.event_id,
                transfer=_wanted(form),
                keys=web.keys(),
                actor=link_holder(registration.public_id),
                now=web.now(),
            )
            stays = queries.registration_by_token(session, token) is not None
    except Refused as refused:
        _count(refused)
        form.renew_key()
        return _asked(party, form, 409, web.words(refused))
    return web.see_other(_after(token, stays=stays))


@bp.get("/transfer/done")
@web.access("public")
def show() -> Response:
    """What has happened, for somebody whose link opens nothing any more."""
    return web.page("registration/transfers/show.html")


def _after(token: str, *, stays: bool) -> str:
    return url_for("registration.show", token=token) if stays else url_for("registration.transfers.show")


def _to_confirm(party: found.Party, form: TransferForm) -> Response:
    """What will happen, and the button."""
    name = dict(_places(party)).get(form.place.data, "")
    stays = sum(len(one.guests) for one in (party, *party.parts)) > 1
    return web.page("registration/transfers/_confirm.html", party=party, event=party.event, form=form, name=name, stays=stays)


def _places(party: found.Party) -> list[tuple[str, str]]:
    """The places that may be passed on, and whose they are."""
    return [
        (f"{public_id}.{guest.position}", guest.name or _("Guest %(number)s", number=guest.position))
        for public_id, guest in party.to_pass_on
    ]


def _offered(form: TransferForm, party: found.Party) -> TransferForm:
    form.offer(_places(party))
    return form


def _asked(party: found.Party, form: TransferForm, status: int = 200, sentence: str = "") -> Response:
    why_not = ""
    if not party.to_pass_on:
        why_not = web.words(party.refusal_to_pass_on or Refused("transfer.arrived"))
    return web.page(
        "registration/transfers/new.html", status, party=party, event=party.event, form=form, sentence=sentence, why_not=why_not
    )


def _wanted(form: TransferForm) -> actions.Transfer:
    public_id, position = form.named_place
    return actions.Transfer(
        key=form.sent_key,
        public_id=public_id,
        position=position,
        first_name=form.first_name.data or "",
        last_name=form.last_name.data or "",
        email=form.email.data or "",
    )


def _done_before(token: str, form: TransferForm) -> web.Answer | None:
    """Where a sending that was carried out already leads, also when it has ended its own link; None for every other."""
    wanted = _wanted(form)
    with web.database().reading() as session:
        own = queries.registration_by_token(session, token)
        row = own or _of_former_link(session, token, wanted.public_id)
        try:
            if row is None or not actions.was_transferred(session, event_id=row.event_id, transfer=wanted):
                return None
        except Refused:  # the key was used for something else: said by the command itself, under its lock
            return None
    return web.see_other(_after(token, stays=own is not None))


def _of_former_link(session: Session, token: str, public_id: str) -> Registration | None:
    """The registration whose link this was until its last holder passed it on."""
    row = queries.registration_by_public_id(session, public_id)
    if row is None or row.serial == 0 or not same(token, link_token(web.keys(), row.identity, row.serial - 1)):
        return None
    return row


def _slow_down(email: str) -> None:
    """Raises TooManyRequests: nobody is written to by one transfer after the other to their address. Source: trust.md RATE-3."""
    for limit in (limits.RESEND_ADDRESS, limits.UNCONFIRMED_MAILS):
        verdict = limits.hit(web.database(), limit, canonical_email(email), now=web.now())
        if not verdict.ok:
            raise TooManyRequests(retry_after=verdict.retry_after)


def _count(refused: Refused) -> None:
    """Whoever tries address after address is stopped: the no says nothing of why, but it is said to few.

    Raises TooManyRequests.
    """
    if refused.code != "transfer.recipient":
        return
    tried = limits.hit(web.database(), limits.UNKNOWN_CODES, "address", limits.prefix(request.remote_addr), now=web.now())
    if not tried.ok:
        raise TooManyRequests(retry_after=tried.retry_after)
