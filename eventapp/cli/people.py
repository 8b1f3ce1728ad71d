"""`eventapp setup`: the first organiser's account, by a one-time token."""

from __future__ import annotations

from typing import Any

import click

from eventapp.lib import web
from eventapp.lib.refusal import Refused
from eventapp.lib.schema import require_head
from eventapp.people import actions


@click.command(help="Print a one-time link with which the first organiser makes their account (valid for 24 hours).")
def setup() -> None:
    """Make the set-up link."""
    require_head(web.database())
    try:
        with web.database().writing() as session:
            secret = actions.create_setup_link(session, keys=web.keys(), now=web.now())
    except Refused as error:
        raise click.ClickException("there is an account already: invite people from the back office instead") from error
    click.echo(web.absolute(f"/setup/{secret}"))


def mount(group: Any) -> None:
    """Add these commands."""
    group.add_command(setup)
