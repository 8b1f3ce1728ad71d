"""The page of a party: where it stands, in each of its states."""

from __future__ import annotations

from flask import Response

from eventapp.lib import web
from eventapp.lib.markup import drawn
from eventapp.registration.forms.attendee import InvitedForm, WishForm
from eventapp.registration.pages import found
from eventapp.registration.rules import prospect
from eventapp.tickets import exports, rules


def registration(token: str, status: int = 200, sentence: str = "", *, named: InvitedForm | None = None) -> Response:
    """Its tickets, what it is offered, its place in line, or how it ended; `sentence` says why nothing was done, `named`
    is what was typed to accept an invitation."""
    party = found.party(token)
    row, base = party.registration, web.settings().public_base_url
    codes = {guest.position: drawn(exports.qr_svg(rules.qr_text(base, guest.code))) for guest in party.everybody_seated}
    form = WishForm(formdata=None, data={"auto_until": row.auto_until, "accept_partial": row.accept_partial})
    form.offer(party.calendar)
    return web.page(
        "registration/show.html",
        status,
        party=party,
        event=party.event,
        registration=row,
        codes=codes,
        prospect=prospect(party.calendar, row.auto_until, web.now()),
        form=form,
        named=named or InvitedForm(formdata=None, data={"first_name": row.first_name, "last_name": row.last_name}),
        sentence=sentence,
    )
