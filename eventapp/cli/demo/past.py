"""What has been: the organiser, three series and their past events, replayed at their own dates through the rooms' own actions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from eventapp.cli.demo import crowd
from eventapp.cli.demo.stage import CONTACT, EMAIL, Stage, at, data, instant, name
from eventapp.events import actions as events
from eventapp.events.models import Edition, Event, Track
from eventapp.events.rules import EditionValues, EventKind, EventValues, SeriesValues
from eventapp.lib.db import Database
from eventapp.lib.signing import Keys
from eventapp.partners.rules import Owner, PartnershipType
from eventapp.people import actions as people
from eventapp.people import queries as organisers
from eventapp.people.actions import NewAccount, OrganiserValues
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions as registration

BEGIN = datetime(2015, 6, 1, 8, 0, tzinfo=UTC)
EVENT_KINDS = {
    "soirée inaugurale": EventKind.OPENING,
    "atelier": EventKind.WORKSHOP,
    "conférence": EventKind.CONFERENCE,
    "job dating": EventKind.JOB_FAIR,
    "matinée": EventKind.CONFERENCE,
    "forum": EventKind.FORUM,
    "forum d'une journée": EventKind.FORUM,
}
# Doors, start and end on the wall clock; what the sources do not say is invented with the rest of the demo.
HOURS: dict[EventKind, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    EventKind.OPENING: ((18, 0), (18, 30), (23, 0)),
    EventKind.WORKSHOP: ((13, 45), (14, 0), (17, 0)),
    EventKind.CONFERENCE: ((8, 30), (9, 0), (12, 0)),
    EventKind.JOB_FAIR: ((8, 45), (9, 0), (17, 30)),
    EventKind.FORUM: ((8, 30), (9, 0), (18, 0)),
}
OVERBOOKED = "Inscription gratuite : un inscrit sur trois environ ne vient pas. La jauge du parvis est comptée aux portes."


def found(database: Database, keys: Keys, *, password_hash: str) -> Stage:
    """The owner's account and the organiser with its whole legal block, all invented."""
    facts = data()["organiser_demo"]
    legal = facts["legal"]
    with database.writing() as session:
        secret = people.create_setup_link(session, keys=keys, now=BEGIN)
        account = NewAccount(name="Inès Exemple", email=EMAIL, language="fr", password_hash=password_hash)
        people.set_up(session, secret=secret, organiser_name=facts["name"], account=account, now=BEGIN)
        organiser_id = organisers.organisers(session)[0].id
    stage = Stage(database, keys, organiser_id)
    values = OrganiserValues(
        name=facts["name"],
        legal_name=f"{facts['name']}, {legal['form']}",
        address=legal["seat"],
        phone=legal["phone"],
        email=legal["contact"],
        register_number=legal["rna"],
        publication_director=legal["publication_director"],
        data_protection_contact=legal["dpo"],
        host_name=legal["host"]["name"],
        host_address=legal["host"]["address"],
        host_phone=legal["host"]["phone"],
    )
    stage.do(people.update_organiser, organiser_id=organiser_id, values=values, actor=OPERATOR, now=BEGIN)
    for body in data()["organisations"]:
        stage.do(
            people.create_organisation,
            organiser_id=organiser_id,
            name=body["name"],
            short_name=body.get("short", ""),
            kind=body["kind"],
            fictional=body.get("fictional", False),
            actor=OPERATOR,
            now=BEGIN,
        )
    return stage


def replay(stage: Stage) -> None:
    """Every series with its edition and events, in the order of time; then the one event that stands alone."""
    for one in data()["editions"]:
        series = next(series for series in data()["series"] if series["slug"] == one["series"])
        _edition(stage, series, one)
    _alone(stage, data()["extra_event"])


def _edition(stage: Stage, series: dict[str, Any], one: dict[str, Any]) -> None:
    starts_on = date.fromisoformat(one["starts"])
    then = instant(starts_on, 9) - timedelta(days=90)
    values = SeriesValues(name={"fr": series["name"]}, slug=series["slug"], short_name=series.get("short", ""))
    row = stage.do(events.create_series, organiser_id=stage.organiser_id, values=values, actor=OPERATOR, now=then)
    edition = stage.do(
        events.create_edition,
        organiser_id=stage.organiser_id,
        series_id=row.id,
        values=EditionValues(
            year=one["year"],
            number=one["number"],
            starts_on=starts_on,
            ends_on=max(date.fromisoformat(event["date"]) for event in one["events"]),
            period={"fr": one["period"]} if "period" in one else {},
            figures=tuple(_figure(figure) for figure in one["key_figures"]),
        ),
        actor=OPERATOR,
        now=then,
    )
    tracks = {track["name"]: _track(stage, edition, track["name"], then) for track in one.get("tracks", [])}
    stage.carry(one["bodies"], edition_id=edition.id, now=then)
    owner = Owner(organiser_id=stage.organiser_id, edition_id=edition.id)
    for rank, sponsor in enumerate(one for one in data()["sponsors_demo"] if one["edition"] == edition.slug):
        tier = (rank, sponsor["tier"], {"Or": "Gold", "Argent": "Silver"}[sponsor["tier"]])
        stage.partner(owner, name(sponsor["org"]), PartnershipType.SUPPORT, tier=tier, now=then)
    for event in one["events"]:
        _event(stage, event, edition=edition, track=tracks.get(event.get("track", "")))


