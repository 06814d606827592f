"""One question under its reader's rights: what was said of it, and its history."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from helpdesk.accounts.models import Organisation, Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, read
from helpdesk.errors import NotFound
from helpdesk.tickets import perms
from helpdesk.tickets.enums import Action, ActorRole, Audience, EventKind, MessageKind
from helpdesk.tickets.models import (
    ConflictOfInterest,
    Feedback,
    Message,
    MessageAttachment,
    Ticket,
    TicketCopy,
    TicketEvent,
    TicketShare,
)
from helpdesk.tickets.queries.rows import LAST_PAGE, NAME_ONLY, OF_TICKET, Page, windowed

EVENTS_MAX_COUNT = 400
MESSAGES_PER_PAGE = 200
FILES_MAX_COUNT = 200


class FileRow(NamedTuple):
    """A file of a message, to be offered; its content is read by :func:`readable_attachment`."""

    id: int
    name: str
    size_bytes: int
    purged_at: datetime | None


class MessageRow(NamedTuple):
    """A message, to be read."""

    id: int
    kind: MessageKind
    audience: Audience
    author_id: int | None
    author_role: ActorRole
    created_at: datetime
    published_at: datetime | None
    body: str
    in_brief: str
    explanation: str
    actions: str
    references: list[str]
    law_as_of_on: date | None
    replaces_id: int | None
    reason: str
    author_name: str | None
    attachments: tuple[FileRow, ...]


class EventRow(NamedTuple):
    """A line of the history, to be told."""

    kind: str
    actor_id: int | None
    actor_role: ActorRole
    at: datetime
    data: dict[str, Any]

    @property
    def past_label(self) -> str:
        return Action(self.kind).past_label if self.kind in _ACTIONS else EventKind(self.kind).past_label


_ACTIONS = frozenset(Action)


def visible_tickets(person: Person) -> sa.Select[Ticket]:
    """Every question *person* may see."""
    return sa.select(Ticket).where(perms.visible_to(person))


def get_visible_ticket(person: Person, reference: str) -> Ticket:
    """One question with what the permission functions need.

    :raises NotFound: when it does not exist, or is not for *person* to see.
    """
    if not reference.isprintable():  # a NUL would be an error of the database
        raise NotFound
    reader = perms.reader_of(person)
    records = db.session.execute(_one_ticket(reader.sight), {**reader.values(), "asked_reference": reference})
    found = records.unique().one_or_none()
    if found is None:
        raise NotFound
    ticket: Ticket = found[0]
    for name, is_held in zip(_SELDOM, found[1:], strict=True):
        if not is_held:
            set_committed_value(ticket, name, [])
    return ticket


# Statements are written once for each sight and run with the reader's values: writing one costs more than running it.


_SELDOM: dict[str, Any] = {"copies": TicketCopy, "conflicts": ConflictOfInterest, "shares": TicketShare}
"""Nearly always empty: whether there is something to load costs less than loading nothing."""


@cache
def _one_ticket(sight: perms.Sight) -> sa.Select[Any]:
    seldom = [sa.exists().where(model.ticket_id == Ticket.id) for model in _SELDOM.values()]
    entities: list[Any] = [Ticket, *seldom]
    return (
        sa.select(*entities)
        .where(perms.visible_by(perms.any_reader(sight)), Ticket.reference == sa.bindparam("asked_reference"))
        .options(
            joinedload(Ticket.organisation).joinedload(Organisation.typology_rows),
            *(
                joinedload(person).options(*NAME_ONLY)
                for person in (Ticket.asker, Ticket.delegate, Ticket.jurist, Ticket.entered_by)
            ),
            joinedload(Ticket.clocks),
            *(lazyload(getattr(Ticket, name)) for name in _SELDOM),
        )
    )


def readable_messages(person: Person, ticket: Ticket) -> Sequence[MessageRow]:
    """The first messages of *ticket* that *person* may read, oldest first: a page of :func:`message_page`."""
    return message_page(person, ticket).rows


def message_page(person: Person, ticket: Ticket, number: int = 1) -> Page[MessageRow]:
    """The messages of *ticket* that *person* may read, oldest first, :data:`MESSAGES_PER_PAGE` at a time."""
    role, number = perms.role_on(person, ticket), min(max(number, 1), LAST_PAGE)
    if role is None:
        return Page([], number, has_next=False)
    window = {"row_count": MESSAGES_PER_PAGE + 1, "skipped": (number - 1) * MESSAGES_PER_PAGE}
    rows = read_messages(_message_page(role), ticket, window)
    return Page(rows[:MESSAGES_PER_PAGE], number, len(rows) > MESSAGES_PER_PAGE)


@cache
def _message_page(role: ActorRole) -> sa.Select[Any]:
    return windowed(messages_for(role).order_by(Message.id))


def first_message(person: Person, ticket: Ticket) -> MessageRow | None:
    """The question itself, as far as *person* may read it."""
    role = perms.role_on(person, ticket)
    return next(iter(read_messages(_first_message(role), ticket)), None) if role else None


@cache
def _first_message(role: ActorRole) -> sa.Select[Any]:
    return messages_for(role).order_by(Message.id).limit(1)


def readable_files(person: Person, ticket: Ticket) -> Sequence[FileRow]:
    """The latest files of the messages that *person* may read, those erased left out."""
    role = perms.role_on(person, ticket)
    rows = read(_readable_files(role), {"of_ticket_id": ticket.id}) if role else []
    return [FileRow._make(row) for row in rows]


@cache
def _readable_files(role: ActorRole) -> sa.Select[Any]:
    columns = [getattr(Attachment, name) for name in FileRow._fields]
    return (
        sa.select(*columns)
        .join(MessageAttachment, MessageAttachment.attachment_id == Attachment.id)
        .join(Message, Message.id == MessageAttachment.message_id)
        .where(Message.ticket_id == OF_TICKET, perms.visible_messages_to(role), Attachment.purged_at.is_(None))
        .order_by(Attachment.id.desc())
        .limit(FILES_MAX_COUNT)
    )


def readable_attachment(person: Person, ticket: Ticket, attachment_id: int) -> Attachment:
    """A file of a message of *ticket* that *person* may read.

    :raises NotFound: for any other.
    """
    role = perms.role_on(person, ticket)
    file = db.session.get(Attachment, attachment_id)
    if role is None or file is None:
        raise NotFound
    holds = sa.select(MessageAttachment).join(Message, Message.id == MessageAttachment.message_id)
    readable = holds.where(Message.ticket_id == ticket.id, perms.visible_messages_to(role))
    if db.session.scalar(readable.where(MessageAttachment.attachment_id == attachment_id)) is None:
        raise NotFound
    return file


@cache
def messages_for(role: ActorRole) -> sa.Select[Any]:
    """What *role* may read of the question ``of_ticket_id``: the statement of :func:`read_messages`."""
    columns = [getattr(Message, name) for name in MessageRow._fields[:-2]]
    author_name = (Person.first_name + " " + Person.last_name).label("author_name")
    has_files = sa.exists().where(MessageAttachment.message_id == Message.id)
    return (
        sa.select(*columns, author_name, has_files)
        .outerjoin(Person, Person.id == Message.author_id)
        .where(Message.ticket_id == OF_TICKET, perms.visible_messages_to(role))
    )


def read_messages(select: sa.Select[Any], ticket: Ticket, values: Mapping[str, Any] | None = None) -> list[MessageRow]:
    """Run a statement made of :func:`messages_for`; the files are asked for when a message has one."""
    rows = read(select, {"of_ticket_id": ticket.id, **(values or {})})
    files = _files(ticket) if any(row[-1] for row in rows) else {}
    return [MessageRow._make((*row[:-1], tuple(files.get(row.id, ())))) for row in rows]


def _files(ticket: Ticket) -> dict[int, list[FileRow]]:
    files: dict[int, list[FileRow]] = {}
    for message_id, *file in read(_files_of_ticket(), {"of_ticket_id": ticket.id}):
        files.setdefault(message_id, []).append(FileRow._make(file))
    return files


@cache
def _files_of_ticket() -> sa.Select[Any]:
    columns = [getattr(Attachment, name) for name in FileRow._fields]
    return (
        sa.select(MessageAttachment.message_id, *columns)
        .join(Attachment, Attachment.id == MessageAttachment.attachment_id)
        .join(Message, Message.id == MessageAttachment.message_id)
        .where(Message.ticket_id == OF_TICKET)
        .order_by(Attachment.id)
    )


def history(ticket: Ticket) -> Sequence[EventRow]:
    """The latest events, :data:`EVENTS_MAX_COUNT` at most, oldest first."""
    return [EventRow._make(row) for row in read(_history(), {"of_ticket_id": ticket.id})][::-1]


@cache
def _history() -> sa.Select[Any]:
    columns = [getattr(TicketEvent, name) for name in EventRow._fields]
    events = sa.select(*columns).where(TicketEvent.ticket_id == OF_TICKET)
    return events.order_by(TicketEvent.id.desc()).limit(EVENTS_MAX_COUNT)


def current_answer(ticket: Ticket) -> Message | None:
    """The answer in force: the last published one, a correction included."""
    return db.session.scalar(
        sa.select(Message)
        .where(
            Message.ticket_id == ticket.id,
            Message.kind.in_([MessageKind.ANSWER, MessageKind.CORRECTION]),
            Message.published_at.is_not(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )


def answer_at_relay(ticket: Ticket) -> Message:
    """The answer that waits for the delegate's word.

    :raises NotFound: when there is none.
    """
    message = db.session.scalar(
        sa.select(Message)
        .where(
            Message.ticket_id == ticket.id,
            Message.kind == MessageKind.ANSWER,
            Message.published_at.is_(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    if message is None:
        raise NotFound
    return message


def feedback_of(person: Person, ticket: Ticket) -> Feedback | None:
    """What *person* last said of an answer to *ticket*."""
    return db.session.scalar(
        sa.select(Feedback)
        .join(Message, Message.id == Feedback.message_id)
        .where(Message.ticket_id == ticket.id, Feedback.person_id == person.id)
        .order_by(Feedback.given_at.desc())
        .limit(1)
    )
