"""What is going on now: drafts, and who has a question open."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload, raiseload, selectinload

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import UtcDateTime, db
from helpdesk.errors import NotFound
from helpdesk.tickets.enums import DraftKind
from helpdesk.tickets.models import Draft, Presence, Ticket
from helpdesk.tickets.queries.rows import NAME_ONLY, OF_TICKET

PRESENCE_SECONDS = 60


def present_colleagues(person: Person, ticket: Ticket) -> Sequence[Presence]:
    """The others of the staff who have the question open now."""
    since = clock.now() - timedelta(seconds=PRESENCE_SECONDS)
    values = {"of_ticket_id": ticket.id, "of_person_id": person.id, "since": since}
    return db.session.scalars(_present_colleagues(), values).all()


@cache
def _present_colleagues() -> sa.Select[Presence]:
    others = Presence.person_id != sa.bindparam("of_person_id", type_=sa.Integer())
    is_fresh = Presence.seen_at >= sa.bindparam("since", type_=UtcDateTime())
    select = sa.select(Presence).where(Presence.ticket_id == OF_TICKET, others, is_fresh)
    return select.options(joinedload(Presence.person).options(*NAME_ONLY)).order_by(Presence.person_id)


def drafts_on(ticket: Ticket) -> Sequence[Draft]:
    """The drafts of every colleague on the question, the newest first."""
    return db.session.scalars(_drafts_on(), {"of_ticket_id": ticket.id}).unique().all()


@cache
def _drafts_on() -> sa.Select[Draft]:
    # With the author's roles: whose note it is decides who reads it.
    author = joinedload(Draft.author).options(lazyload(Person.mandates), joinedload(Person.roles))
    select = sa.select(Draft).where(Draft.ticket_id == OF_TICKET).options(author, joinedload(Draft.attachments))
    return select.order_by(Draft.updated_at.desc())


def own_question_drafts(person: Person, *, limit: int = 5) -> Sequence[Draft]:
    """Questions begun and not sent."""
    return db.session.scalars(
        sa.select(Draft)
        .where(Draft.author_id == person.id, Draft.kind == DraftKind.QUESTION)
        .order_by(Draft.updated_at.desc())
        .limit(limit)
        .options(raiseload(Draft.attachments))
    ).all()


def get_question_draft(person: Person, key: str) -> Draft:
    """A question begun and not sent; only its author opens it.

    :raises NotFound: for any other.
    """
    draft = db.session.scalar(
        sa.select(Draft)
        .where(Draft.key == key, Draft.author_id == person.id, Draft.kind == DraftKind.QUESTION)
        .options(selectinload(Draft.attachments))
    )
    if draft is None:
        raise NotFound
    return draft