def _figure(figure: dict[str, Any]) -> dict[str, str]:
    return {"value": figure["value"], "label": figure["label"], "as_of": figure["as_of"], "source": data()["_sources"][str(figure["src"])]}


def _track(stage: Stage, edition: Edition, words: str, now: datetime) -> Track:
    return stage.do(
        events.create_track, organiser_id=stage.organiser_id, edition_id=edition.id, name={"fr": words}, actor=OPERATOR, now=now
    )


def _event(stage: Stage, one: dict[str, Any], *, edition: Edition | None, track: Track | None = None) -> Event:
    day, kind = date.fromisoformat(one["date"]), EVENT_KINDS[one["kind"]]
    then = instant(day, 9) - timedelta(days=60)
    space = stage.space(one.get("venue"), then)
    doors, starts, ends = HOURS[kind]
    counts = one.get("counts", {})
    values = EventValues(
        title={"fr": one["title"]},
        slug=f"forum-{edition.slug}" if one["slug"] == "forum" and edition is not None else one["slug"],
        kind=kind,
        doors_wall=at(day, *doors),
        starts_wall=at(day, *starts),
        ends_wall=at(day, *ends),
        edition_id=edition.id if edition is not None else None,
        space_id=space.id,
        track_id=track.id if track is not None else None,
        flagship=one.get("flagship", False),
        spoken=("fr",),
        contact=CONTACT,
        expected=counts.get("expected"),
    )
    event = stage.do(events.create_event, organiser_id=stage.organiser_id, values=values, actor=OPERATOR, now=then)
    stage.programme(one.get("sessions", []), event_id=event.id, now=then)
    full = counts.get("registered") if one["slug"] == "grand-opening" else None
    _open(stage, event, limit=full or one.get("capacity") or space.ticket_capacity or 100, gauge=space.safety_capacity or 0, now=then)
    if full:
        gates = [gate for venue in data()["venues"] if venue["slug"] == one["venue"] for gate in venue["gates"]]
        crowd.fill_past(stage, event_id=event.id, number=full, seed=2015, begin=then + timedelta(days=1), end=instant(day, 12))
        crowd.come(stage, event_id=event.id, gates=gates, number=counts["came"], begin=instant(day, *doors))
    over = instant(day, 9) + timedelta(days=2)
    if counts:
        stage.do(events.record_counts, event_id=event.id, counts=counts, actor=OPERATOR, now=over)
    stage.do(registration.archive, event_id=event.id, actor=OPERATOR, now=over)
    return event


def _open(stage: Stage, event: Event, *, limit: int, gauge: int, now: datetime) -> None:
    quota = stage.do(registration.create_quota, event_id=event.id, name="salle", limit=limit, actor=OPERATOR, now=now)
    stage.do(
        registration.create_ticket_type,
        event_id=event.id,
        slug="entree-generale",
        name={"fr": "Entrée générale", "en": "General admission"},
        quota_ids=[quota.id],
        actor=OPERATOR,
        now=now,
    )
    if limit > gauge:
        stage.do(events.justify_overbooking, event_id=event.id, reason=OVERBOOKED, actor=OPERATOR, now=now)
    stage.do(registration.publish, event_id=event.id, actor=OPERATOR, now=now)


def _alone(stage: Stage, one: dict[str, Any]) -> None:
    """An event without edition: an address and a host."""
    facts = {**one, "slug": "future-of-customer-interactions", "kind": "conférence"}
    event = _event(stage, facts, edition=None)
    then = instant(date.fromisoformat(one["date"]), 9)
    stage.speak(one["people"], event_id=event.id, now=then)
    owner = Owner(organiser_id=stage.organiser_id, event_id=event.id)
    stage.partner(owner, name(one["host"]), PartnershipType.HOST, now=then)
