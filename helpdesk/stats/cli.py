"""``flask stats check``: what is stored and shown is what the events give."""

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
    """Recompter par un autre chemin chaque délai, chaque chiffre de « Délais » et du rapport annuel, et comparer."""
    token = read_only.set(True)
    try:
        _freeze_view()
        tickets = db.session.scalar(sa.select(sa.func.count()).select_from(Ticket))
        clocks = db.session.scalar(sa.select(sa.func.count()).select_from(ResponseClock))
        found = list(islice(differences(), SHOWN_MAX_COUNT + 1))
    finally:
        read_only.reset(token)
    for one in found[:SHOWN_MAX_COUNT]:
        click.echo(str(one))
    if found:
        count = f"Plus de {SHOWN_MAX_COUNT}" if len(found) > SHOWN_MAX_COUNT else str(len(found))
        click.echo(f"{count} écart(s).", err=True)
        sys.exit(1)
    click.echo(
        f"{tickets} questions, {clocks} délais, tous les chiffres de « Délais » et tous ceux du rapport annuel "
        "recomptés à partir des événements, ou des lignes là où aucun événement ne les dit : aucun écart."
    )


def _freeze_view() -> None:
    """See one state of the database throughout: somebody may answer meanwhile. SQLite does so by itself."""
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
