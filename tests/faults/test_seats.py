"""Each guard of the seats, weakened by this test itself, must make the tests of the room fail: they prove what they say.

A guard that can be taken away unnoticed is not guarded. The tree is copied; nothing of this checkout is changed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.noticed import NOTICED_BY

ROOT = Path(__file__).resolve().parent.parent.parent
COPIED = ("eventapp", "tests", "tools")
LINKED = ("docs", "templates", "static", "translations", "migrations", "alembic.ini", "config.py", "wsgi.py", "pyproject.toml")
LINE = "eventapp/registration/rules/line.py"
SEATS = "eventapp/registration/actions/seats.py"
VERBS = "eventapp/registration/actions/registrations.py"
ENDINGS = "eventapp/registration/actions/endings.py"
QUOTAS = "eventapp/registration/actions/quotas.py"
JOURNAL = "eventapp/journal/actions.py"
STATES = "eventapp/registration/rules/states.py"
CALENDAR = "eventapp/registration/rules/calendar.py"
OFFER_RULES = "eventapp/registration/rules/offers.py"
OFFERS = "eventapp/registration/actions/offers.py"
TIMERS = "eventapp/registration/actions/timers.py"
PARTIES = "eventapp/registration/actions/parties.py"
INVITATIONS = "eventapp/registration/actions/invitations.py"
APPROVALS = "eventapp/registration/actions/approvals.py"
APPROVAL_RULES = "eventapp/registration/rules/approvals.py"
INVITATION_RULES = "eventapp/registration/rules/invitations.py"
CHANGES = "eventapp/registration/actions/changes.py"
TRANSFERS = "eventapp/registration/actions/transfers.py"
TRANSFER_RULES = "eventapp/registration/rules/transfers.py"
ALLOCATION = "eventapp/registration/actions/allocation.py"
DUE = "eventapp/registration/queries/line.py"
PROOFS = "eventapp/registration/actions/proofs.py"
BALLOTS = "eventapp/registration/actions/ballots.py"
BALLOT_RULES = "eventapp/registration/rules/ballot.py"
PROOF_RULES = "eventapp/registration/rules/proofs.py"
CLOSING = "eventapp/registration/actions/closing.py"
CLOSING_RULES = "eventapp/registration/rules/closing.py"
DEFICIT_RULES = "eventapp/registration/rules/deficits.py"
REVOKING = "eventapp/registration/actions/deficits.py"
DEFICITS = "eventapp/registration/queries/deficits.py"
RECONFIRMATIONS = "eventapp/registration/actions/reconfirmations.py"
RECONFIRMATION_RULES = "eventapp/registration/rules/reconfirmations.py"
TO_BE_ASKED = "eventapp/registration/queries/reconfirmations.py"
ENROLMENT_RULES = "eventapp/registration/rules/enrolments.py"
ENROLMENTS = "eventapp/registration/queries/enrolments.py"
ENROLLING = "eventapp/registration/actions/enrolments.py"
SESSIONS = "eventapp/registration/actions/sessions.py"
SLOTS = "eventapp/registration/actions/slots.py"

WEAKENED = {
    "somebody is asked where nobody wishes it": (CALENDAR, "        if self.settings.reconfirm == Reconfirm.OFF:\n", "        if False:\n"),
    "a late worker asks for an instant that is over": (
        CALENDAR,
        "return max((at for at in self.asks if at <= now), default=None)",
        "return min((at for at in self.asks if at <= now), default=None)",
    ),
    "somebody is asked after doors": (
        CALENDAR,
        "        if now >= self.doors_at:\n            return None\n        return max(",
        "        return max(",
    ),
    "silence costs the seat before its hour": (TIMERS, "now < calendar.cut_at:", "False:"),
    "who answered loses the seat": (TO_BE_ASKED, "        Registration.reconfirmed_at.is_(None),\n", ""),
    "who registered before loses the seat": (TO_BE_ASKED, "        Registration.rules_version >= since,\n", ""),
    "who was not asked in time loses the seat": (TO_BE_ASKED, "        asked.exists(),\n", ""),
    "who is inside loses the seat": (TO_BE_ASKED, "        asked.exists(),\n        ~_inside.exists(),\n", "        asked.exists(),\n"),
    "a softened rule still costs the seat": (
        CALENDAR,
        "        if self.settings.reconfirm != Reconfirm.STRICT:\n            return None\n",
        "",
    ),
    "the cut is done at the hour of the worker": (TIMERS, "    return cut_at\n", "    return now if cut_at == now else None\n"),
    "the seat is threatened before it was published": (
        RECONFIRMATION_RULES,
        "settings.reconfirm == Reconfirm.STRICT and registration.rules_version >= settings.strict_since",
        "settings.reconfirm == Reconfirm.STRICT",
    ),
    "a question is asked each minute": (RECONFIRMATIONS, "            registration.ask_after = at\n", "            pass\n"),
    "who has answered is asked again": (
        RECONFIRMATIONS,
        "    registration.ask_after = event.doors_at  # not again, unless the event moves to a later day\n",
        "",
    ),
    "an answer of another day holds": (
        RECONFIRMATIONS,
        "            registration.reconfirmed_at = None  # of an event that has moved: the answer was about another day\n",
        "",
    ),
    "an event that is put off asks": (RECONFIRMATIONS, "event.state != EventState.PUBLISHED or at is None", "at is None"),
    "an answer is taken before the question": (RECONFIRMATION_RULES, "    if not was_asked(registration):\n", "    if False:\n"),
    "who has no seat says that they come": (RECONFIRMATION_RULES, "    if registration.state != State.CONFIRMED:\n", "    if False:\n"),
    "a second yes is another answer": (RECONFIRMATIONS, "    if registration.reconfirmed_at is not None:\n", "    if False:\n"),
    "who waits is asked": (
        TO_BE_ASKED,
        "        Registration.state == literal_column(\"'confirmed'\"),\n        Registration.ask_after < at,\n",
        "        Registration.ask_after < at,\n",
    ),
    "who came after the question is asked it": (
        TO_BE_ASKED,
        "        Registration.ask_after < at,\n",
        "        (Registration.ask_after < at) | (Registration.ask_after == Registration.confirmed_at),\n",
    ),
    "who is inside is asked": (
        TO_BE_ASKED,
        '        Registration.email != "",\n        ~_inside.exists(),\n',
        '        Registration.email != "",\n',
    ),
    "who has no address is asked": (TO_BE_ASKED, '        Registration.email != "",\n', ""),
    "each part of a party is written to": (
        TO_BE_ASKED,
        "parties.setdefault(row.split_from_id or row.id, [])",
        "parties.setdefault(row.id, [])",
    ),
    "an answer passes on with the place": (TRANSFERS, "    registration.reconfirmed_at = None\n", ""),
    "who got a place is not asked": (
        TRANSFERS,
        "    registration.confirmed_at = registration.ask_after = now  # whether they come is asked of the new holder anew\n",
        "",
    ),
    "who got one of several places is not asked": (SEATS, "taker.confirmed_at = taker.ask_after = now", "taker.confirmed_at = now"),
    "an answer outlives its seat": (SEATS, "        registration.reconfirmed_at = None\n", ""),
    "two sessions one after the other overlap": (
        ENROLMENT_RULES,
        "one.starts_at < other.ends_at and other.starts_at < one.ends_at",
        "one.starts_at <= other.ends_at and other.starts_at <= one.ends_at",
    ),
    "nobody looks at an overlap": (ENROLMENT_RULES, "    if not any(overlap(wanted, other) for other in has):\n", "    if True:\n"),
    "somebody is swapped who did not say so": (ENROLMENT_RULES, "return Turn.SWAP if swap else Turn.OFFER", "return Turn.SWAP"),
    "two swaps are offered at one time": (
        ENROLMENT_RULES,
        "    if any(overlap(wanted, other) for other in is_offered):\n",
        "    if False:\n",
    ),
    "the time to choose runs at night": (
        ENROLMENT_RULES,
        "wall + share if same_day else after_waking(settings, wall, share)",
        "wall + share",
    ),
    "somebody enrols when a session is about to start": (
        ENROLMENT_RULES,
        "    if now >= enrolment_closes(span):\n",
        "    if now >= span.starts_at:\n",
    ),
    "who has no seat enrols": (ENROLMENT_RULES, "    if state != State.CONFIRMED:\n", "    if False:\n"),
    "a withdrawn session takes people": (ENROLMENT_RULES, "    if withdrawn:\n", "    if False:\n"),
    "a place is given when a session is about to start": (ENROLMENTS, "if now < rules.enrolment_closes(slot)]", "if now < slot.starts_at]"),
    "who came last to a session is first": (
        ENROLMENTS,
        ".order_by(Enrolment.line_class, Enrolment.seq).limit(",
        ".order_by(Enrolment.line_class, Enrolment.seq.desc()).limit(",
    ),
    "a swap frees nothing": (SESSIONS, "if turn == Turn.SWAP else overlapping(", "if False else overlapping("),
    "a swap frees the old place first": (
        SESSIONS,
        "    move(session, event=event, e",
        "    _ = turn == Turn.SWAP and swap(session, event=event, enrolment=enrolment, now=now)\n    move(session, event=event, e",
    ),
    "what a swap frees is given to nobody": (SESSIONS, "swapped or turn == Turn.SWAP", "swapped"),
    "the clock of a swap runs while its mail waits": (
        SESSIONS,
        "rules.enrolment_closes(slot) if registration.email else enrolment.answer_by",
        "enrolment.answer_by",
    ),
    "who leaves the event keeps their sessions": (SEATS, "    if leaves:\n", "    if False:\n"),
    "one of a party who leaves keeps their session": (ENDINGS, "if one.attendee_id in gone]", "if False]"),
    "a place in a session is not counted": (SEATS, "    if had != has:\n        move_seats(\n", "    if False:\n        move_seats(\n"),
    "free places in sessions stay free": (ALLOCATION, " and standing.somebody_queues:", " and False:"),
    "somebody enrols twice": (ENROLLING, "    if known is not None:\n        return known\n", ""),
    "the session of somebody else is given back": (
        ENROLLING,
        "enrolment is None or enrolment.attendee.registration_id != registration.id",
        "enrolment is None",
    ),
    "who does not choose keeps the place in line": (TIMERS, "enrolment.seq = next_place(session, event=event)", "enrolment.lapses += 0"),
    "a session that moves gives nothing": (SLOTS, "    elif not rules.is_closed(event, now):\n", "    elif False:\n"),
    "a session with people in it is withdrawn": (SLOTS, "    if people:\n", "    if False:\n"),
    "more seats are named than are above the limit": (DEFICIT_RULES, "        if above <= 0:\n", "        if above < 0:\n"),
    "more seats are taken back than are above": (DEFICIT_RULES, "    if sum(sizes) - min(sizes) >= above:\n", "    if False:\n"),
    "seats are taken back where none is above": (
        DEFICIT_RULES,
        '    if above <= 0:\n        raise Refused("deficit.over")\n    sizes',
        '    if False:\n        raise Refused("deficit.over")\n    sizes',
    ),
    "the seat of somebody inside is taken back with others": (
        REVOKING,
        "    if any(attendee.arrived_at for attendee",
        "    if any(False and attendee.arrived_at for attendee",
    ),
    "volunteers are asked for every hour": (
        DEFICIT_RULES,
        "    if asked_at is not None and now <",
        "    if asked_at is not None and False and now <",
    ),
    "volunteers are asked for where none is needed": (DEFICITS, "is_not(None), Quota.used > Quota.limit)", "is_not(None))"),
    "a volunteer is asked twice": (REVOKING, "            registration.volunteers_at = now\n", ""),
    "who is inside is asked for the seat": (DEFICITS, "        ~_inside.exists(),\n    )", "    )"),
    "who came first is touched first": (DEFICITS, "Registration.seq.desc()", "Registration.seq"),
    "who is inside is named": (DEFICITS, "*seated, ~inside.exists()", "*seated"),
    "a guest is touched first": (DEFICITS, "Registration.seq.is_(None)", "Registration.seq.is_not(None)"),
    "who was harmed is touched again": (DEFICITS, "Registration.line_class.desc()", "Registration.line_class"),
    "an event is closed before its hour": (CLOSING_RULES, "now >= closes_at(event)", "now >= event.ends_at"),
    "a postponed event is closed": (CLOSING_RULES, "event.state in HAS_CLOSED and ", ""),
    "who was not decided about waits for ever": (
        CLOSING_RULES,
        "LIVE - {State.CONFIRMED}",
        "LIVE - {State.CONFIRMED, State.PENDING_APPROVAL}",
    ),
    "who waited is written to days later": (CLOSING, "rules.tells(event, now) and ", ""),
    "a party is told of the end twice": (CLOSING, " and not _told(session, registration)", ""),
    "seats change after the end": (TIMERS, "    if not closed_too:\n", "    if False:\n"),
    "somebody registers after the end": (VERBS, "    rules.check_not_closed(event, now)\n", ""),
    "an offer lapses after the end": (TIMERS, " or rules.is_closed(event, now)\n", "\n"),
    "a party is seated before the draw": (LINE, "return not self.undrawn and any(", "return any("),
    "the draw orders by registration": (
        BALLOT_RULES,
        'return sorted(public_ids, key=lambda public_id: (hmac.digest(key, public_id.encode(), "sha256"), public_id))',
        "return list(public_ids) if key else []",
    ),
    "the seed is changed after publication": (
        BALLOTS,
        "    row.source, row.draws_at =",
        "    row.seed = codes.seed()\n    row.source, row.draws_at =",
    ),
    "a draw is held twice": (BALLOTS, "    if row.drawn_at is not None:\n", "    if row.drawn_at is not None and row.number != number:\n"),
    "a draw is held before its instant": (BALLOT_RULES, "    if now < draws_at:\n", "    if False:\n"),
    "a draw is set up once somebody can register": (BALLOT_RULES, "    return not (somebody_registered or opened)\n", "    return True\n"),
    "who comes after the number is known is drawn": (BALLOT_RULES, "if one.created_at < draws_at}", "}"),
    "a place is given before the draw": (PARTIES, "return None if event.ballot_at is not None else", "return"),
    "the newest is first": (
        LINE,
        "heads.append((party.line_class, party.seq or 0, index",
        "heads.append((party.line_class, -(party.seq or 0), index",
    ),
    "the class is ignored": (LINE, "heads.append((party.line_class, party.seq or 0, index", "heads.append((5, party.seq or 0, index"),
    "a newcomer overtakes": (LINE, "heads.append((newcomer.line_class, newcomer.seq or 0,", "heads.append((newcomer.line_class, 0,"),
    "one seat too many": (LINE, "if room >= party.size:", "if room >= party.size - 1:"),
    "the last seat is never given": (LINE, "if room >= party.size:", "if room > party.size:"),
    "who does not fit blocks the others": (
        LINE,
        "        elif books.may_keep(party, own):\n            books.keep(own, party.size)\n    result.more",
        "        else:\n            break\n    result.more",
    ),
    "a seat is taken in the first quota only": (
        LINE,
        "        for quota_id in own:\n            self.taken",
        "        for quota_id in own[:1]:\n            self.taken",
    ),
    "a group keeps no seat": (LINE, "self.kept[quota_id] = self.kept.get(quota_id, 0) + available", "pass"),
    "a group keeps seats where there is room": (LINE, "            if available < size:\n", "            if available:\n"),
    "a group keeps seats without end": (LINE, "            and self.now < self.house.calendar.keep_until\n", ""),
    "an allotment is not guarded": (LINE, "- self.guarded(quota_id, own) -", "-"),
    "an allotment is guarded without end": (LINE, "            and self.now < other.protected_until\n", ""),
    "somebody is seated after the freeze": (
        LINE,
        "            if state is not None:\n                states[shape] = state\n",
        "            if True:\n                states[shape] = state or State.CONFIRMED\n",
    ),
    "a newcomer passes by the line after the freeze": (
        LINE,
        "(now < house.freeze_at or waited_for.isdisjoint(house.charged[newcomer.ticket_type_id]))",
        "True",
    ),
    "the ledger is skipped": (
        SEATS,
        "        insert_later(session, SeatEntry, **row, delta",
        "        delta and None or (lambda *_, **__: None)(session, SeatEntry, **row, delta",
    ),
    "the counter is charged in the first quota only": (
        SEATS,
        "    for quota_id in quota_ids:\n        changed",
        "    for quota_id in quota_ids[:1]:\n        changed",
    ),
    "the ceiling stays up": (SEATS, "else_=_quota.seat_limit)", "else_=_quota.ceiling)"),
    "the line is not counted": (SEATS, "    if waited != waits:\n", "    if False:\n"),
    "a second cancellation frees again": (
        ENDINGS,
        "    if registration.state in rules.TERMINAL:\n        return registration\n    pairs",
        "    pairs",
    ),
    "a freed seat waits": (
        ENDINGS,
        'reason=reason if by_organiser else "", now=now)\n    allocate(session, event=event, bag=bag, now=now)',
        'reason=reason if by_organiser else "", now=now)',
    ),
    "a raised limit promotes nobody": (QUOTAS, "return allocate(session, event=event, now=now).promoted", "return []"),
    "whom the organiser harmed is not first": (
        ENDINGS,
        "registration.line_class = rules.HARMED",
        "registration.line_class = rules.EVERYONE",
    ),
    "an address registers twice": (
        VERBS,
        "        existing = queries.live_registration(session, event.id, canonical)\n",
        "        existing = None\n",
    ),
    "a repetition is not known": (VERBS, "    known = journal.answer_again(arrival.command, body=request.body)\n", "    known = None\n"),
    "a key is not kept": (
        JOURNAL,
        "    insert_later(session, CommandKey, key=key, body_sha256=sha256(body), subject=subject, at=now)\n",
        "    return None\n",
    ),
    "an offer is no seat": (STATES, "State.HELD, State.OFFERED, State.CONFIRMED", "State.HELD, State.CONFIRMED"),
    "everybody is asked on the last day": (
        LINE,
        "return State.OFFERED if now < calendar.last_day_from else None",
        "return State.OFFERED if now < calendar.freeze_at else None",
    ),
    "a wish is not asked for": (LINE, "if until is not None and now < min(until, calendar.freeze_at):", "if now < calendar.last_day_from:"),
    "a party is parted unasked": (LINE, "return room if party.accept_partial else 0", "return room"),
    "the rest of a party has no place": (PARTIES, '    "line_class",\n    "seq",\n', '    "line_class",\n'),
    "the clock runs before the mail has left": (
        ALLOCATION,
        "registration.expires_at = house.calendar.freeze_at if registration.email else registration.answer_by",
        "registration.expires_at = registration.answer_by",
    ),
    "a lapse keeps its place": (TIMERS, "        to_the_end(session, event=event, registration=registration)\n", "        pass\n"),
    "lapses never end": (
        OFFER_RULES,
        "State.EXPIRED if seq is None or lapses + 1 >= settings.lapses else",
        "State.EXPIRED if seq is None else",
    ),
    "one lapse too few": (OFFER_RULES, "lapses + 1 >= settings.lapses", "lapses + 1 > settings.lapses"),
    "late is now": (
        TIMERS,
        "        allocate(session, event=event, bag=bag, now=at)\n",
        "        allocate(session, event=event, bag=bag, now=now)\n",
    ),
    "what is due is not done first": (
        TIMERS,
        "    settle(session, event=event, standing=queries.standing(session, event), now=now)\n    return event\n",
        "    return event\n",
    ),
    "a seat is kept a moment too long": (DUE, "Registration.expires_at <= bindparam", "Registration.expires_at < bindparam"),
    "a reminder is sent each minute": (TIMERS, "        registration.remind_at = None\n", "        pass\n"),
    "all who wait are told each minute": (TIMERS, "        registration.notice = notice\n", "        pass\n"),
    "a declined seat waits": (
        OFFERS,
        "verb=said.verb, registration=registration, now=now)\n    allocate(session, event=event, now=now)\n",
        "verb=said.verb, registration=registration, now=now)\n",
    ),
    "more time without end": (OFFER_RULES, "    if extensions >= (", "    if False and extensions >= ("),
    "more time for a seat that is wanted back": (OFFER_RULES, "    if in_deficit:\n", "    if False:\n"),
    "more time than there is": (OFFER_RULES, "    if answer_by >= latest:\n", "    if False:\n"),
    "the night counts": (CALENDAR, "left -= max(timedelta(0), closes - begin)", "left -= max(timedelta(0), opens + DAY - begin)"),
    "a window never shrinks": (CALENDAR, "min(settings.window_most, max(settings.window_least, share))", "settings.window_most"),
    "an offer outlives the freeze": (CALENDAR, "return min(self._instant(end), self.freeze_at)", "return self._instant(end)"),
    "an invitation is made where there is no room": (INVITATIONS, "    if full is not None:\n", "    if False:\n"),
    "an invitation overtakes the line": (
        INVITATIONS,
        "    allocate(session, event=event, now=now)  # the line comes first\n",
        "    pass\n",
    ),
    "an invitation lasts beyond its allotment": (INVITATION_RULES, "(end for end in ends if end > now)", "()"),
    "an invitation is sent after the freeze": (INVITATION_RULES, "    if now >= house.freeze_at:\n", "    if False:\n"),
    "an invitation is counted from before its mail": (
        INVITATION_RULES,
        "later = min(asked.answer_by + (counted_from - asked.asked_at), asked.expires_at)",
        "later = asked.answer_by",
    ),
    "a larger party keeps its place": (
        CHANGES,
        "            registration=registration,\n            seq=place_behind(session, event=event),\n",
        "            registration=registration,\n            seq=registration.seq or 0,\n",
    ),
    "a smaller party loses its place": (
        CHANGES,
        "    seats.shrink(session, event=event, registration=registration, quota_ids=(), by",
        (
            "    registration.seq = next_place(session, event=event)\n"
            "    seats.shrink(session, event=event, registration=registration, quota_ids=(), by"
        ),
    ),
    "a larger party passes a line that is closed": (
        CHANGES,
        "        _check_line(session, event, standing, registration.ticket_type_id, leaving=[registration], now=now)\n",
        "        pass\n",
    ),
    "who is added passes a line that is closed": (CHANGES, "    if not seated:\n", "    if False:\n"),
    "a party grows beyond the largest": (
        CHANGES,
        "    whole = more + sum(one.size for one in _live_parts(session, registration))\n",
        "    whole = 1\n",
    ),
    "parts of a party are not counted": (
        CHANGES,
        "    whole = more + sum(one.size for one in _live_parts(session, registration))\n",
        "    whole = more + registration.size\n",
    ),
    "who is added comes before the line": (
        CHANGES,
        "    to_the_end(session, event=event, registration=part)\n    return part\n",
        "    place_behind(session, event=event)\n    return part\n",
    ),
    "a change of type overtakes the line": (
        CHANGES,
        "    allocate(session, event=event, bag=bag, now=now)  # the line comes first\n",
        "    pass\n",
    ),
    "a seat is taken where there is none": (CHANGES, "    if full is not None:\n", "    if False:\n"),
    "a seat freed by a change waits": (
        CHANGES,
        'verb="change_type", registration=registration, now=now)\n    allocate(session, event=event, bag=bag, now=now)\n',
        'verb="change_type", registration=registration, now=now)\n',
    ),
    "a page that is out of date is believed": (
        CHANGES,
        "    if version is not None and registration.version != version:\n",
        "    if False:\n",
    ),
    "two persons of a party have one number": (
        CHANGES,
        "for one in queries.whole_party(session, registration)]",
        "for one in [registration]]",
    ),
    "the old seat is freed first": (
        SEATS,
        (
            '    move_seats(session, event=event, registration_id=registration.id, quota_ids=more, delta=registration.size, cause="type", now=now)\n'
            '    move_seats(session, event=event, registration_id=registration.id, quota_ids=less, delta=-registration.size, cause="type", now=now)\n'
        ),
        (
            '    move_seats(session, event=event, registration_id=registration.id, quota_ids=less, delta=-registration.size, cause="type", now=now)\n'
            '    move_seats(session, event=event, registration_id=registration.id, quota_ids=more, delta=registration.size, cause="type", now=now)\n'
        ),
    ),
    "a quota of both types is charged twice": (SEATS, "[one for one in new if one not in old]", "list(new)"),
    "a quota of both types is freed": (SEATS, "[one for one in old if one not in new]", "list(old)"),
    "a full quota of both types stands in the way": (LINE, "for quota_id in new if quota_id not in old}", "for quota_id in new}"),
    "an allotment is left with what it guarded": (
        LINE,
        "        if quota_id not in new and guards and left.protects_id in asked:\n",
        "        if False:\n",
    ),
    "an allotment is guarded beyond its end": (
        LINE,
        "guards = left.protected_until is not None and now < left.protected_until",
        "guards = left.protected_until is not None",
    ),
    "an address is proved too late": (
        PROOFS,
        "if rules.unproven(one) and not _is_over(one, now)]",
        "if rules.unproven(one)]",
    ),
    "an address is proved that nobody asked for": (
        PROOFS,
        "if rules.unproven(one) and not _is_over(one, now)]",
        "if not _is_over(one, now)]",
    ),
    "who has proved nothing is given a seat": (
        DUE,
        "        Registration.expires_at.is_(None),\n        Registration.seq >=",
        "        Registration.seq >=",
    ),
    "a hold never ends": (
        PARTIES,
        "    registration.expires_at = calendar.doors_at\n",
        "    registration.expires_at = calendar.doors_at + calendar.settings.early_window\n",
    ),
    "a hold outlives doors": (PROOF_RULES, "    return min(now + window, calendar.doors_at)\n", "    return now + window\n"),
    "the parts of a party are not proved with it": (
        PROOFS,
        "    for one in owing:\n",
        "    for one in owing[:1]:\n",
    ),
    "the link is given to whoever mends the address": (
        VERBS,
        "return registration, None if canonical_email(old) != canonical and rules.unproven(registration) else token",
        "return registration, token",
    ),
    "the link is given to whoever sends the request again": (
        VERBS,
        "    if registration.verified_at == registration.created_at:\n",
        "    if registration.verified_at is not None:\n",
    ),
    "a proof beside a free seat changes nothing": (
        PROOFS,
        'verb="verify", registration=registration, now=now)\n    allocate(session, event=event, now=now)\n',
        'verb="verify", registration=registration, now=now)\n',
    ),
    "who applies takes a seat": (APPROVALS, 'state=State.PENDING_APPROVAL, cause="applied"', 'state=State.CONFIRMED, cause="applied"'),
    "an application keeps a place": (APPROVALS, "seq=None, request=request", "seq=99, request=request"),
    "an approval overtakes those who wait": (
        APPROVALS,
        "    to_the_end(session, event=event, registration=registration)\n",
        "    registration.seq = 0\n",
    ),
    "an approval finds a line full that is due its seats": (
        APPROVALS,
        "    allocate(session, event=event, now=now)  # the line comes first\n    done",
        "    done",
    ),
    "approved twice, it is seated twice": (
        APPROVALS,
        "        if registration.state != State.PENDING_APPROVAL:\n            continue\n",
        "",
    ),
    "many are approved as they are named": (APPROVALS, "sorted(set(registration_ids))", "list(registration_ids)"),
    "persons come in unapproved by a change": (APPROVAL_RULES, "    if kind.approval and not by_organiser:\n", "    if False:\n"),
    "an approval after the freeze needs no seat": (APPROVAL_RULES, "if now >= house.freeze_at and not fits:", "if False:"),
    "who has not proved the address is approved": (APPROVAL_RULES, "    if not proved:\n", "    if False:\n"),
    "an approval waits where there is no line": (APPROVAL_RULES, "        if not fits:\n", "        if False:\n"),
    "who is approved is turned down": (
        APPROVALS,
        "    if registration.state != State.PENDING_APPROVAL:\n        raise Refused",
        "    if False:\n        raise Refused",
    ),
    "who has come in changes their name": (TRANSFERS, "            if attendee.arrived_at is not None:\n", "            if False:\n"),
    "a place passes on after doors": (TRANSFER_RULES, "    if now >= doors_at:\n", "    if False:\n"),
    "a place in line passes on": (TRANSFER_RULES, "    if state != State.CONFIRMED:\n", "    if False:\n"),
    "a ticket that stays with its name passes on": (TRANSFER_RULES, "    if not kind.transferable:\n", "    if False:\n"),
    "nobody decides about who gets a place passed on": (TRANSFER_RULES, "    if kind.approval and not by_organiser:\n", "    if False:\n"),
    "somebody holds two seats": (TRANSFER_RULES, "    if not SEATED.isdisjoint(states):\n", "    if False:\n"),
    "the old code stays valid": (TRANSFERS, "    ticket.replaced_at = now\n", "    pass\n"),
    "the old link stays valid": (TRANSFERS, "    registration.serial += 1\n", "    pass\n"),
    "a seat is free while it passes on": (
        TRANSFERS,
        "        seats.hand_over(session",
        (
            "        seats.move_seats(session, event=event, registration=registration, quota_ids=quota_ids, delta=-1, cause=CAUSE, now=now)\n"
            "        allocate(session, event=event, now=now)\n"
            "        seats.move_seats(session, event=event, registration=registration, quota_ids=quota_ids, delta=1, cause=CAUSE, now=now)\n"
            "        seats.hand_over(session"
        ),
    ),
    "who got a place still waits": (TRANSFERS, "    for one in own:\n        quota_ids", "    for one in own[:0]:\n        quota_ids"),
    "the rest of a party loses its holder": (TRANSFERS, "    if alone and any(", "    if False and any("),
    "nobody is told": (
        VERBS,
        "    letters.tell(session, event=event, registration=registration, kind=letter, place=place, facts=facts, now=now)\n",
        "",
    ),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("tree")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name)
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    yield folder
    shutil.rmtree(folder)


MACHINE_TESTS = ("tests/flows/test_machine.py::test_on_paper_whatever_is_commanded_every_promise_is_kept",)
BY_MACHINE = (
    "the newest is first",
    "the class is ignored",
    "one seat too many",
    "who does not fit blocks the others",
    "an allotment is not guarded",
)
"""What commands drawn at random must find as well."""


def suite(tree: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """These tests on SQLite, in the copied tree, until the first that fails."""
    environ = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "MACHINE_SHRINK": "no"}
    environ = {name: value for name, value in environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:xdist", "-k", "not postgresql", *tests]
    return subprocess.run(command, cwd=tree, env=environ, capture_output=True, text=True, check=False)


def test_each_weakness_has_the_test_that_notices_it() -> None:
    assert sorted(NOTICED_BY) == sorted(WEAKENED)


@pytest.mark.slow
def test_the_tests_pass_where_nothing_is_weakened(tree: Path) -> None:
    done = suite(tree, tuple(sorted(set(NOTICED_BY.values()))))

    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.slow
@pytest.mark.trust("P-9")
@pytest.mark.parametrize("weakness", BY_MACHINE)
def test_commands_drawn_at_random_find_it_as_well(tree: Path, weakness: str) -> None:
    judge(tree, weakness, MACHINE_TESTS)


@pytest.mark.slow
@pytest.mark.trust("P-9")
@pytest.mark.parametrize("weakness", WEAKENED)
def test_a_weakened_guard_is_noticed(tree: Path, weakness: str) -> None:
    judge(tree, weakness, (NOTICED_BY[weakness],))


def judge(tree: Path, weakness: str, tests: tuple[str, ...]) -> None:
    """Weaken the guard in the copied tree: these tests must fail for it."""
    path, guard, instead = WEAKENED[weakness]
    file = tree / path
    source = file.read_text()
    assert source.count(guard) == 1, "the guard is not where this test looks for it"

    file.write_text(source.replace(guard, instead))
    try:
        done = suite(tree, tests)
    finally:
        file.write_text(source)

    assert done.returncode == 1, done.stdout[-2000:]
    assert re.search(r"^FAILED tests/\w+/test_\w+\.py::test_", done.stdout, re.MULTILINE), done.stdout[-2000:]
