"""The page of a party: where it stands, in each of its states."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response
from flask_babel import gettext as _

from eventapp.lib import web
from eventapp.lib.markup import drawn
from eventapp.lib.web import dates
from eventapp.registration.forms.attendee import InvitedForm, WishForm
from eventapp.registration.forms.changes import ChangeForm, KindForm, MoreForm, SizeForm
from eventapp.registration.pages import found
from eventapp.registration.queries import Changeable, Other
from eventapp.registration.rules import prospect
from eventapp.tickets import exports, rules


@dataclass(frozen=True)
class Changing:
    """The forms of what the holder may change, each None where there is nothing of its kind to change."""

    now: int
    most: Changeable
    size: SizeForm | None
    more: MoreForm | None
    kind: KindForm | None
    sent: ChangeForm | None  # the one of them with something wrong in it


def _changing(party: found.Party, sent: ChangeForm | None) -> Changing | None:
    row, may = party.registration, party.changeable
    if may is None or not may.anything:
        return None
    known = {"version": row.version, "size": row.size, "by": 1}
    kind = sent if isinstance(sent, KindForm) else KindForm(formdata=None, data=known)
    kind.offer([(other.kind.id, _kind_words(other)) for other in may.others])
    size = sent if isinstance(sent, SizeForm) else SizeForm(formdata=None, data=known)
    more = sent if isinstance(sent, MoreForm) else MoreForm(formdata=None, data=known)
    return Changing(
        now=row.size,
        most=may,
        size=size if may.largest else None,
        more=more if may.more else None,
        kind=kind if may.others else None,
        sent=sent,
    )


def _kind_words(other: Other) -> str:
    name = web.pick(other.kind.name)
    if other.place is None:
        return name
    if other.room:
        return str(_("%(name)s (there are seats)", name=name))
    return str(_("%(name)s (you would be %(nth)s in line)", name=name, nth=dates.ordinal(other.place.position)))


def registration(
    token: str, status: int = 200, sentence: str = "", *, named: InvitedForm | None = None, sent: ChangeForm | None = None
) -> Response:
    """Its tickets, what it is offered, its place in line, or how it ended; `sentence` says why nothing was done, `named`
    is what was typed to accept an invitation, `sent` to change the registration."""
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
        changing=_changing(party, sent),
    )
