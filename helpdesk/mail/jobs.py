"""The worker's part in mail: sending what the outbox holds, the daily digest, the purge."""

from datetime import time, timedelta
from typing import Any

import structlog
from flask import current_app

from helpdesk import clock
from helpdesk.accounts.perms import has_access
from helpdesk.db import db, transaction
from helpdesk.jobs.registry import GiveUp, Handler, RetryLater, handle, periodic
from helpdesk.mail import operations
from helpdesk.mail.departing import words_of
from helpdesk.mail.enums import MailStatus
from helpdesk.mail.models import Mail
from helpdesk.mail.transports import build_message, transport_for
from helpdesk.outbox import OutboxKind
from helpdesk.settings import Settings

log = structlog.get_logger(__name__)

KEPT = timedelta(days=90)


def send(payload: dict[str, Any]) -> None:
    """Send a mail, unless it was withdrawn or its reader has lost their access since it was written.

    Past its time it is given up, and its words, if they are found as it leaves, are not looked for.
    """
    settings: Settings = current_app.config["SETTINGS"]
    with transaction():
        mail = db.session.get(Mail, payload["mail_id"], populate_existing=True)
        if mail is None or mail.status is not MailStatus.QUEUED:
            return
        if mail.recipient is None or not has_access(mail.recipient):
            mail.status = MailStatus.WITHDRAWN
            return
        if mail.expires_at is not None and mail.expires_at <= clock.now():
            raise GiveUp("Ce courriel n’était plus utile : il expirait avant l’envoi.")
        words = words_of(mail)
        if words is None:
            mail.status = MailStatus.WITHDRAWN
            return
        if not words.text:
            raise RetryLater("Ce processus ne sait pas écrire ce courriel.")
    transport_for(settings).send(build_message(mail, settings, words))


def note_sent(payload: dict[str, Any]) -> None:
    mail = db.session.get(Mail, payload["mail_id"], populate_existing=True)
    if mail is not None and mail.status is MailStatus.QUEUED:
        mail.status, mail.sent_at, mail.error = MailStatus.SENT, clock.now(), None
        _blank_secret(mail)
        log.info("mail_sent", mail_id=mail.id, notice=mail.notice)


def note_failed(payload: dict[str, Any], error: str) -> None:
    mail = db.session.get(Mail, payload["mail_id"], populate_existing=True)
    if mail is not None and mail.status is MailStatus.QUEUED:
        mail.status, mail.error = MailStatus.FAILED, error
        if mail.expires_at is not None and mail.expires_at <= clock.now():
            _blank_secret(mail)


def _blank_secret(mail: Mail) -> None:
    if mail.expires_at is not None:
        mail.blank()


handle(OutboxKind.MAIL, Handler(perform=send, done=note_sent, given_up=note_failed))


def digest_time(settings: Settings) -> time:
    return time(settings.digest_hour, settings.digest_minute)


@periodic(at=digest_time)
def send_digests() -> None:
    """One mail a day to those who want it so."""
    log.info("digests_sent", count=operations.send_digests())


@periodic(at=time(4, 20))
def purge_mails() -> None:
    """Forget mails that left more than 90 days ago: their texts hold titles and names."""
    log.info("mails_purged", count=operations.purge(clock.now() - KEPT))
