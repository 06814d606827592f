"""What is going on now: drafts, and who has a question open."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import UtcDateTime, db, read
from helpdesk.errors import NotFound
from helpdesk.tickets.enums import DraftKind
from helpdesk.tickets.models import Draft, DraftAttachment, Presence, Ticket
from helpdesk.tickets.queries.one import FileRow
from helpdesk.tickets.queries.rows import OF_TICKET
from helpdesk.tickets.queries.team import is_of_pole

PRESENCE_SECONDS = 60
BEGUN_QUESTIONS_SHOWN = 5


class PresentColleague(NamedTuple):
    """Somebody who has the question open now."""

    full_name: str
    is_writing: bool


class DraftRow(NamedTuple):
    """What somebody is typing on a question."""

    id: int
    kind: DraftKind
    fields: dict[str, Any]
    author_id: int
    created_at: datetime
    updated_at: datetime
    author_name: str
    is_of_pole: bool
    """Whether its author is of the pole."""
    attachments: tuple[FileRow, ...]


def present_colleagues(person: Person, ticket: Ticket) -> Sequence[PresentColleague]:
    """The others of the staff who have the question open now."""
    since = clock.now() - timedelta(seconds=PRESENCE_SECONDS)
    values = {"of_ticket_id": ticket.id, "of_person_id": person.id, "since": since}
    return [PresentColleague._make(row) for row in read(_present_colleagues(), values)]


@cache
def _present_colleagues() -> sa.Select[Any]:
    others = Presence.person_id != sa.bindparam("of_person_id", type_=sa.Integer())
    is_fresh = Presence.seen_at >= sa.bindparam("since", type_=UtcDateTime())
    columns: list[Any] = [Person.first_name + " " + Person.last_name, Presence.is_writing]
    select = sa.select(*columns).join_from(Presence, Person, Person.id == Presence.person_id)
    return select.where(Presence.ticket_id == OF_TICKET, others, is_fresh).order_by(Presence.person_id)


def drafts_on(ticket: Ticket) -> Sequence[DraftRow]:
    """The drafts of every colleague on the question, the newest first."""
    rows = read(_drafts_on(), {"of_ticket_id": ticket.id})
    files = _files_of_drafts([row.id for row in rows if row[-1]])
    return [DraftRow._make((*row[:-1], files.get(row.id, ()))) for row in rows]


@cache
def _drafts_on() -> sa.Select[Any]:
    columns = [getattr(Draft, name) for name in DraftRow._fields[:-3]]
    author_name = Person.first_name + " " + Person.last_name
    has_files = sa.exists().where(DraftAttachment.draft_id == Draft.id)
    select = sa.select(*columns, author_name, is_of_pole(), has_files).join(Person, Person.id == Draft.author_id)
    return select.where(Draft.ticket_id == OF_TICKET).order_by(Draft.updated_at.desc())


def _files_of_drafts(ids: Sequence[int]) -> dict[int, tuple[FileRow, ...]]:
    files: dict[int, tuple[FileRow, ...]] = {}
    if ids:
        columns = [getattr(Attachment, name) for name in FileRow._fields]
        held = sa.select(DraftAttachment.draft_id, *columns)
        held = held.join(Attachment, Attachment.id == DraftAttachment.attachment_id)
        for draft_id, *file in read(held.where(DraftAttachment.draft_id.in_(ids)).order_by(Attachment.id)):
            files[draft_id] = (*files.get(draft_id, ()), FileRow._make(file))
    return files


class BegunQuestion(NamedTuple):
    """A question begun and not sent."""

    key: str
    fields: dict[str, Any]
    updated_at: datetime


def own_question_drafts(person: Person) -> Sequence[BegunQuestion]:
    """The latest questions that *person* has begun and not sent."""
    return [BegunQuestion._make(row) for row in read(_own_question_drafts(), {"of_person_id": person.id})]


@cache
def _own_question_drafts() -> sa.Select[Any]:
    columns = [getattr(Draft, name) for name in BegunQuestion._fields]
    is_own = Draft.author_id == sa.bindparam("of_person_id", type_=sa.Integer())
    select = sa.select(*columns).where(is_own, Draft.kind == DraftKind.QUESTION)
    return select.order_by(Draft.updated_at.desc()).limit(BEGUN_QUESTIONS_SHOWN)


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
