"""« Toutes les questions » with its filters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import UtcDateTime
from helpdesk.search.pool import POOL
from helpdesk.search.queries import find_narrowed
from helpdesk.tickets import perms
from helpdesk.tickets.deadlines import start_of_day, week_of
from helpdesk.tickets.enums import Channel, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.lateness import is_due_by_law, is_late
from helpdesk.tickets.queries.rows import IS_OPEN, Page, TicketRow, page_of, ticket_rows, windowed
from helpdesk.tickets.texts import fold

NATIONAL = "nationale"
"""The filter value of the national queue, which is no delegation."""
WORDS_MAX_COUNT = 6
_REFERENCE = re.compile(r"[Qq]-\d{4}-\d{1,6}")


@dataclass(frozen=True)
class Filters:
    """The filters of « Toutes les questions »; each empty value filters nothing."""

    words: str = ""
    status: Status | None = None
    topic: str = ""
    delegation: str = ""
    jurist_id: int | None = None
    organisation_id: int | None = None
    channel: Channel | None = None
    is_urgent: bool = False
    is_open: bool = False
    is_late: bool = False
    is_due: bool = False
    """This week, by the service's date or by the legal one."""
    since_on: date | None = None
    until_on: date | None = None


class Order(StrEnum):
    """How « Toutes les questions » is sorted."""

    CLOSEST = "closest"
    """To the words searched for; the latest first without any."""
    LATEST = "latest"
    OLDEST = "oldest"


@dataclass(frozen=True)
class Listing:
    """One page of it; *is_fallback*: the index was away, only the exact words of titles were searched."""

    page: Page[TicketRow]
    is_fallback: bool = False


@dataclass(frozen=True)
class Selection:
    """The questions that filters leave of those somebody may see: what the list shows and a file carries.

    *condition* asks for *values*; *closest*: those that the words were found in, best first, when words were given.
    """

    condition: sa.ColumnElement[bool]
    values: dict[str, Any]
    closest: Sequence[int] | None = None
    is_fallback: bool = False

    @property
    def is_cut(self) -> bool:
        """Whether the search has kept the closest of them only."""
        return self.closest is not None and len(self.closest) >= POOL


def all_questions(person: Person, filters: Filters, page: int = 1, *, order: Order = Order.CLOSEST) -> Listing:
    """« Toutes les questions », under the reader's rights. Words are searched in questions and answers alike."""
    if not filters.words:
        reader, values = perms.reader_of(person), _filter_values(filters)
        statement = _every_question(reader.sight, order is Order.OLDEST, tuple(values))
        return Listing(page_of(statement, {**reader.values(), **values}, page))
    chosen = selection(person, filters)
    if chosen.closest is None or order is not Order.CLOSEST:
        statement = _listed(chosen.condition, order is Order.OLDEST)
    else:
        statement = windowed(ticket_rows().where(chosen.condition)).order_by(_closeness(chosen.closest))
    return Listing(page_of(statement, chosen.values, page), chosen.is_fallback)


def selection(person: Person, filters: Filters) -> Selection:
    """The questions of « Toutes les questions », whatever their order."""
    reader, values = perms.reader_of(person), _filter_values(filters)
    condition, every = _condition(reader.sight, tuple(values)), {**reader.values(), **values}
    words = filters.words.strip()
    if not filters.words:
        return Selection(condition, every)
    if _REFERENCE.fullmatch(words):
        return Selection(sa.and_(condition, sa.func.lower(Ticket.reference) == words.lower()), every)
    ids, is_fallback = _found(person, filters.words, tuple(values), values)
    return Selection(sa.and_(condition, Ticket.id.in_(ids)), every, ids, is_fallback)


def _closeness(ids: Sequence[int]) -> sa.ColumnElement[Any]:
    by_place: sa.ColumnElement[Any] = sa.case({one: place for place, one in enumerate(ids)}, value=Ticket.id)
    return by_place if ids else Ticket.id.expression


def _found(person: Person, words: str, named: tuple[str, ...], values: dict[str, Any]) -> tuple[list[int], bool]:
    """The questions closest to *words* among those that the filters leave."""
    return find_narrowed(
        person,
        "questions",
        words,
        narrow=lambda select: select.where(*(_CONDITIONS[name] for name in named)).params(values),
    )


