"""Render what is due and hand it to the mail server: outside any transaction, at least once, always with the same Message-ID."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr
from typing import Any

import css_inline
from flask import Flask, current_app, g, render_template, url_for

from eventapp.events.models import Event
from eventapp.lib import codes, limits, smtp, web
from eventapp.lib.clock import monotonic
from eventapp.lib.db import Session
from eventapp.lib.languages import chosen
from eventapp.lib.text import canonical_email, wire_email
from eventapp.messages import actions
from eventapp.messages import queries as messages
from eventapp.messages.models import Message
from eventapp.people import queries as people
from eventapp.registration import actions as registration_actions
from eventapp.registration import queries as registration
from eventapp.registration import rules
from eventapp.registration.models import Registration
from eventapp.tickets import exports as drawn
from eventapp.worker.guests import guests_of, token_of

BATCH = 20
BATCH_SECONDS = 30.0  # half a lease: nothing is handed over that another worker may have taken meanwhile
WITH_TICKET = frozenset({"confirmed", "promoted", "corrected", "link", "resized", "transferred"})
STARTING = frozenset({"offered", "invited", "verify"})
WITH_CALENDAR = frozenset({"confirmed", "promoted", "transferred", "called_off", "postponed"})
SPACES = re.compile(r"[^\S\u00a0\u202f]+")
"""What a subject has between its words, but for the spaces that keep a French colon with its word."""


def deliver_due(*, now: datetime) -> int:
    """Send a batch of due mails; gives how many were claimed. Each is settled by itself, so one bad address stalls no other.

    A mail server that is away is asked once a batch. What a slow one leaves no time for goes out under another lease.
    """
    lease = codes.key()
    with web.database().writing() as session:
        claimed = actions.claim(session, lease=lease, limit=BATCH, now=now)
    began, away = monotonic(), None
    for message in claimed:
        if monotonic() - began > BATCH_SECONDS:
            break
        if away is None:
            away = _deliver(message, lease=lease)
        else:
            _later(message, lease=lease, problem=away)
    return len(claimed)


def _deliver(message: Message, *, lease: str) -> str | None:
    """Send one mail and settle it; gives why the server cannot be had, so that the rest of the batch need not find out."""
    settings = web.settings()
    try:
        until = _pauses_until(message)
        if until is not None:
            _settle(actions.pause, message, lease=lease, until=until)
            return None
        letter = letter_for(message)
        if letter is None:
            _settle(actions.failed, message, lease=lease, problem="what it speaks of is gone")
            return None
        smtp.deliver(settings.smtp_url, letter)
    except smtp.Permanent as error:
        _settle(actions.failed, message, lease=lease, problem=str(error))
    except smtp.Unreachable as error:
        _later(message, lease=lease, problem=str(error))
        return str(error)
    except smtp.Temporary as error:
        _later(message, lease=lease, problem=str(error))
    except Exception as error:
        current_app.logger.exception("message %s cannot be rendered", message.public_id)
        _later(message, lease=lease, problem=f"{type(error).__name__}: {error}")
    else:
        _settle(actions.sent, message, lease=lease)
    return None


def _pauses_until(message: Message) -> datetime | None:
    """When a mail may leave that asks for the proof of an address, if not now: five a day reach one that never gave it.

    Each mail is counted once, however often the server has to be asked. Source: trust.md RATE-3.
    """
    if message.kind != "verify" or message.attempts > 1:
        return None
    address = canonical_email(message.address)
    with web.database().reading() as session:
        if registration.has_proved(session, address):
            return None
    now = web.edge().clock()
    verdict = limits.hit(web.database(), limits.UNCONFIRMED_MAILS, address, now=now)
    return None if verdict.ok else now + timedelta(seconds=verdict.retry_after)


def _later(message: Message, *, lease: str, problem: str) -> None:
    _settle(actions.later, message, lease=lease, attempts=message.attempts, created_at=message.created_at, problem=problem)


def _settle(verb: Any, message: Message, *, lease: str, **values: Any) -> None:
    """Write down what became of a mail. The clock of an offer starts in the same transaction: once it has left, or never will."""
    now = web.edge().clock()
    with web.database().writing() as session:
        mine = verb(session, message_id=message.id, lease=lease, now=now, **values)
        asks = message.kind in STARTING or message.facts.get("news")
        if not (mine and message.room == "registration" and asks):
            return
        if messages.state_of(session, message.id) in {"sent", "failed"}:
            registration_actions.started(session, event_id=message.event_id or 0, public_id=message.subject_id or "", now=now)


def letter_for(message: Message) -> EmailMessage | None:
    """The mail for an outbox row; None when what it speaks of no longer exists."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's target
    # A context of its own for each mail: what Babel remembers of a language in the worker's would hold for all that follow.
    with app.app_context(), app.test_request_context(base_url=web.settings().public_base_url):
        g.lang = message.language
        with web.database().reading() as session:
            values = _values(session, message)
        if values is None:
            return None
        return _letter(message, values)


