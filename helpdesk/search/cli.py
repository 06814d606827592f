"""``flask search rebuild`` and ``flask search check``."""

import sys

import click
from flask.cli import AppGroup

from helpdesk.search import corpora, operations
from helpdesk.search.engines import IndexBusy

search_cli = AppGroup("search", help="Les index de recherche : les refaire, les contrôler.")

BUSY = "Un autre programme écrit dans l’index. Recommencez dans une minute."


def _known(_context: click.Context, _parameter: click.Parameter, name: str | None) -> str | None:
    corpora.load()
    if name is not None and name not in corpora.CORPORA:
        raise click.BadParameter(f"corpus connus : {', '.join(corpora.CORPORA) or 'aucun'}.")
    return name


@search_cli.command("rebuild")
@click.argument("corpus", required=False, callback=_known)
def rebuild_command(corpus: str | None) -> None:
    """Refaire un index, ou tous, à partir de la base ; les recherches continuent pendant ce temps."""
    try:
        counts = operations.rebuild(corpus).counts
    except IndexBusy:
        raise click.ClickException(BUSY) from None
    for name, count in counts.items():
        click.echo(f"{name} : {count} entrées.")


@search_cli.command("check")
@click.argument("corpus", required=False, callback=_known)
def check_command(corpus: str | None) -> None:
    """Comparer chaque entrée avec la base, et corriger l’index là où il diffère."""
    try:
        reports = operations.check(corpus)
    except IndexBusy:
        raise click.ClickException(BUSY) from None
    for report in reports:
        click.echo(
            f"{report.corpus} : index {report.state.label}, {report.entry_count} entrées, {report.missing_count} "
            f"manquantes, {report.stale_count} périmées, {report.extra_count} en trop."
        )
    if not all(report.is_well for report in reports):
        click.echo("L’index différait de la base : il est corrigé.", err=True)
        sys.exit(1)
