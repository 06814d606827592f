"""One question under its reader's rights: what was said of it, its history, and those it hangs together with."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db
from helpdesk.errors import NotFound
from helpdesk.tickets import perms
from helpdesk.tickets.enums import ActorRole, MessageKind
from helpdesk.tickets.models import Feedback, Message, Ticket, TicketEvent
from helpdesk.tickets.queries.rows import NAME_ONLY, OF_TICKET, ROW_LIMIT, TicketRow, row_of, ticket_rows


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
    found = db.session.scalars(_one_ticket(reader.sight), {**reader.values(), "asked_reference": reference})
    ticket = found.unique().one_or_none()
    if ticket is None:
        raise NotFound
    return ticket


# Statements are written once for each sight and run with the reader's values: writing one costs more than running it.


@cache
def _one_ticket(sight: perms.Sight) -> sa.Select[Ticket]:
    """One query: the collections are empty or of one row nearly always, so that joining them costs nothing."""
    return (
        sa.select(Ticket)
        .where(perms.visible_by(perms.any_reader(sight)), Ticket.reference == sa.bindparam("asked_reference"))
        .options(
            joinedload(Ticket.organisation).joinedload(Organisation.typology_rows),
            *(
                joinedload(person).options(*NAME_ONLY)
                for person in (Ticket.asker, Ticket.delegate, Ticket.jurist, Ticket.entered_by)
            ),
            joinedload(Ticket.clocks),
            joinedload(Ticket.copies),
            joinedload(Ticket.conflicts),
            joinedload(Ticket.shares),
        )
    )


def readable_messages(person: Person, ticket: Ticket) -> Sequence[Message]:
    """The messages of *ticket* that *person* may read, oldest first, with authors and attachments."""
    role = perms.role_on(person, ticket)
    if role is None:
        return []
    select = _every_message(role)
    return db.session.scalars(select, {"of_ticket_id": ticket.id}).unique().all()


@cache
def messages_for(role: ActorRole) -> sa.Select[Message]:
    """What *role* may read of the question ``of_ticket_id``, with authors and attachments: duplicates are to be
    put together with ``unique()``.
    """
    readable = sa.select(Message).where(Message.ticket_id == OF_TICKET, perms.visible_messages_to(role))
    return readable.options(joinedload(Message.author).options(*NAME_ONLY), joinedload(Message.attachments))


@cache
def _every_message(role: ActorRole) -> sa.Select[Message]:
    return messages_for(role).order_by(Message.id)


def history(ticket: Ticket) -> Sequence[TicketEvent]:
    """Every event, oldest first, with its actor."""
    return db.session.scalars(_history(), {"of_ticket_id": ticket.id}).all()


@cache
def _history() -> sa.Select[TicketEvent]:
    events = sa.select(TicketEvent).where(TicketEvent.ticket_id == OF_TICKET).order_by(TicketEvent.id)
    return events.options(joinedload(TicketEvent.actor).options(*NAME_ONLY))


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


def recent_of_organisation(person: Person, organisation_id: int, *, limit: int = 5) -> Sequence[TicketRow]:
    """The structure's latest questions that *person* may see; sensitive ones are left out."""
    reader = perms.reader_of(person)
    values = {**reader.values(), "of_organisation_id": organisation_id, "row_limit": limit}
    return [row_of(record) for record in db.session.execute(_recent_of_organisation(reader.sight), values)]


@cache
def _recent_of_organisation(sight: perms.Sight) -> sa.Select[Any]:
    select = ticket_rows().where(
        perms.visible_by(perms.any_reader(sight)),
        Ticket.organisation_id == sa.bindparam("of_organisation_id", type_=sa.Integer()),
        Ticket.is_sensitive.is_(False),
    )
    return select.order_by(Ticket.received_at.desc(), Ticket.id.desc()).limit(ROW_LIMIT)


def identical_questions(person: Person, ticket: Ticket, *, limit: int = 3) -> Sequence[TicketRow]:
    """Questions with the same title from others: offered to the staff for one shared answer."""
    reader = perms.reader_of(person)
    values = {"of_ticket_id": ticket.id, "same_title": ticket.search_title, "row_limit": limit}
    return [row_of(row) for row in db.session.execute(_identical(reader.sight), {**reader.values(), **values})]


@cache
def _identical(sight: perms.Sight) -> sa.Select[Any]:
    select = ticket_rows().where(
        perms.visible_by(perms.any_reader(sight)),
        Ticket.search_title == sa.bindparam("same_title", type_=sa.Text()),
        Ticket.id != OF_TICKET,
        Ticket.is_sensitive.is_(False),
    )
    return select.order_by(Ticket.id.desc()).limit(ROW_LIMIT)


def linked_questions(person: Person, ticket: Ticket, *, limit: int = 5) -> Sequence[tuple[str, TicketRow]]:
    """What *ticket* continues or repeats, and what continues it, as far as *person* may see, each with its link."""
    before = {ticket.follows_id: "La question de départ", ticket.duplicate_of_id: "Même question, déjà posée"}
    before.pop(None, None)
    reader = perms.reader_of(person)
    values = {"of_ticket_id": ticket.id, "before_ids": list(before), "row_limit": limit}
    rows = [row_of(row) for row in db.session.execute(_linked(reader.sight), {**reader.values(), **values})]
    known = sa.select(Ticket.reference, Ticket.id).where(Ticket.id.in_(before))
    words = {reference: before[number] for reference, number in db.session.execute(known)} if before and rows else {}
    return [(words.get(row.reference, "La suite de cette question"), row) for row in rows]


@cache
def _linked(sight: perms.Sight) -> sa.Select[Any]:
    before = Ticket.id.in_(sa.bindparam("before_ids", expanding=True))
    linked = sa.or_(before, Ticket.follows_id == OF_TICKET)
    return ticket_rows().where(perms.visible_by(perms.any_reader(sight)), linked).order_by(Ticket.id).limit(ROW_LIMIT)
