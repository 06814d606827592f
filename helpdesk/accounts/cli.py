"""``flask accounts``: the federation's file, and the first people of the staff."""

from typing import BinaryIO

import click
from flask.cli import AppGroup

from helpdesk.accounts.enums import Role
from helpdesk.accounts.importing import import_file
from helpdesk.accounts.importing.operations import Report
from helpdesk.accounts.importing.reading import MAX_BYTES
from helpdesk.accounts.operations import add_staff
from helpdesk.errors import BadInput

SHOWN_PROBLEMS = 100
_WORDS = {
    "structures": ("structures", ("créées", "modifiées", "inchangées")),
    "people": ("personnes", ("créées", "modifiées", "inchangées")),
    "mandates": ("mandats", ("ouverts", "modifiés", "inchangés")),
}

accounts_cli = AppGroup("accounts", help="Les structures, les personnes et leurs accès.")


@accounts_cli.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--apply", "is_applied", is_flag=True, help="Enregistrer ; sans cela, essai à blanc.")
@click.option(
    "--end-missing",
    "ends_missing",
    is_flag=True,
    help="Mettre fin aux mandats des personnes que le fichier ne nomme plus dans ses structures.",
)
def import_command(file: BinaryIO, *, is_applied: bool, ends_missing: bool) -> None:
    """Crée ou met à jour structures et personnes depuis un fichier CSV (voir docs/comptes.md)."""
    report = import_file(file.read(MAX_BYTES + 1), is_applied=is_applied, ends_missing=ends_missing)
    if report.problems:
        _tell_problems(report)
    _tell_counts(report)
    if not report.is_applied:
        click.echo("Essai à blanc : rien n’est enregistré. Ajoutez --apply pour enregistrer.")


def _tell_problems(report: Report) -> None:
    for problem in report.problems[:SHOWN_PROBLEMS]:
        click.echo(str(problem), err=True)
    count = len(report.problems)
    if count > SHOWN_PROBLEMS:
        click.echo(f"… et {count - SHOWN_PROBLEMS} autres.", err=True)
    noun = "problème" if count == 1 else "problèmes"
    raise click.ClickException(f"{count} {noun} : rien n’est enregistré.")


def _tell_counts(report: Report) -> None:
    if report.encoding == "cp1252":
        click.echo("Fichier lu en Windows-1252 : vérifiez les accents.")
    for name, (noun, outcomes) in _WORDS.items():
        figures = [
            f"{report.counts[f'{name}_{key}']} {word}"
            for key, word in zip(("created", "changed", "unchanged"), outcomes, strict=True)
        ]
        click.echo(f"{noun} : {', '.join(figures)}")
    if report.counts["mandates_ended"]:
        click.echo(f"mandats terminés : {report.counts['mandates_ended']}")


@accounts_cli.command("add")
@click.argument("email")
@click.option("--first-name", required=True, help="Prénom.")
@click.option("--last-name", required=True, help="Nom.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="Rôle.")
@click.option("--delegation", help="Code de la délégation, pour le rôle delegate.")
@click.option("--can-answer", is_flag=True, help="Droit de répondre au premier niveau (rôle delegate).")
def add_command(
    email: str, first_name: str, last_name: str, role: str, delegation: str | None, *, can_answer: bool
) -> None:
    """Donne un rôle à quelqu’un de l’équipe ; crée son compte s’il le faut et le prévient par courriel."""
    try:
        person = add_staff(email, first_name, last_name, Role(role), delegation=delegation, can_answer=can_answer)
    except BadInput as refusal:
        raise click.ClickException(refusal.message) from refusal
    click.echo(f"{person.full_name} a le rôle « {Role(role).label} » et se connecte avec {person.email}.")
