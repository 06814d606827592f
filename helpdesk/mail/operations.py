"""Queueing, digesting, withdrawing and sending again. Everything is written in the caller's transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask import current_app

from helpdesk import audit, clock, outbox
from helpdesk.accounts.enums import NotifyMode
from helpdesk.accounts.models import Person
from helpdesk.accounts.perms import has_access
from helpdesk.db import changed_count, db, transaction
from helpdesk.errors import Conflict, NotAllowed, NotFound
from helpdesk.formats import french_text
from helpdesk.mail.departing import Words
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.mail.rendering import CalendarPart, link, render
from helpdesk.mail.wording import header_text, word_count
from helpdesk.outbox import OutboxKind
from helpdesk.settings import Settings

DIGEST_WORDS = 75
"""Of the list in a digest; the rest is counted, and read on the page."""


def queue(
    notice: Notice,
    to: Person,
    *,
    subject: str,
    template: str,
    context: dict[str, Any],
    ticket_id: int | None = None,
    can_wait: bool = False,
    expires_at: datetime | None = None,
    calendar: CalendarPart | None = None,
) -> None:
    """Write a mail to a person and have it sent after the commit; nobody without access gets one.

    :param template: of ``templates/mails``, without its ending.
    :param can_wait: a person who wants one mail a day gets it in the digest.
    :param expires_at: after which it is not sent; such a mail holds a secret, and is blanked once sent.
    :param calendar: the invitation to send with it; such a mail never waits for the digest.
    """
    if not has_access(to):
        return
    is_held = can_wait and calendar is None and to.notify_mode is NotifyMode.DIGEST
    with transaction():
        mail = _write(notice, to, subject, template, context, ticket_id=ticket_id, expires_at=expires_at)
        if calendar is not None:
            mail.calendar, mail.calendar_method = calendar.content, calendar.method
        if is_held:
            mail.status = MailStatus.HELD
        db.session.flush()
        if not is_held:
            _enqueue(mail)


def queue_unwritten(notice: Notice, to: Person, *, expires_at: datetime) -> None:
    """Have a mail of :mod:`helpdesk.mail.departing` sent to a person after the commit, never in a digest.

    :param expires_at: after which it is not sent.
    """
    if not has_access(to):
        return
    with transaction():
        mail = _add(notice, to, Words("", "", ""), expires_at=expires_at)
        db.session.flush()
        _enqueue(mail)


def write(to: Person, subject: str, template: str, context: dict[str, Any]) -> Words:
    """What a mail to *to* says; it is neither kept nor sent."""
    rendered = render(template, {"first_name": header_text(to.first_name), **context})
    return Words(header_text(french_text(subject)), rendered.text, rendered.html)


def _write(
    notice: Notice,
    to: Person,
    subject: str,
    template: str,
    context: dict[str, Any],
    *,
    ticket_id: int | None = None,
    expires_at: datetime | None = None,
) -> Mail:
    words = write(to, subject, template, context)
    return _add(notice, to, words, ticket_id=ticket_id, expires_at=expires_at)


def _add(
    notice: Notice, to: Person, words: Words, *, ticket_id: int | None = None, expires_at: datetime | None = None
) -> Mail:
    domain = _settings().mail_domain
    mail = Mail(
        notice=notice,
        recipient_person_id=to.id,
        to_address=to.email,
        subject=words.subject,
        text=words.text,
        html=words.html,
        message_id=f"<{f't{ticket_id}.' if ticket_id else ''}{uuid4().hex}@{domain}>",
        thread_id=f"<t{ticket_id}@{domain}>" if ticket_id else None,
        ticket_id=ticket_id,
        created_at=clock.now(),
        expires_at=expires_at,
        status=MailStatus.QUEUED,
    )
    db.session.add(mail)
    return mail


def _enqueue(mail: Mail) -> None:
    outbox.enqueue(OutboxKind.MAIL, mail.outbox_key, {"mail_id": mail.id})


def send_digests() -> int:
    """Make one mail of what was held for each person, one transaction each; return how many."""
    held = sa.select(Mail.recipient_person_id).where(Mail.status == MailStatus.HELD).distinct()
    with transaction():
        person_ids = [person_id for person_id in db.session.scalars(held) if person_id is not None]
    return sum(_send_digest(person_id) for person_id in sorted(person_ids))


def _send_digest(person_id: int) -> bool:
    with transaction():
        # Of two workers, the second finds nothing held any more.
        person = db.session.scalar(sa.select(Person).where(Person.id == person_id).with_for_update())
        statement = sa.select(Mail).where(Mail.recipient_person_id == person_id, Mail.status == MailStatus.HELD)
        mails = list(db.session.scalars(statement.order_by(Mail.id)))
        if not mails:
            return False
        if person is None or not has_access(person):
            for mail in mails:
                mail.status = MailStatus.WITHDRAWN
            return False
        digest = _write_digest(person, mails)
        db.session.flush()
        for mail in mails:
            mail.status, mail.digest_id = MailStatus.DIGESTED, digest.id
        _enqueue(digest)
    return True


def _write_digest(person: Person, mails: list[Mail]) -> Mail:
    subjects = list(dict.fromkeys(mail.subject for mail in mails))
    lines: list[str] = []
    for subject in subjects:
        if lines and word_count(" ".join([*lines, subject])) > DIGEST_WORDS:
            break
        lines.append(subject)
    count = len(subjects)
    context = {"lines": lines, "more_count": count - len(lines), "link": link("/")}
    subject = f"Votre récapitulatif : {count} nouvelles" if count > 1 else f"Votre récapitulatif : {subjects[0]}"
    return _write(Notice.DIGEST, person, subject, "digest", context)


def waiting_mails(ticket_id: int) -> list[Mail]:
    """What was written about a question and has not left, except what says nothing of it."""
    return [mail for mail in _waiting(ticket_id) if not mail.notice.is_bare]


def _waiting(ticket_id: int) -> list[Mail]:
    waiting = (MailStatus.QUEUED, MailStatus.HELD)
    statement = sa.select(Mail).where(Mail.ticket_id == ticket_id, Mail.status.in_(waiting)).order_by(Mail.id)
    return list(db.session.scalars(statement))


def withdraw_outdated(ticket_id: int, notices: Collection[Notice], person_id: int | None = None) -> None:
    """Stop what has not left among *notices* about a question, for everybody or for one: another mail says better."""
    for mail in _waiting(ticket_id):
        if mail.notice in notices and person_id in (None, mail.recipient_person_id):
            withdraw(mail)


def withdraw(mail: Mail) -> None:
    """Stop a mail that has not left, for somebody who may no longer get it."""
    with transaction():
        outbox.cancel(mail.outbox_key)
        mail.status = MailStatus.WITHDRAWN


def erase(ticket_id: int) -> None:
    """Blank every mail about a question, and the digests that named it; what has not left, leaves no more.

    What says nothing of the question and has not left stays: the end of a call still has to be told.
    """
    about = sa.select(Mail).where(Mail.ticket_id == ticket_id)
    with transaction():
        mails = list(db.session.scalars(about))
        digest_ids = {mail.digest_id for mail in mails if mail.digest_id}
        mails += db.session.scalars(sa.select(Mail).where(Mail.id.in_(digest_ids)))
        for mail in mails:
            if mail.notice.is_bare and mail.status is MailStatus.QUEUED:
                continue
            mail.subject = ""
            mail.blank()
            if mail.status in (MailStatus.QUEUED, MailStatus.HELD, MailStatus.FAILED):
                withdraw(mail)


def resend(actor: Person, mail_id: int) -> None:
    """Try a failed mail again, from its first delay on; its content is shown to nobody.

    :raises NotAllowed: unless *actor* is an administrator.
    :raises NotFound: for a mail that does not exist.
    :raises Conflict: for one that has not failed, or can no longer be of use.
    """
    if not actor.is_admin:
        raise NotAllowed
    _resend(actor, mail_id)


def resend_from_terminal(mail_id: int) -> None:
    """The same for whoever holds the machine's terminal."""
    _resend(None, mail_id)


