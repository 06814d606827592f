"""``flask mail``: what an operator needs when mails do not arrive."""

import click
from flask import current_app
from flask.cli import AppGroup

from helpdesk import clock
from helpdesk.errors import HelpdeskError
from helpdesk.jobs.registry import GiveUp, RetryLater
from helpdesk.mail import operations
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.mail.queries import failed_mails
from helpdesk.mail.transports import build_message, transport_for
from helpdesk.settings import Settings

mail_cli = AppGroup("mail", help="Courriels sortants : échecs, renvoi, essai du serveur.")


@mail_cli.command("failed")
@click.option("--page", default=1, show_default=True, help="Page de la liste, 50 lignes chacune.")
def failed(page: int) -> None:
    """Lister les courriels non remis, avec la réponse du serveur."""
    found = failed_mails(page)
    for row in found.rows:
        click.echo(f"{row.id}\t{row.created_at:%Y-%m-%d %H:%M}\t{row.notice.label}\t{row.to_address}\t{row.error}")
    if not found.rows:
        click.echo("Aucun courriel non remis.")
    elif found.has_next:
        click.echo(f"La suite : flask mail failed --page {found.number + 1}")


@mail_cli.command("resend")
@click.argument("mail_id", type=int)
def resend(mail_id: int) -> None:
    """Renvoyer un courriel non remis."""
    try:
        operations.resend_from_terminal(mail_id)
    except HelpdeskError as error:
        raise click.ClickException(error.message) from error
    click.echo("Le courriel repart.")


@mail_cli.command("test")
@click.argument("address")
def test(address: str) -> None:
    """Envoyer un courriel d’essai à ADDRESS, tout de suite, et dire ce que le serveur répond."""
    settings: Settings = current_app.config["SETTINGS"]
    mail = Mail(
        notice=Notice.WELCOME,
        status=MailStatus.QUEUED,
        to_address=address,
        subject=f"Essai d’envoi de {settings.service_name}",
        text="Ce courriel d’essai est bien parti.\n",
        html="<p>Ce courriel d’essai est bien parti.</p>\n",
        message_id=f"<essai.{clock.now():%Y%m%d%H%M%S}@{settings.mail_domain}>",
        created_at=clock.now(),
    )
    try:
        transport_for(settings).send(build_message(mail, settings))
    except (GiveUp, RetryLater) as error:
        raise click.ClickException(str(error)) from error
    click.echo("Le courriel d’essai est parti.")
