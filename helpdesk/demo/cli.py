"""``flask demo``: an invented year, for trying the service out and for measuring it."""

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from helpdesk import clock, settings_of
from helpdesk.demo.cast import ACCOUNTS, PASSWORD
from helpdesk.demo.seed import seed
from helpdesk.errors import Conflict
from helpdesk.search.nearness import refresh_all
from helpdesk.search.operations import rebuild

demo_cli = AppGroup("demo", help="Les données de démonstration.")


@demo_cli.command("seed")
@click.option("--questions", default=1200, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--structures", default=523, show_default=True, type=click.IntRange(30, 20_000))
@click.option("--seed", "chance", default=2026, show_default=True, help="Une autre graine, une autre année.")
def seed_command(*, questions: int, structures: int, chance: int) -> None:
    """Remplir une base vide d’une année inventée (seulement avec IS_DEMO=1)."""
    if not settings_of(current_app).is_demo:
        click.echo("Refusé : ce service n’est pas une démonstration (IS_DEMO=1).", err=True)
        sys.exit(1)
    try:
        seed(today=clock.today(), seed=chance, structures=structures, questions=questions)
    except Conflict as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    for corpus, entries in rebuild().counts.items():
        click.echo(f"Index « {corpus} » : {entries} textes")
    refresh_all()
    click.echo(f"{questions} questions et {structures} structures. Comptes : flask demo accounts")


@demo_cli.command("accounts")
def accounts_command() -> None:
    """Afficher les comptes de démonstration, un par rôle, et leur mot de passe commun."""
    for role, email, password in demo_accounts():
        click.echo(f"{role} : {email} ({password})")


def demo_accounts() -> list[tuple[str, str, str]]:
    """Role in French, address and password of an account of each role."""
    return [(role, email, PASSWORD) for role, email in ACCOUNTS]
