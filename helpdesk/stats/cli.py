"""``flask stats check``: the figures stored are those that the events give."""

import sys
from itertools import islice

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from helpdesk.db import db, read_only
from helpdesk.stats.check import differences
from helpdesk.tickets.models import ResponseClock, Ticket

stats_cli = AppGroup("stats", help="Les délais de réponse et leur contrôle.")
SHOWN_MAX_COUNT = 50


@stats_cli.command("check")
def check_command() -> None:
    """Recalculer chaque délai à partir des seuls événements, et le comparer à celui qui est enregistré."""
    token = read_only.set(True)
    try:
        tickets = db.session.scalar(sa.select(sa.func.count()).select_from(Ticket))
        clocks = db.session.scalar(sa.select(sa.func.count()).select_from(ResponseClock))
        found = list(islice(differences(), SHOWN_MAX_COUNT))
    finally:
        read_only.reset(token)
    for one in found:
        click.echo(
            f"Question {one.ticket_id}, tour {one.round}, {one.what} : {one.stored} enregistré, "
            f"{one.recomputed} recalculé."
        )
    if found:
        click.echo(f"{len(found)} écart(s).", err=True)
        sys.exit(1)
    click.echo(f"{tickets} questions, {clocks} délais recalculés à partir des événements : aucun écart.")
