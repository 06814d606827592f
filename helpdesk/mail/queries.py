"""What the administration reads of outgoing mail: never a subject, never a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail

PAGE_SIZE = 50
LAST_PAGE = 400


@dataclass(frozen=True)
class FailedMail:
    """A mail that could not be delivered. ``error`` is the server's word or ours."""

    id: int
    notice: Notice
    to_address: str
    recipient_name: str
    created_at: datetime
    error: str


@dataclass(frozen=True)
class FailedMails:
    """A page of them, the latest first; pages count from 1."""

    rows: Sequence[FailedMail]
    number: int
    has_next: bool


def failed_mails(page: int = 1) -> FailedMails:
    """Mails given up and not sent again, for administrators."""
    number = min(max(page, 1), LAST_PAGE)
    statement = (
        sa.select(
            Mail.id,
            Mail.notice,
            Mail.to_address,
            sa.func.coalesce(Person.first_name + " " + Person.last_name, "").label("recipient_name"),
            Mail.created_at,
            sa.func.coalesce(Mail.error, "").label("error"),
        )
        .outerjoin(Person, Person.id == Mail.recipient_person_id)
        .where(Mail.status == MailStatus.FAILED)
        .order_by(Mail.id.desc())
        .limit(PAGE_SIZE + 1)
        .offset((number - 1) * PAGE_SIZE)
    )
    rows = [FailedMail(**row) for row in db.session.execute(statement).mappings()]
    return FailedMails(rows[:PAGE_SIZE], number, len(rows) > PAGE_SIZE)


def failed_count() -> int:
    """How many mails wait for an administrator."""
    statement = sa.select(sa.func.count()).where(Mail.status == MailStatus.FAILED)
    return db.session.scalar(statement) or 0