def _values(session: Session, message: Message) -> dict[str, Any] | None:
    if message.room == "people":
        return {"message": message, "facts": message.facts, "links": people.links_of_mail(session, message.facts, web.keys())}
    row = registration.registration_by_public_id(session, message.subject_id or "")
    if row is None or not (message.facts.get("old") or registration.is_holder(session, row, message.address)):
        return None
    event = registration.event_of(session, row)
    calendar = registration.calendar(event)
    answer_by = _answer_by(message, row, calendar, now=web.edge().clock())
    return {
        "message": message,
        "facts": message.facts,
        "event": event,
        "registration": row,
        "attendees": guests_of(session, row),
        "position": message.facts.get("position"),
        "calendar": calendar,
        "answer_by": answer_by,
        "news": [_news(one) for one in message.facts.get("news", ())],
        "cut_at": datetime.fromisoformat(message.facts["cut_at"]) if message.facts.get("cut_at") else None,
        "draws_at": datetime.fromisoformat(message.facts["draws_at"]) if message.facts.get("draws_at") else None,
        "can_extend": answer_by is not None
        and row.seq is not None
        and row.extensions < rules.EXTENSIONS
        and answer_by < calendar.freeze_at,
        "last_chance": rules.after_lapse(seq=row.seq, lapses=row.lapses, settings=calendar.settings) == rules.State.EXPIRED,
        "prospect": rules.prospect(calendar, row.auto_until, message.created_at),
        "event_url": web.absolute(url_for("site.events.show", slug=event.slug)),
        **_links(session, row, show=not message.facts.get("old")),
    }


def _news(one: dict[str, Any]) -> dict[str, Any]:
    """What happened to a place in a session, with its instants."""
    return {**one, **{name: datetime.fromisoformat(one[name]) for name in ("starts_at", "answer_by") if one.get(name)}}


def _answer_by(message: Message, row: Registration, calendar: rules.Calendar, *, now: datetime) -> datetime | None:
    """Until when an offer may be answered, or an address proved, as this mail says it: never later than what holds once it has left.

    An offer of which nobody has been told yet is counted from now, as `started` will count it a moment later.
    """
    known = [datetime.fromisoformat(message.facts["answer_by"])] if message.facts.get("answer_by") else []
    if (row.state == rules.State.OFFERED or rules.unproven(row)) and row.answer_by is not None:
        known.append(row.answer_by)
        if row.started_at is None and row.asked_at is not None:
            known.append(rules.answer_by(row, calendar, counted_from=now))
    return max(known, default=None)


def _links(session: Session, row: Registration, *, show: bool) -> dict[str, str]:
    """A part of a party is on its holder's page: it has no link of its own."""
    if not show:
        return {}
    token = token_of(session, row)
    page = web.absolute(url_for("registration.show", token=token))
    part = row.public_id if row.split_from_id else None
    return {
        "registration_url": page,
        "give_back_url": web.absolute(url_for("registration.cancellation.new", token=token, part=part)),
        "not_me_url": web.absolute(url_for("registration.not_me.new", token=token)),
    }


