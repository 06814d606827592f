"""Forms received twice: the second time changes nothing and leads to the first result."""

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db, insert
from helpdesk.tickets.models import Submission, Ticket

KEY_MAX_CHARS = 64


def first_time(actor: Person, key: str, ticket: Ticket | None = None) -> bool:
    """Claim *key* for *actor* in the current transaction; False when it was used before.

    On PostgreSQL a concurrent claim of the same key waits here until the other transaction ends.
    """
    values = {
        "person_id": actor.id,
        "key": key[:KEY_MAX_CHARS],
        "ticket_id": ticket.id if ticket else None,
        "created_at": clock.now(),
    }
    statement = insert(Submission).values(values).on_conflict_do_nothing(index_elements=["person_id", "key"])
    return db.session.execute(statement.returning(Submission.id)).scalar() is not None


def keep_result(actor: Person, key: str, ticket: Ticket) -> None:
    """Remember which question the claimed *key* made."""
    db.session.execute(
        sa.update(Submission)
        .where(Submission.person_id == actor.id, Submission.key == key[:KEY_MAX_CHARS])
        .values(ticket_id=ticket.id)
    )


def result_of(actor: Person, key: str) -> Ticket | None:
    """The question that *key* made, for the replay."""
    return db.session.scalar(
        sa.select(Ticket)
        .join(Submission, Submission.ticket_id == Ticket.id)
        .where(Submission.person_id == actor.id, Submission.key == key[:KEY_MAX_CHARS])
    )
