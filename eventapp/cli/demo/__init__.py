"""`eventapp demo load`: three forums of public record, replayed through the rooms' own actions, and one that is open now.

Everything invented says so: attendees have invented names and addresses under demo.test, sponsors and sessions carry « démo ».
"""

from __future__ import annotations

import json
from typing import Any

import click

from eventapp.cli.demo import crowd, opening, past
from eventapp.cli.demo.stage import EMAIL, PASSWORD, Stage, data
from eventapp.events import queries as events
from eventapp.lib import passwords, web
from eventapp.lib.schema import require_head
from eventapp.people import queries as people


@click.group(help="The demo: past forums with their figures, and one open for registration.")
def demo() -> None:
    """Commands of the demo."""


@demo.command(help="Load the demo into an empty instance. Running it again loses nothing, and gives a fresh door link.")
@click.option(
    "--attendees", default=0, show_default=True, type=click.IntRange(0, 20_000), help="Invented people to register for the open event."
)
@click.option("--seed", default=2015, show_default=True, help="The same seed invents the same people.")
@click.option("--json", "as_json", is_flag=True, help="Slugs, login and door link as one JSON document.")
def load(attendees: int, seed: int, as_json: bool) -> None:
    """Build everything, or find it built; then fill the open event."""
    require_head(web.database())
    known = is_loaded()
    if not known:
        _build()
    with web.database().reading() as session:
        slugs = [event.slug for event in events.all_events(session)]
        open_event = next(event for event in reversed(events.all_events(session)) if event.slug.startswith("grand-opening-"))
        organiser_id = open_event.organiser_id
    stage = Stage(web.database(), web.keys(), organiser_id)
    crowd.fill(stage, event_id=open_event.id, number=attendees, seed=seed, now=web.now())
    link = opening.door_link(stage, event=open_event, now=web.now())
    if as_json:
        told = {
            "organiser": {"email": EMAIL, "password": PASSWORD},
            "open_event": open_event.slug,
            "events": slugs,
            "door": {"enrolment_url": link},
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo("The demo was loaded already: nothing has been changed." if known else "The demo is loaded.")
    click.echo(f"open event    {web.absolute(f'/fr/events/{open_event.slug}')}")
    click.echo(f"organiser     {web.absolute('/sign-in')}  {EMAIL}  {PASSWORD}")
    click.echo(f"door          {link}  (good for ten minutes)")


def is_loaded() -> bool:
    """Whether the demo stands here already.

    Raises click.ClickException: the instance is somebody's own. Source: trust.md BOOT-5.
    """
    with web.database().reading() as session:
        organisers = people.organisers(session)
        ours = people.user_by_address(session, EMAIL) is not None
        slugs = {event.slug for event in events.all_events(session)}
        started = people.has_account(session)
    if not organisers and not started:
        return False
    if len(organisers) == 1 and organisers[0].name == data()["organiser_demo"]["name"] and ours:
        if not any(slug.startswith("grand-opening-") for slug in slugs):
            raise click.ClickException("the demo was interrupted while it loaded: start again with an empty database")
        return True
    raise click.ClickException("this instance has an organiser of its own: the demo loads into an empty one only")


def _build() -> None:
    password_hash = passwords.hashed(PASSWORD)
    stage = past.found(web.database(), web.keys(), password_hash=password_hash)
    past.replay(stage)
    opening.announce(stage, now=web.now())


def mount(group: Any) -> None:
    """Add these commands."""
    group.add_command(demo)
