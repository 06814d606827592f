"""The last step of the form: a question draft becomes a question."""

from dataclasses import replace

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import NotFound
from helpdesk.tickets.enums import DraftKind
from helpdesk.tickets.models import Draft, Ticket
from helpdesk.tickets.operations.intake import NewQuestion, ask
from helpdesk.tickets.operations.submissions import result_of


def send_question_draft(actor: Person, key: str, question: NewQuestion) -> Ticket:
    """Send *question* with the files of the actor's draft *key*, and forget the draft: both or neither.

    A draft sent before gives back the question it made.

    :raises NotFound: for a draft that is not theirs, or was deleted.
    :raises NotAllowed, BadInput: see :func:`ask`.
    """
    with transaction():
        # The lock makes a second sending wait, and then find the draft gone.
        draft = db.session.scalar(
            sa.select(Draft)
            .where(Draft.key == key, Draft.author_id == actor.id, Draft.kind == DraftKind.QUESTION)
            .with_for_update()
        )
        if draft is None:
            sent = result_of(actor, key)
            if sent is None:
                raise NotFound
            return sent
        ticket = ask(actor, replace(question, attachments=tuple(draft.attachments)), key=draft.key)
        db.session.delete(draft)
    return ticket
