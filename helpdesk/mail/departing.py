"""Mails whose words are found as they leave.

What such a mail tells may change while it waits for a server, and who may read it too: none of it is kept in the
database, and each attempt reads it anew under the rights of that moment.
"""

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.accounts.models import Person
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail


@dataclass(frozen=True)
class Words:
    """All that a mail says."""

    subject: str
    text: str
    html: str

    @classmethod
    def of(cls, mail: Mail) -> "Words":
        """Those that *mail* was written with."""
        return cls(mail.subject, mail.text, mail.html)


Writer = Callable[[Person], Words | None]
"""What a person is told now; nothing, when they may be told nothing any more."""

WRITERS: dict[Notice, Writer] = {}


def written_at_departure(notice: Notice) -> Callable[[Writer], Writer]:
    """Declare who finds the words of *notice*, in a module that the worker loads."""

    def declare(writer: Writer) -> Writer:
        WRITERS[notice] = writer
        return writer

    return declare


def words_of(mail: Mail) -> Words | None:
    """Those that it was written with, or those of this moment; none: it is not to leave."""
    writer = WRITERS.get(mail.notice)
    if writer is None:
        return Words.of(mail)
    return writer(mail.recipient) if mail.recipient is not None else None
