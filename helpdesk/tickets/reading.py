"""What the staff's page of one question reads: bounded, whatever the length of the thread."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload, selectinload

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.tickets import perms
from helpdesk.tickets.enums import DraftKind
from helpdesk.tickets.models import Draft, Message, Ticket, TicketEvent
from helpdesk.tickets.queries import drafts_on

MESSAGES_SHOWN = 25
MESSAGES_MAX_COUNT = 400
EVENTS_MAX_COUNT = 400


@dataclass(frozen=True)
class Reading:
    """The messages shown, oldest first; the question stays on top when *folded_count* older ones are left out."""

    messages: Sequence[Message]
    folded_count: int


def thread_messages(person: Person, ticket: Ticket, *, limit: int = MESSAGES_SHOWN) -> Reading:
    """The latest messages that *person* may read, and the first one."""
    role = perms.role_on(person, ticket)
    if role is None:
        return Reading([], 0)
    readable = sa.and_(Message.ticket_id == ticket.id, perms.visible_messages_to(role))
    select = sa.select(Message).where(readable).options(*_with_author(), selectinload(Message.attachments))
    latest = list(db.session.scalars(select.order_by(Message.id.desc()).limit(limit)))[::-1]
    if len(latest) < limit:
        return Reading(latest, 0)
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Message).where(readable)) or 0
    first = list(db.session.scalars(select.order_by(Message.id).limit(1)))
    shown = latest if first[0].id == latest[0].id else [*first, *latest]
    return Reading(shown, count - len(shown))


def thread_events(ticket: Ticket) -> Sequence[TicketEvent]:
    """The latest events, oldest first."""
    select = sa.select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id.desc())
    return list(db.session.scalars(select.limit(EVENTS_MAX_COUNT)))[::-1]


def names_of(ids: Collection[int]) -> dict[int, str]:
    """Full names by id."""
    select = sa.select(Person.id, Person.first_name, Person.last_name).where(Person.id.in_(ids))
    return {row.id: f"{row.first_name} {row.last_name}" for row in db.session.execute(select)} if ids else {}


@dataclass(frozen=True)
class Drafts:
    """What is being typed on the question, the newest first."""

    own: list[Draft]
    others: list[Draft]


def readable_drafts(person: Person, ticket: Ticket) -> Drafts:
    """One's own drafts, and what the colleagues are typing; a jurist's note may be meant for the pole alone."""
    every = drafts_on(ticket)
    others = [draft for draft in every if draft.author_id != person.id and any(draft.fields.values())]
    if not person.is_pole:
        others = [draft for draft in others if not (draft.kind is DraftKind.NOTE and draft.author.is_pole)]
    return Drafts([draft for draft in every if draft.author_id == person.id], others)


def _with_author() -> list[sa.orm.interfaces.ORMOption]:
    author = joinedload(Message.author)
    return [author.options(lazyload(Person.mandates), lazyload(Person.roles))]
