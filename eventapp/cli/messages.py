"""`eventapp worker` and `resume`: mails and recurring duties."""

from __future__ import annotations

from typing import Any

import click

from eventapp.lib import web
from eventapp.lib.schema import RESTORED, require_head, require_resumed
from eventapp.messages import actions
from eventapp.registration import queries
from eventapp.registration.actions import started
from eventapp.worker import loop


@click.command(help="Send mails and run recurring duties until stopped. --once: drain what is due and exit.")
@click.option("--once", is_flag=True, help="Drain what is due and exit.")
def worker(once: bool) -> None:
    """The worker process.

    After a restore it refuses to run until somebody has looked and said `resume`.
    """
    require_head(web.database())
    require_resumed(web.settings().instance_dir)
    handled = loop.run(once=once)
    if once:
        click.echo(f"{handled} mails handled")


@click.command(help="After a restore: send the held mails (or --drop them) and promote again.")
@click.option("--drop", is_flag=True, help="Drop the held mails instead of sending them.")
def resume(drop: bool) -> None:
    """Let mails go again."""
    require_head(web.database())
    with web.database().writing() as session:
        number = actions.resume(session, drop=drop, now=web.now())
    if drop:
        _start_the_clocks()
    (web.settings().instance_dir / RESTORED).unlink(missing_ok=True)
    click.echo(f"{number} mails {'dropped' if drop else 'will be sent'}")


def _start_the_clocks() -> None:
    """Offers of which nobody will be told by mail any more end in their time all the same: no seat is kept for them until the freeze."""
    with web.database().reading() as session:
        unstarted = queries.unstarted(session)
    for event_id, public_id in unstarted:
        with web.database().writing() as session:
            started(session, event_id=event_id, public_id=public_id, now=web.now())


def mount(group: Any) -> None:
    """Add these commands."""
    group.add_command(worker)
    group.add_command(resume)
