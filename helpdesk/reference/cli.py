"""``flask reference``: is the reference data whole?"""

from pathlib import Path

import click
from flask.cli import AppGroup

from helpdesk.reference.check import counts, inconsistencies
from helpdesk.reference.loader import DATA_FOLDER, load_reference
from helpdesk.reference.types import ReferenceDataError

reference_cli = AppGroup("reference", help="Données de référence\u00a0: délégations, thèmes, délais, lexique.")


@reference_cli.command("check", help="Compte les données de référence et signale chaque incohérence.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=DATA_FOLDER,
    help="Dossier des fichiers TOML, celui du service par défaut.",
)
def check(folder: Path) -> None:
    """Exit with 1 when a file cannot be read or anything is inconsistent."""
    try:
        ref = load_reference(folder)
    except ReferenceDataError as error:
        raise click.ClickException(str(error)) from error
    for name, count in counts(ref).items():
        click.echo(f"{count:>5} {name}")
    found = inconsistencies(ref)
    for sentence in found:
        click.echo(f"Incohérence\u00a0: {sentence}", err=True)
    if found:
        raise SystemExit(1)
    click.echo("Aucune incohérence.")
