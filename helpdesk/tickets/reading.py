"""What the page of one question reads: bounded, whatever the length of the thread."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db, read
from helpdesk.tickets import perms
from helpdesk.tickets.enums import ActorRole, DraftKind, MessageKind
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import DraftRow, MessageRow, drafts_on, messages_for, read_messages

MESSAGES_SHOWN = 25
MESSAGES_MAX_COUNT = 400
ANSWERS_MAX_COUNT = 20


@dataclass(frozen=True)
class Reading:
    """The messages shown, oldest first; the question stays on top when *folded_count* older ones are left out."""

    messages: Sequence[MessageRow]
    folded_count: int


def thread_messages(
    person: Person, ticket: Ticket, *, limit: int = MESSAGES_SHOWN, has_answers: bool = False
) -> Reading:
    """The latest messages that *person* may read, and the first one; *has_answers*: the latest answers too."""
    role = perms.role_on(person, ticket)
    if role is None:
        return Reading([], 0)
    latest = read_messages(_latest(role, limit), ticket)[::-1]
    if len(latest) < limit:
        return Reading(latest, 0)
    readable = sa.and_(Message.ticket_id == ticket.id, perms.visible_messages_to(role))
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Message).where(readable)) or 0
    older = read_messages(messages_for(role).order_by(Message.id).limit(1), ticket)
    if has_answers:
        older += read_messages(_latest_answers(role), ticket)
    by_id = {message.id: message for message in (*older, *latest)}
    shown = [by_id[number] for number in sorted(by_id)]
    return Reading(shown, count - len(shown))


@cache
def _latest(role: ActorRole, limit: int) -> sa.Select[Any]:
    return messages_for(role).order_by(Message.id.desc()).limit(limit)


@cache
def _latest_answers(role: ActorRole) -> sa.Select[Any]:
    answers = Message.kind.in_([kind for kind in MessageKind if kind.is_answer])
    return messages_for(role).where(answers).order_by(Message.id.desc()).limit(ANSWERS_MAX_COUNT)


def names_of(ids: Collection[int]) -> dict[int, str]:
    """Full names by id."""
    if not ids:
        return {}
    people = read(_names(), {"of_ids": list(ids)})
    return {row.id: f"{row.first_name} {row.last_name}" for row in people}


@cache
def _names() -> sa.Select[int, str, str]:
    asked = Person.id.in_(sa.bindparam("of_ids", expanding=True))
    return sa.select(Person.id, Person.first_name, Person.last_name).where(asked)


@dataclass(frozen=True)
class Drafts:
    """What is being typed on the question, the newest first."""

    own: list[DraftRow]
    others: list[DraftRow]


def readable_drafts(person: Person, ticket: Ticket) -> Drafts:
    """One's own drafts, and what the colleagues are typing; a jurist's note may be meant for the pole alone."""
    every = drafts_on(ticket)
    others = [draft for draft in every if draft.author_id != person.id and any(draft.fields.values())]
    if not person.is_pole:
        others = [draft for draft in others if not (draft.kind is DraftKind.NOTE and draft.is_of_pole)]
    return Drafts([draft for draft in every if draft.author_id == person.id], others)
