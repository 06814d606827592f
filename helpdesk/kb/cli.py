"""``flask kb``: changes of the law, past answers and sheets."""

from pathlib import Path

import click
from flask.cli import AppGroup

from helpdesk.accounts.importing.reading import MAX_BYTES, Problem
from helpdesk.errors import BadInput
from helpdesk.formats import count
from helpdesk.kb.importing.law_changes import read_changes
from helpdesk.kb.operations.keeping import apply_law_changes

SHOWN_PROBLEMS = 100
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

kb_cli = AppGroup("kb", help="La base de connaissances : changements du droit, reprise de documents.")


@kb_cli.command("law-changes")
@click.argument("file", type=_FILE)
@click.option("--apply", "is_applied", is_flag=True, help="Enregistrer ; sans cela, essai à blanc.")
def law_changes_command(file: Path, *, is_applied: bool) -> None:
    """Met en révision les fiches qui citent les textes changés d’un fichier CSV ou TOML (voir docs/fiches.md)."""
    with file.open("rb") as opened:
        found = read_changes(opened.read(MAX_BYTES + 1), is_toml=file.suffix.lower() == ".toml")
    if found.problems:
        _tell_problems(found.problems)
    try:
        report = apply_law_changes(found.changes, is_applied=is_applied)
    except BadInput as refusal:
        raise click.ClickException(refusal.message) from refusal
    for outcome, words in (
        (report.opened, "mises en révision"),
        (report.noted, "déjà en révision, une tâche de plus"),
        (report.read_since, "déjà relues depuis ce changement"),
    ):
        for change, slugs in outcome.items():
            click.echo(f"{change} : {count(len(slugs), 'fiche')} {words} : {', '.join(slugs)}")
    for change in report.uncited:
        click.echo(f"{change} : aucune fiche publiée ne le cite")
    if not is_applied:
        click.echo("Essai à blanc : rien n’est enregistré. Ajoutez --apply pour enregistrer.")


def _tell_problems(problems: list[Problem]) -> None:
    for problem in problems[:SHOWN_PROBLEMS]:
        click.echo(str(problem), err=True)
    if len(problems) > SHOWN_PROBLEMS:
        click.echo(f"… et {len(problems) - SHOWN_PROBLEMS} autres.", err=True)
    raise click.ClickException(f"{count(len(problems), 'problème')} : rien n’est enregistré.")