def _resend(actor: Person | None, mail_id: int) -> None:
    with transaction():
        mail = db.session.get(Mail, mail_id)
        if mail is None:
            raise NotFound("Ce courriel n’existe pas.")
        if mail.expires_at is not None and mail.expires_at <= clock.now():
            raise Conflict("Ce courriel n’est plus utile : son temps est passé. Il quittera cette liste dans la nuit.")
        if mail.status is not MailStatus.FAILED or not outbox.resend(mail.outbox_key):
            raise Conflict("Ce courriel n’est pas en échec : il n’y a rien à renvoyer.")
        mail.status, mail.error = MailStatus.QUEUED, None
        audit.record(actor, "mail.resent", "mail", mail.id)


def purge(before: datetime) -> int:
    """Delete mails that left, or never will, and were written *before*; failed ones stay, until their time has passed.
    Return how many are deleted.
    """
    over = (MailStatus.SENT, MailStatus.DIGESTED, MailStatus.WITHDRAWN)
    statement = sa.delete(Mail).where(Mail.status.in_(over), Mail.created_at < before)
    with transaction():
        for mail in db.session.scalars(
            sa.select(Mail).where(Mail.status == MailStatus.FAILED, Mail.expires_at <= clock.now())
        ):
            withdraw(mail)
        return changed_count(statement)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