@cache
def _every_question(sight: perms.Sight, oldest_first: bool, filters: tuple[str, ...]) -> sa.Select[Any]:
    return _listed(_condition(sight, filters), oldest_first)


def _condition(sight: perms.Sight, filters: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """*filters*: the names of :data:`_CONDITIONS` in use."""
    return sa.and_(perms.visible_by(perms.any_reader(sight)), *(_CONDITIONS[name] for name in filters))


def _listed(condition: sa.ColumnElement[bool], oldest_first: bool) -> sa.Select[Any]:
    """The questions of the page are found first: on page 40, the thousand before it are then not put together."""
    order: list[Any] = [Ticket.received_at, Ticket.id]
    if not oldest_first:
        order = [column.desc() for column in order]
    found = windowed(sa.select(Ticket.id).where(condition)).order_by(*order).subquery()
    return ticket_rows().join(found, found.c.id == Ticket.id).order_by(*order)


def _week_ends_at() -> datetime:
    """The first moment of next week."""
    return week_of(clock.now())[1]


def _week_ends_on() -> date:
    return _week_ends_at().date()


# Asked for at each run: a statement that is kept ready must not keep the moment it was written.
_NOW = sa.bindparam("now", callable_=clock.now, type_=UtcDateTime())
_WEEK_ENDS_AT = sa.bindparam("week_ends_at", callable_=_week_ends_at, type_=UtcDateTime())
_WEEK_ENDS_ON = sa.bindparam("week_ends_on", callable_=_week_ends_on, type_=sa.Date())
_TOPIC = sa.bindparam("filter_topic", type_=sa.String())
_CONDITIONS: dict[str, sa.ColumnElement[bool]] = {
    "filter_status": Ticket.status == sa.bindparam("filter_status"),
    "filter_topic": sa.or_(
        Ticket.topic == _TOPIC,
        sa.func.substr(Ticket.topic, 1, sa.func.length(_TOPIC) + 1) == _TOPIC.concat("/"),
    ),
    "filter_delegation": Ticket.delegation == sa.bindparam("filter_delegation"),
    "filter_national": Ticket.delegation.is_(None),
    "filter_jurist": Ticket.jurist_id == sa.bindparam("filter_jurist"),
    "filter_organisation": sa.and_(
        Ticket.organisation_id == sa.bindparam("filter_organisation"), Ticket.is_sensitive.is_(False)
    ),
    "filter_channel": Ticket.channel == sa.bindparam("filter_channel"),
    "filter_urgent": Ticket.urgency >= 2,
    "filter_open": IS_OPEN,
    "filter_late": is_late(_NOW),
    "filter_due": is_due_by_law(_NOW, _WEEK_ENDS_AT, _WEEK_ENDS_ON),
    "filter_since": Ticket.received_at >= sa.bindparam("filter_since"),
    "filter_until": Ticket.received_at < sa.bindparam("filter_until"),
}
"""By the parameter that says what is asked for."""


def _filter_values(filters: Filters) -> dict[str, Any]:
    """What is asked for, by the name of its condition; nothing for what filters nothing."""
    is_national = filters.delegation == NATIONAL
    values = {
        "filter_status": filters.status,
        "filter_topic": filters.topic,
        "filter_delegation": "" if is_national else filters.delegation,
        "filter_national": is_national,
        "filter_jurist": filters.jurist_id,
        "filter_organisation": filters.organisation_id,
        "filter_channel": filters.channel,
        "filter_urgent": filters.is_urgent,
        "filter_open": filters.is_open,
        "filter_late": filters.is_late,
        "filter_due": filters.is_due,
        "filter_since": filters.since_on and start_of_day(filters.since_on),
        "filter_until": filters.until_on and start_of_day(filters.until_on + timedelta(days=1)),
    }
    return {name: value for name, value in values.items() if value}


def word_conditions(words: str) -> list[sa.ColumnElement[bool]]:
    """Each of the first words, in the title or as the reference: for a list too short for the search."""
    return [_has_word(word) for word in fold(words).split()[:WORDS_MAX_COUNT]]


def _has_word(word: str) -> sa.ColumnElement[bool]:
    # A sensitive title is not searched: a hit would tell its words.
    in_title = sa.and_(Ticket.search_title.contains(word, autoescape=True), Ticket.is_sensitive.is_(False))
    return sa.or_(in_title, sa.func.lower(Ticket.reference) == word)
