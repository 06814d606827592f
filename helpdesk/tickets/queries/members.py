"""« Mes questions »: the questions of a member's structures, by section."""

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import read
from helpdesk.tickets import perms
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.lists import word_conditions
from helpdesk.tickets.queries.rows import (
    IS_OPEN,
    PAGE_SIZE,
    Page,
    TicketRow,
    latest_pages,
    page_of,
    side_by_side,
    ticket_rows,
    windowed,
)


class MemberSection(StrEnum):
    """The sections of « Mes questions »."""

    FOR_YOU = "a-vous"
    TO_READ = "a-lire"
    IN_PROGRESS = "en-cours"
    CLOSED = "closes"

    @property
    def label(self) -> str:
        return _SECTION_LABELS[self]


_SECTION_LABELS = {
    MemberSection.FOR_YOU: "À vous : une précision est attendue",
    MemberSection.TO_READ: "Réponses à lire",
    MemberSection.IN_PROGRESS: "En cours",
    MemberSection.CLOSED: "Répondues et closes",
}


def _section_condition(section: MemberSection) -> sa.ColumnElement[bool]:
    unread = sa.and_(Ticket.answered_at.is_not(None), Ticket.answer_read_at.is_(None))
    return {
        MemberSection.FOR_YOU: Ticket.status == Status.WAITING,
        MemberSection.TO_READ: sa.and_(unread, Ticket.status == Status.ANSWERED),
        MemberSection.IN_PROGRESS: sa.and_(IS_OPEN, Ticket.status != Status.WAITING),
        MemberSection.CLOSED: sa.or_(
            Ticket.status == Status.CLOSED, sa.and_(Ticket.status == Status.ANSWERED, ~unread)
        ),
    }[section]


def member_questions(
    person: Person, section: MemberSection, page: int = 1, *, words: str = "", size: int = PAGE_SIZE
) -> Page[TicketRow]:
    """One section of « Mes questions »: the questions of the structures the person holds a mandate in."""
    reader = perms.reader_of(person)
    select = _member_questions(reader.sight, section)
    select = select.where(*word_conditions(words)) if words else select
    return page_of(select, reader.values(), page, size)


@cache
def _member_questions(sight: perms.Sight, section: MemberSection) -> sa.Select[Any]:
    select = ticket_rows().where(_member_visible(perms.any_reader(sight)), _section_condition(section))
    return windowed(select).order_by(Ticket.received_at.desc(), Ticket.id.desc())


def member_sections(
    person: Person, sections: Sequence[MemberSection], *, words: str = "", size: int = PAGE_SIZE
) -> dict[MemberSection, Page[TicketRow]]:
    """The first page of each of *sections*, in one query."""
    reader = perms.reader_of(person)
    select = _sections(reader.sight, tuple(sections), tuple(word_conditions(words)))
    return latest_pages(select, reader.values(), sections, size)


def _sections(
    sight: perms.Sight, sections: tuple[MemberSection, ...], conditions: tuple[sa.ColumnElement[bool], ...]
) -> sa.Select[Any]:
    if not conditions:
        return _every_section(sight, sections)
    return side_by_side({section: _member_questions(sight, section).where(*conditions) for section in sections})


@cache
def _every_section(sight: perms.Sight, sections: tuple[MemberSection, ...]) -> sa.Select[Any]:
    return side_by_side({section: _member_questions(sight, section) for section in sections})


def _member_visible(reader: perms.Reader) -> sa.ColumnElement[bool]:
    """A delegate or jurist who also holds a mandate sees here only what the mandate gives."""
    if not reader.sight.is_active:
        return sa.false()
    return sa.and_(sa.or_(sa.false(), *perms.member_conditions(reader)), perms.without_conflict(reader))


def member_counts(person: Person) -> dict[MemberSection, int]:
    """How many questions each section holds, in one query."""
    reader = perms.reader_of(person)
    (counts,) = read(_section_counts(reader.sight), reader.values())
    return dict(zip(MemberSection, counts, strict=True))


@cache
def _section_counts(sight: perms.Sight) -> sa.Select[Any]:
    sums: list[Any] = [sa.func.count(sa.case((_section_condition(section), 1))) for section in MemberSection]
    return sa.select(*sums).select_from(Ticket).where(_member_visible(perms.any_reader(sight)))
