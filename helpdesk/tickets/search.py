"""The corpus « questions »: the words of questions and of their answers, and who may find them.

A sensitive question is in no index; nor are internal notes, drafts, and answers that wait at the relay.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db
from helpdesk.search.corpora import Corpus, Document, Filters, Text, declare
from helpdesk.tickets import perms
from helpdesk.tickets.enums import Audience, Status
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.texts import fold

PLAIN_WORDS = 6
_STAMPED: tuple[Any, ...] = (Ticket.id, Ticket.version)
_NOT_CLOSED = [status for status in Status if status is not Status.CLOSED]


def documents(ids: Sequence[int]) -> list[Document]:
    """The questions among *ids* that may be searched."""
    select = sa.select(Ticket.id, Ticket.version, Ticket.title, Ticket.topic, Ticket.received_at)
    tickets = db.session.execute(select.where(Ticket.id.in_(ids), Ticket.is_sensitive.is_(False))).all()
    words = _words_of([ticket.id for ticket in tickets])
    return [
        Document(
            id=ticket.id,
            stamp=ticket.version,
            title=ticket.title,
            body="\n".join(words.get(ticket.id, ())),
            on=ticket.received_at.date(),
            facets={"topic": (ticket.topic,)} if ticket.topic else {},
        )
        for ticket in tickets
    ]


def ids_after(last_id: int, limit: int) -> list[int]:
    """The next questions to index."""
    select = sa.select(Ticket.id).where(Ticket.id > last_id, Ticket.is_sensitive.is_(False))
    return list(db.session.scalars(select.order_by(Ticket.id).limit(limit)))


def open_texts(ids: Sequence[int] | None) -> list[Text]:
    """The questions that are not closed, sensitive ones too: the staff needs what is close to them as well."""
    select = sa.select(Ticket.id, Ticket.title, Ticket.excerpt).where(Ticket.status.in_(_NOT_CLOSED))
    if ids is not None:
        select = select.where(Ticket.id.in_(ids))
    return [Text(*row) for row in db.session.execute(select.order_by(Ticket.id.desc()))]


def visible(person: Person | None, filters: Filters) -> sa.Select[Any]:
    """Identifier and stamp of what *person* may see; nobody signed in sees none."""
    select = sa.select(*_STAMPED).join(Organisation, Organisation.id == Ticket.organisation_id)
    select = select.where(perms.visible_to(person) if person else sa.false(), Ticket.is_sensitive.is_(False))
    if filters.topics:
        families = (Ticket.topic.startswith(f"{code}/", autoescape=True) for code in filters.topics)
        select = select.where(sa.or_(Ticket.topic.in_(filters.topics), *families))
    if filters.from_on:
        select = select.where(sa.func.date(Ticket.received_at) >= filters.from_on.isoformat())
    if filters.until_on:
        select = select.where(sa.func.date(Ticket.received_at) <= filters.until_on.isoformat())
    return select


def plain(person: Person | None, words: str, limit: int) -> sa.Select[Any]:
    """The same for folded *words* without an index: all of them in the title."""
    titled = [Ticket.search_title.contains(word, autoescape=True) for word in fold(words).split()[:PLAIN_WORDS]]
    select = visible(person, Filters()).where(*titled)
    return select.order_by(Ticket.received_at.desc(), Ticket.id.desc()).limit(limit)


def _words_of(ids: Sequence[int]) -> dict[int, list[str]]:
    """What everybody who sees a question may read of it, in the order it was said."""
    texts = (Message.body, Message.in_brief, Message.explanation, Message.actions, Message.references)
    select = sa.select(Message.ticket_id, *texts).where(
        Message.ticket_id.in_(ids),
        Message.audience == Audience.EVERYONE,
        Message.published_at.is_not(None),
    )
    words: dict[int, list[str]] = {}
    for ticket_id, *parts, references in db.session.execute(select.order_by(Message.id)):
        words.setdefault(ticket_id, []).extend(filter(None, [*parts, *references]))
    return words


declare(
    Corpus(name="questions", documents=documents, ids=ids_after, visible=visible, plain=plain, open_texts=open_texts)
)
