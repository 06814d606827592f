"""Outgoing mail, as it was written."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Person
from helpdesk.db import Base, enum_column
from helpdesk.mail.enums import CalendarMethod, MailStatus, Notice

_IS_HELD = sa.text("status = 'held'")
_IS_FAILED = sa.text("status = 'failed'")


class Mail(Base):
    """One mail to one person, rendered in the transaction that gave cause for it.

    ``message_id`` is made there too: a mail that left twice, because the worker was killed between the
    server's word and its own note of it, is recognised by its reader's program and by us.
    """

    __tablename__ = "mail"
    __table_args__ = (
        sa.CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        sa.CheckConstraint("(status = 'digested') = (digest_id IS NOT NULL)", name="digest_id"),
        sa.CheckConstraint("(calendar IS NULL) = (calendar_method IS NULL)", name="calendar"),
        sa.Index("ix_mail_held", "recipient_person_id", sqlite_where=_IS_HELD, postgresql_where=_IS_HELD),
        sa.Index("ix_mail_failed", "id", sqlite_where=_IS_FAILED, postgresql_where=_IS_FAILED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice: Mapped[Notice] = mapped_column(enum_column(Notice))
    recipient_person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"), index=True)
    to_address: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    """Empty, with ``text``, once a mail that held a secret has left or expired; where words are found at departure."""
    calendar: Mapped[str | None]
    """The invitation that goes with it, as an iCalendar file; blanked when ``text`` is."""
    calendar_method: Mapped[CalendarMethod | None] = mapped_column(enum_column(CalendarMethod))
    message_id: Mapped[str] = mapped_column(unique=True)
    thread_id: Mapped[str | None]
    """The made-up first message of the question's thread, which all its mails answer."""
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime | None]
    """After which it is of no use, e.g. a link that works for 15 minutes."""
    status: Mapped[MailStatus] = mapped_column(enum_column(MailStatus))
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
    digest_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mail.id", ondelete="CASCADE"), index=True)

    recipient: Mapped[Person | None] = relationship()

    def blank(self) -> None:
        """Forget what it said; that it was sent, to whom and when, stays."""
        self.text = self.html = ""
        self.calendar = self.calendar_method = None

    @property
    def outbox_key(self) -> str:
        """Not made of ``id``: SQLite gives the number of a purged mail again."""
        return f"mail:{self.message_id}"
