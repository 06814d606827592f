"""What the staff's page of one question reads: bounded, whatever the length of the thread."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.tickets import perms
from helpdesk.tickets.enums import ActorRole, DraftKind
from helpdesk.tickets.models import Draft, Message, Ticket, TicketEvent
from helpdesk.tickets.queries import drafts_on, messages_for

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
    asked = {"of_ticket_id": ticket.id}
    latest = list(db.session.scalars(_latest(role, limit), asked).unique())[::-1]
    if len(latest) < limit:
        return Reading(latest, 0)
    readable = sa.and_(Message.ticket_id == ticket.id, perms.visible_messages_to(role))
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Message).where(readable)) or 0
    first = list(db.session.scalars(messages_for(role).order_by(Message.id).limit(1), asked).unique())
    shown = latest if first[0].id == latest[0].id else [*first, *latest]
    return Reading(shown, count - len(shown))


@cache
def _latest(role: ActorRole, limit: int) -> sa.Select[Message]:
    return messages_for(role).order_by(Message.id.desc()).limit(limit)


def thread_events(ticket: Ticket) -> Sequence[TicketEvent]:
    """The latest events, oldest first."""
    return list(db.session.scalars(_latest_events(), {"of_ticket_id": ticket.id}))[::-1]


@cache
def _latest_events() -> sa.Select[TicketEvent]:
    of_ticket = TicketEvent.ticket_id == sa.bindparam("of_ticket_id", type_=sa.Integer())
    return sa.select(TicketEvent).where(of_ticket).order_by(TicketEvent.id.desc()).limit(EVENTS_MAX_COUNT)


def names_of(ids: Collection[int]) -> dict[int, str]:
    """Full names by id."""
    if not ids:
        return {}
    people = db.session.execute(_names(), {"of_ids": list(ids)})
    return {row.id: f"{row.first_name} {row.last_name}" for row in people}


@cache
def _names() -> sa.Select[int, str, str]:
    asked = Person.id.in_(sa.bindparam("of_ids", expanding=True))
    return sa.select(Person.id, Person.first_name, Person.last_name).where(asked)


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
