"""``flask audit``: check the trail."""

import click
from flask.cli import AppGroup

from helpdesk.audit.operations import first_broken_link
from helpdesk.audit.queries import head

group = AppGroup("audit", help="Le journal des actes.")


@group.command("check")
def check() -> None:
    """Vérifie que personne n’a modifié le journal ; affiche la dernière empreinte, à publier ailleurs."""
    broken_id = first_broken_link()
    if broken_id is not None:
        raise click.ClickException(f"La chaîne est rompue à la ligne {broken_id}.")
    count, last_hash = head()
    click.echo(f"Journal intact : {count} lignes, dernière empreinte {last_hash}.")
