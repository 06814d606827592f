"""``flask kb``: changes of the law, past answers and sheets."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from flask.cli import AppGroup

from helpdesk.accounts.importing.reading import MAX_BYTES
from helpdesk.accounts.queries import find_person_by_email
from helpdesk.errors import BadInput, NotAllowed
from helpdesk.formats import count
from helpdesk.kb.importing.files import EXTENSIONS, MAX_FILE_BYTES
from helpdesk.kb.importing.law_changes import read_changes
from helpdesk.kb.operations.importing import import_sheets
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


@kb_cli.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--as", "email", required=True, help="Courriel de la ou du juriste qui signe les brouillons.")
@click.option("--apply", "is_applied", is_flag=True, help="Enregistrer ; sans cela, essai à blanc.")
def import_command(path: Path, email: str, *, is_applied: bool) -> None:
    """Reprend en brouillons « à vérifier » un fichier CSV, Markdown ou Word, ou tous ceux d’un dossier."""
    person = find_person_by_email(email)
    if person is None:
        raise click.ClickException("Personne n’a ce courriel.")
    try:
        report = import_sheets(person, _files(path), is_applied=is_applied)
    except NotAllowed as refusal:
        raise click.ClickException("Cette personne n’est pas du pôle juridique.") from refusal
    if report.problems:
        _tell_problems(report.problems)
    click.echo(f"{count(len(report.titles), 'brouillon')} à vérifier, {report.known_count} déjà repris")
    if not is_applied:
        click.echo("Essai à blanc : rien n’est enregistré. Ajoutez --apply pour enregistrer.")


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    found = (
        [path] if path.is_file() else [one for one in sorted(path.iterdir()) if one.suffix[1:].lower() in EXTENSIONS]
    )
    for one in found:
        with one.open("rb") as opened:
            yield one.name, opened.read(MAX_FILE_BYTES + 1)


def _tell_problems(problems: Sequence[object]) -> None:
    for problem in problems[:SHOWN_PROBLEMS]:
        click.echo(str(problem), err=True)
    if len(problems) > SHOWN_PROBLEMS:
        click.echo(f"… et {len(problems) - SHOWN_PROBLEMS} autres.", err=True)
    raise click.ClickException(f"{count(len(problems), 'problème')} : rien n’est enregistré.")