def _letter(message: Message, values: dict[str, Any]) -> EmailMessage:
    of_sessions = bool(message.facts.get("of_sessions"))
    name = f"{message.room}/mail/{'_of_sessions' if of_sessions else message.kind}"
    template = current_app.jinja_env.get_template(f"{name}.txt")
    context = template.new_context({**_globals(), **values})
    subject = SPACES.sub(" ", "".join(template.blocks["subject"](context))).strip()
    settings = web.settings()
    event: Event | None = values.get("event")
    letter = EmailMessage(policy=SMTP.clone(utf8=False))
    letter["Subject"] = subject
    letter["From"] = formataddr((event.organiser.name if event else "eventapp", settings.mail_from))
    letter["To"] = formataddr((message.name, wire_email(message.address))) if message.name else wire_email(message.address)
    if event is not None and event.contact:
        letter["Reply-To"] = wire_email(event.contact)
    letter["Message-ID"] = f"<{message.public_id}@{settings.host}>"
    letter["Date"] = message.created_at
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Eventapp-Kind"] = message.kind
    if message.subject_id:
        letter["X-Eventapp-Registration"] = message.subject_id
    words = render_template(f"{name}.txt", **values)
    if values.get("news") and not of_sessions:
        words = "\n--\n".join(_with_news(words.split("\n--\n"), render_template("registration/mail/_news.txt", **values)))
    letter.set_content(_tidy(words))
    letter.add_alternative(_inlined(render_template(f"{name}.html", **values)), subtype="html")
    _attach(letter, message, values)
    return letter


def _with_news(parts: list[str], news: str) -> list[str]:
    """What happened to places in sessions, after what else is said and before the links."""
    return [f"{parts[0]}\n\n{news}", *parts[1:]]


def _globals() -> dict[str, Any]:
    context: dict[str, Any] = {}
    current_app.update_template_context(context)
    return context


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for index, line in enumerate(lines) if line or (index and lines[index - 1])]
    return "\n".join(kept) + "\n"


def _inlined(html: str) -> str:
    return str(css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True).inline(html))


def _attach(letter: EmailMessage, message: Message, values: dict[str, Any]) -> None:
    row: Registration | None = values.get("registration")
    if row is None:
        return
    event: Event = values["event"]
    if message.facts.get("of_sessions"):
        return
    if message.kind in WITH_TICKET and row.state == "confirmed" and "registration_url" in values:
        html = letter.get_payload()[1]  # type: ignore[index]  # the alternative just added
        for guest in (one for one in values["attendees"] if one.qr_png):
            html.add_related(guest.qr_png, "image", "png", cid=f"<{guest.qr_cid}>", filename="qr.png", disposition="inline")  # type: ignore[union-attr]
    if message.kind in WITH_CALENDAR and row.state in {"confirmed", "cancelled"} and not message.facts.get("given"):
        calendar = calendar_of(event, row, message.language, values.get("registration_url", ""), stamp=message.created_at)
        letter.add_attachment(calendar, "text", "calendar", filename="event.ics", params={"method": "PUBLISH"})


def calendar_of(event: Event, row: Registration, language: str, url: str, *, stamp: datetime) -> bytes:
    """The calendar entry of one registration: a stable UID, cancelled when the event or the registration is."""
    venue = event.space.venue if event.space else None
    return drawn.calendar(
        drawn.CalendarFace(
            uid=f"{row.public_id}@{web.settings().host}",
            sequence=event.sequence + row.version,
            title=chosen(event.title, language)[0],
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            stamp_at=stamp,
            zone=event.zone,
            place=", ".join(part for part in (venue.name, event.space.name, venue.city) if part) if venue and event.space else "",
            description=chosen(event.summary, language)[0],
            url=url,
            cancelled=event.state == "called_off" or row.state != "confirmed",
        )
    )
